//! What the engine keeps from line to line.

use std::str::FromStr;

use crate::redact::decode::Map;
use crate::redact::lexicon::Meaning;
use crate::redact::{Kind, TokenCache};

use super::carry::Carry;
use super::memory::alike::Form;
use super::memory::known::{KeyFacts, Known};
use super::memory::lines::Lines;
use super::memory::seen::Seen;
use super::memory::silent::Silent;
use super::splice::Spans;

/// A hint at what a line is. It may help; nothing depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// A log line of any sort.
    Text,
    /// A URL, or a line of an access log.
    Url,
    /// One or several header fields.
    Header,
    /// A form body.
    Form,
    /// JSON.
    Json,
    /// XML.
    Xml,
    /// Rows of columns, the first of which names them.
    Delimited,
}

impl LineKind {
    /// Every kind with its word.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Text, "text"),
        (Self::Url, "url"),
        (Self::Header, "header"),
        (Self::Form, "form"),
        (Self::Json, "json"),
        (Self::Xml, "xml"),
        (Self::Delimited, "delimited"),
    ];
}

/// The word is none of [`LineKind::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not one of text, url, header, form, json, xml, delimited")]
pub struct UnknownLineKind;

impl FromStr for LineKind {
    type Err = UnknownLineKind;

    fn from_str(word: &str) -> Result<Self, UnknownLineKind> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind).ok_or(UnknownLineKind)
    }
}

/// Counts of what was done, for a report at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Lines seen.
    pub lines: u64,
    /// Lines in which something was replaced.
    pub changed: u64,
    /// Lines or parts of lines that could not be read and stand as a marker.
    pub unparsed: u64,
    /// Lines dropped by the last scan, because a secret would have remained.
    pub dropped: u64,
    /// Spans found at each level of decoding: plain, decoded once, twice, …
    pub levels: [u64; 8],
    /// Spans replaced, by kind.
    pub(super) kinds: [u64; Kind::ALL.len()],
}

impl Stats {
    /// How many spans of each kind were replaced.
    pub fn by_kind(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let mut kinds: Vec<_> = Kind::ALL.iter().map(|kind| (kind.word(), self.kinds[*kind as usize])).collect();
        kinds.retain(|(_, count)| *count > 0);
        kinds.sort_unstable();
        kinds.into_iter()
    }
}

/// What crosses lines (an open PEM block, the header of a table), scratch buffers, and counts. One for each stream of
/// lines; lines of one stream go through in order.
#[derive(Default)]
pub struct State {
    pub(super) stats: Stats,
    pub(super) spans: Spans,
    pub(super) cache: TokenCache,
    pub(super) known: Known<KeyFacts>,
    /// Meanings of several words together, which are seldom the same again.
    pub(super) phrases: Known<Meaning>,
    pub(super) silent: Silent,
    pub(super) seen: Seen,
    pub(super) lines: Lines,
    pub(super) form: Form,
    pub(super) carry: Carry,
    pub(super) buffers: Buffers,
    /// A text that may begin a secret stands in what was searched last.
    pub(super) literal: bool,
    /// Bytes that may still be searched for this line.
    pub(super) work: usize,
    /// Those did not suffice for what was searched last.
    pub(super) spent: bool,
}

impl State {
    /// A fresh stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// The counts so far.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }
}

/// Memory for decoded texts, kept from line to line.
#[derive(Default)]
pub struct Buffers {
    texts: Vec<Vec<u8>>,
    maps: Vec<Map>,
}

/// Memory that one long line needed and no other will is given back.
const MOST_KEPT: usize = 1024 * 1024;

impl Buffers {
    /// An empty text.
    pub(super) fn text(&mut self) -> Vec<u8> {
        self.texts.pop().unwrap_or_default()
    }

    /// An empty map.
    pub(super) fn map(&mut self) -> Map {
        self.maps.pop().unwrap_or_default()
    }

    /// Takes a text back.
    pub(super) fn give_text(&mut self, mut text: Vec<u8>) {
        text.clear();
        text.shrink_to(MOST_KEPT);
        self.texts.push(text);
    }

    /// Takes a map back.
    pub(super) fn give_map(&mut self, mut map: Map) {
        map.clear();
        self.maps.push(map);
    }
}
