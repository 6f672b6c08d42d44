//! Postal addresses in running text: a street and its house number, in the order of the country, and the unit, post code
//! and place that follow. The number is what is met first; a word of streets beside it decides.

use super::after_street::{code_and_place, code_behind, is_coded, is_flat, is_place, place, rest};
use super::postal::postcode;
use super::street_words::{ENDS, FRANCE, LEAD, MAY, NUMBER, SMALL, TRAIL, UNIT, WEAK_ENDS, WORDS, Word};
use super::text::{at, before, digits, is_word, matches, run, run_back};
use super::{MAX_HOUSE, residence};

/// Most words of a street's name.
const MAX_WORDS: usize = 5;

/// The address whose house number begins with the digit at `from`.
pub fn find(text: &[u8], from: usize) -> Option<(usize, usize)> {
    if before(text, from) >= 0x80 {
        return super::cjk_address::find(text, from);
    }
    // A street stands before the number, or after it: in either case there is a space.
    if before(text, from) == b' '
        && from > 3
        && text[from - 2] >= 0x80
        && let Some(found) = super::cjk_address::korean(text, from)
    {
        return Some(found);
    }
    let number = house(text, from)
        .filter(|end| matches!(before(text, from), b' ' | b':' | b'.') || matches!(at(text, *end), b' ' | b','))?;
    if let Some(start) = street_before(text, from) {
        let post = text[start..from] == *b"Postfach " && digits(text, number + 1) > 0 && at(text, number) == b' ';
        let number = if post { number + 1 + digits(text, number + 1) } else { number };
        // `Via Monza 140 Milano`: a place may follow as it is.
        let open = run(text, number, 1, |byte| byte == b' ');
        // `Via Gulotta 8 Piano 7`: a floor is no place.
        let unit = open > 0 && Word::after(text, number + 1).is_some_and(|word| word.lists(text) & UNIT != 0);
        let place = place(text, number + open).filter(|end| open > 0 && !unit && is_place(text, number + 1, *end));
        return Some((start, rest(text, place.unwrap_or(number))));
    }
    if let Some(found) = unit_first(text, from, number)
        .or_else(|| by_place(text, from, number))
        .or_else(|| residence::find(text, from, number))
    {
        return Some(found);
    }
    let (end, doubt) = street_after(text, number)?;
    let whole = rest(text, end);
    let ends = doubt < 2 && matches!(at(text, end), 0 | b'"' | b'\'');
    (doubt == 0 || whole > end || ends || residence::is_announced(text, from))
        .then(|| (before_house(text, from), whole))
}

/// A post code, and the place that stands beside it, and nothing else.
pub fn is_code_and_place(text: &[u8]) -> bool {
    let dense = matches(text, 0, b"AdAdAd ") && place(text, 7) == Some(text.len());
    let wide = at(text, 0).is_ascii_digit() && code_and_wide_place(text);
    text.len() >= 8 && (dense || wide || code_and_place(text, 0).is_some_and(|end| end == text.len() && end > 8))
}

/// `060-0001 渋谷区`
fn code_and_wide_place(text: &[u8]) -> bool {
    let Some((end, true)) = postcode(text, 0) else { return false };
    at(text, end) == b' '
        && at(text, end + 1) >= 0x80
        && text[end + 1..].iter().all(|byte| *byte >= 0x80)
        && text.len() - end < 40
}

/// Whether words from `from` to `end` are a street's, its number behind them: `Västra Storgatan 10`, `"Kärntner Ring 1"`.
pub fn is_street(text: &[u8], from: usize, end: usize) -> bool {
    let quote = before(text, from);
    let quoted = || matches!(quote, b'"' | b'\'') && house(text, end + 1).is_some_and(|close| at(text, close) == quote);
    let named =
        || Word::before(text, end).is_some_and(|word| word.is_street(text, &ENDS) || word.lists(text) & TRAIL != 0);
    at(text, end) == b' ' && at(text, end + 1).is_ascii_digit() && (named() || quoted())
}

