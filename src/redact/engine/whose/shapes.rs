//! Shapes that a value has which is what its key may say.

use crate::redact::detect::keep;
use crate::redact::detect::text::run;

/// Bytes around a code in which the other parameters of its request are sought.
const MAX_REQUEST: usize = 512;

/// `Apt. 619`, `lgh 1004`: a part of a house, which has a number.
pub fn is_flat(value: &[u8]) -> bool {
    value.len() <= 48 && value.iter().any(u8::is_ascii_digit)
}

/// A UUID, or 16 hexadecimal digits and more.
pub fn is_id(value: &[u8]) -> bool {
    keep::uuid(value, 0) == Some(value.len())
        || value.len() >= 16
            && value.iter().all(u8::is_ascii_hexdigit)
            && value.iter().any(u8::is_ascii_digit)
            && value.iter().any(u8::is_ascii_alphabetic)
}

/// `code=…` within a request for a token, or in the answer to one for a permission (RFC 6749 sections 4.1.2 and 4.1.3):
/// what somebody granted, even if no digit is in it.
pub fn is_granted(text: &[u8], start: usize, end: usize, name: &[u8]) -> bool {
    const BESIDE: [&[u8]; 6] =
        [b"grant_type", b"redirect_uri", b"client_secret", b"code_verifier", b"grantType", b"redirectUri"];
    let value = &text[start..end];
    let word = run(value, 0, value.len(), |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let has = |fits: fn(&u8) -> bool| value.iter().any(fits);
    name.eq_ignore_ascii_case(b"code")
        && value.len() >= 16
        && word == value.len()
        && has(u8::is_ascii_lowercase)
        && (has(u8::is_ascii_uppercase) || has(u8::is_ascii_digit))
        && {
            let near = &text[start.saturating_sub(MAX_REQUEST)..text.len().min(end + MAX_REQUEST)];
            BESIDE.iter().any(|key| memchr::memmem::find(near, key).is_some())
        }
}

/// `H-2094`, `LT-48986`: a post code behind its country's.
pub fn is_prefixed_code(value: &[u8]) -> bool {
    let letters = value.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    matches!(letters, 1..=2)
        && value.get(letters) == Some(&b'-')
        && matches!(value.len() - letters - 1, 4..=6)
        && value[letters + 1..].iter().all(u8::is_ascii_digit)
}

/// Seven digits or more, with letters and marks between them.
pub fn is_number(value: &[u8]) -> bool {
    value.iter().filter(|byte| byte.is_ascii_digit()).count() >= 7
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'.' | b'/'))
}

/// Two decimals or more, whatever stands between them.
pub fn is_position(value: &[u8]) -> bool {
    let decimals = value
        .split(|byte| !byte.is_ascii_digit() && *byte != b'.')
        .filter(|part| part.iter().position(|byte| *byte == b'.').is_some_and(|dot| part.len() - dot > 3));
    decimals.count() >= 2
}

/// `53.37407`, `-3.2856166`: a length has no such fraction.
pub fn is_degrees(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    let Some(dot) = digits.iter().position(|byte| *byte == b'.') else { return false };
    (1..=3).contains(&dot) && digits.len() - dot > 4 && digits.iter().filter(|byte| !byte.is_ascii_digit()).count() == 1
}

/// Letters and digits, as devices are numbered.
pub fn is_device(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    // `G0ZK59VMPFDQSRUI`: sixteen capitals and digits.
    let serial = value.len() == 16
        && digits >= 2
        && value.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && value[1] == b'0';
    serial
        || digits >= 4
            && value.len() >= 8
            && value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':' | b'.'))
}

/// An IBAN, or digits in groups, and no number of an order.
pub fn is_account(value: &[u8]) -> bool {
    let letters = value.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let numbered = letters == 0 || letters == 2 && value.get(2).is_some_and(u8::is_ascii_digit);
    numbered
        && keep::order_id(value, 0) != Some(value.len())
        && value.iter().filter(|byte| byte.is_ascii_digit()).count() >= 13
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'*'))
}
