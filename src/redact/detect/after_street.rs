//! What follows a street and its number: the unit, the floor and the door, the post code and the place.

use super::postal::postcode;
use super::street_words::{SMALL, UNIT, Word};
use super::text::{at, before, digits, is_word, run};

/// What stands between a street and its place, as people speak.
const IN: [&[u8]; 4] = [b" \xc3\xa0 ", b" in ", b" en ", b" a "];

/// What stands before a post code.
const CODES: [&str; 12] =
    ["ΤΚ ", "Τ.Κ. ", "TK ", "T.K. ", "CP ", "C.P. ", "CAP ", "PLZ ", "PSČ ", "irsz. ", "kod ", "postcode "];

/// Units, post codes and places after the street that ends at `from`: where the address ends.
pub(super) fn rest(text: &[u8], from: usize) -> usize {
    let mut end = from;
    for _ in 0..6 {
        let gap = run(text, end, 3, |byte| matches!(byte, b' ' | b',' | b'-' | b'/' | b'|' | b'.' | b'\\'));
        let gap = if gap == 0 { line_break(&text[end..]) } else { gap };
        let next = end + gap;
        let mark = gap > 3 || text[end..next].iter().any(|byte| matches!(byte, b',' | b'-' | b'/' | b'|'));
        let small = IN.iter().find(|word| text[end..].starts_with(word));
        let found = if let Some(word) = small {
            code_and_place(text, end + word.len()).or_else(|| place(text, end + word.len()))
        } else if gap == 0 {
            None
        } else {
            code_and_place(text, next).or_else(|| unit(text, next, mark)).or_else(|| {
                place(text, next).filter(|close| (mark || is_coded(text, *close)) && is_place(text, next, *close))
            })
        };
        let Some(found) = found else { break };
        end = if mark { code_behind(text, found) } else { found };
    }
    end
}

/// `Hobart 3726 /`: a post code behind its place, and nothing but the end of the address behind it.
pub(super) fn code_behind(text: &[u8], place: usize) -> usize {
    let closes = |end: usize| matches!(at(text, end), 0 | b',' | b'"' | b';' | b'.') || text[end..].starts_with(b" / ");
    match postcode(text, place + 1).filter(|(end, _)| at(text, place) == b' ' && closes(*end)) {
        Some((end, _)) => end,
        None => place,
    }
}

/// `Bandra West, 400050`: whether a post code follows.
pub(super) fn is_coded(text: &[u8], end: usize) -> bool {
    text[end..].starts_with(b", ") && postcode(text, end + 2).is_some_and(|(_, sure)| sure)
}

/// Length of what a new line of an address begins with: `<br/>`, `\n`.
fn line_break(text: &[u8]) -> usize {
    const BREAKS: [&[u8]; 7] = [b"<br/>", b"<br>", b"<br />", b"\\r\\n", b"\\n", b"\r\n", b"\n"];
    BREAKS.iter().find(|known| text.starts_with(known)).map_or(0, |known| known.len())
}

/// A post code with the place that stands beside it.
pub fn code_and_place(text: &[u8], from: usize) -> Option<usize> {
    if from > text.len() {
        return None;
    }
    // `ΤΚ 124 11`, `CP 59920`
    let from = from + CODES.iter().find(|word| text[from..].starts_with(word.as_bytes())).map_or(0, |word| word.len());
    // `OR 97477`, `IL | 60611`
    let state = run(text, from, 3, |byte| byte.is_ascii_uppercase());
    let gap = run(text, from + state, 3, |byte| matches!(byte, b' ' | b',' | b'|'));
    let from =
        if state == 2 && gap > 0 && at(text, from + state + gap).is_ascii_digit() { from + state + gap } else { from };
    let (end, alone) = postcode(text, from)?;
    let gap = usize::from(at(text, end) == b' ');
    match place(text, end + gap).filter(|_| gap == 1 && at(text, end + 1) < 0xd8) {
        Some(close) => Some(close),
        None => alone.then_some(end),
    }
}

/// A post code and a place, with what people write behind a town: `1206 Cornuz (OW)`, `75001 PARIS CEDEX 01`.
pub fn is_town(text: &[u8]) -> bool {
    let state = text.strip_suffix(b")").and_then(|rest| {
        let open = rest.len().checked_sub(4)?;
        (rest[open..].starts_with(b" (") && rest[open + 2..].iter().all(u8::is_ascii_uppercase)).then(|| &rest[..open])
    });
    let text = state.unwrap_or(text);
    let text = memchr::memmem::find(text, b" CEDEX").map_or(text, |cedex| &text[..cedex]);
    super::street::is_code_and_place(text)
}

/// A flat, as people write it in a line with the street.
pub(super) fn is_flat(word: &[u8]) -> bool {
    let word = word.strip_suffix(b".").unwrap_or(word);
    [&b"Apt"[..], b"Apartment", b"Suite", b"Ste", b"Unit", b"Flat"].contains(&word)
}

