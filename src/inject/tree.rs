//! YAML as a tree of places: what a manifest holds, and where every part of it stands, so that the rest is never
//! written anew. Anchors, aliases and tags are kept as facts; whoever wants to change such a place must refuse.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};

use super::fault::Fault;

/// Bytes of a file: the largest manifests that people keep in one are some hundred KiB.
pub(super) const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// Nodes of a file.
const MAX_NODES: usize = 200_000;
/// Levels of nesting: a probe of a CronJob in a List stands at the fifteenth.
const MAX_DEPTH: usize = 64;

/// A part of the text.
#[derive(Debug)]
pub(super) struct Node {
    /// Its bytes; of a collection in block style, from its first key or item to the last byte that is no space.
    pub span: Range<usize>,
    pub value: Value,
    /// An anchor or a tag stands at it.
    pub is_marked: bool,
}

/// What it is.
#[derive(Debug)]
pub(super) enum Value {
    Scalar { text: String, is_plain: bool },
    List { items: Vec<Item>, flow: bool },
    Map { entries: Vec<Entry>, flow: bool },
    Alias,
}

/// An item of a list.
#[derive(Debug)]
pub(super) struct Item {
    /// Where its dash is; in flow style, where it starts.
    pub dash: usize,
    pub node: Node,
}

/// A key and its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub key: Node,
    pub value: Node,
}

impl Node {
    /// The entries of a map; none of anything else.
    pub fn entries(&self) -> &[Entry] {
        if let Value::Map { entries, .. } = &self.value { entries } else { &[] }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Item] {
        if let Value::List { items, .. } = &self.value { items } else { &[] }
    }

    /// An entry of a map.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key.text() == Some(key))
    }

    /// A value of a map.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// A value further down.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a scalar that says something.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, is_plain } if !(*is_plain && is_null(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether it stands in one pair of brackets.
    pub const fn is_flow(&self) -> bool {
        matches!(self.value, Value::List { flow: true, .. } | Value::Map { flow: true, .. })
    }
}

impl Entry {
    /// Its bytes, from key to value.
    pub fn span(&self) -> Range<usize> {
        self.key.span.start..self.value.span.end.max(self.key.span.end)
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Reads the documents of a text.
pub(super) fn read(text: &str) -> Result<Vec<Node>, Fault> {
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut builder = Builder { text, open: Vec::new(), roots: Vec::new() };
    let mut nodes = 0_usize;
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = next.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or(0);
            Fault::at(text, at, format!("this is not YAML: {}", error.info()))
                .help("if it is a template, render it first: `helm template`, `kubectl kustomize`")
        })?;
        nodes += usize::from(event.is_node());
        let range = span.byte_range().unwrap_or(0..0);
        if nodes > MAX_NODES || builder.open.len() > MAX_DEPTH {
            let what = format!("more than {MAX_NODES} values, or more than {MAX_DEPTH} levels of nesting");
            return Err(Fault::at(text, range.start, what).help("split the file"));
        }
        builder.take(event, range)?;
    }
    Ok(builder.roots)
}

struct Open {
    start: usize,
    is_marked: bool,
    kind: Kind,
}

enum Kind {
    List(Vec<Item>),
    Map { entries: Vec<Entry>, key: Option<Node> },
}

struct Builder<'t> {
    text: &'t str,
    open: Vec<Open>,
    roots: Vec<Node>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, range: Range<usize>) -> Result<(), Fault> {
        let is_marked = event.anchor_id().is_some() || event.tag().is_some();
        match event {
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.put(Node { span: range, value: Value::Alias, is_marked: true })
            }
            Event::Scalar(text, style, ..) => {
                let written = self.text.get(range.clone()).unwrap_or_default().trim_end().len();
                let span = range.start..range.start + written;
                let value = Value::Scalar { text: text.into_owned(), is_plain: style == ScalarStyle::Plain };
                self.put(Node { span, value, is_marked })
            }
            Event::SequenceStart(..) => {
                self.open.push(Open { start: range.start, is_marked, kind: Kind::List(Vec::new()) });
                Ok(())
            }
            Event::MappingStart(..) => {
                let kind = Kind::Map { entries: Vec::new(), key: None };
                self.open.push(Open { start: range.start, is_marked, kind });
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&range),
            // Marks of the stream and of documents.
            _ => Ok(()),
        }
    }

    fn close(&mut self, range: &Range<usize>) -> Result<(), Fault> {
        let Some(Open { start, is_marked, kind }) = self.open.pop() else { return Ok(()) };
        // A list without an indentation of its own starts where its first item does, which may be a bracket.
        let flow = matches!(self.text.get(range.clone()), Some("]" | "}"))
            && self.text.get(start..).is_some_and(|rest| rest.starts_with(['[', '{']));
        let (first, last) = match &kind {
            Kind::List(items) => {
                (items.first().map(|item| item.dash), items.last().map(|item| item.node.span.end.max(item.dash + 1)))
            }
            Kind::Map { entries, .. } => {
                (entries.first().map(|entry| entry.span().start), entries.last().map(|entry| entry.span().end))
            }
        };
        let span = if flow { start..range.end } else { first.unwrap_or(start)..last.unwrap_or(start) };
        let value = match kind {
            Kind::List(items) => Value::List { items, flow },
            Kind::Map { entries, .. } => Value::Map { entries, flow },
        };
        self.put(Node { span, value, is_marked })
    }

    /// Puts a finished node where it belongs.
    fn put(&mut self, mut node: Node) -> Result<(), Fault> {
        let text = self.text;
        let Some(Open { kind, .. }) = self.open.last_mut() else {
            self.roots.push(node);
            return Ok(());
        };
        match kind {
            Kind::List(items) => {
                let dash = dash(text, node.span.start);
                items.push(Item { dash, node });
            }
            Kind::Map { entries, key } => match key.take() {
                Some(key) => {
                    // What is not there stands right behind its key.
                    if node.span.is_empty() {
                        let colon = text[key.span.end..].find(':').map_or(key.span.end, |at| key.span.end + at + 1);
                        node.span = colon..colon;
                    }
                    entries.push(Entry { key, value: node });
                }
                None => {
                    if let Some(name) = node.text()
                        && entries.iter().any(|entry| entry.key.text() == Some(name))
                    {
                        let what = format!("the key `{name}` stands twice in one map");
                        return Err(Fault::at(text, node.span.start, what).help("keep one of them"));
                    }
                    *key = Some(node);
                }
            },
        }
        Ok(())
    }
}

/// The dash of an item that starts at a place; the place itself in flow style.
fn dash(text: &str, start: usize) -> usize {
    let mut end = start;
    loop {
        let before = text[..end].trim_end();
        if before.ends_with('-') {
            return before.len() - 1;
        }
        // A comment may stand between the dash and what follows it.
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let Some(comment) = before[line..].find('#') else { return start };
        end = line + comment;
    }
}
