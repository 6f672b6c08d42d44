//! Limits of requests over the past: the same arithmetic as the gate's (GCRA), each key on its own.

use std::collections::HashMap;

use crate::clock::Ticks;
use crate::policy::settings::Quota;

/// Keys of a limit; further ones are let through.
const MOST_KEYS: usize = 2_000_000;

/// A quota for each key.
pub(super) struct Buckets {
    /// Nanoseconds of one request.
    step: u64,
    /// How far ahead a burst may be.
    ahead: u64,
    arrivals: HashMap<u64, u64>,
}

impl Buckets {
    pub(super) fn new(quota: &Quota) -> Self {
        let period = u64::try_from(quota.period.as_nanos()).unwrap_or(u64::MAX);
        let step = (period / quota.amount.max(1)).max(1);
        Self { step, ahead: step.saturating_mul(quota.burst.saturating_sub(1)), arrivals: HashMap::new() }
    }

    /// Takes one request; `false` if there is none.
    pub(super) fn take(&mut self, key: u64, now: Ticks) -> bool {
        if self.arrivals.len() >= MOST_KEYS && !self.arrivals.contains_key(&key) {
            return true;
        }
        let now = now.0.saturating_mul(1000);
        let next = self.arrivals.entry(key).or_insert(0);
        let room = *next <= now.saturating_add(self.ahead);
        if room {
            *next = (*next).max(now).saturating_add(self.step);
        }
        room
    }
}
