//! WebSocket through the gate: bytes move once the app has agreed, and not before (classes C 31 and 34).

use crate::support::http2::Http2;
use crate::support::upstream::{raw, say};
use crate::support::{Client, Gate, Latch, Policy, Then, Upstream, answer, assert_refused};

const ASK: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const AGREED: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                      Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

fn ask(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

/// A stream that the app has agreed to.
fn upgraded(gate: &Gate) -> Client {
    let mut client = gate.connect();
    let answer = client.ask(ask("/open", ASK));
    assert_eq!((answer.status, answer.field("upgrade")), (101, Some("websocket")), "{answer:?}");
    assert_eq!(answer.field("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    client
}

#[test]
fn stream_of_a_websocket_goes_both_ways_and_is_recorded_when_it_closes() {
    let app = Upstream::start(raw(AGREED, Then::Echo));
    let gate = Gate::start(&Policy::new(&app));
    let mut client = upgraded(&gate);
    for message in [&b"\x81\x85abcd\x09\x07\x0f\x08\x0e"[..], b"GET / HTTP/1.1\r\n\r\n", &[0xff; 16_000]] {
        assert_eq!(client.send(message).take(message.len()).as_deref(), Some(message));
    }
    assert!(gate.records_so_far().is_empty(), "the stream is open");
    client.finish();
    assert!(client.is_closed());
    let record = gate.only_record();
    assert_eq!((record.code(), record.status(), record.end()), ("allowed", 101, "upgrade_closed"));
    assert_eq!(record.bytes(), (16_029, 16_029));
    let request = app.only_request();
    assert_eq!(request.field("upgrade").map(str::to_ascii_lowercase).as_deref(), Some("websocket"));
    assert_eq!(request.field("sec-websocket-key"), Some("dGhlIHNhbXBsZSBub25jZQ=="));
}

#[test]
fn stream_that_the_app_closes_is_recorded_and_its_connection_never_used_again() {
    let app = Upstream::start(raw([AGREED.as_bytes(), b"bye"].concat(), Then::Close));
    let gate = Gate::start(&Policy::new(&app));
    let mut client = upgraded(&gate);
    assert_eq!(client.take(3).as_deref(), Some(&b"bye"[..]));
    client.finish();
    assert!(client.is_closed());
    assert_eq!(gate.only_record().bytes(), (0, 3));
    drop(upgraded(&gate));
    gate.records(2);
    let requests = app.requests_when(2);
    assert!(requests[1].connection > requests[0].connection);
}

#[test]
fn stream_of_a_client_that_is_reset_is_recorded() {
    let app = Upstream::start(raw(AGREED, Then::Echo));
    let gate = Gate::start(&Policy::new(&app));
    let mut client = upgraded(&gate);
    assert_eq!(client.send("abc").take(3).as_deref(), Some(&b"abc"[..]));
    client.reset();
    assert_eq!(gate.only_record().bytes(), (3, 3));
}

#[test]
fn stream_bytes_before_the_app_agrees_are_held_back_and_never_read_as_requests() {
    let latch = Latch::new();
    let app = {
        let latch = latch.clone();
        Upstream::start(move |_, wire| {
            latch.wait();
            say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno");
            Then::Keep
        })
    };
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    let smuggled = "GET /admin/smuggled HTTP/1.1\r\nHost: localhost\r\nX-Portcullis-Caller: root\r\n\r\n";
    client.send(ask("/open", ASK) + smuggled);
    app.requests_when(1);
    latch.open();
    let answer = client.answer().expect("an answer");
    assert_eq!((answer.status, answer.text().as_str(), answer.field("connection")), (200, "no", Some("close")));
    assert!(client.is_closed());
    gate.only_record();
    assert_eq!(app.requests_when(1)[0].target(), "/open");
    let stopped = gate.stop();
    assert!(stopped.status.success());
    assert_eq!(app.requests().len(), 1);
}

#[test]
fn stream_bytes_sent_early_arrive_once_the_app_agrees() {
    let app = Upstream::start(raw(AGREED, Then::Echo));
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    assert_eq!(client.ask(ask("/open", ASK) + "early").status, 101);
    assert_eq!(client.take(5).as_deref(), Some(&b"early"[..]));
}

#[test]
fn stream_to_another_protocol_than_was_asked_for_is_502() {
    for agreed in [
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket, h2c\r\nConnection: Upgrade\r\n\r\n",
    ] {
        let app = Upstream::start(raw(agreed, Then::Echo));
        let gate = Gate::start(&Policy::new(&app));
        assert_refused(&gate, &gate.connect().ask(ask("/open", ASK)), 502, "upstream_bad_answer");
        gate.only_record();
    }
}

#[test]
fn stream_that_nobody_asked_for_is_502() {
    let app = Upstream::start(raw(AGREED, Then::Echo));
    let gate = Gate::start(&Policy::new(&app));
    assert_refused(&gate, &gate.connect().ask(ask("/open", "")), 502, "upstream_bad_answer");
    assert_eq!(Http2::connect(&gate, None).get("/open").status, 502);
    gate.records(2);
}

#[test]
fn stream_upgrades_are_refused_where_the_route_or_their_form_does_not_let_them_pass() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let rows = [
        ask("/no-upgrade", ASK),
        ask("/open", &ASK.replace("websocket", "h2c")),
        ask("/open", &ASK.replace("websocket", "websocket, h2c")),
        ask("/open", "Upgrade: websocket\r\n"),
        ask("/open", &format!("{ASK}Upgrade: websocket\r\n")),
        ask("/open", ASK).replace("GET", "POST"),
        ask("/open", &format!("{ASK}Content-Length: 3\r\n")) + "abc",
    ];
    for request in &rows {
        assert_refused(&gate, &gate.connect().ask(request), 400, "upgrade_refused");
    }
    assert_refused(&gate, &gate.connect().ask(ask("/admin/x", ASK)), 401, "caller_required");
    gate.records(rows.len() + 1);
    app.assert_untouched();
}

#[test]
fn stream_without_a_byte_is_ended_after_its_dead_line() {
    let app = Upstream::start(raw(AGREED, Then::Echo));
    let gate = Gate::start(&Policy::new(&app).upstream("timeouts: { idle: 200ms }"));
    let mut client = upgraded(&gate);
    assert!(client.is_closed());
    assert_eq!(gate.only_record().end(), "timed_out");
}
