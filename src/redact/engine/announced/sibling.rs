//! Pairs of a record beside one that is known to be personal: `{"email": "…", "whoOrdered": "Jane Doe", "pc": "12345"}`.
//!
//! The lexicon knows no key of everybody's. But an object, a form or an element in which somebody's e-mail address or
//! street stands is about somebody, and a value under a strange key that looks like a name, a street or a telephone
//! number is theirs. What looks like one by chance alone (a word with a capital, five digits) needs a key that may be short
//! for it as well.

use smallvec::SmallVec;

use crate::redact::Kind;
use crate::redact::detect::blocks::{places, places_back};
use crate::redact::detect::cell::{self, Guess};
use crate::redact::detect::text::{at, before};
use crate::redact::detect::{given, names};
use crate::redact::lexicon::Meaning;
use crate::redact::structure::{self, Key};

use super::headerless_row::is_somebody;
use crate::redact::engine::Quote;
use crate::redact::engine::sweep::{Sweep, within};
use crate::redact::engine::whose::special;

/// Bytes of a form on either side of what was found.
const MAX_FORM: usize = 1024;
/// Records of one text that are looked at, and pairs of each.
const MAX_RECORDS: usize = 512;
const MAX_PAIRS: usize = 48;
/// Pairs that make a record somebody's although all of its keys are short.
const LEAST_SHORT: usize = 3;

/// A record's bounds, and whether what is in it is all about one matter.
#[derive(Clone, Copy)]
struct Record {
    from: usize,
    to: usize,
    close: bool,
}

/// Pairs of one text whose keys have one letter or two.
#[derive(Default)]
pub struct ShortKeys {
    /// Where the first key is.
    first: usize,
    count: usize,
}

