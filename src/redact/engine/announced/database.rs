//! What databases and carriers say of values: bound parameters, keys that are taken, columns that are too short, and
//! segments of X12 messages.

use crate::redact::Kind;
use crate::redact::detect::cell;
use crate::redact::detect::email;
use crate::redact::detect::text::{at, run, run_back};
use crate::redact::lexicon::{self, Meaning};

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::special;

/// Longest value that is looked at.
const MAX_VALUE: usize = 1024;

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
        let end = from + run(text, from, MAX_VALUE, |byte| byte >= b' ' && byte != b'"');
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

    /// `binding parameter (1:VARCHAR) <- [Jane Doe]`, `binding parameter [1] as [VARCHAR] - [Jane Doe]`
    pub fn bind(&mut self, from: usize) {
        let text = self.view.text;
        let near = &text[from..text.len().min(from + 128)];
        let arrow =
            [&b"<- ["[..], b" - ["].iter().find_map(|mark| Some(memchr::memmem::find(near, mark)? + mark.len()));
        let mut next = arrow.map(|place| from + place);
        // `(1:VARCHAR) <- [Jane Doe], (2:VARCHAR) <- […]`
        while let Some(start) = next {
            let end = start + run(text, start, MAX_VALUE, |byte| byte != b']' && byte >= b' ');
            let is_text = memchr::memmem::find(&text[start.saturating_sub(24)..start], b"CHAR").is_some();
            self.bound_value(start, end, is_text);
            let near = &text[end..text.len().min(end + 48)];
            next = memchr::memmem::find(near, b") <- [")
                .filter(|_| near.starts_with(b"], ("))
                .map(|place| end + place + 6);
        }
    }

    /// `==> Parameters: Jane Doe(String), 12 Example Street, Town(String)`, at the bracket of a type.
    pub fn typed(&mut self, bracket: usize) {
        let text = self.view.text;
        let near = &text[bracket.saturating_sub(MAX_VALUE)..bracket];
        let Some(start) = [&b"), "[..], b"ters: ", b"= "]
            .iter()
            .filter_map(|mark| Some(memchr::memmem::rfind(near, mark)? + mark.len()))
            .max()
        else {
            return;
        };
        let start = bracket - near.len() + start;
        if cell::is_postcode(&text[start..bracket]) {
            return self.add(Kind::Postcode, start, bracket, Quote::default());
        }
        self.bound_value(start, bracket, true);
    }

    /// `Duplicate entry 'Jane' for key 'buyers.uq_name'`, `value: 'Jane' for column 'name'`: at the quote after the
    /// value, what is said behind it.
    pub fn complaint(&mut self, quote: usize) {
        let text = self.view.text;
        let length = run_back(text, quote, MAX_VALUE, |byte| byte != b'\'' && byte >= b' ');
        let (start, end) = (quote - length, quote);
        let Some(open) = text[quote + 1..].iter().position(|byte| *byte == b'\'').filter(|open| *open < 24) else {
            return;
        };
        let name = quote + 1 + open + 1;
        let name = &text[name..name + run(text, name, 96, |byte| byte != b'\'')];
        // What stands for the first column of a key, before the second.
        let dealt = text[start..end].split(|byte| *byte == b'-').next().is_some_and(crate::redact::engine::is_marker);
        if length == 0 || dealt || special::is_nothing(&text[start..end]) {
            return;
        }
        let words = name.split(|byte| matches!(byte, b'.' | b'_' | b'-' | b'`'));
        let column = name.rsplit(|byte| *byte == b'.').next().unwrap_or(name);
        let meanings = std::iter::once(column).chain(words).map(|word| lexicon::meaning(word, None));
        for meaning in meanings {
            if let Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) = meaning {
                // `'jane@mail.example-A1B2C3'`: a key of two columns, of which the second is an id.
                let address = memchr::memchr(b'@', &text[start..end]).and_then(|sign| email::find(text, start + sign));
                let end = match address {
                    Some((first, last)) if first == start && last < end && text[last] == b'-' => last,
                    _ => end,
                };
                return self.replace(name, kind, start, end, Quote::default());
            }
        }
        // `for key 'products.uk_sku'`: goods have codes that look like others.
        if !lexicon::is_of_goods(column) {
            self.bound_value(start, end, true);
        }
    }

    /// `Key (lower(name::text), zip)=(jane, 12345) already exists`: columns and their values, from the first column on.
    pub fn taken(&mut self, from: usize) {
        let text = self.view.text;
        let near = &text[from..text.len().min(from + MAX_VALUE)];
        let Some(middle) = memchr::memmem::find(near, b")=(") else { return };
        let mut start = from + middle + 3;
        let end = start + run(text, start, MAX_VALUE, |byte| byte >= b' ');
        let end = [&b") already"[..], b") is not", b") is still", b") conflicts"]
            .into_iter()
            .find_map(|close| memchr::memmem::find(&text[start..end], close))
            .map_or(end, |close| start + close);
        let columns: smallvec::SmallVec<[&[u8]; 8]> = near[..middle].split(|byte| *byte == b',').collect();
        let values = text[start..end].split(|byte| *byte == b',').count();
        for column in &columns {
            // The last value may have commas of its own.
            let close = if columns.len() == values {
                memchr::memchr(b',', &text[start..end]).map_or(end, |comma| start + comma)
            } else {
                end
            };
            let lead = run(text, start, close - start, |byte| byte == b' ');
            let name = column.rsplit(|byte| *byte == b'(').next().unwrap_or(column);
            let length = run(name, 0, name.len(), |byte| byte == b' ' || byte == b'"');
            let name = &name[length..];
            let name = &name[..run(name, 0, name.len(), |byte| byte.is_ascii_alphanumeric() || byte == b'_')];
            self.by_name(name, start + lead, close);
            if close >= end {
                break;
            }
            start = close + 1;
        }
    }

    /// `… column 'Line1'. Truncated value: '12 Example Street'.`
    pub fn truncated(&mut self, start: usize) {
        let text = self.view.text;
        let end = start + run(text, start, MAX_VALUE, |byte| byte != b'\'' && byte >= b' ');
        let near = &text[start.saturating_sub(192)..start];
        let Some(found) = memchr::memmem::rfind(near, b"column '") else { return };
        let name = near[found + b"column '".len()..].split(|byte| *byte == b'\'').next().unwrap_or_default();
        self.by_name(name, start, end);
        if lexicon::meaning(name, None) == Meaning::Unknown && !lexicon::is_of_thing(name) {
            self.bound_value(start, end, true);
        }
    }

    /// `~N1*ST*Jane Doe~N3*12 Example Street~`, at the mark before a segment.
    pub fn segment(&mut self, from: usize) {
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
        let end = start + run(text, start, MAX_VALUE, |byte| !matches!(byte, b'~' | b'\n' | b'"' | b'\''));
        for (part, kind) in text[start..end].split(|byte| *byte == b'*').zip(*kinds) {
            if let Some(kind) = kind
                && !special::is_nothing(part)
            {
                self.add(*kind, start, start + part.len(), Quote::default());
            }
            start += part.len() + 1;
        }
    }

    /// `+0261910177:TE'` in an EDIFACT message, at the colon: the number or address of a party.
    pub fn contact(&mut self, colon: usize) {
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
}
