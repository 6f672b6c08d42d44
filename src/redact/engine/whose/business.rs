//! What is the business's own, whatever its key says: its sites, firms, programs, paths, and schemas of its data.

use crate::redact::Kind;
use crate::redact::detect::text::{before, run_back};
use crate::redact::detect::{boilerplate, firms, given, goods, is_document, is_number, keep, user_agent, voice};
use crate::redact::engine::announced::quotation;
use crate::redact::lexicon;
use crate::redact::structure::{self, Key};

use super::{search_terms, series, special};
use crate::redact::engine::sweep::Sweep;

impl Sweep<'_> {
    /// Whether the value at `start..end`, which `key` says is of `kind`, is the business's and nobody's.
    pub fn is_of_business(&mut self, key: &[u8], kind: Kind, start: usize, end: usize) -> bool {
        let inner = &self.view.text[start..end];
        match kind {
            Kind::Place => is_flag(inner) || self.is_site(key, start, end),
            Kind::Name => is_type(inner) || self.is_firm(key, start, end),
            Kind::Text | Kind::Gift if special::is_template(inner) => true,
            Kind::Agent => user_agent::is_program(inner) || user_agent::is_program(&special::said(inner)),
            // A house may have such a number, unless it stands alone: `{ address: 1 }`.
            Kind::Postal | Kind::Postcode if self.is_of_site_that_sends(start, end) => true,
            Kind::Postal => is_path(inner) || is_type(inner) || is_flag(inner) && self.is_alone(start, end),
            // Of an order to a supplier. A buyer's own is one of its buyer's data.
            Kind::Value if is_purchase(key) => is_code(inner) && !self.is_of_buyer(key, start, end),
            Kind::Email
            | Kind::Phone
            | Kind::Card
            | Kind::Account
            | Kind::Tax
            | Kind::Identity
            | Kind::Birth
            | Kind::Gift
            | Kind::Postcode
            | Kind::Value => is_flag(inner),
            _ => false,
        }
    }

    /// A town of a depot, alone or beside the depot's code, and nobody's beside whose street it stands.
    fn is_site(&mut self, key: &[u8], start: usize, end: usize) -> bool {
        let about = self.about(start, end);
        let parent = about.parent.is_some_and(|(from, to)| lexicon::is_of_site(&self.view.text[from..to]));
        // `"events": [{"code": "OF", "location": {"city": "Memphis"}}]`: where a parcel was scanned.
        let scanned = || self.frames.keys().any(|(from, to)| lexicon::is_of_scans(&self.view.text[from..to]));
        !about.person && !about.located && (about.site || parent || lexicon::is_of_site(key) || scanned())
            || !about.located && self.is_of_site_that_sends(start, end)
    }

    /// `"absender": {"name": "Lager Süd", "ort": "Bonn"}`: where the site is that sends.
    fn is_of_site_that_sends(&mut self, start: usize, end: usize) -> bool {
        let text = self.view.text;
        let Some((from, to)) = self.frames.parent() else { return false };
        if !self.state.known.look_up(&text[from..to], None).business.has_partner() {
            return false;
        }
        let (from, to) = self.bounds(start, end);
        text[from..to].split(|byte| matches!(byte, b'"' | b'\'' | b'=')).any(is_named_site)
    }

    /// A firm by its legal form, unless it is its only owner's name: a carrier's or a supplier's, or one under a key that
    /// names firms and people alike.
    fn is_firm(&self, key: &[u8], start: usize, end: usize) -> bool {
        let inner = special::said(&self.view.text[start..end]);
        if !firms::has_legal_form(&inner) && !is_named_site(&inner) || given::begins(&inner) {
            return false;
        }
        // `absender.firma`: of a path each part may say it.
        let trades = || key.split(|byte| matches!(byte, b'.' | b'[' | b']' | b'/')).any(lexicon::is_trading);
        if key.is_empty() || trades() || lexicon::is_plain_name(key) {
            return true;
        }
        self.frames.keys().any(|(from, to)| lexicon::is_trading(&self.view.text[from..to]))
    }

    /// Whether what stands under a key for people's words is the shop's: a look-up, a subject, a template, goods.
    pub fn is_of_shop(&mut self, key: Key, start: usize, end: usize) -> bool {
        let text = self.view.text;
        let (name, inner) = (&text[key.start..key.end], &text[start..end]);
        if lexicon::is_remark(name) && self.is_of_stock(start, end) {
            self.quiet.keep(start, end);
            return true;
        }
        special::is_lookup(inner)
            || self.is_written_before(key, start, end)
            || is_series(text, key, inner)
            || is_body(name) && voice::is_of_shop(&special::said(inner))
            || special::is_subject(name, &special::said(inner))
            || special::is_template(inner)
            || !inner.contains(&b' ') && quotation::is_named_thing(text, name, key.outer)
            || memchr::memchr_iter(b' ', inner).count() <= 9 && goods::is_goods(&special::said(inner))
    }

    /// Whether it was written before anybody bought anything: a subject, a reason from a list, a search among goods.
    fn is_written_before(&self, key: Key, start: usize, end: usize) -> bool {
        let text = self.view.text;
        let (name, inner) = (&text[key.start..key.end], &text[start..end]);
        let reason = lexicon::is_reason(name);
        // A login has small letters and an underscore as well.
        let constant = || !inner.iter().any(u8::is_ascii_lowercase) && !inner.iter().all(u8::is_ascii_uppercase);
        if inner.len() <= 48 && boilerplate::is_enumerated(inner) && (reason || constant()) {
            return true;
        }
        let subject = special::is_subject_key(name);
        inner.len() <= 96 && boilerplate::is_mechanical(inner)
            || (reason || subject) && boilerplate::is_boilerplate(&special::said(inner))
            || subject && boilerplate::is_of_monitor(inner)
            || lexicon::is_search(name)
                && (search_terms::is_search_of_goods(text, (key.outer, key.end), start, end)
                    || search_terms::is_of_adverts(text, start, end))
    }

    /// Whether the record is of goods in stock, with nobody in it and no order: what is remarked there is the shop's own.
    pub fn is_of_stock(&mut self, start: usize, end: usize) -> bool {
        let about = self.about(start, end);
        about.is_of_thing() && about.stock && !about.order
    }

    /// `{"retoure": {"status": "open", "nummer": "27548839102"}}`: whether what begins at `start` is the number of the
    /// document that it stands in.
    pub fn is_number_of_document(&self, start: usize) -> bool {
        let text = self.view.text;
        let Some((from, to)) = self.frames.parent() else { return false };
        let quote = usize::from(matches!(before(text, start), b'"' | b'\''));
        let separator = start - quote - run_back(text, start - quote, 2, |byte| byte == b' ');
        let Some(separator) = separator.checked_sub(1).filter(|place| matches!(text[*place], b':' | b'=')) else {
            return false;
        };
        let key = structure::key_before(text, separator).filter(|key| key.start > to);
        key.is_some_and(|key| is_number(&text[key.start..key.end])) && is_document(&text[from..to])
    }

    /// Whether the pair is the only one of its brackets, or one of several that all have numbers of a schema.
    fn is_alone(&self, start: usize, end: usize) -> bool {
        let (from, to, bracketed) = self.region(start, end);
        let rest = &self.view.text[from..to];
        bracketed
            && rest.split(|byte| *byte == b',').all(|pair| {
                let value = pair.rsplit(|byte| *byte == b':').next().unwrap_or_default();
                is_flag(value.trim_ascii())
            })
    }

    fn is_of_buyer(&self, key: &[u8], start: usize, end: usize) -> bool {
        let (from, _) = self.bounds(start, end);
        key.get(..5).is_some_and(|first| first.eq_ignore_ascii_case(b"buyer"))
            || self.key_of(from).is_some_and(|(from, to)| lexicon::is_person(&self.view.text[from..to]))
    }
}

