//! Tables of JSON: names of columns in one list, rows in a list of lists behind it.

use smallvec::SmallVec;

use crate::redact::Kind;
use crate::redact::detect::text::{at, run};
use crate::redact::lexicon::Meaning;
use crate::redact::structure::{self, Key};

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::{doubt, special};

/// Keys of the names of columns.
const NAMES: [&[u8]; 10] = [
    b"columns",
    b"cols",
    b"fields",
    b"headers",
    b"header",
    b"columnNames",
    b"column_names",
    b"fieldNames",
    b"field_names",
    b"heads",
];
/// Columns, rows, and bytes between the names and the first row.
const MAX_COLUMNS: usize = 64;
const MAX_ROWS: usize = 256;
const MAX_GAP: usize = 96;

impl Sweep<'_> {
    /// `"columns": ["order", "name"], "rows": [["SO-1", "Jane Doe"]]`, at the first of these keys.
    pub fn json_table(&mut self, key: Key, value: usize) {
        let text = self.view.text;
        if at(text, value) != b'[' || !NAMES.contains(&&text[key.start..key.end]) {
            return;
        }
        let mut columns: SmallVec<[Meaning; 16]> = SmallVec::new();
        let Some(end) = items(text, value, |start, end| {
            columns.push(self.state.known.look_up(&text[start..end], None).meaning);
        }) else {
            return;
        };
        let near = &text[end..text.len().min(end + MAX_GAP)];
        let Some(gap) = near.windows(2).position(|two| matches!(two, b"[[")) else { return };
        if columns.len() < 2 || near[..gap].iter().any(|byte| matches!(byte, b'{' | b'}')) {
            return;
        }
        let mut next = end + gap + 1;
        for _ in 0..MAX_ROWS {
            let mut cells: SmallVec<[(usize, usize); 16]> = SmallVec::new();
            let Some(end) = items(text, next, |start, end| cells.push((start, end))) else { return };
            for ((start, end), meaning) in cells.into_iter().zip(&columns) {
                self.json_cell(*meaning, start, end);
            }
            next = end + run(text, end, 8, |byte| byte <= b' ' || byte == b',');
            if at(text, next) != b'[' {
                return;
            }
        }
    }

    fn json_cell(&mut self, meaning: Meaning, start: usize, end: usize) {
        let inner = &self.view.text[start..end];
        let kind = match meaning {
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) => kind,
            Meaning::Doubtful(Kind::Name) if doubt::is_full_name(inner) => Kind::Name,
            _ => return,
        };
        if !special::is_nothing(inner) {
            self.personal = true;
            self.replace(b"", kind, start, end, Quote::default());
        }
    }
}

/// The items of the list of texts and numbers that opens at `open`; where it ends, if it is one.
fn items(text: &[u8], open: usize, mut found: impl FnMut(usize, usize)) -> Option<usize> {
    if at(text, open) != b'[' {
        return None;
    }
    let mut next = open + 1;
    for _ in 0..MAX_COLUMNS {
        next += run(text, next, 8, |byte| byte <= b' ');
        let (start, end, after) = match structure::opening(text, next) {
            Some((quote, length)) => {
                let end = structure::closing(text, next + length, quote, true);
                (next + length, end, end + usize::from(quote.backslashes) + 1)
            }
            None => {
                let end =
                    next + run(text, next, 64, |byte| byte > b' ' && !matches!(byte, b',' | b']' | b'[' | b'{' | b'"'));
                (next, end, end)
            }
        };
        found(start, end.min(text.len()));
        let after = after + run(text, after, 8, |byte| byte <= b' ');
        match at(text, after) {
            b',' => next = after + 1,
            b']' => return Some(after + 1),
            _ => return None,
        }
    }
    None
}
