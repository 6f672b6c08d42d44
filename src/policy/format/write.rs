//! A tree as text.

use std::fmt::Write as _;

use super::read::Tree;
use super::{Comment, Entry, Line, Node, Scalar, Value, WIDTH};

/// Writes it.
pub(super) fn write(tree: &Tree) -> String {
    let mut writer = Writer { out: String::new() };
    writer.lines(&tree.header, 0);
    match &tree.root.value {
        Value::Map { items, flow: false, footer } => {
            for (place, entry) in items.iter().enumerate() {
                let parted = place > 0 && !entry.above.contains(&Line::Blank);
                let long = place > 0 && (is_long(entry) || is_long(&items[place - 1]));
                if parted && long {
                    writer.blank();
                }
                writer.entry(entry, 0);
            }
            writer.lines(footer, 0);
        }
        _ => {
            writer.value(&tree.root, 0, None);
        }
    }
    writer.out
}

/// Whether an entry takes more than one line.
fn is_long(entry: &Entry) -> bool {
    let mut writer = Writer { out: String::new() };
    writer.rest_of_entry(entry, 0);
    writer.out.matches('\n').count() > 1
}

struct Writer {
    out: String,
}

impl Writer {
    fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn indent(&mut self, by: usize) {
        self.out.extend(std::iter::repeat_n(' ', by));
    }

    fn lines(&mut self, lines: &[Line], indent: usize) {
        for line in lines {
            match line {
                Line::Blank => self.blank(),
                Line::Comment(comment) => {
                    self.indent(indent);
                    self.out.push_str(&comment.text);
                    self.out.push('\n');
                }
            }
        }
    }

    /// The column that comes next.
    fn column(&self) -> usize {
        self.out[self.out.rfind('\n').map_or(0, |at| at + 1)..].chars().count()
    }

    /// Ends a line, with a comment in the column where it was if there is room.
    fn end(&mut self, comment: Option<&Comment>) {
        if let Some(comment) = comment {
            let column = self.column();
            // Beyond the width it stood behind a longer line.
            let wanted = if comment.column < WIDTH { comment.column } else { 0 };
            self.indent(wanted.max(column + 2) - column);
            self.out.push_str(&comment.text);
        }
        self.out.push('\n');
    }

    fn entry(&mut self, entry: &Entry, indent: usize) {
        self.lines(&entry.above, indent);
        self.indent(indent);
        self.rest_of_entry(entry, indent);
    }

    /// An entry whose line is begun.
    fn rest_of_entry(&mut self, entry: &Entry, indent: usize) {
        let Some(key) = &entry.key else {
            self.out.push('-');
            return self.item(entry, indent);
        };
        self.out.push_str(&scalar(key));
        self.out.push(':');
        if let Some(comment) = self.value(&entry.value, indent, entry.beside_key.as_ref()) {
            let beside = entry.beside.as_ref().or(comment);
            self.end(beside);
        }
    }

    /// An item of a list, behind its dash.
    fn item(&mut self, entry: &Entry, indent: usize) {
        let inner = match &entry.value.value {
            Value::Map { items, flow: false, footer } | Value::List { items, flow: false, footer }
                if !items.is_empty() =>
            {
                Some((items, footer))
            }
            _ => None,
        };
        let Some((items, footer)) = inner else {
            if let Some(comment) = self.value(&entry.value, indent, entry.beside_key.as_ref()) {
                let beside = entry.beside.as_ref().or(comment);
                self.end(beside);
            }
            return;
        };
        for (place, inner) in items.iter().enumerate() {
            if place == 0 {
                self.out.push(' ');
                self.rest_of_entry(inner, indent + 2);
            } else {
                self.entry(inner, indent + 2);
            }
        }
        self.lines(footer, indent + 2);
    }

