//! YAML text to a tree in which every key and value knows its place. Only what a policy needs of YAML: one document of
//! maps, lists and scalars. Anchors, aliases, tags (but for `!file`) and directives are refused, so that a policy reads
//! as it is written.

mod slip;

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError};

use super::fault::{Code, Fault, quote};
use super::source::{FileId, Span};

/// Bytes of a file: ten thousand routes take some two MiB.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// Nodes of a file: ten thousand routes take some hundred thousand.
pub const MAX_NODES: usize = 200_000;
/// Levels of nesting: the policy's own are eight.
pub const MAX_DEPTH: usize = 32;

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// Text; what it means depends on the key.
    Scalar(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file.
    Map(Vec<Entry>),
    /// Something that a fault was already raised for; nothing more is to be said of it.
    Unusable,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// Reads one file; `None` if its text is not a tree at all. Duplicate keys and refused features are faults that leave
/// the rest readable.
pub fn parse(file: FileId, text: &str, faults: &mut Vec<Fault>) -> Option<Node> {
    parse_with_includes(file, text, faults).map(|(root, _)| root)
}

/// Reads one file as [`parse`] does; with it the places of scalars that are tagged `!file`.
pub fn parse_with_includes(file: FileId, text: &str, faults: &mut Vec<Fault>) -> Option<(Node, Vec<Span>)> {
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut builder = Builder { faults, open: Vec::new(), root: None, documents: 0 };
    let mut includes = Vec::new();
    let mut nodes = 0_usize;
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                builder.faults.push(syntax(file, text, &error));
                return None;
            }
        };
        let tag = span.tag_span().and_then(|tag| tag.byte_range());
        let span = Span::new(file, span.byte_range().unwrap_or(0..0));
        nodes += usize::from(event.is_node());
        if nodes > MAX_NODES || builder.open.len() > MAX_DEPTH {
            let message = format!("more than {MAX_NODES} values, or more than {MAX_DEPTH} levels of nesting");
            builder.faults.push(Fault::new(Code::Bound, span, message).label("reading stops here"));
            return None;
        }
        let is_include = tag.clone().is_some_and(|tag| text.get(tag) == Some("!file"));
        if is_include && matches!(event, Event::Scalar(..)) {
            includes.push(span);
        } else {
            builder.refuse_features(&event, span, tag.map(|range| Span::new(file, range)));
        }
        if !builder.take(event, span) {
            return None;
        }
    }
    let root = builder.root.unwrap_or(Node { span: Span::new(file, 0..0), value: Value::Null });
    Some((root, includes))
}

fn syntax(file: FileId, text: &str, error: &ScanError) -> Fault {
    let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
    let fault = Fault::new(Code::Syntax, Span::new(file, at..at), "this is not YAML").label(error.info());
    let Some(slip) = slip::slip(text, at) else { return fault };
    let fault = fault.help(slip.help);
    match slip.began {
        Some(began) => fault.also(Span::new(file, began..began + 1), "opened here"),
        None => fault,
    }
}

/// A list or map that is not finished.
struct Open {
    start: Span,
    kind: Kind,
}

enum Kind {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        seen: HashMap<String, Span>,
        /// The key whose value comes next; `Some(None)` for a key that is refused.
        key: Option<Option<(String, Span)>>,
    },
}

struct Builder<'f> {
    faults: &'f mut Vec<Fault>,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
}

