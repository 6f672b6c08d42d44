//! How many requests a worker has answered and how: what a change of the policy is judged by.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::Ticks;

/// Counters of one worker. Only that worker writes them, so that no two fight for a cache line.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct Tally {
    requests: AtomicU64,
    refusals: AtomicU64,
    errors: AtomicU64,
    /// When the worker last looked at its connections, in the clock's ticks; 0 before the first time.
    looked: AtomicU64,
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

impl Tally {
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
