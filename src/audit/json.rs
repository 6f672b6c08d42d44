//! A JSON writer (RFC 8259) for records: ASCII only, integers only, no white space. Keys are our own source.

use super::id::IdText;
use super::proof::Hash;
use crate::redact::{Name, Redacted};

/// Which text a record goes without, after the last guard found fault with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Withheld {
    /// None.
    Nothing,
    /// Text that came from a request, in whatever form.
    OfRequests,
    /// Names of the policy too.
    All,
}

/// What stands in place of text that is withheld.
const WITHHELD: &[u8] = b"\"withheld\"";

/// Appends one JSON value to a buffer.
pub struct Json<'buffer> {
    out: &'buffer mut Vec<u8>,
    withheld: Withheld,
}

impl<'buffer> Json<'buffer> {
    pub const fn new(out: &'buffer mut Vec<u8>) -> Self {
        Self { out, withheld: Withheld::Nothing }
    }

    pub const fn without(out: &'buffer mut Vec<u8>, withheld: Withheld) -> Self {
        Self { out, withheld }
    }

    /// Whether [`Self::redacted`] writes its text.
    pub const fn shows_requests(&self) -> bool {
        matches!(self.withheld, Withheld::Nothing)
    }

    /// Where the next byte goes.
    pub fn position(&self) -> usize {
        self.out.len()
    }

    /// `{`, what `fill` writes, `}`.
    #[inline(always)]
    pub fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        self.out.push(b'{');
        fill(self);
        self.out.push(b'}');
    }

    /// The key of an object's next member.
    #[inline(always)]
    pub fn key(&mut self, key: &'static str) -> &mut Self {
        self.comma();
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self
    }

    /// `[`, what `fill` writes for each item, `]`.
    pub fn array<T>(&mut self, items: impl IntoIterator<Item = T>, mut fill: impl FnMut(&mut Self, T)) {
        self.out.push(b'[');
        for item in items {
            self.comma();
            fill(self, item);
        }
        self.out.push(b']');
    }

    pub fn number(&mut self, number: impl Into<u64>) {
        self.out.extend_from_slice(itoa::Buffer::new().format(number.into()).as_bytes());
    }

    pub fn boolean(&mut self, value: bool) {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// A word of this module's own source, without anything that would need an escape.
    #[inline(always)]
    pub fn word(&mut self, word: &'static str) {
        debug_assert!(word.bytes().all(is_plain), "{word}");
        self.out.push(b'"');
        self.out.extend_from_slice(word.as_bytes());
        self.out.push(b'"');
    }

    /// A sentence of our own source.
    pub fn phrase(&mut self, phrase: &'static str) {
        self.text(phrase);
    }

    pub fn id(&mut self, id: &IdText) {
        self.out.push(b'"');
        self.out.extend_from_slice(id.as_bytes());
        self.out.push(b'"');
    }

    /// A number as text.
    pub fn decimal(&mut self, number: u32) {
        self.out.push(b'"');
        self.out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
        self.out.push(b'"');
    }

    /// A name; its type keeps out all that would need an escape.
    pub fn name(&mut self, name: &Name) {
        if self.withheld == Withheld::All {
            return self.rendered(WITHHELD);
        }
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_str().as_bytes());
        self.out.push(b'"');
    }

    pub fn redacted(&mut self, text: &Redacted) {
        if self.shows_requests() {
            self.text(text.as_str());
        } else {
            self.rendered(WITHHELD);
        }
    }

    /// Text of the gate's own making, such as its own name or a signed note: never withheld.
    pub fn own(&mut self, text: &str) {
        self.text(text);
    }

    /// A keyed hash: `h` and 16 hexadecimal digits, which nothing takes for a number.
    pub fn keyed(&mut self, hash: u64) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.out.extend_from_slice(b"\"h");
        for shift in (0..16).rev() {
            self.out.push(DIGITS[((hash >> (4 * shift)) & 15) as usize]);
        }
        self.out.push(b'"');
    }

    pub fn hash(&mut self, hash: Hash) {
        self.hex(&hash.hex());
    }

    /// Hexadecimal digits.
    pub fn hex<const N: usize>(&mut self, digits: &[u8; N]) {
        self.out.push(b'"');
        self.out.extend_from_slice(digits);
        self.out.push(b'"');
    }

    /// Bytes that were rendered before.
    pub fn rendered(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// A comma, unless this is the first member.
    #[inline(always)]
    fn comma(&mut self) {
        if !matches!(self.out.last(), Some(b'{' | b'[' | b':') | None) {
            self.out.push(b',');
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push(b'"');
        // One look without a branch in the loop; nearly every text passes.
        if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
            self.out.extend_from_slice(text.as_bytes());
        } else {
            text.chars().for_each(|character| self.escaped(character));
        }
        self.out.push(b'"');
    }

    fn escaped(&mut self, character: char) {
        match character {
            '"' => self.out.extend_from_slice(b"\\\""),
            '\\' => self.out.extend_from_slice(b"\\\\"),
            '\n' => self.out.extend_from_slice(b"\\n"),
            '\r' => self.out.extend_from_slice(b"\\r"),
            '\t' => self.out.extend_from_slice(b"\\t"),
            ' '..='~' => self.out.push(character as u8),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    self.unicode(*unit);
                }
            }
        }
    }

    fn unicode(&mut self, unit: u16) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        self.out.extend_from_slice(b"\\u");
        for shift in [12, 8, 4, 0] {
            self.out.push(HEX[usize::from((unit >> shift) & 15)]);
        }
    }
}

/// Printable ASCII other than the quote and the backslash.
const fn is_plain(byte: u8) -> bool {
    byte >= b' ' && byte < 0x7f && byte != b'"' && byte != b'\\'
}
