//! The last look at a finished record. Types keep personal data out long before; should this ever find something, a
//! redaction rule has a hole, and the record goes out without its request-derived text.

use std::ops::Range;

use memchr::{memchr2_iter, memchr3_iter};

/// Whether `line` holds what looks like an e-mail address or a credential. An address within `caller` is no fault: the
/// policy may say that callers' ids stand as they are.
pub fn finds_fault(line: &[u8], caller: Range<usize>) -> bool {
    let marks = memchr3_iter(b'@', b'%', b'|', line).any(|at| match line[at] {
        b'@' => !caller.contains(&at) && is_domain(&line[at + 1..]),
        b'%' => line[at..].get(1..3) == Some(b"40") && !caller.contains(&at) && is_domain(&line[at + 3..]),
        _ => ends_in_token_prefix(&line[..at]),
    });
    // By their rarest letters. A JSON web token's header always begins with `{"`, which is `eyJ` in base64.
    marks
        || memchr2_iter(b'J', b'B', line).any(|at| line[..=at].ends_with(b"eyJ") || line[at..].starts_with(b"Bearer "))
}

/// Labels of letters, digits and dashes, at least one dot, and two letters at the end.
fn is_domain(bytes: &[u8]) -> bool {
    let end = bytes.iter().position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'.'));
    let domain = &bytes[..end.unwrap_or(bytes.len())];
    let Some(dot) = memchr::memrchr(b'.', domain) else { return false };
    dot > 0 && domain.len() - dot > 2 && domain[dot + 1..].iter().all(u8::is_ascii_alphabetic)
}

/// The marketplace's tokens: `Atza|`, `Atzr|`, `Atc|`, `Atz.sprdt|`.
fn ends_in_token_prefix(before: &[u8]) -> bool {
    [&b"Atza"[..], b"Atzr", b"Atc", b"Atz.sprdt"].iter().any(|prefix| before.ends_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_credentials_are_found() {
        for bad in ["a@b.de", "x%40mail.example", "Bearer abc", "eyJhbGciOi", "Atza|IwEB", "Atz.sprdt|x"] {
            assert!(finds_fault(format!("{{\"value\":\"{bad}\"}}").as_bytes(), 0..0), "{bad}");
        }
        for good in ["lodash@4.17.21", "x@y", "50%", "a|b", "@", "%4", "sha256:abcd", "@.de"] {
            assert!(!finds_fault(format!("{{\"value\":\"{good}\"}}").as_bytes(), 0..0), "{good}");
        }
    }

    #[test]
    fn a_caller_may_be_an_address_but_not_a_token() {
        assert!(!finds_fault(b"\"alice@seller.example\"", 0..22));
        assert!(finds_fault(b"\"eyJhbGciOi\"", 0..12));
    }
}
