//! A text as it is searched: the line itself, or what a part of it says when it is decoded.

use crate::redact::decode::Map;

/// A text and where it came from.
pub struct View<'a> {
    /// What is searched.
    pub text: &'a [u8],
    /// How it came to be; `None` for the line itself.
    pub origin: Option<Origin<'a>>,
    /// How many layers were undone.
    pub level: usize,
}

/// Where a decoded text came from.
pub struct Origin<'a> {
    /// The text around it.
    pub outer: &'a View<'a>,
    /// How its bytes follow from the outer text's.
    pub way: Way<'a>,
}

/// How a decoded text follows from its source.
pub enum Way<'a> {
    /// Byte by byte and escape by escape; the source begins at the place that is named.
    Escapes(&'a Map, usize),
    /// Only as a whole: bytes from one place to another.
    Whole(usize, usize),
    /// Byte by byte from a place on.
    Shifted(usize),
}

impl View<'_> {
    /// The line's bytes that `start..end` (not empty) came from.
    pub fn source(&self, start: usize, end: usize) -> (usize, usize) {
        let Some(origin) = &self.origin else { return (start, end) };
        let (start, end) = match &origin.way {
            Way::Escapes(map, base) => {
                let (start, end) = map.source(start, end, usize::MAX);
                (base + start, base.saturating_add(end).min(origin.outer.text.len()))
            }
            Way::Whole(start, end) => (*start, *end),
            Way::Shifted(base) => (base + start, base + end),
        };
        origin.outer.source(start, end)
    }
}
