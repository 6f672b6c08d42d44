//! What of the spool is not yet delivered to a sink on the network: it outlives its retention, as long as there is room.

use super::id::RequestId;

/// How far the sink that has least has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Undelivered {
    /// All was delivered, or there is no such sink.
    #[default]
    Nothing,
    /// It is not known yet.
    Unknown,
    /// From this record of an epoch on.
    From(RequestId, u64),
}

impl Undelivered {
    /// Whether what retention is done with may go: a segment of an epoch by its last record. Where the room comes to its
    /// end, it goes in any case.
    pub fn may_go(self, epoch: RequestId, last: u64, crowded: bool) -> bool {
        match self {
            Self::Nothing => true,
            Self::Unknown => crowded,
            Self::From(open, next) => crowded || (epoch, last) < (open, next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UnixMillis;

    #[test]
    fn what_a_sink_lacks_stays_until_the_room_comes_to_its_end() {
        let (old, new) = (RequestId::new(UnixMillis(1_000)), RequestId::new(UnixMillis(2_000)));
        let open = Undelivered::From(new, 100);
        for (epoch, last, goes) in [(old, 5_000, true), (new, 99, true), (new, 100, false), (new, 5_000, false)] {
            assert_eq!(open.may_go(epoch, last, false), goes, "{last}");
            assert!(open.may_go(epoch, last, true) && Undelivered::Nothing.may_go(epoch, last, false));
            assert!(!Undelivered::Unknown.may_go(epoch, last, false));
        }
    }
}