/// Whether a word of it is one for a street or a building.
pub fn has_word(text: &[u8]) -> bool {
    text.split(|byte| *byte == b' ').any(|word| {
        let word = word.strip_suffix(b".").unwrap_or(word);
        word.len() > 2 && WORDS.lists(word) & (LEAD | TRAIL | NUMBER | MAY | FRANCE) != 0
    })
}

/// `12`, `12a`, `84/92`, `112-A`, `3 bis`: where a house number ends.
pub(super) fn house(text: &[u8], from: usize) -> Option<usize> {
    let count = digits(text, from);
    if !(1..=MAX_HOUSE).contains(&count) {
        return None;
    }
    let mut end = from + count;
    // Most numbers are a time's or a fraction's.
    let next = at(text, end);
    if matches!(next, b'_' | b'%' | b'=' | b'@' | b'#' | b'*')
        || matches!(next, b'.' | b':') && at(text, end + 1).is_ascii_digit()
        || next == b',' && is_fraction(text, end + 1)
    {
        return None;
    }
    end += usize::from(at(text, end).is_ascii_alphabetic() && !is_word(at(text, end + 1)));
    // `3bis`
    let glued = matches!(text.get(end..end + 3), Some(b"bis" | b"ter")) && !is_word(at(text, end + 3));
    end += 3 * usize::from(glued);
    if matches!(at(text, end), b'/' | b'-') {
        let more = run(text, end + 1, 5, |byte| byte.is_ascii_alphanumeric());
        // `22-II`: the second floor.
        let roman = more > 0 && text[end + 1..end + 1 + more].iter().all(|byte| matches!(byte, b'I' | b'V'));
        if !roman && (more == 0 || more > 4 || more > 1 && !at(text, end + 1).is_ascii_digit()) {
            return None;
        }
        end += 1 + more;
    }
    let bis = 4 * usize::from(matches!(text.get(end..end + 4), Some(b" bis" | b" ter")));
    let next = at(text, end + bis);
    let goes_on = is_word(next) || matches!(next, b'_' | b'%' | b'=' | b'@' | b'/' | b'-' | b'#' | b'*');
    let fraction = matches!(next, b'.' | b':') && at(text, end + bis + 1).is_ascii_digit()
        || next == b',' && is_fraction(text, end + bis + 1);
    (!goes_on && !fraction).then_some(end + bis)
}

/// Where the street before the number at `from` ends, without `No.` and its like.
fn before_mark(text: &[u8], from: usize) -> Option<usize> {
    let mut end = from.checked_sub(1).filter(|space| text[*space] == b' ')?;
    // `No: 5`, `nº 12`
    if matches!(before(text, end), b':' | b'.' | b'o' | b'#' | 0x80..) {
        let mut marks = MARKS.iter().map(|mark| mark.as_bytes());
        let mark = marks.find(|mark| text[..end].ends_with(mark) && before(text, end - mark.len()) == b' ');
        end -= mark.map_or(0, |mark| mark.len() + 1);
    }
    Some(end)
}

/// `4,50`, and no post code in the next cell: `Ilica 4,10000,Zagreb`.
fn is_fraction(text: &[u8], from: usize) -> bool {
    let count = digits(text, from);
    count > 0 && !(matches!(count, 4..=6) && at(text, from + count) == b',')
}

/// What may stand between a street and its number.
const MARKS: [&str; 18] = [
    "No:", "No.", "no.", "No", "Nr.", "nr.", "#", "№", "д.", "дом", "буд.", "Num.", "núm.", "Núm.", "nº", "n°", "n.",
    "num.",
];

