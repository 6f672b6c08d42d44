//! A real rsyslogd with the shipped configuration, killed and started again while it is sent to: every record comes at
//! least once, no field forges one, and the copy is verified on its own.

use std::collections::BTreeSet;
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use portcullis::audit::ocsf::{Own, Recovered, Scribe, Tally};
use portcullis::audit::{Access, Event};
use portcullis::clock::{Clock, UnixMillis};
use portcullis::delivery::syslog::Syslog;
use portcullis::delivery::{Answer, Batch, Receiver as _, Sent, Tools};
use portcullis::policy::http_address::{HttpPlace, Origin};
use portcullis::policy::settings::{CertificateFiles, RewindSettings, SyslogSettings};
use portcullis::redact::{Name, Redacted};
use serde_json::Value;

use crate::ocsf::{access, producer};
use crate::support::pki::{Authority, Leaf};
use crate::support::rsyslog::Rsyslog;

const NOW: UnixMillis = UnixMillis(1_767_225_600_000);

pub fn tools() -> Tools {
    Tools {
        provider: Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
        clock: Clock::system(),
        instance: Name::configured("gate-0").unwrap(),
    }
}

pub fn settings(rsyslog: &Rsyslog) -> SyslogSettings {
    let origin = Origin { host: "127.0.0.1".to_owned(), port: rsyslog.address().port() };
    SyslogSettings {
        ca: Some(rsyslog.path("ca.pem")),
        client: Some(CertificateFiles { certificate: rsyslog.path("client.pem"), key: rsyslog.path("client.key") }),
        timeout: Duration::from_secs(5),
        ..SyslogSettings::to(HttpPlace::Tls(origin))
    }
}

/// A trail of so many records, every tenth of them longer than a frame may be, and full of what would be a frame or a line
/// if it were not held in its field.
fn trail(count: u64) -> Vec<Vec<u8>> {
    let forged =
        "\n231 <106>1 2026-01-01T00:00:00.000Z gate-0 portcullis 1 HTTP.ALLOW - {\"metadata\":{\"sequence\":9}}\n";
    let long = Redacted::literal(forged.repeat(120).leak());
    let mut scribe = Scribe::new(producer());
    let mut lines = Vec::new();
    let mut line = Vec::new();
    let mut take = |line: &mut Vec<u8>| {
        line.pop();
        lines.push(std::mem::take(line));
    };
    scribe.own(&Own::Start(Recovered::NEW), NOW, &mut line);
    take(&mut line);
    for number in 2..count {
        let mut access = Access { bytes_in: number, ..access() };
        if number % 10 == 0 {
            access.query = [(Name::configured("q").unwrap(), long.clone())].into_iter().collect();
        }
        scribe.event(&Event::Access(Box::new(access)), NOW, &mut line);
        take(&mut line);
    }
    scribe.own(&Own::Stop(Tally::default()), NOW, &mut line);
    take(&mut line);
    lines
}

/// What the engine does with answers, without its patience.
async fn feed(syslog: &mut Syslog, lines: &[Vec<u8>], mut each: impl FnMut(usize, &Answer)) -> Vec<usize> {
    let (mut cursor, mut again) = (0, Vec::new());
    while cursor < lines.len() {
        let mut batch = Batch::default();
        for (line, sequence) in lines.iter().zip(1u64..).skip(cursor).take(50) {
            batch.push(Sent { sequence, line });
        }
        let answer = syslog.deliver(&batch).await;
        each(cursor, &answer);
        match answer {
            Answer::Taken => cursor += batch.len(),
            Answer::Again { records, .. } => {
                let before = cursor;
                cursor = cursor.saturating_sub(usize::try_from(records).unwrap());
                again.push(before - cursor);
            }
            Answer::Later { .. } => tokio::time::sleep(Duration::from_millis(20)).await,
            other => panic!("{other:?}"),
        }
    }
    again
}

fn sequences(copy: &str) -> BTreeSet<u64> {
    copy.lines()
        .map(|line| {
            let record: Value = serde_json::from_str(line).unwrap_or_else(|fault| panic!("{fault}: {line}"));
            assert_eq!(record["metadata"]["log_name"], "gate-0/019b76da-a800-7000-8000-0000000000e0");
            record["metadata"]["sequence"].as_u64().unwrap()
        })
        .collect()
}

