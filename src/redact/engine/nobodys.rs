//! Values that are nobody's, whatever their key says.

/// Digits that begin with a day of this century: `20261118…`.
pub(super) fn is_day(text: &[u8]) -> bool {
    let [b'2', b'0', _, _, month @ .., _, _] = text else { return false };
    text.iter().all(u8::is_ascii_digit)
        && matches!(month, [b'0', b'1'..=b'9', ..] | [b'1', b'0'..=b'2', ..])
        && matches!(month, [_, _, b'0'..=b'2', _] | [_, _, b'3', b'0' | b'1'])
}

/// Nobody's words: a digest, or `STMT-2026-3076`.
pub(super) fn is_reference(text: &[u8]) -> bool {
    let is_digest = matches!(text.len(), 32 | 40 | 64 | 128)
        && text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
    let mut parts = text.split(|byte| *byte == b'-');
    let is_numbered = parts.next().is_some_and(|first| first.len() >= 2 && first.iter().all(u8::is_ascii_uppercase))
        && parts.clone().next().is_some()
        && parts.all(|part| (1..=6).contains(&part.len()) && part.iter().all(u8::is_ascii_digit));
    is_digest || is_numbered
}
