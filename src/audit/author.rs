//! Who changed what the gate runs on, as far as it can know.

use crate::redact::{Part, Redacted};

/// The author of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// The start of the process.
    Start,
    /// SIGHUP, whose sender the kernel does not tell.
    Signal,
    /// A file was changed; whose it is, if that could be found out.
    File(Option<u32>),
    /// An operator, as records show it.
    Operator(Redacted),
    /// The gate itself: what a change did was worse than its budget.
    Rollback,
}

impl Author {
    /// As records and the own log show it: `signal`, `uid:1000`, `operator:alice`.
    pub fn shown(&self) -> Redacted {
        match self {
            Self::Start => Redacted::literal("start"),
            Self::Signal => Redacted::literal("signal"),
            Self::File(None) => Redacted::literal("file"),
            Self::File(Some(uid)) => {
                Redacted::sentence(&[Part::Text("uid:"), Part::Count(usize::try_from(*uid).unwrap_or(usize::MAX))])
            }
            Self::Operator(who) => Redacted::sentence(&[Part::Text("operator:"), Part::Shown(who)]),
            Self::Rollback => Redacted::literal("rollback"),
        }
    }
}
