//! The trail when its sinks fail, and the account of records when clients misbehave (LOG-1, LOG-3).

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::Request;

use crate::support::flow::{self, piece, read_chunked, send, send_when_room};
use crate::support::gate::records_of;
use crate::support::http2::Http2;
use crate::support::{Client, Gate, Person, Policy, Record, Upstream, answer, wait_for};

const OPEN: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";
const PERSONAL: &str = "GET /orders/1/address HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Puts a full disk where the records go.
fn fill(gate: &Gate, kept: &Path) {
    let path = gate.directory().join("audit.jsonl");
    // Made beside and moved over: at no moment is there no file.
    let full = gate.directory().join("full");
    symlink("/dev/full", &full).expect("a link");
    fs::hard_link(&path, kept).expect("a link");
    fs::rename(full, path).expect("moved");
}

/// Asks until the answer has this status.
fn ask_until(client: &mut Client, request: &str, status: u16) -> usize {
    let mut asked = 0;
    wait_for(&format!("status {status}"), || {
        asked += 1;
        (client.ask(request).status == status).then_some(asked)
    })
}

fn sequence(record: &Record) -> u64 {
    record.0["metadata"]["sequence"].as_u64().expect("a number")
}

#[test]
fn audit_that_fails_closes_routes_of_personal_data_until_it_works_again_and_loses_nothing() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect_as(&Person::picker());
    assert_eq!(client.ask(PERSONAL).status, 200);
    gate.only_record();
    let kept = gate.directory().join("audit.1.jsonl");
    fill(&gate, &kept);
    // The first records after the fault find it out.
    let mut asked = 1 + ask_until(&mut client, PERSONAL, 503);
    let answer = client.ask(PERSONAL);
    assert_eq!((answer.status, answer.incident().is_empty()), (503, false));
    let calls = app.requests().len();
    assert_eq!(client.ask(OPEN).status, 200, "other routes go on");
    app.requests_when(calls + 1);
    asked += 2;
    fs::remove_file(gate.directory().join("audit.jsonl")).expect("removed");
    asked += ask_until(&mut client, PERSONAL, 200);
    gate.records_when("a record after the fault", |records| !records.is_empty());
    let before = records_of(&fs::read_to_string(&kept).expect("the old file"));
    let stopped = gate.stop();
    assert!(stopped.log.contains("an audit sink cannot be written to"), "{}", stopped.log);
    assert!(stopped.log.contains("an audit sink works again"), "{}", stopped.log);
    let all: Vec<_> = before.iter().chain(&stopped.records).collect();
    assert_eq!(all.iter().filter(|record| record.is_end()).count(), asked, "each request has its record");
    let numbers: Vec<_> = all.iter().map(|record| sequence(record)).collect();
    assert_eq!(numbers, (1..=all.len() as u64).collect::<Vec<_>>(), "none is missing, none is there twice");
}

#[test]
fn audit_of_two_sinks_survives_one() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).swap("{dir}/audit.jsonl", "/dev/full").top("    - stdout"));
    for _ in 0..5 {
        assert_eq!(gate.connect().ask(OPEN).status, 200);
    }
    let answer = gate.connect_as(&Person::picker()).ask(PERSONAL);
    assert_eq!(answer.status, 503, "the one that works is not enough where nothing may be lost");
    let stopped = gate.stop();
    assert!(stopped.status.success(), "{}", stopped.log);
    assert!(stopped.log.contains("records were lost"), "{}", stopped.log);
    let records = records_of(&stopped.output);
    let codes: Vec<_> = records.iter().filter(|record| record.is_end()).map(Record::code).collect();
    assert_eq!(codes, ["allowed", "allowed", "allowed", "allowed", "allowed", "audit_unavailable"]);
}

#[test]
fn audit_that_cannot_be_opened_stops_the_start() {
    let app = Upstream::start(answer("hello"));
    for path in ["/proc/nowhere/audit.jsonl", "/"] {
        let (status, said) = Gate::refuses_to_start(&Policy::new(&app).swap("{dir}/audit.jsonl", path));
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(said.contains(path), "{said}");
    }
}

#[test]
fn audit_file_is_nobody_elses() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    gate.connect().ask(OPEN);
    gate.only_record();
    let mode = fs::metadata(gate.directory().join("audit.jsonl")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777 & !0o640, 0, "{mode:o}");
}

#[test]
fn audit_that_fails_for_long_tells_how_much_was_lost() {
    const THREADS: usize = 2;
    const EACH: usize = 16_000;
    const AT_ONCE: usize = 100;
    let gate = Gate::start(&Policy::at("http://127.0.0.1:9"));
    let kept = gate.directory().join("audit.1.jsonl");
    fill(&gate, &kept);
    // More records than are kept for a sink that fails. Refused ones cost least.
    let refused = "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(AT_ONCE);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut client = gate.connect();
                for _ in 0..EACH / AT_ONCE {
                    client.send(&refused);
                    assert!((0..AT_ONCE).all(|_| client.answer().is_some_and(|answer| answer.status == 403)));
                }
            });
        }
    });
    fs::remove_file(gate.directory().join("audit.jsonl")).expect("removed");
    wait_for("a gap record", || gate.trail().contains("LOG.GAP").then_some(()));
    let stopped = gate.stop();
    let gaps: Vec<_> = stopped.records.iter().filter(|record| record.event() == "LOG.GAP").collect();
    let lost: u64 = gaps.iter().map(|gap| gap.0["count"].as_u64().expect("a number")).sum();
    let told = stopped.ends().len() as u64 + lost;
    assert!(lost > 0);
    assert_eq!(told, (THREADS * EACH) as u64, "{lost} lost");
    let tally = &stopped.records.last().expect("a stop").0["unmapped"]["portcullis"];
    assert_eq!(tally["records_lost"].as_u64(), Some(lost), "{tally}");
    let numbers: Vec<_> = stopped.records.iter().map(sequence).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next), "never twice, never back");
}

