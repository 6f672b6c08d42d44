//! Paths of URLs in which people's words stand: a name, an address.

use crate::redact::Kind;
use crate::redact::decode::{Map, unescape};
use crate::redact::detect::cell;
use crate::redact::detect::names::is_script;
use crate::redact::detect::text::{alphanumeric, at, run, run_back, through, with};

/// Segments of paths that decode to words with a space, or to letters beyond ASCII, and the post code that may follow.
pub fn human_segments(text: &[u8], mut found: impl FnMut(Kind, usize, usize)) {
    let mut from = 0;
    while let Some(offset) = text.get(from..).and_then(|rest| memchr::memchr(b'%', rest)) {
        let escape = from + offset;
        from = escape + 1;
        let start = escape - run_back(text, escape, 512, is_segment);
        // What goes for this escape goes for all of its segment.
        if start == 0 || text[start - 1] != b'/' {
            from = escape + run(text, escape, usize::MAX, is_segment);
            continue;
        }
        let end = escape + run(text, escape, 2048, is_segment);
        from = end.max(from);
        let suffix = run(text, end, 1, |byte| byte == b'=');
        if suffix == 0 && is_number(&text[start..end]) {
            found(Kind::Phone, start, end);
            continue;
        }
        if suffix > 0 || !is_human(&text[start..end]) {
            continue;
        }
        found(Kind::Postal, start, end - extension(&text[start..end]));
        let next = end + 1;
        let plain = |from: usize| run(text, from, 12, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let code = plain(next);
        // `628%2042`, `SW1A%201AA`
        let halved = (2..=5).contains(&code) && text[next + code..].starts_with(b"%20");
        let code = if halved { code + 3 + plain(next + code + 3) } else { code };
        let is_code =
            at(text, end) == b'/' && (3..=10).contains(&code) && text[next..next + code].iter().any(u8::is_ascii_digit);
        if is_code && !is_segment(at(text, next + code)) {
            found(Kind::Postcode, next, next + code);
            from = next + code;
        }
    }
}

#[inline]
fn is_segment(byte: u8) -> bool {
    SEGMENT[usize::from(byte)]
}

/// What stands in a segment of a path (RFC 3986), and what is beyond ASCII.
static SEGMENT: [bool; 256] = with(through(alphanumeric(), 0x80, 0xff), b"%-._~!$'()*+,;:@");

/// Bytes of `.json` and its like at a segment's end: in what form an answer is wanted.
fn extension(segment: &[u8]) -> usize {
    [
        &b".json"[..],
        b".jsonp",
        b".xml",
        b".csv",
        b".geojson",
        b".html",
        b".htm",
        b".txt",
        b".pdf",
        b".png",
        b".php",
        b".aspx",
    ]
    .iter()
    .find(|end| segment.len() > end.len() && segment.ends_with(end))
    .map_or(0, |end| end.len())
}

/// `944%20555%20188`: digits in groups, perhaps after a plus.
fn is_number(segment: &[u8]) -> bool {
    let (mut out, mut map) = (Vec::new(), Map::default());
    segment.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'%')
        && unescape(segment, &mut out, &mut map)
        && cell::guess(&out).is_some_and(|guess| guess.kind == Kind::Phone)
}

fn is_human(segment: &[u8]) -> bool {
    let mut text = segment.to_vec();
    let mut next = Vec::new();
    for _ in 0..4 {
        next.clear();
        if !unescape(&text, &mut next, &mut Map::default()) {
            break;
        }
        std::mem::swap(&mut text, &mut next);
    }
    let spaced = memchr::memchr(b' ', &text).is_some_and(|space| space > 0 && space + 1 < text.len());
    let has_letters = text.iter().any(u8::is_ascii_alphabetic);
    spaced && has_letters && !text.iter().any(|byte| matches!(byte, b'{' | b'=' | b'<')) || is_script(&text)
}
