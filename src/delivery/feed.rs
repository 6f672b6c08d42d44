//! From records to batches: read ahead in slices of bounded size, filtered, and cut where a batch is full.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

use super::block::Slice;
use super::facets::{Facets, logged};
use super::receiver::{Batch, Sent};
use super::source::Source;
use crate::audit::RequestId;
use crate::audit::spool::SpoolFault;
use crate::clock::UnixMillis;
use crate::policy::settings::{BatchBounds, NetworkSink, Only};

/// Looks at the spool before others have their turn, if all that is read is left out.
const MOST_LOOKS: u32 = 16;

/// What a sink gets of all records.
#[derive(Clone, Debug)]
pub struct Filter {
    only: Only,
    one_of: u32,
}

impl Filter {
    /// By the policy.
    pub fn of(sink: &NetworkSink) -> Self {
        Self { only: sink.only.clone(), one_of: sink.sample.map_or(1, NonZeroU32::get) }
    }

    /// Whether the sink gets this one.
    pub fn passes(&self, facets: Facets, line: &[u8]) -> bool {
        facets.passes(&self.only) && !facets.is_left_out(self.one_of, line)
    }
}

/// What one exchange is to carry, and how far the sink has come with it.
#[derive(Debug, Default)]
pub struct Portion {
    /// The records.
    pub batch: Batch,
    /// Their sequence numbers, once they were taken.
    pub sequences: Vec<u64>,
    /// Their epoch.
    pub epoch: Option<RequestId>,
    /// The first sequence number after the portion before this one.
    pub from: u64,
    /// The one after this: what lies between and is not in the batch was left out, or was gone.
    pub to: u64,
    /// What was gone: first and last sequence number.
    pub gaps: Vec<(u64, u64)>,
}

/// Reads ahead of a sink.
pub struct Feed {
    source: Box<dyn Source>,
    filter: Filter,
    bounds: BatchBounds,
    /// What was read and not yet taken, of one epoch.
    ready: Portion,
    /// What was read of the next epoch, while there is something of the one before it.
    stash: Option<Portion>,
    /// The places in a block of what the sink gets of it.
    chosen: Vec<usize>,
    /// When the first record of `ready` was read, and whether one of them is not to wait.
    since: Option<Instant>,
    urgent: bool,
}

impl Feed {
    /// From where `source` stands.
    pub fn new(source: Box<dyn Source>, sink: &NetworkSink) -> Self {
        let (epoch, next) = source.position();
        let ready = Portion { epoch, from: next, to: next, ..Portion::default() };
        Self {
            source,
            filter: Filter::of(sink),
            bounds: sink.batch,
            ready,
            stash: None,
            chosen: Vec::new(),
            since: None,
            urgent: false,
        }
    }

    /// Where records come from.
    pub const fn source(&self) -> &dyn Source {
        &*self.source
    }

    /// Goes elsewhere; what was read is forgotten.
    pub fn seek(&mut self, epoch: Option<RequestId>, next: u64) {
        self.source.seek(epoch, next);
        self.ready = Portion { epoch, from: next, to: next, ..Portion::default() };
        (self.stash, self.since, self.urgent) = (None, None, false);
    }

    /// How far was read.
    pub fn position(&self) -> (Option<RequestId>, u64) {
        self.stash.as_ref().map_or((self.ready.epoch, self.ready.to), |stash| (stash.epoch, stash.to))
    }

    fn is_full(&self) -> bool {
        self.ready.batch.len() >= self.bounds.records || self.ready.batch.bytes() >= self.bounds.bytes
    }

    /// Reads until a batch is full, or there is nothing more for now.
    pub fn fill(&mut self) -> Result<(), SpoolFault> {
        if self.ready.to == self.ready.from
            && let Some(stash) = self.stash.take()
        {
            self.ready = stash;
            self.since = Some(Instant::now());
        }
        for _ in 0..MOST_LOOKS {
            if self.is_full() || self.stash.is_some() || !self.read()? {
                break;
            }
        }
        Ok(())
    }

