//! Where things stand: collections that fit stay in one line, the others take a line for each of their entries as if
//! they had been written so, and a dash stands in the line of its item. What is written then reads the same the next time.

use super::write::{one_line, width};
use super::{Comment, Entry, Line, Node, Value, WIDTH};

/// Breaks what is too long for its line.
pub(super) fn fit(root: &mut Node) {
    if !stays(root, 0) {
        broken(root);
    }
    below(root, 0);
}

/// Looks at the entries of a collection that takes several lines; `indent` is where they begin.
fn below(of: &mut Node, indent: usize) {
    let (Value::Map { items, flow: false, .. } | Value::List { items, flow: false, .. }) = &mut of.value else {
        return;
    };
    // What comes first is not parted from what it belongs to.
    if let Some(first) = items.first_mut() {
        let blank = first.above.iter().take_while(|line| **line == Line::Blank).count();
        first.above.drain(..blank);
    }
    for entry in items {
        let column = indent + entry.key.as_ref().map_or("- ".len(), |key| width(key) + ": ".len());
        if !stays(&entry.value, column) {
            broken(&mut entry.value);
            settle(entry);
        }
        below(&mut entry.value, indent + 2);
        if entry.key.is_none() {
            lift(entry);
        }
    }
}

/// Whether a node needs no line for each of its entries: it fits behind a column, or is a list of texts, which fills
/// lines.
fn stays(node: &Node, column: usize) -> bool {
    let (Value::Map { items, flow: true, .. } | Value::List { items, flow: true, .. }) = &node.value else {
        return true;
    };
    let mut line = String::new();
    let fits = one_line(node, &mut line).is_some() && column + line.chars().count() <= WIDTH;
    let texts = || items.iter().all(|item| item.key.is_none() && matches!(item.value.value, Value::Scalar(_)));
    fits || texts()
}

fn broken(node: &mut Node) {
    let (Value::Map { items, flow, .. } | Value::List { items, flow, .. }) = &mut node.value else { return };
    *flow = false;
    for entry in items {
        // Where lines ended between brackets says nothing about where they belong now.
        entry.above.retain(|line| *line != Line::Blank);
    }
}

/// Puts what stands between a dash and its item above the dash, so that the dash is not left alone.
fn lift(entry: &mut Entry) {
    let (Value::Map { items, flow: false, .. } | Value::List { items, flow: false, .. }) = &mut entry.value.value
    else {
        return;
    };
    let Some(first) = items.first_mut() else { return };
    entry.above.extend(entry.beside_key.take().map(Line::Comment));
    entry.above.extend(first.above.drain(..).filter(|line| *line != Line::Blank));
}

/// Finds a place for the comment that stood behind what is broken now: behind its key, or behind its first line, or above.
fn settle(entry: &mut Entry) {
    let Some(comment) = entry.beside.take() else { return };
    // Its column was that of a longer line.
    let comment = Comment { column: 0, ..comment };
    let first = match &mut entry.value.value {
        Value::Map { items, .. } | Value::List { items, .. } => items.first_mut(),
        Value::Scalar(_) => None,
    };
    let place = match first {
        _ if entry.key.is_some() => &mut entry.beside_key,
        Some(first) if matches!(first.value.value, Value::Scalar(_)) && first.above.is_empty() => &mut first.beside,
        _ => return entry.above.push(Line::Comment(comment)),
    };
    match place {
        None => *place = Some(comment),
        Some(_) => entry.above.push(Line::Comment(comment)),
    }
}
