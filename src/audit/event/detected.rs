//! What a detector found, from its begin to its end: OCSF Detection Finding (2004).

use smallvec::SmallVec;

use super::Alarm;
use super::alarm::AlarmRow;
use crate::audit::id::RequestId;
use crate::clock::UnixMillis;
use crate::redact::Name;

/// One record of an alarm that has a course: it is opened, goes on, and is closed.
#[derive(Clone, Debug)]
pub struct Detected {
    /// `metadata.uid`: each record has its own. That of the finding is the alarm's.
    pub id: RequestId,
    /// What was found; `finding_info.uid` is its id, the same in all its records.
    pub alarm: Alarm,
    /// `activity_id` and `status_id`.
    pub step: Step,
    /// In how many seconds it was observed: `evidences[].data.window_seconds`; `None` where that has no meaning.
    pub window: Option<u64>,
    /// Requests that were too much, up to now: `finding_info.related_events_count`.
    pub count: u64,
    /// When the incident that it opened must be reported: `unmapped.portcullis.incident`, with the moment of its begin.
    pub due: Option<UnixMillis>,
    /// What was imposed: `unmapped.portcullis.actions`.
    pub actions: SmallVec<[&'static str; 4]>,
    /// The rule is in shadow, and nothing was imposed: `unmapped.portcullis.mode`, and no alert.
    pub shadow: bool,
    /// It is not yet known what is usual here: `unmapped.portcullis.learning`.
    pub learning: bool,
    /// What was new, where an alarm is of that: `unmapped.portcullis.signs`.
    pub signs: SmallVec<[&'static str; 4]>,
    /// A table was full, and others added to it: `unmapped.portcullis.shared`.
    pub shared: bool,
}

/// A value of a request that a detector watches.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Of what, as the policy spells it: `path.order_id`.
    pub name: Name,
    /// The same as a number.
    pub what: u32,
    /// Its keyed hash, the same on every day: `value`, in hexadecimal digits.
    pub value: u64,
    /// The keyed hash of the number behind it, where a detector looks for such, or 0: `next`.
    pub next: u64,
}

/// How far an alarm is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It begins.
    Opened,
    /// It goes on.
    Updated,
    /// It has been quiet for a while.
    Closed,
}

/// What a detector's alarm is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// More requests than are usual or allowed.
    Rate,
    /// More bytes or records than are usual or allowed.
    Volume,
    /// Refusals.
    Refusals,
    /// Credentials that prove nobody.
    CredentialFailures,
    /// Tokens that prove nobody, or an issuer that cannot be asked.
    TokenFailures,
    /// Paths that no route takes.
    Scan,
    /// The app fails.
    Errors,
    /// Many different records.
    Distinct,
    /// Records one after the other.
    Enumeration,
    /// One credential in two places.
    SharedCredential,
    /// A caller that was never seen.
    NewCaller,
    /// A route that the caller never called.
    NewRoute,
    /// A caller calls from elsewhere, as with a stolen credential.
    NewOrigin,
    /// Work at an hour that is none of work.
    OffHours,
    /// Detectors could not keep up: requests were not looked at.
    Blind,
}

impl Behaviour {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Rate,
        Self::Volume,
        Self::Refusals,
        Self::CredentialFailures,
        Self::TokenFailures,
        Self::Scan,
        Self::Errors,
        Self::Distinct,
        Self::Enumeration,
        Self::SharedCredential,
        Self::NewCaller,
        Self::NewRoute,
        Self::NewOrigin,
        Self::OffHours,
        Self::Blind,
    ];

    /// `metadata.event_code` of its records.
    pub const fn code(self) -> &'static str {
        self.row().event_code
    }

    /// `finding_info.title` of its records.
    pub const fn title(self) -> &'static str {
        self.row().title
    }

    /// `metadata.event_code`, title, analytic, severity and confidence, side by side.
    pub(in crate::audit) const fn row(self) -> AlarmRow {
        const STATISTICAL: u8 = 3;
        const RULE: u8 = 1;
        let (event_code, title, analytic, severity, confidence) = match self {
            Self::Rate => ("ALARM.RATE", "More calls than the policy expects", STATISTICAL, 4, 2),
            Self::Volume => ("ALARM.VOLUME", "More data than the policy expects", STATISTICAL, 4, 2),
            Self::Refusals => ("ALARM.UNAUTHZ", "A burst of refused calls", STATISTICAL, 4, 2),
            Self::CredentialFailures => {
                ("ALARM.CREDENTIAL_FAILURES", "A burst of credentials that prove nobody", STATISTICAL, 4, 2)
            }
            Self::TokenFailures => {
                ("ALARM.TOKEN_FAILURES", "A burst of tokens that prove nobody, or cannot be judged", STATISTICAL, 4, 2)
            }
            Self::Scan => ("ALARM.SCAN", "Paths are tried that no route takes", STATISTICAL, 3, 3),
            Self::Errors => ("ALARM.ERRORS", "The app fails more often than the policy expects", STATISTICAL, 3, 3),
            Self::Distinct => {
                ("ALARM.DISTINCT", "More different records were asked for than the policy expects", STATISTICAL, 4, 2)
            }
            Self::Enumeration => ("ALARM.ENUMERATION", "Records are asked for one after the other", STATISTICAL, 4, 3),
            Self::SharedCredential => {
                ("ALARM.CREDENTIAL_SHARED", "One credential is used from several places", RULE, 5, 3)
            }
            Self::NewCaller => ("ALARM.NEW_CALLER", "A caller that was never seen before", RULE, 3, 3),
            Self::NewRoute => ("ALARM.NEW_ROUTE", "A caller calls a route that it never called before", RULE, 3, 3),
            Self::NewOrigin => {
                ("ALARM.NEW_ORIGIN", "A caller calls from a network that it never called from", STATISTICAL, 4, 2)
            }
            Self::OffHours => {
                ("ALARM.OFF_HOURS", "A caller calls at an hour that is not one of work", STATISTICAL, 3, 2)
            }
            Self::Blind => ("ALARM.DETECTORS_BLIND", "Requests were not looked at by detectors", RULE, 4, 3),
        };
        AlarmRow { event_code, title, analytic, severity, confidence, suspected_breach: false }
    }
}