pub fn verify(paths: &[&std::path::Path]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_portcullis")).arg("verify").args(paths).output().unwrap();
    (status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn every_record_comes_at_least_once_whatever_becomes_of_the_receiver() {
    let Some(mut rsyslog) = Rsyslog::start() else { return };
    let lines = trail(6_000);
    let mut syslog = Syslog::load(&settings(&rsyslog), &tools()).unwrap();
    let again = runtime().block_on(async {
        let mut due = [900usize, 2_000, 3_300, 4_500].into_iter().peekable();
        let again = feed(&mut syslog, &lines, |cursor, answer| {
            if *answer == Answer::Taken && due.next_if(|due| *due <= cursor).is_some() {
                rsyslog.kill();
                thread::sleep(Duration::from_millis(30));
                rsyslog.run();
            }
        })
        .await;
        syslog.close().await;
        again
    });
    // Once for the start, and once for each time that it was killed.
    assert_eq!(again.len(), 5);
    let copy = rsyslog.records();
    assert_eq!(sequences(&copy), (1..=6_000).collect());
    // Only what was sent again is there twice.
    assert!(copy.lines().count() <= 6_000 + again.iter().sum::<usize>() + 5 * 50, "{}", copy.lines().count());
    for (line, original) in copy.lines().filter_map(|line| {
        let record: Value = serde_json::from_str(line).unwrap();
        let stub = record["metadata"]["is_truncated"] == true;
        let at = usize::try_from(record["metadata"]["sequence"].as_u64().unwrap()).unwrap() - 1;
        assert_eq!(stub, at % 10 == 9 && at != 5_999);
        (!stub).then(|| (line, &lines[at]))
    }) {
        assert_eq!(line.as_bytes(), original);
    }
    let (code, said) = verify(&[&rsyslog.path("records.jsonl")]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("of 599 records there is only a stub"), "{said}");
    rsyslog.terminate();
    // The connection ended in order.
    let said = rsyslog.says();
    assert!(!said.contains("error"), "{said}");
}

#[test]
fn a_stub_that_was_changed_is_found() {
    let Some(mut rsyslog) = Rsyslog::start() else { return };
    let mut syslog = Syslog::load(&settings(&rsyslog), &tools()).unwrap();
    let lines = trail(60);
    runtime().block_on(async {
        feed(&mut syslog, &lines, |_, _| {}).await;
        syslog.close().await;
    });
    rsyslog.terminate();
    let copy = rsyslog.records();
    let stub = copy.lines().find(|line| line.contains("\"is_truncated\":true")).unwrap();
    let other = rsyslog.path("changed.jsonl");
    let changed = |line: String| {
        std::fs::write(&other, copy.replace(stub, &line)).unwrap();
        verify(&[&other]).0
    };
    assert_eq!(changed(stub.to_owned()), Some(0));
    let leaf = stub.find("\"leaf\":\"").unwrap() + 8;
    let flipped = if stub.as_bytes()[leaf] == b'0' { "1" } else { "0" };
    let mut other_leaf = stub.to_owned();
    other_leaf.replace_range(leaf..=leaf, flipped);
    assert_eq!(changed(other_leaf), Some(1), "another leaf");
    let size = stub.find("\"untruncated_size\":").unwrap() + 19;
    let mut small = stub.to_owned();
    small.replace_range(size..size + 4, "");
    assert_eq!(changed(small), Some(1), "a size that would have fitted");
    assert_eq!(changed(stub.replace("\"HTTP.ALLOW\"", "\"PROC.STOP\"")), Some(1), "a record that is never cut");
    // Written anew by a SIEM, with white space and in another order.
    let rewritten: Value = serde_json::from_str(stub).unwrap();
    assert_eq!(changed(serde_json::json!({ "_source": rewritten }).to_string()), Some(0));
}

#[test]
fn a_receiver_that_is_not_the_right_one_gets_nothing() {
    let Some(rsyslog) = Rsyslog::start() else { return };
    let lines = trail(3);
    let mut batch = Batch::default();
    batch.push(Sent { sequence: 1, line: &lines[0] });
    let other = Authority::new("Somebody else");
    let files = crate::support::pki::Files::new();
    files.write("ca.pem", &other.pem);
    let (certificate, key) = files.person("client", &other.issue(&Leaf::client(&["spiffe://seller/gate"])));
    let usual = settings(&rsyslog);
    let strange = CertificateFiles { certificate: certificate.into(), key: key.into() };
    let wrong = [
        (SyslogSettings { ca: Some(files.path("ca.pem")), ..usual.clone() }, "tls"),
        (SyslogSettings { server_name: Some("other.example".to_owned()), ..usual.clone() }, "tls"),
    ];
    runtime().block_on(async {
        for (settings, cause) in wrong {
            let mut syslog = Syslog::load(&settings, &tools()).unwrap();
            assert_eq!(syslog.deliver(&batch).await, Answer::Misconfigured { cause });
        }
        // rsyslogd closes without an alert; whoever may not speak to it is told nothing, and nothing counts as sent.
        for client in [None, Some(strange)] {
            let mut syslog = Syslog::load(&SyslogSettings { client, ..usual.clone() }, &tools()).unwrap();
            for _ in 0..3 {
                let answer = syslog.deliver(&batch).await;
                assert!(matches!(answer, Answer::Later { .. } | Answer::Misconfigured { .. }), "{answer:?}");
            }
        }
        let named = SyslogSettings { server_name: Some("siem.example".to_owned()), ..usual.clone() };
        let none = RewindSettings { records: 0, time: Duration::ZERO };
        let mut syslog = Syslog::load(&SyslogSettings { rewind: none, ..named }, &tools()).unwrap();
        assert_eq!(syslog.deliver(&batch).await, Answer::Taken);
        syslog.close().await;
    });
    assert_eq!(sequences(&rsyslog.records()), BTreeSet::from([1]));
}