    /// Reads on; whether there was something.
    fn read(&mut self) -> Result<bool, SpoolFault> {
        let Some(Slice { block, from }) = self.source.read()? else { return Ok(false) };
        let (mut range, mut gaps, mut bytes) = (None::<(u64, u64)>, Vec::new(), 0);
        let mut chosen = std::mem::take(&mut self.chosen);
        chosen.clear();
        for (at, record, facets) in block.from(from) {
            let sequence = record.sequence;
            let first = range.map_or(sequence, |(first, next)| {
                if sequence > next {
                    gaps.push((next, sequence - 1));
                }
                first
            });
            range = Some((first, sequence + 1));
            if self.filter.passes(facets, record.line) {
                self.urgent |= facets.is_urgent();
                bytes += record.line.len();
                chosen.push(at);
            }
        }
        if let Some((first, to)) = range {
            let epoch = block.end().0;
            let portion = self.join(epoch, (first, to), gaps);
            portion.batch.extend(&block, &chosen, bytes);
        }
        self.chosen = chosen;
        if self.since.is_none() && !self.ready.batch.is_empty() {
            self.since = Some(Instant::now());
        }
        Ok(true)
    }

    /// Notes what was read as ready, or aside if it is of another epoch; gives where its records belong.
    fn join(&mut self, epoch: Option<RequestId>, (first, to): (u64, u64), mut gaps: Vec<(u64, u64)>) -> &mut Portion {
        let ready = &mut self.ready;
        // Where it goes on from: the epoch that begins is known from its first record, that of the very first is not.
        let expected = match ready.epoch {
            None => first,
            same if same == epoch => ready.to,
            Some(_) => 1,
        };
        if first > expected {
            gaps.insert(0, (expected, first - 1));
        }
        if ready.epoch == epoch {
            ready.to = to;
            ready.gaps.append(&mut gaps);
            return ready;
        }
        // What was gone at the end of the epoch before this one.
        if let Some(last) = ready.epoch.and_then(|before| self.source.last_of(before)).filter(|last| *last >= ready.to)
        {
            ready.gaps.push((ready.to, last));
            ready.to = last + 1;
        }
        let portion = Portion { epoch, from: expected.min(first), to, gaps, ..Portion::default() };
        if ready.from == ready.to {
            *ready = portion;
            ready
        } else {
            self.stash.insert(portion)
        }
    }

    /// How long what is ready may still wait for more; `None` if there is nothing.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        if self.ready.from == self.ready.to {
            return None;
        }
        // Nothing that would go out: only how far the sink has come is to be noted.
        let Some(since) = self.since else { return Some(Duration::ZERO) };
        let due = self.is_full() || self.stash.is_some() || self.urgent;
        Some(if due { Duration::ZERO } else { (since + self.bounds.time).saturating_duration_since(now) })
    }

    /// When the oldest record was written that is ready.
    pub fn oldest(&self) -> Option<UnixMillis> {
        let first = |portion: &Portion| portion.batch.get(0).and_then(|record| logged(record.line));
        first(&self.ready).or_else(|| self.stash.as_ref().and_then(first))
    }

    /// As much of what is ready as a batch holds.
    pub fn take(&mut self) -> Portion {
        let ready = &mut self.ready;
        let mut bytes = 0;
        let fits = |record: &Sent<'_>| {
            bytes += record.line.len();
            bytes <= self.bounds.bytes
        };
        let count = ready.batch.iter().take(self.bounds.records).take_while(fits).count().max(1);
        let mut left = Portion { epoch: ready.epoch, from: ready.to, to: ready.to, ..Portion::default() };
        if let Some(next) = ready.batch.get(count) {
            let cut = next.sequence;
            left.from = cut;
            (ready.gaps, left.gaps) = ready.gaps.drain(..).partition(|(_, last)| *last < cut);
            left.batch = ready.batch.split_off(count);
            ready.to = cut;
        }
        self.since = (!left.batch.is_empty()).then(Instant::now);
        self.urgent &= !left.batch.is_empty();
        let mut taken = std::mem::replace(&mut self.ready, left);
        taken.sequences = taken.batch.iter().map(|record| record.sequence).collect();
        taken
    }
}
