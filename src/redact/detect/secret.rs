//! Secrets that say what they are by how they begin.

use crate::redact::Kind;
use crate::redact::decode;

use super::text::{at, before, is_base64, is_word, run};

/// A beginning, what it is of, and the letters and least length of what follows.
pub struct Prefix {
    /// The beginning, as it is written.
    pub text: &'static str,
    /// What the secret is.
    pub kind: Kind,
    /// Which bytes go on with it.
    pub tail: Tail,
    /// How many of them there are at least.
    pub least: usize,
}

/// Letters of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// Letters, digits, `-` and `_`.
    Word,
    /// Letters, digits and `.+/=_-~|`.
    Token,
    /// Capitals and digits.
    Upper,
}

impl Tail {
    const fn fits(self, byte: u8) -> bool {
        match self {
            Self::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
            Self::Token => {
                byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'/' | b'=' | b'_' | b'-' | b'~' | b'|')
            }
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        }
    }
}

const fn row(text: &'static str, kind: Kind, tail: Tail, least: usize) -> Prefix {
    Prefix { text, kind, tail, least }
}

/// All beginnings. None is the beginning of a word of a log.
pub const PREFIXES: [Prefix; 66] = [
    row("Atza|", Kind::Token, Tail::Token, 8),
    row("Atzr|", Kind::Token, Tail::Token, 8),
    row("Atc|", Kind::Token, Tail::Token, 8),
    row("Atz.sprdt|", Kind::Token, Tail::Token, 8),
    row("amzn1.oa2-cs.", Kind::Secret, Tail::Token, 8),
    row("AKIA", Kind::Token, Tail::Upper, 16),
    row("ASIA", Kind::Token, Tail::Upper, 16),
    row("ABIA", Kind::Token, Tail::Upper, 16),
    row("ACCA", Kind::Token, Tail::Upper, 16),
    row("IQoJb3JpZ2lu", Kind::Token, Tail::Token, 20),
    row("FwoGZXIvYXdz", Kind::Token, Tail::Token, 20),
    row("FQoGZXIvYXdz", Kind::Token, Tail::Token, 20),
    row("sk_live_", Kind::Secret, Tail::Word, 10),
    row("sk_test_", Kind::Secret, Tail::Word, 10),
    row("rk_live_", Kind::Secret, Tail::Word, 10),
    row("rk_test_", Kind::Secret, Tail::Word, 10),
    row("pk_live_", Kind::Token, Tail::Word, 10),
    row("whsec_", Kind::Secret, Tail::Token, 16),
    row("ghp_", Kind::Token, Tail::Word, 20),
    row("gho_", Kind::Token, Tail::Word, 20),
    row("ghu_", Kind::Token, Tail::Word, 20),
    row("ghs_", Kind::Token, Tail::Word, 20),
    row("ghr_", Kind::Token, Tail::Word, 20),
    row("github_pat_", Kind::Token, Tail::Word, 20),
    row("glpat-", Kind::Token, Tail::Word, 16),
    row("xoxb-", Kind::Token, Tail::Word, 10),
    row("xoxp-", Kind::Token, Tail::Word, 10),
    row("xoxa-", Kind::Token, Tail::Word, 10),
    row("xoxs-", Kind::Token, Tail::Word, 10),
    row("xoxr-", Kind::Token, Tail::Word, 10),
    row("xapp-", Kind::Token, Tail::Word, 10),
    row("AIza", Kind::Token, Tail::Word, 30),
    row("ya29.", Kind::Token, Tail::Token, 16),
    row("GOCSPX-", Kind::Secret, Tail::Word, 16),
    row("SG.", Kind::Token, Tail::Token, 40),
    row("npm_", Kind::Token, Tail::Word, 30),
    row("dop_v1_", Kind::Token, Tail::Word, 30),
    row("shpat_", Kind::Token, Tail::Word, 20),
    row("shpss_", Kind::Secret, Tail::Word, 20),
    row("shpca_", Kind::Token, Tail::Word, 20),
    row("sq0atp-", Kind::Token, Tail::Word, 16),
    row("sq0csp-", Kind::Secret, Tail::Word, 16),
    row("pypi-AgE", Kind::Token, Tail::Word, 16),
    row("hvs.", Kind::Token, Tail::Word, 20),
    row("sk-ant-", Kind::Secret, Tail::Word, 16),
    row("sk-proj-", Kind::Secret, Tail::Word, 16),
    row("EAACEdEose0cBA", Kind::Token, Tail::Word, 10),
    row("pat-na1-", Kind::Secret, Tail::Word, 24),
    row("pat-na2-", Kind::Secret, Tail::Word, 24),
    row("pat-eu1-", Kind::Secret, Tail::Word, 24),
    row("pat-ap1-", Kind::Secret, Tail::Word, 24),
    row("glrt-", Kind::Token, Tail::Word, 24),
    row("glsa_", Kind::Token, Tail::Word, 24),
    row("dckr_pat_", Kind::Token, Tail::Word, 24),
    row("hf_", Kind::Token, Tail::Word, 24),
    row("lin_api_", Kind::Token, Tail::Word, 24),
    row("figd_", Kind::Token, Tail::Word, 24),
    row("PMAK-", Kind::Token, Tail::Word, 24),
    row("xkeysib-", Kind::Token, Tail::Word, 24),
    row("sntrys_", Kind::Token, Tail::Word, 24),
    row("ATATT3x", Kind::Token, Tail::Word, 24),
    row("AGE-SECRET-KEY-1", Kind::Secret, Tail::Word, 24),
    row("rdme_", Kind::Token, Tail::Word, 24),
    row("shppa_", Kind::Secret, Tail::Word, 24),
    row("sbp_", Kind::Token, Tail::Word, 24),
    row("hooks.slack.com/services/", Kind::Secret, Tail::Token, 16),
];

