//! Whether a value may be what the key before it says: behind a colon of prose, and under keys that programs have too.

use crate::redact::Kind;
use crate::redact::detect::is_reason;
use crate::redact::detect::text::{before, run};
use crate::redact::lexicon::Meaning;
use crate::redact::structure::{self, Key, Style};

use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::{programs, special};

impl Sweep<'_> {
    /// Whether the value `inner` that begins at `start` is what a program says under a key that people have too.
    pub(super) fn is_of_program(
        &self,
        key: Key,
        (start, inner): (usize, &[u8]),
        quoted: bool,
        (kind, meaning): (Kind, Meaning),
    ) -> bool {
        let text = self.view.text;
        // `fr;q=0.8, en`: the weight of a choice.
        let weight = || {
            &text[key.start..key.end] == b"q"
                && before(text, key.outer) == b';'
                && inner.first().is_some_and(|byte| matches!(byte, b'0' | b'1'))
        };
        // `"q": 3`: a count; what goes on after it is asked by itself.
        let count =
            || kind == Kind::Text && inner.len() <= 5 && inner.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
        // `"phone": "is not a valid phone number"`
        let rule =
            || quoted && !matches!(meaning, Meaning::FreeText(_) | Meaning::Secret(_)) && special::is_rule(inner);
        let operand = || text[..key.start].ends_with(b"--") && programs::is_metavariable(&text[start..]);
        weight() || count() || rule() || operand() || programs::is_diagnostic(text, key.start)
    }

    /// After a colon in prose a key may be a word as any other: the value must look like what the key says.
    pub(super) fn is_plausible(&self, key: Key, start: usize, inner: &[u8], kind: Kind) -> bool {
        let text = self.view.text;
        let heads =
            matches!(structure::style(text, key, b':', start, self.frames.is_nested()), Style::Header(_) | Style::Dump)
                || key.outer == 0;
        let name = &text[key.start..key.end];
        if is_reason(&text[start..])
            || kind == Kind::Name && (structure::is_pair(text, start) || programs::begins_with_act(inner))
            || programs::is_function(name)
        {
            return false;
        }
        // `swift: Fatal error: …`: a program's name and what it says.
        if matches!(
            kind,
            Kind::Password | Kind::Secret | Kind::Account | Kind::Tax | Kind::Device | Kind::Session | Kind::Token
        ) && (special::is_sentence(inner) || is_prose(inner))
        {
            return false;
        }
        let phrase = name.contains(&b' ');
        // `apt: Setting up …`, `unit: entered failed state`: a part of a building has a number, and soon.
        if kind == Kind::Postal && super::beside::is_unit(name) {
            return inner.len() <= 16 && inner.iter().take(3).any(u8::is_ascii_digit);
        }
        // `phone: must match … (was '…')`: what is wrong with it, and no number.
        let complains = special::is_complaint(inner) && memchr::memchr_iter(b' ', inner).count() >= 2;
        (heads || phrase) && !special::is_complaint(inner) || special::fits(kind, inner) && !complains
    }
}

/// Four words or more, of which the first is one of a language.
fn is_prose(value: &[u8]) -> bool {
    let first = run(value, 0, value.len(), |byte| byte != b' ');
    first >= 3 && value[..first].iter().all(u8::is_ascii_lowercase) && memchr::memchr_iter(b' ', value).count() >= 3
}
