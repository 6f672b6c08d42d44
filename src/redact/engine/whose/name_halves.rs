//! `<Dest cognome="Goñi" nome="Hugo">`: one half of a name beside the other. `nome`, `nom` and `name` are of things as
//! well as of people, but what stands beside somebody's family name is theirs.

use smallvec::SmallVec;

use crate::redact::detect::text::{Listed, at, is_word, split_words};
use crate::redact::lexicon;
use crate::redact::structure::Key;

use super::special;
use crate::redact::engine::sweep::Sweep;

/// Bytes on either side of a value in which the other half is sought.
const REACH: usize = 160;
/// Longest key, and longest value.
const MAX_KEY: usize = 32;
const MAX_VALUE: usize = 64;

/// Keys of one half of a name, which nothing but people has.
static HALVES: Listed = Listed::new(&[
    "surname",
    "lastname",
    "familyname",
    "firstname",
    "givenname",
    "forename",
    "middlename",
    "vorname",
    "nachname",
    "familienname",
    "zuname",
    "prenom",
    "prénom",
    "nomdefamille",
    "apellido",
    "apellidos",
    "primerapellido",
    "segundoapellido",
    "cognome",
    "sobrenome",
    "apelido",
    "ultimonome",
    "voornaam",
    "achternaam",
    "tussenvoegsel",
    "imie",
    "imię",
    "nazwisko",
    "fornamn",
    "efternamn",
    "fornavn",
    "etternavn",
    "efternavn",
    "soyad",
    "soyadi",
    "soyadı",
    "soyisim",
    "etunimi",
    "sukunimi",
    "prijmeni",
    "příjmení",
    "priezvisko",
    "krestnijmeno",
    "vezeteknev",
    "keresztnev",
    "prenume",
    "prezime",
    "priimek",
    "фамилия",
    "отчество",
    "прізвище",
    "επώνυμο",
]);

impl Sweep<'_> {
    /// Whether the value at `start..end`, under a key for names, stands beside the other half of somebody's name.
    pub fn is_half_of_name(&self, start: usize, end: usize) -> bool {
        let text = self.view.text;
        let inner = &text[start..end];
        let human = inner.len() <= MAX_VALUE
            && !inner.iter().any(|byte| byte.is_ascii_digit() && !inner.contains(&b'&'))
            && inner.iter().any(|byte| is_word(*byte))
            && !special::is_structured(inner);
        human && (has_half_behind(text, end, &[&HALVES]) || has_half_before(text, start, &[&HALVES]))
    }
}

/// The same with no word for a name: `{"given": "Hugo", "family": "Goñi"}`.
static SHORT: Listed = Listed::new(&["given", "family", "first", "last", "middle"]);

impl Sweep<'_> {
    /// Whether `family`, `given` or `middle` is a key for half a name that stands alone: fonts, goods and addresses have
    /// families as well.
    pub fn is_lonely_half(&self, name: &[u8], key: Key) -> bool {
        let text = self.view.text;
        let Some(word) = split_words(name).last() else { return false };
        if ![&b"family"[..], b"given", b"middle"].iter().any(|known| word.eq_ignore_ascii_case(known)) {
            return false;
        }
        if let Some(owner) = name.strip_suffix(word).filter(|owner| !owner.is_empty()) {
            return !lexicon::is_person(owner)
                || owner.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"addr"));
        }
        let parent = self.frames.parent().map(|(start, end)| &text[start..end]);
        let named = parent.is_some_and(|parent| lexicon::is_person(parent) || parent.eq_ignore_ascii_case(b"name"));
        let lists = [&HALVES, &SHORT];
        !named && !has_half_behind(text, key.end, &lists) && !has_half_before(text, key.outer, &lists)
    }
}

/// What is between a record and the next: nothing is sought beyond it.
const fn ends_record(byte: u8) -> bool {
    matches!(byte, b'{' | b'}' | b'[' | b']' | b'\n' | b'|')
}

fn has_half_behind(text: &[u8], end: usize, lists: &[&Listed]) -> bool {
    let near = &text[end..text.len().min(end + REACH)];
    let near = &near[..near.iter().position(|byte| ends_record(*byte)).unwrap_or(near.len())];
    has_half(near, lists)
}

fn has_half_before(text: &[u8], start: usize, lists: &[&Listed]) -> bool {
    let near = &text[start.saturating_sub(REACH)..start];
    let from = near.iter().rposition(|byte| ends_record(*byte)).map_or(0, |place| place + 1);
    has_half(&near[from..], lists)
}

/// Whether a key of half a name stands in `near`: a word with `=`, `:` or `>` behind it.
fn has_half(near: &[u8], lists: &[&Listed]) -> bool {
    memchr::memchr3_iter(b'=', b':', b'>', near).take(16).any(|place| {
        let end = near[..place].iter().rposition(|byte| is_word(*byte)).map_or(0, |last| last + 1);
        if place - end > 3 {
            return false;
        }
        let mut key: SmallVec<[u8; MAX_KEY]> = SmallVec::new();
        for byte in near[..end].iter().rev().take(MAX_KEY) {
            match byte {
                b'_' | b'-' => {}
                // `surname_1`: the first of several places for it.
                b'0'..=b'9' if key.is_empty() => {}
                byte if is_word(*byte) => key.push(*byte),
                _ => break,
            }
        }
        key.reverse();
        // `buyerLastName`: the words at its end.
        let has = |word: &[u8]| lists.iter().any(|list| list.has(word));
        has(&key) || (1..key.len()).any(|from| at(&key, from).is_ascii_uppercase() && has(&key[from..]))
    })
}
