//! Tables of columns: a first line that names them, and rows of as many cells.

use smallvec::SmallVec;

use crate::redact::Kind;
use crate::redact::lexicon::{self, Meaning};

/// Columns that are looked at.
const MAX_COLUMNS: usize = 512;
/// Longest name of a column.
const MAX_NAME: usize = 48;
/// Lines of another shape in a row after which a table is over.
const MAX_STRANGERS: u8 = 2;

/// A table whose first line was seen.
pub struct Table {
    separator: u8,
    columns: Vec<Meaning>,
    strangers: u8,
    /// The separator stands at both ends of a line too.
    framed: bool,
    /// A row ended within a quoted cell; which column that was.
    open: Option<usize>,
}

/// Cells of a line, without the quotes around them.
type Cells = SmallVec<[(usize, usize); 32]>;

/// Splits `line`; the flag says that its last cell's quote is not closed.
fn split(line: &[u8], separator: u8) -> (Cells, bool) {
    let mut cells = Cells::new();
    let mut start = 0;
    loop {
        let quoted = line.get(start) == Some(&b'"');
        let mut end;
        if quoted {
            end = start + 1;
            loop {
                let Some(found) = line.get(end..).and_then(|rest| memchr::memchr(b'"', rest)) else {
                    cells.push((start + 1, line.len()));
                    return (cells, true);
                };
                end += found;
                if line.get(end + 1) != Some(&b'"') {
                    break;
                }
                end += 2;
            }
            cells.push((start + 1, end));
            end += memchr::memchr(separator, &line[end..]).unwrap_or(line.len() - end);
        } else {
            end = start + memchr::memchr(separator, &line[start..]).unwrap_or(line.len() - start);
            cells.push((start, end));
        }
        if end >= line.len() || cells.len() >= MAX_COLUMNS {
            return (cells, false);
        }
        start = end + 1;
    }
}

/// The cell that begins at `start`, without its quotes, and where its separator or the text's end is.
pub fn cell(line: &[u8], start: usize, separator: u8, ends: impl Fn(usize) -> bool) -> ((usize, usize), usize) {
    if line.get(start) == Some(&b'"')
        && let Some(close) = closing_quote(line, start + 1)
        && line.get(close + 1).is_none_or(|byte| *byte == separator || ends(close + 1))
    {
        return ((start + 1, close), close + 1);
    }
    let end = (start..line.len()).find(|place| line[*place] == separator || ends(*place)).unwrap_or(line.len());
    ((start, end), end)
}

fn closing_quote(line: &[u8], from: usize) -> Option<usize> {
    let mut next = from;
    loop {
        next += memchr::memchr(b'"', line.get(next..)?)?;
        if line.get(next + 1) != Some(&b'"') {
            return Some(next);
        }
        next += 2;
    }
}

/// A cell without space and single quotes around it.
fn bare(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    cell.strip_prefix(b"'").and_then(|rest| rest.strip_suffix(b"'")).unwrap_or(cell)
}

/// The table that `line` begins, if it names columns of which one is personal.
pub fn header(line: &[u8]) -> Option<Table> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    // `| a | b |`
    let framed = line.starts_with(b"|") && line.ends_with(b"|") && line.len() > 2;
    let line = if framed { &line[1..line.len() - 1] } else { line };
    if let Some(table) = announced(line) {
        return Some(table);
    }
    // Most lines end here: they begin with a time or a bracket, or have a mark that is in no name.
    if line.first().is_some_and(u8::is_ascii_digit)
        || line
            .iter()
            .take(MAX_NAME)
            .find(|byte| !is_of_name(**byte))
            .is_some_and(|byte| !matches!(byte, b'\t' | b',' | b';' | b'|' | b'\'') && !byte.is_ascii_whitespace())
    {
        return None;
    }
    // Names are short, so whatever has no separator early is no table.
    let head = &line[..line.len().min(2 * MAX_NAME)];
    let separator = *b"\t,;|".iter().find(|separator| memchr::memchr(**separator, head).is_some())?;
    // What stands before the first separator is no name.
    let first = line.split(|byte| *byte == separator).next().unwrap_or_default();
    if !is_name(first) {
        return None;
    }
    let (cells, open) = split(line, separator);
    let most_named = cells.iter().all(|(start, end)| is_name(&line[*start..*end]));
    if open || cells.len() < 3 || !most_named {
        return None;
    }
    let names: Vec<&[u8]> = cells.iter().map(|(start, end)| bare(&line[*start..*end])).collect();
    let columns = columns(&names)?;
    Some(Table { separator, columns, strangers: 0, open: None, framed })
}

