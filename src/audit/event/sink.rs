//! What became of records on their way to a sink: OCSF Event Log Activity (1008).

use crate::audit::id::RequestId;
use crate::clock::UnixMillis;
use crate::redact::Name;

/// Something that whoever reads a sink's copy must know of.
#[derive(Clone, Debug)]
pub struct SinkEvent {
    /// `metadata.uid`.
    pub id: RequestId,
    /// `time`.
    pub at: UnixMillis,
    /// The sink's name: `unmapped.portcullis.sink`.
    pub sink: Name,
    /// The epoch that the sequence numbers count in, which need not be that of the record that tells of them:
    /// `unmapped.portcullis.epoch`. None where there are no numbers, or no record yet.
    pub epoch: Option<RequestId>,
    /// What happened.
    pub matter: SinkMatter,
}

/// What a [`SinkEvent`] tells. Causes are stable words of our own source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SinkMatter {
    /// The sink refused records for good, and delivery went on; they stay in the spool: LOG.REJECTED.
    Rejected {
        /// First and last: the same for one record. Of several it may be any.
        sequences: (u64, u64),
        /// How many.
        count: u64,
        /// Why: `unmapped.portcullis.cause`.
        cause: &'static str,
    },
    /// Records were gone from the spool before the sink had them: LOG.UNDELIVERED.
    Undelivered {
        /// First and last.
        sequences: (u64, u64),
    },
    /// By the policy, the sink did not get these: LOG.SAMPLED.
    LeftOut {
        /// Sequence numbers between which they lie.
        sequences: (u64, u64),
        /// How many.
        count: u64,
    },
    /// Somebody had records delivered again: LOG.REPLAY.
    Replayed {
        /// The record that delivery goes on from.
        from: u64,
        /// The record that it had come to.
        before: u64,
    },
    /// The sink's cursor was lost, and is made anew: LOG.CURSOR.
    Rebuilt {
        /// The record that delivery begins with.
        from: u64,
    },
    /// The sink keeps up again after an alarm told that it did not: LOG.DELIVERY.
    Resumed,
}
