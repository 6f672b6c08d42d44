//! Sinks on the network, seen from their receivers: every record at least once, whatever fails on the way (LOG-7), and no
//! request waits for them.

mod command;
mod ending;
mod faults;
mod lag;
mod purged;
mod syslog;
mod webhook;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use portcullis::audit::spool::{self, State, WrappingKey};
use portcullis::identity::dev;
use tempfile::TempDir;

use crate::support::siem::Siem;
use crate::support::{Gate, Person, Policy, Upstream, wait_for};

/// A request to a route without personal data, and one to a route with it.
pub const OPEN: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";
pub const PERSONAL: &str = "GET /orders/1/address HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A spool, and what signs it, for `audit:`.
pub const SPOOL: &str = "audit:\n  spool: { path: \"{dir}/spool\", key: \"{dir}/audit.key\" }\n  signing_key: \
                     \"{dir}/sign.key\"\n";

/// A directory with the keys of a spool.
pub fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in [("audit.key", dev::symmetric_key()), ("sign.key", dev::ed25519_key())] {
        private(&home.path().join(name), text.expect("a key").as_str());
    }
    home
}

/// Writes a file that nobody else may read.
pub fn private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// The standard policy with a spool and one more sink.
pub fn policy(app: &Upstream, sink: &str) -> Policy {
    Policy::new(app).swap("audit:\n", SPOOL).sink(sink)
}

/// Requests, half of them with personal data.
pub fn ask(gate: &Gate, count: usize) {
    let mut client = gate.connect_as(&Person::picker());
    for number in 0..count {
        let answer = client.ask(if number % 2 == 0 { OPEN } else { PERSONAL });
        assert_eq!(answer.status, 200);
    }
}

/// The sequence numbers of all records of the spool.
pub fn in_spool(home: &Path) -> BTreeSet<u64> {
    let key = WrappingKey::load(&home.join("audit.key")).unwrap();
    let mut all = BTreeSet::new();
    for directory in spool::chains(&home.join("spool")).unwrap() {
        for segment in spool::segments(&directory).unwrap() {
            segment.records(&key, |sequence, _| _ = all.insert(sequence)).unwrap();
        }
    }
    all
}

/// The event codes of all records of the spool, in their order.
pub fn codes_in_spool(home: &Path) -> Vec<String> {
    let key = WrappingKey::load(&home.join("audit.key")).unwrap();
    let mut all = Vec::new();
    for directory in spool::chains(&home.join("spool")).unwrap() {
        for segment in spool::segments(&directory).unwrap().iter().filter(|segment| segment.state != State::Gone) {
            let read = segment.records(&key, |_, line| {
                let record: serde_json::Value = serde_json::from_slice(line).unwrap();
                all.push(record["metadata"]["event_code"].as_str().unwrap().to_owned());
            });
            // It may be removed while it is read.
            drop(read);
        }
    }
    all
}

/// Waits until a receiver has every record that the spool has.
pub fn wait_for_all(home: &Path, siem: &Siem) {
    wait_for("every record comes", || {
        let came: BTreeSet<u64> = siem.sequences().into_iter().collect();
        in_spool(home).is_subset(&came).then_some(())
    });
}

/// What `portcullis verify` makes of a copy, with its exit code.
pub fn verified(lines: &[String], more: &[&str]) -> (Option<i32>, String) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("copy.jsonl");
    std::fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_portcullis")).arg("verify").arg(&path).args(more).output().unwrap();
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
    )
}
