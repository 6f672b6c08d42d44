//! How many requests a worker has answered and how: what a change of the policy is judged by, and what metrics show of
//! it beside the routes.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::Ticks;
use crate::telemetry::metrics::{Codes, Count, OWN_BOUNDS, Spread};

/// Counters of one worker. Only that worker writes them, so that no two fight for a cache line.
#[derive(Debug)]
#[repr(align(128))]
pub struct Tally {
    requests: AtomicU64,
    refusals: AtomicU64,
    errors: AtomicU64,
    /// When the worker last looked at its connections, in the clock's ticks; 0 before the first time.
    looked: AtomicU64,
    /// The worker's place among all.
    pub worker: usize,
    /// Requests that were begun and have not ended.
    pub open: Count,
    /// Connections that were accepted.
    pub accepted: Count,
    /// Handshakes that came to their end under TLS 1.2 and 1.3.
    pub handshakes: [Count; 2],
    /// Connections that did not carry a request, by code.
    pub connections: Codes,
    /// Requests that were not let through, by code.
    pub codes: Codes,
    /// Requests that were let through in shadow mode, by the code that would have refused them.
    pub shadowed: Codes,
    /// What the gate itself took.
    pub own: Spread,
}

/// Numbers at one moment, or between two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that were answered, or cut.
    pub requests: u64,
    /// Of these, refused by the gate, statuses below 500, or cut because they may no longer be.
    pub refusals: u64,
    /// Of these, answered by 500 to 599, whoever said so.
    pub errors: u64,
}

/// That of the first worker.
impl Default for Tally {
    fn default() -> Self {
        Self::of(0)
    }
}

impl Tally {
    /// The counters of the worker at this place.
    pub fn of(worker: usize) -> Self {
        Self {
            requests: AtomicU64::new(0),
            refusals: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            looked: AtomicU64::new(0),
            worker,
            open: Count::default(),
            accepted: Count::default(),
            handshakes: Default::default(),
            connections: Codes::default(),
            codes: Codes::default(),
            shadowed: Codes::default(),
            own: Spread::new(&OWN_BOUNDS),
        }
    }

    /// A request was answered by this status.
    pub(super) fn answered(&self, status: http::StatusCode) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if status.is_server_error() {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// It was the gate that refused it.
    pub(super) fn refused(&self) {
        self.refusals.fetch_add(1, Ordering::Relaxed);
    }

    /// The worker has looked at its connections: it is not stuck.
    pub fn looks(&self, now: Ticks) {
        self.looked.store(now.0.max(1), Ordering::Relaxed);
    }

    /// When the worker looked last; `None` before the first time.
    pub fn looked(&self) -> Option<Ticks> {
        Some(self.looked.load(Ordering::Relaxed)).filter(|at| *at > 0).map(Ticks)
    }

    /// The numbers now.
    pub fn counts(&self) -> Counts {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        Counts { requests: read(&self.requests), refusals: read(&self.refusals), errors: read(&self.errors) }
    }
}

impl Counts {
    /// What came since `earlier`.
    pub const fn since(self, earlier: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(earlier.requests),
            refusals: self.refusals.saturating_sub(earlier.refusals),
            errors: self.errors.saturating_sub(earlier.errors),
        }
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            refusals: self.refusals + other.refusals,
            errors: self.errors + other.errors,
        }
    }
}
