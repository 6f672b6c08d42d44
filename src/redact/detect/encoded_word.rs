//! Words of mail that are encoded because they are in another script (RFC 2047).

use super::boilerplate;
use crate::redact::decode;

/// Longest encoded word: RFC 2047 allows 75 bytes.
const MAX_ENCODED: usize = 512;

/// `=?utf-8?Q?…?=` (RFC 2047): text in another script, always a person's or about one.
pub fn find(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let rest = &text[from..];
    let charset = rest.get(2..)?.iter().take(32).position(|byte| *byte == b'?')? + 2;
    let is_known = matches!(rest.get(charset + 1)?, b'Q' | b'q' | b'B' | b'b') && rest.get(charset + 2) == Some(&b'?');
    let body = charset + 3;
    let near = rest.get(body..)?;
    let end = memchr::memmem::find(&near[..near.len().min(MAX_ENCODED)], b"?=")? + body + 2;
    if !is_known || says_nothing(rest[charset + 1], &rest[body..end - 2]) {
        return None;
    }
    Some((from, from + end))
}

/// Whether an encoded word is of a shop's own words: `=?UTF-8?Q?R=C3=BCckfrage?=`.
fn says_nothing(encoding: u8, body: &[u8]) -> bool {
    let mut said = Vec::with_capacity(body.len());
    if encoding.eq_ignore_ascii_case(&b'B') {
        return decode::base64(body, &mut said) && boilerplate::is_boilerplate(&said);
    }
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        let digits = body.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if body[at] == b'=' => {
                said.push(byte);
                at += 3;
            }
            _ => {
                said.push(if *byte == b'_' { b' ' } else { *byte });
                at += 1;
            }
        }
    }
    boilerplate::is_boilerplate(&said)
}
