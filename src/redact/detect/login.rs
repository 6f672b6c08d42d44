//! Logins in prose that tell what somebody did.

use super::text::{at, before, is_word, run, run_back};

/// Two consonants that a word begins with, or an abbreviation that machines are called by.
const BEGINNINGS: [&[u8; 2]; 52] = [
    b"bl", b"br", b"ch", b"cl", b"cr", b"db", b"dj", b"dl", b"dn", b"dr", b"dw", b"fl", b"fr", b"gh", b"gl", b"gn",
    b"gr", b"ht", b"kl", b"kn", b"kr", b"ld", b"ml", b"mq", b"mt", b"nf", b"ng", b"ph", b"pl", b"pr", b"ps", b"pt",
    b"rh", b"rp", b"sc", b"sh", b"sk", b"sl", b"sm", b"sn", b"sp", b"sq", b"ss", b"st", b"sw", b"th", b"tl", b"tr",
    b"ts", b"tw", b"wh", b"wr",
];

/// `User mkowalska changed`: a login after the word that announces it, and what its owner did.
///
/// A noun may stand there as well (`user session expired`), so the login must look like one: an initial before a family
/// name begins as no word does, and so do letters with digits or a dot among them.
pub fn acted(text: &[u8], from: usize) -> Option<(usize, usize)> {
    if is_word(before(text, from)) {
        return None;
    }
    let begin = from + run(text, from, 8, |byte| byte != b' ') + 1;
    let length =
        run(text, begin, 32, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_'));
    let login = &text[begin..begin + length];
    let verb = begin + length + 1;
    let end = verb + run(text, verb, 16, |byte| byte.is_ascii_lowercase());
    if at(text, verb - 1) != b' ' || !is_act(&text[verb.min(text.len())..end]) {
        return None;
    }
    (is_made(login) && !crate::redact::engine::is_marker(login)).then_some((begin, begin + length))
}

/// `sudo: jdoe : TTY=pts/2`: the login before the literal at `from`.
pub fn became(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = from - run_back(text, from, 48, |byte| is_word(byte) || matches!(byte, b'.' | b'_' | b'-'));
    let login = &text[start..from];
    let told = text[..start].trim_ascii_end().ends_with(b":");
    (told && !crate::redact::engine::is_marker(login) && crate::redact::engine::is_login(login))
        .then_some((start, from))
}

/// `arn:aws:iam::123456789012:user/jane.doe`: the last part of a resource's name, if it is somebody's login.
pub fn resource(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let end = from
        + run(text, from, 256, |byte| is_word(byte) || matches!(byte, b':' | b'/' | b'.' | b'_' | b'-' | b'+' | b'='));
    let start = text[from..end].iter().rposition(|byte| *byte == b'/').map_or(end, |place| from + place + 1);
    let login = &text[start..end];
    let role = text[from..].starts_with(b":assumed-role") && memchr::memchr_iter(b'/', &text[from..start]).count() < 2;
    (!role
        && !login.starts_with(b"i-0")
        && !crate::redact::engine::is_marker(login)
        && crate::redact::engine::is_login(login))
    .then_some((start, end))
}

/// `changed`, `logged`, `has`: somebody did something.
fn is_act(word: &[u8]) -> bool {
    word.len() >= 4 && word.ends_with(b"ed") || matches!(word, b"has" | b"did" | b"left" | b"sent" | b"hat" | b"made")
}

/// Whether the word was made of a name: `mkowalska`, `jane.doe`, `jdoe42`.
fn is_made(login: &[u8]) -> bool {
    let letters = login.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    let is_vowel = |byte: &u8| matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    if letters < login.len() {
        let (first, rest) = login.split_at(letters);
        let digits = rest.iter().all(u8::is_ascii_digit) && (2..=4).contains(&rest.len());
        let parts = matches!(rest[0], b'.' | b'_') && rest.len() >= 3 && rest[1..].iter().all(u8::is_ascii_lowercase);
        return digits && first.len() >= 4 || parts && !first.is_empty() && rest[0] == b'.';
    }
    let [first, second, rest @ ..] = login else { return false };
    rest.len() >= 3
        && !is_vowel(first)
        && !is_vowel(second)
        && rest.iter().any(is_vowel)
        && !BEGINNINGS.contains(&&[*first, *second])
}
