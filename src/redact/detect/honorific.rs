//! Names before what announces them: a title of Japanese or Chinese, a role that follows the name.

use super::names::{is_letter, is_script, tokens};
use super::text::{before, run, run_back};
use super::{firms, given};

/// `Horváth Zoltán ügyfél`: the name before the role whose space is at `from`.
pub fn before_role(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = spaced(text, from)?;
    let (_, count) = tokens(&text[..from], start)?;
    let name = &text[start..from];
    ((2..=4).contains(&count) && !given::is_other(name) && !firms::has_legal_form(name)).then_some((start, from))
}

/// Where the longest run of words begins that ends at `right` and is a name.
fn spaced(text: &[u8], right: usize) -> Option<usize> {
    let mut from = right - run_back(text, right, 64, |byte| is_letter(byte) || byte == b' ');
    while from < right {
        if text[from] != b' '
            && !is_title(text, from)
            && tokens(&text[..right], from).is_some_and(|(end, _)| end == right)
        {
            return Some(from);
        }
        from += run(text, from, right - from, |byte| byte != b' ') + 1;
    }
    None
}

/// `お客様 `, `様 `: a word of address before the name.
fn is_title(text: &[u8], from: usize) -> bool {
    let word = &text[from..from + run(text, from, 48, |byte| byte != b' ')];
    ["様", "さん", "さま", "殿"].iter().any(|title| word.ends_with(title.as_bytes()))
}

/// Titles that follow a name: `田中様`, `José-san`. `from` is the title's first byte.
pub fn before_title(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let length = run_back(text, from, 48, |byte| byte >= 0x80 || byte.is_ascii_alphabetic() || byte == b' ');
    if before(text, from) == b' ' && before(text, from - 1).is_ascii_alphanumeric()
        || before(text, from) == b' ' && before(text, from - 1) >= 0x80
    {
        return spaced(text, from - 1).map(|start| (start, from - 1));
    }
    let slice = &text[from - length..from];
    let start = from - length
        + slice.iter().rposition(|byte| byte.is_ascii_punctuation() || *byte == b' ').map_or(0, |place| place + 1);
    // A family's name and a space before it.
    let family = if before(text, start) == b' ' { run_back(text, start - 1, 24, |byte| byte >= 0x80) } else { 0 };
    let start = if family > 0 && is_script(&text[start - 1 - family..start - 1]) { start - 1 - family } else { start };
    // `お客様`, `皆様`: a customer, all of you.
    let name = &text[start..from];
    let is_word = ["お客", "皆", "奥", "神", "同"].iter().any(|word| name == word.as_bytes());
    (start < from && !is_word && is_script(name)).then_some((start, from))
}
