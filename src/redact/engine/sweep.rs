//! One pass over a text: places where something may begin, and what is asked there.

use smallvec::SmallVec;

use crate::redact::Kind;
use crate::redact::detect::text::{at, before, digits, is_hex};
use crate::redact::detect::{self, Detector, Literal, Literals, Trigger, keep};

use super::frame::{Frame, Frames};
use super::neighbour::{begins_cell, is_somebody};
use super::state::State;
use super::view::View;
use super::{Engine, Quote};

/// Data of one text whose rows are looked at.
const MAX_FOUND: usize = 64;

/// What a byte may begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Nothing,
    Digit,
    At,
    Separator,
    Open,
    Close,
    Less,
    Upper,
    Wide,
    Dash,
    Mark,
    Line,
}

static CLASSES: [Class; 256] = {
    let mut classes = [Class::Nothing; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte {
            0x30..=0x39 => Class::Digit,
            0x40 => Class::At,
            0x3A | 0x3D => Class::Separator,
            0x7B | 0x5B | 0x28 => Class::Open,
            0x7D | 0x5D | 0x29 => Class::Close,
            0x3C => Class::Less,
            0x41..=0x5A => Class::Upper,
            0x2D => Class::Dash,
            0x22 | 0x27 => Class::Mark,
            0x0A => Class::Line,
            0x80..=0xFF => Class::Wide,
            _ => Class::Nothing,
        };
        byte += 1;
    }
    classes
};

/// A search of one text.
pub struct Sweep<'a> {
    pub(super) engine: &'a Engine,
    pub(super) literals: &'a Literals,
    pub(super) state: &'a mut State,
    pub(super) view: &'a View<'a>,
    pub(super) frames: Frames,
    /// A key whose value begins with a bracket at this place.
    pub(super) pending: Option<(usize, Frame)>,
    /// Where detectors that guess are not asked: the value of a key that an operator needs.
    pub(super) kept: (usize, usize),
    /// Logins of URLs, whose `@` is no e-mail address's.
    /// Up to here values have been searched with spaces for plus signs.
    pub(super) spaced: usize,
    /// Up to here marks have been dealt with.
    pub(super) marked: usize,
    /// A colon was seen in this line of the text.
    pub(super) colon: bool,
    /// A personal key was seen in this text.
    pub(super) personal: bool,
    /// A quoted-printable escape was seen in this text.
    pub(super) printable: bool,
    /// Names of bound values, and what the statement compares them with.
    pub(super) places: SmallVec<[((usize, usize), Kind); 4]>,
    pub(super) logins: SmallVec<[(usize, usize); 2]>,
    /// A place in what may be a row without a header.
    pub(super) row_at: Option<usize>,
    /// How many of what was found stand between commas.
    pub(super) found_cells: usize,
    /// Where in a table of HTML the search is.
    pub(super) markup: super::markup::Markup,
    /// The first pair with a key of one or two letters, and how many there were.
    pub(super) short: (usize, usize),
    /// Where data were found that make a row somebody's.
    pub(super) found: SmallVec<[(usize, usize, Kind); 8]>,
}

impl<'a> Sweep<'a> {
    /// A search of `view`.
    pub fn new(engine: &'a Engine, literals: &'a Literals, state: &'a mut State, view: &'a View<'a>) -> Self {
        Self {
            engine,
            literals,
            state,
            view,
            frames: Frames::default(),
            pending: None,
            kept: (0, 0),
            logins: SmallVec::new(),
            personal: false,
            printable: false,
            colon: false,
            marked: 0,
            spaced: 0,
            places: SmallVec::new(),
            found: SmallVec::new(),
            row_at: None,
            markup: super::markup::Markup::default(),
            short: (0, 0),
            found_cells: 0,
        }
    }

    /// Searches the text, and what it says when it is decoded.
    pub fn run(mut self) {
        let text = self.view.text;
        let Some(left) = self.state.work.checked_sub(text.len()) else {
            let (start, end) = self.view.source(0, text.len().max(1));
            return self.state.spans.add_unparsed(start, end);
        };
        self.state.work = left;
        let literals = self.literals;
        // Texts within what an earlier one proved go with it: no byte is asked again and again.
        let mut covered = 0;
        literals.find(text, |literal, from| match literal {
            Literal::Mark(index) => self.mark(index, from),
            _ if from < covered => {}
            _ => {
                if let Some((kind, start, end)) = Literals::judge(literal, text, from) {
                    covered = covered.max(end);
                    self.literal(kind, start, end);
                }
            }
        });
        self.scan();
        self.neighbours();
        self.words();
        self.decode();
    }

