//! Floods and slow clients, in a small measure (classes G 63 to 73): the gate stays, its memory is bounded, and what it
//! took on has its record.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::support::client::tcp;
use crate::support::flow::{self, resident, send};
use crate::support::frames::{
    CONTINUATION, END_HEADERS, END_STREAM, Fate, Frames, HEADERS, RST_STREAM, SETTINGS, WINDOW_UPDATE, block, head,
};
use crate::support::http2::Http2;
use crate::support::{Gate, Policy, Record, Upstream, answer, assert_refused, wait_for};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";
const MEGABYTE: u64 = 1024 * 1024;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn memory_is_bounded(gate: &Gate, before: u64, most: u64) {
    let grown = resident(gate.id()).saturating_sub(before);
    assert!(grown < most * MEGABYTE, "{grown} bytes more");
}

/// The gate still serves, stops in order, and lost nothing; its records of requests and of connections.
fn aftermath(gate: Gate) -> (Vec<Record>, Vec<Record>) {
    assert_eq!(gate.connect().ask(GET).status, 200);
    let stopped = gate.stop();
    assert!(stopped.status.success(), "{}", stopped.log);
    let tally = &stopped.records.last().expect("records").0["unmapped"]["portcullis"];
    assert_eq!(tally["records_lost"], 0, "{tally}");
    assert!(!stopped.log.contains("panicked"), "{}", stopped.log);
    let (mut connections, mut requests): (Vec<_>, Vec<_>) =
        stopped.ends().into_iter().cloned().partition(Record::is_connection);
    requests.pop();
    connections.sort_by(|one, other| one.code().cmp(other.code()));
    (requests, connections)
}

#[test]
fn dos_by_rapid_reset_is_bounded_and_recorded() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let before = resident(gate.id());
    let fields = block(&head("GET", "/open"));
    let mut sent = 0;
    while sent < 5000 {
        let mut frames = Frames::connect(&gate, None);
        let mut flood = Vec::new();
        for number in 0..500_u32 {
            flood.extend(frame(HEADERS, END_HEADERS | END_STREAM, 2 * number + 1, &fields));
            flood.extend(frame(RST_STREAM, 0, 2 * number + 1, &8_u32.to_be_bytes()));
        }
        frames.client().send(flood);
        // Until the gate gives the connection up, or says that it is through.
        frames.frame(6, 0, 0, &[0; 8]);
        while frames.next().is_some_and(|frame| frame.kind != 7 && frame.kind != 6) {}
        sent += 500;
    }
    memory_is_bounded(&gate, before, 32);
    wait_for("the app's connections are done", || (app.open() <= 64).then_some(()));
    let calls = app.requests().len();
    let (requests, _) = aftermath(gate);
    assert!(requests.len() >= calls, "{calls} requests reached the app, {} have a record", requests.len());
}

#[test]
fn dos_by_more_connections_than_files_may_be_open_is_told_and_passes() {
    use rustix::process::{Pid, Rlimit, prlimit};
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let get = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(gate.connect().ask(get).status, 200);
    let few = Rlimit { current: Some(64), maximum: Some(64) };
    let id = i32::try_from(gate.id()).ok().and_then(Pid::from_raw);
    prlimit(id, Resource::Nofile, few).expect("a lower limit");
    let idle: Vec<_> = (0..80).map(|_| tcp(gate.address())).collect();
    gate.says("connections cannot be accepted and wait");
    drop(idle);
    // Those that waited are accepted, found gone, and recorded; then there is room again.
    wait_for("the gate serves again", || (gate.connect().ask(get).status == 200).then_some(()));
    assert_eq!(gate.log().matches("connections cannot be accepted").count(), 1);
}

#[test]
fn dos_by_resets_that_the_gate_is_made_to_send_is_bounded() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let before = resident(gate.id());
    let mut frames = Frames::connect(&gate, None);
    let fields = block(&head("POST", "/open"));
    let mut flood = Vec::new();
    for number in 0..3000_u32 {
        flood.extend(frame(HEADERS, END_HEADERS, 2 * number + 1, &fields));
        // An increment of nothing is a stream error (RFC 9113 section 6.9).
        flood.extend(frame(WINDOW_UPDATE, 0, 2 * number + 1, &[0; 4]));
    }
    frames.client().send(flood);
    assert!(matches!(frames.fate(u32::MAX), Fate::GoneAway(_) | Fate::Closed), "the connection is given up");
    memory_is_bounded(&gate, before, 32);
    aftermath(gate);
}

