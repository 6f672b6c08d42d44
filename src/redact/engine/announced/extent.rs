//! How far the value of a key reaches.

use crate::redact::Kind;
use crate::redact::detect::text::{at, before, is_word, run};
use crate::redact::structure::{self, Key, Style};

use super::pair::{MAX_NEAR, is_colon};
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::special;

/// Where a value begins and ends, quotes aside, and where the search goes on after it.
type Extent = (usize, usize, usize);

impl Sweep<'_> {
    /// Where the value begins and ends, quotes aside, and where the search goes on after it.
    pub fn extent(&self, key: Key, separator: usize, value: usize, kind: Kind) -> Extent {
        self.extent_in(self.view.text, key, separator, value, kind).0
    }

    /// The same for a value of which only the first bytes are of interest: a longer one is cut.
    pub fn extent_near(&self, key: Key, separator: usize, value: usize, kind: Kind) -> Extent {
        let text = self.view.text;
        self.extent_in(&text[..text.len().min(value + MAX_NEAR)], key, separator, value, kind).0
    }

    /// The same in `text`, which is all of the text or its first bytes, with how many bytes were read for it.
    pub fn extent_in(&self, text: &[u8], key: Key, separator: usize, value: usize, kind: Kind) -> (Extent, usize) {
        let mut read = 0;
        if let Some((quote, length)) = structure::opening(text, value) {
            let begin = value + length;
            let end = structure::closing(text, begin, quote, key.quote.is_some());
            // `'t Hart`, `'s-Gravenhekje`: an apostrophe and no quote.
            let apostrophe = quote.mark == b'\''
                && (end == text.len()
                    || matches!(at(text, begin), b't' | b's' | b'n') && matches!(at(text, begin + 1), b' ' | b'-'));
            read = end - value;
            if !apostrophe {
                return ((begin, end, (end + usize::from(quote.backslashes) + 1).min(text.len())), read);
            }
        }
        // `session=<…>`, `user=<jane@…>`
        if at(text, value) == b'<' && text[separator] == b'=' {
            let close = value + 1 + run(text, value + 1, 256, |byte| byte > b' ' && !matches!(byte, b'<' | b'>'));
            if at(text, close) == b'>' && !special::is_nothing(&text[value..=close]) {
                return ((value + 1, close, close + 1), read);
            }
        }
        if is_scalar(key, text[separator]) {
            let end = structure::json_scalar(text, value);
            let next = end + run(text, end, 8, |byte| byte <= b' ');
            let ends = next >= text.len() || matches!(at(text, next), b',' | b'}' | b']' | b'\\' | b'"');
            // A word and more words: prose about the key.
            return (if ends { (value, end, end) } else { (value, value, value) }, read + end - value);
        }
        let style = structure::style(text, key, text[separator], value, self.frames.is_nested());
        // `authorization: Basic …`: the scheme and the word after it.
        let scheme =
            if matches!(kind, Kind::Token | Kind::Password | Kind::Secret | Kind::Session) && value < text.len() {
                special::scheme(&text[value..])
            } else {
                0
            };
        // One word, whatever stands behind it, but for those schemes that have parameters.
        let style = if scheme > 0 && special::is_one_word(&text[value..]) { Style::Words } else { style };
        // `bic=DEUTDEFF500 201 12ms`: a bank's code is one word, whatever digits follow it.
        let kind = if kind == Kind::Account && is_bank_code(&text[key.start..key.end]) { Kind::Token } else { kind };
        let (end, sought) = structure::bare_read(text, value + scheme, style, kind);
        // `` set `street` = 12, Example Street, `postcode` = 12345 where `id` = 7 ``: up to the next column.
        let is_column = text[separator] == b'=' && key.quote.is_some_and(|quote| quote.mark == b'`');
        let end = if is_column && end > value { column_end(text, value, end) } else { end };
        // `mailto:jane@mail.example&quot;&gt;`: a mark of the text around it, which is escaped once more.
        let entity = if kind == Kind::Email { memchr::memchr(b'&', &text[value..end]) } else { None };
        let end = entity.map(|place| value + place).filter(|place| is_entity(&text[*place..])).unwrap_or(end);
        ((value, end, end), read + sought.saturating_sub(value))
    }
}

/// Where a value ends that a program wrote into a statement without quotes.
fn column_end(text: &[u8], value: usize, end: usize) -> usize {
    let inner = &text[value..end];
    [&b", `"[..], b" where ", b" WHERE "]
        .iter()
        .filter_map(|mark| memchr::memmem::find(inner, mark))
        .min()
        .map_or(end, |length| value + length)
}

pub fn value_start(text: &[u8], separator: usize, length: usize) -> usize {
    let after = separator + length;
    let spaces = run(text, after, 8, |byte| byte == b' ' || byte == b'\t');
    let skips = is_colon(text[separator])
        || length == 2
        || before(text, separator) == b' '
        || structure::opening(text, after + spaces).is_some();
    let value = if skips { after + spaces } else { after };
    // `string(8) "Jane Doe"`: PHP's dumps.
    let Some(rest) = text.get(value..).and_then(|rest| rest.strip_prefix(b"string(")) else { return value };
    let count = run(rest, 0, 6, |byte| byte.is_ascii_digit());
    if rest[count..].starts_with(b") \"") { value + 7 + count + 2 } else { value }
}

/// `msg="New password:" component=login`: the quote at `value` ends the text that the words before it stand in.
pub fn ends_text(text: &[u8], value: usize) -> bool {
    let value = value + usize::from(at(text, value) == b'\\');
    if at(text, value) != b'"' {
        return false;
    }
    match at(text, value + 1) {
        b',' | b'}' | b']' | b')' => true,
        // The next pair of a line of logfmt.
        b' ' => {
            let word = run(text, value + 2, 48, |byte| is_word(byte) || matches!(byte, b'.' | b'_' | b'-'));
            word > 0 && at(text, value + 2 + word) == b'='
        }
        _ => false,
    }
}

/// Pairs of hexadecimal digits with colons between, of which one begins at `start` and three more follow or lead.
pub fn is_dump(text: &[u8], start: usize) -> bool {
    let pairs = |from: usize| {
        text.get(from..from + 12).is_some_and(|bytes| {
            bytes.chunks(3).all(|pair| pair[0].is_ascii_hexdigit() && pair[1].is_ascii_hexdigit() && pair[2] == b':')
        })
    };
    pairs(start) || start >= 9 && pairs(start - 9)
}

/// A number or a word as a JSON value.
pub fn is_scalar(key: Key, separator: u8) -> bool {
    key.quote.is_some() && separator == b':'
}

fn is_bank_code(key: &[u8]) -> bool {
    [&b"bic"[..], b"swift", b"bic_code", b"swift_code", b"biccode", b"swiftcode", b"swiftbic"]
        .iter()
        .any(|known| key.eq_ignore_ascii_case(known))
}

/// `&quot;`, `&lt;`, `&#34;`
fn is_entity(text: &[u8]) -> bool {
    [&b"&quot;"[..], b"&lt;", b"&gt;", b"&apos;", b"&#"].iter().any(|start| text.starts_with(start))
}
