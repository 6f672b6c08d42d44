//! The first bytes of a connection: versions, groups, names, and hellos in pieces.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use rustls::ClientConnection;
use rustls::version::{TLS12, TLS13};

use super::{agreed, s_client};
use crate::support::client::tcp;
use crate::support::pki::{Authority, Files, Leaf, terms};
use crate::support::{Client, Gate, Policy, Upstream, answer, assert_refused, credentials, has_tool};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn authority() -> &'static str {
    &credentials::credentials().pki.ca
}

#[test]
fn tls_1_2_and_1_3_are_spoken_and_nothing_older() {
    if !has_tool("openssl") {
        return;
    }
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    for (version, spoken) in [("-tls1", false), ("-tls1_1", false), ("-tls1_2", true), ("-tls1_3", true)] {
        let (_, text) = s_client(&gate, &[version, "-cipher", "DEFAULT:@SECLEVEL=0", "-CAfile", "certs/ca.pem"]);
        assert_eq!(text.contains("Verify return code: 0 (ok)") && !text.contains("Cipher is (NONE)"), spoken, "{text}");
    }
    let codes: Vec<_> = gate.records(4).iter().map(|record| record.code().to_owned()).collect();
    let empty = "connection_without_request";
    assert_eq!(codes, ["tls_incompatible", "tls_incompatible", empty, empty]);
    app.assert_untouched();
}

#[test]
fn tls_versions_and_groups_stand_in_records() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    for version in [&TLS12, &TLS13] {
        let mut client =
            Client::with(gate.address(), terms(&[authority()], None, &[version], &["http/1.1"]), "localhost");
        assert_eq!(client.ask(GET).status, 200);
        assert_eq!(client.tls().protocol_version(), Some(version.version));
    }
    let records = gate.records(2);
    assert_eq!(agreed(&records[0]).0, "TLSv1_2");
    assert_eq!(agreed(&records[1]), ("TLSv1_3".to_owned(), "X25519MLKEM768".to_owned()));
}

#[test]
fn tls_least_version_1_3_refuses_1_2() {
    let app = Upstream::start(answer("hello"));
    let gate =
        Gate::start(&Policy::new(&app).swap("key: certs/gate.key,", "key: certs/gate.key, min_version: \"1.3\","));
    let mut old = Client::with(gate.address(), terms(&[authority()], None, &[&TLS12], &[]), "localhost");
    assert!(old.handshake().is_err());
    assert_eq!(gate.only_record().code(), "tls_incompatible");
    let mut new = Client::with(gate.address(), terms(&[authority()], None, &[&TLS13], &[]), "localhost");
    assert_eq!(new.ask(GET).status, 200);
}

#[test]
fn tls_certificates_are_chosen_by_name() {
    let (files, ours) = (Files::new(), Authority::new("Ours"));
    let exact = files.person("exact", &ours.issue(&Leaf::server(&["shop.test"])));
    let wild = files.person("wild", &ours.issue(&Leaf::server(&["*.wild.test", "deep.other.test"])));
    let more = format!(
        "client_ca: certs/clients-ca.pem, more: [{{ certificate: {}, key: {} }}, {{ certificate: {}, key: {} }}]",
        exact.0, exact.1, wild.0, wild.1
    );
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).swap("client_ca: certs/clients-ca.pem", &more));
    let both = [ours.pem.as_str(), authority()];
    let rows = [
        ("shop.test", true),
        ("SHOP.test", true),
        ("a.wild.test", true),
        ("deep.other.test", true),
        ("localhost", true),
        // A wildcard stands for one label (RFC 9525 section 6.3); everybody else is shown the first certificate.
        ("a.b.wild.test", false),
        ("wild.test", false),
        ("unknown.test", false),
    ];
    for (count, (name, fits)) in rows.into_iter().enumerate() {
        let mut client = Client::with(gate.address(), terms(&both, None, &[&TLS13], &[]), name);
        assert_eq!(client.handshake().is_ok(), fits, "{name}");
        if !fits {
            assert_eq!(gate.records(count + 1)[count].code(), "tls_alert", "{name}");
            continue;
        }
        let own = client.ask(format!("GET /open HTTP/1.1\r\nHost: {name}\r\n\r\n"));
        assert_eq!(own.status, 200, "{name}");
        gate.records(count + 1);
    }
    assert!(!gate.trail().contains("unknown.test"), "a name that is not ours is somebody's text");
}

