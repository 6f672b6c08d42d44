//! What is asked at each place of a text.

use crate::redact::Kind;
use crate::redact::detect::blocks::BLOCK;
use crate::redact::detect::text::{at, before, digits, is_hex};
use crate::redact::detect::{self, Detector, Trigger, keep};

use super::announced::headerless_row::begins_cell;
use super::announced::quotation::begins_quotation;
use super::frame::Frame;
use super::places::places;
use super::sweep::Sweep;

/// After `<!`.
const CDATA: &[u8] = b"[CDATA[";

impl Sweep<'_> {
    /// Asks at each place where something may begin.
    pub(super) fn scan(&mut self) {
        let text = self.view.text;
        let mut from = 0_usize;
        self.line_begins(0);
        for base in (0..text.len()).step_by(BLOCK) {
            // What was dealt with is passed over.
            if from >= base + BLOCK {
                continue;
            }
            let all = places(text, base);
            loop {
                let skip = from.saturating_sub(base);
                let left = if skip < BLOCK { all & u64::MAX << skip } else { 0 };
                if left == 0 {
                    break;
                }
                from = self.place(base + left.trailing_zeros() as usize);
            }
        }
    }

    #[inline(always)]
    fn place(&mut self, from: usize) -> usize {
        let text = self.view.text;
        match text[from] {
            b'0'..=b'9' => self.digit(from),
            b':' | b'=' => self.separator(from),
            b'-' => self.dash(from),
            b'"' | b'\'' if begins_quotation(text, from) => self.quotation(from),
            b'A'..=b'Z' if begins_word(text, from) => self.capital(from),
            b'A'..=b'Z' => from + 1 + detect::text::run(text, from + 1, usize::MAX, |byte| byte.is_ascii_uppercase()),
            // A section of XML is no list.
            b'[' if self.view.text[from..].starts_with(CDATA) => from + CDATA.len(),
            b']' if self.view.text[from..].starts_with(b"]]>") => from + 3,
            b'{' | b'[' | b'(' => self.open(from),
            b'}' | b']' | b')' => {
                self.frames.pop(false);
                from + 1
            }
            b'<' => self.angle_bracket(from),
            b'@' => self.detect(Trigger::At, from).unwrap_or(from + 1),
            b'\n' => {
                self.colon = false;
                self.line_begins(from + 1);
                from + 1
            }
            0x80.. => self.wide(from),
            _ => from + 1,
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
        if row.trigger == Trigger::At && self.logins.has(from.saturating_sub(1)) {
            return false;
        }
        row.proves || !(self.quiet.covers(start, end) || row.kind == Kind::Phone && self.is_number_of_document(start))
    }

    #[inline(never)]
    fn digit(&mut self, from: usize) -> usize {
        let text = self.view.text;
        let end = from + digits(text, from).max(1);
        let left = before(text, from);
        if left.is_ascii_alphabetic() {
            // Within a word only codes of letters and digits begin.
            let letters = detect::text::run_back(text, from, 7, |byte| byte.is_ascii_alphabetic());
            if matches!(letters, 1..=6)
                && before(text, from - letters) == b' '
                && let Some(end) = self.labelled_value(from - letters)
            {
                return end;
            }
            let may = end - from >= 2 && matches!(letters, 1 | 2 | 5 | 6) || letters == 3 && end - from >= 7;
            return if may { self.detect(Trigger::Code, from).unwrap_or(end) } else { end };
        }
        if left == b'_' {
            return end;
        }
        if matches!(left, b' ' | b'#' | b'-' | b'(' | 0x80..)
            && let Some(end) = self.labelled_value(from)
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

    #[inline(never)]
    fn capital(&mut self, from: usize) -> usize {
        if self.row_at.is_none() && begins_cell(self.view.text, from) {
            self.row_at = Some(from);
        }
        self.detect(Trigger::Capital, from).unwrap_or(from + 1)
    }

    #[inline(never)]
    fn wide(&mut self, from: usize) -> usize {
        let text = self.view.text;
        if text[from] == 0xEF && text[from..].starts_with("＠".as_bytes()) {
            return self.detect(Trigger::At, from).unwrap_or(from + 3);
        }
        if text[from] == 0xEF && text[from..].starts_with("：".as_bytes()) {
            return self.pair(from);
        }
        // `„`, `“`, `«`
        if text[from] == 0xE2 && at(text, from + 1) == 0x80 || text[from] == 0xC2 && at(text, from + 1) == 0xAB {
            return self.wide_quotation(from).unwrap_or(from + 1);
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

    #[inline(never)]
    fn dash(&mut self, from: usize) -> usize {
        let text = self.view.text;
        let may_be_pair = at(text, from + 3) == b'-' && is_hex(before(text, from)) && is_hex(at(text, from + 1));
        if may_be_pair && let Some(end) = self.detect(Trigger::Pair, from) {
            return end;
        }
        from + 1
    }

    /// At a colon: an address, or the separator of a pair.
    #[inline(never)]
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

    #[inline(never)]
    fn open(&mut self, from: usize) -> usize {
        let text = self.view.text;
        let frame = match self.pending.take() {
            Some((place, frame)) if place == from => frame,
            _ => {
                // `Buyer{name=…}`: the word before the bracket.
                let word =
                    |end| detect::text::run_back(text, end, 48, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
                // `eq(lastName,Doe)`
                if text[from] == b'(' && self.operand(from) {
                    return from + 1;
                }
                // `:addr ["…" "…"]` of Clojure.
                if let Some(frame) = self.keyword(from) {
                    return self.opened(from, frame);
                }
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
        self.opened(from, frame)
    }

    /// A bracket that opens at `from`, and what is around its contents.
    fn opened(&mut self, from: usize, frame: Frame) -> usize {
        let text = self.view.text;
        let next = from + 1 + detect::text::run(text, from + 1, 64, |byte| byte <= b' ');
        // `…[truncated 8752 bytes]`: no list.
        let omits = [&b"..."[..], "…".as_bytes(), b"... ", "… ".as_bytes()].iter().any(|dots| {
            text[..from].ends_with(dots) && (!dots.ends_with(b" ") || super::whose::special::is_omission(&text[next..]))
        });
        if let Some(meaning) = frame.meaning
            && text[from] != b'{'
            && !omits
        {
            let end = self.list(next, meaning);
            if end > next {
                self.frames.push(frame);
                return end;
            }
        }
        if at(text, next).is_ascii_digit()
            && let Some(end) = self.byte_list(from)
        {
            self.frames.push(frame);
            return end;
        }
        if text[from] == b'[' {
            self.remote_user(from);
        }
        if !self.placeholders.is_empty() {
            self.positional(from);
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
        if text[from] == b'('
            && let Some(end) = self.object_of_scala(from)
        {
            return end;
        }
        self.frames.push(frame);
        from + 1
    }
}

/// Whether a word may begin at the capital at `from`.
#[inline]
fn begins_word(text: &[u8], from: usize) -> bool {
    matches!(
        before(text, from),
        0 | b' ' | b'"' | b'\'' | b'(' | b'[' | b':' | b',' | b';' | b'\t' | b'|' | b'=' | b'>' | b'<' | b'*'
    )
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
