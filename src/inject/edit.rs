//! Splices: what goes in and out of a text, at which bytes. Everything else stays as it is.

use std::ops::Range;

use super::tree::{Entry, Item};

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

    /// Takes the lines out that an entry stands in.
    pub fn cut_entry(&mut self, entry: &Entry) {
        self.cut_lines(entry.span());
    }

    /// Takes the lines out that an item stands in.
    pub fn cut_item(&mut self, item: &Item) {
        self.cut_lines(item.dash..item.node.span.end);
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
