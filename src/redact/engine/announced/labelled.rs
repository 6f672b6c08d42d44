//! Values that the word before them announces, without a separator: `IMEI 490154203237518`, `DOB 14.07.1985`.
//!
//! The lexicon says what the word means. In prose that alone proves little (`mobile 404`, `zip 9`), so the value must have
//! the kind's shape as well.

use crate::redact::Kind;
use crate::redact::detect::keep;
use crate::redact::detect::text::{
    Listed, at, before, digits, has_word_before, is_word, matches, number, run, run_back,
};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure;

use super::sent;
use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::nobodys;

/// Longest word, in bytes, and most of them that may tell together: `TC kimlik no`.
const MAX_WORD: usize = 32;
const MAX_WORDS: usize = 3;

/// Words that may stand between the one that tells and the value.
static FILLERS: Listed = Listed::new(&[
    "is", "was", "on", "am", "le", "el", "il", "op", "dnia", "em", "in", "with", "auf", "par", "en", "ist", "es",
    "den", "a", "to", "är", "lautet", "lyder", "é", "è", "jest", "on",
]);

/// Words of prose that are no keys: what they say of a value of the kind's shape.
const PROSE: [(&[u8], Kind); 36] = [
    (b"p.iva", Kind::Tax),
    (b"b", Kind::Birth),
    (b"born", Kind::Birth),
    (b"geboren", Kind::Birth),
    (b"geb", Kind::Birth),
    ("né".as_bytes(), Kind::Birth),
    ("née".as_bytes(), Kind::Birth),
    (b"nato", Kind::Birth),
    (b"nata", Kind::Birth),
    (b"nacido", Kind::Birth),
    (b"nacida", Kind::Birth),
    (b"nascido", Kind::Birth),
    (b"nascida", Kind::Birth),
    ("född".as_bytes(), Kind::Birth),
    ("doğumlu".as_bytes(), Kind::Birth),
    ("doğum".as_bytes(), Kind::Birth),
    (b"urodzony", Kind::Birth),
    (b"urodzona", Kind::Birth),
    (b"ur", Kind::Birth),
    (b"exp", Kind::Tail),
    (b"expiry", Kind::Tail),
    (b"expires", Kind::Tail),
    (b"expiring", Kind::Tail),
    (b"tan", Kind::Password),
    ("••••".as_bytes(), Kind::Tail),
    (b"thru", Kind::Tail),
    ("gültig bis".as_bytes(), Kind::Tail),
    (b"ending", Kind::Tail),
    (b"ends", Kind::Tail),
    (b"endet", Kind::Tail),
    (b"endend", Kind::Tail),
    (b"terminant", Kind::Tail),
    (b"terminada", Kind::Tail),
    (b"terminante", Kind::Tail),
    (b"aadhaar", Kind::Identity),
    ("〒".as_bytes(), Kind::Postcode),
];

/// Words that are other words as well when they are written small: `pin memory`, `a cap of`.
const AMBIGUOUS: [&[u8]; 8] = [b"pin", b"cap", b"tan", b"nip", b"pan", b"cp", b"rib", b"pass"];

/// What a card's last digits stand beside.
static CARDS: Listed = Listed::new(&[
    "card",
    "cardholder",
    "chargeback",
    "visa",
    "mastercard",
    "amex",
    "karte",
    "carte",
    "tarjeta",
    "carta",
    "kaart",
    "cartao",
    "account",
    "konto",
]);

