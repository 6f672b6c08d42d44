//! A text without its escapes: those of JSON (RFC 8259 section 7) and JavaScript, of addresses and forms (RFC 3986
//! section 2.1), and of HTML and XML. What has none near it is left out, so that a text without escapes costs one search
//! for the bytes that begin them.

use smallvec::{SmallVec, smallvec};

use super::entities;

/// Longest escape, in bytes: a character's number in an entity, with leading zeros.
const LONGEST: usize = 16;

/// Bytes that a cut escape is completed with.
const MORE: usize = 4 * LONGEST;

/// Bytes of escapes within an escape that may follow its own: what they stand for is shorter.
const WITHIN: usize = 2 * LONGEST;

/// What an escape stands for.
type Meaning = SmallVec<[u8; 4]>;

/// What stands at a place where an escape may begin.
enum Met {
    /// An escape of so many bytes.
    Escape(usize, Meaning),
    /// Half of a character beyond the first plane, of so many bytes: it stands for nothing alone.
    Half(usize, u16),
    /// None.
    Literal,
    /// The text ends too early to know.
    Cut,
}

/// Which escapes are undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kinds {
    /// All of them.
    All,
    /// All of them, and a `+` is a space.
    Form,
    /// Those that begin with this byte. What begins one of another kind beside it is text, as in `100%\u0032`.
    Only(u8),
}

impl Kinds {
    /// Each alone.
    pub const EACH: [Self; 3] = [Self::Only(b'\\'), Self::Only(b'%'), Self::Only(b'&')];
}

/// A text on its way. Before each run of escapes stands a zero byte and what came before it, and behind it what follows,
/// as far as a planted value reaches.
pub(super) struct Escapes {
    /// Bytes around escapes that are kept.
    border: usize,
    kinds: Kinds,
    /// A bit for each kind of escape that the last piece had.
    met: u8,
    /// Bytes that are still kept behind the last escape.
    left: usize,
    /// The first half of a character beyond the first plane.
    half: Option<u16>,
    /// The end of what passed, as it was written.
    passed: Vec<u8>,
    /// The begin of an escape.
    cut: SmallVec<[u8; LONGEST]>,
    out: Vec<u8>,
}

impl Escapes {
    /// Of a text in which values of one byte more than `border` are looked for.
    pub fn new(border: usize, kinds: Kinds) -> Self {
        Self {
            border: border.max(1),
            kinds,
            met: 0,
            left: 0,
            half: None,
            passed: Vec::new(),
            cut: SmallVec::new(),
            out: Vec::new(),
        }
    }

    /// Reads on; gives what it says around its escapes.
    pub fn read(&mut self, piece: &[u8]) -> &[u8] {
        self.out.clear();
        self.met = 0;
        let mut rest = piece;
        if !self.cut.is_empty() {
            let taken = rest.len().min(MORE);
            let mut joint: SmallVec<[u8; LONGEST + MORE]> = SmallVec::from_slice(&self.cut);
            joint.extend_from_slice(&rest[..taken]);
            self.cut.clear();
            self.run(&joint);
            // What is cut again is read again, unless there is no more of the text.
            rest = &rest[taken..];
            if !rest.is_empty() && !self.cut.is_empty() {
                let again = self.cut.len();
                self.cut.clear();
                rest = &piece[taken.saturating_sub(again)..];
            }
        }
        self.run(rest);
        &self.out
    }

    /// Passes over a piece that has nothing to undo.
    pub fn skip(&mut self, piece: &[u8]) {
        self.pass(piece);
    }

    /// Whether it is in the middle of something.
    pub fn is_open(&self) -> bool {
        self.left > 0 || !self.cut.is_empty()
    }

    /// The kinds of escapes that the last piece had, a bit for each.
    pub const fn met(&self) -> u8 {
        self.met
    }

