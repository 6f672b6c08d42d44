//! Tables and lists of HTML: a cell's meaning stands in the row above it, or in the cell before it. Links to somebody's
//! telephone or mail box say whose name is beside them.

use smallvec::SmallVec;

use crate::redact::Kind;
use crate::redact::detect::text::{at, run};
use crate::redact::detect::{cell, given, goods, names};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure::{self, Key};

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::{doubt, special};

/// Columns of a table that are followed.
const MAX_COLUMNS: usize = 64;
/// Longest label, in bytes.
const MAX_LABEL: usize = 48;

/// What a label says of a cell; a name may be a thing's.
#[derive(Clone, Copy)]
struct Told {
    kind: Kind,
    doubtful: bool,
}

/// Where in a table a search is.
#[derive(Default)]
pub struct Markup {
    /// What the columns are, by the row of their names.
    columns: SmallVec<[Option<Told>; 8]>,
    /// Cells of this row so far.
    cell: usize,
    /// All cells of this row so far were names of columns.
    names: bool,
    /// What the last label says of the next cell.
    label: Option<Told>,
    /// The cell before this one.
    last: (usize, usize),
}

impl Sweep<'_> {
    /// An element of a table or a list of definitions, whose text is `start..end`. Says whether the text went.
    pub fn html_cell(&mut self, name: &[u8], start: usize, end: usize) -> bool {
        let is = |names: &[&[u8]]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
        if name.len() > 6 {
            return false;
        }
        if is(&[b"tr", b"table", b"dl"]) {
            let markup = &mut self.markup;
            (markup.cell, markup.label, markup.names) = (0, None, true);
            return false;
        }
        let (header, value) = (is(&[b"th", b"dt", b"label", b"b", b"strong"]), is(&[b"td", b"dd"]));
        let after = is(&[b"span", b"p", b"div", b"a", b"em", b"i"]) && self.markup.label.is_some();
        if !(header || value || after) {
            return false;
        }
        let text = self.view.text;
        let inner = text[start..end].trim_ascii();
        let colon = inner.strip_suffix(b":").unwrap_or(inner);
        let label = if inner.len() <= MAX_LABEL { label(colon) } else { Meaning::Unknown };
        let kind = match label {
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) => {
                Some(Told { kind, doubtful: false })
            }
            Meaning::Doubtful(kind @ Kind::Name) => Some(Told { kind, doubtful: true }),
            _ => None,
        };
        let is_name = header || label != Meaning::Unknown;
        let markup = &mut self.markup;
        let index = markup.cell;
        markup.cell += usize::from(value || header);
        let told = markup.label.take();
        if is_name && (header || markup.names && told.is_none() || kind.is_some()) {
            markup.label = kind;
            if markup.names {
                if index == 0 {
                    markup.columns.clear();
                }
                if markup.columns.len() < MAX_COLUMNS {
                    markup.columns.push(kind);
                }
            }
            return false;
        }
        // A row of names and values is none of a table's columns.
        if markup.names && index <= markup.columns.len() && told.is_some() {
            markup.columns.clear();
        }
        markup.names = false;
        let column = || if value { markup.columns.get(index).copied().flatten() } else { None };
        let Some(Told { kind, doubtful }) = told.or_else(column) else {
            return value && self.beside_cell(start, end);
        };
        if doubtful && !doubt::is_full_name(inner) || special::is_nothing(inner) || special::is_structured(inner) {
            return false;
        }
        let lead = run(text, start, end - start, |byte| byte <= b' ');
        self.replace(b"", kind, start + lead, start + lead + inner.len(), Quote::default());
        true
    }

    /// `title="Jane Doe"` in an element with links to somebody's telephone or mail box.
    pub fn is_of_contact(&mut self, key: Key, separator: usize, value: usize) -> bool {
        let text = self.view.text;
        let name = &text[key.start..key.end];
        if text[separator] != b'=' || !matches!(name, b"title" | b"alt" | b"label" | b"aria-label" | b"caption") {
            return false;
        }
        let Some((quote, length)) = structure::opening(text, value) else { return false };
        let start = value + length;
        let end = structure::closing(&text[..text.len().min(start + 96)], start, quote, true);
        let inner = &text[start..end];
        let near = &text[end..text.len().min(end + 400)];
        let linked = at(text, end) == quote.mark
            && [&b"\"mailto:"[..], b"\"tel:", b"'mailto:", b"'tel:"]
                .iter()
                .any(|link| memchr::memmem::find(near, link).is_some());
        let fits = linked && names::is_name_of_words(inner) && !given::is_other(inner) && !goods::is_brand(inner);
        if fits {
            self.add(Kind::Name, start, end, Quote::default());
        }
        fits
    }
}

impl Sweep<'_> {
    /// `<td>Jane Doe</td><td>12 Example Street</td>`: a name beside a street, a telephone number or an address of mail.
    fn beside_cell(&mut self, start: usize, end: usize) -> bool {
        let text = self.view.text;
        let inner = text[start..end].trim_ascii();
        let (from, to) = std::mem::replace(&mut self.markup.last, (start, start + inner.len()));
        let name = &text[from..to];
        // Of cells within each other the inner one ends first.
        let near = from < to && to <= start && start - to <= 96;
        if !near || !names::is_name_of_words(name) || given::is_other(name) || goods::is_brand(name) {
            return false;
        }
        let guess = cell::guess(inner);
        let postal = guess.is_some_and(|guess| guess.kind == Kind::Postal);
        let personal = postal
            || guess.is_some_and(|guess| guess.kind == Kind::Phone && !guess.weak)
            || inner.contains(&b'@') && !inner.contains(&b' ');
        if personal {
            self.add(Kind::Name, from, to, Quote::default());
        }
        if personal && postal {
            self.add(Kind::Postal, start, start + inner.len(), Quote::default());
        }
        personal && postal
    }
}

/// The value of `name="…"` or `key="…"` in a tag.
pub fn attribute(tag: &[u8]) -> Option<(usize, usize)> {
    let (begin, mark) = [&b" name="[..], b" key=", b" Name=", b" n="].iter().find_map(|word| {
        let begin = memchr::memmem::find(tag, word)? + word.len();
        tag.get(begin).filter(|mark| matches!(mark, b'"' | b'\'')).map(|mark| (begin + 1, *mark))
    })?;
    let length = memchr::memchr(mark, &tag[begin..])?;
    (length > 0 && length < 96).then_some((begin, begin + length))
}

/// What a label of a few words means.
fn label(label: &[u8]) -> Meaning {
    let is_words = !label.is_empty()
        && label.iter().all(|byte| {
            byte.is_ascii_alphabetic() || *byte >= 0x80 || matches!(byte, b' ' | b'-' | b'_' | b'/' | b'.' | b'\'')
        });
    if is_words { lexicon::meaning(label, None) } else { Meaning::Unknown }
}
