//! Tables within one line: `rows: order-id|buyer-name => 028-1|Jane Doe`, `Kunde;PLZ / Jane Doe;12345 / John Doe;54321`.

use smallvec::SmallVec;

use crate::redact::Kind;
use crate::redact::detect::text::{at, before, run_back};
use crate::redact::lexicon::Meaning;
use crate::redact::structure::rows;

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::{doubt, special};

/// What joins lines of a table that are written as one.
const JOINTS: [&[u8]; 11] =
    [b" | ", b" => ", b" / ", b" -> ", b" // ", b" || ", " → ".as_bytes(), b"\\r\\n", b"\\n", b" ; ", b"\n"];
/// Bytes in which the first line is sought, and of it.
const MAX_HEAD: usize = 4096;
const MAX_NAMES: usize = 1024;
/// Columns, and rows.
const MAX_COLUMNS: usize = 64;
const MAX_LINES: usize = 256;

/// The table of a text, whose cells are dealt with before the text is.
#[derive(Default)]
pub struct InlineTable {
    /// From the first name of a column to the end of the last row.
    pub cells: (usize, usize),
    /// What joins the names to the first row.
    pub joint: (usize, usize),
}

impl InlineTable {
    /// Whether `start..end` is within the table.
    pub fn covers(&self, start: usize, end: usize) -> bool {
        self.cells.0 <= start && end <= self.cells.1
    }

    /// Where the joint ends, if `place` is in it: its marks separate no key from its value.
    pub fn joint_end(&self, place: usize) -> Option<usize> {
        (self.joint.0..self.joint.1).contains(&place).then_some(self.joint.1)
    }
}

impl Sweep<'_> {
    /// Deals with the cells of the first table of the text, if it has one.
    pub fn inline_table(&mut self) {
        let text = self.view.text;
        let head = &text[..text.len().min(MAX_HEAD)];
        let mut separator = None;
        for mark in [b'|', b';', b'\t', b','] {
            // Commas are told apart from nothing: most lines have some.
            let may = match mark {
                b'\t' => true,
                b',' => self.may_list(head),
                mark => self.mask.has(mark),
            };
            let names = if may { most_names(head, mark) } else { 0 };
            if names > 0 && self.columns_before_values(mark) {
                return;
            }
            if names >= 2 {
                separator = Some(mark);
                break;
            }
        }
        let Some(separator) = separator else { return };
        for joint in JOINTS {
            if joint == b" ; " && separator == b';' || joint.get(1) == Some(&b'|') && separator == b'|' {
                continue;
            }
            if let Some(place) = memchr::memmem::find(head, joint)
                && self.table_at(separator, joint, place)
            {
                return;
            }
        }
    }

    /// Whether words stand on either side of a comma, as they do in no prose: `order-id,recipient`, `=[id, zip]`.
    fn may_list(&self, head: &[u8]) -> bool {
        let listed = self.mask.has(b'[') && self.mask.has(b'=') && memchr::memmem::find(head, b"=[").is_some();
        memchr::memchr_iter(b',', head).take(MAX_COLUMNS).any(|place| {
            let next = place + 1 + usize::from(listed && at(head, place + 1) == b' ');
            before(head, place).is_ascii_alphabetic() && at(head, next).is_ascii_alphabetic()
        })
    }

    /// The table whose first line ends at `end`, before `joint`.
    fn table_at(&mut self, separator: u8, joint: &'static [u8], end: usize) -> bool {
        let text = self.view.text;
        let of_names = |byte: u8| {
            byte.is_ascii_alphanumeric()
                || byte >= 0x80
                || byte == separator
                || matches!(byte, b' ' | b'_' | b'-' | b'.' | b'#')
        };
        let start = end - run_back(text, end, MAX_NAMES, of_names);
        let mut names: SmallVec<[&[u8]; 16]> =
            text[start..end].split(|byte| *byte == separator).map(<[u8]>::trim_ascii).take(MAX_COLUMNS).collect();
        // `rows order-id|sku`: words before the first name.
        let first = names[0];
        names[0] = first.rsplit(|byte| *byte == b' ').next().unwrap_or(first);
        if names.len() < 3 || !names.iter().all(|name| rows::is_name(name)) {
            return false;
        }
        let Some(columns) = rows::columns(&names) else { return false };
        let quote = start.checked_sub(1).map(|place| text[place]).filter(|mark| matches!(mark, b'"' | b'\''));
        let ends =
            |place: usize| text[place..].starts_with(joint) || text[place] == b'\n' || Some(text[place]) == quote;
        let mut next = end + joint.len();
        self.table.joint = (end, next);
        for _ in 0..MAX_LINES {
            let row = next;
            let mut cells: SmallVec<[(usize, usize); 16]> = SmallVec::new();
            for index in 0..names.len() {
                let last = index + 1 == names.len();
                // A joint's marks may stand in any cell but the last.
                let (cell, after) =
                    rows::cell(text, next, separator, |place| (last || text[place] == b'\n') && ends(place));
                cells.push(cell);
                next = after + usize::from(!last);
                if !last && at(text, after) != separator {
                    break;
                }
            }
            if cells.len() < names.len() {
                next = row;
                break;
            }
            for ((from, to), (meaning, name)) in cells.into_iter().zip(columns.iter().zip(&names)) {
                self.cell_of_table(*meaning, name, from, to);
            }
            if next >= text.len() || !text[next..].starts_with(joint) {
                break;
            }
            next += joint.len();
        }
        self.table.cells = (start, next);
        true
    }

    pub fn cell_of_table(&mut self, meaning: Meaning, name: &[u8], from: usize, to: usize) {
        let text = self.view.text;
        let inner = &text[from.min(to)..to];
        let start = from + inner.iter().take_while(|byte| **byte == b' ').count();
        let end = start + inner.trim_ascii().len();
        match meaning {
            _ if start >= end || special::is_nothing(&text[start..end]) => {}
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) => {
                self.personal = true;
                self.replace(name, kind, start, end, Quote::default());
            }
            Meaning::Doubtful(Kind::Name) if doubt::is_full_name(&text[start..end]) => {
                self.add(Kind::Name, start, end, Quote::default());
            }
            Meaning::Keep => self.quiet.add_cell(start, end),
            _ => {}
        }
    }
}

/// How many cells beside each other may name columns, as far as two: of most lines with commas none does.
fn most_names(head: &[u8], separator: u8) -> usize {
    let (mut start, mut names, mut most) = (0, 0, 0);
    for place in memchr::memchr_iter(separator, head).take(MAX_COLUMNS) {
        let named = place - start <= 48 && rows::is_name(&head[start..place]);
        names = if named { names + 1 } else { 0 };
        most = most.max(names);
        if most >= 2 {
            break;
        }
        start = place + 1;
    }
    most
}