    /// A value behind its key or dash. Gives back the comment that is still to be written if the line is not ended.
    fn value<'c>(&mut self, node: &Node, indent: usize, beside: Option<&'c Comment>) -> Option<Option<&'c Comment>> {
        let space = if self.column() == 0 { "" } else { " " };
        let mut line = String::new();
        if one_line(node, &mut line).is_some() {
            let is_scalar = matches!(node.value, Value::Scalar(_));
            let fits = is_scalar || self.column() + space.len() + line.chars().count() <= WIDTH;
            match &node.value {
                // What else is too long was broken before.
                Value::List { items, .. } if !fits => {
                    self.out.push_str(space);
                    self.filled(items);
                }
                _ if line.is_empty() => {}
                _ => {
                    self.out.push_str(space);
                    self.out.push_str(&line);
                }
            }
            return Some(beside);
        }
        let (Value::Map { items, footer, .. } | Value::List { items, footer, .. }) = &node.value else {
            return Some(beside);
        };
        self.end(beside);
        let inner = if space.is_empty() { indent } else { indent + 2 };
        for entry in items {
            self.entry(entry, inner);
        }
        self.lines(footer, inner);
        None
    }

    /// Texts of a list, as many in each line as fit.
    fn filled(&mut self, items: &[Entry]) {
        self.out.push('[');
        let margin = self.column();
        for (place, item) in items.iter().enumerate() {
            let Value::Scalar(text) = &item.value.value else { continue };
            let text = scalar(text);
            if place > 0 {
                self.out.push(',');
                if self.column() + 2 + text.chars().count() > WIDTH {
                    self.out.push('\n');
                    self.indent(margin);
                } else {
                    self.out.push(' ');
                }
            }
            self.out.push_str(&text);
        }
        self.out.push(']');
    }
}

/// Columns of a text as it is written.
pub(super) fn width(of: &Scalar) -> usize {
    scalar(of).chars().count()
}

/// The node as it stands in one line, if it may.
pub(super) fn one_line(node: &Node, line: &mut String) -> Option<()> {
    match &node.value {
        Value::Scalar(text) => line.push_str(&scalar(text)),
        Value::Map { footer, .. } | Value::List { footer, .. } if !footer.is_empty() => return None,
        Value::Map { items, .. } if items.is_empty() => line.push_str("{}"),
        Value::List { items, .. } if items.is_empty() => line.push_str("[]"),
        Value::Map { flow: false, .. } | Value::List { flow: false, .. } => return None,
        Value::Map { items, .. } => {
            for (place, entry) in items.iter().enumerate() {
                line.push_str(if place == 0 { "{ " } else { ", " });
                if let Some(key) = &entry.key {
                    line.push_str(&scalar(key));
                    line.push_str(if entry.value.start == entry.value.end { ":" } else { ": " });
                }
                one_line(&entry.value, line)?;
            }
            line.push_str(" }");
        }
        Value::List { items, .. } => {
            for (place, entry) in items.iter().enumerate() {
                line.push_str(if place == 0 { "[" } else { ", " });
                one_line(&entry.value, line)?;
            }
            line.push(']');
        }
    }
    Some(())
}

/// A text as it is written: without quotes where it had none or needs none, else in double quotes, or in single ones
/// where those would need backslashes.
fn scalar(of: &Scalar) -> String {
    let tag = if of.tagged { "!file " } else { "" };
    let text = &of.text;
    let body = if of.plain || needs_no_quotes(text) {
        text.clone()
    } else if text.chars().any(|c| c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')) {
        escaped(text)
    } else if text.contains(['\\', '"']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    };
    format!("{tag}{body}")
}

/// Whether no reader of YAML, old or new, takes the text for anything but text.
fn needs_no_quotes(text: &str) -> bool {
    const WORDS: &[&str] = &["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./-".contains(&byte))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

fn escaped(text: &str) -> String {
    let mut body = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => body.push_str("\\\""),
            '\\' => body.push_str("\\\\"),
            '\n' => body.push_str("\\n"),
            '\t' => body.push_str("\\t"),
            '\r' => body.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                // Writing to a String cannot fail.
                let _ = write!(body, "\\u{:04x}", u32::from(c));
            }
            c => body.push(c),
        }
    }
    body.push('"');
    body
}
