//! A name in the clause of something that is somebody's: `Jane Doe, please call 0151 555 0123`, `DE89… in the name of
//! Jane Doe`. Nothing announces it but what was found.

use crate::redact::Kind;
use crate::redact::detect::text::{Listed, at, before, run, run_back};
use crate::redact::detect::{firms, given, goods, names};

use super::headerless_row::is_somebody;
use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;

/// Words between a name and what was found, and bytes of them.
const MAX_WORDS: usize = 5;
const MAX_BYTES: usize = 64;
/// What is found in one text whose clauses are looked at.
const MAX_CLAUSES: usize = 512;

/// Words between an account, a card or a number and whose it is.
static LINKS: Listed = Listed::new(&[
    "and",
    "the",
    "name",
    "on",
    "it",
    "is",
    "in",
    "of",
    "for",
    "by",
    "to",
    "belongs",
    "belonging",
    "registered",
    "holder",
    "owner",
    "owned",
    "issued",
    "und",
    "der",
    "die",
    "das",
    "auf",
    "lautet",
    "den",
    "namen",
    "von",
    "gehört",
    "inhaber",
    "inhaberin",
    "kontoinhaber",
    "für",
    "au",
    "nom",
    "de",
    "du",
    "titulaire",
    "pour",
    "et",
    "à",
    "appartient",
    "a",
    "nombre",
    "del",
    "titular",
    "para",
    "y",
    "pertenece",
    "nome",
    "di",
    "intestato",
    "intestata",
    "intestatario",
    "al",
    "em",
    "do",
    "da",
    "op",
    "naam",
    "van",
    "ten",
    "name",
    "voor",
    "na",
    "nazwisko",
    "należy",
    "dla",
    "właściciel",
    "posiadacz",
    "i",
    "navn",
    "namn",
    "på",
    "tilhører",
    "tillhör",
    "til",
    "till",
    "jméno",
    "patří",
    "nevére",
    "nevén",
    "adına",
    "sahibi",
    "numele",
    "pe",
    "ime",
    "vardu",
    "vardā",
    "vardu",
    "nimi",
    "nimellä",
    "на",
    "имя",
    "владелец",
]);

impl Sweep<'_> {
    /// Looks for names before and behind what this search has found.
    pub fn clauses(&mut self, found: &[(usize, usize, Kind)]) {
        let mut clauses = 0;
        for &(start, end, kind) in found {
            if clauses >= MAX_CLAUSES || !is_somebody(kind) && !matches!(kind, Kind::Tax | Kind::Identity) {
                continue;
            }
            if matches!(kind, Kind::Name | Kind::Text | Kind::Postcode) {
                continue;
            }
            clauses += 1;
            self.name_before(start, kind);
            let own = matches!(kind, Kind::Account | Kind::Card | Kind::Tax | Kind::Identity);
            self.name_behind(end, if own { MAX_WORDS + 1 } else { 1 });
        }
    }

    /// `Jane Doe, please call `: words written small between a name and what begins at `start`.
    fn name_before(&mut self, start: usize, kind: Kind) {
        let text = self.view.text;
        let mut end = match before(text, start) {
            b' ' => start - 1,
            b'(' | b'\'' | b'"' if before(text, start - 1) == b' ' => start - 2,
            _ => return,
        };
        let least = start.saturating_sub(MAX_BYTES);
        for _ in 0..=MAX_WORDS {
            end -= run_back(text, end, 2, |byte| matches!(byte, b',' | b':' | b' ' | b'('));
            let word = end - run_back(text, end, 32, is_letter);
            if word == end
                || word < least
                || !matches!(before(text, word), 0 | b' ' | b'"' | b'\'' | b'(' | b'>' | b']')
            {
                return;
            }
            let first = text[word];
            if first.is_ascii_uppercase()
                || first >= 0x80 && names::is_script(&text[word..end]) && !is_small(&text[word..end])
            {
                return self.clause_name(end, kind);
            }
            if word == 0 || before(text, word) != b' ' {
                return;
            }
            end = word - 1;
        }
    }

    /// The name that ends at `end`, if it is anybody's.
    fn clause_name(&mut self, end: usize, kind: Kind) {
        let text = self.view.text;
        let mut from = end - run_back(text, end, 64, |byte| is_letter(byte) || byte == b' ');
        while from < end {
            let word = run(text, from, end - from, is_letter);
            if text[from] != b' '
                && !names::announces(&text[from..from + word])
                && let Some((close, count)) = names::tokens(text, from)
                && close == end
                && ((2..=4).contains(&count) || names::is_one_word(&text[from..end]))
            {
                let from = behind_title(text, from, end);
                if is_anybody(text, from, end, kind) {
                    self.add(Kind::Name, from, end, Quote::default());
                }
                return;
            }
            from += run(text, from, end - from, |byte| byte != b' ') + 1;
        }
    }

    /// ` and the name on it is Jane Doe`: words that lead from what ends at `end` to whose it is.
    fn name_behind(&mut self, end: usize, most: usize) {
        let text = self.view.text;
        let mut next = end + run(text, end, 1, |byte| matches!(byte, b',' | b'\'' | b'"'));
        for index in 0..=most {
            if at(text, next) != b' ' {
                return;
            }
            next += 1;
            let word = run(text, next, 16, is_letter);
            if word == 0 {
                return;
            }
            if text[next].is_ascii_uppercase() || text[next] >= 0x80 && !is_small(&text[next..next + word]) {
                // What stands right behind an address of mail or a street is another matter.
                if (most > 1 || index > 0)
                    && let Some((close, count)) = names::tokens(text, next)
                    && (2..=4).contains(&count)
                    && is_anybody(text, next, close, Kind::Account)
                    && (index > 0 || given::sounds_known(&text[next..close]) || ends_clause(text, close))
                {
                    self.add(Kind::Name, next, close, Quote::default());
                }
                return;
            }
            if !LINKS.has(&text[next..next + word]) {
                return;
            }
            next += word;
        }
    }
}

/// `Rang Mrs Doe`: where the name begins behind the last title or role.
fn behind_title(text: &[u8], from: usize, end: usize) -> usize {
    let mut start = from;
    let mut next = from;
    for word in text[from..end].split(|byte| *byte == b' ') {
        next += word.len() + 1;
        if word.first().is_some_and(u8::is_ascii_uppercase) && names::announces(word) && next < end {
            start = next;
        }
    }
    start
}

/// A name of the shop's, of goods or of a firm is nobody's.
fn is_anybody(text: &[u8], from: usize, end: usize, kind: Kind) -> bool {
    let name = &text[from..end];
    let known = || !name.is_ascii() || given::sounds_known(name);
    // Programs send mail, and people are written to.
    let own = kind != Kind::Email || known();
    own && !given::is_other(name)
        && !goods::is_brand(name)
        && !firms::has_legal_form(name)
        && !firms::is_carrier(name)
        && !goods::is_of_goods(text, from, end)
        && !name.windows(2).all(|two| !two[1].is_ascii_lowercase() && two[1] < 0x80)
}

fn ends_clause(text: &[u8], end: usize) -> bool {
    matches!(at(text, end), 0 | b',' | b';' | b'.' | b')' | b'"')
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'\'' | b'-' | b'.')
}

/// A word of a script with capitals that begins with a small letter.
fn is_small(word: &[u8]) -> bool {
    String::from_utf8_lossy(&word[..word.len().min(4)]).chars().next().is_some_and(char::is_lowercase)
}