/// The street before the number at `from`: where it begins.
fn street_before(text: &[u8], from: usize) -> Option<usize> {
    // `Cad. No:31`
    let glued =
        [&b" No:"[..], b" No.", b" Nr.", b" nr.", b" no:"].into_iter().find(|mark| text[..from].ends_with(mark));
    if let Some(mark) = glued {
        return street_before(text, from - mark.len() + 1);
    }
    let mut end = before_mark(text, from)?;
    end -= usize::from(before(text, end) == b',');
    let count = run_back(text, end, 3, |byte| byte.is_ascii_digit());
    if count > 0 {
        return numbered(text, end - count);
    }
    let last = Word::before(text, end)?;
    let lists = last.lists(text);
    if last.is_street(text, &ENDS) || last.is_street(text, &WEAK_ENDS) && is_followed(text, from) {
        return Some(adjective(text, last.start));
    }
    if matches!(last.text(text), b"Postfach" | b"Apartado" | b"Quadra") {
        return Some(last.start);
    }
    if last.text(text) == b"Box" {
        let po = Word::before(text, last.start.checked_sub(1)?)?;
        return matches!(po.text(text), b"P.O." | b"PO" | b"P.O").then_some(po.start);
    }
    let trailing = lists & TRAIL != 0;
    if !last.is_name(text) && !trailing {
        return None;
    }
    let mut start = last.start;
    let mut named = !trailing;
    // `Kossuth Lajos utca`: these name a street for somebody, with all of his names.
    let sure = SURE.contains(&last.text(text));
    let (mut names, most) = (0, if sure { 2 } else { 1 });
    for _ in 0..MAX_WORDS {
        let Some(word) = start.checked_sub(1).filter(|at| text[*at] == b' ').and_then(|at| Word::before(text, at))
        else {
            break;
        };
        let lists = word.lists(text);
        if lists & LEAD != 0 && named && !trailing && leads(text, word, from) {
            return Some(word.start);
        }
        if lists & SMALL == 0 && !word.is_name(text) {
            break;
        }
        named |= lists & SMALL == 0;
        start = word.start;
        names += usize::from(lists & (SMALL | TRAIL) == 0);
        if trailing && names >= most {
            break;
        }
    }
    // `Kongens gate 43, 0419 Bergen`
    // A gate is a street in Norway and a door elsewhere.
    let sure = sure || last.is_name(text) && !last.text(text).eq_ignore_ascii_case(b"gate");
    (trailing && named && (sure || is_followed(text, from))).then_some(start)
}

/// `Calle 60 No. 719`, `Carrera 7 # 12-20`: a word of streets before the number at `from` that is the street's name.
fn numbered(text: &[u8], from: usize) -> Option<usize> {
    let word = from.checked_sub(1).filter(|at| text[*at] == b' ').and_then(|at| Word::before(text, at))?;
    (word.lists(text) & LEAD != 0 && word.is_name(text)).then_some(word.start)
}

/// Words of streets that are no others, however they are written.
const SURE: [&[u8]; 16] = [
    b"utca",
    b"k\xc3\xb6r\xc3\xbat",
    b"sokak",
    b"soka\xc4\x9f\xc4\xb1",
    b"caddesi",
    b"cadde",
    b"gatv\xc4\x97",
    b"iela",
    b"katu",
    b"gatan",
    b"gata",
    b"v\xc3\xa4gen",
    b"gaten",
    b"veien",
    b"straat",
    b"ulice",
];

/// `Apartment 7, Mill Quay`, `Lot 4 Jacaranda Drive`: a part of a building first, and a name with a word of streets or a
/// place behind it.
fn unit_first(text: &[u8], from: usize, number: usize) -> Option<(usize, usize)> {
    let unit = from.checked_sub(1).and_then(|space| Word::before(text, space))?;
    let is_unit = unit.lists(text) & UNIT != 0 && unit.end - unit.start >= 3 && text[unit.start].is_ascii_uppercase();
    let comma = usize::from(at(text, number) == b',');
    if !is_unit || at(text, number + comma) != b' ' {
        return None;
    }
    let begin = number + comma + 1;
    let named = digits(text, begin);
    let (end, count) = super::names::tokens(text, begin + named + usize::from(named > 0))?;
    let name = &text[begin..end];
    // `Flat 2, Mill Lane 4`
    let end = house(text, end + 1).filter(|_| at(text, end) == b' ').unwrap_or(end);
    let street = name.split(|byte| *byte == b' ').skip(1).any(|word| WORDS.lists(word) & (NUMBER | MAY | TRAIL) != 0);
    let whole = rest(text, end);
    (count >= 2 && (street || comma == 1 && whole > end)).then_some((unit.start, whole))
}