impl ShortKeys {
    fn add(&mut self, place: usize) {
        self.first = if self.count == 0 { place } else { self.first };
        self.count += 1;
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Sweep<'_> {
    /// Judges the pairs beside what this search has found.
    pub fn siblings(&mut self, found: &[(usize, usize, Kind)]) {
        let mut done = 0;
        let mut records = 0;
        for &(start, end, kind) in found {
            if start < done || records >= MAX_RECORDS || !is_somebody(kind) {
                continue;
            }
            records += 1;
            let record = self.record(start, end);
            if record.close {
                let near = within(found, record.from, record.to);
                self.judge_pairs(record, &near, true);
            } else if self.is_of_words(start) {
                self.judge_words(record);
            }
            done = record.to;
        }
        if self.short.count >= LEAST_SHORT {
            let (from, to, bracketed) = self.region(self.short.first, self.short.first + 1);
            if bracketed {
                self.judge_pairs(Record { from, to, close: true }, found, false);
            }
        }
    }

    /// Whether a value at `start` is one of `key=value key="value"`.
    fn is_of_words(&self, start: usize) -> bool {
        let text = self.view.text;
        let quote = usize::from(matches!(before(text, start), b'"' | b'\''));
        before(text, start - quote) == b'='
    }

    /// Judges short keys of such pairs: `street="…" pc=12345`.
    fn judge_words(&mut self, record: Record) {
        let text = self.view.text;
        let mut pairs = 0;
        for place in memchr::memchr_iter(b'=', &text[record.from..record.to]).take(MAX_PAIRS) {
            let separator = record.from + place;
            let Some(key) = structure::key_before(text, separator).filter(|key| key.end - key.start <= 5) else {
                continue;
            };
            let name = &text[key.start..key.end];
            if !matches!(abbreviation(name), Some(Kind::Postcode | Kind::Phone | Kind::Postal)) || pairs > 8 {
                continue;
            }
            pairs += 1;
            let (start, end, _) = self.extent_near(key, separator, separator + 1, Kind::Postcode);
            let Some((kind, true)) = self.sibling(name, &text[start..end.max(start)]) else { continue };
            // A number of something else has no mark, and a post code five digits at least.
            let sure = cell::guess(&text[start..end])
                .is_some_and(|guess| !guess.weak || kind == Kind::Postcode && end - start >= 5);
            if sure {
                self.add(kind, start, end, Quote::default());
            }
        }
    }

    /// The form, the brackets or the tag in which `start..end` stands.
    fn record(&self, start: usize, end: usize) -> Record {
        let text = self.view.text;
        let (least, most) = (start.saturating_sub(MAX_FORM), text.len().min(end + MAX_FORM));
        let from = places_back(text, least, start, ends_form).next().map_or(least, |place| place + 1);
        let to = places(text, end, most, ends_form).next().unwrap_or(most);
        if memchr::memchr(b'&', &text[from..to]).is_some() && memchr::memchr(b'=', &text[from..to]).is_some() {
            return Record { from, to, close: true };
        }
        // `<to name="…" zip="…"/>`
        let ends_tag = |byte: u8| (byte == b'<') | (byte == b'>') | (byte == b'\n');
        let tag = places_back(text, least, start, ends_tag).next().map_or(least, |place| place + 1);
        if tag > 0 && text[tag - 1] == b'<' && memchr::memchr(b'=', &text[tag..start]).is_some() {
            let close = places(text, end, most, ends_tag).next().unwrap_or(most);
            return Record { from: tag, to: close, close: true };
        }
        let (from, to, bracketed) = self.region(start, end);
        Record { from, to, close: bracketed }
    }

    /// Bounds of the record around `start..end`.
    pub fn bounds(&self, start: usize, end: usize) -> (usize, usize) {
        let record = self.record(start, end);
        (record.from, record.to)
    }

    /// Judges every pair of a record. `known`: something in it is personal; else what its short keys say together
    /// decides.
    fn judge_pairs(&mut self, record: Record, found: &[(usize, usize, Kind)], known: bool) {
        let text = self.view.text;
        let mut hits: SmallVec<[(usize, usize, Kind, Quote); 8]> = SmallVec::new();
        let mut short = 0;
        let mut place = false;
        let (mut next, mut pairs) = (record.from, 0);
        while pairs < MAX_PAIRS {
            let Some(offset) = memchr::memchr2(b':', b'=', &text[next..record.to]) else { break };
            let separator = next + offset;
            next = separator + 1;
            // The colon of `https://…`, in which a form stands.
            if text[separator] == b':' && text[next..].starts_with(b"//") {
                continue;
            }
            // What goes already needs no judgement.
            if known && let Some(end) = found_whole(text, next, found) {
                pairs += 1;
                next = end.clamp(next, record.to);
                continue;
            }
            let Some(key) = structure::key_before(text, separator).filter(|key| key.start >= record.from) else {
                continue;
            };
            let value =
                super::extent::value_start(text, separator, 1 + usize::from(text[next.min(text.len() - 1)] == b'>'));
            if value >= record.to || matches!(text[value], b'{' | b'[' | b'(') {
                continue;
            }
            pairs += 1;
            let (start, end, after) = self.extent_near(key, separator, value, Kind::Value);
            if start >= end || end > record.to {
                continue;
            }
            next = after.max(next).min(record.to);
            let name = &text[key.start..key.end];
            let Some((kind, is_short)) = self.sibling(name, &text[start..end]) else { continue };
            // `"items": [{"name": "…", "sku": "…"}]` within somebody's order.
            if matches!(kind, Kind::Name | Kind::Postal) && !is_short && self.is_of_things(name, start, end) {
                continue;
            }
            if self.is_of_business(name, kind, start, end) {
                continue;
            }
            short += usize::from(is_short);
            place |= matches!(kind, Kind::Postal | Kind::Postcode | Kind::Phone);
            let quote = if start == value && key.quote.is_some() && text[separator] == b':' {
                key.quote.unwrap_or_default()
            } else {
                Quote::default()
            };
            hits.push((start, end, kind, quote));
        }
        if known || short >= LEAST_SHORT && place {
            for (start, end, kind, quote) in hits {
                self.add(kind, start, end, quote);
            }
        }
    }

    /// What a value beside personal ones is, and whether its key is short for it.
    fn sibling(&mut self, name: &[u8], value: &[u8]) -> Option<(Kind, bool)> {
        if name.len() > 64 || value.len() > 320 {
            return None;
        }
        // Most keys are known, and what a key says is known already.
        let key = self.state.known.look_up(name, None);
        // `line: "Ludwigsplatz 4"`: of a file, or of an address.
        let line = matches!(name, b"line" | b"lines" | b"line0" | b"text_line" | b"row");
        if line && cell::guess(&special::said(value)).is_some_and(|guess| guess.kind == Kind::Postal) {
            return Some((Kind::Postal, false));
        }
        if !matches!(key.meaning, Meaning::Unknown | Meaning::Doubtful(_))
            || key.of_thing
            || special::is_nothing(value)
            || special::is_structured(value)
        {
            return None;
        }
        let said = special::said(value);
        let value = &said[..];
        let abbreviated = abbreviation(name);
        // `fn: 'jane', ln: 'doe'`: as pages tell them to those who count visits.
        let small = (2..=24).contains(&value.len()) && value.iter().all(u8::is_ascii_lowercase);
        if small && matches!(name, b"fn" | b"ln") {
            return Some((Kind::Name, true));
        }
        let Guess { kind, weak } = cell::guess(value)?;
        if let Some(short) = abbreviated {
            let fits = match short {
                Kind::Name | Kind::Place => kind == Kind::Name,
                // `Ilica 12`
                short => kind == short,
            };
            return fits.then_some((short, true));
        }
        // `dispatchedFrom`, `droppedAt`: a place of the shop's.
        if kind == Kind::Name && value.is_ascii() && ends_in_place(name) {
            return None;
        }
        // `receipt_number`, `voucher_code`: a number of something else.
        if matches!(kind, Kind::Phone | Kind::Postcode) && key.numbered {
            return None;
        }
        let sure = match kind {
            Kind::Name => !weak && (!value.is_ascii() || names::is_name_of_words(value)),
            // A trunk's zero: counters and ids have none.
            Kind::Phone => !weak || value[0] == b'0',
            Kind::Postal => {
                !weak
                    || crate::redact::detect::street::has_word(value)
                    || crate::redact::detect::residence::is_unit(value)
            }
            Kind::Postcode => !weak,
            _ => !weak,
        };
        let known_name = kind == Kind::Name && given::is_name(value);
        (sure || known_name).then_some((kind, false))
    }

    /// Notes a pair whose key has one or two letters.
    #[inline]
    pub fn note_short(&mut self, key: Key) {
        if key.end - key.start <= 2 && key.quote.is_some() {
            self.short.add(key.start);
        }
    }
}

/// Where the value ends that begins at `from` or a quote behind it, if all of it was found.
fn found_whole(text: &[u8], from: usize, found: &[(usize, usize, Kind)]) -> Option<usize> {
    let (start, end, _) = found.iter().find(|(start, _, kind)| (from..from + 3).contains(start) && kind.is_keyed())?;
    is_whole(text, *start, *end).then_some(*end)
}

/// Whether what was found is all of a value.
fn is_whole(text: &[u8], start: usize, end: usize) -> bool {
    let (left, right) = (before(text, start), at(text, end));
    right == b'&' || matches!(left, b'"' | b'\'') && left == right
}

/// Whether a form ends at `byte`. Without branches.
const fn ends_form(byte: u8) -> bool {
    (byte <= b' ')
        | (byte == b'"')
        | (byte == b'\'')
        | (byte == b'<')
        | (byte == b'>')
        | (byte == b'{')
        | (byte == b'}')
        | (byte == b',')
}

/// A key whose last word leads to a place: `dispatchedFrom`, `shipped_via`.
pub fn ends_in_place(key: &[u8]) -> bool {
    [
        &b"from"[..],
        b"via",
        b"at",
        b"hub",
        b"depot",
        b"site",
        b"location",
        b"facility",
        b"warehouse",
        b"carrier",
        b"method",
    ]
    .iter()
    .any(|end| {
        let start = key.len().saturating_sub(end.len());
        key[start..].eq_ignore_ascii_case(end)
            && (key.len() == end.len()
                || matches!(key[start - 1], b'_' | b'-' | b'.')
                || key[start].is_ascii_uppercase() && key[start - 1].is_ascii_lowercase())
    })
}

/// What a key of a few letters may be short for.
fn abbreviation(key: &[u8]) -> Option<Kind> {
    const KNOWN: [(Kind, &[&[u8]]); 5] = [
        (
            Kind::Name,
            &[
                b"n", b"nm", b"fn", b"gn", b"vn", b"nn", b"ln", b"sn", b"mn", b"cn", b"f", b"l", b"rn", b"bn", b"nam",
                b"prn",
            ],
        ),
        (
            Kind::Postal,
            &[
                b"s", b"st", b"str", b"a", b"ad", b"a1", b"a2", b"l1", b"l2", b"s1", b"s2", b"al1", b"al2", b"adr",
                b"rd", b"addr",
            ],
        ),
        (Kind::Postcode, &[b"z", b"zp", b"pc", b"cp", b"pz", b"zc", b"pcode", b"pst", b"pl", b"tk"]),
        (Kind::Place, &[b"c", b"ct", b"ci", b"tn", b"cty", b"o", b"v", b"twn"]),
        (Kind::Phone, &[b"p", b"ph", b"t", b"tl", b"m", b"mb", b"nr", b"no", b"num", b"number", b"cl", b"mo", b"gsm"]),
    ];
    let word = key.rsplit(|byte| matches!(byte, b'_' | b'-' | b'.')).next().unwrap_or(key);
    KNOWN.iter().find(|(_, words)| words.iter().any(|known| word.eq_ignore_ascii_case(known))).map(|(kind, _)| *kind)
}
