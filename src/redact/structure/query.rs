//! Values in queries of URLs and in forms.

use crate::redact::detect::text::{at, before, is_word, run, through, with};

use super::bare::is_pair;

/// Where the value of a query's pair ends that begins at `from`.
pub fn query_end(text: &[u8], from: usize) -> usize {
    let mut end = from;
    loop {
        end += run(text, end, usize::MAX, |byte| !MAY_END[usize::from(byte)]);
        if end >= text.len() {
            return end;
        }
        match text[end] {
            b'&' | b'"' | b'<' | b'>' | b'`' | b'{' | b'}' | b'|' if !is_token_bar(text, end) => break,
            byte if byte <= b' ' => break,
            b'#' => break,
            b';' if is_pair(text, end + 1) => break,
            b'\'' | b')' | b']' | b','
                if !is_word(at(text, end + 1)) && !matches!(at(text, end + 1), b'%' | b'+' | b'-') =>
            {
                break;
            }
            b'\\' if matches!(at(text, end + 1), b'"' | b'\'' | b'n' | b'r' | b't' | b'\\') => break,
            _ => end += 1,
        }
    }
    end
}

/// What may end a value of a query.
static MAY_END: [bool; 256] = with(through([false; 256], 0, b' '), b"&\"<>`{}|#;')],\\");

/// The bar within `Atza|…`.
pub fn is_token_bar(text: &[u8], bar: usize) -> bool {
    text[bar] == b'|' && is_word(before(text, bar)) && is_word(at(text, bar + 1))
}
