//! What was sent and may not have arrived.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::Ticks;
use crate::policy::settings::RewindSettings;

/// Batches that are remembered one by one; older ones are counted together with their neighbour.
const MOST_BATCHES: usize = 1024;

/// The last records of a connection: at least so many, and all of the last seconds.
#[derive(Debug)]
pub struct Unsure {
    settings: RewindSettings,
    /// When a batch was written, and how many records it had; the oldest first.
    batches: VecDeque<(Ticks, u64)>,
}

impl Unsure {
    pub fn new(settings: RewindSettings) -> Self {
        Self { settings, batches: VecDeque::new() }
    }

    /// How many records are given again, whenever they were sent.
    pub fn window(&self) -> u64 {
        self.settings.records.min(RewindSettings::MOST_RECORDS)
    }

    /// A connection begins: what was sent before it has been given again, or is beyond doubt.
    pub fn begin(&mut self) {
        self.batches.clear();
    }

    /// So many records were written.
    pub fn sent(&mut self, records: u64, now: Ticks) {
        if self.batches.len() == MOST_BATCHES
            && let Some((_, oldest)) = self.batches.pop_front()
            && let Some((_, next)) = self.batches.front_mut()
        {
            *next += oldest;
        }
        self.batches.push_back((now, records));
        self.forget(now);
    }

    /// The connection broke: how many records before now are to be given again.
    pub fn take(&mut self, now: Ticks) -> u64 {
        self.forget(now);
        let records: u64 = self.batches.drain(..).map(|(_, records)| records).sum();
        // The oldest batch may reach beyond the window, which is no harm, and beyond the bound, which is.
        records.min(RewindSettings::MOST_RECORDS)
    }

    /// Forgets batches that are both old and before enough others.
    fn forget(&mut self, now: Ticks) {
        let mut after: u64 = self.batches.iter().map(|(_, records)| records).sum();
        while let Some((at, records)) = self.batches.front().copied() {
            after -= records;
            let young = Duration::from_micros(now.since(at)) <= self.settings.time;
            let needed = after < self.window() || (young && after < RewindSettings::MOST_RECORDS);
            if needed {
                break;
            }
            self.batches.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Ticks {
        Ticks(seconds * 1_000_000)
    }

    #[test]
    fn the_last_records_and_the_last_seconds_are_given_again() {
        let mut unsure = Unsure::new(RewindSettings { records: 100, time: Duration::from_secs(2) });
        for second in 0..60 {
            unsure.sent(10, seconds(second));
        }
        assert_eq!(unsure.take(seconds(60)), 100);
        assert_eq!(unsure.take(seconds(60)), 0, "what was given again once is not in doubt any more");
        for _ in 0..60 {
            unsure.sent(10, seconds(61));
        }
        assert_eq!(unsure.take(seconds(62)), 600);
        unsure.sent(7, seconds(70));
        assert_eq!(unsure.take(seconds(99)), 7, "no more than the connection has carried");
        unsure.sent(7, seconds(100));
        unsure.begin();
        assert_eq!(unsure.take(seconds(100)), 0);
    }

    #[test]
    fn the_window_has_a_bound() {
        let mut unsure = Unsure::new(RewindSettings { records: u64::MAX, time: Duration::from_secs(3600) });
        for _ in 0..10_000 {
            unsure.sent(500, seconds(1));
        }
        assert!(unsure.batches.len() <= MOST_BATCHES);
        assert_eq!(unsure.take(seconds(1)), RewindSettings::MOST_RECORDS);
    }
}