#[test]
fn dos_by_continuations_is_bounded_and_recorded() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let before = resident(gate.id());
    let mut frames = Frames::connect(&gate, None);
    frames.frame(HEADERS, END_STREAM, 1, &block(&head("GET", "/open")));
    let piece = block(&[("x-filler", "x".repeat(16_000))]);
    for _ in 0..1000 {
        if !frames.client().try_send(&frame(CONTINUATION, 0, 1, &piece)) {
            break;
        }
    }
    assert!(matches!(frames.fate(1), Fate::GoneAway(_) | Fate::Closed | Fate::Reset(_)));
    drop(frames);
    memory_is_bounded(&gate, before, 32);
    let (requests, connections) = aftermath(gate);
    assert_eq!(requests.len(), 0);
    assert_eq!(connections.iter().map(Record::code).collect::<Vec<_>>(), ["http2_protocol"]);
    assert_eq!(app.requests().len(), 1, "the one that found the gate alive");
}

/// A header block that puts one field into the decoder's table and then names it `times` times by one byte each.
fn bomb(name: &str, value: &str, times: usize) -> Vec<u8> {
    let mut bytes = block(&head("GET", "/open"));
    let literal = block(&[(name, value)]);
    // A literal that is kept (RFC 7541 section 6.2.1), then the newest entry again and again (section 6.1, index 62).
    bytes.push(0x40);
    bytes.extend(&literal[1..]);
    bytes.extend(std::iter::repeat_n(0xbe, times));
    bytes
}

#[test]
fn dos_by_header_compression_is_bounded_and_recorded() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let before = resident(gate.id());
    let rows = [
        // Beyond all measure the connection is given up, and a record of its own tells why.
        ("many times the bytes of a head", bomb("x-bomb", &"b".repeat(3_900), 8_000), "http2_protocol", 0),
        ("more crumbs than a head may have fields", bomb("cookie", "a", 200), "header_too_large", 431),
        ("more crumbs than a head may have bytes", bomb("cookie", "a=b", 1_200), "header_too_large", 431),
        ("many more crumbs", bomb("cookie", "a=b", 12_000), "http2_protocol", 0),
    ];
    for (count, (what, bytes, code, status)) in rows.iter().enumerate() {
        let mut frames = Frames::connect(&gate, None);
        // Another request before it: the flood must not hide behind its record.
        assert!(matches!(frames.headers(1, &head("GET", "/open"), END_STREAM).fate(1), Fate::Answered(_)));
        frames.frame(HEADERS, END_HEADERS | END_STREAM, 3, bytes);
        let fate = frames.fate(3);
        drop(frames);
        let records = gate.records_when(&format!("{what}: {fate:?}"), |records| records.len() >= 2 * count + 2);
        let last = &records[2 * count + 1];
        assert_eq!((last.code(), last.status()), (*code, *status), "{what}: {fate:?}");
    }
    memory_is_bounded(&gate, before, 32);
    aftermath(gate);
    assert_eq!(app.requests().len(), rows.len() + 1);
}

fn quick(app: &Upstream) -> Policy {
    Policy::new(app).gate("timeouts: { handshake: 300ms, header: 300ms, body_idle: 300ms, keep_alive: 300ms }")
}

#[test]
fn dos_by_windows_that_never_open_is_reaped() {
    let app = Upstream::start(answer(&"x".repeat(100_000)));
    let gate = Gate::start(&quick(&app));
    let mut frames = Frames::connect(&gate, None);
    frames.frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
    for stream in 0..10 {
        frames.headers(2 * stream + 1, &head("GET", "/open"), END_STREAM);
    }
    assert!(!matches!(frames.fate(1), Fate::Answered(_)));
    let records = gate.records(10);
    assert!(records.iter().all(|record| record.end() == "timed_out"), "{:?}", records[0].end());
    aftermath(gate);
}

#[test]
fn dos_by_clients_that_do_not_read_is_reaped() {
    let url = flow::app(|_, stream| {
        send(stream, "HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n")
            && (0..24_000).all(|_| send(stream, [7; 8_192]))
    });
    let gate = Gate::start(&Policy::at(&url).gate("timeouts: { body_idle: 300ms }"));
    let mut client = gate.connect();
    client.send(GET);
    let record = gate.only_record();
    assert_eq!(record.end(), "timed_out");
    // What was under way comes, and then the end: too early to be taken for the whole.
    assert!(!client.answer().is_some_and(|answer| answer.whole));
}

