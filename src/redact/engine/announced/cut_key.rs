//! Values whose key was cut off at the line's beginning: `…me":"Jane Doe","phone":"…"`.

use crate::redact::Kind;
use crate::redact::detect::text::{is_word, run};
use crate::redact::detect::{cell, names};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure;

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::special;

impl Sweep<'_> {
    /// `…me":"Jane Doe","phone":"…"`: the value of a key of which the line has only the end.
    pub fn headless(&mut self, separator: usize) -> usize {
        let text = self.view.text;
        if text[separator] != b':' || !(1..=48).contains(&separator) || text[separator - 1] != b'"' {
            return separator + 1;
        }
        let head = &text[..separator - 1];
        if head.contains(&b'"') {
            return separator + 1;
        }
        let value = separator + 1 + run(text, separator + 1, 2, |byte| byte == b' ');
        let Some((quote, length)) = structure::opening(text, value) else { return separator + 1 };
        let start = value + length;
        let end = structure::closing(text, start, quote, true);
        let inner = &text[start..end];
        if special::is_nothing(inner) || inner.len() > 400 {
            return separator + 1;
        }
        let tail = head.rsplit(|byte| !is_word(*byte) && !matches!(byte, b'_' | b'-')).next().unwrap_or_default();
        let beside = self.has_person_behind(end);
        let kind = match lexicon::meaning(tail, None) {
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) if tail.len() >= 4 => Some(kind),
            _ if !beside => None,
            _ if names::is_words(inner) && !cell::has_thing(inner) => Some(Kind::Name),
            _ => cell::guess(inner).map(|guess| guess.kind),
        };
        let Some(kind) = kind else { return separator + 1 };
        self.frames.top().personal = true;
        self.replace(b"", kind, start, end, Quote::default());
        end + 1
    }

    /// Whether a personal key stands behind in what is cut at its head, before it closes.
    fn has_person_behind(&mut self, from: usize) -> bool {
        let text = self.view.text;
        let near = &text[from..text.len().min(from + 300)];
        let near =
            &near[..near.iter().position(|byte| matches!(byte, b'{' | b'}' | b'[' | b']')).unwrap_or(near.len())];
        let mut found = false;
        for place in memchr::memchr_iter(b':', near).take(8) {
            if let Some(key) = structure::key_before(text, from + place) {
                let meaning = self.state.known.look_up(&text[key.start..key.end], None).meaning;
                found |= matches!(meaning, Meaning::Personal(kind) if !matches!(kind, Kind::Value | Kind::Document));
            }
        }
        found
    }
}