/// One to three words of a place.
pub(super) fn place(text: &[u8], from: usize) -> Option<usize> {
    let mut end = None;
    // A street's number may end the text.
    if from > text.len() {
        return None;
    }
    // `г. Сарапул`, `гр. София`
    let rest = text.get(from..)?;
    let town = ["г. ", "гр. ", "м. ", "с. ", "пос. "].iter().find(|town| rest.starts_with(town.as_bytes()));
    let mut next = from + town.map_or(0, |town| town.len());
    for _ in 0..4 {
        let Some(word) = Word::after(text, next) else { break };
        // Scripts without capitals tell no names: one word is as much as may be taken.
        if text[next] >= 0xd8 {
            return end.or(Some(word.end));
        }
        if word.is_name(text) {
            end = Some(word.end);
        } else if end.is_none() || word.lists(text) & SMALL == 0 {
            break;
        }
        if at(text, word.end) != b' ' {
            break;
        }
        next = word.end + 1;
    }
    end
}

/// Whether the words look like a place's and not like a code, a key or a unit.
pub(super) fn is_place(text: &[u8], start: usize, end: usize) -> bool {
    let word = &text[start..end];
    // `Beispielweg 3, 12345 Ort, Sendung 0034…`
    if super::is_document(word) {
        return false;
    }
    let key = matches!(at(text, end), b'=' | b':') && is_word(at(text, end + 1)) || at(text, end) == b'_';
    word.len() >= 4 && !key && word.iter().any(|byte| byte.is_ascii_lowercase() || *byte >= 0x80)
}

/// A floor and a door that no word announces; a comma must follow.
fn door(text: &[u8], from: usize) -> Option<usize> {
    let count = digits(text, from);
    let mut end = from + count;
    if count == 0 {
        // `11 A, 411 19 …`
        if at(text, from).is_ascii_uppercase()
            && text[from + 1..].starts_with(b", ")
            && at(text, from + 3).is_ascii_digit()
        {
            return Some(from + 1);
        }
        // `B 22`
        let number = digits(text, from + 2);
        let fits = at(text, from).is_ascii_uppercase() && at(text, from + 1) == b' ' && (1..=3).contains(&number);
        end = from + 2 + number;
        return (fits && at(text, end) == b',').then_some(end);
    }
    let ordinal = ["º", "ª", "°"].iter().any(|mark| text[end..].starts_with(mark.as_bytes()));
    if ordinal {
        end += 2;
        let side = usize::from(at(text, end) == b' ');
        end += match run(text, end + side, 5, |byte| byte.is_ascii_alphabetic()) {
            0 => 0,
            length => side + length,
        };
    } else if at(text, end) == b'-' && (1..=2).contains(&digits(text, end + 1)) {
        end += 1 + digits(text, end + 1);
    } else {
        return None;
    }
    (count <= 2 && at(text, end) == b',').then_some(end)
}

/// `3B`, `Apt 12B`, `2º izq.`, `NW`
fn unit(text: &[u8], from: usize, mark: bool) -> Option<usize> {
    let token = |from: usize| {
        let count = digits(text, from);
        let mut end = from + count;
        // `2.º Dto.`
        end += usize::from(at(text, end) == b'.' && at(text, end + 1) >= 0x80);
        // `3. th`, `1. sal`
        for side in [&b". th"[..], b". tv", b". mf", b". sal", b". st"] {
            if count > 0 && text[end..].starts_with(side) && !is_word(at(text, end + side.len())) {
                return Some(end + side.len());
            }
        }
        if text[end..].starts_with("º".as_bytes()) || text[end..].starts_with("ª".as_bytes()) {
            end += 2;
        }
        end += run(text, end, 1, |byte| byte.is_ascii_alphabetic());
        // `3º B`
        let door = before(text, end) >= 0x80 && at(text, end) == b' ' && at(text, end + 1).is_ascii_uppercase();
        end += 2 * usize::from(door && !is_word(at(text, end + 2)));
        ((1..=4).contains(&count)
            && !is_word(at(text, end))
            && !matches!(at(text, end), b'-' | b'%' | b'_' | b'=' | b'/'))
        .then_some(end)
    };
    // `n.º 5`, `nr 12`
    let numero = ["n.º ", "nº ", "n° ", "No. ", "Nr. ", "nr ", "č. "]
        .iter()
        .find(|word| text[from..].starts_with(word.as_bytes()));
    if let Some(end) = token(from + numero.map_or(0, |word| word.len())).filter(|_| mark) {
        return Some(end);
    }
    // `91 3-1`, `12 2ºA`, `112 3º Esq`, `17 B 22`: a floor and a door right behind the house's number.
    if let Some(end) = door(text, from) {
        return Some(end);
    }
    let word = Word::after(text, from).filter(|word| word.lists(text) & UNIT != 0)?;
    let mut next = word.end;
    next += run(text, next, 2, |byte| matches!(byte, b'.' | b':'));
    let value = (at(text, next) == b' ').then(|| token(next + 1)).flatten();
    let side = word.text(text).len() >= 2 && (word.is_name(text) || mark || at(text, word.end) == b'.');
    value.or_else(|| side.then_some(next))
}
