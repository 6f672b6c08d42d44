//! Requests that were let through and whose end is not yet recorded, found by reading records back.

use std::collections::HashMap;

use memchr::memmem;

use super::id::RequestId;
use super::ocsf::Aborted;

/// Most that are kept: as many as may be open at once.
const MOST: usize = 65_536;

/// What marks a decision's record. Within a text, the quotes would be escaped.
const DECIDED: &[u8] = b"\"stage\":\"decided\"";
/// What marks the record of an end.
const ENDED: &[u8] = b"\"stage\":\"ended\"";
/// What marks the record of an end that nobody saw.
const ABORTED: &[u8] = b"\"event_code\":\"HTTP.ABORTED\"";
const CORRELATION: &[u8] = b"\"correlation_uid\":\"";
const ID_BYTES: usize = 36;

/// Decisions without an end.
#[derive(Debug, Default)]
pub struct Pending {
    open: HashMap<RequestId, u64>,
}

impl Pending {
    /// Takes note of a record.
    pub fn see(&mut self, sequence: u64, record: &[u8]) {
        let holds = |mark| memmem::find(record, mark).is_some();
        let decided = holds(DECIDED);
        if !decided && !holds(ENDED) && !holds(ABORTED) {
            return;
        }
        let Some(id) = correlation(record) else { return };
        if !decided {
            self.open.remove(&id);
        } else if self.open.len() < MOST {
            self.open.insert(id, sequence);
        }
    }

    /// The decisions, in the order in which they were recorded.
    pub fn take(&mut self) -> Vec<Aborted> {
        // A request's id is made when it begins, of that moment.
        let aborted = |(request, sequence): (RequestId, u64)| Aborted { request, decided: request.time(), sequence };
        let mut open: Vec<_> = self.open.drain().map(aborted).collect();
        open.sort_unstable_by_key(|aborted| aborted.sequence);
        open
    }
}

/// `metadata.correlation_uid`.
fn correlation(record: &[u8]) -> Option<RequestId> {
    let at = memmem::find(record, CORRELATION)? + CORRELATION.len();
    RequestId::parse(str::from_utf8(record.get(at..at + ID_BYTES)?).ok()?)
}
