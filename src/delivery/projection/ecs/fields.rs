//! JSON of documents, written member by member. Values are mostly those of the record, as they stand there.

use super::super::super::members::special;
use super::super::time::timestamp;

/// Writes the members of an object.
pub struct Fields<'o> {
    out: &'o mut Vec<u8>,
}

impl<'o> Fields<'o> {
    /// Appends an object.
    pub fn write(out: &'o mut Vec<u8>, fill: impl FnOnce(&mut Fields<'_>)) {
        out.push(b'{');
        fill(&mut Fields { out });
        out.push(b'}');
    }

    /// A member whose value is appended by `write`. Inlined, as what calls it: with a key that is known, its bytes are
    /// moved by an instruction or two.
    #[inline]
    fn member(&mut self, key: &str, write: impl FnOnce(&mut Vec<u8>)) {
        // No value ends with a bracket that opens.
        if !matches!(self.out.last(), Some(b'{' | b'[')) {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        write(self.out);
    }

    /// A value that is JSON already; nothing if there is none.
    #[inline]
    pub fn json(&mut self, key: &str, value: Option<&[u8]>) {
        if let Some(value) = value {
            self.member(key, |out| out.extend_from_slice(value));
        }
    }

    /// One of our own words, without anything to escape.
    #[inline]
    pub fn word(&mut self, key: &str, word: &str) {
        self.member(key, |out| {
            out.push(b'"');
            out.extend_from_slice(word.as_bytes());
            out.push(b'"');
        });
    }

    /// A number.
    #[inline]
    pub fn number(&mut self, key: &str, number: u64) {
        self.member(key, |out| out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()));
    }

    /// Milliseconds since 1970 as text.
    #[inline]
    pub fn time(&mut self, key: &str, millis: Option<u64>) {
        if let Some(millis) = millis {
            self.member(key, |out| {
                out.push(b'"');
                timestamp(millis, out);
                out.push(b'"');
            });
        }
    }

    /// An object; none if it would be empty.
    pub fn object(&mut self, key: &str, fill: impl FnOnce(&mut Fields<'_>)) {
        let begin = self.out.len();
        self.member(key, |out| {
            out.push(b'{');
            fill(&mut Fields { out });
        });
        if self.out.last() == Some(&b'{') {
            self.out.truncate(begin);
        } else {
            self.out.push(b'}');
        }
    }

    /// An array of values that are JSON already; none if it would be empty.
    pub fn array<'v>(&mut self, key: &str, values: impl IntoIterator<Item = &'v [u8]>) {
        let begin = self.out.len();
        self.member(key, |out| {
            out.push(b'[');
            for value in values {
                if out.last() != Some(&b'[') {
                    out.push(b',');
                }
                out.extend_from_slice(value);
            }
        });
        if self.out.last() == Some(&b'[') {
            self.out.truncate(begin);
        } else {
            self.out.push(b']');
        }
    }

    /// `text`, JSON text without its quotes, as a value.
    #[inline]
    pub fn text_of(&mut self, key: &str, text: &[u8]) {
        self.member(key, |out| {
            out.push(b'"');
            out.extend_from_slice(text);
            out.push(b'"');
        });
    }

    /// An event code as an action: `HTTP.DENY.AUTHZ` is `http-deny-authz`.
    pub fn action(&mut self, key: &str, code: &[u8]) {
        self.member(key, |out| {
            out.push(b'"');
            out.extend(
                code.iter().map(|byte| if matches!(byte, b'.' | b'_') { b'-' } else { byte.to_ascii_lowercase() }),
            );
            out.push(b'"');
        });
    }

    /// `text`, which has no control characters, as a value; `marks` is where its quotation marks stand, if it has no
    /// backslashes and that is known.
    pub fn quoted(&mut self, key: &str, text: &[u8], marks: Option<&[u32]>) {
        self.member(key, |out| {
            out.push(b'"');
            match marks {
                Some(marks) => marked(text, marks, out),
                None => escaped(text, out),
            }
            out.push(b'"');
        });
    }
}

/// Appends `text` with quotes and backslashes escaped.
fn escaped(text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len() + text.len() / 4);
    let mut rest = text;
    while let Some(at) = special(rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&[b'\\', rest[at]]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// Bytes that are moved at once: most texts of a record are shorter, and to move so many is one instruction.
const WIDE: usize = 16;

/// The same, for a text of which all marks are known.
fn marked(text: &[u8], marks: &[u32], out: &mut Vec<u8>) {
    let begin = out.len();
    // Room to write beyond what counts.
    out.resize(begin + text.len() + marks.len() + WIDE, 0);
    let to = &mut out[begin..];
    let (mut from, mut at) = (0, 0);
    for mark in marks {
        let mark = *mark as usize;
        let length = mark - from;
        match (text.get(from..from + WIDE), to.get_mut(at..at + WIDE)) {
            (Some(piece), Some(room)) if length <= WIDE => room.copy_from_slice(piece),
            _ => to[at..at + length].copy_from_slice(&text[from..mark]),
        }
        at += length;
        to[at..at + 2].copy_from_slice(b"\\\"");
        (from, at) = (mark + 1, at + 2);
    }
    to[at..at + text.len() - from].copy_from_slice(&text[from..]);
    let end = begin + at + text.len() - from;
    out.truncate(end);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn empty_objects_and_arrays_are_left_out() {
        let mut out = Vec::new();
        Fields::write(&mut out, |fields| {
            fields.object("a", |fields| fields.json("b", None));
            fields.array("c", []);
            fields.object("d", |fields| {
                fields.object("e", |_| {});
                fields.number("f", 7);
                fields.word("g", "h");
            });
            fields.array("i", [&b"1"[..], b"\"x\""]);
            fields.time("j", Some(0));
            fields.time("k", None);
        });
        assert_eq!(out, br#"{"d":{"f":7,"g":"h"},"i":[1,"x"],"j":"1970-01-01T00:00:00.000Z"}"#);
    }

    proptest! {
        #[test]
        fn quoted_text_comes_back(text in "[ -~]{0,200}") {
            let mut out = Vec::new();
            Fields::write(&mut out, |fields| fields.quoted("a", text.as_bytes(), None));
            let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
            prop_assert_eq!(value["a"].as_str(), Some(text.as_str()));
            if !text.contains('\\') {
                let marks: Vec<u32> = text.match_indices('"').map(|(at, _)| u32::try_from(at).unwrap()).collect();
                let mut again = Vec::new();
                Fields::write(&mut again, |fields| fields.quoted("a", text.as_bytes(), Some(&marks)));
                prop_assert_eq!(again, out);
            }
        }
    }
}
