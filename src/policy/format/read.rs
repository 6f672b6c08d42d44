//! A text as a tree that keeps comments and blank lines with what they belong to.

use granit_parser::{Event, Parser, ScalarStyle};

use super::{Comment, Entry, Line, Node, Scalar, Value};

/// A text, read.
pub(super) struct Tree {
    pub(super) root: Node,
    /// Lines at its start that belong to the whole, up to the last blank one before the first key.
    pub(super) header: Vec<Line>,
    /// All comments, for comparison.
    pub(super) comments: Vec<String>,
}

/// Reads; `None` if the text is not one document of maps, lists and scalars.
pub(super) fn read(text: &str) -> Option<Tree> {
    let (mut root, scalars) = nodes(text)?;
    let comments = comments(text, &scalars);
    let mut reader = Reader { text, comments: &comments, next: 0 };
    let first = first_start(&root);
    let mut lines = reader.gap_after(0, first, false).1;
    reader.place(&mut root);
    let end = root.end;
    let (beside, mut tail) = reader.gap(end, text.len());
    if let Some(beside) = beside {
        set_beside(&mut root, beside);
    }
    while tail.last() == Some(&Line::Blank) {
        tail.pop();
    }
    let (below, tail) = split_deeper(tail, 0);
    put_below(&mut root, below);
    put_footer(&mut root, tail);
    let header = match lines.iter().rposition(|line| *line == Line::Blank) {
        Some(last) if lines.iter().take(last).any(|line| *line != Line::Blank) => lines.drain(..=last).collect(),
        _ => Vec::new(),
    };
    if let Some(entry) = items_mut(&mut root).and_then(|items| items.first_mut()) {
        lines.append(&mut entry.above);
        entry.above = lines;
    }
    let comments = comments.into_iter().map(|comment| comment.text).collect();
    Some(Tree { root, header, comments })
}

fn first_start(root: &Node) -> usize {
    match &root.value {
        Value::Map { items, flow: false, .. } | Value::List { items, flow: false, .. } => {
            items.first().map_or(root.start, |entry| entry.start)
        }
        _ => root.start,
    }
}

struct Open {
    start: usize,
    flow: bool,
    is_map: bool,
    items: Vec<Entry>,
    key: Option<(Scalar, usize)>,
}

/// The nodes of a text without comments, and where its scalars are.
fn nodes(text: &str) -> Option<(Node, Vec<(usize, usize)>)> {
    let mut open: Vec<Open> = Vec::new();
    let mut scalars = Vec::new();
    let mut root = None;
    for next in Parser::new_from_str(text) {
        let (event, span) = next.ok()?;
        let range = span.byte_range().unwrap_or(0..0);
        if is_foreign(&event, span.tag_span().and_then(|tag| text.get(tag.byte_range()?)))
            || root.is_some() && event.is_node()
        {
            return None;
        }
        let node = match event {
            Event::Scalar(value, style, _, tag) => {
                let start = span.tag_span().and_then(|tag| tag.byte_range()).map_or(range.start, |tag| tag.start);
                let end = range.start + text.get(range.clone())?.trim_end().len();
                scalars.push((start, end));
                let plain = style == ScalarStyle::Plain;
                // Nothing is written as nothing, not as the null that it means.
                let value = if plain && end <= range.start { String::new() } else { value.into_owned() };
                let scalar = Scalar { text: value, plain, tagged: tag.is_some() };
                Node { value: Value::Scalar(scalar), start, end }
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                let flow = text.get(range.start..).is_some_and(|rest| rest.starts_with(['[', '{']));
                let is_map = matches!(event, Event::MappingStart(..));
                open.push(Open { start: range.start, flow, is_map, items: Vec::new(), key: None });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Open { start, flow, is_map, items, .. } = open.pop()?;
                // A list without an indentation of its own starts where its first item does, which may be a bracket.
                let flow = flow && matches!(text.get(range.clone()), Some("]" | "}"));
                let last = items.last().map_or(start, |entry| entry.value.end.max(entry.start));
                let end = if flow { range.end } else { last };
                let value = if is_map {
                    Value::Map { items, flow, footer: Vec::new() }
                } else {
                    Value::List { items, flow, footer: Vec::new() }
                };
                Node { value, start, end }
            }
            _ => continue,
        };
        match open.last_mut() {
            None => root = Some(node),
            Some(parent) => parent.take(node, text)?,
        }
    }
    Some((root?, scalars))
}

