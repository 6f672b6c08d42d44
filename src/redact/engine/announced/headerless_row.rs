//! Rows without a header: cells beside one that is known to be personal.
//!
//! An exported row, a list of arguments, a tuple of bound values: nothing says what stands where, but a row that has
//! somebody's e-mail address, name or street in it is somebody's row, and the cells beside are judged by their shape.

use smallvec::SmallVec;

use crate::redact::Kind;
use crate::redact::detect::blocks::{is_bound, places, places_back};
use crate::redact::detect::cell;
use crate::redact::detect::text::{Listed, at, before, digits, run, run_back};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure;

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::{Sweep, within};
use crate::redact::engine::value;
use crate::redact::engine::whose::special;

/// Bytes of a row on either side of what was found.
const MAX_REACH: usize = 1024;
/// Bytes before an event's head: of a line of syslog.
const MAX_HEAD: usize = 96;
/// Cells of a row that are judged.
const MAX_CELLS: usize = 64;
/// Cells between a personal one and one that it speaks for.
const MAX_STEPS: usize = 6;
/// Rows of a text in which that is done: a log line has one or two, one with a file in it hundreds.
const MAX_ROWS: usize = 1024;

/// A cell, quotes and spaces aside.
#[derive(Clone, Copy)]
struct Cell {
    start: usize,
    end: usize,
    /// What it is, if it is personal.
    kind: Option<Kind>,
}

