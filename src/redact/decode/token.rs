//! Words that may be base64 or hexadecimal text. They are long, so one look at every sixteenth byte finds them all.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::redact::detect::text::{BASE64, is_hex, run, run_back};

/// Shortest word that is decoded: 12 decoded bytes hold the shortest e-mail address of note.
pub const LEAST: usize = 16;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// A word of the base64 alphabets in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub start: usize,
    /// After the last byte, padding included.
    pub end: usize,
}

/// All words of at least [`LEAST`] bytes.
pub fn tokens(text: &[u8]) -> impl Iterator<Item = Token> + '_ {
    let mut probe = LEAST - 1;
    let mut done = 0;
    std::iter::from_fn(move || {
        while probe < text.len() {
            if !BASE64[usize::from(text[probe])] {
                probe += LEAST;
                continue;
            }
            let before = run_back(text, probe, probe - done, |byte| BASE64[usize::from(byte)]);
            let after = run(text, probe, usize::MAX, |byte| BASE64[usize::from(byte)]);
            let (start, mut end) = (probe - before, probe + after);
            if end - start >= LEAST {
                end += text[end..].iter().take(2).take_while(|byte| **byte == b'=').count();
                done = end;
                probe = end + LEAST - 1;
                return Some(Token { start, end });
            }
            // The next long word that begins after this one covers a byte at most this far on.
            done = end;
            probe = end + LEAST;
        }
        None
    })
}

/// Whether a word of hexadecimal digits is what was sent to a printer of receipts: it begins by resetting it (ESC/POS).
pub fn is_printed(word: &[u8]) -> bool {
    word.len().is_multiple_of(2) && word.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"1b40"))
}

/// What a printer was sent, with a line's end for each command.
pub fn printed(word: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    if !is_printed(word) || !word.iter().all(|byte| is_hex(*byte)) {
        return false;
    }
    let mut is_command = false;
    for pair in word.chunks_exact(2) {
        let byte = value(pair[0]) << 4 | value(pair[1]);
        if std::mem::replace(&mut is_command, false) {
            continue;
        }
        is_command = matches!(byte, 0x1b..=0x1d);
        out.push(if byte < b' ' || byte == 0x7f { b'\n' } else { byte });
    }
    std::str::from_utf8(out).is_ok()
}

/// What the word says, if it is base64 or hexadecimal for text.
pub fn decoded(word: &[u8], out: &mut Vec<u8>) -> bool {
    hex(word, out) || base64(word, out)
}

/// Decodes base64 of either alphabet, padded or not, if the result is text.
pub fn base64(word: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    if !may_go_on(word) {
        return false;
    }
    let engine = if word.iter().any(|byte| matches!(byte, b'-' | b'_')) { &URL_SAFE } else { &STANDARD };
    let body = word.strip_suffix(b"==").or_else(|| word.strip_suffix(b"=")).unwrap_or(word);
    // A stray last letter, as in a word that was cut, says nothing.
    let body = if body.len() % 4 == 1 { &body[..body.len() - 1] } else { body };
    engine.decode_vec(body, out).is_ok() && is_text(out)
}

