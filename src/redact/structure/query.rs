//! Values in queries of URLs and in forms.

use crate::redact::Kind;
use crate::redact::detect::text::{at, before, is_word, run, through, with};

use super::bare::is_pair;
use super::ends::{code_end, number_end, phone_end};

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

/// Bytes of a value in which somebody left spaces as they are.
const MAX_SPACED: usize = 96;

/// Where a value ends that `end` would end at a space, if it was written with spaces that nobody escaped:
/// `?telefon=+33 6 39 98 96 40&x=1`, `?name=Jane Doe&x=1`.
pub fn spaced_end(text: &[u8], from: usize, end: usize, kind: Kind) -> usize {
    // `telefono=(06) 555-0199`
    let area = kind == Kind::Phone && at(text, from) == b'(' && text[end..].starts_with(b") ");
    let end = end + usize::from(area);
    let spaced = at(text, end) == b' ' && end > from && matches!(text[end + 1..].first(), Some(b'!'..=b'~' | 0x80..));
    if !spaced
        || !matches!(
            kind,
            Kind::Phone
                | Kind::Name
                | Kind::Postal
                | Kind::Place
                | Kind::Postcode
                | Kind::Account
                | Kind::Card
                | Kind::Text
        )
    {
        return end;
    }
    // The next pair of the same query follows, and nothing that has no place in a value stands before it.
    let ends = |byte: u8| byte < b' ' || matches!(byte, b'&' | b'=' | b'?' | b'"' | b'<' | b'>' | b'{' | b'}' | b'|');
    let length = run(text, end, MAX_SPACED, |byte| !ends(byte));
    let next = end + length;
    if at(text, next) == b'&' && (is_pair(text, next + 1) || text[next..].starts_with(b"&amp;")) {
        return next;
    }
    // The last value ends where one of its kind does.
    match kind {
        // `+33 6 39`, `0171 555`: a whole number in one word is followed by something else.
        Kind::Phone => {
            let count = text[from..end].iter().filter(|byte| byte.is_ascii_digit()).count();
            if count > 5 { end } else { without_status(text, from, phone_end(text, from)).max(end) }
        }
        Kind::Postcode => code_end(text, from).max(end),
        Kind::Account | Kind::Card => number_end(text, from).max(end),
        _ => end,
    }
}

/// A telephone number without the status of an answer behind it: `06 39 98 96 40 200 12`.
fn without_status(text: &[u8], from: usize, end: usize) -> usize {
    let mut digits = 0;
    for place in from..end {
        digits += usize::from(text[place].is_ascii_digit());
        let group = run(text, place + 1, 4, |byte| byte.is_ascii_digit());
        if text[place] == b' ' && digits >= 9 && group == 3 && matches!(at(text, place + 4), 0 | b' ' | b',') {
            return place;
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
