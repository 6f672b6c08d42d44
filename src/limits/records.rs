//! Counts values at a path in a JSON document that passes in pieces. Nothing of the document is kept but the way to
//! where it stands, and as much of a key as the path's longest name has.
//!
//! Structure is checked (RFC 8259): brackets, commas, colons, quotes, one document and nothing behind it. How numbers
//! and words are spelled is not: it moves nothing that is counted.

use std::sync::Arc;

use crate::policy::json_path::{JsonPath, Step};

/// Levels of a document; deeper ones cannot be counted. 16 bytes each.
const MAX_DEPTH: usize = 128;

/// It is not JSON, or too deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Uncountable;

/// Steps that are done on the way to a value: bit `n` is set if the first `n` steps lead there.
type Reached = u32;

#[derive(Clone, Copy, Debug)]
struct Level {
    /// What leads to the array or object itself.
    reached: Reached,
    /// The place of the element that comes next; `None` in an object.
    next: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// A value.
    Value,
    /// An array's first element, or its end.
    ValueOrEnd,
    /// A key.
    Key,
    /// An object's first key, or its end.
    KeyOrEnd,
    /// The colon behind a key.
    Colon,
    /// What comes behind a value.
    CommaOrEnd,
    /// Nothing.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// Between tokens.
    Gap,
    /// A number or a word.
    Plain,
    /// A string that is a value.
    Text,
    /// The same, behind a backslash.
    TextEscape,
    /// A key.
    Key,
    /// The same, behind a backslash.
    KeyEscape,
    /// Hexadecimal digits of a key's `\u`: how many came, and their value.
    KeyUnicode(u8, u16),
}

/// A document on its way.
#[derive(Debug)]
pub(super) struct Scanner {
    path: Arc<JsonPath>,
    levels: Vec<Level>,
    expected: Expected,
    within: Within,
    /// What leads to the value that comes next.
    ahead: Reached,
    key: Key,
    began: bool,
}

/// A key as its escapes say it, as far as it can still be a name of the path.
#[derive(Debug)]
struct Key {
    text: Vec<u8>,
    longest: usize,
    /// Whether it is too long, or no text at all: then it is no name.
    foreign: bool,
    /// The first half of a surrogate pair.
    high: Option<u16>,
}

impl Scanner {
    pub(super) fn new(path: &Arc<JsonPath>) -> Self {
        let names = path.steps().iter().map(|step| match step {
            Step::Member(name) | Step::Descendants(name) => name.len(),
            Step::Element(_) | Step::All => 0,
        });
        let longest = names.max().unwrap_or(0);
        Self {
            path: Arc::clone(path),
            levels: Vec::new(),
            expected: Expected::Value,
            within: Within::Gap,
            ahead: 1,
            key: Key { text: Vec::with_capacity(longest), longest, foreign: false, high: None },
            began: false,
        }
    }

    /// Reads on, and says how many of the values at the path begin in this piece.
    pub(super) fn read(&mut self, mut piece: &[u8]) -> Result<u64, Uncountable> {
        let mut count = 0;
        while let Some((&byte, rest)) = piece.split_first() {
            match self.within {
                Within::Gap => {
                    piece = rest;
                    count += self.token(byte)?;
                }
                Within::Plain if is_plain(byte) => piece = rest,
                // What ends a number or a word is read as what it is.
                Within::Plain => self.within = Within::Gap,
                Within::Text => {
                    let Some(end) = memchr::memchr2(b'"', b'\\', piece) else { break };
                    self.within = if piece[end] == b'"' { Within::Gap } else { Within::TextEscape };
                    piece = &piece[end + 1..];
                }
                Within::TextEscape => {
                    self.within = Within::Text;
                    piece = rest;
                }
                Within::Key | Within::KeyEscape | Within::KeyUnicode(..) => {
                    piece = rest;
                    self.key_byte(byte)?;
                }
            }
        }
        Ok(count)
    }

    /// Whether the document is whole. One that never began holds nothing.
    pub(super) fn ended(&self) -> Result<(), Uncountable> {
        let quiet = matches!(self.within, Within::Gap | Within::Plain);
        if !self.began || quiet && self.expected == Expected::Nothing { Ok(()) } else { Err(Uncountable) }
    }

