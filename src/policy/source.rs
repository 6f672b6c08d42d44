//! The texts that a policy was read from, and places in them.

use std::ops::Range;
use std::path::PathBuf;

/// A file of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u16);

/// A place in a file: bytes `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A place; files are bounded at 4 MiB, so that offsets beyond `u32` do not occur.
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: narrow(range.start), end: narrow(range.end.max(range.start)) }
    }

    /// The bytes.
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// One file.
#[derive(Clone)]
pub struct Source {
    /// Its name, as faults show it.
    pub name: String,
    /// The directory that relative paths in it start from.
    pub directory: PathBuf,
    /// Its content.
    pub text: String,
    /// What must not be shown: places that hold, or seem to hold, a secret.
    pub hidden: Vec<Range<usize>>,
}

/// All files of a policy.
#[derive(Clone, Default)]
pub struct Sources(Vec<Source>);

/// Line and column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

impl Sources {
    /// Adds a file. Files beyond the 65,536th share the last one's id; reading stops long before.
    pub fn add(&mut self, source: Source) -> FileId {
        let id = FileId(u16::try_from(self.0.len()).unwrap_or(u16::MAX));
        self.0.push(source);
        id
    }

    /// All files with their ids, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        (0..=u16::MAX).map(FileId).zip(&self.0)
    }

    /// A file.
    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.0.get(usize::from(file.0))
    }

    pub(super) fn hide(&mut self, file: FileId, more: impl IntoIterator<Item = Range<usize>>) {
        if let Some(source) = self.0.get_mut(usize::from(file.0)) {
            source.hidden.extend(more);
        }
    }

    /// Where a place starts and ends.
    pub fn position(&self, span: Span) -> Option<(Position, Position)> {
        let source = self.get(span.file)?;
        Some((source.position(span.range().start), source.position(span.range().end)))
    }
}

impl Source {
    /// Line and column of a byte; the end of the text if it lies beyond.
    pub fn position(&self, offset: usize) -> Position {
        let before = &self.text[..self.floor(offset)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Position {
            line: memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// The nearest character boundary at or before a byte.
    pub fn floor(&self, offset: usize) -> usize {
        let mut at = offset.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_survive_odd_offsets() {
        let source =
            Source { name: "p".into(), directory: PathBuf::new(), text: "a\néé: x\n".into(), hidden: Vec::new() };
        assert_eq!(source.position(4), Position { line: 2, column: 2 });
        // Byte 3 lies within the first é.
        assert_eq!(source.position(3), Position { line: 2, column: 1 });
        assert_eq!(source.position(99), Position { line: 3, column: 1 });
    }
}
