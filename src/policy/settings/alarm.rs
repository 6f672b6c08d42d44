//! `alarms[]` and `lockout:`

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::detect::Detector;
use super::{Mode, Quota};
use crate::redact::Name;

/// One rule of `alarms:`
#[derive(Clone, Debug)]
pub struct AlarmRule {
    /// Its name, as records show it.
    pub name: Name,
    /// Place in the policy's list.
    pub index: usize,
    /// What raises it.
    pub when: When,
    /// What then happens, beside the record; none of them twice.
    pub then: Vec<Action>,
    /// Whether it acts, or only records what it would have done.
    pub mode: Mode,
    /// Whether it opens an incident, and how long that may take to be reported.
    pub incident: Option<Duration>,
    /// How long a sanction that it imposes holds.
    pub lasts: Duration,
    /// At which rate requests pass that it throttles.
    pub rate: Quota,
}

/// What raises an alarm.
#[derive(Clone, Debug)]
pub enum When {
    /// `canary:` a planted record was seen.
    Canary {
        /// The file of keyed hashes.
        file: PathBuf,
        /// Where they are looked for.
        places: Vec<Place>,
    },
    /// A caller, address or app behaves oddly.
    Behaviour(Detector),
}

impl When {
    /// The file of keyed hashes, of a rule of canaries.
    pub fn canary(&self) -> Option<&Path> {
        match self {
            Self::Canary { file, .. } => Some(file),
            Self::Behaviour(_) => None,
        }
    }

    /// Whether canaries are looked for in a place.
    pub fn searches(&self, place: Place) -> bool {
        matches!(self, Self::Canary { places, .. } if places.contains(&place))
    }
}

/// Where canaries are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The path and query of requests.
    Target,
    /// The fields of requests.
    Headers,
    /// The bodies of requests.
    Body,
    /// Answers.
    Answer,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Target, Self::Headers, Self::Body, Self::Answer];
}

/// What an alarm does to the caller; to the address where nobody proved to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A finding in the trail. Every rule raises one: the word makes a rule that does nothing else legible.
    Alarm,
    /// Its requests pass at the rule's rate.
    Throttle,
    /// Its requests need a second factor that was shown since.
    RequireMfa,
    /// It is locked out.
    Lock,
    /// It is shut out until an operator lets it in again.
    Quarantine,
    /// The answer on its way is cut.
    Cut,
}

impl Action {
    /// As the policy and records spell it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Alarm => "alarm",
            Self::Throttle => "throttle",
            Self::RequireMfa => "require-mfa",
            Self::Lock => "lock",
            Self::Quarantine => "quarantine",
            Self::Cut => "cut",
        }
    }
}

/// `lockout:`
#[derive(Clone, Debug)]
pub struct LockoutSettings {
    /// What its locks are recorded as.
    pub rule: Name,
    /// Of callers, for what they do with a credential that was verified.
    pub caller: Option<Threshold>,
    /// Of addresses, for all other failures.
    pub address: Option<Threshold>,
    /// Whether a caller that proves itself passes although its address is locked.
    pub spares_proven: bool,
    /// Whether it locks, or only records whom it would have locked.
    pub mode: Mode,
}

/// When somebody is locked out, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// So many failures lock: never 0.
    pub failures: u32,
    /// In this time.
    pub window: Duration,
    /// How long the first lock holds.
    pub lasts: Duration,
    /// How many times longer each further lock holds.
    pub grow: u8,
    /// How long a lock holds at most.
    pub max: Duration,
    /// After so long without a failure, one lock less is remembered.
    pub forget: Duration,
}
