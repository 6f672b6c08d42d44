//! Splices: what goes in and out of a text, at which bytes. Everything else stays as it is.

use std::ops::Range;

use super::tree::{Entry, Item, Node};

/// Changes of one text, made together.
pub(super) struct Edits<'t> {
    text: &'t str,
    newline: &'static str,
    list: Vec<(Range<usize>, String)>,
}

impl<'t> Edits<'t> {
    pub fn new(text: &'t str) -> Self {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { text, newline, list: Vec::new() }
    }

    /// Puts something in the place of bytes.
    pub fn replace(&mut self, range: Range<usize>, with: impl Into<String>) {
        self.list.push((range, with.into()));
    }

    /// Inserts lines below the line of a place. Those inserted later at one place stand lower.
    pub fn below(&mut self, place: usize, lines: &[String]) {
        let at = self.line_end(place);
        let mut text = String::new();
        let has_newline = self.text[..at].ends_with('\n');
        for line in lines {
            if has_newline {
                text.extend([line, self.newline]);
            } else {
                text.extend([self.newline, line]);
            }
        }
        self.replace(at..at, text);
    }

    /// Inserts an entry in front of another of the same map.
    pub fn before(&mut self, entry: &Entry, flow: bool, text: &str) {
        let at = entry.key.span.start;
        let gap = if flow { ", ".to_owned() } else { format!("{}{}", self.newline, " ".repeat(self.column(at))) };
        self.replace(at..at, format!("{text}{gap}"));
    }

    /// Inserts something in front of all that stands in a pair of brackets.
    pub fn within(&mut self, brackets: &Node, text: &str) {
        let gap = if brackets.entries().is_empty() && brackets.items().is_empty() { "" } else { ", " };
        // In front of what is there, not behind the bracket: spaces between the two stay where they are.
        let first = brackets.entries().first().map(|entry| entry.key.span.start);
        let first = first.or(brackets.items().first().map(|item| item.node.span.start));
        let at = first.unwrap_or(brackets.span.start + 1);
        self.replace(at..at, format!("{text}{gap}"));
    }

    /// Takes an entry out of a map: its lines, or in brackets all up to the next one.
    pub fn cut_entry(&mut self, map: &Node, entry: &Entry) {
        if !map.is_flow() {
            return self.cut_lines(entry.span());
        }
        let starts = map.entries().iter().map(|entry| entry.key.span.start);
        self.cut_up_to_next(entry.span(), starts);
    }

    /// Takes an item out of a list.
    pub fn cut_item(&mut self, list: &Node, item: &Item) {
        if !list.is_flow() {
            return self.cut_lines(item.dash..item.node.span.end);
        }
        let starts = list.items().iter().map(|item| item.node.span.start);
        self.cut_up_to_next(item.node.span.clone(), starts);
    }

    fn cut_up_to_next(&mut self, range: Range<usize>, mut starts: impl Iterator<Item = usize>) {
        let end = starts.find(|start| *start > range.start).unwrap_or(range.end);
        self.replace(range.start..end, "");
    }

    fn cut_lines(&mut self, range: Range<usize>) {
        let mut start = self.text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let end = self.line_end(range.end);
        // The last line may have no end of its own; then the one before loses its.
        if !self.text[..end].ends_with('\n') {
            start -= usize::from(self.text[..start].ends_with('\n'));
            start -= usize::from(self.text[..start].ends_with('\r'));
        }
        self.replace(start..end, "");
    }

    /// One past the end of a line.
    fn line_end(&self, place: usize) -> usize {
        self.text[place..].find('\n').map_or(self.text.len(), |at| place + at + 1)
    }

    /// The column of a place, from 0.
    pub fn column(&self, place: usize) -> usize {
        let line = self.text[..place].rfind('\n').map_or(0, |at| at + 1);
        self.text[line..place].chars().count()
    }

    /// The changed text; `None` if two changes meet in one place.
    pub fn apply(mut self) -> Option<String> {
        self.list.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = String::with_capacity(self.text.len() + 4096);
        let mut at = 0;
        for (range, with) in &self.list {
            out.push_str(self.text.get(at..range.start)?);
            out.push_str(with);
            at = range.end;
        }
        out.push_str(self.text.get(at..)?);
        Some(out)
    }
}
