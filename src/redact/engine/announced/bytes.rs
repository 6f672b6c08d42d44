//! Bytes of a text as programs show them one by one: `<Buffer 4a 61 6e 65>`, `{"type":"Buffer","data":[74,97,110,101]}`,
//! `[]byte{0x4a, 0x61}`.

use crate::redact::Kind;
use crate::redact::detect::cell;
use crate::redact::detect::text::{at, before, run};

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::value;
use crate::redact::engine::view::{Origin, View, Way};
use crate::redact::engine::whose::doubt;

/// Bytes that are read, at most, and at least.
const MAX_BYTES: usize = 4096;
const LEAST: usize = 4;

impl Sweep<'_> {
    /// `<Buffer 4a 61 6e 65>`, at its bracket; where it ends.
    pub fn buffer(&mut self, from: usize) -> Option<usize> {
        let text = self.view.text;
        let start = from + b"<Buffer ".len();
        if !text[from..].starts_with(b"<Buffer ") {
            return None;
        }
        self.bytes(start, 16)
    }

    /// The list of numbers at the bracket `open`, if what is before it says that they are bytes; where it ends.
    pub fn byte_list(&mut self, open: usize) -> Option<usize> {
        let text = self.view.text;
        let lead = &text[..open];
        let near = &text[open.saturating_sub(40)..open];
        let told = [&b"bytearray("[..], b"bytes(", b"Uint8Array(", b"[]byte", b"[]uint8", b"byte[]"]
            .iter()
            .any(|word| lead.ends_with(word))
            || before(text, open) <= b':' && memchr::memmem::find(near, b"Buffer").is_some();
        if told { self.bytes(open + 1, 10) } else { None }
    }

    /// Numbers below 256 in `base` from `start` on: what they say is searched, and goes with all of them.
    fn bytes(&mut self, start: usize, base: u32) -> Option<usize> {
        let text = self.view.text;
        let mut said = self.state.buffers.text();
        let (mut next, mut end) = (start, start);
        while said.len() < MAX_BYTES {
            let (digits, base) =
                if text[next.min(text.len())..].starts_with(b"0x") { (next + 2, 16) } else { (next, base) };
            let count = run(text, digits, 3, |byte| char::from(byte).is_digit(base));
            let number = std::str::from_utf8(&text[digits.min(text.len())..(digits + count).min(text.len())]).ok();
            let Some(byte) = number.and_then(|number| u8::from_str_radix(number, base).ok()) else { break };
            said.push(byte);
            end = digits + count;
            next = end + run(text, end, 4, |byte| matches!(byte, b' ' | b',' | b'\n'));
        }
        let shown = said.len() >= LEAST
            && std::str::from_utf8(&said)
                .is_ok_and(|said| !said.chars().any(|letter| letter.is_control() && letter != '\n'));
        if shown {
            self.said_whole(start, end, &said);
        }
        self.state.buffers.give_text(said);
        shown.then_some(end.max(at_least(text, end)))
    }

    /// Searches what `start..end` says when it is decoded, and judges it as a value if nothing is found in it.
    fn said_whole(&mut self, start: usize, end: usize, said: &[u8]) {
        let view = View {
            text: said,
            origin: Some(Origin { outer: self.view, way: Way::Whole(start, end) }),
            level: self.view.level + 1,
        };
        let count = self.state.spans.len();
        Sweep::new(self.engine, self.literals, self.state, &view).run();
        if self.state.spans.len() > count {
            return;
        }
        let kind = match cell::guess(said) {
            Some(guess) if !guess.weak => Some(guess.kind),
            _ if doubt::is_full_name(said) => Some(Kind::Name),
            _ => value::is_human(said).then_some(Kind::Text),
        };
        if let Some(kind) = kind {
            self.add(kind, start, end, Quote::default());
        }
    }
}

/// After the mark that closes the list, if it stands at `end`.
fn at_least(text: &[u8], end: usize) -> usize {
    end + usize::from(matches!(at(text, end), b'>'))
}
