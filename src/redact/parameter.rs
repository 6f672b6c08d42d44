//! Query parameters. Only those that a route lists are logged at all, and of these only values that cannot be anybody's
//! personal data stand as they are.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use smallvec::SmallVec;

use super::shape::{self, Verdict};
use super::{HIDDEN, Kind, Name, Redacted, Redactor};

/// Parameters that go into a record.
pub type Logged = SmallVec<[(Name, Redacted); 4]>;

/// Parameters of one request that are logged: no search of the marketplace's API has more than 15.
const MOST_LOGGED: usize = 16;

/// Parameters of one request that are looked at; the rest is only counted, so that a query of the longest possible
/// head costs no more than an ordinary one.
const MOST_PARSED: usize = 512;

/// How often a value is decoded. What is still encoded then was meant to pass somebody by.
const MOST_DECODINGS: usize = 4;

/// The parameters of `raw_query` (as received, without `?`) whose names are `allowed`, and how many others there were.
///
/// `;` separates like `&`, for some frameworks read it so: a value after `;` is judged by the name before it in no
/// reading. A name counts as allowed only if it is equal after one decoding.
pub fn query(raw_query: &str, allowed: &[Name], redactor: &Redactor) -> (Logged, u32) {
    let mut logged = Logged::new();
    let mut hidden = 0;
    for (index, part) in raw_query.split(['&', ';']).filter(|part| !part.is_empty()).enumerate() {
        let room = index < MOST_PARSED && logged.len() < MOST_LOGGED;
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match allowed.iter().find(|allowed| room && is_called(name, allowed)) {
            Some(allowed) => logged.push((allowed.clone(), redactor.parameter(allowed, value))),
            None => hidden += 1,
        }
    }
    (logged, hidden)
}

impl Redactor {
    /// The value of an allowed parameter, as received: as it is if it is of a harmless shape, else a pseudonym, or
    /// `hidden` if it looks personal (few values to guess from, so a pseudonym would not hide it for long).
    pub fn parameter(&self, name: &Name, raw_value: &str) -> Redacted {
        let Some(value) = decoded(raw_value) else { return HIDDEN };
        if self.keeps(value.as_bytes())
            && value.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))
        {
            return Redacted::made(&*value);
        }
        match shape::judge(name.as_str(), &value) {
            Verdict::Harmless => Redacted::made(&*value),
            Verdict::Opaque => self.pseudonym(Kind::Value, &value),
            Verdict::Personal => HIDDEN,
        }
    }
}

fn is_called(raw_name: &str, allowed: &Name) -> bool {
    raw_name == allowed.as_str() || raw_name.contains('%') && percent_decode_str(raw_name).eq(allowed.as_str().bytes())
}

