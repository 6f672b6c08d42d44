//! Against floods: each place in the source that says something may say so many lines in a row, then one a second. What is
//! left out is counted, and the next line that is written says how many.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::{Clock, Ticks};

/// Lines in a row: a change with 50 faults, or the changes that a reload brings, are told of in full.
const ROW: u64 = 64;
/// Microseconds until one more may be written.
const PAUSE: u64 = 1_000_000;

static SUPPRESSED: AtomicU64 = AtomicU64::new(0);

/// Lines that were left out since the start, from everywhere.
pub fn suppressed() -> u64 {
    SUPPRESSED.load(Ordering::Relaxed)
}

/// One place in the source that says something.
#[derive(Debug)]
pub struct Valve {
    /// When all of the row would be there again, in microseconds of [`now`].
    full_at: AtomicU64,
    left_out: AtomicU64,
}

impl Valve {
    /// A whole row is there.
    #[expect(clippy::new_without_default, reason = "made in statics alone")]
    pub const fn new() -> Self {
        Self { full_at: AtomicU64::new(0), left_out: AtomicU64::new(0) }
    }

    /// Whether a line may be written now; if so, how many were left out since the last one.
    pub fn pass(&self) -> Option<u64> {
        self.pass_at(now())
    }

    fn pass_at(&self, now: Ticks) -> Option<u64> {
        let taken = self.full_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_at| {
            let next = full_at.max(now.0) + PAUSE;
            (next <= now.0 + ROW * PAUSE).then_some(next)
        });
        if taken.is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
            SUPPRESSED.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(self.left_out.swap(0, Ordering::Relaxed))
    }
}

/// The process's own time: the log is written from before a gate has a clock until after it has none.
fn now() -> Ticks {
    static CLOCK: OnceLock<Clock> = OnceLock::new();
    CLOCK.get_or_init(Clock::system).ticks()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_becomes_one_line_a_second_that_says_how_many_there_were() {
        let valve = Valve::new();
        let at = |millis: u64| Ticks(5_000_000 + millis * 1000);
        let passed = (0..1000).filter(|_| valve.pass_at(at(0)) == Some(0)).count();
        assert_eq!(passed, 64);
        assert_eq!(valve.pass_at(at(999)), None);
        assert_eq!(valve.pass_at(at(1000)), Some(1000 - 64 + 1));
        assert_eq!(valve.pass_at(at(1000)), None);
        assert_eq!(valve.pass_at(at(2000)), Some(1));
        // Quiet for a minute, and the whole row is there again.
        assert_eq!((0..100).filter(|_| valve.pass_at(at(99_000)).is_some()).count(), 64);
    }
}