impl Sweep<'_> {
    /// Judges what stands beside what this search has found.
    pub fn neighbours(&mut self) {
        if self.found.is_empty() && self.row_at.is_none() && self.short.is_empty() {
            return;
        }
        let text = self.view.text;
        let found = std::mem::take(&mut self.found);
        self.siblings(&found);
        self.quoted_names(&found);
        self.clauses(&found);
        self.fixed_columns(&found);
        let mut done = 0;
        let mut rows = 0;
        let listed = self.is_listed(&found);
        if let Some(place) = self.row_at.take()
            && found.is_empty()
            && !self.table.covers(place, place + 1)
            && !self.quiet.covers(place, place)
            && !self.marks.are_values(place)
        {
            self.alone(place);
        }
        for (start, end, _) in found.iter().filter(|(.., kind)| is_somebody(*kind)) {
            let dealt = self.marks.are_values(*start) || self.table.covers(*start, *end);
            if *start < done || rows >= MAX_ROWS || dealt {
                continue;
            }
            rows += 1;
            let (from, to, bracketed) = self.region(*start, *end);
            if let Some(mut cells) = self.cells(from, to, bracketed, listed) {
                // A name in an article's row is a brand's or a supplier's, and speaks for nothing beside it.
                let near = within(&found, from, to);
                let sure = near
                    .iter()
                    .any(|(start, end, kind)| (from..to).contains(start) && *end <= to && *kind != Kind::Name);
                if !sure && cells.iter().any(|cell| is_article(&text[cell.start..cell.end])) {
                    continue;
                }
                for cell in &mut cells {
                    cell.kind = near.iter().find(|(start, end, _)| covers(*start, *end, cell)).map(|(.., kind)| *kind);
                }
                self.judge(&mut cells);
                done = to;
            }
        }
        self.found = found;
    }

    /// A row in which no detector found anything: a name beside a street or a telephone number speaks for both.
    fn alone(&mut self, place: usize) {
        let text = self.view.text;
        let (from, to, bracketed) = self.region(place, place + 1);
        let Some(mut cells) = self.cells(from, to, bracketed, false).filter(|cells| cells.len() >= 3) else { return };
        let guesses: SmallVec<[Option<cell::Guess>; 16]> =
            cells.iter().map(|cell| cell::guess(&text[cell.start..cell.end])).collect();
        let is_strong = |guess: &cell::Guess| !guess.weak && guess.kind != Kind::Postcode;
        // A row with an article's number and nobody's telephone number or post code is an article's.
        let is_goods = cells.iter().any(|cell| is_article(&text[cell.start..cell.end]))
            && !guesses.iter().flatten().any(|guess| matches!(guess.kind, Kind::Phone | Kind::Postcode) && !guess.weak);
        if is_goods {
            return;
        }
        // `params ["Kärntner Ring 1", "8275", "00491651572207"]`: values that were bound, whose shapes tell together.
        let bound = bracketed
            && is_of_statement(text, from)
            && guesses.iter().flatten().any(|guess| guess.kind == Kind::Postal)
            && guesses.iter().flatten().any(|guess| matches!(guess.kind, Kind::Phone | Kind::Postcode));
        if bound {
            for (cell, guess) in cells.iter_mut().zip(&guesses) {
                let kind = guess
                    .map(|guess| guess.kind)
                    .or_else(|| is_dialled_abroad(&text[cell.start..cell.end]).then_some(Kind::Phone));
                if let Some(kind) = kind {
                    cell.kind = Some(kind);
                    self.add(kind, cell.start, cell.end, Quote::default());
                }
            }
        }
        for (index, pair) in guesses.windows(2).enumerate() {
            if let [Some(first), Some(second)] = pair
                && first.kind != second.kind
                && (is_strong(first) || is_strong(second))
                && !(first.weak && first.kind == Kind::Postcode || second.weak && second.kind == Kind::Postcode)
            {
                for (cell, guess) in
                    cells[index..].iter_mut().zip([first, second]).filter(|(cell, _)| cell.kind.is_none())
                {
                    cell.kind = Some(guess.kind);
                    self.add(guess.kind, cell.start, cell.end, Quote::default());
                }
            }
        }
        if cells.iter().any(|cell| cell.kind.is_some()) {
            self.judge(&mut cells);
        }
    }

    /// Whether two or more of what was found stand between commas: that makes a list of what would be prose.
    fn is_listed(&self, found: &[(usize, usize, Kind)]) -> bool {
        let text = self.view.text;
        let listed = |start: usize, end: usize| text[..start].ends_with(b", ") && matches!(at(text, end), b',' | 0);
        found.iter().filter(|(start, end, _)| listed(*start, *end)).take(2).count() == 2
    }

    /// What is in the same brackets, or in the same line: its bounds, and whether brackets bound it.
    pub fn region(&self, start: usize, end: usize) -> (usize, usize, bool) {
        let text = self.view.text;
        let least = start.saturating_sub(MAX_REACH);
        let mut depth = 0usize;
        let (mut from, mut bracketed) = (least, false);
        for place in places_back(text, least, start, is_bound) {
            match text[place] {
                b'\n' => {
                    from = place + 1;
                    break;
                }
                b')' | b']' | b'}' => depth += 1,
                b'(' | b'[' | b'{' if depth == 0 => {
                    (from, bracketed) = (place + 1, true);
                    break;
                }
                b'(' | b'[' | b'{' => depth -= 1,
                _ => {}
            }
        }
        let most = text.len().min(end + MAX_REACH);
        let mut depth = 0usize;
        let mut to = most;
        for place in places(text, end, most, is_bound) {
            match text[place] {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' if depth > 0 => depth -= 1,
                _ => {
                    to = place;
                    break;
                }
            }
        }
        (from, to, bracketed && to < most)
    }

    /// The cells of a row; `None` if it is none. `bracketed`: between brackets; `listed`: what was found in it stands between
    /// commas.
    fn cells(&self, from: usize, to: usize, bracketed: bool, listed: bool) -> Option<SmallVec<[Cell; 16]>> {
        let row = &self.view.text[from..to];
        // The head of an event says which machine saw it, and its pairs have keys.
        let head = &row[..row.len().min(MAX_HEAD)];
        if [&b"CEF:"[..], b"LEEF:"].iter().any(|mark| memchr::memmem::find(head, mark).is_some()) {
            return None;
        }
        // `&#8211;`: the end of an entity parts no cells.
        let parts = |place: &usize| row[*place] != b';' || !ends_entity(row, *place);
        let many = |mark: u8| memchr::memchr_iter(mark, row).filter(parts).take(2).count() == 2;
        let rare = memchr::memchr3(b'\t', b';', b'|', row)
            .and_then(|_| [b'\t', b';', b'|'].into_iter().find(|mark| many(*mark)));
        let separator = rare.or_else(|| {
            // A comma and a space is prose, unless brackets or quotes say that it is a list.
            let list = bracketed
                || listed
                || memchr::memchr_iter(b',', row).filter(|place| !matches!(at(row, place + 1), b' ' | 0)).count() >= 2;
            (many(b',') && list).then_some(b',').or_else(|| (bracketed && row.contains(&b',')).then_some(b','))
        })?;
        let mut cells = SmallVec::new();
        let mut next = from;
        while next <= to && cells.len() < MAX_CELLS {
            let (cell, after) = self.next_cell(from, next, to, separator);
            cells.push(cell);
            next = after + 1;
        }
        (cells.len() >= 2).then_some(cells)
    }

    fn next_cell(&self, row: usize, from: usize, to: usize, separator: u8) -> (Cell, usize) {
        let text = self.view.text;
        let start = from + run(text, from, 8, |byte| byte == b' ');
        let start = start.min(to);
        // `[1 => 'Jane Doe', …]`
        let count = digits(text, start);
        let start = if count > 0 && text[start + count..to].starts_with(b" => ") { start + count + 4 } else { start };
        if let Some((quote, length)) = structure::opening(&text[..to], start) {
            let begin = start + length;
            let close = structure::closing(&text[..to], begin, quote, true);
            let after = (close + usize::from(quote.backslashes) + 1).min(to);
            // `<<"…"/utf8>>` of Erlang.
            let binary = [&b"/utf8>>"[..], b">>"].into_iter().find(|end| text[after..to].starts_with(end));
            let after = after + binary.map_or(0, <[u8]>::len);
            let after = after + run(&text[..to], after, 8, |byte| byte == b' ');
            if after == to || at(text, after) == separator {
                return (Cell { start: begin.min(close), end: close, kind: None }, after);
            }
        }
        let after = memchr::memchr(separator, &text[start..to]).map_or(to, |found| start + found);
        // `label printed: Jane Doe | …`
        // `{"id": 317338092, …`: the key of an object is no such lead.
        let lead = if from == row && before(text, row) != b'{' {
            // `COPY buyers (id, name) FROM stdin; 17\tJane Doe`
            let lead = |mark| memchr::memmem::rfind(&text[start..after], mark);
            lead(b": ").or_else(|| lead(b"; ")).map_or(0, |found| found + 2)
        } else {
            0
        };
        let start = start + lead;
        let length = text[start..after].trim_ascii_end().len();
        // `COPY buyers, line 4: "17\tJane Doe"`: the quote around the row.
        let quote = separator == b'\t'
            && after == to
            && text[start..start + length].ends_with(b"\"")
            && !text[start..start + length - 1].contains(&b'"');
        let length = length - usize::from(quote);
        (Cell { start, end: start + length, kind: None }, after)
    }

    fn judge(&mut self, cells: &mut [Cell]) {
        let text = self.view.text;
        let first = cells.first().map_or(0, |cell| cell.start);
        let bound = is_of_statement(text, first - usize::from(matches!(before(text, first), b'"' | b'\'')));
        // What was found by its neighbours speaks for its own.
        for _ in 0..2 {
            for index in 0..cells.len() {
                let Cell { start, end, kind } = cells[index];
                let inner = &text[start..end];
                if kind.is_some() || special::is_nothing(inner) {
                    continue;
                }
                let near = |steps: usize| {
                    let (first, last) = (index.saturating_sub(steps), (index + steps + 1).min(cells.len()));
                    cells[first..last].iter().any(|cell| cell.kind.is_some())
                };
                if !near(MAX_STEPS) {
                    continue;
                }
                let Some(guess) = cell::guess(inner) else { continue };
                if guess.weak && self.quiet.covers(start, end) {
                    continue;
                }
                // A short number is a post code beside a street or a place, and else any number.
                let street = |cell: &Cell| matches!(cell.kind, Some(Kind::Postal | Kind::Place));
                let fits = match guess.kind {
                    _ if !guess.weak => true,
                    Kind::Postcode | Kind::Phone if bound && near(2) => true,
                    // One is enough for a row.
                    Kind::Postcode if cells.iter().any(|cell| cell.kind == Some(Kind::Postcode)) => false,
                    Kind::Postcode if cells[index.saturating_sub(3)..index].iter().any(street) => true,
                    // `('Jane Doe', 'jane@…', '12345')`: five digits that somebody has quoted.
                    Kind::Postcode => inner.len() == 5 && matches!(before(text, start), b'\'' | b'"') && near(2),
                    Kind::Phone => near(2),
                    _ => near(1),
                };
                // `startswith(LastName,'Doe')`: a key is no cell of its own row.
                let is_key = guess.weak
                    && guess.kind == Kind::Name
                    && !matches!(before(text, start), b'"' | b'\'')
                    && matches!(lexicon::meaning(inner, None), Meaning::Personal(_));
                if !fits || is_key {
                    continue;
                }
                self.add(guess.kind, start, end, Quote::default());
                cells[index].kind = Some(guess.kind);
            }
        }
    }

    /// A value that was bound to a place of a statement, or that a statement's complaint shows: whatever may be
    /// personal goes.
    pub fn bound_value(&mut self, start: usize, end: usize, is_text: bool) {
        let text = self.view.text;
        let inner = &text[start..end];
        if special::is_nothing(inner) || special::is_structured(inner) {
            return;
        }
        // A post code stands beside a street or a place.
        let beside = self.found.last().is_some_and(|(from, to, kind)| {
            matches!(kind, Kind::Postal | Kind::Place | Kind::Name) && *to < start && start - *from < 200
        });
        let kind = match cell::guess(inner) {
            _ if is_text && beside && cell::is_postcode(inner) => Kind::Postcode,
            Some(guess) if !(guess.weak && guess.kind == Kind::Postcode) => guess.kind,
            None if value::is_human(inner) && !inner.contains(&b'/') => Kind::Text,
            _ => return,
        };
        self.add(kind, start, end, Quote::default());
    }
}

