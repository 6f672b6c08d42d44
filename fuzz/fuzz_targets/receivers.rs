//! What receivers answer, and what is made of records for them: whatever an answer says, no acknowledgement is invented,
//! and no stub is longer than its room.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use portcullis::delivery::receiver::Sent;
use portcullis::delivery::splunk::{Enveloper, open, reply};
use portcullis::delivery::syslog::stub;

fuzz_target!(|data: (u16, u16, &[u8])| {
    let (status, size, bytes) = data;
    let _ = reply(status, bytes, Some(Duration::from_secs(u64::from(size))), usize::from(size));
    let acks = [0, 1, 2, u64::from(size)];
    if let Some(open) = open(&acks, bytes) {
        assert!(open.iter().all(|ack| acks.contains(ack)));
    }
    let mut out = b"before".to_vec();
    if stub(bytes, usize::from(size), &mut out) {
        assert!(out.len() <= 6 + usize::from(size), "longer than its room");
    }
    assert!(out.starts_with(b"before"));
    out.clear();
    let _ = Enveloper::new(Some("audit")).envelope(Sent { sequence: 1, line: bytes }, &mut out);
});
