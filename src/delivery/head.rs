//! What the heads of messages and envelopes tell of a record, without looking at every member of it.
//!
//! Within texts every quotation mark is escaped, so that a key with its marks is nothing but that key; the keys are such
//! as stand in no other object of a record, and are looked for in the order of the alphabet, in which members stand.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::index::{Index, Path};
use super::members::number;

/// What a head tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'l> {
    /// `class_uid`
    pub class: &'l [u8],
    /// `metadata.event_code`, with its quotation marks.
    pub code: &'l [u8],
    /// `metadata.log_name`, with its quotation marks.
    pub chain: &'l [u8],
    /// `severity_id`
    pub severity: &'l [u8],
    /// `time`
    pub time: u64,
}

impl<'l> Head<'l> {
    /// Of a line; `None` if it is no record.
    pub fn of(line: &'l [u8]) -> Option<Self> {
        Self::at_once(line).or_else(|| Self::seen(line))
    }

    /// Of a line in the order of the alphabet.
    fn at_once(line: &'l [u8]) -> Option<Self> {
        static CLASS: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b",\"class_uid\":"));
        static CODE: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\"event_code\":\""));
        static CHAIN: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b",\"log_name\":\""));
        static SEVERITY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b",\"severity_id\":"));
        static TIME: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b",\"time\":"));
        let mut rest = line;
        let class = digits(&mut rest, &CLASS)?;
        let code = text(&mut rest, &CODE)?;
        let chain = text(&mut rest, &CHAIN)?;
        let severity = digits(&mut rest, &SEVERITY)?;
        let time = number(digits(&mut rest, &TIME)?)?;
        Some(Self { class, code, chain, severity, time })
    }

    /// Of a line in any order.
    fn seen(line: &'l [u8]) -> Option<Self> {
        let mut index = Index::default();
        index.look(line);
        // What it gives lives as long as the line, and the index does not.
        let at = |path| index.span(path).and_then(|(begin, end)| line.get(begin..end));
        let is_text = |value: &&[u8]| value.len() > 2 && value.starts_with(b"\"");
        Some(Self {
            class: at(Path::Class)?,
            code: at(Path::MetadataCode).filter(is_text)?,
            chain: at(Path::MetadataChain).filter(is_text)?,
            severity: at(Path::Severity)?,
            time: at(Path::Time).and_then(number)?,
        })
    }

    /// The gate's name: `chain` is `<instance>/<epoch>`. JSON text without marks; neither half is cut within an escape,
    /// which would hold a backslash.
    pub fn instance(&self) -> &'l [u8] {
        let chain = &self.chain[1..self.chain.len() - 1];
        memchr::memrchr(b'/', chain).map_or(chain, |slash| &chain[..slash])
    }
}

/// The number behind a key; what is behind it is left in `rest`.
fn digits<'l>(rest: &mut &'l [u8], key: &Finder<'_>) -> Option<&'l [u8]> {
    let behind = &rest[key.find(rest)? + key.needle().len()..];
    let digits = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (found, left) = behind.split_at(digits);
    *rest = left;
    (digits > 0).then_some(found)
}

/// The text behind a key that has the text's first mark, without escapes; what is behind it is left in `rest`.
fn text<'l>(rest: &mut &'l [u8], key: &Finder<'_>) -> Option<&'l [u8]> {
    let behind = &rest[key.find(rest)? + key.needle().len() - 1..];
    let end = memchr::memchr2(b'"', b'\\', &behind[1..])? + 1;
    let (found, left) = behind.split_at(end + 1);
    *rest = left;
    (end > 1 && found.ends_with(b"\"")).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_found_in_any_order_and_only_of_records() {
        let usual = br#"{"action_id":1,"class_uid":4002,"metadata":{"event_code":"HTTP.ALLOW","log_name":"gate-0/e"},"severity_id":1,"status":",\"time\":7","time":5}"#;
        let head = Head { class: b"4002", code: b"\"HTTP.ALLOW\"", chain: b"\"gate-0/e\"", severity: b"1", time: 5 };
        assert_eq!((Head::at_once(usual), Head::seen(usual)), (Some(head), Some(head)));
        assert_eq!(head.instance(), b"gate-0");
        let other = br#"{"time":5,"severity_id":1,"metadata":{"log_name":"gate-0/e","event_code":"HTTP.ALLOW"},"class_uid":4002}"#;
        assert_eq!((Head::at_once(other), Head::of(other)), (None, Some(head)));
        let escaped = br#"{"class_uid":4002,"metadata":{"event_code":"A\"B","log_name":"g"},"severity_id":1,"time":5}"#;
        assert_eq!(Head::of(escaped).map(|head| (head.code, head.instance())), Some((&br#""A\"B""#[..], &b"g"[..])));
        for cut in 0..usual.len() - 1 {
            assert!(Head::of(&usual[..cut]).is_none_or(|head| head.class == b"4002"), "{cut}");
        }
        assert_eq!((Head::of(b""), Head::of(b"{}"), Head::of(br#"{"time":5}"#)), (None, None, None));
    }
}
