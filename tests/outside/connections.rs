//! How connections end that carry no request, or half of one: each leaves one record, which says why.

use crate::support::frames::{END_STREAM, Fate, Frames, head};
use crate::support::{Gate, Latch, Policy, Then, Upstream, answer, wait_for};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A gate in front of an app that is never called, with this line under `gate:`.
pub(super) fn lonely(line: &str) -> (Upstream, Gate) {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app).gate(line));
    (app, gate)
}

/// Waits for the one record, which is one of a connection.
#[track_caller]
pub(super) fn assert_ended(gate: &Gate, code: &str) {
    let record = gate.only_record();
    assert_eq!((record.code(), record.is_connection()), (code, true), "{record:?}");
    assert_eq!((record.event(), record.status()), ("CONN.DENY", 0));
}

#[test]
fn connection_beyond_the_bound_of_all_is_refused() {
    let (_app, gate) = lonely("connections: { max: 1 }");
    let mut first = gate.connect();
    assert_eq!(first.ask(GET).status, 200);
    assert!(gate.connect().handshake().is_err());
    let records = gate.records(2);
    assert_eq!((records[1].code(), records[1].is_connection()), ("connections_exhausted", true));
    // The place comes back.
    drop(first);
    wait_for("a place", || gate.connect().send(GET).answer().map(|answer| assert_eq!(answer.status, 200)));
}

#[test]
fn connection_beyond_the_bound_of_an_address_is_refused() {
    let (_app, gate) = lonely("connections: { max: 10, per_address: 2 }");
    let mut clients = [gate.connect(), gate.connect()];
    for client in &mut clients {
        assert_eq!(client.ask(GET).status, 200);
    }
    assert!(gate.connect().handshake().is_err());
    assert_eq!(gate.records(3)[2].code(), "connections_of_address_exhausted");
}

#[test]
fn connection_from_a_denied_address_is_refused_before_the_handshake() {
    for rule in ["deny: [127.0.0.0/8]", "allow: [10.0.0.0/8]"] {
        let app = Upstream::start(answer("fine"));
        let gate = Gate::start(&Policy::new(&app).top(&format!("network: {{ {rule} }}")));
        assert!(gate.connect().handshake().is_err());
        assert_ended(&gate, "address_refused");
    }
}

#[test]
fn connection_without_a_request_is_recorded() {
    let (_app, gate) = lonely("timeouts: { header: 300ms }");
    gate.connect().handshake().expect("a handshake");
    assert_ended(&gate, "connection_without_request");
    let mut patient = gate.connect();
    patient.handshake().expect("a handshake");
    assert!(patient.is_closed(), "the gate says good-bye");
    assert_eq!(gate.records(2)[1].code(), "connection_without_request");
    let mut frames = Frames::connect(&gate, None);
    assert_eq!(frames.fate(1), Fate::Closed);
    assert_eq!(gate.records(3)[2].code(), "connection_without_request");
}

#[test]
fn head_that_does_not_end_is_cut() {
    let (app, gate) = lonely("timeouts: { header: 300ms }");
    let mut client = gate.connect();
    client.send("GET /open HTTP/1.1\r\nHost: loc");
    assert!(client.is_closed());
    assert_ended(&gate, "header_timeout");
    // Each byte in time does not help.
    let mut slow = gate.connect();
    slow.handshake().expect("a handshake");
    wait_for("the slow head is cut", || (!slow.try_send(b"G")).then_some(()));
    let records = gate.records_when("a second record", |records| records.len() >= 2);
    assert!(["header_timeout", "framing_request_line"].contains(&records[1].code()), "{records:?}");
    app.assert_untouched();
}

#[test]
fn head_that_breaks_off_is_recorded() {
    let (app, gate) = lonely("");
    gate.connect().send("GET /open HTTP/1.1\r\nHost: loc").finish();
    assert_ended(&gate, "header_aborted");
    let mut crashed = gate.connect();
    crashed.send("GET /open HTT");
    crashed.reset();
    assert_eq!(gate.records(2)[1].code(), "header_aborted");
    app.assert_untouched();
    // Behind a request that was served, too.
    let mut client = gate.connect();
    assert_eq!(client.ask(GET).status, 200);
    client.send("GET /open HTTP/1.1\r\nHost: loc").finish();
    let records = gate.records(4);
    assert_eq!((records[2].code(), records[3].code()), ("allowed", "header_aborted"));
}

