//! Segments of the messages between businesses: X12, EDIFACT, HL7 of hospitals, MT940 of banks. What stands at which place of
//! a segment is known: `~N1*ST*Jane Doe~N3*12 Example Street~`.

use crate::redact::Kind;
use crate::redact::detect::text::{at, run, run_back};

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::special;

/// Longest segment that is looked at.
const MAX_SEGMENT: usize = 1024;

/// Segments of an X12 message that speak of a party, and the kinds of their elements from the first on.
const SEGMENTS: [(&[u8], &[Option<Kind>]); 6] = [
    (b"N1", &[None, Some(Kind::Name)]),
    (b"N2", &[Some(Kind::Name), Some(Kind::Name)]),
    (b"N3", &[Some(Kind::Postal), Some(Kind::Postal)]),
    (b"N4", &[Some(Kind::Place), None, Some(Kind::Postcode)]),
    (b"PER", &[None, Some(Kind::Name), None, Some(Kind::Value), None, Some(Kind::Value), None, Some(Kind::Value)]),
    (b"NM1", &[None, None, Some(Kind::Name), Some(Kind::Name), Some(Kind::Name)]),
];

/// Places of a segment, and what stands there.
type Places = &'static [(usize, Kind)];

/// Fields of an HL7 segment that speak of a person (HL7 2.5, chapters 3 and 6), counted from the segment's name.
const FIELDS: [(&[u8], Places); 3] = [
    (
        b"PID",
        &[
            (5, Kind::Name),
            (6, Kind::Name),
            (7, Kind::Birth),
            (9, Kind::Name),
            (11, Kind::Postal),
            (13, Kind::Phone),
            (14, Kind::Phone),
            (18, Kind::Account),
            (19, Kind::Identity),
        ],
    ),
    (b"NK1", &[(2, Kind::Name), (4, Kind::Postal), (5, Kind::Phone), (6, Kind::Phone)]),
    (b"GT1", &[(3, Kind::Name), (5, Kind::Postal), (6, Kind::Phone), (7, Kind::Phone)]),
];

impl Sweep<'_> {
    /// A line begins: perhaps a segment of a message between hospitals or carriers.
    #[inline]
    pub fn line_begins(&mut self, from: usize) {
        match at(self.view.text, from + 3) {
            b'|' => self.patient(from),
            b'*' => self.segment_at(from),
            _ if at(self.view.text, from + 2) == b'*' => self.segment_at(from),
            _ => {}
        }
    }

    /// `PID|1||12345||DOE^JANE||19800101|F`
    fn patient(&mut self, from: usize) {
        let text = self.view.text;
        let Some((_, fields)) = FIELDS.iter().find(|(name, _)| text[from..].starts_with(name)) else { return };
        let end = from + run(text, from, MAX_SEGMENT, |byte| byte >= b' ' && byte != b'"');
        let mut start = from;
        for (index, part) in text[from..end].split(|byte| *byte == b'|').enumerate() {
            if let Some((_, kind)) = fields.iter().find(|(place, _)| *place == index)
                && !special::is_nothing(part)
            {
                self.add(*kind, start, start + part.len(), Quote::default());
            }
            start += part.len() + 1;
        }
    }

    /// `~N1*ST*Jane Doe~N3*12 Example Street~`, at the mark before a segment.
    pub fn x12_segment(&mut self, from: usize) {
        self.segment_at(from + 1);
    }

    fn segment_at(&mut self, name: usize) {
        let text = self.view.text;
        let Some((known, kinds)) =
            SEGMENTS.iter().find(|(known, _)| text[name..].starts_with(known) && at(text, name + known.len()) == b'*')
        else {
            return;
        };
        let mut start = name + known.len() + 1;
        let end = start + run(text, start, MAX_SEGMENT, |byte| !matches!(byte, b'~' | b'\n' | b'"' | b'\''));
        for (part, kind) in text[start..end].split(|byte| *byte == b'*').zip(*kinds) {
            if let Some(kind) = kind
                && !special::is_nothing(part)
            {
                self.add(*kind, start, start + part.len(), Quote::default());
            }
            start += part.len() + 1;
        }
    }

    /// `NAD+BY+++Jane Doe+12 Example Street+Town++12345+DE'`: a party of an EDIFACT message.
    pub fn edifact_party(&mut self, from: usize) {
        let text = self.view.text;
        // The segment ends at an apostrophe that another one follows.
        let mut end = from;
        loop {
            end += run(text, end, 1024, |byte| byte != b'\'' && byte != b'\n');
            let tag = run(text, end + 1, 3, |byte| byte.is_ascii_uppercase());
            if at(text, end) != b'\'' || tag == 3 && at(text, end + 4) == b'+' || end + 1 >= text.len() {
                break;
            }
            end += 1;
        }
        let mut start = from;
        for (index, part) in text[from..end].split(|byte| *byte == b'+').enumerate() {
            if !part.is_empty() {
                let kind = match index {
                    4 => Some(Kind::Name),
                    3 | 5 => Some(Kind::Postal),
                    6 | 7 => Some(Kind::Place),
                    8 => Some(Kind::Postcode),
                    _ => None,
                };
                if let Some(kind) = kind {
                    self.add(kind, start, start + part.len(), Quote::default());
                }
            }
            start += part.len() + 1;
        }
    }

    /// `CTA+IC+:Jane Doe'`: whom a party of an EDIFACT message may speak to.
    pub fn edifact_contact(&mut self, from: usize) {
        let text = self.view.text;
        let end = from + run(text, from, 256, |byte| byte != b'\'' && byte != b'\n' && byte != b'"');
        let Some(code) = memchr::memchr_iter(b'+', &text[from..end]).nth(1) else { return };
        let start = from + code + 1;
        let name = memchr::memchr(b':', &text[start..end]).map_or(start, |colon| start + colon + 1);
        if !special::is_nothing(&text[name..end]) {
            self.replace(b"", Kind::Name, name, end, Quote::default());
        }
    }

    /// `+0261910177:TE'` in an EDIFACT message, at the colon: the number or address of a party.
    pub fn edifact_address(&mut self, colon: usize) {
        let text = self.view.text;
        let length =
            run_back(text, colon, 96, |byte| byte > b' ' && !matches!(byte, b'+' | b'\'' | b':') || byte == b' ');
        if length > 0
            && at(text, colon.wrapping_sub(length + 1)) == b'+'
            && !special::is_nothing(&text[colon - length..colon])
        {
            self.add(Kind::Value, colon - length, colon, Quote::default());
        }
    }

    /// `:86:166?00GUTSCHRIFT?20…?32JANE DOE?33`: the party of a booking (MT940).
    pub fn payee_of_booking(&mut self, start: usize) {
        let text = self.view.text;
        let end = start + run(text, start, 96, |byte| byte >= b' ' && !matches!(byte, b'?' | b'"'));
        let near = &text[start.saturating_sub(256)..start];
        let booked = memchr::memmem::find(near, b"?20").is_some() || memchr::memmem::find(near, b"?00").is_some();
        if booked && !special::is_nothing(&text[start..end]) {
            self.add(Kind::Name, start, end, Quote::default());
        }
    }
}