/// A query of metrics or of log streams, by what it is or by the path of the service that answers it.
fn is_series(text: &[u8], key: Key, inner: &[u8]) -> bool {
    const PATHS: [&[u8]; 4] =
        [b"/api/v1/query?", b"/api/v1/query_range?", b"/loki/api/v1/query?", b"/loki/api/v1/query_range?"];
    let name = &text[key.start..key.end];
    lexicon::is_search(name)
        && (series::is_query(&special::said(inner)) || PATHS.iter().any(|path| text[..key.outer].ends_with(path)))
}

/// A key of what a message says, whoever wrote it.
fn is_body(key: &[u8]) -> bool {
    let word = key.rsplit(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or(key);
    [&b"body"[..], b"text", b"content", b"message", b"subject", b"subtitle"]
        .iter()
        .any(|end| word.get(word.len().saturating_sub(end.len())..).is_some_and(|last| last.eq_ignore_ascii_case(end)))
}

/// `Lager Süd`, `Deposito Nord`: a site of the business by its name.
fn is_named_site(value: &[u8]) -> bool {
    let first = value.split(|byte| *byte == b' ').next().unwrap_or_default();
    first.len() + 1 < value.len()
        && first.len() > 2
        && first[0].is_ascii_uppercase()
        && lexicon::is_of_site(first)
        && value[first.len() + 1..].split(|byte| *byte == b' ').all(|word| {
            word.first().is_some_and(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte >= 0x80)
        })
}

/// `1`, `-1`, `0`: an order of an index, a yes or no, a count.
fn is_flag(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    // `= 3;`: the end of a field of a schema.
    let digits = digits.strip_suffix(b";").unwrap_or(digits);
    (1..=2).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
        || is_type(value)
        || [&b"asc"[..], b"desc", b"text", b"hashed", b"2dsphere", b"string", b"varchar"].contains(&value)
}

/// `String`, `varchar`, `String! firstName: String`, `1; string street = 2`: what a schema says of a value.
fn is_type(value: &[u8]) -> bool {
    let first = value.split(|byte| matches!(byte, b' ' | b'!' | b';')).next().unwrap_or_default();
    let rest = &value[first.len()..];
    if let Some(field) = rest.strip_prefix(b"; ") {
        let word = field.split(|byte| *byte == b' ').next().unwrap_or_default();
        let scalar = [
            &b"string"[..],
            b"int32",
            b"int64",
            b"uint32",
            b"uint64",
            b"bool",
            b"bytes",
            b"double",
            b"float",
            b"repeated",
            b"optional",
        ];
        return first.iter().all(u8::is_ascii_digit) && scalar.contains(&word);
    }
    // `[Address!]!`
    if rest.starts_with(b"!") && (rest.len() == 1 || rest.starts_with(b"! ") && is_type_name(first)) {
        return is_type_name(first) || first.ends_with(b"Address") || first.ends_with(b"Input");
    }
    is_type_name(value)
}

/// The name of a type.
fn is_type_name(value: &[u8]) -> bool {
    [
        &b"String"[..],
        b"string",
        b"Int",
        b"Integer",
        b"Varchar",
        b"varchar",
        b"VARCHAR",
        b"Text",
        b"Any",
        b"Object",
        b"Boolean",
        b"keyword",
    ]
    .contains(&value)
}

/// `/in/desadv`, `./out`, `C:\data`: where files are.
fn is_path(value: &[u8]) -> bool {
    let begins = value.starts_with(b"/")
        || value.starts_with(b"./")
        || value.starts_with(b"~/")
        || value.get(1..3) == Some(b":\\");
    begins
        && value.len() > 2
        && value
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-' | b'~' | b'\\' | b':'))
        && value.iter().filter(|byte| byte.is_ascii_lowercase()).count() >= 2
}

fn is_purchase(key: &[u8]) -> bool {
    key.to_ascii_lowercase().windows(8).any(|window| window == b"purchase")
}

/// Capitals, digits and dashes: what programs number their things with.
fn is_code(value: &[u8]) -> bool {
    (4..=40).contains(&value.len())
        && value
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'/'))
        || keep::order_id(value, 0) == Some(value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_and_paths_are_known() {
        for flag in ["1", "-1", "0", "12", "desc"] {
            assert!(is_flag(flag.as_bytes()), "{flag}");
        }
        for value in ["", "123", "1a", "-", "x@y.example"] {
            assert!(!is_flag(value.as_bytes()), "{value}");
        }
        for path in ["/in/desadv", "/var/spool/out.d", "./edi", "C:\\data\\in"] {
            assert!(is_path(path.as_bytes()), "{path}");
        }
        for street in ["12/3", "/", "Calle Mayor 3/4", "/12"] {
            assert!(!is_path(street.as_bytes()), "{street}");
        }
        for code in ["PO-96654", "THYLBMAYW", "028-0340236-1234567"] {
            assert!(is_code(code.as_bytes()), "{code}");
        }
        for other in ["Gift for Bob", "Jane", "a-1"] {
            assert!(!is_code(other.as_bytes()), "{other}");
        }
    }
}
