//! Streets that no word of streets tells, after a word that says that somebody lives there, or that it is an address:
//! `adres Ilica 12, 10000 Zagreb`, `bor på Bakkehaugen 3`.

use super::MAX_HOUSE;
use super::after_street::rest;
use super::street::house;
use super::street_words::{LEAD, SMALL, TRAIL, UNIT, WORDS, Word};
use super::text::{Listed, at, before, digits};

/// Words before a street.
static ANNOUNCES: Listed = Listed::new(&[
    "address",
    "addresse",
    "adresse",
    "adres",
    "adresu",
    "adresem",
    "adresą",
    "adresas",
    "adresā",
    "adrese",
    "adresa",
    "adresu",
    "adresi",
    "adress",
    "dirección",
    "direccion",
    "indirizzo",
    "endereço",
    "morada",
    "domicilio",
    "címe",
    "címre",
    "cím",
    "címen",
    "címem",
    "osoite",
    "osoitteeseen",
    "osoitteessa",
    "διεύθυνση",
    "διεύθυνσης",
    "адрес",
    "адресу",
    "адреса",
    "адресът",
    "anschrift",
    "lieferadresse",
    "lieferanschrift",
    "wohnhaft",
    "wohnt",
    "wohne",
    "bor",
    "bosatt",
    "bopæl",
    "bopel",
    "woont",
    "wonende",
    "mieszka",
    "zamieszkały",
    "zamieszkała",
    "habite",
    "habitant",
    "demeurant",
    "résidant",
    "vive",
    "residente",
    "reside",
    "abita",
    "mora",
    "lives",
    "living",
    "resides",
    "bydlí",
    "bytem",
    "lakik",
    "lakcíme",
    "asuu",
    "gyvena",
    "dzīvo",
    "elab",
    "живее",
    "живет",
    "проживает",
    "κάτοικος",
    "stanuje",
    "prebiva",
    "locuiește",
    "oturuyor",
    "adresine",
    "adresinde",
    "住所",
    "lieu",
    // Who was not at home.
    "assente",
    "assenti",
    "ausente",
    "ausentes",
    "absent",
    "absente",
    "absents",
    "afwezig",
    "thuis",
    "abwesend",
    "angetroffen",
    "nieobecny",
    "nieobecna",
    "frånvarande",
    "fraværende",
    "nepřítomen",
    "bulunamadı",
]);
/// What has addresses of another sort.
static MACHINES: Listed =
    Listed::new(&["memory", "ip", "mac", "email", "mail", "web", "base", "bus", "bind", "listen", "server"]);
/// Words between.
static BETWEEN: Listed = Listed::new(&[
    "in", "at", "is", "på", "i", "op", "te", "à", "au", "en", "em", "na", "w", "a", "pod", "till", "til", "to", "no",
    "alla", "nella", "nel", "aan", "al", "den", "der", "dem", "la", "at", "the", "ist", "lautet", "er", "är", "on",
    "für", "for", "při", "u", "w",
]);
/// Most words of a street's name.
const MAX_WORDS: usize = 4;

/// Whether a word says that an address follows.
pub(super) fn announces(word: &[u8]) -> bool {
    ANNOUNCES.has(word)
}

