//! One spelling for each datum, so that the same address, number or name gives the same token wherever it stands.

use std::borrow::Cow;
use std::net::IpAddr;

use unicode_normalization::UnicodeNormalization as _;

use super::super::Kind;

/// Longest value that is brought into a canonical form, in bytes; a longer one is taken as it is.
const MAX_BYTES: usize = 512;

/// The canonical form of a decoded value. A value that is not what its kind says stays as it is, without the space
/// around it.
pub(super) fn canonical(kind: Kind, value: &str) -> Cow<'_, str> {
    let value = value.trim();
    if value.len() > MAX_BYTES {
        return Cow::Borrowed(value);
    }
    // ASCII has one form under all of Unicode's.
    match kind {
        Kind::Email if value.is_ascii() => plain_email(value),
        Kind::Name | Kind::Postal if value.is_ascii() => plain_words(value),
        Kind::Card | Kind::Account | Kind::Tax | Kind::Identity | Kind::Device if value.is_ascii() => plain_code(value),
        Kind::Email => email(value),
        Kind::Phone => phone(value),
        Kind::Address => address(value),
        Kind::Name | Kind::Postal => words(value),
        Kind::Card | Kind::Account | Kind::Tax | Kind::Identity | Kind::Device => code(value),
        _ => Cow::Borrowed(value),
    }
}

/// NFC, lower case, and the domain as DNS has it (RFC 5891). Local parts are case-sensitive by RFC 5321 and by nobody's
/// practice.
fn email(value: &str) -> Cow<'_, str> {
    let folded: String = value.nfc().flat_map(char::to_lowercase).collect();
    let Some((local, domain)) = folded.rsplit_once('@') else { return Cow::Owned(folded) };
    match idna::domain_to_ascii(domain) {
        Ok(domain) => Cow::Owned(format!("{local}@{domain}")),
        Err(_) => Cow::Owned(folded),
    }
}

/// The same of an address in ASCII, if its domain has letters, digits, dashes and dots alone.
fn plain_email(value: &str) -> Cow<'_, str> {
    let folded = value.to_ascii_lowercase();
    let domain = folded.rsplit('@').next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if domain.bytes().all(is_plain) && memchr::memmem::find(domain.as_bytes(), b"xn--").is_none() {
        Cow::Owned(folded)
    } else {
        email(value)
    }
}

/// E.164 where the country is given (`+` or `00`), else the digits as dialled. An extension does not count, and neither
/// does the `(0)` of a number that is written for both.
fn phone(value: &str) -> Cow<'_, str> {
    let plain: Cow<'_, str> = if value.is_ascii() { value.into() } else { value.nfkc().collect() };
    let number = plain.trim_start_matches("tel:").trim_start();
    let number = &number[..number.find(['x', 'X', '#', ';', 'e', 'E']).unwrap_or(number.len())];
    let international = number.trim_start_matches('(').starts_with('+');
    let both = if international { memchr::memmem::find(number.as_bytes(), b"(0)") } else { None };
    let (before, behind) = both.map_or((number, ""), |place| (&number[..place], &number[place + 3..]));
    // A plus sign first, which not all keep. What is a digit of base ten is one of ASCII's.
    let mut all = String::with_capacity(number.len() + 1);
    all.push('+');
    all.extend(before.bytes().chain(behind.bytes()).filter(u8::is_ascii_digit).map(char::from));
    match (international, all[1..].strip_prefix("00")) {
        _ if all.len() == 1 => plain,
        (true, _) => Cow::Owned(all),
        (false, Some(rest)) if rest.len() >= 8 => {
            all.drain(1..3);
            Cow::Owned(all)
        }
        _ => {
            all.remove(0);
            Cow::Owned(all)
        }
    }
}

/// IPv4 for an IPv6 address that maps one; without brackets and zone.
fn address(value: &str) -> Cow<'_, str> {
    let bare = value.strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or(value);
    let bare = bare.split('%').next().unwrap_or(bare);
    match bare.parse::<IpAddr>() {
        // It has no other spelling: numbers with zeros before them are none.
        Ok(IpAddr::V4(_)) => Cow::Borrowed(bare),
        Ok(address) => Cow::Owned(address.to_canonical().to_string()),
        Err(_) => Cow::Borrowed(value),
    }
}

