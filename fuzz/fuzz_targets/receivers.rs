//! What receivers answer, and what is made of records for them: whatever an answer says, no acknowledgement is invented,
//! and no stub is longer than its room.

#![no_main]

use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use libfuzzer_sys::fuzz_target;
use portcullis::clock::UnixMillis;
use portcullis::delivery::http::{Reply, judge};
use portcullis::delivery::receiver::{Answer, Item, Sent};
use portcullis::delivery::splunk::{Enveloper, open, reply};
use portcullis::delivery::syslog::stub;
use portcullis::delivery::{elastic, otlp};
use serde_json::Value;

fuzz_target!(|data: (u16, u16, &[u8])| {
    let (status, size, bytes) = data;
    let _ = reply(status, bytes, Some(Duration::from_secs(u64::from(size))), usize::from(size));
    let acks = [0, 1, 2, u64::from(size)];
    if let Some(open) = open(&acks, bytes) {
        assert!(open.iter().all(|ack| acks.contains(ack)));
    }
    search_engine(bytes, usize::from(size) % 5 + 1);
    collector(status, bytes, usize::from(size));
    let mut out = b"before".to_vec();
    if stub(bytes, usize::from(size), &mut out) {
        assert!(out.len() <= 6 + usize::from(size), "longer than its room");
    }
    assert!(out.starts_with(b"before"));
    out.clear();
    let _ = Enveloper::new(Some("audit")).envelope(Sent { sequence: 1, line: bytes }, &mut out);
});

/// Of a bulk request nothing is taken that the engine does not say it created, or has.
fn search_engine(body: &[u8], records: usize) {
    let taken = match elastic::answer(body, records) {
        Answer::Taken => records,
        Answer::Each(items) => items.iter().filter(|item| **item == Item::Taken).count(),
        _ => return,
    };
    let said: Value = serde_json::from_slice(body).expect("what was read is JSON");
    let items = said["items"].as_array().expect("an array");
    let is_stored = |item: &&Value| {
        let statuses = item.as_object().into_iter().flatten().map(|(_, one)| one["status"].as_u64());
        statuses.flatten().any(|status| matches!(status, 200 | 201 | 409))
    };
    assert!(taken <= items.iter().filter(is_stored).count(), "an acknowledgement that nobody gave");
}

/// A collector's answer, and whatever status it comes with: what is put off is not put off for ever.
fn collector(status: u16, body: &[u8], records: usize) {
    let Ok(status) = StatusCode::from_u16(status % 500 + 100) else { return };
    let mut fields = HeaderMap::new();
    let line = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if let Ok(value) = HeaderValue::from_bytes(line) {
        fields.insert(header::RETRY_AFTER, value);
    }
    let reply = Reply { status, fields, body: Some(body.to_vec().into()) };
    let now = UnixMillis(1_767_225_600_000);
    for answer in [judge(&reply, now), otlp::answer(&reply, records, now)] {
        match answer {
            Answer::Taken => assert!(status.is_success()),
            Answer::Partly { refused, .. } => assert!((1..=records).contains(&refused), "{refused} of {records}"),
            Answer::Later { after: Some(after), .. } => assert!(after <= Duration::from_secs(3600), "{after:?}"),
            _ => {}
        }
    }
}