/// The secret that begins with `prefix` at `from`.
pub fn prefixed(text: &[u8], from: usize, prefix: &Prefix) -> Option<(usize, usize)> {
    if before(text, from).is_ascii_alphanumeric() && !prefix.text.contains('|') {
        return None;
    }
    let begin = from + prefix.text.len();
    let mut end = begin + run(text, begin, usize::MAX, |byte| prefix.tail.fits(byte));
    while end > begin && matches!(text[end - 1], b'.' | b'|') {
        end -= 1;
    }
    let is_long = end - begin >= prefix.least && !text[from..end].starts_with(b"amzn1.application");
    // `hooks.slack.com/services/T…/B…/<secret>`: the workspace and the channel are names.
    let is_path = prefix.text.ends_with('/');
    let last = if is_path { text[begin..end].iter().rposition(|byte| *byte == b'/') } else { None };
    // What was replaced is none.
    if is_path && text[last.map_or(begin, |slash| begin + slash + 1)..end].starts_with(b"pii_") {
        return None;
    }
    let from = last.map(|slash| begin + slash + 1).filter(|start| end - start >= prefix.least).unwrap_or(from);
    (is_long && (prefix.tail != Tail::Upper || !is_word(at(text, end)))).then_some((from, end))
}

/// A JSON web token at `from`, which stands on `eyJ`: its first part decodes to JSON that names an algorithm.
pub fn jwt(text: &[u8], from: usize) -> Option<(usize, usize)> {
    if is_base64(before(text, from)) && before(text, from) != b'/' {
        return None;
    }
    let first = run(text, from, 4096, |byte| is_base64(byte) && byte != b'/');
    let mut header = Vec::new();
    if at(text, from + first) != b'.' || !decode::base64(&text[from..from + first], &mut header) {
        return None;
    }
    let is_header = header.first() == Some(&b'{') && memchr::memmem::find(&header, b"\"alg\"").is_some();
    is_header.then(|| (from, from + run(text, from, usize::MAX, |byte| is_base64(byte) || matches!(byte, b'.' | b'='))))
}