/// The value after form decoding and as many percent decodings as it takes; `None` if it is not UTF-8 or is still
/// encoded after four.
fn decoded(raw: &str) -> Option<Cow<'_, str>> {
    let mut value = if raw.contains('+') { Cow::Owned(raw.replace('+', " ")) } else { Cow::Borrowed(raw) };
    for _ in 0..MOST_DECODINGS {
        if !value.contains('%') {
            return Some(value);
        }
        let next = percent_decode_str(&value).decode_utf8().ok()?.into_owned();
        if next == *value {
            return Some(value);
        }
        value = Cow::Owned(next);
    }
    (!value.contains('%')).then_some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::redact::PseudonymKey;

    fn redactor() -> Redactor {
        Redactor::new(PseudonymKey::new(7, &[9; 32]).unwrap())
    }

    fn shown(name: &str, raw: &str) -> String {
        redactor().parameter(&Name::configured(name).unwrap(), raw).as_str().to_owned()
    }

    #[test]
    fn harmless_values_stand() {
        let table = [
            ("MarketplaceIds", "ATVPDKIKX0DER", "ATVPDKIKX0DER"),
            ("MarketplaceIds", "ATVPDKIKX0DER%2CA1F83G8C2ARO7P", "ATVPDKIKX0DER,A1F83G8C2ARO7P"),
            ("MarketplaceIds", "A1PA6795UKMFR9,A13V1IB3VIYZZH", "A1PA6795UKMFR9,A13V1IB3VIYZZH"),
            ("AmazonOrderIds", "902-3159896-1390916,028-0340236-1234567", "902-3159896-1390916,028-0340236-1234567"),
            ("CreatedAfter", "2026-01-01", "2026-01-01"),
            ("CreatedAfter", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
            ("CreatedAfter", "2026-01-01T00%3A00%3A00.123%2B02%3A00", "2026-01-01T00:00:00.123+02:00"),
            ("CreatedAfter", "2026-01-01T00:00:00+02:00", "2026-01-01T00:00:00 02:00"),
            ("CreatedAfter", "1767225600", "1767225600"),
            ("cursor", "1767225600123", "1767225600123"),
            ("OrderStatuses", "Unshipped,PartiallyShipped", "Unshipped,PartiallyShipped"),
            ("MaxResultsPerPage", "100", "100"),
            ("page", "999999", "999999"),
            ("reportTypes", "GET_FLAT_FILE_ALL_ORDERS", "GET_FLAT_FILE_ALL_ORDERS"),
            ("empty", "", ""),
            ("clock", "10:30", "10:30"),
            ("version", "v1.2.3", "v1.2.3"),
        ];
        for (name, raw, expected) in table {
            assert_eq!(shown(name, raw), expected, "{name}={raw}");
        }
    }

    #[test]
    fn personal_values_are_hidden() {
        let values = [
            "alice@seller.example",
            "alice%40seller.example",
            "alice%2540seller.example",
            "alice%25252540seller.example",
            "%61lice%2525252540seller.example",
            "+49%20176%20123%2045678",
            "2125551234",
            "212-555-1234",
            "555--12--34567",
            "555,123,4567",
            "A,555,123,4567",
            "4111111111111111",
            "4111-1111-1111-1111",
            "DE89370400440532013000",
            "de89-3704-0044-0532-0130-00",
            "GB33BUKB20201555555555",
            "203.0.113.9",
            "ip-203.0.113.9:443",
            "2001:db8::1",
            "::ffff:10.0.0.1",
            "00:1b:44:11:3a:b7",
            "00-1B-44-11-3A-B7",
            "001b44113ab7",
            "Jane+Doe",
            "Jane%20Doe",
            "J%C3%BCrgen",
            "Atza%7CIwEBIJ",
            "Bearer%20abc",
            "%ff%fe",
            "%1b[31m",
            "a%00b",
            "{%22a%22:1}",
            "2026-13-01",
            "2026-01-01T99:00:00Z+4917612345678",
            "1999999",
        ];
        for raw in values {
            assert_eq!(shown("note", raw), "hidden", "{raw}");
        }
        assert_eq!(shown("note", &"x".repeat(129)), "hidden");
        // Seconds since the epoch only where the name speaks of time.
        assert_eq!(shown("contact", "1712345678"), "hidden");
    }

    #[test]
    fn identifiers_become_pseudonyms_and_without_a_key_are_hidden() {
        for raw in ["eyJhbGciOiJub25lIn0", "a3f5c9e1b7d24680ace13579", "john.smith", "mail.example.com"] {
            assert!(shown("id", raw).starts_with("pii_value_k7_"), "{raw}: {}", shown("id", raw));
            let name = Name::configured("id").unwrap();
            assert_eq!(Redactor::hiding().parameter(&name, raw).as_str(), "hidden");
        }
        assert_eq!(shown("id", "john%2Esmith"), shown("id", "john.smith"));
    }

    fn names(text: &[&str]) -> Vec<Name> {
        text.iter().map(|name| Name::configured(name).unwrap()).collect()
    }

    #[test]
    fn only_allowed_names_are_logged() {
        let allowed = names(&["MarketplaceIds", "CreatedAfter"]);
        let raw = "MarketplaceIds=A1F83G8C2ARO7P&BuyerEmail=a%40b.de;CreatedAfter=2026-01-01&&marketplaceids=x\
                   &%4darketplaceIds=ATVPDKIKX0DER&%254darketplaceIds=x&MarketplaceIds[]=x&CreatedAfter";
        let (logged, hidden) = query(raw, &allowed, &redactor());
        let logged: Vec<_> = logged.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected = [
            ("MarketplaceIds", "A1F83G8C2ARO7P"),
            ("CreatedAfter", "2026-01-01"),
            ("MarketplaceIds", "ATVPDKIKX0DER"),
            ("CreatedAfter", ""),
        ];
        assert_eq!(logged, expected);
        assert_eq!(hidden, 4);
    }

    #[test]
    fn a_query_of_any_length_is_bounded() {
        let raw = "a=1&".repeat(5_000);
        let (logged, hidden) = query(&raw, &names(&["a"]), &redactor());
        assert_eq!((logged.len(), hidden), (MOST_LOGGED, 5_000 - MOST_LOGGED as u32));
        let late = format!("{}a=1", "b&".repeat(600));
        assert_eq!(query(&late, &names(&["a"]), &redactor()), (Logged::new(), 601));
    }

    proptest! {
        #[test]
        fn no_mark_of_personal_data_is_ever_shown(
            before in "[a-zA-Z0-9.]{0,12}", after in "[a-zA-Z0-9.]{0,12}", times in 0u32..6,
            mark in prop::sample::select(vec!["@", " ", "|", "\"", "\n", "\u{1b}", "é", "\u{2028}", "4111111111111111"]),
        ) {
            let mut raw = format!("{before}{mark}{after}");
            for _ in 0..times {
                raw = percent_encoding::utf8_percent_encode(&raw, percent_encoding::NON_ALPHANUMERIC).to_string();
            }
            let text = shown("note", &raw);
            prop_assert!(text == "hidden" || text.starts_with("pii_value_"), "{raw} gave {text}");
        }

        #[test]
        fn what_is_shown_is_plain(raw in "\\PC{0,60}") {
            let text = shown("note", &raw);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{raw} gave {text}");
        }
    }
}