/// What the columns called `names` mean beside each other; `None` if none of them is personal and they are no goods'.
pub fn columns(names: &[&[u8]]) -> Option<Vec<Meaning>> {
    let mut columns: Vec<Meaning> = names.iter().map(|name| lexicon::meaning(name, None)).collect();
    let any = |is: fn(&[u8]) -> bool| names.iter().any(|name| is(name));
    let personal = columns.iter().any(|meaning| matches!(meaning, Meaning::Personal(kind) if *kind != Kind::Place));
    let goods = names.iter().filter(|name| lexicon::is_of_goods(name)).count() >= 2;
    let sites = any(lexicon::is_of_site) || goods;
    let stock = goods && any(lexicon::is_of_stock) && !any(lexicon::is_of_order);
    for (meaning, name) in columns.iter_mut().zip(names) {
        *meaning = match *meaning {
            // Beside an address or a telephone number, whoever is named is a person.
            Meaning::Doubtful(kind @ Kind::Name) if personal => Meaning::Personal(kind),
            // A town alone is a site's.
            Meaning::Personal(Kind::Place) if !personal && sites => Meaning::Keep,
            Meaning::FreeText(_) if !personal && stock && lexicon::is_remark(name) => Meaning::Unknown,
            // `sku,name,qty`: an article's.
            Meaning::Doubtful(Kind::Name) if goods && lexicon::is_plain_name(name) => Meaning::Keep,
            Meaning::Unknown | Meaning::Doubtful(_) if goods && lexicon::is_of_goods(name) => Meaning::Keep,
            meaning => meaning,
        };
    }
    let is_table = goods
        || columns
            .iter()
            .any(|meaning| matches!(meaning, Meaning::Personal(_) | Meaning::Secret(_) | Meaning::FreeText(_)));
    is_table.then_some(columns)
}

/// `#Fields: date time c-ip`, `COPY t (id, name) FROM stdin;`
fn announced(line: &[u8]) -> Option<Table> {
    let (names, separator, split): (&[u8], u8, u8) = if let Some(fields) = line.strip_prefix(b"#Fields: ") {
        (fields, b' ', b' ')
    } else {
        let rest = line.strip_prefix(b"COPY ")?;
        let open = memchr::memchr(b'(', rest)?;
        let close = open + memchr::memchr(b')', &rest[open..])?;
        rest[close..].starts_with(b") FROM stdin").then_some((&rest[open + 1..close], b'\t', b','))?
    };
    let columns = names.split(|byte| *byte == split).map(|name| lexicon::meaning(name.trim_ascii(), None)).collect();
    Some(Table { separator, columns, strangers: 0, open: None, framed: false })
}

/// Whether a cell may name a column.
pub fn is_name(cell: &[u8]) -> bool {
    let cell = bare(cell);
    !cell.is_empty()
        && cell.len() <= MAX_NAME
        && cell.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80)
        && !cell[0].is_ascii_digit()
        && cell.iter().all(|byte| is_of_name(*byte))
        && memchr::memchr_iter(b' ', cell).count() <= 3
}

const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte >= 0x80
        || matches!(byte, b' ' | b'_' | b'-' | b'.' | b'/' | b'(' | b')' | b'#')
}

impl Table {
    /// Gives `found` every cell of `line` with its column's meaning. `false` when the table is over.
    pub fn row(&mut self, line: &[u8], mut found: impl FnMut(Meaning, usize, usize)) -> bool {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(column) = self.open {
            return self.go_on(line, column, found);
        }
        let framed = self.framed && line.starts_with(b"|") && line.ends_with(b"|") && line.len() > 2;
        let shift = usize::from(framed);
        let line = if framed { &line[1..line.len() - 1] } else { line };
        let (cells, open) = split(line, self.separator);
        if cells.len() != self.columns.len() && !(open && cells.len() <= self.columns.len()) {
            self.strangers += 1;
            return self.strangers < MAX_STRANGERS && !line.is_empty();
        }
        self.strangers = 0;
        if open {
            self.open = Some(cells.len() - 1);
        }
        for ((start, end), meaning) in cells.iter().zip(&self.columns) {
            let lead = line[*start..*end].iter().take_while(|byte| **byte == b' ').count();
            let length = line[*start..*end].trim_ascii().len();
            found(*meaning, shift + start + lead, shift + start + lead + length);
        }
        true
    }

    /// A line within a quoted cell.
    fn go_on(&mut self, line: &[u8], column: usize, mut found: impl FnMut(Meaning, usize, usize)) -> bool {
        let meaning = self.columns.get(column).copied().unwrap_or(Meaning::Unknown);
        let Some(close) = memchr::memchr(b'"', line) else {
            found(meaning, 0, line.len());
            return true;
        };
        found(meaning, 0, close);
        let rest = (close + 2).min(line.len());
        let (cells, open) = split(&line[rest..], self.separator);
        self.open = open.then(|| column + cells.len());
        for ((start, end), meaning) in cells.iter().zip(self.columns.iter().skip(column + 1)) {
            found(*meaning, rest + start, rest + end);
        }
        true
    }
}
