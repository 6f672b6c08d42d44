//! Values of which a part may stand, and values that are none.

use std::net::IpAddr;

use smallvec::SmallVec;

use crate::redact::Kind;
use crate::redact::decode::{self, Map};
use crate::redact::detect::names;
use crate::redact::detect::text::{Listed, run, split_words};

pub use super::carve_out::carve;
pub use super::wording::{
    ends_in_name, ends_in_whom, is_caption, is_connection, is_lookup, is_mail, is_of_log, is_omission, is_rule,
    is_static_call, is_structured, is_subject, is_subject_key, is_template,
};

/// Words that stand where there is no value.
static NOTHINGS: Listed = Listed::new(&[
    "null",
    "none",
    "nil",
    "undefined",
    "true",
    "false",
    "-",
    "--",
    "?",
    "%s",
    "%v",
    "%d",
    "{}",
    "[]",
    "()",
    "n/a",
    "na",
    "unknown",
    "yes",
    "no",
    "fail",
    "failed",
    "passed",
    "mismatch",
    "unchecked",
    "amd64",
    "arm64",
    "armhf",
    "i386",
    "x86_64",
    "aarch64",
    "noarch",
    "unavailable",
    "***",
    "[redacted]",
    "[filtered]",
    "<redacted>",
    "(null)",
    "<nil>",
    "\"\"",
    "''",
]);

/// Words that say that something is wrong with what the key names.
static COMPLAINTS: Listed = Listed::new(&[
    "invalid",
    "expired",
    "missing",
    "incorrect",
    "required",
    "wrong",
    "mismatch",
    "not",
    "failed",
    "is",
    "too",
    "must",
    "cannot",
    "can't",
    "empty",
    "changed",
    "reset",
    "rejected",
    "revoked",
    "malformed",
    "unauthorized",
    "connection",
    "timeout",
    "error",
    "no",
    "unable",
    "could",
    "the",
    "a",
    "an",
    "has",
    "was",
    "will",
    "should",
    "ok",
    "success",
    "sent",
    "created",
    "updated",
    "found",
    "already",
    "unexpected",
    "exception",
    "validation",
]);

/// Names of cookies that say nothing of a person.
const COOKIES: [&[u8]; 14] = [
    b"lang",
    b"language",
    b"locale",
    b"theme",
    b"currency",
    b"country",
    b"tz",
    b"timezone",
    b"consent",
    b"i18n-prefs",
    b"lc-main",
    b"sort",
    b"view",
    b"layout",
];

/// Attributes of `Set-Cookie`.
const ATTRIBUTES: [&[u8]; 9] =
    [b"path", b"domain", b"expires", b"max-age", b"samesite", b"secure", b"httponly", b"priority", b"partitioned"];

/// Whether there is nothing to replace.
pub fn is_nothing(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    // Most begin with a letter, and what is nothing by its build does not, but for these two.
    if let [first, _, ..] = value
        && first.is_ascii_alphanumeric()
        && !matches!(first, b'p' | b'x' | b'X')
    {
        return value.len() <= 12 && NOTHINGS.has(value) || value.len() == 34 && is_resource(value);
    }
    value.is_empty()
        || value.len() == 1 && !value[0].is_ascii_alphanumeric() && value[0] < 0x80
        || value.len() <= 12 && NOTHINGS.has(value)
        || value.len() < 24 && value.iter().all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'-' | b'_' | b'\\'))
        || is_replaced(value)
        // `$1`, `${name}`, `:name`, `{name}`: places for values.
        || value.len() <= 40 && is_placeholder(value)
        || value.len() == 34 && is_resource(value)
}