/// NFKC, without case, with single spaces.
fn words(value: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(value.len());
    for character in value.nfkc() {
        match character {
            _ if character.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            'ß' | 'ẞ' => out.push_str("ss"),
            'ς' => out.push('σ'),
            _ => out.extend(character.to_lowercase()),
        }
    }
    Cow::Owned(out)
}

fn plain_words(value: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            // What `char::is_whitespace` says of ASCII.
            b'\t'..=b'\r' | b' ' if out.ends_with(' ') => {}
            b'\t'..=b'\r' | b' ' => out.push(' '),
            _ => out.push(char::from(byte.to_ascii_lowercase())),
        }
    }
    Cow::Owned(out)
}

/// Letters and digits in upper case: spaces and dashes in a card's or an account's number mean nothing.
fn code(value: &str) -> Cow<'_, str> {
    let bare: String =
        value.nfkc().filter(|character| character.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    if bare.is_empty() { Cow::Borrowed(value) } else { Cow::Owned(bare) }
}

fn plain_code(value: &str) -> Cow<'_, str> {
    let bare: String =
        value.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| char::from(byte.to_ascii_uppercase())).collect();
    if bare.is_empty() { Cow::Borrowed(value) } else { Cow::Owned(bare) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_has_the_form_that_unicode_gives_it() {
        let values = [
            "Jane.Doe+x@Example.COM",
            "a@b@c-d.example",
            "A@xn--BCHER-kva.example",
            "a@b_c.example",
            "no sign",
            "Jane \t Doe",
            "O'Neill-\u{b}x",
            "DE89 3704-0044",
            "--",
            "",
        ];
        for value in values {
            assert_eq!(plain_email(value), email(value), "{value:?}");
            assert_eq!(plain_words(value), words(value), "{value:?}");
            assert_eq!(plain_code(value), code(value), "{value:?}");
        }
    }

    #[test]
    fn spellings_of_one_datum_are_one() {
        let table: [(Kind, &[&str]); 11] = [
            (Kind::Email, &["jürgen@müller.example", "Ju\u{308}rgen@MÜLLER.example", " JÜRGEN@xn--mller-kva.example "]),
            (
                Kind::Phone,
                &[
                    "+4917612345678",
                    "+49 (0) 176 123-45678",
                    "0049 176 12345678",
                    "(+49) 176/12345678",
                    "tel:+49-176-12345678",
                    "＋49 176 12345678",
                ],
            ),
            (Kind::Phone, &["212-555-0123", "(212) 555 0123", "2125550123 ext. 4", "2125550123x44"]),
            (Kind::Address, &["203.0.113.9", "::ffff:203.0.113.9", "[::ffff:203.0.113.9]:443", "::ffff:cb00:7109"]),
            (Kind::Address, &["2001:db8::1", "2001:DB8:0:0::1", "[2001:db8::1]:8443", "2001:db8::1%eth0"]),
            (Kind::Name, &["Zoë  Groß", "zoe\u{308} GROSS", "ＺＯＥ\u{308} gross", " Zoë\u{a0}Groß "]),
            (Kind::Postal, &["12 Example  Street", "12 example street"]),
            (Kind::Card, &["4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111"]),
            (Kind::Account, &["DE89 3704 0044 0532 0130 00", "de89370400440532013000"]),
            (Kind::Device, &["00:1B:44:11:3A:B7", "00-1b-44-11-3a-b7", "001b.4411.3ab7"]),
            (Kind::Token, &["aBc", " aBc"]),
        ];
        for (kind, spellings) in table {
            for spelling in spellings {
                assert_eq!(canonical(kind, spelling), canonical(kind, spellings[0]), "{spelling}");
            }
        }
        assert_ne!(canonical(Kind::Token, "aBc"), canonical(Kind::Token, "abc"));
        assert_eq!(canonical(Kind::Phone, "+49 (0)176 1"), "+491761");
        assert_eq!(canonical(Kind::Address, "not one"), "not one");
        assert_eq!(canonical(Kind::Phone, "none"), "none");
    }
}