/// The word in base64 after `AUTH PLAIN` and the like (RFC 4954).
pub fn mail(text: &[u8], from: usize) -> Option<(usize, usize)> {
    // `334 UGFzc3dvcmQ6`, which asks for the password; the answer is the next word.
    if text[from..].starts_with(b"334 ") {
        let asked = from + 4 + run(text, from + 4, 16, is_base64);
        let begin = asked + run(text, asked, 16, |byte| !byte.is_ascii_alphanumeric());
        let end = begin + run(text, begin, 4096, |byte| is_base64(byte) || byte == b'=');
        let mut plain = Vec::new();
        let answers = begin > asked && end - begin >= 4 && decode::base64(&text[begin..end], &mut plain);
        return answers.then_some((begin, end));
    }
    let begin = from + 5 + run(text, from + 5, 12, |byte| byte != b' ') + 1;
    let end = begin + run(text, begin, 4096, |byte| is_base64(byte) || byte == b'=');
    let slice = &text[begin..end];
    let has = |fits: fn(&u8) -> bool| slice.iter().any(fits);
    (slice.len() >= 12 && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)).then_some((begin, end))
}

/// A long word without order after `token` and the like: letters of both cases and digits among them.
pub fn announced(text: &[u8], from: usize) -> Option<(usize, usize)> {
    if is_word(before(text, from)) {
        return None;
    }
    let begin = from + run(text, from, 8, |byte| byte != b' ') + 1;
    // `API key …`: of two words.
    let begin = if text[begin..].starts_with(b"key ") { begin + 4 } else { begin };
    let end = begin + run(text, begin, 4096, |byte| is_base64(byte) || matches!(byte, b'=' | b'.' | b'~'));
    let end = end - usize::from(end > begin && text[end - 1] == b'.');
    let slice = &text[begin..end];
    let count = |fits: fn(&u8) -> bool| slice.iter().filter(|byte| fits(byte)).count();
    let random = slice.len() >= 20
        && count(u8::is_ascii_uppercase) >= 3
        && count(u8::is_ascii_lowercase) >= 3
        && count(u8::is_ascii_digit) >= 2
        && !slice.contains(&b'/');
    random.then_some((begin, end))
}

/// `/bot<number>:<35 letters>` (Telegram), `/webhooks/<number>/<68 letters>` (Discord): who has the URL may speak.
pub fn in_path(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let mark = from + 1 + run(text, from + 1, 10, |byte| byte.is_ascii_lowercase());
    let number = mark + usize::from(at(text, mark) == b'/');
    let count = run(text, number, 24, |byte| byte.is_ascii_digit());
    let begin = number + count + 1;
    let begin = if text.get(begin - 1..begin + 2).is_some_and(|mark| mark.eq_ignore_ascii_case(b"%3A")) {
        begin + 2
    } else {
        begin
    };
    let end = begin + run(text, begin, 256, |byte| Tail::Word.fits(byte));
    let (fits, start) = match at(text, number + count) {
        b':' | b'%' => (end - begin >= 30 && number == mark, number),
        b'/' => (end - begin >= 40, begin),
        _ => (false, begin),
    };
    (fits && count >= 6).then_some((start, end))
}

/// What follows an authentication scheme's name (`Bearer`, `Basic`, …) at `from`.
pub fn credentials(text: &[u8], from: usize, scheme: &str) -> Option<(usize, usize)> {
    let mut begin = from + scheme.len();
    begin += run(text, begin, 3, |byte| matches!(byte, b' ' | b'+' | b'='));
    let end = begin
        + run(text, begin, usize::MAX, |byte| Tail::Token.fits(byte) || matches!(byte, b':' | b'%' | b'!' | b'$'));
    let slice = &text[begin..end];
    let is_word_of_prose = slice.len() < 20 && slice.iter().all(u8::is_ascii_lowercase);
    let is_plausible = if scheme.starts_with("Basic") || scheme.starts_with("basic") {
        let mut plain = Vec::new();
        decode::base64(slice, &mut plain) && plain.contains(&b':')
    } else {
        slice.len() >= 8 && !is_word_of_prose && !slice.ends_with(b":") && !slice.contains(&b'=') | (slice.len() > 24)
    };
    is_plausible.then_some((begin, end))
}
