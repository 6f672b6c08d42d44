//! Values that are nobody's by their build: words and numbers of protocols and programs.

use crate::redact::Kind;
use crate::redact::detect::keep;
use crate::redact::detect::text::{Listed, at, has_word_before, run, run_back};

use super::nobodys::is_pointer;

/// Browsers and other programs that people reach a shop with.
static PROGRAMS: Listed = Listed::new(&[
    "chrome",
    "firefox",
    "safari",
    "edge",
    "opera",
    "brave",
    "vivaldi",
    "chromium",
    "webkit",
    "outlook",
    "thunderbird",
    "gmail",
    "owa",
    "activesync",
    "imap4",
    "pop3",
    "mapi",
    "okhttp",
    "curl",
    "wget",
    "postman",
    "insomnia",
    "whatsapp",
    "telegram",
    "instagram",
    "facebook",
    "messenger",
    "samsung",
    "duckduckgo",
    "yandex",
    "silk",
    "ucbrowser",
]);
/// Words beside the name of a program: `Mobile Safari`, `Samsung Internet`.
static BESIDE: Listed = Listed::new(&[
    "mobile",
    "headless",
    "ios",
    "android",
    "desktop",
    "web",
    "webview",
    "app",
    "mail",
    "apple",
    "microsoft",
    "google",
    "internet",
    "browser",
]);

/// Of what the key is whose word stands before `key`: `cache key: Linux-node-20-…`.
static KEYED: Listed = Listed::new(&[
    "cache",
    "sort",
    "partition",
    "primary",
    "foreign",
    "routing",
    "idempotency",
    "lookup",
    "row",
    "object",
    "dedup",
    "shard",
    "index",
    "unique",
    "metric",
]);

/// Words of a program that hands out its configuration (xDS): its nonce says which answer it is.
static CONFIGURED: Listed = Listed::new(&[
    "xds",
    "ads",
    "cds",
    "lds",
    "rds",
    "eds",
    "sds",
    "version",
    "versioninfo",
    "info",
    "typeurl",
    "discovery",
]);

/// Whether a value under `key`, which says that it is of `kind`, was made by a program for another.
pub fn is_nobodys(key: &[u8], kind: Kind, value: &[u8]) -> bool {
    match kind {
        // `session = 0x30000a81d4b0017`, `sid=1762704697`: a server's own number, or when it began.
        Kind::Session => is_pointer(value) || is_epoch(value) || is_issue(value),
        // `fingerprint=SHA256:…`: a certificate's; `accept-language: de-DE,de;q=0.9`.
        Kind::Agent => is_print(value) || is_label_print(key, value) || is_languages(value) || is_platform(value),
        Kind::Text => is_status(value) || is_order(value),
        // `"proofOfDelivery":{"relationship":"NEIGHBOUR"`
        Kind::Document => value.len() <= 24 && value.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_'),
        Kind::Name => is_program(key, value),
        // `"deliveredTo":"NEIGHBOUR"`
        Kind::Email => value.len() >= 3 && value.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_'),
        _ => false,
    }
}

/// `newsletter-41`: a word and a number, by which a shop counts what it sends.
fn is_issue(value: &[u8]) -> bool {
    let letters = value.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    let number = value.get(letters + 1..).unwrap_or_default();
    letters >= 5
        && matches!(value.get(letters), Some(b'-' | b'_'))
        && (1..=3).contains(&number.len())
        && number.iter().all(u8::is_ascii_digit)
}

/// `sec-ch-ua-platform: "Android"`: one of a handful of systems.
fn is_platform(value: &[u8]) -> bool {
    const SYSTEMS: [&[u8]; 10] = [
        b"Android",
        b"iOS",
        b"iPadOS",
        b"Windows",
        b"macOS",
        b"Mac OS X",
        b"Linux",
        b"Chrome OS",
        b"Chromium OS",
        b"Unknown",
    ];
    let bare = value.strip_prefix(b"\\\"").and_then(|inner| inner.strip_suffix(b"\\\"")).unwrap_or(value);
    let bare = bare.strip_prefix(b"\"").and_then(|inner| inner.strip_suffix(b"\"")).unwrap_or(bare);
    SYSTEMS.contains(&bare)
}

/// Seconds or milliseconds since the epoch.
fn is_epoch(value: &[u8]) -> bool {
    matches!(value.len(), 10 | 13) && value.iter().all(u8::is_ascii_digit) && matches!(value, [b'1', b'4'..=b'9', ..])
}

/// `SHA256:…`, `4A:6F:…` of sixteen bytes or more.
fn is_print(value: &[u8]) -> bool {
    let rest = [&b"SHA256:"[..], b"SHA1:", b"MD5:", b"sha256:", b"sha1:", b"md5:", b"sha256/"]
        .iter()
        .find_map(|name| value.strip_prefix(*name));
    rest.is_some_and(|rest| rest.len() >= 16)
        || value.len() >= 47
            && value.split(|byte| *byte == b':').all(|pair| pair.len() == 2 && pair.iter().all(u8::is_ascii_hexdigit))
}