/// `00491651572207`: two zeros, a country's code and a number.
fn is_dialled_abroad(cell: &[u8]) -> bool {
    (12..=15).contains(&cell.len())
        && cell.iter().all(u8::is_ascii_digit)
        && cell.starts_with(b"00")
        && matches!(cell[2], b'1'..=b'9')
}

/// Whether what stands in the brackets that open before `from` are the values of a statement, as mappers of objects log
/// them.
fn is_of_statement(text: &[u8], from: usize) -> bool {
    static BOUND: Listed = Listed::new(&[
        "params",
        "parameters",
        "bindings",
        "binding",
        "binds",
        "bind",
        "args",
        "arguments",
        "values",
        "vars",
        "replacements",
    ]);
    let end = from.saturating_sub(1);
    let end = end - run_back(text, end, 4, |byte| matches!(byte, b' ' | b':' | b'=' | b'"'));
    BOUND.has(&text[end - run_back(text, end, 16, |byte| byte.is_ascii_alphabetic())..end])
}

/// Whether the semicolon at `place` ends an entity of HTML.
fn ends_entity(row: &[u8], place: usize) -> bool {
    let length = run_back(row, place, 8, |byte| byte.is_ascii_alphanumeric() || byte == b'#');
    length > 1 && before(row, place - length) == b'&'
}

