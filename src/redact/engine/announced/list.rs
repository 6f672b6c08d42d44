//! Lists: of values that are all of one meaning, and of a key and its value.

use crate::redact::detect::text::{at, run};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure;

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::special;

impl Sweep<'_> {
    /// `["email", "x@y.example"]` in lists of bound values.
    pub fn pair_in_list(&mut self, from: usize) -> Option<usize> {
        let text = self.view.text;
        let (quote, length) = structure::opening(text, from)?;
        let start = from + length;
        let end =
            start + run(text, start, 64, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        let after = end + usize::from(quote.backslashes) + 1;
        if at(text, after - 1) != quote.mark || at(text, after) != b',' {
            return None;
        }
        let value = after + 1 + run(text, after + 1, 4, |byte| byte == b' ');
        let (second, length) = structure::opening(text, value)?;
        let begin = value + length;
        let close = structure::closing(text, begin, second, true);
        let next = close + usize::from(second.backslashes) + 1;
        let closes = at(text, next) == b']';
        let (Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind)) =
            lexicon::meaning(&text[start..end], None)
        else {
            return None;
        };
        // `["recipient", "email"]`: a path, and no key with its value.
        let inner = &text[begin..close];
        let path = matches!(lexicon::meaning(inner, None), Meaning::Personal(_) | Meaning::Secret(_))
            && inner.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        if !closes || path || special::is_nothing(inner) {
            return None;
        }
        self.replace(&text[start..end], kind, begin, close, Quote::default());
        Some(next)
    }

    /// Items of a list that are all of one meaning. Where an item is a list or an object, the search goes on there.
    pub fn list(&mut self, from: usize, meaning: Meaning) -> usize {
        let text = self.view.text;
        let (Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind)) = meaning else { return from };
        let mut next = from;
        loop {
            next += run(text, next, 64, |byte| byte <= b' ' || byte == b',');
            if let Some((quote, length)) = structure::opening(text, next) {
                let begin = next + length;
                let end = structure::closing(text, begin, quote, true);
                // `{"errors": {"phone": ["has already been taken"]}}`
                let inner = &text[begin..end];
                let rule = matches!(meaning, Meaning::Personal(_)) && special::is_rule(inner);
                if !rule && !special::is_nothing(inner) {
                    self.replace(b"", kind, begin, end, Quote::default());
                }
                next = (end + usize::from(quote.backslashes) + 1).min(text.len());
                continue;
            }
            if next >= text.len() || matches!(text[next], b'{' | b'[' | b']' | b')' | b'}') {
                return next;
            }
            let end = next
                + run(text, next, usize::MAX, |byte| {
                    byte >= b' ' && !matches!(byte, b',' | b']' | b')' | b'}' | b'{' | b'[' | b'"' | b'=' | b':')
                });
            // Pairs within: the search goes on with their keys.
            if end == next || matches!(at(text, end), b'=' | b':') {
                return next;
            }
            if !special::is_nothing(&text[next..end]) {
                self.replace(b"", kind, next, end, Quote::default());
            }
            next = end;
        }
    }
}
