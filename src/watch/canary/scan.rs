//! Canaries in an answer that comes in pieces: over the borders of pieces, and behind the escapes of JSON.

use std::sync::Arc;

use super::found::Found;
use super::set::CanarySet;
use crate::redact::Name;

/// An answer on its way.
pub struct Scanner {
    set: Arc<CanarySet>,
    /// The end of what passed: what may be the begin of a canary.
    tail: Vec<u8>,
    escapes: Option<Escapes>,
    found: Found,
}

impl Scanner {
    /// An answer; one in JSON is read behind its escapes.
    pub fn new(set: &Arc<CanarySet>, json: bool) -> Self {
        Self { set: Arc::clone(set), tail: Vec::new(), escapes: json.then(Escapes::default), found: Found::some() }
    }

    /// Reads on; gives the canaries that are met for the first time.
    pub fn read(&mut self, piece: &[u8]) -> &[Name] {
        let known = self.found.names().len();
        let plain = match &mut self.escapes {
            Some(escapes) => escapes.read(piece),
            None => None,
        };
        let set = Arc::clone(&self.set);
        self.look(&set, plain.as_deref().unwrap_or(piece));
        self.found.names().get(known..).unwrap_or_default()
    }

    fn look(&mut self, set: &CanarySet, piece: &[u8]) {
        set.search(piece, &mut self.found);
        let border = set.longest().saturating_sub(1);
        if !self.tail.is_empty() {
            // What begins in what passed and ends in this piece.
            self.tail.extend_from_slice(&piece[..piece.len().min(border)]);
            set.search(&self.tail, &mut self.found);
            if piece.len() >= border {
                self.tail.clear();
            }
        } else if piece.len() < border {
            self.tail.extend_from_slice(piece);
        }
        if piece.len() >= border {
            self.tail.extend_from_slice(&piece[piece.len() - border..]);
        } else {
            let over = self.tail.len().saturating_sub(border);
            self.tail.drain(..over);
        }
    }
}

/// Escapes of JSON strings (RFC 8259 section 7) on their way.
#[derive(Default)]
struct Escapes {
    within: Within,
    /// The first half of a surrogate pair.
    high: Option<u16>,
}

#[derive(Clone, Copy, Default)]
enum Within {
    #[default]
    Text,
    Backslash,
    /// Hexadecimal digits: how many came, and their value.
    Unicode(u8, u16),
}

impl Escapes {
    /// A piece without its escapes; none if it has none.
    fn read(&mut self, mut piece: &[u8]) -> Option<Vec<u8>> {
        if matches!(self.within, Within::Text) && memchr::memchr(b'\\', piece).is_none() {
            return None;
        }
        let mut plain = Vec::with_capacity(piece.len());
        while let Some((&byte, rest)) = piece.split_first() {
            match self.within {
                Within::Text => {
                    let end = memchr::memchr(b'\\', piece);
                    let clean = end.unwrap_or(piece.len());
                    plain.extend_from_slice(&piece[..clean]);
                    piece = &piece[(clean + 1).min(piece.len())..];
                    if end.is_some() {
                        self.within = Within::Backslash;
                    }
                    continue;
                }
                Within::Backslash if byte == b'u' => self.within = Within::Unicode(0, 0),
                Within::Backslash => {
                    self.within = Within::Text;
                    plain.push(match byte {
                        b'b' => 8,
                        b'f' => 12,
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        other => other,
                    });
                }
                Within::Unicode(count, value) => match (byte as char).to_digit(16) {
                    Some(digit) => {
                        let value = value << 4 | u16::try_from(digit).unwrap_or_default();
                        self.within = Within::Unicode(count + 1, value);
                        if count == 3 {
                            self.within = Within::Text;
                            self.unit(value, &mut plain);
                        }
                    }
                    // No escape after all.
                    None => {
                        self.within = Within::Text;
                        continue;
                    }
                },
            }
            piece = rest;
        }
        Some(plain)
    }

    /// A code unit of UTF-16.
    fn unit(&mut self, value: u16, plain: &mut Vec<u8>) {
        if (0xd800..0xdc00).contains(&value) {
            self.high = Some(value);
            return;
        }
        let units = self.high.take().into_iter().chain([value]);
        let mut bytes = [0; 4];
        for letter in char::decode_utf16(units).flatten() {
            plain.extend_from_slice(letter.encode_utf8(&mut bytes).as_bytes());
        }
    }
}