/// `Oude Rijn 4 bis, 6235 LK Utrecht`: words and a number that nobody knows for a street, with a post code and a place
/// behind them.
fn by_place(text: &[u8], from: usize, number: usize) -> Option<(usize, usize)> {
    let code = number + 2;
    if at(text, number) != b',' || at(text, number + 1) != b' ' || before(text, from) != b' ' {
        return None;
    }
    let (close, sure) = postcode(text, code).filter(|(close, _)| at(text, *close) == b' ')?;
    let end = place(text, close + 1).filter(|end| is_place(text, close + 1, *end))?;
    // A count and a noun end so too, but a verb follows them.
    let letters = text[code..close].iter().any(u8::is_ascii_alphabetic);
    let over =
        !(at(text, end) == b' ' && (at(text, end + 1).is_ascii_lowercase() || at(text, end + 1).is_ascii_digit()));
    if !sure || !(letters || over) {
        return None;
    }
    let (mut start, mut next) = (from, from);
    for _ in 0..3 {
        let word = next.checked_sub(1).filter(|at| text[*at] == b' ').and_then(|at| Word::before(text, at));
        let Some(word) = word.filter(|word| word.is_name(text) || word.lists(text) & SMALL != 0) else { break };
        next = word.start;
        // A small word stands within a name, not before it: `in Oude Rijn 4`.
        start = if word.is_name(text) { next } else { start };
    }
    let name = text[start..from].trim_ascii_end();
    let fits = name.len() >= 4 && !super::cell::has_thing(name) && (name[0].is_ascii_uppercase() || name[0] >= 0x80);
    fits.then(|| (start, rest(text, end)))
}

/// Words of a name, a number, a post code and a place, after somebody's name: where they end.
pub fn after_name(text: &[u8], from: usize) -> Option<usize> {
    let mut next = from;
    for index in 0..MAX_WORDS {
        if index > 0 && (1..=MAX_HOUSE).contains(&digits(text, next)) {
            let number = house(text, next)?;
            let code = number + run(text, number, 2, |byte| matches!(byte, b',' | b' '));
            return code_and_place(text, code).filter(|end| *end > code + 6).map(|_| rest(text, number));
        }
        let word = Word::after(text, next)?;
        if !(word.is_name(text) || word.lists(text) & (SMALL | LEAD | TRAIL) != 0) || at(text, word.end) != b' ' {
            return None;
        }
        next = word.end + 1;
    }
    None
}

/// Whether more of an address follows the house number at `from`.
fn is_followed(text: &[u8], from: usize) -> bool {
    house(text, from).is_some_and(|end| rest(text, end) > end)
}

/// Whether a word is a street's here: those of two letters and `via` are other words when they are written small.
fn leads(text: &[u8], word: Word, from: usize) -> bool {
    let (word, name) = (word.text(text), at(text, word.end + 1));
    let small = word[0].is_ascii_lowercase();
    match word {
        b"am" | b"an" | b"im" | b"via" | b"pl" | b"al" | b"os" | b"ul" | b"box" | b"largo" | b"av" | b"cours" => false,
        b"Am" | b"An" | b"Im" | b"Zum" | b"Zur" | b"Auf" | b"Hinter" | b"Unter" | b"Beim" | b"Bei" => {
            is_followed(text, from) && name.is_ascii_uppercase()
        }
        b"zum" | b"zur" | b"auf" | b"hinter" | b"unter" | b"beim" | b"bei" => false,
        _ if small && word.len() <= 2 => false,
        _ => !small || word.len() > 2,
    }
}

