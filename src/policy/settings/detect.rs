//! `alarms[].when:` what a detector counts, and from when on it is too much.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::redact::Name;

/// What stands on its own in a table of a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Per {
    /// The caller; anonymous callers by address.
    Caller,
    /// The client address (IPv6 by /64).
    Address,
    /// What proved the caller: one certificate, token or API key. Requests without one are not counted.
    Credential,
    /// The role that let the request through; refused requests are not counted.
    Role,
    /// The route; requests that found none are not counted.
    Route,
    /// Caller and route together.
    CallerRoute,
    /// All requests, which are those of one app.
    Upstream,
    /// The issuer of the token that was shown: of one that was refused the issuer that it names, if it is one of the
    /// policy's, and for all others together. Requests without a token are not counted.
    Issuer,
}

/// Which requests a detector looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Class {
    /// All of them.
    #[default]
    Requests,
    /// Those that were let through.
    Passed,
    /// Those that the gate refused for what the client did: credentials, policy, limits, form.
    Refusals,
    /// Of these, those whose credential proved nobody.
    CredentialFailures,
    /// Of these, those whose token was refused, and those whose issuer could not be asked.
    TokenFailures,
    /// Those that no route was found for.
    UnknownRoutes,
    /// Those that the app failed: no answer, or a status from 500 on.
    Errors,
}

/// A value of requests, of which records and tables hold keyed hashes only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// `path.NAME`: a named segment of the route.
    Path(Name),
    /// `query.NAME`: a parameter.
    Query(Name),
    /// `path`: the whole path.
    WholePath,
    /// `address`: the client's address (IPv6 by /64).
    Address,
    /// `network`: the client's network (IPv4 by /24, IPv6 by /48).
    Network,
}

/// What is added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Requests.
    Requests,
    /// Bytes of answers.
    Bytes,
    /// Records in answers, as the limits of the route count them.
    Records,
    /// How often a credential came from another network than the time before.
    Moves,
    /// Different values.
    Distinct(Value),
}

/// What a detector looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// More than so much in a window.
    Count {
        /// What is added up; never [`Measure::Distinct`].
        measure: Measure,
        /// As much is not too much.
        over: u64,
        /// In how long.
        window: Duration,
        /// And more than this part of all requests, in points of a hundred.
        share: Option<u8>,
    },
    /// More than so many different values in a window.
    Distinct {
        /// Of what.
        value: Value,
        /// As many are not too many.
        over: u64,
        /// In how long.
        window: Duration,
    },
    /// More than so many values in a window that follow one another as numbers do.
    Sequence {
        /// Of what: a segment or a parameter.
        value: Value,
        /// As many are not too many.
        over: u64,
        /// In how long.
        window: Duration,
    },
    /// More than so many times what is usual at this hour, or on this day, of the week.
    Baseline {
        /// What is added up.
        measure: Measure,
        /// So many times what is usual.
        times: u64,
        /// As much is never too much.
        floor: u64,
        /// An hour or a day.
        every: Every,
        /// How long a key is learned before its own baseline counts; until then `times` times the floor is too much.
        learn: Duration,
    },
    /// A caller that was never seen, or a route or network that is new for a caller.
    First {
        /// Which of them.
        what: First,
        /// How long is learned before anything is a first.
        learn: Duration,
    },
    /// More than so many requests in a window, at hours that are not those of work.
    OffHours {
        /// The hours of work.
        hours: Hours,
        /// As many are not too many.
        over: u64,
        /// In how long.
        window: Duration,
    },
}

/// What is compared with its like of other weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// The hours of a week.
    Hour,
    /// The days of a week.
    Day,
}

/// What happens for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// A caller calls.
    Caller,
    /// A caller calls a route.
    Route,
    /// A caller calls from a network.
    Network,
    /// A caller calls from a network, and as much besides is new as it takes with this caller.
    Origin,
}

/// Hours of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hours {
    /// Those at which this key was seen in weeks before, and the hour before and after; learned as long as this.
    Learned(Duration),
    /// Minutes of a week, Monday first, from and to.
    Declared(Vec<(u16, u16)>),
}

/// `alarms[]` that look at behaviour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detector {
    /// What it looks for.
    pub pattern: Pattern,
    /// What is counted by.
    pub per: Per,
    /// Which requests it looks at.
    pub of: Class,
    /// Names of the routes that it looks at; empty for all.
    pub routes: Vec<Name>,
    /// The time zone of hours and days.
    pub zone: TimeZone,
}

impl Pattern {
    /// The value that it needs of each request, if it is one of the request's own text.
    pub const fn watched(&self) -> Option<&Value> {
        let value = match self {
            Self::Distinct { value, .. }
            | Self::Sequence { value, .. }
            | Self::Baseline { measure: Measure::Distinct(value), .. } => value,
            Self::Count { .. } | Self::Baseline { .. } | Self::First { .. } | Self::OffHours { .. } => return None,
        };
        match value {
            Value::Path(_) | Value::Query(_) | Value::WholePath => Some(value),
            Value::Address | Value::Network => None,
        }
    }

    /// What it counts within, or learns by.
    pub const fn window(&self) -> Duration {
        match self {
            Self::Count { window, .. }
            | Self::Distinct { window, .. }
            | Self::Sequence { window, .. }
            | Self::OffHours { window, .. } => *window,
            Self::Baseline { every: Every::Hour, .. } => Duration::from_secs(3600),
            Self::Baseline { every: Every::Day, .. } => Duration::from_secs(86_400),
            // Whoever travels is one finding, and not one each morning.
            Self::First { what: First::Network | First::Origin, .. } => Duration::from_secs(86_400),
            Self::First { .. } => Duration::ZERO,
        }
    }

    /// Whether it looks at where callers come from, and with what program.
    pub const fn is_of_origin(&self) -> bool {
        matches!(self, Self::First { what: First::Network | First::Origin, .. })
    }

    /// Whether it looks at networks otherwise.
    pub fn is_of_networks(&self) -> bool {
        matches!(
            self,
            Self::Count { measure: Measure::Moves, .. }
                | Self::Distinct { value: Value::Network, .. }
                | Self::Baseline { measure: Measure::Distinct(Value::Network), .. }
        )
    }

    /// Whether it learns what is usual, which takes weeks and must not be forgotten.
    pub const fn learns(&self) -> bool {
        matches!(self, Self::Baseline { .. } | Self::First { .. } | Self::OffHours { hours: Hours::Learned(_), .. })
    }
}
