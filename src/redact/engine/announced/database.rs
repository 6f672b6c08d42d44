//! What databases say of values: bound parameters, keys that are taken, columns that are too short.

use crate::redact::Kind;
use crate::redact::detect::cell;
use crate::redact::detect::email;
use crate::redact::detect::text::{run, run_back};
use crate::redact::lexicon::{self, Meaning};

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::special;

/// Longest value that is looked at.
const MAX_VALUE: usize = 1024;

impl Sweep<'_> {
    /// `binding parameter (1:VARCHAR) <- [Jane Doe]`, `binding parameter [1] as [VARCHAR] - [Jane Doe]`
    pub fn binding(&mut self, from: usize) {
        let text = self.view.text;
        let near = &text[from..text.len().min(from + 128)];
        let arrow =
            [&b"<- ["[..], b" - ["].iter().find_map(|mark| Some(memchr::memmem::find(near, mark)? + mark.len()));
        let mut next = arrow.map(|place| from + place);
        let count = self.state.spans.len();
        // `(1:VARCHAR) <- [Jane Doe], (2:VARCHAR) <- […]`
        while let Some(start) = next {
            let end = start + run(text, start, MAX_VALUE, |byte| byte != b']' && byte >= b' ');
            let is_text = memchr::memmem::find(&text[start.saturating_sub(24)..start], b"CHAR").is_some();
            // Behind somebody's name and street, whatever shape that has.
            if is_text && self.state.spans.len() >= count + 2 && cell::is_postcode(&text[start..end]) {
                self.add(Kind::Postcode, start, end, Quote::default());
            } else {
                self.bound_value(start, end, is_text);
            }
            let near = &text[end..text.len().min(end + 48)];
            next = memchr::memmem::find(near, b") <- [")
                .filter(|_| near.starts_with(b"], (") || near.starts_with(b"]; ("))
                .map(|place| end + place + 6);
        }
    }

    /// `==> Parameters: Jane Doe(String), 12 Example Street, Town(String)`, at the bracket of a type.
    pub fn typed_binding(&mut self, bracket: usize) {
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
    pub fn database_complaint(&mut self, quote: usize) {
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
    pub fn taken_key(&mut self, from: usize) {
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
}