/// `SM` and 32 hexadecimal digits: the name of a message, a call or an account at a carrier of messages, no session.
fn is_resource(value: &[u8]) -> bool {
    value[..2].iter().all(u8::is_ascii_uppercase)
        && value[2..].iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Replacements and marks between them, and nothing else.
fn is_replaced(value: &[u8]) -> bool {
    let is_mark = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'_' && *byte < 0x80;
    let Some(first) = value.iter().position(|byte| !is_mark(byte)) else { return false };
    value[first..].starts_with(b"pii_")
        && value.split(is_mark).filter(|part| !part.is_empty()).all(crate::redact::engine::is_marker)
}

fn is_placeholder(value: &[u8]) -> bool {
    let is_name = |name: &[u8]| {
        !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
    };
    match value {
        [b'$', b'{', name @ .., b'}'] | [b'{', b'{', name @ .., b'}', b'}'] | [b'{', name @ .., b'}'] => is_name(name),
        [b'@', name @ ..] => is_name(name) && name.iter().any(u8::is_ascii_digit),
        [b'$', digits @ ..] => !digits.is_empty() && digits.len() <= 2 && digits.iter().all(u8::is_ascii_digit),
        [b'%', b'(', name @ .., b')', b's' | b'd' | b'r' | b'f'] => is_name(name),
        [b'<', name @ .., b'>'] => is_name(name) && name.iter().all(u8::is_ascii_lowercase),
        _ => false,
    }
}

/// Five words or more, in whatever script.
pub fn is_sentence(value: &[u8]) -> bool {
    let words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let (mut count, mut plain) = (0usize, 0usize);
    for word in words.take(64) {
        count += 1;
        plain += usize::from(word.iter().all(|byte| {
            byte.is_ascii_alphabetic() || *byte >= 0x80 || matches!(byte, b',' | b'.' | b'!' | b'?' | b'\'' | b'-')
        }));
    }
    count >= 5 && plain * 5 >= count * 4 || count < 5 && super::wording::is_unspaced_sentence(value)
}

/// Whether a key is the name of a source file, and what follows the colon behind it the number of its line: `12`, `line
/// 12`.
pub fn is_source_line(key: &[u8], rest: &[u8]) -> bool {
    const WORDS: [&str; 11] =
        ["line ", "Zeile ", "ligne ", "línea ", "riga ", "regel ", "wiersz ", "rad ", "satır ", "linha ", "行 "];
    let word = WORDS.iter().find(|word| rest.starts_with(word.as_bytes())).map_or(0, |word| word.len());
    rest.get(word).is_some_and(u8::is_ascii_digit) && is_source(key)
}

/// Whether a key is the name of a source file, after which a line's number stands.
fn is_source(key: &[u8]) -> bool {
    const ENDS: [&[u8]; 32] = [
        b"js", b"mjs", b"ts", b"tsx", b"jsx", b"py", b"rb", b"go", b"rs", b"java", b"kt", b"php", b"cs", b"cpp",
        b"scala", b"swift", b"cc", b"cxx", b"c", b"h", b"hpp", b"hh", b"ex", b"exs", b"erl", b"clj", b"vue", b"lua",
        b"pl", b"sql", b"groovy", b"dart",
    ];
    let dot = key.iter().rposition(|byte| *byte == b'.');
    dot.is_some_and(|dot| dot > 0 && ENDS.contains(&&key[dot + 1..]))
}

/// A URL or a path of one.
pub fn is_link(value: &[u8]) -> bool {
    let rest = value.strip_prefix(b"https").or_else(|| value.strip_prefix(b"http")).unwrap_or(value);
    [&b"://"[..], b":\\/\\/", b"%3A", b"%3a"].iter().any(|start| rest.starts_with(start)) && rest.len() < value.len()
        || value.len() > 1 && value[0] == b'/' && !value[1].is_ascii_digit()
        || [&b"%2F"[..], b"%2f"].iter().any(|slash| value.starts_with(slash))
            && value.get(3).is_some_and(|byte| !byte.is_ascii_digit())
}

/// What a value says: escapes of URLs undone, plus signs as spaces.
pub fn said(value: &[u8]) -> SmallVec<[u8; 64]> {
    let mut text: SmallVec<[u8; 64]> = value.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    // `Jane\ Doe`
    while let Some(place) = memchr::memmem::find(&text, b"\\ ") {
        text.remove(place);
    }
    let (mut next, mut map) = (Vec::new(), Map::default());
    for _ in 0..4 {
        next.clear();
        map.clear();
        if !memchr::memchr(b'%', &text).is_some_and(|_| decode::unescape(&text, &mut next, &mut map)) {
            break;
        }
        text = SmallVec::from_slice(&next);
    }
    text
}

/// `password: incorrect`
pub fn is_complaint(value: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte >= 0x80 || *byte == b'\'';
    let first = value.split(|byte| !is_letter(byte)).next().unwrap_or_default();
    // `A60H4…` is a word of its own and no article.
    COMPLAINTS.has(first) && !value.get(first.len()).is_some_and(|byte| byte.is_ascii_digit() || *byte == b'_')
}

/// Whether a value of prose looks like the kind.
pub fn fits(kind: Kind, value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let capital = value.first().is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80);
    match kind {
        Kind::Email => value.contains(&b'@'),
        Kind::Phone => digits >= 6,
        Kind::Address => digits > 0 || value.contains(&b':'),
        Kind::Card | Kind::Account | Kind::Tail | Kind::Tax | Kind::Identity | Kind::Device | Kind::Postcode => {
            digits >= 3
        }
        Kind::Geo => digits >= 3,
        Kind::Name => (capital || names::begins_particle(value, 0)) && !is_complaint(value),
        Kind::Postal | Kind::Place => {
            (capital || digits > 0) && !is_complaint(value) && !super::programs::is_programs(b"", kind, value)
        }
        Kind::Password | Kind::Token | Kind::Secret | Kind::Session => {
            !is_complaint(value)
                && (digits > 0 || value.len() >= 12 || value.iter().any(|byte| !byte.is_ascii_lowercase()))
        }
        _ => !is_complaint(value),
    }
}

