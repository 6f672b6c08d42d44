//! The way to the app: verified TLS, a Unix socket, HTTP/2; and what happens if the app is not who it should be.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use crate::support::pki::{Authority, DAY, Files, Leaf};
use crate::support::{Gate, Person, Policy, Record, Upstream, answer, assert_refused};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// One request through a gate to an app that shows this certificate; the answer's status and the record.
fn ask_through(app: &Upstream, tls: &str) -> (Gate, u16, Record) {
    let gate = Gate::start(&Policy::new(app).upstream(tls));
    let status = gate.connect().ask(GET).status;
    let record = gate.only_record();
    (gate, status, record)
}

#[test]
fn tls_to_the_app_is_verified_against_the_authority_and_the_name() {
    let (files, ours) = (Files::new(), Authority::new("Ours"));
    let ca = files.write("ca.pem", &ours.pem);
    for (names, more) in [
        (&["localhost"][..], ""),
        (&["app.internal"], ", server_name: app.internal"),
        (&["other.internal", "127.0.0.1"], ", server_name: 127.0.0.1"),
    ] {
        let app = Upstream::tls(ours.issue(&Leaf::server(names)).serves(None, &["http/1.1"]), answer("hello"));
        let (_gate, status, record) = ask_through(&app, &format!("tls: {{ ca: {ca}{more} }}"));
        assert_eq!((status, record.code()), (200, "allowed"), "{names:?}");
        assert_eq!(app.only_request().target(), "/open");
    }
}

#[test]
fn tls_to_an_app_that_is_somebody_else_is_502_and_nothing_is_sent() {
    let (files, ours, theirs) = (Files::new(), Authority::new("Ours"), Authority::new("Ours"));
    let ca = files.write("ca.pem", &ours.pem);
    let sound = || Leaf::server(&["localhost"]);
    let rows: [(&str, Person, &str); 6] = [
        ("another authority", theirs.issue(&sound()), ""),
        ("another name", ours.issue(&Leaf::server(&["app.internal"])), ""),
        ("not the pinned name", ours.issue(&sound()), ", server_name: app.internal"),
        ("a wildcard over labels", ours.issue(&Leaf::server(&["*.internal"])), ", server_name: a.b.internal"),
        ("expired", ours.issue(&sound().valid(-2 * DAY, -60)), ""),
        ("a client's", ours.issue(&Leaf { usage: rcgen::ExtendedKeyUsagePurpose::ClientAuth, ..sound() }), ""),
    ];
    for (what, person, more) in rows {
        let app = Upstream::tls(person.serves(None, &["http/1.1"]), answer("hello"));
        let (gate, status, record) = ask_through(&app, &format!("tls: {{ ca: {ca}{more} }}"));
        assert_eq!((status, record.code()), (502, "upstream_connect"), "{what}: {}", gate.log());
        app.assert_untouched();
    }
}

#[test]
fn tls_to_an_app_that_talks_before_the_handshake_is_502_and_nothing_is_sent() {
    let (files, ours) = (Files::new(), Authority::new("Ours"));
    let ca = files.write("ca.pem", &ours.pem);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("https://localhost:{}", listener.local_addr().expect("an address").port());
    let (sender, said) = mpsc::sync_channel(1);
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().expect("the gate");
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\ninjected").expect("room");
        let mut bytes = Vec::new();
        let _ = socket.read_to_end(&mut bytes);
        sender.send(bytes).expect("a test");
    });
    let gate = Gate::start(&Policy::at(&url).upstream(&format!("tls: {{ ca: {ca} }}")));
    assert_refused(&gate, &gate.connect().ask(GET), 502, "upstream_connect");
    let bytes = said.recv_timeout(crate::support::PATIENCE).expect("the connection ends");
    assert!(!bytes.windows(5).any(|window| window == b"/open"), "the request went out in plain text");
    gate.only_record();
}

#[test]
fn tls_to_the_app_shows_the_gates_own_certificate_where_one_is_configured() {
    let (files, ours, clients) = (Files::new(), Authority::new("Ours"), Authority::new("Gates"));
    let ca = files.write("ca.pem", &ours.pem);
    let (certificate, key) = files.person("gate", &clients.issue(&Leaf::client(&["spiffe://seller/gate"])));
    let terms = || ours.issue(&Leaf::server(&["localhost"])).serves(Some(&clients), &["http/1.1"]);
    let app = Upstream::tls(terms(), answer("hello"));
    let shown = format!("tls: {{ ca: {ca}, certificate: {certificate}, key: {key} }}");
    assert_eq!(ask_through(&app, &shown).1, 200);
    let app = Upstream::tls(terms(), answer("hello"));
    let (_gate, status, record) = ask_through(&app, &format!("tls: {{ ca: {ca} }}"));
    assert_eq!(status, 502, "{record:?}");
    app.assert_untouched();
}

#[test]
fn tls_is_not_needed_on_a_unix_socket() {
    let app = Upstream::unix(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    assert_eq!(client.ask(GET).text(), "hello");
    assert_eq!(client.ask("POST /open HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc").status, 200);
    assert_eq!(app.requests_when(2)[1].content(), b"abc");
}
