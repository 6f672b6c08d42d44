//! Logins in URLs, in what services say of who came, and in prose that tells what somebody did.

use super::text::{at, before, is_word, run, run_back};

/// Two consonants that a word begins with, or an abbreviation that machines are called by.
const BEGINNINGS: [&[u8; 2]; 52] = [
    b"bl", b"br", b"ch", b"cl", b"cr", b"db", b"dj", b"dl", b"dn", b"dr", b"dw", b"fl", b"fr", b"gh", b"gl", b"gn",
    b"gr", b"ht", b"kl", b"kn", b"kr", b"ld", b"ml", b"mq", b"mt", b"nf", b"ng", b"ph", b"pl", b"pr", b"ps", b"pt",
    b"rh", b"rp", b"sc", b"sh", b"sk", b"sl", b"sm", b"sn", b"sp", b"sq", b"ss", b"st", b"sw", b"th", b"tl", b"tr",
    b"ts", b"tw", b"wh", b"wr",
];

/// The login of a URL, from the colon before `//` to the `@`: `https://user:password@host`. Passwords may hold
/// anything but a slash, a quote and a space.
pub fn of_url(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let begin = from + 3;
    let length =
        run(text, begin, 512, |byte| byte > b' ' && !matches!(byte, b'/' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\'));
    let sign = text[begin..begin + length].iter().rposition(|byte| *byte == b'@')?;
    let login = &text[begin..begin + sign];
    let colon = login.iter().position(|byte| *byte == b':');
    // A host and its query, in which an address stands.
    let query = login.iter().position(|byte| *byte == b'?');
    let is_query = query.is_some_and(|query| {
        colon.is_none_or(|colon| colon > query || login[colon + 1..query].iter().all(u8::is_ascii_digit))
    });
    let is_plain = colon.is_none() && matches!(login, b"git" | b"hg" | b"svn" | b"");
    let has_host = is_word(at(text, begin + sign + 1)) || at(text, begin + sign + 1) == b'[';
    (!is_query && !is_plain && has_host && before(text, from).is_ascii_alphanumeric())
        .then_some((from, begin + sign + 1))
}

/// The login after `for user ` and the like, as mail and shell services write it.
pub fn tried(text: &[u8], from: usize) -> Option<(usize, usize)> {
    const OTHERS: [&[u8]; 30] = [
        b"to",
        b"client",
        b"request",
        b"requests",
        b"input",
        b"interaction",
        b"mapping",
        b"presence",
        b"session",
        b"sessions",
        b"agent",
        b"data",
        b"space",
        b"mode",
        b"root",
        b"admin",
        b"invalid",
        b"user",
        b"in",
        b"the",
        b"with",
        b"and",
        b"from",
        b"not",
        b"is",
        b"was",
        b"has",
        b"id",
        b"postgres",
        b"nobody",
    ];
    const WORDS: [&[u8]; 10] = [
        b" by @",
        b"Login OK: [",
        b"Login incorrect: [",
        b"invalid user ",
        b"Invalid user ",
        b"for user ",
        b"opened for ",
        b"Failed password for ",
        b"Accepted password for ",
        b"Accepted publickey for ",
    ];
    let word = WORDS.iter().find(|word| text[from..].starts_with(word))?;
    let begin = from + word.len();
    let length =
        run(text, begin, 64, |byte| byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'.' | b'_' | b'-'));
    let login = &text[begin..begin + length];
    let is_login = length >= 2 && login.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    let follows = matches!(at(text, begin + length), b' ' | b',' | b'(' | b';' | b']' | 0)
        && !crate::redact::engine::is_marker(login);
    // `opened for reading`: a file, unless a session is.
    let opened = word.starts_with(b"opened") && !text[..from].ends_with(b"session ");
    (is_login && follows && !opened && !OTHERS.contains(&login)).then_some((begin, begin + length))
}

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
