//! Lockout over requests of the past: each offender's record is that of the gate.

use std::collections::HashMap;
use std::time::Duration;

use super::lockout::Record;
use crate::clock::Ticks;
use crate::policy::settings::Threshold;

/// Offenders: at some 150 bytes, 150 MB. Failures of further ones do not count.
const MOST: usize = 1_000_000;

/// Failures of all.
#[derive(Default)]
pub struct PastFailures {
    records: HashMap<u64, (Record, Ticks)>,
}

impl PastFailures {
    /// Somebody failed: how long it is locked, if that was one failure too many.
    pub fn fail(&mut self, key: u64, threshold: &Threshold, now: Ticks) -> Option<Duration> {
        if self.records.len() >= MOST && !self.records.contains_key(&key) {
            return None;
        }
        let (record, until) = self.records.entry(key).or_insert_with(|| (Record::remembered(0, now), Ticks(0)));
        let lasts = record.fail(threshold, now)?;
        *until = now.plus(lasts);
        Some(lasts)
    }

    /// Whether somebody is locked.
    pub fn is_locked(&self, key: u64, now: Ticks) -> bool {
        self.records.get(&key).is_some_and(|(_, until)| *until > now)
    }
}
