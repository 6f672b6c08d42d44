//! What a browser says of itself.

use super::text::{at, before, is_edge, run, run_back};

/// What only devices of people say of themselves.
const DEVICES: [&[u8]; 16] = [
    b"Mozilla/",
    b"Opera/",
    b"Dalvik/",
    b"iPhone",
    b"iPad",
    b"iPod",
    b"iOS",
    b"Android",
    b"Darwin",
    b"CFNetwork",
    b"Macintosh",
    b"Windows NT",
    b"X11;",
    b"Mobile",
    b"WebView",
    b"AppleWebKit",
];

/// Whether a user agent is a program's: products and what they are made with, and nothing of anybody's device. Of what
/// begins as browsers do, those are that say where their owner explains them.
pub fn is_program(value: &[u8]) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(value, word).is_some();
    if value.starts_with(b"Mozilla/") {
        return value.len() <= 200
            && (has(b"(compatible; ") || has(b" (compatible; "))
            && (has(b"; +http") || has(b";+http") || has(b"bot@"))
            && !has(b"Android")
            && !has(b"iPhone");
    }
    product(value, 0).is_some() && value.len() <= 320 && !DEVICES.iter().any(|word| has(word))
}

/// Words of a user agent that stand without a version.
const BARE: [&[u8]; 9] =
    [b"like", b"Gecko", b"Mobile", b"Safari", b"Version", b"Tablet", b"AppleWebKit", b"Chrome", b"TV"];

/// The user agent that begins with a product at `from`: products with versions, and comments in brackets.
pub fn find(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut end = product(text, from)?;
    loop {
        // `Opera/9.80.(X11; …)`
        let next = if at(text, end) == b'(' { end } else { end + 1 };
        if !matches!(at(text, end), b' ' | b'+' | b'(') {
            break;
        }
        let after = if at(text, next) == b'(' {
            let length = run(text, next, 400, |byte| byte != b')' && byte != b'"' && byte >= b' ');
            if at(text, next + length) != b')' {
                break;
            }
            Some(next + length + 1)
        } else {
            product(text, next).or_else(|| {
                let word = run(text, next, 16, |byte| byte.is_ascii_alphabetic());
                BARE.contains(&&text[next..next + word]).then_some(next + word)
            })
        };
        match after {
            Some(after) => end = after,
            None => break,
        }
    }
    (!is_program(&text[from..end])).then_some((from, end))
}

/// `Name/1.2`
fn product(text: &[u8], from: usize) -> Option<usize> {
    let name = run(text, from, 48, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if name == 0 || at(text, from + name) != b'/' {
        return None;
    }
    let version = run(text, from + name + 1, 64, |byte| {
        !is_edge(byte) && !matches!(byte, b',' | b';' | b'|' | b'&' | b'+' | b'/' | b'\\' | b'=')
    });
    (version > 0 && at(text, from + name + 1).is_ascii_alphanumeric()).then_some(from + name + 1 + version)
}

/// The user agent around the comment that begins at `comment` or the byte after it.
pub fn around(text: &[u8], comment: usize) -> Option<(usize, usize)> {
    let open = comment + usize::from(at(text, comment) != b'(');
    let mut start = open;
    // Products before the comment, as many as there are.
    while start > 0 && matches!(before(text, start), b' ' | b'+' | b'.') {
        let end = start - 1;
        let length =
            run_back(text, end, 64, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'));
        if !text[end - length..end].contains(&b'/') || at(text, end - length) == b'/' {
            break;
        }
        start = end - length;
    }
    let (_, end) = find(text, start).filter(|_| start < open)?;
    (end > open).then_some((start, end))
}