impl Builder<'_> {
    /// Takes one event; false if there is no use in going on.
    fn take(&mut self, event: Event<'_>, span: Span) -> bool {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let fault = Fault::new(Code::Documents, span, "a second document in one file")
                        .label("starts here")
                        .help("put it into a file of its own in the same directory: their contents merge");
                    self.faults.push(fault);
                    return false;
                }
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => self.put(Node { span, value: Value::Unusable }),
            Event::Scalar(text, style, ..) => {
                let null = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let value = if null { Value::Null } else { Value::Scalar(text.into_owned()) };
                self.put(Node { span, value });
            }
            Event::SequenceStart(..) => self.open.push(Open { start: span, kind: Kind::List(Vec::new()) }),
            Event::MappingStart(..) => {
                let kind = Kind::Map { entries: Vec::new(), seen: HashMap::new(), key: None };
                self.open.push(Open { start: span, kind });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Open { start, kind }) = self.open.pop() {
                    let value = match kind {
                        Kind::List(items) => Value::List(items),
                        Kind::Map { entries, .. } => Value::Map(entries),
                    };
                    self.put(Node { span: Span { end: span.end.max(start.end), ..start }, value });
                }
            }
            // Stream and document marks; comments are not built into the parser.
            _ => {}
        }
        true
    }

    fn refuse_features(&mut self, event: &Event<'_>, span: Span, tag: Option<Span>) {
        if event.is_alias() || event.anchor_id().is_some() {
            let what = if event.is_alias() { "an alias" } else { "an anchor" };
            let fault = Fault::new(Code::Anchor, span, format!("{what} in a policy"))
                .help("write the value out: a policy reads as it is written");
            self.faults.push(fault);
        }
        if event.tag().is_some() {
            let fault = Fault::new(Code::Tag, tag.unwrap_or(span), "a tag in a policy");
            self.faults.push(fault.help("leave it out: types follow from keys; `!file PATH` alone stands for a text"));
        }
    }

    /// Puts a finished node where it belongs.
    fn put(&mut self, node: Node) {
        let Some(Open { kind, .. }) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match kind {
            Kind::List(items) => items.push(node),
            Kind::Map { entries, seen, key } => match key.take() {
                None => *key = Some(self.faults.key(node, seen)),
                Some(Some((key, key_span))) => entries.push(Entry { key, key_span, value: node }),
                Some(None) => {}
            },
        }
    }
}

/// Judges keys; a trait only to keep borrows of the builder's parts apart.
trait KeyFaults {
    fn key(&mut self, node: Node, seen: &mut HashMap<String, Span>) -> Option<(String, Span)>;
}

impl KeyFaults for Vec<Fault> {
    fn key(&mut self, node: Node, seen: &mut HashMap<String, Span>) -> Option<(String, Span)> {
        let Value::Scalar(text) = node.value else {
            if !matches!(node.value, Value::Unusable) {
                self.push(Fault::new(Code::KeyType, node.span, "a key that is not plain text"));
            }
            return None;
        };
        if let Some(first) = seen.get(&text) {
            let fault =
                Fault::new(Code::DuplicateKey, node.span, format!("the key {} stands twice in one map", quote(&text)))
                    .label("here again")
                    .also(*first, "first here")
                    .help("keep one of them: neither silently wins");
            self.push(fault);
            return None;
        }
        seen.insert(text.clone(), node.span);
        Some((text, node.span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::source::{Source, Sources};

    fn read(text: &str) -> (Option<Node>, Vec<&'static str>) {
        let source = Source { name: "p".into(), directory: "".into(), text: String::new(), hidden: Vec::new() };
        let file = Sources::default().add(source);
        let mut faults = Vec::new();
        let root = parse(file, text, &mut faults);
        (root, faults.iter().map(|fault| fault.code.id()).collect())
    }

    #[test]
    fn values_know_their_places() {
        let text = "a: [1, two]\nb:\n  c: 'x'\n";
        let (Some(Node { value: Value::Map(entries), .. }), faults) = read(text) else { panic!("a map") };
        assert!(faults.is_empty());
        assert_eq!(&text[entries[0].value.span.range()], "[1, two]");
        let Value::Map(inner) = &entries[1].value.value else { panic!("a map") };
        assert_eq!(&text[inner[0].key_span.range()], "c");
        assert_eq!(&text[inner[0].value.span.range()], "'x'");
    }

    #[test]
    fn features_that_pull_things_in_are_refused() {
        assert_eq!(read("a: &x 1\nb: *x\n").1, ["PC0103", "PC0103"]);
        assert_eq!(read("a: *nowhere\n").1, ["PC0103"]);
        assert_eq!(read("a: !!str 1\n").1, ["PC0104"]);
        assert_eq!(read("a: 1\n---\nb: 2\n").1, ["PC0105"]);
        assert_eq!(read("%YAML 1.2\n---\na: 1\n").1, ["PC0101"]);
        assert_eq!(read("? [a]\n: 1\nb: 2\n").1, ["PC0107"]);
        assert_eq!(read("a: 1\na: 2\n").1, ["PC0102"]);
    }

    #[test]
    fn nesting_and_nodes_are_bounded() {
        assert!(read(&"[".repeat(10_000)).0.is_none());
        assert!(read(&"- ".repeat(10_000)).0.is_none());
        assert!(read(&format!("[{}]", "a,".repeat(MAX_NODES + 1))).0.is_none());
    }
}
