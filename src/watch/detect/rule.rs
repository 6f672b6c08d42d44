//! A rule as it runs: a detector of the policy with what is computed once.

use super::baseline::Baseline;
use super::calendar::Calendar;
use super::origin::Familiar;
use super::state::{State, plain};
use super::window::Span;
use super::{Observation, name_id, value_id};
use crate::clock::UnixMillis;
use crate::policy::settings::detect::{Class, Detector, Every, First, Hours, Measure, Pattern, Value};
use crate::redact::Name;

/// A rule of the policy.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The name of the alarm.
    pub name: Name,
    /// What it looks for.
    pub detector: Detector,
}

/// A rule as it runs.
pub(super) struct Rule {
    pub(super) name: Name,
    pub(super) detector: Detector,
    pub(super) span: Span,
    routes: Vec<u32>,
    watched: Option<u32>,
    calendar: Calendar,
    /// When it first saw anything, in Unix seconds.
    pub(super) since: Option<u64>,
    /// What all keys do together, where each is held to its own baseline.
    pub(super) all: Option<Baseline>,
    pub(super) declared: Option<Declared>,
    /// Networks that several callers have in common.
    pub(super) familiar: Familiar,
}

/// Declared hours of work, by the minute of the week.
#[derive(Clone, Debug)]
pub(super) struct Declared(Vec<(u16, u16)>);

impl Declared {
    /// Whether a minute of the week is one of work.
    pub(super) fn holds(&self, minute: u64) -> bool {
        self.0.iter().any(|(from, to)| (u64::from(*from)..u64::from(*to)).contains(&minute))
    }
}

impl Rule {
    pub(super) fn new(spec: &Spec) -> Self {
        let detector = spec.detector.clone();
        let pattern = &detector.pattern;
        let mut routes: Vec<u32> = detector.routes.iter().map(|name| name_id(name.as_str())).collect();
        routes.sort_unstable();
        // Values of an hour or day are kept until it ends.
        let longer = if matches!(pattern, Pattern::Baseline { .. }) { 8 } else { 1 };
        let declared = match pattern {
            Pattern::OffHours { hours: Hours::Declared(hours), .. } => Some(Declared(hours.clone())),
            _ => None,
        };
        Self {
            name: spec.name.clone(),
            span: Span::of(pattern.window().saturating_mul(longer)),
            watched: pattern.watched().map(value_id),
            calendar: Calendar::new(detector.zone.clone()),
            since: None,
            all: None,
            familiar: Familiar::default(),
            declared,
            routes,
            detector,
        }
    }

    /// The hour or day of a moment; for declared hours the minute of the week; 0 for rules without a calendar.
    pub(super) fn period(&mut self, at: UnixMillis) -> u64 {
        let every = match &self.detector.pattern {
            Pattern::Baseline { every, .. } => *every,
            Pattern::OffHours { hours: Hours::Learned(_), .. } | Pattern::First { what: First::Origin, .. } => {
                Every::Hour
            }
            Pattern::OffHours { .. } => return self.calendar.local(at).minute_of_week(),
            _ => return 0,
        };
        self.calendar.local(at).period(every)
    }

    /// Whether it looks at a request.
    pub(super) fn counts(&self, o: &Observation) -> bool {
        self.sees_route(o) && o.marks.are(self.detector.of)
    }

    /// Whether the request is one of those that a share is of.
    pub(super) fn sees_route(&self, o: &Observation) -> bool {
        self.routes.is_empty() || o.route.is_some_and(|route| self.routes.binary_search(&route).is_ok())
    }

    /// How much a request adds.
    pub(super) const fn amount(measure: &Measure, o: &Observation) -> u64 {
        match measure {
            Measure::Requests | Measure::Moves | Measure::Distinct(_) => 1,
            Measure::Bytes => o.bytes,
            Measure::Records => o.records,
        }
    }

    /// The keyed hash of a request's value, and of the one behind it.
    pub(super) fn value(&self, value: &Value, o: &Observation) -> Option<(u64, u64)> {
        if let Some(hash) = plain(value, o) {
            return Some((hash, 0));
        }
        let seen = o.watched.iter().find(|seen| Some(seen.what) == self.watched)?;
        Some((seen.value, seen.next))
    }

