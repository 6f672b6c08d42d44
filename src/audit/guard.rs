//! The last look at a finished record. Types keep personal data out long before; should this ever find something, a
//! redaction rule has a hole, and the record goes out without its request-derived text.

use std::ops::Range;

use memchr::{memchr2_iter, memchr3_iter};

/// What of a line the guard knows better than its rules.
#[derive(Clone, Debug)]
pub enum Known {
    /// Nothing.
    Nothing,
    /// The caller's id: it may be an address, for the policy may say that callers' ids stand as they are.
    Caller(Range<usize>),
    /// The ids of two callers.
    Callers(Range<usize>, Range<usize>),
    /// A signed note: base64 of our own making.
    Note(Range<usize>),
}

impl Known {
    /// The same, counted from `start`.
    pub const fn from(self, start: usize) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Caller(range) => Self::Caller(range.start - start..range.end - start),
            Self::Callers(one, two) => {
                Self::Callers(one.start - start..one.end - start, two.start - start..two.end - start)
            }
            Self::Note(range) => Self::Note(range.start - start..range.end - start),
        }
    }

    /// Both of two callers, of which either may not be there.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Caller(one), Self::Caller(two)) => Self::Callers(one, two),
            (Self::Nothing, known) | (known, _) => known,
        }
    }
}

/// Whether `line` holds what looks like an e-mail address or a credential.
pub fn finds_fault(line: &[u8], known: &Known) -> bool {
    match known {
        Known::Nothing => looks_personal(line, &[]),
        Known::Caller(caller) => looks_personal(line, &[caller]),
        Known::Callers(one, two) => looks_personal(line, &[one, two]),
        Known::Note(note) => looks_personal(&line[..note.start], &[]) || looks_personal(&line[note.end..], &[]),
    }
}

/// An address within one of `callers` is no fault; a credential is one anywhere.
fn looks_personal(line: &[u8], callers: &[&Range<usize>]) -> bool {
    let caller = |at: &usize| callers.iter().any(|caller| caller.contains(at));
    let marks = memchr3_iter(b'@', b'%', b'|', line).any(|at| match line[at] {
        b'@' => !caller(&at) && is_domain(&line[at + 1..]),
        b'%' => line[at..].get(1..3) == Some(b"40") && !caller(&at) && is_domain(&line[at + 3..]),
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
            assert!(finds_fault(format!("{{\"value\":\"{bad}\"}}").as_bytes(), &Known::Nothing), "{bad}");
        }
        for good in ["lodash@4.17.21", "x@y", "50%", "a|b", "@", "%4", "sha256:abcd", "@.de"] {
            assert!(!finds_fault(format!("{{\"value\":\"{good}\"}}").as_bytes(), &Known::Nothing), "{good}");
        }
    }

    #[test]
    fn a_caller_may_be_an_address_but_not_a_token() {
        assert!(!finds_fault(b"\"alice@seller.example\"", &Known::Caller(0..22)));
        assert!(finds_fault(b"\"eyJhbGciOi\"", &Known::Caller(0..12)));
    }
}
