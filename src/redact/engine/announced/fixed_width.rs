//! Records of fixed width: columns with spaces between them, in which something was found.

use smallvec::SmallVec;

use crate::redact::Kind;
use crate::redact::detect::text::{at, run_back};
use crate::redact::detect::{cell, postal};

use super::headerless_row::is_somebody;
use crate::redact::engine::Quote;
use crate::redact::engine::sweep::{Sweep, within};
use crate::redact::engine::whose::special;

/// Spaces that part two columns.
const GAP: &[u8] = b"   ";
/// Bytes of a record on either side, and columns of it.
const MAX_REACH: usize = 512;
const MAX_COLUMNS: usize = 24;
/// Records of one text.
const MAX_RECORDS: usize = 512;

impl Sweep<'_> {
    /// Judges the columns beside what this search has found.
    pub fn fixed_columns(&mut self, found: &[(usize, usize, Kind)]) {
        let text = self.view.text;
        let (mut done, mut records) = (0, 0);
        for &(start, end, kind) in found {
            let beside = text[..start].ends_with(GAP) || text[end..].starts_with(GAP);
            if !beside || start < done || records >= MAX_RECORDS || !is_somebody(kind) {
                continue;
            }
            records += 1;
            let most = text.len().min(end + MAX_REACH);
            let from = start - run_back(text, start, MAX_REACH, |byte| byte != b'\n');
            let to = memchr::memchr(b'\n', &text[end..most]).map_or(most, |line| end + line);
            self.record_of_columns(from, to, &within(found, from, to));
            done = to;
        }
    }

    fn record_of_columns(&mut self, from: usize, to: usize, found: &[(usize, usize, Kind)]) {
        let text = self.view.text;
        let cells = cells(text, from, to);
        if cells.len() < 3 {
            return;
        }
        let kind_of = |cell: &(usize, usize)| {
            found.iter().find(|(start, end, _)| *start < cell.1 && cell.0 < *end).map(|(.., kind)| *kind)
        };
        let mut street = false;
        for cell in &cells {
            let inner = &text[cell.0..cell.1];
            let kind = kind_of(cell);
            let was_street = std::mem::replace(&mut street, matches!(kind, Some(Kind::Postal | Kind::Place)));
            if kind.is_some() || special::is_nothing(inner) {
                continue;
            }
            let code = postal::postcode(inner, 0).filter(|(end, _)| was_street && matches!(at(inner, *end), 0 | b' '));
            if let Some((end, _)) = code {
                self.add(Kind::Postcode, cell.0, cell.0 + end, Quote::default());
                street = true;
            } else if let Some(guess) = cell::guess(inner).filter(|guess| !guess.weak && guess.kind != Kind::Postcode) {
                self.add(guess.kind, cell.0, cell.1, Quote::default());
                street = guess.kind == Kind::Postal;
            }
        }
    }
}

/// The columns of a record, without what a line begins with: `rec 693077: JANE DOE   12 EXAMPLE STREET`.
fn cells(text: &[u8], from: usize, to: usize) -> SmallVec<[(usize, usize); 16]> {
    let mut cells = SmallVec::new();
    let mut next = from;
    while next < to && cells.len() < MAX_COLUMNS {
        let end = memchr::memmem::find(&text[next..to], GAP).map_or(to, |gap| next + gap);
        if end > next {
            let lead = memchr::memmem::rfind(&text[next..end], b": ").map_or(0, |colon| colon + 2);
            cells.push((next + lead, end));
        }
        next = end + text[end..to].iter().take_while(|byte| **byte == b' ').count().max(1);
    }
    cells
}