    /// A byte between tokens; 1 if a value at the path begins.
    fn token(&mut self, byte: u8) -> Result<u64, Uncountable> {
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            return Ok(0);
        }
        self.began = true;
        match (self.expected, byte) {
            (Expected::ValueOrEnd, b']') | (Expected::KeyOrEnd, b'}') => self.leave(byte)?,
            (Expected::Value | Expected::ValueOrEnd, _) => return self.value(byte),
            (Expected::Key | Expected::KeyOrEnd, b'"') => {
                self.key.begin();
                self.within = Within::Key;
            }
            (Expected::Colon, b':') => self.expected = Expected::Value,
            (Expected::CommaOrEnd, b',') => {
                let level = self.levels.last_mut().ok_or(Uncountable)?;
                self.expected = match &mut level.next {
                    None => Expected::Key,
                    Some(place) => {
                        *place += 1;
                        let (reached, place) = (level.reached, *place);
                        self.ahead = self.element(reached, place);
                        Expected::Value
                    }
                };
            }
            (Expected::CommaOrEnd, b']' | b'}') => self.leave(byte)?,
            _ => return Err(Uncountable),
        }
        Ok(0)
    }

    /// The first byte of a value.
    fn value(&mut self, byte: u8) -> Result<u64, Uncountable> {
        let reached = self.ahead;
        let counted = u64::from(reached >> self.path.steps().len() & 1);
        match byte {
            b'{' | b'[' => {
                if self.levels.len() == MAX_DEPTH {
                    return Err(Uncountable);
                }
                let array = byte == b'[';
                self.levels.push(Level { reached, next: array.then_some(0) });
                if array {
                    self.ahead = self.element(reached, 0);
                }
                self.expected = if array { Expected::ValueOrEnd } else { Expected::KeyOrEnd };
            }
            b'"' => {
                self.within = Within::Text;
                self.behind();
            }
            byte if is_plain(byte) => {
                self.within = Within::Plain;
                self.behind();
            }
            _ => return Err(Uncountable),
        }
        Ok(counted)
    }

    /// The end of an array or object.
    fn leave(&mut self, byte: u8) -> Result<(), Uncountable> {
        let level = self.levels.pop().ok_or(Uncountable)?;
        if level.next.is_some() != (byte == b']') {
            return Err(Uncountable);
        }
        self.behind();
        Ok(())
    }

    /// What is expected behind a value.
    const fn behind(&mut self) {
        self.expected = if self.levels.is_empty() { Expected::Nothing } else { Expected::CommaOrEnd };
    }

    fn key_byte(&mut self, byte: u8) -> Result<(), Uncountable> {
        self.within = match (self.within, byte) {
            (Within::Key, b'\\') => Within::KeyEscape,
            (Within::Key, b'"') => {
                self.key.pair_broken();
                let reached = self.levels.last().map_or(0, |level| level.reached);
                self.ahead = self.member(reached);
                self.expected = Expected::Colon;
                Within::Gap
            }
            (Within::Key, _) => {
                self.key.pair_broken();
                self.key.push(&[byte]);
                Within::Key
            }
            (Within::KeyEscape, b'u') => Within::KeyUnicode(0, 0),
            (Within::KeyEscape, _) => {
                let meant = match byte {
                    b'"' | b'\\' | b'/' => byte,
                    b'b' => 8,
                    b'f' => 12,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    _ => return Err(Uncountable),
                };
                self.key.pair_broken();
                self.key.push(&[meant]);
                Within::Key
            }
            (Within::KeyUnicode(count, value), _) => {
                let digit = char::from(byte).to_digit(16).and_then(|digit| u16::try_from(digit).ok());
                let value = value << 4 | digit.ok_or(Uncountable)?;
                if count == 3 {
                    self.key.push_unit(value);
                    Within::Key
                } else {
                    Within::KeyUnicode(count + 1, value)
                }
            }
            // Nothing else is within a key.
            (within, _) => within,
        };
        Ok(())
    }

    /// What leads to the member whose key was read.
    fn member(&self, reached: Reached) -> Reached {
        let is = |name: &str| !self.key.foreign && self.key.text == name.as_bytes();
        self.follow(reached, |step| match step {
            Step::All => true,
            Step::Member(name) | Step::Descendants(name) => is(name),
            Step::Element(_) => false,
        })
    }

    /// What leads to the element at `place`.
    fn element(&self, reached: Reached, place: u64) -> Reached {
        self.follow(reached, |step| match step {
            Step::All => true,
            Step::Element(index) => *index == place,
            Step::Member(_) | Step::Descendants(_) => false,
        })
    }

    fn follow(&self, reached: Reached, leads: impl Fn(&Step) -> bool) -> Reached {
        let mut on = 0;
        let mut left = reached;
        while left != 0 {
            let place = left.trailing_zeros();
            left &= left - 1;
            let Some(step) = self.path.steps().get(place as usize) else { continue };
            if matches!(step, Step::Descendants(_)) {
                on |= 1 << place;
            }
            if leads(step) {
                on |= 1 << (place + 1);
            }
        }
        on
    }
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

impl Key {
    fn begin(&mut self) {
        self.text.clear();
        self.foreign = false;
        self.high = None;
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.text.len() + bytes.len() > self.longest {
            self.foreign = true;
        } else {
            self.text.extend_from_slice(bytes);
        }
    }

    /// Half a pair alone is no character, and no name has it.
    const fn pair_broken(&mut self) {
        if self.high.take().is_some() {
            self.foreign = true;
        }
    }

    fn push_unit(&mut self, unit: u16) {
        let high = self.high.take();
        if high.is_none() && (0xd800..0xdc00).contains(&unit) {
            self.high = Some(unit);
            return;
        }
        let units = high.into_iter().chain([unit]);
        for character in char::decode_utf16(units) {
            match character {
                Ok(character) => self.push(character.encode_utf8(&mut [0; 4]).as_bytes()),
                Err(_) => self.foreign = true,
            }
        }
    }
}

#[cfg(test)]
mod tests;
