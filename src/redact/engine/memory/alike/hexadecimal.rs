//! Words of hexadecimal digits, and other ids of digits and letters.

use super::Form;
use crate::redact::decode;
use crate::redact::detect::blocks::{BLOCK, block};
use crate::redact::detect::text::{at, before, run, run_back};

/// Longest word of hexadecimal digits: SHA-256.
const MOST_HEX: usize = BLOCK;

const PRODUCT: &[u8; 10] = b"B03VTGLTMQ";
const UUID: &[u8; 36] = b"1f0b6d2e-7c3a-4b5d-8e9f-0a1b2c3d4e5f";
/// Control characters, if it said anything.
const HEX: &[u8; 64] = b"1f0b1f0b1f0b1f0b1f0b1f0b1f0b1f0b1f0b1f0b1f0b1f0b1f0b1f0b1f0b1f0b";
const TAG: &[u8; 16] = b"aaaaaaaaaaaaaaaa";
/// Hash of a ReplicaSet's template, and the random end of its pod's name.
const POD: &[u8; 10] = b"7c9d8b6f54";
const POD_END: &[u8; 5] = b"x2x4z";

impl Form {
    /// `pii_email_k3_7f3a9c21d0b4e6aa`, at the digits of the key's id.
    pub(super) fn tag(&mut self, line: &[u8], from: usize, end: usize) -> Option<usize> {
        let stop = end + 17;
        let head = from.checked_sub(2).filter(|head| line[*head] == b'_')?;
        let word = head - run_back(line, head, 16, |byte| byte.is_ascii_lowercase());
        let tag = line.get(end + 1..stop)?;
        let whole = line[..word].ends_with(b"pii_")
            && tag.iter().fold(true, |all, byte| all & matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            && !matches!(at(line, stop), b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_');
        whole.then(|| {
            self.put(line, end + 1, stop, TAG);
            stop
        })
    }

    /// A UUID, or a digest that says nothing, with a digit at `place`.
    pub(super) fn hex(&mut self, line: &[u8], place: usize) -> Option<usize> {
        let is_hex = |byte: u8| (byte.wrapping_sub(b'0') < 10) | (byte.wrapping_sub(b'a') < 6);
        let from = place - run_back(line, place, MOST_HEX, is_hex);
        let ones = block(line, from, is_hex).trailing_ones() as usize;
        let length = if ones == MOST_HEX && is_hex(at(line, from + ones)) { MOST_HEX + 1 } else { ones };
        let end = from + length;
        let left = before(line, from);
        let bounded = |byte: u8| {
            matches!(
                byte,
                0 | b' ' | b'"' | b'\'' | b':' | b',' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'>' | b'<'
            )
        };
        if matches!(left, b'.' | b'-') && (8..=32).contains(&length) && is_file(&line[end..]) {
            self.put_first(line, from, end, HEX, length);
            return Some(end);
        }
        if !(bounded(left) || matches!(left, b'=' | b'/')) {
            return None;
        }
        if length == 8 && line[from..].first_chunk().is_some_and(is_uuid) {
            let right = at(line, from + UUID.len());
            return (bounded(right) || matches!(right, b'/' | b'&' | b'?')).then(|| {
                self.put(line, from, from + UUID.len(), UUID);
                from + UUID.len()
            });
        }
        let word = &line[from..end];
        // What might be text is searched as text.
        let is_digest = matches!(length, 16 | 24 | 32 | 40 | 48 | 64)
            && (bounded(at(line, end)) || matches!(at(line, end), b'&' | b'/' | b'?'))
            && word.iter().any(u8::is_ascii_lowercase)
            && decode::is_digest(word, &mut self.said);
        is_digest.then(|| {
            self.put_first(line, from, end, HEX, length);
            end
        })
    }

    /// `-7c9d8b6f54-x2x4z`, with a digit at `place`: the end of a pod's name, of Kubernetes' alphabet without vowels.
    pub(super) fn pod(&mut self, line: &[u8], place: usize) -> Option<usize> {
        let is_letter = |byte: u8| {
            matches!(byte, b'2' | b'4'..=b'9' | b'b'..=b'z') && !matches!(byte, b'e' | b'i' | b'o' | b'u' | b'y' | b'a')
        };
        let begin = |end: usize| end - run_back(line, end, POD.len() + 1, is_letter);
        let part = begin(place);
        let length = run(line, part, POD.len() + 1, is_letter);
        let (from, middle) = match length {
            8..=10 if at(line, part + length) == b'-' => (part, part + length),
            5 if before(line, part) == b'-' => (begin(part - 1), part - 1),
            _ => return None,
        };
        let (length, end) = (middle - from, middle + 6);
        let whole = (8..=10).contains(&length)
            && before(line, from) == b'-'
            && from >= 2
            && line[from - 2].is_ascii_lowercase()
            && run(line, middle + 1, 6, is_letter) == 5
            && matches!(at(line, end), 0 | b' ' | b'"' | b'\'' | b']' | b')' | b',' | b';' | b'<');
        whole.then(|| {
            self.put_first(line, from, middle, POD, length);
            self.put(line, middle + 1, end, POD_END);
            end
        })
    }

    /// `B03VTGLTMQ`, at its zero.
    pub(super) fn product(&mut self, line: &[u8], from: usize) -> Option<usize> {
        let start = from - 1;
        let word = line.get(start..start + PRODUCT.len())?;
        let capitals = word.iter().filter(|byte| byte.is_ascii_uppercase()).count();
        let whole = capitals >= 3
            && word.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && matches!(before(line, start), b' ' | b'"' | b'\'' | b'=' | b'/' | b':' | b',' | b'(' | b'[' | b'>')
            && matches!(
                at(line, start + PRODUCT.len()),
                0 | b' ' | b'"' | b'\'' | b',' | b'/' | b'?' | b'&' | b')' | b']' | b'}' | b'<'
            );
        whole.then(|| {
            self.put(line, start, start + PRODUCT.len(), PRODUCT);
            start + PRODUCT.len()
        })
    }
}

/// Whether these are the digits, in small letters, and dashes of a UUID.
fn is_uuid(word: &[u8; UUID.len()]) -> bool {
    word.iter().zip(UUID).fold(true, |all, (byte, place)| {
        all & if *place == b'-' {
            *byte == b'-'
        } else {
            (byte.wrapping_sub(b'0') < 10) | (byte.wrapping_sub(b'a') < 6)
        }
    })
}

/// Whether the end of a file's name follows, of the kinds whose names tell their contents apart: `app.b1933c98.js`.
fn is_file(rest: &[u8]) -> bool {
    const ENDS: [&[u8]; 8] = [b".js", b".css", b".map", b".png", b".svg", b".jpg", b".woff2", b".webp"];
    let is_end = |end: &&[u8]| rest.starts_with(end) && !at(rest, end.len()).is_ascii_alphanumeric();
    ENDS.iter().any(is_end)
}
