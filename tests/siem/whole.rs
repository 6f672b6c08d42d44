//! The gate with its sinks: from a client's request to the SIEM's copy.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::Duration;

use portcullis::identity::dev;
use serde_json::Value;
use tempfile::TempDir;

use super::rsyslog::verify;
use crate::support::hec::{Hec, Next, TOKEN};
use crate::support::pki::{Authority, Files, Leaf};
use crate::support::rsyslog::Rsyslog;
use crate::support::{Gate, Person, Policy, Upstream, answer, wait_for};

const SPOOL: &str = "audit:\n  spool: { path: \"{dir}/spool\", key: \"{dir}/audit.key\", max: 200MB }\n  \
                     signing_key: \"{dir}/sign.key\"\n";
pub const OPEN: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";
const PERSONAL: &str = "GET /orders/1/address?page=2 HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// Parameters that a route may log.
const NAMES: [&str; 16] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"];

/// A directory with the keys of a spool.
pub fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in [("audit.key", dev::symmetric_key()), ("sign.key", dev::ed25519_key())] {
        let path = home.path().join(name);
        fs::write(&path, text.unwrap().as_bytes()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    home
}

/// A policy with a spool, a file that all records are read from, and a sink; a route whose parameters are all logged, and
/// roles with names as long as they may be, all of which one caller has.
pub fn policy(app: &Upstream, sink: &str) -> Policy {
    let roles: String = (0..60)
        .map(|number| {
            format!("  \"{}{number}\": {{ members: [\"cert:spiffe://seller/picker\"] }}\n", "role-".repeat(40))
        })
        .collect();
    Policy::new(app)
        .swap("audit:\n", SPOOL)
        .swap("routes:\n", &format!("{roles}routes:\n"))
        .route(&format!("{{ name: search, path: /search, allow: [anyone], log: {{ query: [{}] }} }}", NAMES.join(", ")))
        .sink(sink)
}

/// A request with the longest parameters that pass: quotes and line breaks, of which each becomes two bytes or more, and
/// in which a frame and a record are hidden.
pub fn long_request() -> String {
    let forged = "%0A%3C106%3E1+-+gate+portcullis+1+HTTP.ALLOW+-+%7B%22metadata%22%3A%7B%22sequence%22%3A9%7D%7D%0A";
    let query: Vec<_> = NAMES.iter().map(|name| format!("{name}={}{}", forged, "%22%0A".repeat(40))).collect();
    format!("GET /search?{} HTTP/1.1\r\nHost: localhost\r\n\r\n", query.join("&"))
}

pub fn sequences(copy: &str) -> BTreeSet<u64> {
    let number = |line: &str| {
        let record: Value = serde_json::from_str(line).unwrap_or_else(|fault| panic!("{fault}: {line}"));
        record["metadata"]["sequence"].as_u64().unwrap()
    };
    // A line that is being written is not there yet.
    let whole = copy.rfind('\n').map_or("", |end| &copy[..end]);
    whole.lines().map(number).collect()
}

#[test]
fn rsyslog_has_every_record_of_a_gate_that_serves_while_it_is_killed() {
    let Some(mut rsyslog) = Rsyslog::start() else { return };
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start_in(home(), &policy(&app, &rsyslog.sink()));
    let (mut anybody, mut picker) = (gate.connect(), gate.connect_as(&Person::picker()));
    for round in 0..4 {
        for number in 0..60 {
            assert_eq!(anybody.ask(OPEN).status, 200, "no request waits for a sink");
            if number % 10 == 0 {
                assert_eq!(picker.ask(PERSONAL).status, 200);
                assert_eq!(anybody.ask(long_request()).status, 200);
            }
        }
        let so_far = sequences(&gate.trail()).len();
        if round < 3 {
            wait_for("some of it", || (sequences(&rsyslog.records()).len() > so_far / 2).then_some(()));
            rsyslog.kill();
            anybody.ask(OPEN);
            thread::sleep(Duration::from_millis(20));
            rsyslog.run();
        }
    }
    // Whatever was lost with the last connection is sent again with the next record or at the end.
    anybody.ask(OPEN);
    let said = gate.log();
    let stopped = gate.stop();
    let all = sequences(&stopped.trail);
    let lacks = || all.difference(&sequences(&rsyslog.records())).copied().collect::<Vec<_>>();
    wait_for(&format!("all of {}; it lacks {:?}: {said}{}", all.len(), lacks(), stopped.log), || {
        lacks().is_empty().then_some(())
    });
    assert_eq!(all, (1..=all.len() as u64).collect());
    let copy = rsyslog.records();
    assert!(sequences(&copy).is_subset(&all), "a record that nobody wrote");
    let stubs = copy.lines().filter(|line| line.contains("\"is_truncated\":true")).count();
    assert!(stubs > 0, "the longest records are longer than a frame");
    let (code, said) = verify(&[&rsyslog.path("records.jsonl")]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("there is only a stub"), "{said}");
}

#[test]
fn splunk_has_every_record_whatever_its_collector_says() {
    let (files, authority) = (Files::new(), Authority::new("Authority of the SIEM"));
    let (ca, token) = (files.write("ca.pem", &authority.pem), files.write("hec.token", TOKEN));
    let hec = Hec::start(&authority.issue(&Leaf::server(&["127.0.0.1"])), true);
    hec.index("audit");
    hec.then([
        Next::Refuse(503, 9, None),
        Next::Refuse(429, 26, Some("1")),
        Next::HalfClosed,
        Next::Strange(502, "<html>"),
    ]);
    let sink = format!(
        "splunk: {{ url: \"https://{}\", token_file: \"{token}\", ca: \"{ca}\", compression: gzip, index: audit, acks: \
         true }}",
        hec.address
    );
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start_in(home(), &policy(&app, &sink));
    let mut anybody = gate.connect();
    for number in 0..50 {
        assert_eq!(anybody.ask(&if number % 10 == 0 { long_request() } else { OPEN.to_owned() }).status, 200);
    }
    wait_for(&format!("what was asked: {}", gate.log()), || (hec.indexed().len() >= 51).then_some(()));
    let stopped = gate.stop();
    let all = sequences(&stopped.trail);
    let had: BTreeSet<u64> = hec.indexed().into_iter().collect();
    assert!(had.is_subset(&all) && had.len() >= 51, "{had:?}");
    hec.assert_kept();
    // Written as Splunk exports them: one event a line.
    let state = hec.state.lock().unwrap();
    let copy: String = state.indexed.iter().map(|(_, event)| format!("{event}\n")).collect();
    let path = files.write("copy.jsonl", &copy);
    let (code, said) = verify(&[path.as_ref()]);
    assert_eq!(code, Some(0), "{said}");
    stopped.assert_never_said(TOKEN);
}