impl Sweep<'_> {
    /// Replaces the value that begins at `start` if the words before it tell what it is; where it ends.
    pub fn labelled_value(&mut self, start: usize) -> Option<usize> {
        let text = self.view.text;
        let start = start - usize::from(before(text, start) == b'-' && start > 1 && text[start - 2] == b' ');
        let left = before(text, start);
        let gap = usize::from(matches!(left, b' ' | b'#' | b'('))
            + usize::from(matches!(left, b'#' | b'(') && start > 1 && text[start - 2] == b' ');
        // A digit before the space is a list of numbers or a time, most often; words such as `cvv2` are short.
        if start < 2 || left < 0x80 && gap == 0 || self.quiet.covers(start, start + 1) {
            return None;
        }
        if self.state.silent.knows(text, start - gap) {
            return None;
        }
        // `zip -> 12345`
        let arrow = if gap == 1 && text[..start].ends_with(b" -> ") { 3 } else { 0 };
        let (kind, word) = self.announced(start - gap - arrow)?;
        let code =
            || (kind == Kind::Password && sent::is_code(text, word)).then(|| sent::code_end(text, start)).flatten();
        let end = shape(kind, text, start).or_else(code)?;
        // `zip (12345)`, `zip (12345 => 54321)`, and no number of bytes.
        let closes =
            || at(text, end) == b')' || [&b" => "[..], b" -> "].iter().any(|arrow| text[end..].starts_with(arrow));
        if left == b'(' && (gap < 2 || !closes() || matches!(kind, Kind::Password | Kind::Tail)) {
            return None;
        }
        // `serial 2026111853`: of a zone, the day and a number.
        if kind == Kind::Device && end - start == 10 && nobodys::is_day(&text[start..end]) {
            return None;
        }
        // `(b. 1980-09-02)`
        if text[word.0..word.1] == *b"b" && (before(text, word.0) == b'.' || text[word.1] != b'.' || end - start < 8) {
            return None;
        }
        let ends_here = !is_word(at(text, end)) || at(text, end) >= 0x80 || !text[end - 1].is_ascii_alphanumeric();
        let small = AMBIGUOUS.contains(&&text[word.0..word.1]);
        let goes_on = at(text, end) == b' ' && at(text, end + 1).is_ascii_lowercase();
        if !ends_here || small && goes_on {
            return None;
        }
        self.add(kind, start, end, Quote::default());
        if matches!(kind, Kind::Tax | Kind::Identity | Kind::Account) {
            self.owner_beside(start, end);
        }
        // `zip 12345 -> 54321`: what it was, and what it is.
        if let Some(arrow) = [" -> ", " => ", " → "].iter().find(|arrow| text[end..].starts_with(arrow.as_bytes()))
            && let Some(close) = shape(kind, text, end + arrow.len())
        {
            self.add(kind, end + arrow.len(), close, Quote::default());
        }
        if matches!(kind, Kind::Account | Kind::Card | Kind::Phone) {
            self.beside(start, end);
        }
        Some(end)
    }

    /// What the words that end at `end` say, and the last of them.
    fn announced(&mut self, end: usize) -> Option<(Kind, (usize, usize))> {
        let mut least = end;
        let found = self.announced_within(end, &mut least);
        if found.is_none() {
            self.state.silent.add(self.view.text, least, end);
        }
        found
    }

    /// The same, which sets `least` to the first byte that was looked at.
    fn announced_within(&mut self, end: usize, least: &mut usize) -> Option<(Kind, (usize, usize))> {
        let text = self.view.text;
        if sent::is_reached(text, end) {
            *least = end.saturating_sub(16);
            return Some((Kind::Postcode, (end - 2, end)));
        }
        let mut word_before = |end: usize| word_before(text, end, least);
        let mut last = word_before(end)?;
        for _ in 0..2 {
            if !FILLERS.has(&text[last.0..last.1]) {
                break;
            }
            last = word_before(last.0.checked_sub(1).filter(|space| text[*space] == b' ')?)?;
        }
        let word = &text[last.0..last.1];
        let is_it = |known: &[u8]| known[0] | 0x20 == word[0] | 0x20 && word.eq_ignore_ascii_case(known);
        if sent::is_code(text, last) {
            return Some((Kind::Password, last));
        }
        // `telefonisch (0049 …)`; `openCode X7K2M9 sent to 4915555501990`: where it went.
        if sent::is_by_telephone(word) || sent::is_dispatched(text, end) {
            return Some((Kind::Phone, last));
        }
        if let Some((_, kind)) = PROSE.iter().find(|(known, _)| is_it(known)) {
            return Some((*kind, last));
        }
        if lexicon::is_strange(word) {
            return None;
        }
        let mut start = last.0;
        let mut told = None;
        for _ in 0..MAX_WORDS {
            // Several words are seldom the same again, and would only take the places of keys.
            let said = &text[start..last.1];
            let meaning = if start == last.0 {
                self.state.known.look_up(said, None).meaning
            } else {
                self.state.phrases.meaning(said)
            };
            match meaning {
                Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::Doubtful(kind @ Kind::Device) => {
                    told = Some(kind);
                }
                _ => {}
            }
            let Some((earlier, _)) = start
                .checked_sub(1)
                .filter(|space| text[*space] == b' ')
                .and_then(|space| word_before(space).filter(|word| word.1 == space))
            else {
                break;
            };
            start = earlier;
        }
        told.map(|kind| (kind, last))
    }
}

