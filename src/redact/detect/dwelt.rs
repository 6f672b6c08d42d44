//! Streets that no word of streets tells, after a word that says that somebody lives there, or that it is an address:
//! `adres Ilica 12, 10000 Zagreb`, `bor på Bakkehaugen 3`.

use super::behind::rest;
use super::streets::{SMALL, Word};
use super::text::{Listed, at, before};

/// Words before a street.
static TELLS: Listed = Listed::new(&[
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
]);
/// Words between.
static BETWEEN: Listed = Listed::new(&[
    "in", "at", "is", "på", "i", "op", "te", "à", "au", "en", "em", "na", "w", "a", "pod", "till", "til", "to", "no",
    "la", "at", "the", "ist", "lautet", "er", "är", "on", "für", "for", "při", "u", "w",
]);
/// Most words of a street's name.
const MAX_WORDS: usize = 4;

/// Whether a word says that an address follows.
pub(super) fn tells(word: &[u8]) -> bool {
    TELLS.has(word)
}

/// The street before the house number at `from`, which ends at `number`, and what follows it.
pub(super) fn told(text: &[u8], from: usize, number: usize) -> Option<(usize, usize)> {
    let over = matches!(at(text, number), 0 | b',' | b';' | b'.' | b')' | b'"' | b'\'' | b'\n' | b'!' | b'?')
        || text[number..].starts_with(b" (")
        || text[number..].starts_with(b" - ")
        || text[number..].starts_with(b" / ");
    if !over || before(text, from) != b' ' {
        return None;
    }
    let word_before =
        |end: usize| end.checked_sub(1).filter(|at| text[*at] == b' ').and_then(|at| Word::before(text, at));
    let (mut start, mut next) = (from, from);
    for _ in 0..MAX_WORDS {
        let Some(word) = word_before(next).filter(|word| word.is_name(text) || word.lists(text) & SMALL != 0) else {
            break;
        };
        if TELLS.has(word.text(text)) {
            break;
        }
        next = word.start;
        start = if word.is_name(text) { next } else { start };
    }
    if start == from || text[start..from].len() < 4 || super::cell::has_thing(text[start..from].trim_ascii()) {
        return None;
    }
    // The colon or the preposition between, and the word that tells.
    let mut end = start.checked_sub(1).filter(|at| text[*at] == b' ')?;
    end -= usize::from(matches!(before(text, end), b':' | b','));
    let mut word = Word::before(text, end)?;
    for _ in 0..2 {
        if TELLS.has(word.text(text)) {
            return Some((start, rest(text, number)));
        }
        if !BETWEEN.has(word.text(text)) {
            return None;
        }
        word = word_before(word.start)?;
    }
    TELLS.has(word.text(text)).then(|| (start, rest(text, number)))
}
