//! What a text says when it is decoded: searched as a text of its own.

use crate::redact::Kind;
use crate::redact::decode::Map;
use crate::redact::detect::cell;
use crate::redact::{decode, structure};

use super::sweep::Sweep;
use super::view::{Origin, View, Way};
use super::{MAX_LEVELS, Quote};

impl Sweep<'_> {
    /// Words of base64 or hexadecimal digits that say something.
    pub(super) fn words(&mut self) {
        let text = self.view.text;
        for token in decode::tokens(text) {
            self.word(token.start, token.end, true);
        }
    }

    fn word(&mut self, start: usize, end: usize, may_split: bool) {
        let text = self.view.text;
        let digits = if text[start..end].starts_with(b"0x") {
            start + 2
        } else if text[start] == b'x' && text[..start].ends_with(b"\\") {
            // `'\x4a616e65'`: bytes, as a database writes them.
            start + 1
        } else {
            start
        };
        let printed = decode::is_printed(&text[digits..end]);
        if !printed && !decode::may_be_text(&text[digits..end]) {
            return self.parts(start, end, may_split);
        }
        let mut buffer = self.state.buffers.text();
        let found = if decode::decoded(&text[digits..end], &mut buffer)
            || printed && decode::printed(&text[digits..end], &mut buffer)
        {
            let view = View {
                text: &buffer,
                origin: Some(Origin { outer: self.view, way: Way::Whole(start, end) }),
                level: self.view.level + 1,
            };
            let count = self.state.spans.len();
            if view.level < 2 * MAX_LEVELS {
                Sweep::new(self.engine, self.literals, self.state, &view).run();
            } else {
                let (first, last) = self.view.source(start, end);
                self.state.spans.add_unparsed(first, last);
            }
            if self.state.spans.len() == count && is_record(&buffer) {
                self.add(Kind::Text, start, end, Quote::default());
            }
            self.state.spans.len() > count
        } else {
            false
        };
        self.state.buffers.give_text(buffer);
        if !found {
            self.parts(start, end, may_split);
        }
    }

    /// A slash is a letter of base64 and a path's separator.
    fn parts(&mut self, start: usize, end: usize, may_split: bool) {
        let text = self.view.text;
        if may_split && memchr::memchr(b'/', &text[start..end]).is_some() {
            let mut from = start;
            for part in text[start..end].split(|byte| *byte == b'/') {
                if part.len() >= 16 {
                    self.word(from, from + part.len(), false);
                }
                from += part.len() + 1;
            }
        }
    }

    /// The text with one layer of escapes undone.
    pub(super) fn decode(&mut self) {
        let text = self.view.text;
        if self.printable && self.view.level < MAX_LEVELS {
            self.unprintable();
        }
        let may_be = self.mask.has(b'%') || self.mask.has(b'\\') || self.mask.has(b'&');
        if !may_be || !decode::is_escaped(text) {
            return;
        }
        structure::human_segments(text, |kind, start, end| self.add(kind, start, end, Quote::default()));
        // Escapes within what goes anyway say nothing more, and around them there is none.
        if self.view.origin.is_none() && self.state.spans.cover(decode::escapes(text)) {
            return;
        }
        if self.view.level >= MAX_LEVELS {
            return self.give_up();
        }
        let (mut buffer, mut map) = (self.state.buffers.text(), self.state.buffers.map());
        decode::unescape(text, &mut buffer, &mut map);
        let view = View {
            text: &buffer,
            origin: Some(Origin { outer: self.view, way: Way::Escapes(&map, 0) }),
            level: self.view.level + 1,
        };
        super::carry::within(self.engine, self.state, &view);
        Sweep::new(self.engine, self.literals, self.state, &view).run();
        self.query(&mut buffer, &map);
        self.state.buffers.give_text(buffer);
        self.state.buffers.give_map(map);
    }

    /// Searched once more where a query within a value has words with spaces: `?next=%2Fs%3Fname%3DJane%20Doe`. There only
    /// `&` ends a value, and these spaces were none.
    fn query(&mut self, decoded: &mut [u8], map: &Map) {
        let text = self.view.text;
        // A space that was written with a percent sign, behind a mark of a query.
        let mut spaces = [&b"%20"[..], b"%u", b"%U"].into_iter();
        if !self.mask.has(b'%') || !spaces.any(|space| memchr::memmem::find(text, space).is_some()) {
            return;
        }
        let Some(first) = memchr::memchr2(b'?', b'&', decoded) else { return };
        let (mut inside, mut joined) = (false, false);
        for (place, byte) in decoded.iter_mut().enumerate().skip(first) {
            match *byte {
                b'?' | b'&' => inside = true,
                b' ' if inside && text.get(map.source(place, place + 1, usize::MAX).0) == Some(&b'%') => {
                    *byte = b'+';
                    joined = true;
                }
                ..=b' ' | b'"' => inside = false,
                _ => {}
            }
        }
        if joined {
            let origin = Some(Origin { outer: self.view, way: Way::Escapes(map, 0) });
            let view = View { text: decoded, origin, level: self.view.level + 1 };
            Sweep::new(self.engine, self.literals, self.state, &view).run();
        }
    }

    /// The text with its quoted-printable escapes undone.
    fn unprintable(&mut self) {
        let (mut buffer, mut map) = (self.state.buffers.text(), self.state.buffers.map());
        decode::unprintable(self.view.text, &mut buffer, &mut map);
        let view = View {
            text: &buffer,
            origin: Some(Origin { outer: self.view, way: Way::Escapes(&map, 0) }),
            level: self.view.level + 1,
        };
        Sweep::new(self.engine, self.literals, self.state, &view).run();
        self.state.buffers.give_text(buffer);
        self.state.buffers.give_map(map);
    }

    /// What is still encoded after so many layers was meant to pass somebody by.
    fn give_up(&mut self) {
        let text = self.view.text;
        let mut from = 0;
        for word in text.split(|byte| *byte <= b' ') {
            if decode::is_escaped(word) {
                let (start, end) = self.view.source(from, from + word.len());
                self.state.spans.add_unparsed(start, end);
            }
            from += word.len() + 1;
        }
    }
}

/// `Jane Doe;12 Example Street;12345`: cells of which two are somebody's, as a database stores them in one value.
fn is_record(text: &[u8]) -> bool {
    let cells = text.split(|byte| matches!(byte, b';' | b'|' | b'\t' | b'\n')).take(16);
    cells.filter_map(cell::guess).filter(|guess| !guess.weak).count() >= 2
}
