//! How connections end that carry no request, or half of one: each leaves one record, which says why.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use crate::support::client::{tcp, terms};
use crate::support::frames::{END_STREAM, Fate, Frames, head};
use crate::support::{Client, Gate, Latch, Person, Policy, Then, Upstream, answer, wait_for};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A gate in front of an app that is never called, with this line under `gate:`.
fn lonely(line: &str) -> (Upstream, Gate) {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app).gate(line));
    (app, gate)
}

/// Waits for the one record, which is one of a connection.
#[track_caller]
fn assert_ended(gate: &Gate, code: &str) {
    let record = gate.only_record();
    assert_eq!((record.code(), record.is_connection()), (code, true), "{record:?}");
    assert_eq!((record.event(), record.status()), ("CONN.DENY", 0));
}

/// Reads to the end of a plain socket, whatever comes.
fn drain(mut socket: TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let _ = socket.read_to_end(&mut all);
    all
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

/// A PROXY header of version 2: command, family, addresses and what follows them.
fn version2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).expect("short").to_be_bytes();
    [b"\r\n\r\n\0\r\nQUIT\n", &[0x20 | command, family, length[0], length[1]][..], rest].concat()
}

const FROM_NET_198: [u8; 12] = [198, 51, 100, 7, 127, 0, 0, 1, 0x12, 0x67, 0x01, 0xbb];

#[test]
fn proxy_header_tells_the_clients_address() {
    let app = Upstream::start(answer("fine"));
    let policy = Policy::new(&app).gate("proxy_protocol: { from: [127.0.0.1/32] }");
    let gate = Gate::start(&policy.top("network: { deny: [203.0.113.0/24] }"));
    let ask = |header: &[u8]| {
        let mut socket = tcp(gate.address());
        socket.write_all(header).expect("sent");
        Client::over(socket, terms(None, &["http/1.1"]), "localhost").send(GET).answer()
    };
    let v2 = version2(1, 0x11, &FROM_NET_198);
    let local = version2(0, 0, &[]);
    for (header, client) in [
        (&b"PROXY TCP4 198.51.100.7 127.0.0.1 4711 443\r\n"[..], "198.51.100.7"),
        (&b"PROXY TCP6 2001:db8::1 ::1 4711 443\r\n"[..], "2001:db8::1"),
        (&v2[..], "198.51.100.7"),
        (&b"PROXY UNKNOWN\r\n"[..], "127.0.0.1"),
        (&local[..], "127.0.0.1"),
    ] {
        assert_eq!(ask(header).expect("an answer").status, 200);
        assert_eq!(app.requests().last().expect("a request").field("x-forwarded-for"), Some(client));
    }
    assert!(ask(b"PROXY TCP4 203.0.113.9 127.0.0.1 4711 443\r\n").is_none());
    assert_eq!(gate.records(6)[5].code(), "address_refused");
}

#[test]
fn proxy_header_that_is_missing_or_malformed_ends_the_connection() {
    let overlong = [&FROM_NET_198[..], &[0x04, 0xff, 0xff, 1]].concat();
    let rows = [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00".to_vec(),
        b"PROXY TCP4 198.51.100.999 127.0.0.1 1 2\r\n".to_vec(),
        b"PROXY TCP4 198.51.100.7 127.0.0.1 1\r\n".to_vec(),
        [&b"PROXY TCP4 "[..], &[b'1'; 200]].concat(),
        version2(1, 0x11, &FROM_NET_198[..6]),
        version2(1, 0x11, &overlong),
        version2(1, 0x31, &[0; 216]),
        version2(1, 0x11, &[0; 5000]),
        version2(3, 0x11, &FROM_NET_198),
        b"PROXY".to_vec(),
    ];
    let (_app, gate) = lonely("proxy_protocol: { from: [127.0.0.1/32] }");
    for row in &rows {
        let mut socket = tcp(gate.address());
        socket.write_all(row).expect("sent");
        socket.shutdown(Shutdown::Write).expect("shut");
        assert!(drain(socket).is_empty());
    }
    for record in gate.records(rows.len()) {
        assert_eq!((record.code(), record.is_connection()), ("proxy_header", true));
    }
}

