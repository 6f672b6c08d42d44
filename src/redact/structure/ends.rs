//! Where values of one kind end that have spaces in them: telephone numbers, places, accounts, post codes, wishes.

use crate::redact::detect::postal;
use crate::redact::detect::text::{at, is_word, matches, run};

use super::bare::{is_pair, word_end};

/// What stands between a number and its extension.
const EXTENSIONS: [&[u8]; 5] = [b" ext. ", b" ext ", b" ext.", b"ext.", b"ext"];

pub(super) fn phone_end(text: &[u8], from: usize) -> usize {
    let digits = |byte: u8| {
        byte.is_ascii_digit() || matches!(byte, b'+' | b'(' | b')' | b'-' | b'.' | b'/' | b' ' | b'x' | b'#')
    };
    let mut end = from + run(text, from, 40, digits);
    while end > from && !text[end - 1].is_ascii_digit() && text[end - 1] != b')' {
        end -= 1;
    }
    let rest = &text[end..];
    let extension = EXTENSIONS.iter().find(|word| rest.starts_with(word));
    if let Some(word) = extension {
        let count = run(text, end + word.len(), 7, |byte| byte.is_ascii_digit());
        end += if count > 0 { word.len() + count } else { 0 };
    }
    if end == from { word_end(text, from) } else { end.max(word_end(text, from)) }
}

/// `52.52001, 13.40495`: a number, and the one that makes a place of it.
pub fn position_end(text: &[u8], from: usize) -> usize {
    let end = word_end(text, from);
    let gap = run(text, end, 3, |byte| matches!(byte, b',' | b' ' | b';' | b'/'));
    // `-52.52001,-13.40495`, `52.52001 / 13.40495`
    let marked = text[end..end + gap].iter().any(|byte| *byte != b' ') && text[from..end].contains(&b'.');
    let begin = end + gap + run(text, end + gap, 1, |byte| byte == b'-');
    let more = run(text, begin, 16, |byte| byte.is_ascii_digit() || byte == b'.');
    let fraction = text[begin..begin + more].iter().position(|byte| *byte == b'.').is_some_and(|dot| more - dot > 3);
    if (gap == 2 || marked) && fraction && !is_word(at(text, begin + more)) { begin + more } else { end }
}

/// Groups of letters and digits of an account or a card: words as long as a digit is in each.
pub(super) fn number_end(text: &[u8], from: usize) -> usize {
    let mut end = word_end(text, from);
    // `NL64 ABNA 0417 …`: the bank's letters stand behind the country and the check digits.
    let bank = end == from + 4 && matches(text, from, b"AAdd");
    while at(text, end) == b' ' && !is_pair(text, end + 1) {
        let word = run(text, end + 1, 8, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let letters = bank && end == from + 4 && word == 4 && at(text, end + 6).is_ascii_digit();
        let fits = (2..=7).contains(&word)
            && (letters || text[end + 1..end + 1 + word].iter().any(u8::is_ascii_digit))
            && !is_word(at(text, end + 1 + word));
        if !fits {
            break;
        }
        end += word + 1;
    }
    end
}

/// `NP2 6FQ`, `123 45`: a post code of two words.
pub(super) fn code_end(text: &[u8], from: usize) -> usize {
    let end = word_end(text, from);
    match postal::postcode(text, from) {
        Some((close, _)) if at(text, end) == b' ' && close > end && !is_pair(text, end + 1) => close,
        _ => end,
    }
}

/// Up to the next pair with `=`, a bar or the line's end: `To Jane: welcome home!` has a colon of its own.
pub(super) fn wish_end(text: &[u8], from: usize) -> usize {
    let ends = |place: usize| match text[place] {
        b'\n' | b'\r' | b'"' | b'<' | b'\t' => true,
        b' ' => {
            let key =
                run(text, place + 1, 32, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
            key > 0 && at(text, place + 1 + key) == b'=' || text[place..].starts_with(b" | ")
        }
        b'&' => is_pair(text, place + 1),
        _ => false,
    };
    (from..text.len()).find(|place| ends(*place)).unwrap_or(text.len())
}