/// Whether it is something that policies have not: an anchor, an alias, a tag other than `!file`.
fn is_foreign(event: &Event<'_>, tag: Option<&str>) -> bool {
    let is_file = matches!(event, Event::Scalar(..)) && tag == Some("!file");
    event.is_alias() || event.anchor_id().is_some() || (event.tag().is_some() && !is_file)
}

impl Open {
    fn take(&mut self, node: Node, text: &str) -> Option<()> {
        let (key, start) = match (self.is_map, self.key.take()) {
            (false, _) => (None, if self.flow { node.start } else { dash(text, node.start) }),
            (true, Some((key, start))) => (Some(key), start),
            (true, None) => {
                let Node { value: Value::Scalar(key), start, .. } = node else { return None };
                self.key = Some((key, start));
                return Some(());
            }
        };
        let column = start - text[..start].rfind('\n').map_or(0, |at| at + 1);
        let value = node;
        self.items.push(Entry { key, start, column, value, above: Vec::new(), beside: None, beside_key: None });
        Some(())
    }
}

/// The dash of an item that starts at a place.
fn dash(text: &str, start: usize) -> usize {
    let before = text[..start].trim_end_matches([' ', '\n']);
    match before.strip_suffix('-') {
        Some(rest) => rest.len(),
        // Comments stand between them.
        None => before.rfind('\n').map_or(start, |line| {
            let mut lines = text[..=line].lines().rev();
            let found = lines.find(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty());
            found.and_then(|line| text[..start].rfind(line).zip(line.find('-'))).map_or(start, |(at, dash)| at + dash)
        }),
    }
}

/// All comments: a `#` at a line's start or behind a space, and not within a scalar.
fn comments(text: &str, scalars: &[(usize, usize)]) -> Vec<Comment> {
    let mut found: Vec<Comment> = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find('#').map(|next| at + next) {
        let spaced = text[..next].chars().next_back().is_none_or(|before| before.is_whitespace());
        let scalar = scalars.partition_point(|(start, _)| *start <= next).checked_sub(1).map(|place| scalars[place]);
        if let Some((_, end)) = scalar.filter(|(_, end)| next < *end) {
            at = end;
            continue;
        }
        let end = text[next..].find('\n').map_or(text.len(), |line| next + line);
        if spaced {
            let line = text[..next].rfind('\n').map_or(0, |newline| newline + 1);
            let column = text[line..next].chars().count();
            found.push(Comment { text: text[next..end].to_owned(), start: next, column });
            at = end;
        } else {
            at = next + 1;
        }
    }
    found
}

struct Reader<'t> {
    text: &'t str,
    comments: &'t [Comment],
    next: usize,
}

