//! Who may not go on as before: lockout, sanctions, canaries (ID-6, LOG-6, INC-1).

pub mod canary;
mod lockout;
mod reach;
mod sanctions;
mod victims;

use crate::support::{Gate, Record, wait_for};

/// A trail that is kept; sanctions are, beside it.
pub const SPOOL: &str = "audit:\n  spool: { path: \"{dir}/spool\", key: \"{dir}/audit.key\", max: 200MB }\n";

/// A directory with the spool's key.
pub fn home() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("audit.key");
    let key = portcullis::identity::dev::symmetric_key().expect("a key");
    std::fs::write(&path, key.as_bytes()).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("changed");
    home
}

pub fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

/// Waits for so many records of this event; more of them is a failure.
pub fn events(gate: &Gate, event: &str, count: usize) -> Vec<Record> {
    let found = || -> Vec<Record> {
        let all = crate::support::gate::records_of(&gate.trail());
        all.into_iter().filter(|record| record.event() == event).collect()
    };
    let events = wait_for(&format!("{count} of {event}; the log: {}", gate.log()), || {
        let events = found();
        (events.len() >= count).then_some(events)
    });
    assert_eq!(events.len(), count, "{event}: {events:?}");
    events
}

pub fn rule(record: &Record) -> &str {
    record.0["unmapped"]["portcullis"]["rule"].as_str().unwrap_or_default()
}
