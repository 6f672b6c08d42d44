//! Elements of XML and their text.

use crate::redact::detect::text::{at, before, run};

/// A tag at a `<`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// `<Name …>`: the name, and the text up to the next tag.
    Open {
        /// The element's local name.
        name: (usize, usize),
        /// What stands between the tag and the next one, without a CDATA mark.
        text: (usize, usize),
        /// After the tag's `>`.
        end: usize,
    },
    /// `</Name>`
    Close,
}

/// Longest tag with its attributes.
const MAX_TAG: usize = 4096;

/// The tag that begins at `from`; `None` for what is no tag, or one without content.
pub fn tag(text: &[u8], from: usize) -> Option<Tag> {
    if at(text, from + 1) == b'/' {
        return at(text, from + 2).is_ascii_alphabetic().then_some(Tag::Close);
    }
    if !at(text, from + 1).is_ascii_alphabetic() && at(text, from + 1) < 0x80 {
        return None;
    }
    let length = run(text, from + 1, 96, |byte| {
        byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b':' | b'_' | b'-' | b'.')
    });
    let mut name = (from + 1, from + 1 + length);
    if !matches!(at(text, name.1), b'>' | b' ' | b'/' | b'\t' | b'\n') {
        return None;
    }
    if let Some(colon) = text[name.0..name.1].iter().rposition(|byte| *byte == b':') {
        name.0 += colon + 1;
    }
    let most = text.len().min(from + MAX_TAG);
    let close = name.1 + memchr::memchr(b'>', &text[name.1..most])?;
    if text[close - 1] == b'/' {
        return None;
    }
    let mut begin = close + 1;
    if let Some(data) = text[begin..].strip_prefix(b"<![CDATA[") {
        begin += 9;
        // Its end is sought near by; a longer one is taken to reach to the end of the text.
        let near = &data[..data.len().min(MAX_TAG)];
        let end = begin + memchr::memmem::find(near, b"]]>").unwrap_or(data.len());
        return Some(Tag::Open { name, text: (begin, end), end: close + 1 });
    }
    let end = memchr::memchr(b'<', &text[begin..]).map_or(text.len(), |found| begin + found);
    // Without a closing tag it is text, unless the line was cut.
    let closed = end == text.len() && at(text, 0) == b'<' || text[end.min(text.len())..].starts_with(b"</");
    Some(Tag::Open { name, text: if closed { (begin, end) } else { (begin, begin) }, end: close + 1 })
}

/// `[--git-dir <dir>] [--bare]`: the operand of an option, as manuals write it, and no element.
pub fn is_operand(text: &[u8], from: usize, name: usize, end: usize) -> bool {
    name + 1 == end
        && matches!(before(text, from), b' ' | b'[' | b'=' | b'(' | b'|')
        && matches!(at(text, end), b' ' | b']' | b'|' | b')' | 0)
        && memchr::memmem::find(&text[end..], b"</").is_none()
}