#[test]
fn proxy_header_of_somebody_else_is_not_read() {
    let (app, gate) = lonely("proxy_protocol: { from: [10.0.0.0/8] }");
    let mut socket = tcp(gate.address());
    socket.write_all(b"PROXY TCP4 10.0.0.1 127.0.0.1 4711 443\r\n").expect("sent");
    assert!(Client::over(socket, terms(None, &["http/1.1"]), "localhost").handshake().is_err());
    assert_ended(&gate, "tls_malformed");
    app.assert_untouched();
}

#[test]
fn tls_bytes_that_are_none_end_the_connection() {
    let rows = [
        &b"GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n"[..],
        b"SSH-2.0-OpenSSH_9.6\r\n",
        &[0; 512],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
        b"\x80\x2e\x01\x03\x01",
    ];
    let (app, gate) = lonely("");
    for (count, row) in rows.iter().enumerate() {
        let mut socket = tcp(gate.address());
        socket.write_all(row).expect("sent");
        socket.shutdown(Shutdown::Write).expect("shut");
        let said = drain(socket);
        assert!(!said.starts_with(b"HTTP"), "nothing is said in the clear");
        let record = gate.records(count + 1).pop().expect("a record");
        assert!(["tls_malformed", "handshake_aborted"].contains(&record.code()), "{row:?}: {record:?}");
    }
    app.assert_untouched();
}

#[test]
fn tls_handshakes_that_break_off_are_recorded() {
    let (_app, gate) = lonely("");
    drop(tcp(gate.address()));
    let mut half = tcp(gate.address());
    half.write_all(b"\x16\x03\x01\x02\x00\x01").expect("sent");
    drop(half);
    for record in gate.records(2) {
        assert_eq!(record.code(), "handshake_aborted");
    }
}

#[test]
fn tls_handshakes_that_take_too_long_are_cut() {
    for line in ["", "proxy_protocol: { from: [127.0.0.1/32] }"] {
        let app = Upstream::start(answer("fine"));
        let gate = Gate::start(&Policy::new(&app).gate("timeouts: { handshake: 300ms }").gate(line));
        assert!(drain(tcp(gate.address())).is_empty());
        assert_ended(&gate, "handshake_timeout");
    }
}

#[test]
fn tls_clients_that_offer_nothing_of_ours_are_refused() {
    let (_app, gate) = lonely("");
    let mut other = Client::with(gate.address(), terms(None, &["smtp"]), "localhost");
    assert!(other.handshake().is_err());
    assert_ended(&gate, "tls_incompatible");

    let app = Upstream::start(answer("fine"));
    let newest = Policy::new(&app).only_tls13();
    let gate = Gate::start(&newest);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let old = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .expect("versions")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    assert!(Client::with(gate.address(), old, "localhost").handshake().is_err());
    assert_ended(&gate, "tls_incompatible");
    assert_eq!(gate.connect().ask(GET).status, 200);
}

#[test]
fn tls_clients_that_do_not_trust_the_gate_are_recorded() {
    let (_app, gate) = lonely("");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let distrustful = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    assert!(Client::with(gate.address(), distrustful, "localhost").handshake().is_err());
    assert_ended(&gate, "tls_alert");
}

#[test]
fn tls_client_certificates_of_strangers_are_refused() {
    let (app, gate) = lonely("");
    assert!(gate.connect_as(&Person::stranger()).send(GET).answer().is_none());
    assert_ended(&gate, "tls_client_certificate");
    app.assert_untouched();
}

#[test]
fn tls_client_certificates_without_their_key_are_refused() {
    let (app, gate) = lonely("");
    let thief = Person { certificate: Person::picker().certificate, ..Person::stranger() };
    // rustls itself does not let a client use another's certificate with its own key; openssl does.
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    if !crate::support::has_tool("openssl") {
        return;
    }
    let (certificate, key) = (write("c.pem", &thief.certificate), write("c.key", &thief.key));
    let out = std::process::Command::new("openssl")
        .args(["s_client", "-connect", &gate.address().to_string(), "-cert"])
        .arg(certificate)
        .arg("-key")
        .arg(key)
        .stdin(std::process::Stdio::null())
        .output()
        .expect("openssl");
    assert!(!out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    app.assert_untouched();
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
            heard.wait()
        } else {
            heard_second.wait()
        }
        crate::support::upstream::say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
        Then::Keep
    });
    let gate = Gate::start(&Policy::new(&app).gate("timeouts: { drain: 1s }"));
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
