//! What is counted of the trail: losses, which gap records tell of, and numbers for metrics.

use std::sync::atomic::Ordering;

use super::ocsf::Gap;
use super::trail::Trail;
use crate::clock::UnixMillis;
use crate::telemetry::metrics::{COMMIT_BOUNDS, Count, Spread};

/// The writer's numbers. It alone writes them; whoever scrapes reads them.
#[derive(Debug)]
pub struct TrailCounts {
    /// Records written, the trail's own included.
    pub written: Count,
    /// Records that the last guard took text from.
    pub withheld: Count,
    /// What commits took.
    pub commits: Spread,
    /// Records that are not durable yet.
    pub lacking: Count,
    /// Bytes of the spool's files; 0 without a spool.
    pub spool_bytes: Count,
    /// Bytes that they may come to.
    pub spool_capacity: Count,
}

impl Default for TrailCounts {
    fn default() -> Self {
        Self {
            written: Count::default(),
            withheld: Count::default(),
            commits: Spread::new(&COMMIT_BOUNDS),
            lacking: Count::default(),
            spool_bytes: Count::default(),
            spool_capacity: Count::default(),
        }
    }
}

/// Records lost before they came to the writer, not yet told of by a gap record.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Losses {
    gap: Option<Gap>,
    /// Since the start, told of or not.
    total: u64,
}

/// What is counted of a trail, at one moment.
pub struct TrailState<'t> {
    /// By its writer.
    pub counts: &'t TrailCounts,
    /// Records lost since the start.
    pub lost: u64,
    /// Places in use: visits in progress, and records in the queue.
    pub held: usize,
    /// Places there are.
    pub bound: usize,
}

impl Losses {
    pub fn add(&mut self, count: u64, at: UnixMillis, cause: &'static str) {
        self.merge(Gap { count, first: at, last: at, cause });
    }

    pub fn merge(&mut self, other: Gap) {
        let gap = self.gap.get_or_insert(Gap { count: 0, ..other });
        gap.count += other.count;
        self.total += other.count;
        gap.first = gap.first.min(other.first);
        gap.last = gap.last.max(other.last);
    }

    pub const fn take(&mut self) -> Option<Gap> {
        self.gap.take()
    }
}

impl Trail {
    /// What is counted of it; `None` where nothing is kept.
    pub fn counts(&self) -> Option<TrailState<'_>> {
        self.0.as_ref().map(|shared| TrailState {
            counts: &shared.counts,
            lost: shared.losses.lock().total,
            held: shared.held.load(Ordering::Relaxed),
            bound: shared.bound,
        })
    }
}