    /// Whether what this one knows is as good for the other.
    pub(super) fn keeps_state_of(&self, old: &Self) -> bool {
        let (new_pattern, old_pattern) = (&self.detector.pattern, &old.detector.pattern);
        let same = match (new_pattern, old_pattern) {
            (Pattern::Baseline { measure, every, .. }, Pattern::Baseline { measure: was, every: by, .. }) => {
                measure == was && every == by
            }
            (Pattern::First { what, .. }, Pattern::First { what: was, .. }) => what == was,
            (
                Pattern::OffHours { hours: Hours::Learned(_), window, .. },
                Pattern::OffHours { hours: Hours::Learned(_), window: was, .. },
            ) => window == was,
            (
                Pattern::Count { measure, window, share, .. },
                Pattern::Count { measure: was, window: long, share: part, .. },
            ) => measure == was && window == long && share.is_some() == part.is_some(),
            (Pattern::Distinct { value, window, .. }, Pattern::Distinct { value: was, window: long, .. })
            | (Pattern::Sequence { value, window, .. }, Pattern::Sequence { value: was, window: long, .. }) => {
                value == was && window == long
            }
            (new, old) => new == old,
        };
        let (new, old_rest) = (&self.detector, &old.detector);
        same && self.name == old.name
            && (new.per, new.of, &new.routes, &new.zone)
                == (old_rest.per, old_rest.of, &old_rest.routes, &old_rest.zone)
    }

    /// A state of a key that is first seen now.
    pub(super) fn state(&self, now: u64) -> State {
        State::new(self, now)
    }
}

/// What a request was, as rules tell them apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks(u8);

impl Marks {
    /// It was let through.
    pub const PASSED: Self = Self(1);
    /// It was refused for what the client did.
    pub const REFUSED: Self = Self(2);
    /// Its credential proved nobody.
    pub const CREDENTIAL: Self = Self(4);
    /// Its token was refused, or could not be judged.
    pub const TOKEN: Self = Self(8);
    /// No route was found.
    pub const UNKNOWN_ROUTE: Self = Self(16);
    /// The app failed it.
    pub const ERROR: Self = Self(32);

    /// Of a request whose outcome has this category and code (`firewall_rule.category`, `status_code`), and which was
    /// answered by this status. `passed` if it was let through all the same, by shadow mode. Requests that a sanction
    /// holds back are neither passed nor refused: what follows from an alarm does not keep it open.
    pub fn of(category: &str, code: &str, status: u16, passed: bool) -> Self {
        let failed = if status >= 500 { Self::ERROR } else { Self::default() };
        let through = if passed { Self::PASSED.and(failed) } else { Self::default() };
        match (category, code) {
            (_, "allowed") => Self::PASSED.and(failed),
            ("upstream", _) => Self::PASSED.and(Self::ERROR),
            ("gate" | "lockout", _) | (_, "throttled" | "step_up_required") => through,
            (_, "no_route") => Self::REFUSED.and(Self::UNKNOWN_ROUTE).and(through),
            ("authn", code) if code != "caller_required" => {
                let of_token = ["token_", "dpop_", "keys_", "introspection_"].iter().any(|kind| code.starts_with(kind));
                let token = if of_token { Self::TOKEN } else { Self::default() };
                Self::REFUSED.and(Self::CREDENTIAL).and(token).and(through)
            }
            _ => Self::REFUSED.and(through),
        }
    }

    /// Whether limits were asked: it passed, or they refused it, or the app failed.
    pub const fn reached_limits(self) -> bool {
        self.0 & Self::PASSED.0 != 0
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether requests so marked are of a class.
    const fn are(self, class: Class) -> bool {
        let mark = match class {
            Class::Requests => return true,
            Class::Passed => Self::PASSED,
            Class::Refusals => Self::REFUSED,
            Class::CredentialFailures => Self::CREDENTIAL,
            Class::TokenFailures => Self::TOKEN,
            Class::UnknownRoutes => Self::UNKNOWN_ROUTE,
            Class::Errors => Self::ERROR,
        };
        self.0 & mark.0 != 0
    }
}
