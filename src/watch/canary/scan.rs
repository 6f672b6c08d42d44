//! Canaries in a text that comes in pieces: over the borders of pieces, and behind the escapes of JSON, HTML, XML and
//! addresses, which may lie in one another.

use std::sync::Arc;

use super::escapes::{Escapes, Kinds};
use super::form::{MAX_BYTES, is_separator};
use super::found::Found;
use super::set::CanarySet;
use super::sieve::{COMMON, WINDOW};
use crate::redact::Name;

/// Bytes that are looked through in one go: with the end of what passed, a window.
const SLICE: usize = WINDOW - COMMON;

/// How many escapes may lie in one another: HTML in a JSON string in a JSON string.
const DEPTH: usize = 3;

/// Longest part of an address behind its `+`.
const MAX_TAG: usize = 64;

/// One within the other.
type Layers = [(Escapes, View); DEPTH];

/// One beside the other.
type Alone = [(Escapes, View); Kinds::EACH.len()];

/// A text on its way.
pub struct Scanner {
    set: Arc<CanarySet>,
    plain: View,
    /// What comes of it without its escapes, without those of that, and so on.
    layers: Box<Layers>,
    /// What comes of it without one kind of escapes, where it has several: what looks like another kind may be text.
    alone: Box<Alone>,
    /// The kinds that were met in the last slice.
    met: u8,
    /// Whether it is a form, in which a `+` is an escape as well.
    form: bool,
    found: Found,
}

impl Scanner {
    /// An answer.
    pub fn answer(set: &Arc<CanarySet>) -> Self {
        Self::new(set, false, false)
    }

    /// What a request says: values are found there in more spellings. In a `form`, spaces are spelt `+`.
    pub fn request(set: &Arc<CanarySet>, form: bool) -> Self {
        Self::new(set, true, form)
    }

    fn new(set: &Arc<CanarySet>, loosely: bool, form: bool) -> Self {
        const { assert!(MAX_BYTES + MAX_TAG <= COMMON, "whatever is planted lies in one window") }
        let border = set.longest().saturating_sub(1);
        // Read loosely, more may belong to a value than it has bytes.
        let reach = border + if loosely { MAX_TAG } else { 0 };
        let view = || View { reach, tail: Vec::new(), loose: loosely.then(Vec::new) };
        let layer = |depth| {
            let kinds = if form && depth == 0 { Kinds::Form } else { Kinds::All };
            (Escapes::new(reach, kinds), view())
        };
        Self {
            set: Arc::clone(set),
            plain: view(),
            layers: Box::new(std::array::from_fn(layer)),
            alone: Box::new(Kinds::EACH.map(|kinds| (Escapes::new(reach, kinds), view()))),
            met: 0,
            form,
            found: Found::some(),
        }
    }

    /// Reads on; gives the canaries that are met for the first time.
    pub fn read(&mut self, piece: &[u8]) -> &[Name] {
        let known = self.found.names().len();
        let Self { set, plain, layers, alone, met, form, found } = self;
        plain.begin(set, piece, found);
        // What passed without anything to undo, and is still to be told.
        let mut quiet = 0;
        for begin in (0..piece.len()).step_by(SLICE) {
            if found.is_full() {
                break;
            }
            let end = piece.len().min(begin + SLICE);
            let escapes = plain.look(set, &piece[begin.saturating_sub(plain.reach)..end], found) || *form;
            if !escapes && !layers[0].0.is_open() && !alone.iter().any(|(escapes, _)| escapes.is_open()) {
                *met = 0;
                continue;
            }
            let passed = &piece[quiet..begin];
            layers[0].0.skip(passed);
            alone.iter_mut().for_each(|(escapes, _)| escapes.skip(passed));
            quiet = end;
            undo(set, &piece[begin..end], layers, alone, met, found);
        }
        let passed = &piece[quiet..];
        layers[0].0.skip(passed);
        alone.iter_mut().for_each(|(escapes, _)| escapes.skip(passed));
        plain.end(piece);
        self.found.names().get(known..).unwrap_or_default()
    }
}

/// Looks through what a slice says behind its escapes.
fn undo(set: &CanarySet, slice: &[u8], layers: &mut Layers, alone: &mut Alone, met: &mut u8, found: &mut Found) {
    let mut escaped = slice;
    for (escapes, view) in layers.iter_mut() {
        escaped = escapes.read(escaped);
        if escaped.is_empty() {
            break;
        }
        view.pass(set, escaped, found);
    }
    let kinds = layers[0].0.met();
    let several = (kinds | std::mem::replace(met, kinds)).count_ones() > 1;
    for (escapes, view) in alone.iter_mut() {
        if several || escapes.is_open() {
            view.pass(set, escapes.read(slice), found);
        } else {
            escapes.skip(slice);
        }
    }
}

/// Finds canaries in what a request says, where it is whole: a text without escapes is looked through at once.
pub fn search_request(set: &Arc<CanarySet>, text: &[u8], found: &mut Found) {
    if memchr::memchr3(b'\\', b'%', b'&', text).is_some() {
        Scanner::request(set, false).read(text).iter().for_each(|name| found.add(name));
        return;
    }
    let mut loose = Vec::new();
    loosen(text, &mut loose);
    set.search(text, found);
    set.search(&loose, found);
}

/// One way to read a text.
struct View {
    /// Bytes that may belong to a value, less one.
    reach: usize,
    /// The end of what passed: what may be the begin of a canary.
    tail: Vec<u8>,
    /// Room for it as it is read loosely, if it is.
    loose: Option<Vec<u8>>,
}

impl View {
    /// Looks through the next piece.
    fn pass(&mut self, set: &CanarySet, piece: &[u8], found: &mut Found) {
        if !piece.is_empty() {
            self.begin(set, piece, found);
            self.look(set, piece, found);
            self.end(piece);
        }
    }

    /// Looks for what begins in what passed and ends in this piece.
    fn begin(&mut self, set: &CanarySet, piece: &[u8], found: &mut Found) {
        if self.tail.is_empty() {
            return;
        }
        let passed = self.tail.len();
        self.tail.extend_from_slice(&piece[..piece.len().min(self.reach)]);
        let joint = std::mem::take(&mut self.tail);
        self.look(set, &joint, found);
        self.tail = joint;
        self.tail.truncate(passed);
    }

    /// Gives whether an escape may begin in it.
    fn look(&mut self, set: &CanarySet, text: &[u8], found: &mut Found) -> bool {
        let escapes = set.search(text, found);
        if let Some(loose) = &mut self.loose {
            loosen(text, loose);
            set.search(loose, found);
        }
        escapes
    }

    /// Keeps what the next piece may end.
    fn end(&mut self, piece: &[u8]) {
        self.tail.extend_from_slice(&piece[piece.len().saturating_sub(self.reach)..]);
        let over = self.tail.len().saturating_sub(self.reach);
        self.tail.drain(..over);
    }
}

/// As a person may write it: groups of digits with something else between them, and an address with a mark of its owner's.
fn loosen(text: &[u8], loose: &mut Vec<u8>) {
    loose.clear();
    loose.reserve(text.len());
    let mut last = b' ';
    for byte in text {
        let between = last.is_ascii_digit() && is_separator(char::from(*byte));
        if *byte == b'@' {
            let is_of_address = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+.-_".contains(byte);
            let local = loose.iter().rev().take(MAX_TAG).take_while(is_of_address).count();
            let begin = loose.len() - local;
            if let Some(plus) = memchr::memchr(b'+', &loose[begin..]) {
                loose.truncate(begin + plus);
            }
        }
        loose.push(if between { b'-' } else { *byte });
        last = *byte;
    }
}
