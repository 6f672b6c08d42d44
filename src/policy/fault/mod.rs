//! What is wrong with a policy: every fault has a code, a place, and where possible a way out.

mod codes;
mod examples;
mod render;
mod sarif;

pub use codes::Code;
pub use examples::{Example, example};

use std::fmt;

use super::settings::LastGoodSettings;
use super::source::{Sources, Span};

/// Whether a policy with this fault can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, and somebody should look at it.
    Warning,
    /// It can, and might be tighter: told only who asks.
    Note,
}

impl Severity {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Its stable code.
    pub code: Code,
    /// Whether it keeps the policy from running.
    pub severity: Severity,
    /// One line on what is wrong, without a full stop.
    pub message: String,
    /// Where; none if no file is to blame.
    pub span: Option<Span>,
    /// What stands under the marked text.
    pub label: String,
    /// Other places that belong to it, and what they have to do with it.
    pub also: Vec<(Span, String)>,
    /// What to do.
    pub help: Option<String>,
}

impl Fault {
    /// An error at a place.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { span: Some(span), ..Self::nowhere(code, message) }
    }

    /// An error without a place.
    pub fn nowhere(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            span: None,
            label: String::new(),
            also: Vec::new(),
            help: None,
        }
    }

    /// Says something about the marked text.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    /// Says what to do.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Says what to do, if there is anything to say.
    #[must_use]
    pub fn maybe_help(self, help: Option<String>) -> Self {
        Self { help: help.or(self.help), ..self }
    }

    /// Points at another place.
    #[must_use]
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.also.push((span, label.into()));
        self
    }

    /// Makes it a warning if `mild`.
    #[must_use]
    pub fn mild_if(self, mild: bool) -> Self {
        if mild { self.warning() } else { self }
    }

    /// Makes it a warning.
    #[must_use]
    pub fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// Makes it a note.
    #[must_use]
    pub fn note(self) -> Self {
        Self { severity: Severity::Note, ..self }
    }
}

/// A text of the policy as it may stand in a message: shortened, without control characters.
pub fn quote(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Everything that is wrong with a policy, with the texts that it is shown against.
#[derive(Clone, Default)]
pub struct Faults {
    /// The files.
    pub sources: Sources,
    /// The faults, by place.
    pub list: Vec<Fault>,
    /// Where the last good policy is, if so much could be read.
    pub last_good: Option<LastGoodSettings>,
}

impl Faults {
    /// Sorts by file and place, those without a place first.
    pub fn new(sources: Sources, mut list: Vec<Fault>) -> Self {
        list.sort_by_key(|fault| fault.span);
        Self { sources, list, last_good: None }
    }

    /// How many keep the policy from running.
    pub fn errors(&self) -> usize {
        self.list.iter().filter(|fault| fault.severity == Severity::Error).count()
    }

    /// How many somebody should look at.
    pub fn warnings(&self) -> usize {
        self.list.iter().filter(|fault| fault.severity == Severity::Warning).count()
    }

    /// Whether the policy could not even be read.
    pub fn is_unreadable(&self) -> bool {
        self.list.iter().any(|fault| matches!(fault.code, Code::Unreadable | Code::NoPolicy))
    }

    /// Whether there is nothing to say.
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

/// Without the texts: a policy may hold what somebody should not have written there.
impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.list).finish()
    }
}

impl std::error::Error for Faults {}