/// The word that ends at `end`, or one mark before it. No byte before `least` was looked at.
fn word_before(text: &[u8], end: usize, least: &mut usize) -> Option<(usize, usize)> {
    let end = end - usize::from(matches!(before(text, end), b'.' | b':' | b')' | b'"' | b'\''));
    let length = run_back(text, end, MAX_WORD, |byte| {
        byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'-' | b'_' | b'.' | b'/')
    });
    // Scripts without spaces have marks of their own between words.
    let run = &text[end - length..end];
    let cut = if run.is_ascii() {
        0
    } else {
        ["，", "：", "、", "。", "；", "（", "，"]
            .iter()
            .filter_map(|mark| Some(memchr::memmem::rfind(run, mark.as_bytes())? + mark.len()))
            .max()
            .unwrap_or(0)
    };
    let length = length - cut;
    let start = end - length;
    *least = (start - cut).saturating_sub(1).min(*least);
    let has_letter = text[start..end].iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    (has_letter && length < MAX_WORD).then_some((start, end))
}

/// Where the value of `kind` that begins at `start` ends, if it looks like one.
fn shape(kind: Kind, text: &[u8], start: usize) -> Option<usize> {
    let token = run(text, start, 40, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'/' | b':'));
    let token = token - usize::from(matches!(before(text, start + token), b'-' | b'.' | b'/' | b':'));
    let end = start + token;
    let value = &text[start..end];
    if kind == Kind::Device
        && let Some(end) = keep::uuid(text, start)
    {
        return Some(end);
    }
    let plain = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    match kind {
        Kind::Geo => {
            let whole = run(text, start, 1, |byte| byte == b'-');
            let whole = whole + digits(text, start + whole);
            let fraction = digits(text, start + whole + 1);
            let end = start + whole + 1 + fraction;
            (at(text, start + whole) == b'.' && fraction >= 3).then(|| structure::position_end(text, start).max(end))
        }
        Kind::Birth => birth(text, start),
        Kind::Tail => tail(text, start),
        Kind::Password => (value.len() == plain && (3..=8).contains(&plain) && is_free(text, end)).then_some(end),
        Kind::Postcode => postcode(text, start, value),
        Kind::Identity | Kind::Tax | Kind::Account | Kind::Card | Kind::Device | Kind::Phone => {
            let (end, count) = groups(text, start, end, plain);
            let bic = kind == Kind::Account && matches!(token, 8 | 11) && value[..6].iter().all(u8::is_ascii_uppercase);
            let code = kind == Kind::Identity && value.len() >= 7 && plain >= 4;
            let least = match kind {
                Kind::Card => 12,
                Kind::Device => 10,
                Kind::Account => 6,
                _ => 7,
            };
            let coded = value.iter().all(|byte| !byte.is_ascii_lowercase());
            // `G0ABCD1EFGHJK234`: a serial number of letters and digits.
            let serial =
                kind == Kind::Device && token >= 12 && plain >= 2 && value.iter().all(u8::is_ascii_alphanumeric);
            (coded && (count >= least || bic || code || serial)).then_some(end)
        }
        _ => None,
    }
}

/// Not a fraction, a share or a size.
fn is_free(text: &[u8], end: usize) -> bool {
    let fraction = matches!(at(text, end), b'.' | b',') && at(text, end + 1).is_ascii_digit();
    !(fraction || matches!(at(text, end), b'%' | b'_'))
}