/// `Große `, `Alte ` before a street's name.
fn adjective(text: &[u8], start: usize) -> usize {
    const KNOWN: [&str; 20] = [
        "Västra", "Östra", "Norra", "Södra", "Nedre", "Øvre", "Nørre", "Vestre", "Store", "Gamla", "Große", "Kleine",
        "Alte", "Neue", "Obere", "Untere", "Lange", "Sankt", "St.", "Am",
    ];
    let word = start.checked_sub(1).filter(|at| text[*at] == b' ').and_then(|at| Word::before(text, at));
    word.filter(|word| KNOWN.iter().any(|known| word.text(text) == known.as_bytes())).map_or(start, |word| word.start)
}

/// The street after the number that ends at `from`: its end, and how doubtful it is: 1 if more, or the text's end, must follow,
/// 2 if more must.
fn street_after(text: &[u8], from: usize) -> Option<(usize, u8)> {
    let mut next = from + usize::from(at(text, from) == b',');
    if at(text, next) != b' ' {
        return None;
    }
    next += 1;
    let first = Word::after(text, next)?;
    let french = first.lists(text) & FRANCE != 0;
    let mut end = None;
    let (mut names, mut named_last) = (0, false);
    for index in 0..=MAX_WORDS {
        // `42nd Street`
        let ordinal = digits(text, next);
        if ordinal > 0 && !at(text, next + ordinal).is_ascii_lowercase() {
            break;
        }
        let Some(word) = Word::after(text, next + ordinal) else { break };
        let lists = word.lists(text);
        // `436 Example Parks Apt. 250`: a part of a building behind words that are no street's elsewhere.
        let gap = word.end + usize::from(at(text, word.end) == b'.');
        if named_last
            && lists & UNIT != 0
            && is_flat(word.text(text))
            && digits(text, gap + 1) > 0
            && at(text, gap) == b' '
        {
            return Some((word.start - 1, 0));
        }
        let named = word.is_name(text) || ordinal > 0;
        if index > 0 && !french && named && names > 0 {
            if lists & NUMBER != 0 {
                // `7692 County Road 14`
                let number = digits(text, word.end + 1);
                if matches!(first.text(text), b"County" | b"State" | b"Rural" | b"Farm") && (1..=4).contains(&number) {
                    return Some((word.end + 1 + number, 0));
                }
                return Some((word.end + usize::from(at(text, word.end) == b'.'), 0));
            }
            if lists & MAY != 0 {
                return Some((word.end, 1));
            }
        }
        if french && index > 0 && named {
            end = Some(word.end);
        } else if !(named || index > 0 && lists & SMALL != 0 || french && index == 0) {
            break;
        }
        names += usize::from(named);
        named_last = named;
        // `7 Queen Anne's Gate, BN2 1TL`: letters among the digits of the post code.
        let comma = index > 0 && names > 1 && text[word.end..].starts_with(b", ");
        let placed = comma && place(text, word.end + 2).is_some_and(|end| code_behind(text, end) > end + 4);
        if placed || comma && is_coded(text, word.end) && at(text, word.end + 2).is_ascii_uppercase() {
            return Some((word.end, 0));
        }
        if at(text, word.end) != b' ' {
            break;
        }
        next = word.end + 1;
    }
    end.map(|end| (end, if first.lists(text) & (MAY | LEAD) == LEAD { 0 } else { 2 }))
}

/// `Flat 4B, ` before the house number.
fn before_house(text: &[u8], from: usize) -> usize {
    let Some(end) = from.checked_sub(2).filter(|at| text[*at..from] == *b", ") else { return from };
    let start = end - run_back(text, end, 6, |byte| byte.is_ascii_alphanumeric());
    let word = start.checked_sub(1).filter(|at| text[*at] == b' ').and_then(|at| Word::before(text, at));
    word.filter(|word| start < end && word.lists(text) & UNIT != 0).map_or(from, |word| word.start)
}
