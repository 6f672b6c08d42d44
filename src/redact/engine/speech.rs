//! Quoted texts that no key announces.

use crate::redact::Kind;
use crate::redact::detect;
use crate::redact::detect::text::{at, before, is_word};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure;

use super::Quote;
use super::sweep::Sweep;

impl Sweep<'_> {
    /// A quoted text that no key and separator announce: an address, a name beside other personal data, or what the
    /// word before says.
    pub(super) fn mark_of_speech(&mut self, from: usize) -> usize {
        let text = self.view.text;
        let left = before(text, from);
        if !matches!(left, 0 | b' ' | b':' | b'=' | b'(' | b'[' | b',') || self.kept.1 > from {
            return from + 1;
        }
        let mark = text[from];
        // A closing quote, or one right before another value.
        if !is_word(at(text, from + 1)) && !matches!(at(text, from + 1), b'#' | b'+' | b'(' | b'\'') {
            return from + 1;
        }
        let most = text.len().min(from + 202);
        let end = structure::closing(&text[..most], from + 1, Quote { backslashes: 0, mark }, true);
        let inner = &text[from + 1..end];
        if at(text, end) != mark || inner.is_empty() {
            return from + 1;
        }
        let told = if left == b' ' { self.told_by_word(from - 1, inner) } else { None };
        let kind = if let Some(kind) = told {
            kind
        } else if detect::postal::is_address(inner) {
            Kind::Postal
        } else if detect::names::is_foreign_name(inner)
            || !self.state.spans.is_empty() && detect::names::is_name_of_words(inner)
        {
            Kind::Name
        } else {
            return from + 1;
        };
        self.replace(b"", kind, from + 1, end, Quote::default());
        end
    }

    /// `for receiver "Jane Doe"`, `:full-name "Jane Doe"`: the word before the space at `space`.
    fn told_by_word(&mut self, space: usize, inner: &[u8]) -> Option<Kind> {
        let text = self.view.text;
        let length =
            detect::text::run_back(text, space, 32, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let word = &text[space - length..space];
        if length < 3 || lexicon::is_strange(word) {
            return None;
        }
        match self.state.known.say(word, None).meaning {
            Meaning::Personal(kind) | Meaning::Secret(kind) => {
                (super::special::fits(kind, inner) && !super::special::is_nothing(inner)).then_some(kind)
            }
            Meaning::Doubtful(Kind::Name) => super::doubt::is_full_name(inner).then_some(Kind::Name),
            _ => None,
        }
    }
}