/// Digits in groups with spaces between: where they end, and how many there are.
fn groups(text: &[u8], start: usize, end: usize, count: usize) -> (usize, usize) {
    let (mut end, mut count) = (end, count);
    if end - start > 6 {
        return (end, count);
    }
    for _ in 0..8 {
        let length = digits(text, end + 1);
        if at(text, end) != b' ' || !(2..=5).contains(&length) || is_word(at(text, end + 1 + length)) {
            break;
        }
        end += 1 + length;
        count += length;
    }
    (end, count)
}

/// `14.07.1985`, `1985-07-14`, `14 July 1985`
fn birth(text: &[u8], start: usize) -> Option<usize> {
    if keep::date(text, start).is_some() {
        return Some(start + 10);
    }
    let short = [
        &b"d/d/dddd"[..],
        b"d/dd/dddd",
        b"dd/d/dddd",
        b"d.d.dddd",
        b"d.dd.dddd",
        b"dd.d.dddd",
        b"dd.dd.dd",
        b"dd/dd/dd",
    ];
    if let Some(found) =
        short.iter().find(|shape| matches(text, start, shape) && !is_word(at(text, start + shape.len())))
    {
        return Some(start + found.len());
    }
    let day = digits(text, start);
    let gap = run(text, start + day, 2, |byte| matches!(byte, b'.' | b' '));
    let month = run(text, start + day + gap, 16, |byte| byte.is_ascii_alphabetic() || byte >= 0x80);
    let year = start + day + gap + month + 1;
    let written = (1..=2).contains(&day) && gap > 0 && month >= 3 && digits(text, year) == 4;
    let is_year = |from: usize| digits(text, from) == 4 && (1900..2100).contains(&number(&text[from..from + 4]));
    if written && is_year(year) {
        return Some(year + 4);
    }
    (is_year(start) && !matches!(at(text, start + 4), b'-' | b'.' | b':')).then_some(start + 4)
}

/// `12/27`, `08/2028`; the last four digits of a card that is spoken of.
fn tail(text: &[u8], start: usize) -> Option<usize> {
    let count = digits(text, start);
    if count == 4 && !is_word(at(text, start + 4)) && has_word_before(text, start, 48, &CARDS) {
        return Some(start + 4);
    }
    let year = digits(text, start + 3);
    let month = (1..=12).contains(&number(&text[start..start + count]));
    let fits = count == 2 && matches!(at(text, start + 2), b'/' | b'-') && matches!(year, 2 | 4) && month;
    (fits && at(text, start + 3 + year) != b'/' && at(text, start + 3 + year) != b'-').then_some(start + 3 + year)
}

fn postcode(text: &[u8], start: usize, value: &[u8]) -> Option<usize> {
    const SHAPES: [&[u8]; 9] =
        [b"ddddd", b"dddddd", b"dd-ddd", b"ddd-dddd", b"dddd-ddd", b"ddddd-ddd", b"ddddd-dddd", b"dddddddd", b"AdAdAd"];
    let end = start + value.len();
    if SHAPES.iter().any(|shape| shape.len() == value.len() && matches(text, start, shape)) && is_free(text, end) {
        return Some(end);
    }
    let british = (2..=4).contains(&value.len())
        && value[0].is_ascii_uppercase()
        && at(text, end) == b' '
        && (matches(text, end + 1, b"dAA") || matches(text, end + 1, b"dAd"));
    if british {
        return Some(end + 4);
    }
    let spaced = matches(text, start, b"ddd dd") && !is_word(at(text, start + 6));
    if spaced {
        return Some(start + 6);
    }
    // Four digits are a number like any other, unless a place or nothing follows.
    let four = value.len() == 4 && value.iter().all(u8::is_ascii_digit) && is_free(text, end);
    let dutch = at(text, end) == b' ' && matches(text, end + 1, b"AA") && !is_word(at(text, end + 3));
    (four && !(at(text, end) == b' ' && at(text, end + 1).is_ascii_lowercase())).then_some(if dutch {
        end + 3
    } else {
        end
    })
}
