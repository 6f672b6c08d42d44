//! Requests that were let through and whose end is not yet recorded, found by reading records back.

use std::collections::HashMap;

use memchr::memmem;

use super::id::RequestId;

/// Most that are kept: as many as may be open at once. Older ones are given up first.
const MOST: usize = 65_536;

/// What marks a decision's record. Within a text, the quotes would be escaped.
const DECISION: &[u8] = b"\"phase\":\"decision\"";
/// What marks the record of an end.
const END: &[u8] = b"\"phase\":\"end\"";
const CORRELATION: &[u8] = b"\"correlation_uid\":\"";
const ID_BYTES: usize = 36;

/// Decisions without an end.
#[derive(Debug, Default)]
pub struct Pending {
    open: HashMap<RequestId, Vec<u8>>,
}

impl Pending {
    /// Takes note of a record.
    pub fn see(&mut self, record: &[u8]) {
        let (decision, end) = (memmem::find(record, DECISION).is_some(), memmem::find(record, END).is_some());
        if !decision && !end {
            return;
        }
        let Some(id) = correlation(record) else { return };
        if end {
            self.open.remove(&id);
        } else if self.open.len() < MOST {
            self.open.insert(id, record.to_vec());
        }
    }

    /// The decisions, in the order of their ids, which is that of time.
    pub fn take(&mut self) -> Vec<(RequestId, Vec<u8>)> {
        let mut open: Vec<_> = std::mem::take(&mut self.open).into_iter().collect();
        open.sort_unstable_by_key(|(id, _)| *id);
        open
    }
}

/// `metadata.correlation_uid`.
pub fn correlation(record: &[u8]) -> Option<RequestId> {
    let at = memmem::find(record, CORRELATION)? + CORRELATION.len();
    RequestId::parse(str::from_utf8(record.get(at..at + ID_BYTES)?).ok()?)
}
