//! `portcullis fmt`: one way to write a policy. Indentation, quotes, spaces and the order of keys are normalised; the
//! order of routes, limits and roles, blank lines between them, and every comment stay.
//!
//! Whether a collection stands in one line (`{ … }`) or in several is the author's choice, as long as it fits. What is
//! formatted stays as it is when it is formatted again.

mod fit;
mod read;
mod sort;
mod write;

#[cfg(test)]
mod tests;

use granit_parser::{Event, Parser, ScalarStyle};

/// Columns of a line, comments aside.
const WIDTH: usize = 120;

/// Why a text is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatFault {
    /// It is not YAML of the kind that policies are.
    #[error("is not a policy's YAML")]
    NotYaml,
    /// The formatted text would say something else, or lack a comment.
    #[error("cannot be formatted without changing what it says; it is left as it is")]
    Unfaithful,
}

/// A list or map of the text, or one of its texts.
#[derive(Debug)]
struct Node {
    value: Value,
    start: usize,
    /// One past its last byte that is no space.
    end: usize,
}

#[derive(Debug)]
enum Value {
    Scalar(Scalar),
    List { items: Vec<Entry>, flow: bool, footer: Vec<Line> },
    Map { items: Vec<Entry>, flow: bool, footer: Vec<Line> },
}

#[derive(Debug)]
struct Scalar {
    text: String,
    plain: bool,
    /// `!file`
    tagged: bool,
}

/// An item of a list, or a key and its value.
#[derive(Debug)]
struct Entry {
    key: Option<Scalar>,
    /// Where the key or the item starts.
    start: usize,
    /// Column of that place.
    column: usize,
    value: Node,
    /// What stands in the lines above.
    above: Vec<Line>,
    /// The comment behind it in its line.
    beside: Option<Comment>,
    /// The comment behind its key, where the value starts below.
    beside_key: Option<Comment>,
}

/// A line without content.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    Blank,
    Comment(Comment),
}

/// From `#` to the line's end.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Comment {
    text: String,
    start: usize,
    column: usize,
}

/// Passes until a text is one that stays. A policy needs one; comments in odd places may need another.
const MOST_PASSES: usize = 4;

/// Formats a policy, or a file of cases. What it gives back stays as it is when it is formatted again.
pub fn format(text: &str) -> Result<String, FormatFault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let mut written = pass(&text)?;
    for _ in 1..MOST_PASSES {
        let again = pass(&written)?;
        if again == written {
            return Ok(written);
        }
        written = again;
    }
    Err(FormatFault::Unfaithful)
}

/// One pass.
fn pass(text: &str) -> Result<String, FormatFault> {
    let mut tree = read::read(text).ok_or(FormatFault::NotYaml)?;
    sort::sort(&mut tree.root);
    fit::fit(&mut tree.root);
    let written = write::write(&tree);
    if same(text, &written) { Ok(written) } else { Err(FormatFault::Unfaithful) }
}

/// Whether two texts say the same with the same comments.
fn same(one: &str, other: &str) -> bool {
    let comments = |text: &str| {
        let mut comments: Vec<String> = read::read(text)?.comments;
        comments.sort_unstable();
        Some(comments)
    };
    matches!((meaning(one), meaning(other)), (Some(a), Some(b)) if a == b)
        && matches!((comments(one), comments(other)), (Some(a), Some(b)) if a == b)
}

/// What a text says, without regard to the order of keys.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Meaning {
    /// Text, whether it is tagged, and whether it is nothing.
    Text(String, bool, bool),
    List(Vec<Self>),
    Map(Vec<(Self, Self)>),
}

fn meaning(text: &str) -> Option<Meaning> {
    let mut open: Vec<(bool, Vec<Meaning>)> = Vec::new();
    let mut root = None;
    for next in Parser::new_from_str(text) {
        let done = match next.ok()?.0 {
            Event::Scalar(text, style, _, tag) => {
                let nothing = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                Meaning::Text(text.into_owned(), tag.is_some(), nothing)
            }
            Event::SequenceStart(..) => {
                open.push((false, Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push((true, Vec::new()));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop()? {
                (false, items) => Meaning::List(items),
                (true, items) => {
                    let mut items = items.into_iter();
                    let mut pairs = Vec::new();
                    while let (Some(key), Some(value)) = (items.next(), items.next()) {
                        pairs.push((key, value));
                    }
                    pairs.sort();
                    Meaning::Map(pairs)
                }
            },
            _ => continue,
        };
        match open.last_mut() {
            Some((_, items)) => items.push(done),
            None => root = Some(done),
        }
    }
    root
}