/// Parts of a `Cookie` or `Set-Cookie` that go.
pub fn cookies(value: &[u8], mut found: impl FnMut(usize, usize)) {
    let mut start = 0;
    // Several `Set-Cookie` values in one line are joined by commas.
    for (index, part) in value.split(|byte| matches!(byte, b';' | b',')).enumerate() {
        let lead = part.iter().take_while(|byte| **byte == b' ').count();
        let equals = part.iter().position(|byte| *byte == b'=');
        let name = part[lead..equals.unwrap_or(part.len())].trim_ascii();
        let is_one = |names: &[&[u8]]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
        let keeps = is_one(&COOKIES) || index > 0 && is_one(&ATTRIBUTES);
        let from = equals.map_or(lead, |place| place + 1);
        if !keeps && !is_nothing(&part[from..]) && (equals.is_some() || index == 0) {
            let end = part.trim_ascii_end().len().max(from);
            found(start + from, start + end);
        }
        start += part.len() + 1;
    }
}

/// Length of an authentication scheme and its space, if the value begins with one.
pub fn scheme(value: &[u8]) -> usize {
    const SCHEMES: [&[u8]; 11] = [
        b"Bearer",
        b"Basic",
        b"Digest",
        b"Token",
        b"Negotiate",
        b"NTLM",
        b"AWS4-HMAC-SHA256",
        b"AWS4-ECDSA-P256-SHA256",
        b"GOOG4-RSA-SHA256",
        b"HMAC-SHA256",
        b"ApiKey",
    ];
    let word = run(value, 0, 24, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let space = run(value, word, 3, |byte| byte == b' ' || byte == b'+');
    let known = SCHEMES.iter().any(|scheme| value[..word].eq_ignore_ascii_case(scheme));
    if known && space > 0 && word + space < value.len() { word + space } else { 0 }
}

/// Whether the credentials of the scheme that `value` begins with are one word (RFC 7235, `token68`).
pub fn is_one_word(value: &[u8]) -> bool {
    [&b"bearer "[..], b"basic ", b"negotiate ", b"ntlm "]
        .iter()
        .any(|scheme| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// Whether the value is a URL with a login.
pub fn has_login(value: &[u8]) -> bool {
    value.contains(&b'@')
        && memchr::memmem::find(value, b"://").is_some_and(|found| {
            let rest = &value[found + 3..];
            let host = rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
            rest[..host].contains(&b'@')
        })
}

/// Values of a digest (RFC 7616) that go: who, and what proves it.
pub fn digest(value: &[u8], mut found: impl FnMut(usize, usize)) {
    const SECRET: [&[u8]; 5] = [b"username", b"response", b"nonce", b"cnonce", b"opaque"];
    let mut start = 0;
    for part in value.split(|byte| *byte == b',') {
        let lead = part.iter().take_while(|byte| **byte == b' ').count();
        if let Some(equals) = part.iter().position(|byte| *byte == b'=') {
            let name = part[lead..equals].trim_ascii();
            let mark = |byte: &&u8| matches!(**byte, b'"' | b'\\' | b'\'' | b' ');
            let from = equals + 1 + part[equals + 1..].iter().take_while(mark).count();
            let to = part.len() - part[from..].iter().rev().take_while(mark).count();
            if SECRET.iter().any(|known| name.eq_ignore_ascii_case(known)) && !is_nothing(&part[from..to]) {
                found(start + from, start + to);
            }
        }
        start += part.len() + 1;
    }
}

/// Items of a list of addresses (`X-Forwarded-For`, `Forwarded`), with what each is.
pub fn addresses(value: &[u8], mut found: impl FnMut(Option<IpAddr>, usize, usize)) {
    let mut start = 0;
    for part in value.split(|byte| matches!(byte, b',' | b' ' | b';' | b'+')) {
        let end = start + part.len();
        let mut item = (start, end);
        start = end + 1;
        if let Some(equals) = part.iter().position(|byte| *byte == b'=') {
            item.0 += equals + 1;
        }
        let text = &value[item.0..item.1];
        let lead = text.iter().take_while(|byte| matches!(byte, b'"' | b'\\' | b'\'' | b'/')).count();
        let trail = text[lead..].iter().rev().take_while(|byte| matches!(byte, b'"' | b'\\' | b'\'')).count();
        item = (item.0 + lead, item.1 - trail);
        if item.0 < item.1 {
            let (address, length) = address(&value[item.0..item.1]);
            found(address, item.0, item.0 + length);
        }
    }
}

/// An address without brackets and port, and how long it is.
fn address(item: &[u8]) -> (Option<IpAddr>, usize) {
    let parse = crate::redact::detect::parsed;
    if let Some(rest) = item.strip_prefix(b"[") {
        let inner = rest.iter().position(|byte| *byte == b']').unwrap_or(rest.len());
        return (parse(&rest[..inner]), (inner + 2).min(item.len()));
    }
    if let Some(address) = parse(item) {
        return (Some(address), item.len());
    }
    let host = item.iter().rposition(|byte| matches!(byte, b':' | b'/' | b'%')).unwrap_or(item.len());
    match parse(&item[..host]) {
        Some(address) => (Some(address), host),
        None => (None, item.len()),
    }
}

/// A word of prose or a host's name: no address at all.
pub fn is_host(item: &[u8]) -> bool {
    let letters =
        item.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'/'));
    letters
        && split_words(item).next().is_some()
        && !item.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b':' || *byte == b'.')
}
