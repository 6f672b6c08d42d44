//! Shapes that a value has which is what its key may say.

use crate::redact::detect::keep;
use crate::redact::detect::text::{at, digits, run};

/// What programs for mail write before the subject of an answer, as the languages of the marketplaces have it.
const ANSWERS: [&[u8]; 10] = [b"Re:", b"RE:", b"AW:", b"Aw:", b"Fwd:", b"FW:", b"Antw:", b"TR:", b"SV:", b"RV:"];
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

/// Where in the URL of a document begins what names the document: behind the host and the folders, which are words.
pub fn document(url: &[u8]) -> usize {
    let Some(scheme) = memchr::memmem::find(url, b"://") else { return 0 };
    let close = url.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(url.len());
    let host = scheme + 3;
    let Some(slash) = url[host..close].iter().position(|byte| *byte == b'/') else { return host };
    let mut start = host + slash + 1;
    while let Some(length) = url[start..close].iter().position(|byte| *byte == b'/') {
        let folder = &url[start..start + length];
        let is_word = folder.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_') && length <= 12;
        let is_version =
            matches!(folder, [b'v', digits @ ..] if digits.len() <= 2 && digits.iter().all(u8::is_ascii_digit));
        if !is_word && !is_version {
            break;
        }
        start += length + 1;
    }
    start
}

/// `[Ticket #48213] `: bytes of a ticket's number before a subject, with the marks of an answer around it.
pub fn ticket(subject: &[u8]) -> usize {
    let Some(rest) = subject.strip_prefix(b"[") else { return 0 };
    let word = run(rest, 0, 16, |byte| byte.is_ascii_alphabetic());
    let gap = run(rest, word, 3, |byte| matches!(byte, b' ' | b'#' | b':' | b'-'));
    let number = digits(rest, word + gap);
    let close = word + gap + number;
    if !(3..=12).contains(&number) || gap == 0 || at(rest, close) != b']' {
        return 0;
    }
    let mut end = 1 + close + 1;
    loop {
        end += run(subject, end, 4, |byte| byte == b' ');
        let answer = ANSWERS.iter().find(|mark| subject[end..].starts_with(mark));
        let Some(answer) = answer else { return end };
        end += answer.len();
    }
}

/// `region=eu-west-3 …`: a key of its own and its value, and no word of base64.
pub fn begins_with_pair(value: &[u8]) -> bool {
    let key = run(value, 0, 32, |byte| byte.is_ascii_lowercase() || byte == b'_');
    // A cookie's pairs have semicolons between them.
    key >= 3 && !value.contains(&b';') && at(value, key) == b'=' && !matches!(at(value, key + 1), b'=' | 0 | b' ')
}