/// Sends a byte now and then until told to stop, or until the gate has closed.
fn drip(mut socket: TcpStream, bytes: &'static [u8], stop: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        for byte in bytes.iter().cycle() {
            if stop.load(Ordering::SeqCst) || socket.write_all(&[*byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    });
}

#[test]
fn dos_by_slow_handshakes_is_reaped() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&quick(&app));
    let stop = Arc::new(AtomicBool::new(false));
    let _silent = tcp(gate.address());
    // The start of a hello of 16 KB that never ends.
    drip(tcp(gate.address()), b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03\x00\x00\x00\x00\x00", Arc::clone(&stop));
    let codes: Vec<_> = gate.records(2).iter().map(|record| record.code().to_owned()).collect();
    stop.store(true, Ordering::SeqCst);
    assert_eq!(codes, ["handshake_timeout", "handshake_timeout"]);
    aftermath(gate);
    app.requests_when(1);
}

#[test]
fn dos_by_slow_heads_is_reaped() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&quick(&app));
    let mut silent = gate.connect();
    silent.handshake().expect("a handshake");
    let mut slow = gate.connect();
    slow.send("GET /open HTTP/1.1\r\nX-Slow: ");
    assert!(slow.is_closed());
    assert!(silent.is_closed());
    // A head in HTTP/2 that is never ended, after a request and without one.
    for first in [false, true] {
        let mut frames = Frames::connect(&gate, None);
        if first {
            assert!(matches!(frames.headers(1, &head("GET", "/open"), END_STREAM).fate(1), Fate::Answered(_)));
        }
        frames.frame(HEADERS, END_STREAM, 3, &block(&head("GET", "/open")));
        assert!(matches!(frames.fate(3), Fate::GoneAway(_) | Fate::Closed));
    }
    let mut dripping = gate.connect();
    let mut sent = 0;
    while dripping.try_send(b"x") && sent < 1000 {
        sent += 1;
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(sent < 1000, "each byte must not buy more time");
    let mut codes: Vec<_> = gate.records(5).iter().map(|record| record.code().to_owned()).collect();
    codes.sort();
    let empty = "connection_without_request";
    assert_eq!(codes, ["allowed", empty, "header_timeout", "header_timeout", "http2_protocol"]);
    aftermath(gate);
}

#[test]
fn dos_by_slow_bodies_is_reaped() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&quick(&app));
    let ask = |length: &str| format!("POST /open HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n");
    for request in [ask("Content-Length: 10") + "half", ask("Transfer-Encoding: chunked") + "5\r\nhel"] {
        let mut client = gate.connect();
        let answer = client.ask(request);
        assert_refused(&gate, &answer, 408, "body_stalled");
        assert!(client.is_closed());
    }
    let client = Http2::connect(&gate, None);
    let (answer, _open) = client.open(http::Request::post("https://localhost/open").body(()).expect("a request"));
    assert_eq!(client.run(answer).expect("an answer").status(), 408);
    assert_eq!(gate.records(3)[2].code(), "body_stalled");
    aftermath(gate);
}

#[test]
fn dos_by_idle_connections_refuses_the_newest() {
    const MANY: usize = 2000;
    const PLACES: usize = 100;
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("open files");
    let app = Upstream::start(answer("hello"));
    let gate =
        Gate::start(&Policy::new(&app).gate(&format!("connections: {{ max: {PLACES}, per_address: {PLACES} }}")));
    let mut idle: Vec<_> = (0..PLACES).map(|_| gate.connect()).collect();
    idle.iter_mut().for_each(|client| client.handshake().expect("a place"));
    let before = resident(gate.id());
    let newest: Vec<_> = (PLACES..MANY).map(|_| tcp(gate.address())).collect();
    let records = gate.records(MANY - PLACES);
    assert!(records.iter().all(|record| record.code() == "connections_exhausted" && record.is_connection()));
    memory_is_bounded(&gate, before, 32);
    assert_eq!(idle[0].ask(GET).status, 200, "those who have a place keep it");
    drop((newest, idle));
    wait_for("places come back", || {
        let mut client = gate.connect();
        client.send(GET).answer().map(|answer| assert_eq!(answer.status, 200))
    });
}

#[test]
fn dos_by_one_address_leaves_places_for_others() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).gate("connections: { max: 10, per_address: 2 }"));
    let mut places = [gate.connect(), gate.connect()];
    places.iter_mut().for_each(|client| client.handshake().expect("a place"));
    assert!(gate.connect().handshake().is_err());
    assert_eq!(gate.only_record().code(), "connections_of_address_exhausted");
}