/// An app that sums up what it is sent, and gives a long answer where it is asked for one.
fn app() -> String {
    flow::app(|head, stream| {
        let mut length = 0;
        if head.to_ascii_lowercase().contains("transfer-encoding") {
            let Some(()) = read_chunked(stream, |piece| length += piece.len()) else { return false };
        }
        if head.starts_with("GET /open/long") {
            return send(stream, "HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
                && (0..5000).all(|_| send(stream, [7; 10_000]));
        }
        send(stream, format!("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{length:08}"))
    })
}

fn post(path: &str) -> Request<()> {
    Request::post(format!("https://localhost{path}")).body(()).expect("a request")
}

/// One stream of a kind, which has reached the gate when this returns.
async fn play(client: &Http2, kind: u64, held: &mut Vec<h2::SendStream<Bytes>>) -> usize {
    let get = |path: &str| Request::get(format!("https://localhost{path}")).body(()).expect("a request");
    let mut send = client.sender().ready().await.expect("ready");
    match kind % 6 {
        0 => {
            send.send_request(get("/open"), true).expect("a stream").0.await.expect("an answer");
            1
        }
        1 => {
            send.send_request(get("/admin/x"), true).expect("a stream").0.await.expect("a refusal");
            1
        }
        2 => {
            let (answer, mut body) = send.send_request(post("/open"), false).expect("a stream");
            assert!(send_when_room(&mut body, Bytes::from(vec![7; 100_000])).await);
            body.send_data(Bytes::new(), true).expect("an end");
            answer.await.expect("an answer");
            1
        }
        3 => {
            // An upload that is reset: a whole exchange after its begin shows that the gate has seen it.
            let (_answer, mut body) = send.send_request(post("/open"), false).expect("a stream");
            assert!(send_when_room(&mut body, Bytes::from_static(&[7; 1000])).await);
            let mut send = client.sender().ready().await.expect("ready");
            send.send_request(get("/open"), true).expect("a stream").0.await.expect("an answer");
            body.send_reset(h2::Reason::CANCEL);
            2
        }
        4 => {
            // A download that is left in the middle.
            let answer = send.send_request(get("/open/long"), true).expect("a stream").0.await.expect("an answer");
            piece(&mut answer.into_body()).await.expect("a piece").expect("no error");
            1
        }
        _ => {
            // An upload that is open when the connection ends.
            let (answer, mut body) = send.send_request(post("/open"), false).expect("a stream");
            assert!(send_when_room(&mut body, Bytes::from_static(&[7; 1000])).await);
            let mut send = client.sender().ready().await.expect("ready");
            send.send_request(get("/admin/x"), true).expect("a stream").0.await.expect("a refusal");
            drop(answer);
            held.push(body);
            2
        }
    }
}

#[test]
fn audit_has_one_record_for_each_stream_however_it_ends() {
    let gate = Gate::start(&Policy::at(&app()));
    let expected = Arc::new(AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for seed in 1..=4_u64 {
            let (gate, expected) = (&gate, &expected);
            scope.spawn(move || {
                let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                for _ in 0..4 {
                    let client = Http2::connect(gate, None);
                    let mut held = Vec::new();
                    let streams = client.run(async {
                        let mut streams = 0;
                        for _ in 0..12 {
                            state ^= state << 13;
                            state ^= state >> 7;
                            state ^= state << 17;
                            streams += play(&client, state, &mut held).await;
                        }
                        streams
                    });
                    expected.fetch_add(streams, Ordering::SeqCst);
                }
            });
        }
    });
    let expected = expected.load(Ordering::SeqCst);
    gate.records_when("all records", |records| records.len() >= expected);
    let stopped = gate.stop();
    assert!(stopped.status.success());
    let connections = stopped.ends().iter().filter(|record| record.is_connection()).count();
    assert_eq!((stopped.ends().len(), connections), (expected, 0));
    let tally = &stopped.records.last().expect("a stop").0["unmapped"]["portcullis"];
    assert_eq!((tally["records_lost"].as_u64(), tally["records_withheld"].as_u64()), (Some(0), Some(0)));
    assert_known_ends(&stopped.ends());
}

/// Every end says how it came about.
fn assert_known_ends(records: &[&Record]) {
    let known = ["complete", "client_gone", "timed_out", "drained", "upstream_broken"];
    for record in records {
        assert!(known.contains(&record.end()), "{record:?}");
        assert!(["allowed", "caller_required", "body_aborted"].contains(&record.code()), "{record:?}");
    }
}

#[test]
fn audit_has_a_record_of_a_request_whose_client_left_at_once() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    for used in [false, true] {
        let before = gate.records_so_far().len();
        let mut client = gate.connect();
        if used {
            assert_eq!(client.ask(OPEN).status, 200);
        }
        client.send("GET /admin/x HTTP/1.1\r\nHost: localhost\r\n\r\n").finish().read_to_end();
        let records = gate.records(before + 1 + usize::from(used));
        // Whether the gate sees the request or the end first is a race; either way it is told.
        let last = records.last().expect("a record");
        assert!(["request_aborted", "caller_required"].contains(&last.code()), "{last:?}");
    }
}
