//! The only maker of text that may leave the gate: records, log lines, metric labels and spans take [`Redacted`], and
//! nothing outside this module can build one from a request's bytes without going through a rule.

mod decode;
mod detect;
pub mod engine;
mod keep;
mod kind;
pub mod lexicon;
mod name;
mod parameter;
mod pseudonym;
mod reason;
mod shape;
mod structure;

pub use keep::{KeepFault, KeepPattern};
pub use kind::Kind;
pub use name::{Name, NameFault};
pub use parameter::{Logged, query};
pub use pseudonym::{AddressForm, CallerForm, PseudonymKey, Redactor, TokenCache};
pub use reason::{ReasonFault, reason};

use std::fmt;
use std::sync::Arc;

/// What stands for text that may not be shown in any form.
const HIDDEN: Redacted = Redacted::literal("hidden");

/// Text that has been through a redaction rule, or never was a request's.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Redacted(Text);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Text {
    Literal(&'static str),
    Shared(Arc<str>),
}

/// A part of [`Redacted::sentence`].
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// Text of our own source.
    Text(&'static str),
    /// A configured name.
    Name(&'a Name),
    /// A number.
    Count(usize),
    /// Text that is redacted already.
    Shown(&'a Redacted),
}

impl Redacted {
    /// Text of our own source: a code, a fixed phrase.
    pub const fn literal(text: &'static str) -> Self {
        Self(Text::Literal(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Literal(text) => text,
            Text::Shared(text) => text,
        }
    }

    /// A configured name, fixed text and an id of our own making.
    pub fn joined(name: &Name, between: &'static str, id: uuid::Uuid) -> Self {
        Self::made(format!("{name}{between}{id}"))
    }

    /// Fixed text, configured names and numbers, one after the other.
    pub fn sentence(parts: &[Part<'_>]) -> Self {
        use fmt::Write as _;
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text(fixed) => text.push_str(fixed),
                Part::Name(name) => text.push_str(name.as_str()),
                Part::Shown(shown) => text.push_str(shown.as_str()),
                // Writing to a String cannot fail.
                Part::Count(count) => write!(text, "{count}").unwrap_or_default(),
            }
        }
        Self::made(text)
    }

    /// A digest or a number in hexadecimal digits, of its first 32 bytes: whatever it is of, it has no words.
    pub fn hex(bytes: &[u8]) -> Self {
        use fmt::Write as _;
        let mut text = String::with_capacity(64);
        for byte in bytes.iter().take(32) {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self::made(text)
    }

    fn made(text: impl Into<Arc<str>>) -> Self {
        Self(Text::Shared(text.into()))
    }
}

impl From<&Name> for Redacted {
    fn from(name: &Name) -> Self {
        Self::made(name.shared())
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