#[test]
fn tls_name_and_host_must_agree() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let mut rows = 0;
    for (name, host, passes) in [
        ("gate.test", "gate.test", true),
        ("gate.test", "GATE.test.:8443", true),
        ("gate.test", "other.test", false),
        ("gate.test", "localhost", false),
        ("gate.test", "gate.test.evil.example", false),
        ("gate.test", "127.0.0.1", false),
        // Without a name in the handshake there is nothing to disagree with.
        ("127.0.0.1", "gate.test", true),
    ] {
        for version in [&TLS12, &TLS13] {
            let mut client = Client::with(gate.address(), terms(&[authority()], None, &[version], &[]), name);
            let answer = client.ask(format!("GET /open HTTP/1.1\r\nHost: {host}\r\n\r\n"));
            rows += 1;
            match passes {
                true => assert_eq!(answer.status, 200, "{name} and {host}"),
                false => drop(assert_refused(&gate, &answer, 421, "host_misdirected")),
            }
        }
    }
    gate.records(rows);
}

/// The bytes of a hello, as they are for `name`.
fn hello(name: &'static str) -> (ClientConnection, Vec<u8>) {
    let terms = terms(&[authority()], None, &[&TLS12, &TLS13], &["http/1.1"]);
    let mut connection = ClientConnection::new(Arc::new(terms), name.try_into().expect("a name")).expect("a client");
    let mut bytes = Vec::new();
    connection.write_tls(&mut bytes).expect("a hello");
    (connection, bytes)
}

#[test]
fn tls_hello_byte_by_byte_is_one_hello() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let (connection, bytes) = hello("gate.test");
    let mut socket = tcp(gate.address());
    for byte in bytes {
        socket.write_all(&[byte]).expect("room");
    }
    let mut client = Client::on(connection, socket);
    // The name arrived: had it not, this host would be served too.
    let answer = client.ask("GET /open HTTP/1.1\r\nHost: other.test\r\n\r\n");
    assert_refused(&gate, &answer, 421, "host_misdirected");
    assert_eq!(client.ask("GET /open HTTP/1.1\r\nHost: gate.test\r\n\r\n").status, 200);
}

#[test]
fn tls_hello_over_many_records_is_one_hello() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    for size in [1, 2, 7, 100] {
        let (connection, bytes) = hello("gate.test");
        let mut socket = tcp(gate.address());
        // The head of the one record: type, version, length.
        for piece in bytes[5..].chunks(size) {
            let length = u16::try_from(piece.len()).expect("short").to_be_bytes();
            socket.write_all(&[&bytes[..3], &length[..], piece].concat()).expect("room");
        }
        let mut client = Client::on(connection, socket);
        // The terms are the same however the hello was cut, its name included.
        let answer = client.ask("GET /open HTTP/1.1\r\nHost: other.test\r\n\r\n");
        assert_refused(&gate, &answer, 421, "host_misdirected");
    }
    gate.records(4);
    app.assert_untouched();
}

#[test]
fn tls_is_what_the_port_speaks() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let rows: [&[u8]; 4] = [
        b"GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10\x01\x00\x80\x02\x00\x80\x03\x00\x80\x04\x00\x80\x05\x00\x80\x06",
        b"SSH-2.0-scanner\r\n",
    ];
    for (count, bytes) in rows.iter().enumerate() {
        let mut socket = tcp(gate.address());
        socket.write_all(bytes).expect("room");
        let mut said = Vec::new();
        let _ = socket.read_to_end(&mut said);
        assert!(!said.starts_with(b"HTTP/"), "no answer in plain text");
        assert_eq!(gate.records(count + 1)[count].code(), "tls_malformed");
    }
    // A client that offers only protocols of others.
    let strange = terms(&[authority()], None, &[&TLS13], &["smtp"]);
    assert!(Client::with(gate.address(), strange, "localhost").handshake().is_err());
    assert_eq!(gate.records(5)[4].code(), "tls_incompatible");
    app.assert_untouched();
}
