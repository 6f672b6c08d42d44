//! Connections that end before or in the handshake: the PROXY header, and TLS that is none, or none of ours.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use super::connections::{assert_ended, lonely};
use crate::support::client::{tcp, terms};
use crate::support::{Client, Gate, Person, Policy, Upstream, answer};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Reads to the end of a plain socket, whatever comes.
fn drain(mut socket: TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let _ = socket.read_to_end(&mut all);
    all
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
        // The gate may have closed already.
        let _ = socket.shutdown(Shutdown::Write);
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
        // The gate may have closed already.
        let _ = socket.shutdown(Shutdown::Write);
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
