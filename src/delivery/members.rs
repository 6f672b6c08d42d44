//! What is read of a record's line here and there: members, without making a tree of it. Lines are the gate's own,
//! RFC 8259 without white space, and their keys need no escapes; of anything else, nothing is found.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;

/// Members of a JSON object in their order: key, and value as it stands.
#[derive(Clone, Copy, Debug)]
pub struct Members<'l> {
    rest: &'l [u8],
}

impl<'l> Members<'l> {
    /// The members of `object`; none if it is no object.
    pub fn of(object: &'l [u8]) -> Self {
        Self { rest: object.strip_prefix(b"{").unwrap_or_default() }
    }
}

impl<'l> Iterator for Members<'l> {
    type Item = (&'l [u8], &'l [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = std::mem::take(&mut self.rest);
        let rest = rest.strip_prefix(b",").unwrap_or(rest);
        let (key, value) = key_of(rest)?;
        let (value, rest) = value.split_at_checked(value_end(value)?)?;
        self.rest = rest;
        Some((key, value))
    }
}

/// The key that `rest` begins with, and what is behind its colon.
fn key_of(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = rest.strip_prefix(b"\"")?;
    // Keys are short, and have no escapes.
    let end = text_end(rest, 0)? - 1;
    Some((&rest[..end], rest[end + 1..].strip_prefix(b":")?))
}

/// The value of a member of `object`.
pub fn member<'l>(object: &'l [u8], key: &str) -> Option<&'l [u8]> {
    Members::of(object).find(|(name, _)| *name == key.as_bytes()).map(|(_, value)| value)
}

/// `metadata.log_name`, the name of the chain that a record is of, as it stands between its quotes: records have no
/// other member of this name, and within their texts every quotation mark is escaped.
pub fn chain(line: &[u8]) -> Option<&[u8]> {
    static LOG_NAME: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\"log_name\":\""));
    let rest = &line[LOG_NAME.find(line)? + LOG_NAME.needle().len()..];
    Some(&rest[..text_end(rest, 0)? - 1])
}

/// The items of an array.
pub fn items(array: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = array.strip_prefix(b"[").unwrap_or_default();
    std::iter::from_fn(move || {
        rest = rest.strip_prefix(b",").unwrap_or(rest);
        if rest.starts_with(b"]") {
            return None;
        }
        let (item, behind) = rest.split_at_checked(value_end(rest)?)?;
        rest = behind;
        Some(item).filter(|item| !item.is_empty())
    })
}

/// A whole number.
pub fn number(value: &[u8]) -> Option<u64> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    let more = |number: u64, byte| number.checked_mul(10)?.checked_add(digit(byte)?);
    if value.is_empty() { None } else { value.iter().try_fold(0, more) }
}

/// A text, its escapes undone.
pub fn text(value: &[u8]) -> Option<Cow<'_, str>> {
    let inside = str::from_utf8(value.strip_prefix(b"\"")?.strip_suffix(b"\"")?).ok()?;
    if !inside.contains('\\') {
        return Some(Cow::Borrowed(inside));
    }
    // Only what had to be escaped comes here, which is rare.
    serde_json::from_slice(value).ok().map(Cow::Owned)
}

/// Where the value that `rest` begins with ends.
pub fn value_end(rest: &[u8]) -> Option<usize> {
    match rest.first()? {
        b'"' => text_end(rest, 1),
        b'{' | b'[' => nested_end(rest),
        // Numbers and words are short.
        _ => rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']')),
    }
}

/// Behind the closing quote of a text whose content begins at `at`.
fn text_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += special(bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Where the first quotation mark or backslash stands. Eight bytes at once: texts of records are too short for a search
/// that takes more at once to be worth its begin.
pub fn special(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*word);
        let found = zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).map(|found| at + found)
}

/// Eight of what is looked for.
const QUOTES: u64 = u64::from_le_bytes([b'"'; 8]);
const BACKSLASHES: u64 = u64::from_le_bytes([b'\\'; 8]);
/// The lowest bit of each byte.
const LOWS: u64 = u64::from_le_bytes([1; 8]);

/// The highest bit of the first byte that is zero, and perhaps of bytes behind it ("Bit Twiddling Hacks", Anderson).
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(LOWS) & !word & (LOWS << 7)
}

fn nested_end(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0usize, 0usize);
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = text_end(bytes, at + 1)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn members_are_found_whatever_texts_hold() {
        let line = br#"{"a":"} , \" {","b":{"c":[1,{"d":"]}\\"}],"e":7},"f":true,"time":5}"#;
        let keys: Vec<_> = Members::of(line).map(|(key, _)| key).collect();
        assert_eq!(keys, [b"a".as_slice(), b"b", b"f", b"time"]);
        assert_eq!(member(line, "b").and_then(|inner| member(inner, "e")).and_then(number), Some(7));
        assert_eq!(member(line, "a").and_then(text).as_deref(), Some("} , \" {"));
        assert_eq!(member(line, "time").and_then(number), Some(5));
        assert_eq!(member(line, "none"), None);
        for none in ["", "-1", "+1", "1.5", "1e3", "18446744073709551616"] {
            assert_eq!(number(none.as_bytes()), None, "{none}");
        }
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(items(br#"[1,"]",{"a":[2]}]"#).collect::<Vec<_>>(), [&b"1"[..], b"\"]\"", b"{\"a\":[2]}"]);
        assert_eq!(items(b"[]").chain(items(b"[,")).chain(items(b"5")).count(), 0);
    }

    proptest! {
        #[test]
        fn quotes_and_backslashes_are_found(text in r#"[ -~\x00\xff]{0,30}[\x00a\x80\xff!#\[\]"\\]{0,9}"#) {
            let bytes = text.as_bytes();
            let expected = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
            prop_assert_eq!(special(bytes), expected);
        }

        #[test]
        fn nothing_is_read_beyond_the_end(bytes in any::<Vec<u8>>(), cut in 0usize..80) {
            let line = br#"{"a":"} , \" {","b":{"c":[1,{"d":"]}\\"}],"e":7},"f":true,"time":5}"#;
            prop_assert!(Members::of(&bytes).count() <= bytes.len());
            prop_assert!(Members::of(&line[..cut.min(line.len())]).count() <= 4);
        }

        #[test]
        fn texts_come_back(key in "[a-z]{1,5}", value in any::<String>()) {
            let line = serde_json::json!({key.clone(): &value, "zzzzzz": 1}).to_string();
            let found = member(line.as_bytes(), &key).and_then(text);
            prop_assert_eq!(found.as_deref(), Some(value.as_str()));
        }
    }
}
