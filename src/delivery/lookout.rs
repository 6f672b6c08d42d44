//! The priority lane: while a sink lags, what is urgent ahead of it is read out of its turn and given to it first. The
//! order on the disk stays, and so does the sink's cursor: what came first this way comes once more in its turn, so that
//! nothing hangs on the lane.

use super::block::Slice;
use super::feed::Filter;
use super::receiver::Batch;
use super::source::Source;
use crate::audit::RequestId;

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
            // What cannot be read here is met again, and told of, when its turn comes.
            let Ok(Some(Slice { block, from })) = self.source.read() else { return false };
            for (_, record, facets) in block.from(from) {
                // Copied, since they are few: a block is not to be held for one of its records.
                if facets.is_urgent() && self.filter.passes(facets, record.line) {
                    self.found.push(record);
                }
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