    #[expect(clippy::too_many_lines, reason = "one loop, of which each step hangs on the one before")]
    fn run(&mut self, text: &[u8]) {
        let mut at = 0;
        let end = loop {
            if self.left == 0 {
                match self.next(text, at) {
                    None => break text.len(),
                    Some(found) => at = found,
                }
                match self.meets(text, at) {
                    Met::Literal => {
                        at += 1;
                        continue;
                    }
                    Met::Cut => {
                        self.cut = SmallVec::from_slice(&text[at..]);
                        break at;
                    }
                    Met::Escape(..) | Met::Half(..) => {}
                }
                self.out.push(0);
                let lacking = self.border.saturating_sub(at).min(self.passed.len());
                self.out.extend_from_slice(&self.passed[self.passed.len() - lacking..]);
                self.out.extend_from_slice(&text[at.saturating_sub(self.border)..at]);
            } else {
                let until = text.len().min(at + self.left);
                let found = self.next(&text[..until], at).unwrap_or(until);
                if found > at {
                    self.half = None;
                }
                self.out.extend_from_slice(&text[at..found]);
                self.left -= found - at;
                at = found;
                if at == text.len() {
                    break at;
                }
                if self.left == 0 {
                    continue;
                }
            }
            let met = self.meets(text, at);
            if !matches!(met, Met::Literal) {
                self.met |= match text[at] {
                    b'\\' => 1,
                    b'&' => 2,
                    _ => 4,
                };
            }
            match met {
                Met::Escape(bytes, meaning) => {
                    self.half = None;
                    self.out.extend_from_slice(&meaning);
                    self.left = self.border + WITHIN;
                    at += bytes;
                }
                Met::Half(bytes, half) => {
                    self.half = Some(half);
                    self.left = self.border + WITHIN;
                    at += bytes;
                }
                Met::Literal => {
                    self.half = None;
                    self.out.push(text[at]);
                    self.left -= 1;
                    at += 1;
                }
                Met::Cut => {
                    self.cut = SmallVec::from_slice(&text[at..]);
                    break at;
                }
            }
        };
        self.pass(&text[..end]);
    }

    fn pass(&mut self, text: &[u8]) {
        self.passed.extend_from_slice(&text[text.len().saturating_sub(self.border)..]);
        let over = self.passed.len().saturating_sub(self.border);
        self.passed.drain(..over);
    }

    /// Where the next escape may begin.
    fn next(&self, text: &[u8], from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        let found = match self.kinds {
            Kinds::All => memchr::memchr3(b'\\', b'%', b'&', rest),
            Kinds::Only(byte) => memchr::memchr(byte, rest),
            Kinds::Form => rest.iter().position(|byte| matches!(byte, b'\\' | b'%' | b'&' | b'+')),
        };
        found.map(|at| from + at)
    }

    /// What stands at a place. In front of which nothing is kept yet, escapes that no planted value has are none.
    fn meets(&self, text: &[u8], at: usize) -> Met {
        let rest = &text[at..];
        match rest[0] {
            b'\\' => self.backslash(rest),
            b'%' => percent(rest),
            b'&' => entities::read(rest).map_or(Met::Literal, |read| match read {
                None => Met::Cut,
                Some((bytes, letter)) => Met::Escape(bytes, encoded(letter)),
            }),
            // In a form.
            _ => Met::Escape(1, smallvec![b' ']),
        }
    }

    fn backslash(&self, rest: &[u8]) -> Met {
        let digits = |from: usize, count: usize| hexadecimal(rest, from, count);
        match rest.get(1) {
            None => Met::Cut,
            Some(b'u') => match digits(2, 4) {
                Digits::Cut => Met::Cut,
                Digits::None => Met::Literal,
                Digits::Value(unit) => {
                    let unit = u16::try_from(unit).unwrap_or_default();
                    match (self.half, unit) {
                        (_, 0xd800..0xdc00) => Met::Half(6, unit),
                        (Some(half), 0xdc00..0xe000) => {
                            let letter = char::decode_utf16([half, unit]).next().and_then(Result::ok);
                            Met::Escape(6, letter.map(encoded).unwrap_or_default())
                        }
                        _ => Met::Escape(6, char::from_u32(u32::from(unit)).map(encoded).unwrap_or_default()),
                    }
                }
            },
            Some(b'x') => match digits(2, 2) {
                Digits::Cut => Met::Cut,
                Digits::None => Met::Literal,
                Digits::Value(value) => Met::Escape(4, char::from_u32(value).map(encoded).unwrap_or_default()),
            },
            Some(plain @ (b'/' | b'\\')) => Met::Escape(2, smallvec![*plain]),
            // A quote or a control character: no planted value has one.
            Some(b'"' | b'b' | b'f' | b'n' | b'r' | b't') if self.left == 0 => Met::Literal,
            Some(b'"' | b'b' | b'f' | b'n' | b'r' | b't') => Met::Escape(2, smallvec![b'"']),
            Some(_) => Met::Literal,
        }
    }
}

/// An octet of an address or a form.
fn percent(rest: &[u8]) -> Met {
    match hexadecimal(rest, 1, 2) {
        Digits::Cut => Met::Cut,
        Digits::None => Met::Literal,
        Digits::Value(value) => Met::Escape(3, smallvec![u8::try_from(value).unwrap_or_default()]),
    }
}

enum Digits {
    Value(u32),
    None,
    Cut,
}

fn hexadecimal(text: &[u8], from: usize, count: usize) -> Digits {
    let mut value = 0;
    for place in from..from + count {
        let Some(byte) = text.get(place) else { return Digits::Cut };
        let Some(digit) = char::from(*byte).to_digit(16) else { return Digits::None };
        value = value << 4 | digit;
    }
    Digits::Value(value)
}

fn encoded(letter: char) -> Meaning {
    SmallVec::from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes())
}