/// Values of letters in either alphabet; 64 for what is in none.
const VALUES: [u8; 256] = {
    let mut values = [64; 256];
    let mut index = 0;
    while index < 64 {
        let letter = match index {
            0..26 => b'A' + index,
            26..52 => b'a' + (index - 26),
            52..62 => b'0' + (index - 52),
            62 => b'+',
            _ => b'/',
        };
        values[letter as usize] = index;
        index += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
};

/// Whether what the word says could be text: none of its first bytes controls anything. Of random letters a few in a
/// hundred pass.
pub fn may_be_text(word: &[u8]) -> bool {
    may_be_hex(word) || may_be_base64(word)
}

/// Whether a word of hexadecimal digits is no text, in these digits or as base64: of random ones nearly none is.
pub fn is_digest(word: &[u8], out: &mut Vec<u8>) -> bool {
    let says = word.chunks_exact(2).all(is_shown) && hex(word, out) || base64(word, out);
    !says
}

/// The first four pairs of digits are letters or marks.
fn may_be_hex(word: &[u8]) -> bool {
    word.chunks_exact(2).take(4).all(is_shown)
}

/// Whether two digits may stand for a letter or a mark.
fn is_shown(pair: &[u8]) -> bool {
    pair[1].is_ascii_hexdigit()
        && (matches!(pair[0], b'2'..=b'9' | b'a'..=b'f' | b'A'..=b'F')
            || matches!(pair, b"0a" | b"0A" | b"09" | b"0d" | b"0D"))
}

fn may_be_base64(word: &[u8]) -> bool {
    word.chunks_exact(4).take(4).all(is_plain)
}

/// Whether none of the three bytes that four letters stand for controls anything.
fn is_plain(four: &[u8]) -> bool {
    let value = |index: usize| u32::from(VALUES[usize::from(four[index])]);
    let bits = value(0) << 18 | value(1) << 12 | value(2) << 6 | value(3);
    [bits >> 16, bits >> 8, bits].iter().all(|byte| {
        let byte = byte & 0xff;
        (0x20..0xf8).contains(&byte) && byte != 0x7f || matches!(byte, 9 | 10 | 13)
    })
}

/// Whether what all whole groups of letters say could be text. A control character is one wherever it stands, so that
/// most words that are no base64 end here after a few letters.
fn may_go_on(word: &[u8]) -> bool {
    let body = word.strip_suffix(b"==").or_else(|| word.strip_suffix(b"=")).unwrap_or(word);
    body.chunks_exact(4).all(|four| four.contains(&b'=') || is_plain(four))
}

/// Decodes pairs of hexadecimal digits if the result is text.
pub fn hex(word: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    if !word.len().is_multiple_of(2) || !word.iter().all(|byte| is_hex(*byte)) {
        return false;
    }
    out.extend(word.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])));
    is_text(out)
}

/// Of a hexadecimal digit.
const fn value(digit: u8) -> u8 {
    (digit & 0xf) + if digit.is_ascii_alphabetic() { 9 } else { 0 }
}

/// Text, or text that was cut within a character.
fn is_text(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(fault) if fault.error_len().is_none() => {
            std::str::from_utf8(&bytes[..fault.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    text.len() >= 4 && text.chars().all(|character| !character.is_control() || matches!(character, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::detect::text::is_base64;

    #[test]
    fn every_long_word_is_found_once() {
        let slow = |text: &[u8]| -> Vec<Token> {
            let mut found = Vec::new();
            let mut at = 0;
            while at < text.len() {
                let length = text[at..].iter().take_while(|byte| is_base64(**byte)).count();
                if length >= LEAST {
                    let padding = text[at + length..].iter().take(2).take_while(|byte| **byte == b'=').count();
                    found.push(Token { start: at, end: at + length + padding });
                    at += padding;
                }
                at += length.max(1);
            }
            found
        };
        let word = |length: usize| "x".repeat(length);
        for first in 0..40 {
            for gap in 1..4 {
                for second in 0..40 {
                    let text = format!("{}{}{}", word(first), " ".repeat(gap), word(second));
                    let fast: Vec<_> = tokens(text.as_bytes()).collect();
                    assert_eq!(fast, slow(text.as_bytes()), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn text_is_told_from_noise() {
        let mut out = Vec::new();
        assert!(decoded(b"am9obkBleGFtcGxlLmNvbQ==", &mut out));
        assert_eq!(out, b"john@example.com");
        assert!(decoded(b"6a6f686e406578616d706c652e636f6d", &mut out));
        assert_eq!(out, b"john@example.com");
        assert!(!decoded(b"8f2191616116c7655998523f8a6e768d", &mut out));
        assert!(!decoded(b"organization/applications", &mut out));
    }
}