/// The street before the house number at `from`, which ends at `number`, and what follows it.
pub(super) fn find(text: &[u8], from: usize, number: usize) -> Option<(usize, usize)> {
    // `Via Gulotta, 8 Piano 7`: the floor, right behind the number.
    let over = matches!(at(text, number), 0 | b',' | b';' | b'.' | b')' | b'"' | b'\'' | b'\n' | b'!' | b'?')
        || text[number..].starts_with(b" (")
        || text[number..].starts_with(b" - ")
        || text[number..].starts_with(b" / ")
        || at(text, number) == b' '
            && at(text, number + 1).is_ascii_uppercase()
            && Word::after(text, number + 1).is_some_and(|word| word.lists(text) & UNIT != 0);
    if !over || before(text, from) != b' ' {
        return None;
    }
    let word_before =
        |end: usize| end.checked_sub(1).filter(|at| text[*at] == b' ').and_then(|at| Word::before(text, at));
    // `Via Gulotta, 8`
    let comma = usize::from(from > 1 && text[from - 2] == b',');
    let (mut start, mut next) = (from, from);
    for index in 0..MAX_WORDS {
        let last = if index == 0 && comma > 0 { Word::before(text, from - 2) } else { word_before(next) };
        let Some(word) = last.filter(|word| word.is_name(text) || word.lists(text) & SMALL != 0) else {
            break;
        };
        if ANNOUNCES.has(word.text(text)) {
            break;
        }
        next = word.start;
        start = if word.is_name(text) { next } else { start };
    }
    if start == from || text[start..from].len() < 4 || super::cell::has_thing(text[start..from].trim_ascii()) {
        return None;
    }
    is_announced(text, start).then(|| (start, rest(text, number)))
}

/// Whether a word that says that an address follows stands before `start`, over a colon or a preposition.
pub(super) fn is_announced(text: &[u8], start: usize) -> bool {
    let word_before =
        |end: usize| end.checked_sub(1).filter(|at| text[*at] == b' ').and_then(|at| Word::before(text, at));
    let Some(mut end) = start.checked_sub(1).filter(|at| text[*at] == b' ') else { return false };
    end -= usize::from(matches!(before(text, end), b':' | b','));
    let Some(mut word) = Word::before(text, end) else { return false };
    for _ in 0..2 {
        if ANNOUNCES.has(word.text(text)) || !BETWEEN.has(word.text(text)) {
            break;
        }
        let Some(earlier) = word_before(word.start) else { return false };
        word = earlier;
    }
    let of_machine = word_before(word.start).is_some_and(|earlier| MACHINES.has(earlier.text(text)));
    ANNOUNCES.has(word.text(text)) && !of_machine
}

/// Whether words from the text's beginning to `end` begin with a word for a street or have one, with a number behind them.
pub fn leads_to_number(text: &[u8], end: usize) -> bool {
    let numbered = at(text, end) == b' ' && at(text, end + 1).is_ascii_digit();
    let dotted = at(text, end) == b'.' && at(text, end + 1) == b' ';
    let mut words = text[..end].split(|byte| *byte == b' ');
    let first = words.next().unwrap_or_default();
    let first = first.strip_suffix(b".").unwrap_or(first);
    (numbered || dotted) && first.len() > 2 && WORDS.lists(first) & LEAD != 0
        || dotted && words.any(|word| word.len() > 2 && WORDS.lists(word) & TRAIL != 0)
}

/// `Unit 242B`, `lgh 1808`, `2. OG links`: a part of a building and nothing else.
pub fn is_unit(text: &[u8]) -> bool {
    let mut words = text.split(|byte| matches!(byte, b' ' | b','));
    let known = words.clone().any(|word| {
        let word = word.strip_suffix(b".").unwrap_or(word);
        word.len() >= 2 && WORDS.lists(word) & UNIT != 0
    });
    known
        && words.clone().take(6).count() <= 4
        && words.all(|word| word.len() <= 8)
        && text.iter().filter(|byte| byte.is_ascii_digit()).count() <= 5
}

/// One to three words of a name and a number, behind which the clause ends: where.
pub fn in_clause(text: &[u8], from: usize) -> Option<usize> {
    let mut next = from;
    for index in 0..4 {
        let count = digits(text, next);
        if index > 0 && (1..=MAX_HOUSE).contains(&count) {
            let number = house(text, next)?;
            // `Via Gulotta, 8 Piano 7`: the floor, right behind the number.
            let over = matches!(at(text, number), 0 | b',' | b';' | b'.' | b')' | b'"');
            let named = !super::cell::has_thing(&text[from..next]) && next - from > 4;
            return (over && named && count < 4).then(|| rest(text, number));
        }
        let word = Word::after(text, next).filter(|word| word.is_name(text))?;
        if at(text, word.end) != b' ' {
            return None;
        }
        next = word.end + 1;
    }
    None
}
