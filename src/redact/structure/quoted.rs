//! Quoted values: where they begin and end, whatever stands around them.

use crate::redact::detect::text::{at, is_word, run, run_back};
use crate::redact::engine::{Quote, is_marker};

/// Longest mark of what was left out, in bytes.
const MAX_OMISSION: usize = 48;

/// The quote that opens at `from`, with its length: `"`, `'`, `\"`, `\\\"`.
pub fn opening(text: &[u8], from: usize) -> Option<(Quote, usize)> {
    // `b'…'`, `u"…"`, `@"…"`
    let binary = if text.get(from..).is_some_and(|rest| rest.starts_with(b"<<\"")) { 2 } else { 0 };
    let from = from + binary;
    let prefix = usize::from(
        matches!(at(text, from), b'b' | b'u' | b'r' | b'@' | b'N') && matches!(at(text, from + 1), b'"' | b'\''),
    );
    let backslashes = run(text, from + prefix, 16, |byte| byte == b'\\');
    let mark = at(text, from + prefix + backslashes);
    let quote = Quote { backslashes: u8::try_from(backslashes).unwrap_or(u8::MAX), mark };
    matches!(mark, b'"' | b'\'' | b'`').then_some((quote, binary + prefix + backslashes + 1))
}

/// Where the value that begins at `from` behind `quote` ends: at the quote that closes it, or at the text's end. In a
/// `strict` format every quote within has more backslashes; else people quote within quotes, and the closing one is
/// followed by an end of some sort.
pub fn closing(text: &[u8], from: usize, quote: Quote, strict: bool) -> usize {
    let mut search = from;
    let mut nested = 0usize;
    while let Some(offset) = text.get(search..).and_then(|rest| memchr::memchr(quote.mark, rest)) {
        let found = search + offset;
        let backslashes = run_back(text, found, found - from, |byte| byte == b'\\');
        search = found + 1;
        let own = usize::from(quote.backslashes);
        // More backslashes escape it; fewer, where some are needed, mean that the text around ends.
        if backslashes < own {
            return found - backslashes;
        }
        // `own` of them belong to the quote; an even number before those are escaped backslashes at the value's end.
        let surplus = backslashes - own;
        if surplus > 0 && !(own == 0 && surplus % 2 == 0) {
            continue;
        }
        let end = found - own;
        if quote.mark == b'\'' && own == 0 {
            if at(text, found + 1) == b'\'' {
                search = found + 2;
                continue;
            }
            // An apostrophe.
            let replaced = is_marker(&text[from..found.min(from + 64)]);
            if found > from && is_word(text[found - 1]) && is_word(at(text, found + 1)) && !replaced {
                continue;
            }
        }
        if strict || own > 0 {
            return end;
        }
        let next = at(text, found + 1);
        let opens_within = found > from && text[found - 1] == b' ' && is_word(next);
        if opens_within {
            nested += 1;
        } else if nested > 0 && !ends_all(text, found + 1) {
            nested -= 1;
        } else {
            return end;
        }
    }
    truncated(text, from)
}

/// Where a value ends that nothing closes: at the text's end, or at what says how much was left out:
/// `…[truncated 8752 bytes]`.
fn truncated(text: &[u8], from: usize) -> usize {
    let near = text.len().saturating_sub(MAX_OMISSION).max(from);
    let rest = &text[near..];
    if !matches!(rest.last(), Some(b']' | b')' | b'>' | b'"')) {
        return text.len();
    }
    let dots = [&b"..."[..], "…".as_bytes()].iter().filter_map(|dots| memchr::memmem::rfind(rest, dots)).max();
    let Some(dots) = dots else { return text.len() };
    let told = [&b"trunc"[..], b"omit", b"more", b"byte", b"char", b"skip", b"cut", b"left"]
        .iter()
        .any(|word| memchr::memmem::find(&rest[dots..], word).is_some());
    let plain = rest[dots..].iter().all(|byte| {
        byte.is_ascii_alphanumeric()
            || *byte >= 0x80
            || matches!(byte, b' ' | b'.' | b'[' | b']' | b'(' | b')' | b'<' | b'>' | b',' | b'+' | b'"')
    });
    let names = crate::redact::detect::text::split_words(&rest[dots..]).any(|word| word[0].is_ascii_uppercase());
    if told && plain && !names { near + dots } else { text.len() }
}

/// What follows a closing quote says that the value is over: the end, a bracket, a comma, or a new key.
fn ends_all(text: &[u8], from: usize) -> bool {
    match text.get(from) {
        None | Some(b',' | b'}' | b']' | b')' | b'>' | b'&' | b';' | b'|' | b'\n' | b'\r' | b'"' | b'\\') => true,
        Some(b' ') => {
            let word =
                run(text, from + 1, 32, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
            word > 0 && at(text, from + 1 + word) == b'='
        }
        Some(_) => false,
    }
}
