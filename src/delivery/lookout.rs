//! The priority lane: while a sink lags, what is urgent ahead of it is read out of its turn and given to it first. The
//! order on the disk stays, and so does the sink's cursor: what came first this way comes once more in its turn, so that
//! nothing hangs on the lane.

use super::facets::Facets;
use super::feed::Filter;
use super::receiver::{Batch, Sent};
use super::source::Source;
use crate::audit::RequestId;

/// Bytes of one look ahead.
const SLICE: usize = 256 * 1024;
/// Most records and bytes that are kept at once; with more, the look ahead waits.
const MOST: (usize, usize) = (100, 256 * 1024);

/// Looks ahead of a sink.
pub struct Lookout {
    source: Box<dyn Source>,
    filter: Filter,
    found: Batch,
}

impl Lookout {
    /// From a place on.
    pub fn new(mut source: Box<dyn Source>, filter: Filter, (epoch, next): (Option<RequestId>, u64)) -> Self {
        source.seek(epoch, next);
        Self { source, filter, found: Batch::default() }
    }

    /// Looks ahead by some slices; whether there is more to look at.
    pub fn look(&mut self, slices: u32) -> bool {
        for _ in 0..slices {
            if self.found.len() >= MOST.0 || self.found.bytes() >= MOST.1 {
                return false;
            }
            let (filter, found) = (&self.filter, &mut self.found);
            let read = self.source.read(SLICE, &mut |sequence, line| {
                let facets = Facets::of(line);
                if facets.is_urgent() && filter.passes(facets, line) {
                    found.push(Sent { sequence, line });
                }
            });
            // What cannot be read here is met again, and told of, when its turn comes.
            if !matches!(read, Ok(1..)) {
                return false;
            }
        }
        true
    }

    /// Whether there is something to give over.
    pub fn has_found(&self) -> bool {
        !self.found.is_empty()
    }

    /// What was found, to be given over.
    pub fn take(&mut self) -> Option<Batch> {
        (!self.found.is_empty()).then(|| std::mem::take(&mut self.found))
    }
}