/// `"fingerprint": "49525ef37fd9d590"`: of an alert's labels (FNV, 64 bits). Browsers' have twice as many digits.
fn is_label_print(key: &[u8], value: &[u8]) -> bool {
    key.eq_ignore_ascii_case(b"fingerprint")
        && value.len() == 16
        && value.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// `de-DE,de;q=0.9`: languages and how much each is liked (RFC 9110, 12.5.4).
fn is_languages(value: &[u8]) -> bool {
    let is_one = |item: &[u8]| {
        let item = item.trim_ascii();
        let (tag, weight) = match item.iter().position(|byte| *byte == b';') {
            Some(mark) => (&item[..mark], item[mark + 1..].trim_ascii()),
            None => (item, &b"q=1"[..]),
        };
        let mut parts = tag.split(|byte| matches!(byte, b'-' | b'_'));
        let first = parts.next().unwrap_or_default();
        let named = matches!(first.len(), 2 | 3) && first.iter().all(u8::is_ascii_lowercase) || tag == b"*";
        named
            && parts.all(|part| matches!(part.len(), 2..=4) && part.iter().all(u8::is_ascii_alphanumeric))
            && weight.strip_prefix(b"q=").is_some_and(|number| {
                number.len() <= 5 && number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
            })
    };
    value.len() <= 64 && value.split(|byte| *byte == b',').all(is_one)
}

/// `HTTP/1.1 202 Accepted`, `250 2.1.5 Recipient OK`: what a server answered.
fn is_status(value: &[u8]) -> bool {
    let answered = value
        .strip_prefix(b"HTTP/")
        .is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit) && rest.len() <= 64);
    let code = run(value, 0, 4, |byte| byte.is_ascii_digit());
    let enhanced = code == 3
        && matches!(at(value, 3), b' ' | b'-')
        && at(value, 4).is_ascii_digit()
        && at(value, 5) == b'.'
        && at(value, 6).is_ascii_digit();
    answered || enhanced
}

/// `completed_at+desc`, `name:asc`: a field and which way.
fn is_order(value: &[u8]) -> bool {
    let field =
        run(value, 0, 48, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.'));
    let gap = match &value[field..] {
        [b'%', b'2', b'0', ..] => 3,
        [b'+' | b' ' | b':' | b'-', ..] => 1,
        _ => return false,
    };
    let way = &value[field + gap..];
    field > 1 && (way.eq_ignore_ascii_case(b"asc") || way.eq_ignore_ascii_case(b"desc"))
}

/// `client-name=Chrome%20Mobile`, `Client=OWA`
fn is_program(key: &[u8], value: &[u8]) -> bool {
    let of_client = [&b"client"[..], b"browser"]
        .iter()
        .any(|word| key.get(..word.len()).is_some_and(|first| first.eq_ignore_ascii_case(word)));
    if !of_client || value.len() > 64 {
        return false;
    }
    let said = super::special::said(value);
    let mut words = said.split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.clone().any(|word| PROGRAMS.has(word))
        && words.all(|word| PROGRAMS.has(word) || BESIDE.has(word) || word.iter().all(u8::is_ascii_digit))
}

/// Whether the random word under `name`, a key at `start`, is a program's: a cache's key, a nonce between proxies.
pub fn is_of_protocol(text: &[u8], start: usize, name: &[u8]) -> bool {
    if name.eq_ignore_ascii_case(b"key") {
        let end = start - run_back(text, start, 1, |byte| matches!(byte, b' ' | b'_' | b'-'));
        let word = end - run_back(text, end, 16, |byte| byte.is_ascii_alphabetic());
        return KEYED.has(&text[word..end]) || has_word_before(text, start, 32, &KEYED);
    }
    name.ends_with(b"nonce") && has_word_before(text, start, 64, &CONFIGURED)
}

/// `mx.example[192.0.2.9]:25`: the machine that a mail was handed to, whose port is the one that servers of mail have.
pub fn is_relay(text: &[u8], start: usize, end: usize) -> bool {
    // `relay=mx.example. [192.0.2.9]` (Sendmail)
    let lead = text[..start].strip_suffix(b" [").unwrap_or_default();
    let host = run_back(lead, lead.len(), 255, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    if host > 3 && lead[..lead.len() - host].ends_with(b"relay=") {
        return true;
    }
    let named =
        start > 1 && text[start - 1] == b'[' && (text[start - 2].is_ascii_alphanumeric() || text[start - 2] == b'.');
    let rest = &text[end..];
    let served = [&b"]:25"[..], b"]:465", b"]:587", b"]:2525", b"]:24"]
        .iter()
        .any(|port| rest.strip_prefix(*port).is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_digit)));
    named && served && keep::claims(text, start, 0).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_tell_each_other_is_known_by_its_build() {
        for (kind, key, value) in [
            (Kind::Agent, "accept-language", "de-DE,de;q=0.9"),
            (Kind::Agent, "fingerprint", "SHA256:7HzSTTC5YpDnh6QyJqntBTRGZa4uM8SPZ5bnM2eI2Wo"),
            (Kind::Agent, "fingerprint", "49525ef37fd9d590"),
            (Kind::Session, "sid", "1762704697"),
            (Kind::Text, "reply", "HTTP/1.1 202 Accepted"),
            (Kind::Text, "q[s]", "completed_at+desc"),
            (Kind::Name, "client-name", "Chrome%20Mobile"),
        ] {
            assert!(is_nobodys(key.as_bytes(), kind, value.as_bytes()), "{value}");
        }
        for (kind, key, value) in [
            (Kind::Agent, "accept-language", "Moin Jorid"),
            (Kind::Agent, "fingerprint", "df76df71b4d0260212a754318940edc2"),
            (Kind::Session, "sid", "9262704697"),
            (Kind::Text, "reply", "202 people came to me"),
            (Kind::Name, "client-name", "Jorid Sandnes"),
            (Kind::Name, "client", "safari jorid"),
        ] {
            assert!(!is_nobodys(key.as_bytes(), kind, value.as_bytes()), "{value}");
        }
    }
}