/// An article's number of thirteen digits (GS1), or the marketplace's own of ten characters.
fn is_article(cell: &[u8]) -> bool {
    cell.len() == 13 && cell.iter().all(u8::is_ascii_digit) || cell.len() == 10 && cell.starts_with(b"B0")
}

/// Whether what was found is most of the cell.
fn covers(start: usize, end: usize, cell: &Cell) -> bool {
    let (first, last) = (start.max(cell.start), end.min(cell.end));
    first < last && (last - first) * 5 >= (cell.end - cell.start) * 2
}

/// Whether a cell of a row begins here: after a mark, or quoted in brackets.
pub fn begins_cell(text: &[u8], from: usize) -> bool {
    match before(text, from) {
        b';' | b'|' | b'\t' => true,
        b' ' => from > 1 && matches!(text[from - 2], b'|' | b';'),
        b'"' | b'\'' => from > 1 && matches!(text[from - 2], b'(' | b'[' | b',') || text[..from - 1].ends_with(b"=> "),
        _ => false,
    }
}

/// Data that make a row somebody's. An Internet address or an agent stands in every line of an access log.
pub const fn is_somebody(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Email
            | Kind::Phone
            | Kind::Name
            | Kind::Postal
            | Kind::Postcode
            | Kind::Text
            | Kind::Card
            | Kind::Account
            | Kind::Birth
    )
}