    fn scan(&mut self) {
        let text = self.view.text;
        let mut from = 0;
        self.line_begins(0);
        loop {
            // Most bytes begin nothing.
            let Some(skip) = text
                .get(from..)
                .unwrap_or_default()
                .iter()
                .position(|byte| !matches!(CLASSES[usize::from(*byte)], Class::Nothing))
            else {
                return;
            };
            from += skip;
            from = match CLASSES[usize::from(text[from])] {
                Class::Nothing => from + 1,
                Class::Digit => self.digit(from),
                Class::Upper => self.capital(from),
                Class::Separator => self.separator(from),
                Class::At => self.detect(Trigger::At, from).unwrap_or(from + 1),
                Class::Dash => self.dash(from),
                Class::Mark => self.mark_of_speech(from),
                Class::Open => self.open(from),
                Class::Close => {
                    self.frames.pop(false);
                    from + 1
                }
                Class::Less => self.less(from),
                Class::Line => {
                    self.colon = false;
                    self.line_begins(from + 1);
                    from + 1
                }
                Class::Wide => self.wide(from),
            };
        }
    }

    /// The first row with this trigger that finds something: its end.
    fn detect(&mut self, trigger: Trigger, from: usize) -> Option<usize> {
        self.first(trigger, from, |_| true)
    }

    /// The same of those rows that may find something at all.
    #[inline]
    fn first(&mut self, trigger: Trigger, from: usize, may: impl Fn(&Detector) -> bool) -> Option<usize> {
        let text = self.view.text;
        let (row, start, end) = self.literals.rows(trigger).iter().filter(|row| may(row)).find_map(|row| {
            let (start, end) = (row.find)(text, from)?;
            self.may(row, from, start, end).then_some((*row, start, end))
        })?;
        self.hit(row.kind, start, end);
        Some(end.max(from + 1))
    }

    fn may(&self, row: &Detector, from: usize, start: usize, end: usize) -> bool {
        if row.trigger == Trigger::At && self.logins.iter().any(|login| (login.0..=login.1).contains(&from)) {
            return false;
        }
        row.proves || !(self.kept.0 <= start && end <= self.kept.1)
    }

    fn digit(&mut self, from: usize) -> usize {
        let text = self.view.text;
        let end = from + digits(text, from).max(1);
        let left = before(text, from);
        if left.is_ascii_alphabetic() {
            // Within a word only codes of letters and digits begin.
            let letters = detect::text::run_back(text, from, 7, |byte| byte.is_ascii_alphabetic());
            if matches!(letters, 1..=6)
                && before(text, from - letters) == b' '
                && let Some(end) = self.told(from - letters)
            {
                return end;
            }
            let may = end - from >= 2 && matches!(letters, 1 | 2 | 5 | 6);
            return if may { self.detect(Trigger::Code, from).unwrap_or(end) } else { end };
        }
        if left == b'_' {
            return end;
        }
        if matches!(left, b' ' | b'#' | b'-' | 0x80..)
            && let Some(end) = self.told(from)
        {
            return end;
        }
        if matches!(left, 0 | b' ' | b'"' | b'\'' | b'(' | b'[' | b',' | b':' | b'>' | b'*' | 0x80..)
            && end - from <= detect::MAX_HOUSE
            && let Some(end) = self.detect(Trigger::Number, from)
        {
            return end;
        }
        let next = at(text, end);
        // Shapes that stay begin with two, three, four or eight digits and a mark, or are UUIDs.
        if left < 0x80
            && matches!(next, b'-' | b'/' | b'.' | b'T')
            && let Some(end) = keep::claims(text, from, end - from)
        {
            return end;
        }
        if !may_begin(text, from, end) {
            return end;
        }
        let digits = digits_near(text, from, end);
        let may = |row: &Detector| !matches!(row.trigger, Trigger::Digits(least) if least > digits);
        self.first(Trigger::Digit, from, may).unwrap_or(end)
    }

    fn capital(&mut self, from: usize) -> usize {
        let text = self.view.text;
        let left = before(text, from);
        let begins = matches!(
            left,
            0 | b' ' | b'"' | b'\'' | b'(' | b'[' | b':' | b',' | b';' | b'\t' | b'|' | b'=' | b'>' | b'<' | b'*'
        );
        // What follows a letter does not begin a word.
        let rest = || from + 1 + detect::text::run(text, from + 1, usize::MAX, |byte| byte.is_ascii_alphabetic());
        if !begins {
            return rest();
        }
        if self.row_at.is_none() && begins_cell(text, from) {
            self.row_at = Some(from);
        }
        self.detect(Trigger::Capital, from).unwrap_or_else(rest)
    }

    fn wide(&mut self, from: usize) -> usize {
        let text = self.view.text;
        if text[from] == 0xEF && text[from..].starts_with("＠".as_bytes()) {
            return self.detect(Trigger::At, from).unwrap_or(from + 3);
        }
        if text[from] == 0xEF && text[from..].starts_with("：".as_bytes()) {
            return self.pair(from);
        }
        if from > 0
            && matches!(text[from - 1], b' ' | b'"' | b'\'' | b'(' | b';' | b'\t' | b'|' | b',' | b'=' | b'>' | b'[')
        {
            if self.row_at.is_none() && begins_cell(text, from) {
                self.row_at = Some(from);
            }
            if let Some(end) = self.detect(Trigger::Capital, from) {
                return end;
            }
        }
        from + 1
    }

