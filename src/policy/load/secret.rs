//! What must not be shown. A policy names files of secrets and never holds any; where somebody wrote one into it all
//! the same, the fault that says so must not print it, and neither must any other fault on that line.

use std::ops::Range;

use crate::policy::source::Span;
use crate::policy::yaml::{Entry, Node, Value};

/// Shorter text under `key:` or `token:` is taken for a name or a path: 24 characters of base64 are 144 bits.
const SHORTEST_SECRET: usize = 24;

/// What to do about a secret in a policy.
pub(super) const SECRET_HELP: &str = "put it into a file of its own that only the gate can read, name that file here, \
     and replace the secret: it has been in a policy";

/// Whether a value under a key of this name is the secret itself rather than where to find it.
fn is_inline_secret(key: &str, value: &str) -> bool {
    if value.contains("-----BEGIN") {
        return !value.contains("CERTIFICATE-----") || value.contains("PRIVATE KEY");
    }
    if has_userinfo(value) || is_known_token(value) {
        return true;
    }
    let key = key.to_ascii_lowercase();
    let ends = |word: &&str| key.ends_with(*word) || key.strip_suffix('s').is_some_and(|one| one.ends_with(*word));
    if ["password", "passphrase", "passwd", "pass", "secret", "pepper", "credential"].iter().any(ends) {
        return !value.is_empty() && !is_path(value);
    }
    ["key", "token"].iter().any(ends) && value.len() >= SHORTEST_SECRET && !is_path(value)
}

/// What issuers of credentials start them with, and the shortest that they are.
const ISSUED: &[(&str, usize)] = &[
    ("AKIA", 20),
    ("ASIA", 20),
    ("AIza", 35),
    ("eyJ", 40),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("github_pat_", 40),
    ("glpat-", 20),
    ("xoxb-", 24),
    ("xoxp-", 24),
    ("sk_live_", 24),
    ("rk_live_", 24),
    ("npm_", 36),
    ("hvs.", 24),
    ("AGE-SECRET-KEY-", 40),
];

/// Whether it is a credential under whatever key it stands.
fn is_known_token(value: &str) -> bool {
    ISSUED.iter().any(|(start, length)| value.starts_with(start) && value.len() >= *length && !value.contains(' '))
}

/// Places of a parsed file that hold a secret.
pub(super) fn hidden_in_tree(root: &Node) -> Vec<Span> {
    let mut found = Vec::new();
    let mut open = vec![("", root)];
    while let Some((key, node)) = open.pop() {
        match &node.value {
            Value::Scalar(text) if is_inline_secret(key, text) => found.push(node.span),
            Value::Map(entries) => open.extend(entries.iter().map(|Entry { key, value, .. }| (key.as_str(), value))),
            Value::List(items) => open.extend(items.iter().map(|item| (key, item))),
            Value::Scalar(_) | Value::Null | Value::Unusable => {}
        }
    }
    found
}

/// Places of a text that seem to hold a secret, line by line: for files that do not parse.
pub(super) fn hidden_in_text(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut in_pem = false;
    for line in text.split_inclusive('\n') {
        let place = at..at + line.len();
        at = place.end;
        in_pem |= line.contains("-----BEGIN");
        if in_pem || has_userinfo(line) {
            found.push(place.clone());
        }
        in_pem &= !line.contains("-----END");
        found.extend(random_words(line).map(|start| place.start + start..place.end));
        for (colon, _) in line.match_indices(':') {
            let key = line[..colon].trim_end_matches([' ', '"', '\'']);
            let key = key.rsplit([' ', '{', ',', '"', '\'']).next().unwrap_or_default();
            let value = line[colon + 1..].trim().trim_matches(['"', '\'', '}', ',']);
            if is_inline_secret(key, value.split([' ', ',', '}', '"']).next().unwrap_or_default()) {
                found.push(place.start + colon + 1..place.end);
            }
        }
    }
    found
}

/// Where words start that look like nothing but random characters: long, of one piece, letters and digits mixed.
fn random_words(line: &str) -> impl Iterator<Item = usize> {
    let mut start = 0;
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    let pieces = line.split_inclusive(move |c| !is_part(c)).map(move |piece| {
        let at = start;
        start += piece.len();
        (at, piece.trim_end_matches(|c| !is_part(c)))
    });
    pieces.filter(|(_, word)| is_random(word)).map(|(at, _)| at)
}

fn is_random(word: &str) -> bool {
    let has = |of: fn(&u8) -> bool| word.as_bytes().iter().any(of);
    let plain = !word.contains('/') || word.contains(['+', '=']);
    word.len() >= SHORTEST_SECRET
        && plain
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && (has(u8::is_ascii_uppercase) == has(u8::is_ascii_lowercase) || word.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// `scheme://name:password@host`.
fn has_userinfo(value: &str) -> bool {
    let Some((_, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#', ' ', '"']).next().unwrap_or_default();
    authority.split_once('@').is_some_and(|(user, _)| user.contains(':'))
}

/// Whether a text looks like a path or an address rather than random characters.
fn is_path(value: &str) -> bool {
    let odd = value.contains(['+', '=']);
    let starts_like_one = ["/", "./", "../", "~/", "https://", "http://"].iter().any(|start| value.starts_with(start));
    let extension = value.rsplit_once('.').map_or("", |(_, extension)| extension);
    let has_extension = (1..=10).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    !odd && (starts_like_one || has_extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_no_secrets_and_secrets_are_no_paths() {
        for (key, value) in [
            ("key", "certs/gate.key"),
            ("token_file", "/run/secrets/portcullis/hec-token-for-production"),
            ("key", "/var/run/secrets/portcullis/pseudonym"),
            ("keys", "https://idp.example/realms/warehouse/keys"),
            ("api_key", "x"),
            ("certificate", "-----BEGIN CERTIFICATE-----"),
        ] {
            assert!(!is_inline_secret(key, value), "{key}: {value}");
        }
        for (key, value) in [
            ("key", "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ"),
            ("hec_token", "6a1d9f4e-0000-4000-8000-1234567890ab"),
            ("password", "tiger"),
            ("url", "https://gate:tiger@splunk.example"),
            ("text", "-----BEGIN PRIVATE KEY-----\nMIG"),
            ("token", "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLXNvbWUtbGVuZ3Ro"),
        ] {
            assert!(is_inline_secret(key, value), "{key}: {value}");
        }
    }

    #[test]
    fn a_text_that_does_not_parse_is_searched_by_line() {
        let text = "a: [\n  password: tiger\n  { hec_token: '6a1d9f4e-0000-4000-8000-1234567890ab' }\nb: c\n";
        let hidden = hidden_in_text(text);
        assert!(hidden.iter().any(|place| text[place.clone()].contains("tiger")));
        assert!(hidden.iter().any(|place| text[place.clone()].contains("6a1d9f4e")));
        assert!(!hidden.iter().any(|place| text[place.clone()].contains('c') && text[place.clone()].contains("b:")));
    }
}
