//! What is known of each sink, for whoever looks: metrics, operators, `portcullis sinks status`.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::audit::{RequestId, Undelivered};
use crate::redact::Name;

/// How a sink does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It has all there is.
    #[default]
    Idle,
    /// It takes what it is given.
    Delivering,
    /// It failed, and is tried again soon.
    Waiting,
    /// It takes nothing until somebody changes a setting.
    Held,
    /// The gate stops, or the policy does not have it any more.
    Stopped,
}

impl State {
    /// As it is shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Delivering => "delivering",
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Stopped => "stopped",
        }
    }
}

/// A sink at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its name.
    pub name: Name,
    /// Its kind, a key of the policy: `webhook`.
    pub kind: &'static str,
    /// How it does.
    pub state: State,
    /// Why the last exchange failed, a stable word; `None` since one went well.
    pub cause: Option<&'static str>,
    /// The sequence number up to which it has all that it is to get.
    pub delivered: u64,
    /// Records after that.
    pub lag_records: u64,
    /// Age of the oldest of them, in seconds.
    pub lag_seconds: u64,
    /// Records delivered since the gate runs, those that came twice included.
    pub records: u64,
    /// Exchanges since the gate runs.
    pub exchanges: u64,
    /// Records that it refused for good.
    pub rejected: u64,
    /// Records that it did not get by the policy.
    pub left_out: u64,
    /// Records that were gone before it had them, since the gate runs.
    pub undelivered: u64,
}

impl Status {
    /// Of a sink that nothing is known of yet.
    pub const fn new(name: Name, kind: &'static str) -> Self {
        Self {
            name,
            kind,
            state: State::Idle,
            cause: None,
            delivered: 0,
            lag_records: 0,
            lag_seconds: 0,
            records: 0,
            exchanges: 0,
            rejected: 0,
            left_out: 0,
            undelivered: 0,
        }
    }

    /// Adds what is known of the same sink on another chain.
    fn add(&mut self, other: &Self) {
        self.lag_records += other.lag_records;
        self.lag_seconds = self.lag_seconds.max(other.lag_seconds);
        self.records += other.records;
        self.exchanges += other.exchanges;
        self.rejected += other.rejected;
        self.left_out += other.left_out;
        self.undelivered += other.undelivered;
    }
}

/// All sinks of a gate.
#[derive(Debug, Default)]
pub struct Board {
    own: Mutex<Vec<(Status, Position)>>,
    /// Of chains of earlier gates, while they are looked after: the same sinks.
    others: Mutex<Vec<Weak<Self>>>,
}

/// The epoch and the sequence number of the next record.
type Position = (Option<RequestId>, u64);

impl Board {
    /// Every sink, in the order of the policy: with what it lacks of other chains, and what it had of them.
    pub fn statuses(&self) -> Vec<Status> {
        let mut all = self.own_statuses();
        let mut others = self.others.lock();
        others.retain(|other| other.strong_count() > 0);
        for other in others.iter().filter_map(Weak::upgrade) {
            for of_other in other.own_statuses() {
                if let Some(status) = all.iter_mut().find(|status| status.name == of_other.name) {
                    status.add(&of_other);
                }
            }
        }
        all
    }

    /// What is known of each sink on another chain counts too, for as long as somebody keeps it.
    pub fn counts_too(&self, other: &Arc<Self>) {
        self.others.lock().push(Arc::downgrade(other));
    }

    /// Whether so many sinks are known, and each has all there is.
    pub fn has_all(&self, sinks: usize) -> bool {
        let all = self.own.lock();
        all.len() >= sinks && all.iter().all(|(status, _)| status.state == State::Idle && status.lag_records == 0)
    }

    fn own_statuses(&self) -> Vec<Status> {
        self.own.lock().iter().map(|(status, _)| status.clone()).collect()
    }

    /// Puts one in place of what was known of it.
    pub(super) fn put(&self, status: Status, position: Position) {
        let mut all = self.own.lock();
        match all.iter_mut().find(|(known, _)| known.name == status.name) {
            Some(known) => *known = (status, position),
            None => all.push((status, position)),
        }
    }

    /// Those of these names stay, in their order.
    pub(super) fn keep(&self, names: &[Name]) {
        let mut all = self.own.lock();
        all.retain(|(known, _)| names.contains(&known.name));
        all.sort_by_key(|(known, _)| names.iter().position(|name| *name == known.name));
    }

    /// What some of `sinks` sinks still lacks.
    pub(super) fn undelivered(&self, sinks: usize) -> Undelivered {
        let all = self.own.lock();
        match all.iter().map(|(_, position)| *position).min() {
            _ if all.len() < sinks => Undelivered::Unknown,
            None => Undelivered::Nothing,
            Some((None, _)) => Undelivered::Unknown,
            Some((Some(epoch), next)) => Undelivered::From(epoch, next),
        }
    }
}