impl Reader<'_> {
    /// What stands between two places: a comment in the line of the first, and the lines after it.
    fn gap(&mut self, from: usize, to: usize) -> (Option<Comment>, Vec<Line>) {
        self.gap_after(from, to, true)
    }

    /// The same, where there may be nothing before the first place.
    fn gap_after(&mut self, from: usize, to: usize, something: bool) -> (Option<Comment>, Vec<Line>) {
        let mut beside = None;
        let mut lines = Vec::new();
        let mut at = from;
        while let Some(comment) = self.comments.get(self.next).filter(|comment| comment.start < to) {
            self.next += 1;
            let between = &self.text[at.min(comment.start)..comment.start];
            let newlines = between.matches('\n').count();
            if newlines == 0 && something && lines.is_empty() && beside.is_none() {
                beside = Some(comment.clone());
            } else {
                if newlines > 1 && (something || !lines.is_empty()) {
                    lines.push(Line::Blank);
                }
                lines.push(Line::Comment(comment.clone()));
            }
            at = comment.start + comment.text.len();
        }
        if self.text[at.min(to)..to].matches('\n').count() > 1 {
            lines.push(Line::Blank);
        }
        (beside, lines)
    }

    /// Gives comments to the entries below a node.
    fn place(&mut self, node: &mut Node) {
        let (start, end) = (node.start, node.end);
        let (Value::Map { items, flow, footer } | Value::List { items, flow, footer }) = &mut node.value else {
            return;
        };
        let before = self.next;
        let mut at = start;
        let mut place = 0;
        while place < items.len() {
            let (done, rest) = items.split_at_mut(place);
            let [entry, ..] = rest else { break };
            let (beside, lines) = self.gap(at, entry.start);
            let (below, above) = match done.last_mut() {
                None => {
                    entry.above.extend(beside.map(Line::Comment));
                    (Vec::new(), lines)
                }
                Some(last) => {
                    if let Some(beside) = beside {
                        last.set_beside(beside);
                    }
                    if *flow { (Vec::new(), lines) } else { split_deeper(lines, entry.column) }
                }
            };
            if let Some(last) = done.last_mut() {
                put_below(&mut last.value, below);
            }
            entry.above.extend(above);
            self.entry(entry);
            at = entry.value.end.max(entry.start);
            place += 1;
        }
        if *flow {
            let (beside, lines) = self.gap(at, end);
            match (beside, items.last_mut()) {
                (Some(beside), Some(last)) => last.set_beside(beside),
                (beside, _) => footer.extend(beside.map(Line::Comment)),
            }
            footer.extend(lines);
            // One line has no place for comments.
            *flow = before == self.next;
        }
    }

    fn entry(&mut self, entry: &mut Entry) {
        let inner = match &entry.value.value {
            Value::Map { items, flow: false, .. } | Value::List { items, flow: false, .. } => {
                items.first().map_or(entry.value.start, |first| first.start)
            }
            _ => entry.value.start,
        };
        let (beside, lines) = self.gap(entry.start, inner.max(entry.start));
        entry.beside_key = beside;
        match items_mut(&mut entry.value).and_then(|items| items.first_mut()) {
            Some(first) => first.above.extend(lines),
            // Comments between a key and its text go above the key.
            None => entry.above.extend(lines.into_iter().filter(|line| *line != Line::Blank)),
        }
        self.place(&mut entry.value);
    }
}

impl Entry {
    /// Puts a comment behind the last thing of an entry.
    fn set_beside(&mut self, comment: Comment) {
        if is_block(&self.value) {
            set_beside(&mut self.value, comment);
        } else if self.beside.is_none() {
            self.beside = Some(comment);
        }
    }
}

fn set_beside(node: &mut Node, comment: Comment) {
    match items_mut(node).and_then(|items| items.last_mut()) {
        Some(last) => last.set_beside(comment),
        None => put_footer(node, vec![Line::Comment(comment)]),
    }
}

fn is_block(node: &Node) -> bool {
    matches!(&node.value, Value::Map { items, flow: false, .. } | Value::List { items, flow: false, .. } if !items.is_empty())
}

fn items_mut(node: &mut Node) -> Option<&mut Vec<Entry>> {
    match &mut node.value {
        Value::Map { items, .. } | Value::List { items, .. } => Some(items),
        Value::Scalar(_) => None,
    }
}

/// Lines at the start that are further in than a column, and the rest.
fn split_deeper(lines: Vec<Line>, column: usize) -> (Vec<Line>, Vec<Line>) {
    let deeper = |line: &Line| matches!(line, Line::Comment(comment) if comment.column > column);
    let Some(first_rest) = lines.iter().position(|line| *line != Line::Blank && !deeper(line)) else {
        let last = lines.iter().rposition(deeper).map_or(0, |last| last + 1);
        let mut lines = lines;
        let rest = lines.split_off(last);
        return (lines, rest);
    };
    let last = lines.iter().take(first_rest).rposition(deeper).map_or(0, |last| last + 1);
    let mut lines = lines;
    let rest = lines.split_off(last);
    (lines, rest)
}

/// Puts lines below what a node ends with, as far in as they stand.
fn put_below(node: &mut Node, lines: Vec<Line>) {
    for line in lines {
        let column = if let Line::Comment(comment) = &line { comment.column } else { usize::MAX };
        put_line(node, line, column);
    }
}

fn put_line(node: &mut Node, line: Line, column: usize) {
    if let Some(last) = items_mut(node).and_then(|items| items.last_mut())
        && is_block(&last.value)
        && items_mut(&mut last.value).and_then(|items| items.first()).is_some_and(|inner| inner.column <= column)
    {
        return put_line(&mut last.value, line, column);
    }
    put_footer(node, vec![line]);
}

fn put_footer(node: &mut Node, lines: Vec<Line>) {
    if let Value::Map { footer, .. } | Value::List { footer, .. } = &mut node.value {
        footer.extend(lines);
    }
}
