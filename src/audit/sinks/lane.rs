//! One sink and what it still lacks. A sink that fails keeps nobody else waiting: its lines are kept up to a bound and
//! tried again, and beyond the bound they are counted.

use std::io;
use std::time::Duration;

use super::{EndedFile, Refused, Sink};
use crate::audit::ocsf::Gap;
use crate::clock::{Ticks, UnixMillis};
use crate::telemetry::log;

/// First pause after a failure, in microseconds; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Longest pause: a disk that was cleared is noticed within it.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub struct Lane {
    sink: Box<dyn Sink>,
    backlog: Vec<u8>,
    bound: usize,
    lost: Option<Gap>,
    pause: Duration,
    next_try: Ticks,
}

impl Lane {
    pub fn new(sink: Box<dyn Sink>, bound: usize) -> Self {
        Self { sink, backlog: Vec::new(), bound, lost: None, pause: FIRST_PAUSE, next_try: Ticks(0) }
    }

    /// Writes `batch`, or keeps it: behind what is kept already, if the sink failed before.
    pub fn deliver(&mut self, batch: &[u8], records: u64, now: Ticks, wall: UnixMillis) {
        if !self.backlog.is_empty() {
            self.keep(batch, records, wall);
        } else if let Err(Refused { taken, fault }) = self.sink.write(batch) {
            self.failed(now, &fault);
            let left = &batch[taken..];
            self.keep(left, memchr::memchr_iter(b'\n', left).count() as u64, wall);
        }
    }

    /// Tries to write what was kept, unless the last failure was just now.
    pub fn retry(&mut self, now: Ticks) {
        if self.backlog.is_empty() || now < self.next_try {
            return;
        }
        match self.sink.write(&self.backlog) {
            Ok(()) => {
                // The memory goes back: failures are rare and the backlog may be large.
                self.backlog = Vec::new();
                self.pause = FIRST_PAUSE;
                log::info!("an audit sink works again", sink = self.sink.place());
            }
            Err(Refused { taken, fault }) => {
                self.backlog.drain(..taken);
                self.failed(now, &fault);
            }
        }
    }

    /// Whether the sink took all that it was given.
    pub const fn is_clear(&self) -> bool {
        self.backlog.is_empty()
    }

    /// What was lost, once the sink works again.
    pub const fn take_gap(&mut self) -> Option<Gap> {
        self.lost.take()
    }

    /// A file that the sink has ended, told once.
    pub fn ended(&mut self) -> Option<EndedFile> {
        self.sink.ended()
    }

    /// Lets the next [`Self::retry`] try, however soon.
    pub const fn forget_pause(&mut self) {
        self.next_try = Ticks(0);
    }

    /// Syncs; gives back how many records the sink never got.
    pub fn close(&mut self) -> u64 {
        if let Err(fault) = self.sink.sync() {
            log::error!("an audit sink cannot be synced", sink = self.sink.place(), fault = &fault);
        }
        memchr::memchr_iter(b'\n', &self.backlog).count() as u64 + self.lost.map_or(0, |gap| gap.count)
    }

    fn failed(&mut self, now: Ticks, fault: &io::Error) {
        // Once for each failure, not for each try.
        if self.pause == FIRST_PAUSE {
            log::error!("an audit sink cannot be written to", sink = self.sink.place(), fault = fault);
        }
        self.next_try = now.plus(self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    /// Keeps `lines` for later. The first refused batch is always kept, for the sink may have part of its first line;
    /// once a batch did not fit, none is kept, so that what is missing is one piece.
    fn keep(&mut self, lines: &[u8], records: u64, wall: UnixMillis) {
        let fits = self.backlog.is_empty() || self.backlog.len() + lines.len() <= self.bound;
        if fits && self.lost.is_none() {
            self.backlog.extend_from_slice(lines);
            return;
        }
        let gap =
            self.lost.get_or_insert(Gap { count: 0, first: wall, last: wall, cause: "a sink could not be written to" });
        gap.count += records;
        gap.last = wall;
    }
}
