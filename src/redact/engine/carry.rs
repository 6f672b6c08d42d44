//! What crosses lines: keys over several lines, forms in parts, tables.

use crate::redact::Kind;
use crate::redact::lexicon::Meaning;
use crate::redact::structure::rows::{self, Table};

use super::state::{LineKind, State};
use super::view::View;
use super::whose::special;
use super::{Engine, Quote};

/// Lines of a private key: one of 16384 bits has 270.
const MAX_KEY_LINES: u16 = 400;
/// Lines of one part of a form.
const MAX_PART_LINES: u16 = 1000;

/// What is open from the lines before.
#[derive(Default)]
pub struct Carry {
    key_lines: Option<u16>,
    part: Option<Part>,
    table: Option<Table>,
    /// Cells of the line that are goods': guesses are not asked there.
    quiet: Vec<(usize, usize)>,
    /// What began in the text that is searched.
    opened: Opened,
    /// What began in all texts of this line.
    begun: Opened,
}

/// What began in a line and goes on in the next ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// A private key.
    key: bool,
    /// A part of a form, with what its content is.
    part: Option<Meaning>,
}

impl Opened {
    /// Nothing began.
    #[cfg(test)]
    pub(super) const NOTHING: Self = Self { key: false, part: None };
}

struct Part {
    meaning: Meaning,
    lines: u16,
    body: bool,
}

impl Carry {
    /// A private key began and did not end.
    pub(super) fn open_key(&mut self) {
        self.opened.key = true;
    }

    /// Cells of the line that are goods'.
    pub(super) fn quiet(&self) -> &[(usize, usize)] {
        &self.quiet
    }

    /// Finds them again in what was written of the line.
    pub(super) fn settle(&mut self, line: &[u8]) {
        if self.quiet.is_empty() {
            return;
        }
        self.quiet.clear();
        if let Some(table) = &mut self.table {
            let quiet = &mut self.quiet;
            table.row(line, |meaning, from, to| {
                if meaning == Meaning::Keep && from < to {
                    quiet.push((from, to));
                }
            });
        }
    }

    /// A part of a form began; its content follows.
    pub(super) fn open_part(&mut self, meaning: Meaning) {
        self.opened.part = Some(meaning);
    }

    /// What began since this was asked last.
    pub(super) fn take_opened(&mut self) -> Opened {
        std::mem::take(&mut self.opened)
    }

    /// All that began in this line.
    pub(super) fn begun(&self) -> Opened {
        self.begun
    }

    /// What began goes on in the next line.
    pub(super) fn open(&mut self, opened: Opened) {
        if opened.key {
            self.begun.key = true;
            self.key_lines = Some(0);
        }
        if let Some(meaning) = opened.part {
            self.begun.part = opened.part;
            self.part = Some(Part { meaning, lines: 0, body: false });
        }
    }
}

/// Adds to a line's spans what the lines before say of it.
pub fn before(engine: &Engine, state: &mut State, view: &View<'_>, _kind: Option<LineKind>) {
    let line = view.text;
    state.carry.begun = Opened::default();
    if let Some(lines) = state.carry.key_lines {
        let end = memchr::memmem::find(line, b"-----END");
        let body = &line[..end.unwrap_or(line.len())];
        let is_key = body.iter().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'+' | b'/' | b'=' | b' ' | b'\t' | b'\r' | b':' | b'-' | b',' | b'|' | b'>')
        });
        if is_key {
            add(engine, state, view, Kind::Secret, 0, body.len());
        }
        let goes_on = is_key && end.is_none() && lines < MAX_KEY_LINES;
        state.carry.key_lines = goes_on.then_some(lines + 1);
    }
    part(engine, state, view);
    let mut table = state.carry.table.take();
    state.carry.quiet.clear();
    row(engine, state, view, &mut table, 0, line.len());
    state.carry.table = table;
}

/// Tables within a decoded text.
pub fn within(engine: &Engine, state: &mut State, view: &View<'_>) {
    let text = view.text;
    if memchr::memchr(b'\n', text).is_none() {
        return;
    }
    let mut table = None;
    let mut start = 0;
    for line in text.split(|byte| *byte == b'\n') {
        let end = start + line.len();
        // The first line may follow other text: `"report":"a\tb\n…`.
        let lead =
            if table.is_none() { line.iter().rposition(|byte| *byte == b'"').map_or(0, |quote| quote + 1) } else { 0 };
        row(engine, state, view, &mut table, start + lead, end);
        start = end + 1;
    }
}

fn row(engine: &Engine, state: &mut State, view: &View<'_>, table: &mut Option<Table>, start: usize, end: usize) {
    let line = &view.text[start..end];
    let Some(known) = table else {
        *table = rows::header(line);
        return;
    };
    let mut found: smallvec::SmallVec<[(Kind, usize, usize); 16]> = smallvec::SmallVec::new();
    let quiet = &mut state.carry.quiet;
    let goes_on = known.row(line, |meaning, from, to| {
        if let Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) = meaning {
            found.push((kind, from, to));
        } else if meaning == Meaning::Keep && view.origin.is_none() && from < to {
            quiet.push((start + from, start + to));
        }
    });
    for (kind, from, to) in found {
        if from < to && !special::is_nothing(&line[from..to]) {
            add(engine, state, view, kind, start + from, start + to);
        }
    }
    if !goes_on {
        *table = rows::header(line);
    }
}

fn part(engine: &Engine, state: &mut State, view: &View<'_>) {
    let line = view.text;
    let Some(part) = &mut state.carry.part else { return };
    part.lines += 1;
    if line.starts_with(b"--") || part.lines > MAX_PART_LINES {
        state.carry.part = None;
        return;
    }
    if !part.body {
        part.body = line.trim_ascii().is_empty();
        return;
    }
    if let Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) = part.meaning {
        let length = line.trim_ascii_end().len();
        if !special::is_nothing(line) {
            add(engine, state, view, kind, 0, length);
        }
    }
}

fn add(engine: &Engine, state: &mut State, view: &View<'_>, kind: Kind, start: usize, end: usize) {
    let value = &view.text[start..end];
    if start < end && !super::is_marker(value) && !engine.redactor.keeps(value) {
        let (first, last) = view.source(start, end);
        state.spans.add(first, last, kind, Some(value), Quote::default());
    }
}