    fn dash(&mut self, from: usize) -> usize {
        let text = self.view.text;
        let may_be_pair = at(text, from + 3) == b'-' && is_hex(before(text, from)) && is_hex(at(text, from + 1));
        if may_be_pair && let Some(end) = self.detect(Trigger::Pair, from) {
            return end;
        }
        from + 1
    }

    /// At a colon: an address, or the separator of a pair.
    fn separator(&mut self, from: usize) -> usize {
        let text = self.view.text;
        if text[from] == b':' {
            let (left, right) = (before(text, from), at(text, from + 1));
            let touches = |byte: u8| is_hex(byte) || byte == b':';
            if touches(right) && (touches(left) || right == b':') {
                let found = self.detect(Trigger::Colon, from).or_else(|| self.detect(Trigger::Pair, from));
                if let Some(end) = found {
                    return end;
                }
            }
        }
        self.pair(from)
    }

    fn open(&mut self, from: usize) -> usize {
        let text = self.view.text;
        let frame = match self.pending.take() {
            Some((place, frame)) if place == from => frame,
            _ => {
                // `Buyer{name=…}`: the word before the bracket.
                let word =
                    |end| detect::text::run_back(text, end, 48, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
                // `address { lines: …`: protobuf's text format.
                let gap = usize::from(text[from] == b'{' && before(text, from) == b' ' && at(text, from + 1) == b' ');
                let length = gap + word(from - gap);
                let inherited = if text[from] == b'[' || text[from] == b'(' || length == 0 {
                    self.frames.top().meaning
                } else {
                    None
                };
                Frame { key: (from - length, from - gap), meaning: inherited, ..Frame::default() }
            }
        };
        let next = from + 1 + detect::text::run(text, from + 1, 64, |byte| byte <= b' ');
        if let Some(meaning) = frame.meaning
            && text[from] != b'{'
        {
            let end = self.list(next, meaning);
            if end > next {
                self.frames.push(frame);
                return end;
            }
        }
        if text[from] == b'[' {
            self.remote_user(from);
        }
        // `["email", "x@y.example"]`
        if text[from] == b'['
            && let Some(end) = self.pair_in_list(next)
        {
            return end;
        }
        if text[from] == b'{' {
            self.tuple(next);
        }
        self.frames.push(frame);
        from + 1
    }

    /// Adds what was found at `start..end`, and a name that stands beside it.
    pub(super) fn hit(&mut self, kind: Kind, start: usize, end: usize) {
        let text = self.view.text;
        if kind == Kind::Address && self.is_kept_address(&text[start..end]) {
            return;
        }
        self.add(kind, start, end, Quote::default());
        if matches!(kind, Kind::Email | Kind::Account | Kind::Card | Kind::Phone) {
            self.beside(start, end);
        }
        if kind == Kind::Name {
            self.after_name(start, end);
        }
        if kind == Kind::Postal && text[..start].ends_with(b", ") {
            self.name_ending_at(start - 2, 2);
        }
    }

    /// Adds a span of this text as a span of the line.
    pub(super) fn add(&mut self, kind: Kind, start: usize, end: usize, quote: Quote) {
        let text = self.view.text;
        if start >= end || super::is_marker(&text[start..end]) || self.engine.redactor.keeps(&text[start..end]) {
            return;
        }
        if self.found.len() < MAX_FOUND && is_somebody(kind) {
            self.found.push((start, end, kind));
        }
        let (first, last) = self.view.source(start, end);
        let level = self.view.level.min(self.state.stats.levels.len() - 1);
        self.state.stats.levels[level] += 1;
        self.state.spans.add(first, last, kind, &text[start..end], quote);
    }
}

/// Most digits that a row asks for.
const MOST_DIGITS: usize = 13;

/// How many digits follow from the run at `from..end` on, with no more than marks and spaces between them; no more are
/// counted than any row needs.
fn digits_near(text: &[u8], from: usize, end: usize) -> usize {
    let mut count = end - from;
    for byte in &text[end..] {
        if count >= MOST_DIGITS {
            break;
        }
        match byte {
            b'0'..=b'9' => count += 1,
            b' ' | b'(' | b')' | b'+' | b',' | b'-' | b'.' | b'/' | b';' | 0x80.. => {}
            _ => break,
        }
    }
    count
}

/// Whether anything at all that begins with digits could begin with those at `from..end`: a long run, or one that a
/// separator and another group, or letters of a code, follow.
fn may_begin(text: &[u8], from: usize, end: usize) -> bool {
    let (first, second) = (at(text, end), at(text, end + 1));
    match first {
        _ if end - from >= 7 => true,
        b'.' | b' ' | b'-' | b'/' | b')' | b'(' | b'+' => {
            second.is_ascii_digit() || matches!(second, b'(' | b')' | b' ' | b'-' | b'+' | b'/' | b'.')
        }
        b'A'..=b'Z' => end - from == 2 && second.is_ascii_uppercase(),
        0xE2 => true,
        _ => false,
    }
}