#[test]
fn idle_connections_are_closed_without_another_record() {
    let (_app, gate) = lonely("timeouts: { keep_alive: 300ms, header: 300ms }");
    let mut client = gate.connect();
    assert_eq!(client.ask(GET).status, 200);
    assert!(client.is_closed());
    let mut frames = Frames::connect(&gate, None);
    assert!(matches!(frames.headers(1, &head("GET", "/open"), END_STREAM).fate(1), Fate::Answered(_)));
    assert_eq!(frames.fate(3), Fate::Closed);
    let stopped = gate.stop();
    assert_eq!(stopped.ends().len(), 2);
}

#[test]
fn client_that_does_not_read_its_answer_is_cut() {
    let body = "x".repeat(64 * 1024 * 1024);
    let app = Upstream::start(answer(&body));
    let gate = Gate::start(&Policy::new(&app).gate("timeouts: { body_idle: 300ms, header: 300ms }"));
    let mut client = gate.connect();
    client.send(GET);
    let record = gate.only_record();
    assert_eq!((record.end(), record.code()), ("timed_out", "allowed"));
    assert!(record.bytes().1 < body.len() as u64);
    let mut frames = Frames::connect(&gate, None);
    frames.headers(1, &head("GET", "/open"), END_STREAM);
    assert_eq!(gate.records(2)[1].end(), "timed_out");
    drop((client, frames));
}

#[test]
fn client_that_goes_away_while_the_app_works_is_recorded_once() {
    let told = Latch::new();
    let heard = told.clone();
    let app = Upstream::start(move |_, _| {
        heard.wait();
        Then::Close
    });
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    client.send(GET);
    app.requests_when(1);
    client.reset();
    let record = gate.only_record();
    assert_eq!((record.end(), record.status()), ("client_gone", 0));
    let mut frames = Frames::connect(&gate, None);
    frames.headers(1, &head("GET", "/open"), END_STREAM);
    app.requests_when(2);
    frames.frame(crate::support::frames::RST_STREAM, 0, 1, &[0, 0, 0, 8]);
    assert_eq!(gate.records(2)[1].end(), "client_gone");
    told.open();
    drop(frames);
    assert_eq!(gate.stop().ends().len(), 2);
}

#[test]
fn request_bodies_that_break_off_are_recorded_once() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    for (count, fields) in
        ["Content-Length: 10\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"].iter().enumerate()
    {
        let mut client = gate.connect();
        client.send(format!("POST /open HTTP/1.1\r\nHost: localhost\r\n{fields}"));
        app.requests_when(count);
        client.finish();
        let record = gate.records(count + 1).pop().expect("a record");
        let ends = [("allowed", "client_gone"), ("body_aborted", "complete"), ("body_aborted", "client_gone")];
        assert!(ends.contains(&(record.code(), record.end())), "{record:?}");
    }
    assert!(app.requests().iter().all(|request| !request.whole));
}

#[test]
fn stopping_lets_open_requests_end_and_cuts_what_does_not() {
    let (told, told_second) = (Latch::new(), Latch::new());
    let (heard, heard_second) = (told.clone(), told_second.clone());
    let app = Upstream::start(move |request, wire| {
        if request.target() == "/open" {
            heard.wait();
        } else {
            heard_second.wait();
        }
        crate::support::upstream::say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
        Then::Keep
    });
    let gate = Gate::start(&Policy::new(&app).gate("timeouts: { drain: 2s }"));
    let (mut quick, mut stuck, mut idle) = (gate.connect(), gate.connect(), gate.connect());
    idle.handshake().expect("a handshake");
    quick.send(GET);
    stuck.send("GET /public/stuck HTTP/1.1\r\nHost: localhost\r\n\r\n");
    app.requests_when(2);
    gate.terminate();
    wait_for("it drains", || gate.log().contains("draining").then_some(()));
    assert!(idle.is_closed());
    told.open();
    assert_eq!(quick.answer().expect("an answer").text(), "fine");
    assert!(stuck.is_closed());
    let stopped = gate.stop();
    told_second.open();
    assert!(stopped.status.success());
    let ends: Vec<_> =
        stopped.ends().iter().map(|record| (record.code().to_owned(), record.end().to_owned())).collect();
    assert!(ends.contains(&("connection_without_request".into(), String::new())), "{ends:?}");
    assert!(ends.contains(&("allowed".into(), "complete".into())), "{ends:?}");
    assert!(ends.contains(&("allowed".into(), "drained".into())), "{ends:?}");
    assert_eq!(ends.len(), 3);
}
