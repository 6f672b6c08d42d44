//! What is imposed, and what a request hears of it.

use std::sync::Arc;
use std::time::Duration;

use super::subject::{Shown, Subject, Whom};
use crate::audit::{CallerRecord, PolicyRecord, RequestId};
use crate::clock::{Ticks, UnixMillis};
use crate::policy::settings::{Mode, Quota};
use crate::redact::Name;

/// What is imposed. The stricter ones come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing passes.
    Quarantine,
    /// Nothing passes for a while, after failures or misuse.
    Lock,
    /// Only what has a second factor that was shown since passes.
    RequireMfa,
    /// Requests pass at this rate.
    Throttle(Quota),
}

/// The same without what it is set to: a subject has at most one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// [`Kind::Quarantine`]
    Quarantine,
    /// [`Kind::Lock`]
    Lock,
    /// [`Kind::RequireMfa`]
    RequireMfa,
    /// [`Kind::Throttle`]
    Throttle,
}

impl Sort {
    /// All of them, each at its place.
    pub const ALL: [Self; 4] = [Self::Quarantine, Self::Lock, Self::RequireMfa, Self::Throttle];

    /// As lists and the state file show it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Quarantine => "quarantine",
            Self::Lock => "lock",
            Self::RequireMfa => "require-mfa",
            Self::Throttle => "throttle",
        }
    }
}

impl Kind {
    /// What it is.
    pub const fn sort(self) -> Sort {
        match self {
            Self::Quarantine => Sort::Quarantine,
            Self::Lock => Sort::Lock,
            Self::RequireMfa => Sort::RequireMfa,
            Self::Throttle(_) => Sort::Throttle,
        }
    }
}

/// Who imposes or lifts.
#[derive(Clone, Debug)]
pub enum Author {
    /// The gate itself, by a rule.
    Gate,
    /// An operator.
    Operator(Box<CallerRecord>),
}

impl Author {
    pub(super) fn operator(&self) -> Option<CallerRecord> {
        match self {
            Self::Gate => None,
            Self::Operator(record) => Some((**record).clone()),
        }
    }
}

/// A sanction to be imposed.
#[derive(Clone, Debug)]
pub struct Imposition {
    /// On whom.
    pub subject: Subject,
    /// How the subject is shown.
    pub shown: Shown,
    /// What.
    pub kind: Kind,
    /// Until when on the monotonic clock; `None` until it is lifted.
    pub until: Option<Ticks>,
    /// Why: the rule's name, or an operator's reason.
    pub cause: Name,
    /// In shadow, only what it would have refused is recorded.
    pub mode: Mode,
    /// Of an address: callers that proved themselves pass all the same. One address may stand for a whole office.
    pub spares_proven: bool,
    /// Who does it.
    pub author: Author,
    /// How many failures led to it.
    pub failures: u64,
    /// The request that led to it.
    pub request: Option<RequestId>,
    /// The policy in force.
    pub policy: Arc<PolicyRecord>,
}

/// A sanction that is imposed, as lists show it.
#[derive(Clone, Debug)]
pub struct Sanction {
    /// On whom.
    pub subject: Subject,
    /// How the subject is shown.
    pub shown: Shown,
    /// What.
    pub kind: Kind,
    /// Since when.
    pub since: UnixMillis,
    /// Until when on the monotonic clock; `None` until it is lifted.
    pub until: Option<Ticks>,
    /// Why.
    pub cause: Name,
    /// Whether it refuses.
    pub mode: Mode,
    /// Whether callers that proved themselves pass an address's.
    pub spares_proven: bool,
    /// Who did it.
    pub author: Author,
    /// How many failures led to it.
    pub failures: u64,
}

/// Why a request is held back; plain, so that a refusal can carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// On whom the sanction is.
    pub whom: Whom,
    /// What it demands.
    pub how: How,
    /// How long until another try may pass, if that is known.
    pub wait: Option<Duration>,
}

/// What a sanction demands of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Not to be.
    Quarantined,
    /// Not to be for a while.
    Locked,
    /// A second factor that was shown in this time.
    StepUp(Duration),
    /// To come later.
    Throttled,
}

/// What sanctions make of a request.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Why it is held back.
    pub held: Held,
    /// By which rule, or for which reason of an operator.
    pub cause: Name,
    /// In shadow, it passes.
    pub mode: Mode,
    /// Whether an operator imposed it: then it holds in a policy's shadow mode too.
    pub by_operator: bool,
}

impl Judgement {
    /// Whether it refuses under a policy of this mode.
    pub fn refuses(&self, policy: Mode) -> bool {
        self.mode == Mode::Enforce && (self.by_operator || policy == Mode::Enforce)
    }
}
