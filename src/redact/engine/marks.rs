//! What is done where a text was found that only structure knows what to do with: the values of a statement of SQL, a part
//! of a form, a flag of a command line.

use smallvec::SmallVec;

use crate::redact::Kind;
use crate::redact::detect::Mark;
use crate::redact::detect::text::{at, run, run_back};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure::{self, Key, sql};

use super::Quote;
use super::sweep::Sweep;
use super::value::is_human;
use super::whose::{doubt, programs, special};

/// Bytes of a part of a form in which its content is sought.
const MAX_NEAR: usize = 4096;

/// What stands for the end of a line where lines are joined.
const BAR: &[u8] = b" | ";

/// How far the marks of a text have been dealt with.
#[derive(Default)]
pub struct Marks {
    /// Up to here values of statements and parts of forms have been.
    dealt: usize,
    /// Up to here rows of which a database complains have been.
    rows: usize,
    /// What was dealt with are values of a statement, whose columns were known.
    statement: bool,
}

impl Marks {
    /// Whether `place` is among the values of a statement, which have been judged by their columns.
    pub fn are_values(&self, place: usize) -> bool {
        self.statement && place < self.dealt
    }
}

impl Sweep<'_> {
    /// A text that structure asked for, at its first byte.
    pub(super) fn mark(&mut self, mark: Mark, from: usize) {
        match mark {
            Mark::Values if from >= self.marks.dealt => self.values(from),
            Mark::FormPart if from >= self.marks.dealt => self.part(from),
            Mark::Values | Mark::FormPart => {}
            Mark::Flag => self.flag(from + b" --".len()),
            Mark::DataSource => self.data_source(from),
            Mark::Account => self.account(from + b" -u ".len()),
            Mark::SshPassword => {
                self.password_flag(from + b"sshpass".len());
            }
            Mark::Party => self.edifact_party(from),
            Mark::Contact => self.edifact_contact(from),
            Mark::ContactAddress => self.edifact_address(from),
            Mark::Serialised => self.serialised(from),
            Mark::Rejected => self.rejected(from),
            // A row within another goes with it.
            Mark::FailingRow if from < self.marks.rows => {}
            Mark::FailingRow => self.marks.rows = self.failing_row(from + b"row contains (".len()),
            Mark::LabelField => self.label_field(from + b"^FD".len()),
            Mark::Binding => self.binding(from),
            Mark::TypedBinding => self.typed_binding(from),
            Mark::Complaint => self.database_complaint(from),
            Mark::TakenKey => self.taken_key(from + b"Key (".len()),
            Mark::Truncated => self.truncated(from + b"Truncated value: '".len()),
            Mark::Segment => self.x12_segment(from),
            Mark::Printable => self.printable = true,
            Mark::Caller => self.caller(from + b"CALLERID(".len()),
            Mark::Becomes => self.replaced_secret(from),
            Mark::NetworkIdentity => self.network_identity(from + b" identity ".len()),
            Mark::RadiusLogin => self.radius_login(from),
            Mark::CommandLogin => self.command_login(from + b" - USER ".len()),
            Mark::MachinePassword => self.machine_password(from),
            Mark::FileLogin => self.file_login(from),
            Mark::FieldValue => self.field_value(from + b"field's value: '".len()),
            Mark::TypeValue => self.type_value(from),
            Mark::Excerpt => self.excerpt(from + b" before: '".len()),
            Mark::Payee => self.payee_of_booking(from + b"?32".len()),
        }
    }

    /// `user:password@tcp(host)`: a name of a data source of Go, at its `@`.
    fn data_source(&mut self, sign: usize) {
        let text = self.view.text;
        let length = run_back(text, sign, 128, |byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'='));
        let colon = text[sign - length..sign].iter().position(|byte| *byte == b':');
        if let Some(colon) = colon {
            self.add(Kind::Password, sign - length + colon + 1, sign, Quote::default());
        }
    }

    /// `INSERT INTO t (a, b) VALUES (…)`: each value by the column before it.
    fn values(&mut self, from: usize) {
        let text = self.view.text;
        let mut cells: SmallVec<[sql::Cell; 16]> = SmallVec::new();
        self.marks.dealt = sql::cells(text, from, |cell| cells.push(cell));
        self.marks.statement = cells.iter().all(|cell| cell.column.is_some());
        let goods = self.is_of_articles(&cells);
        for cell in cells {
            self.cell(cell, goods);
        }
    }

    /// Whether the columns of a statement are an article's and nobody's.
    fn is_of_articles(&self, cells: &[sql::Cell]) -> bool {
        let text = self.view.text;
        let names = || cells.iter().take(64).filter_map(|cell| cell.column).map(|(from, to)| &text[from..to.max(from)]);
        names().any(lexicon::is_of_goods)
            && !names().any(|name| matches!(lexicon::meaning(name, None), Meaning::Personal(_)))
    }

    fn cell(&mut self, cell: sql::Cell, goods: bool) {
        let text = self.view.text;
        let (start, end) = cell.value;
        let inner = &text[start..end.max(start)];
        if let (Some(column), Some(b'$' | b'?' | b':' | b'@' | b'%')) = (cell.column, inner.first()) {
            self.remember_place(column, cell.value);
        }
        if special::is_nothing(inner) {
            return;
        }
        let meaning = cell.column.map(|(from, to)| self.state.known.look_up(&text[from..to.max(from)], None).meaning);
        match meaning {
            Some(Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind)) => {
                let column = cell.column.map_or(&b""[..], |(from, to)| &text[from..to]);
                self.replace(column, kind, start, end, Quote::default());
            }
            Some(Meaning::Doubtful(_) | Meaning::Unknown) if goods => {}
            Some(Meaning::Doubtful(Kind::Name)) if cell.quoted || doubt::is_full_name(inner) => {
                self.add(Kind::Name, start, end, Quote::default());
            }
            // A column that nobody knows, with what looks personal.
            Some(Meaning::Unknown)
                if cell.quoted && !cell.column.is_some_and(|(from, to)| lexicon::is_of_thing(&text[from..to])) =>
            {
                if let Some(guess) = crate::redact::detect::cell::guess(inner).filter(|guess| !guess.weak) {
                    self.add(guess.kind, start, end, Quote::default());
                }
            }
            // Without columns whatever is human goes.
            None if cell.quoted && is_human(inner) => self.add(Kind::Text, start, end, Quote::default()),
            _ => {}
        }
    }

    /// `form-data; name="email"` and its content, here or in the next lines.
    fn part(&mut self, from: usize) {
        let text = self.view.text;
        let most = text.len().min(from + 512);
        let Some(found) = memchr::memmem::find(&text[from..most], b"name=") else { return };
        let Some((quote, length)) = structure::opening(text, from + found + 5) else { return };
        let start = from + found + 5 + length;
        let end = structure::closing(text, start, quote, true);
        let meaning = lexicon::meaning(&text[start..end], None);
        // Lines that somebody joined by bars: the next one has the content.
        let behind = end + text[end..].iter().take_while(|byte| matches!(byte, b'"' | b'\'')).count();
        if text[behind..].starts_with(BAR) && !text[behind + BAR.len()..].starts_with(b"Content-") {
            let begin = behind + BAR.len();
            let close = memchr::memmem::find(&text[begin..], BAR).map_or(text.len(), |found| begin + found);
            return self.content(meaning, begin, close);
        }
        // Other header fields of the part may stand between.
        let near = &text[end..text.len().min(end + MAX_NEAR)];
        let near = &near[..memchr::memmem::find(near, b"\n--").unwrap_or(near.len())];
        let head =
            [&b"\r\n\r\n"[..], b"\n\n"].iter().find_map(|gap| Some(memchr::memmem::find(near, gap)? + gap.len()));
        match head {
            Some(gap) => {
                let begin = end + gap;
                let close = memchr::memmem::find(&text[begin..], b"\n--").map_or(text.len(), |found| begin + found);
                self.marks.dealt = close;
                let close = if close > begin && text[close - 1] == b'\r' { close - 1 } else { close };
                self.content(meaning, begin, close);
            }
            None if self.view.level == 0 => self.state.carry.open_part(meaning),
            None => {}
        }
    }

    /// The content of a part of a form.
    fn content(&mut self, meaning: Meaning, start: usize, end: usize) {
        let inner = &self.view.text[start..end];
        if let Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) = meaning
            && !special::is_nothing(inner)
        {
            self.replace(b"", kind, start, end, Quote::default());
        } else if matches!(meaning, Meaning::Doubtful(Kind::Name)) && doubt::is_full_name(inner) {
            self.add(Kind::Name, start, end, Quote::default());
        }
    }

    /// `--password secret`
    fn flag(&mut self, from: usize) {
        let text = self.view.text;
        let length = run(text, from, 48, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let value = from + length + 1;
        if length < 2 || at(text, from + length) != b' ' || matches!(at(text, value), b'-' | b' ') {
            return;
        }
        if matches!(&text[from..from + length], b"user" | b"proxy-user") {
            return self.account(value);
        }
        let meaning = lexicon::meaning(&text[from..from + length], None);
        if let Meaning::Secret(kind) | Meaning::Personal(kind) | Meaning::Doubtful(kind @ Kind::Name) = meaning
            && !programs::is_metavariable(&text[value..])
        {
            let key = Key { start: from, end: from + length, outer: from, quote: None };
            let (start, end, _) = self.extent(key, from + length, value, Kind::Value);
            let clear = !matches!(meaning, Meaning::Doubtful(_)) || doubt::is_full_name(&text[start..end]);
            if clear && !special::is_nothing(&text[start..end]) {
                self.replace(b"", kind, start, end, Quote::default());
            }
        }
    }
}
