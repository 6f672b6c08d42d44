//! The way to the app: over loopback, a Unix socket, TLS and HTTP/2; and an app that is not there, or not itself.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;

use crate::support::credentials::credentials;
use crate::support::http2::{Http2, Rest};
use crate::support::upstream::say;
use crate::support::upstream_http2::UpstreamHttp2;
use crate::support::{Gate, Latch, Policy, Then, Upstream, answer, assert_refused};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// An app's terms: the certificate for `localhost`, and none served without a client's.
fn mutual() -> rustls::ServerConfig {
    let pki = &credentials().pki;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pki.clients_ca.as_bytes()).expect("PEM")).expect("an authority");
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
    rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(verifier.expect("a verifier"))
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(pki.gate.certificate.as_bytes()).expect("PEM")],
            PrivateKeyDer::from_pem_slice(pki.gate.key.as_bytes()).expect("a key"),
        )
        .expect("a certificate")
}

#[test]
fn an_app_on_a_unix_socket_is_served() {
    let app = Upstream::unix(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    assert_eq!(client.ask(GET).text(), "fine");
    assert_eq!(client.ask(GET).text(), "fine");
    assert_eq!((app.requests().len(), app.connections()), (2, 1), "the connection is reused");
    gate.records(2);
}

#[test]
fn tls_to_the_app_is_verified_in_both_directions() {
    let app = Upstream::tls(mutual(), answer("fine"));
    let ours = "certificate: certs/client.pem, key: certs/client.key";
    let gate = Gate::start(&Policy::new(&app).upstream(&format!("tls: {{ ca: certs/ca.pem, {ours} }}")));
    assert_eq!(gate.connect().ask(GET).text(), "fine");
    assert_eq!(app.only_request().field("host"), Some("localhost"));
    for (settings, what) in [
        (format!("tls: {{ ca: certs/clients-ca.pem, {ours} }}"), "another authority"),
        (format!("tls: {{ ca: certs/ca.pem, {ours}, server_name: elsewhere.test }}"), "another name"),
        ("tls: { ca: certs/ca.pem }".to_owned(), "no certificate of ours"),
    ] {
        let gate = Gate::start(&Policy::new(&app).upstream(&settings));
        let answer = gate.connect().ask(GET);
        assert_eq!(answer.status, 502, "{what}");
        gate.only_record();
        assert_eq!(app.requests().len(), 1, "{what}");
    }
}

#[test]
fn tls_plaintext_from_the_app_is_no_answer() {
    // What an app, or somebody in its place, says before the handshake is nobody's answer.
    for greeting in ["HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged", "SSH-2.0-x\r\n"] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let app = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().expect("a connection");
            socket.write_all(greeting.as_bytes()).expect("sent");
            let mut rest = Vec::new();
            let _ = std::io::Read::read_to_end(&mut socket, &mut rest);
            rest
        });
        let policy = Policy::at(&format!("https://127.0.0.1:{port}")).upstream("tls: { ca: certs/ca.pem }");
        let gate = Gate::start(&policy);
        assert_refused(&gate, &gate.connect().ask(GET), 502, "upstream_connect");
        let sent = app.join().expect("the app");
        assert!(!String::from_utf8_lossy(&sent).contains("HTTP/1.1"), "a request went out in the clear");
    }
}

#[test]
fn refusal_where_the_app_is_not_there() {
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let gate = Gate::start(&Policy::at(&format!("http://{gone}")));
    let record = assert_refused(&gate, &gate.connect().ask(GET), 502, "upstream_connect");
    assert_eq!(record.event(), "HTTP.FAIL.UPSTREAM");
    let gate = Gate::start(&Policy::at("unix:/nonexistent/app.sock"));
    assert_refused(&gate, &gate.connect().ask(GET), 502, "upstream_connect");
    assert_refused(&gate, &Http2::connect(&gate, None).get("/open"), 502, "upstream_connect");
}

/// A listener whose queue is full: whoever connects waits for an answer that does not come.
fn deaf() -> (socket2::Socket, SocketAddr, Vec<socket2::Socket>) {
    use socket2::{Domain, Socket, Type};
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a port");
    listener.listen(0).expect("listening");
    let address = listener.local_addr().expect("an address");
    let mut waiting = Vec::new();
    loop {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let full = socket.connect_timeout(&address, std::time::Duration::from_millis(200)).is_err();
        waiting.push(socket);
        if full {
            return (listener, address.as_socket().expect("an address"), waiting);
        }
    }
}

#[test]
fn refusal_where_the_app_accepts_no_connection() {
    let (_listener, address, _waiting) = deaf();
    let gate = Gate::start(&Policy::at(&format!("http://{address}")).upstream("timeouts: { connect: 300ms }"));
    assert_refused(&gate, &gate.connect().ask(GET), 504, "upstream_connect_timeout");
}

#[test]
fn refusal_where_too_many_connections_to_the_app_are_being_made() {
    let (_listener, address, _waiting) = deaf();
    let gate = Gate::start(&Policy::at(&format!("http://{address}")).upstream("timeouts: { connect: 30s }"));
    let clients: Vec<_> = (0..42).map(|_| Http2::connect(&gate, None)).collect();
    let request = || http::Request::post("https://localhost/open").body(()).expect("a request");
    let waiting: Vec<_> = clients.iter().flat_map(|client| (0..100).map(|_| client.open(request()))).collect();
    let records = gate.records_when("one too many", |records| {
        records.iter().any(|record| (record.code(), record.status()) == ("upstream_busy", 503))
    });
    assert!(records.iter().all(|record| record.code() == "upstream_busy"), "{records:?}");
    drop((waiting, clients));
    let records = gate.records(4200);
    assert!(records.iter().any(|record| record.end() == "client_gone"), "the others still waited");
}

#[test]
fn upstream_more_requests_at_once_than_connections_are_made_wait_their_turn() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app).upstream("timeouts: { connect: 30s }"));
    let clients: Vec<_> = (0..5).map(|_| Http2::connect(&gate, None)).collect();
    let request = || http::Request::get("https://localhost/open").body(()).expect("a request");
    let mut waiting: Vec<_> = clients.iter().flat_map(|client| (0..100).map(|_| client.open(request()))).collect();
    for (_, stream) in &mut waiting {
        // Who was answered already has no stream to end.
        drop(stream.send_data(bytes::Bytes::new(), true));
    }
    let records = gate.records(500);
    assert!(records.iter().all(|record| record.status() == 200), "{records:?}");
    drop((waiting, clients));
}

#[test]
fn refusal_where_the_app_does_not_answer_in_time() {
    let told = Latch::new();
    let heard = told.clone();
    let app = Upstream::start(move |_, wire| {
        heard.wait();
        say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
        Then::Keep
    });
    let gate = Gate::start(&Policy::new(&app).upstream("timeouts: { response: 300ms }"));
    let mut client = gate.connect();
    assert_refused(&gate, &client.ask(GET), 504, "upstream_timeout");
    told.open();
    // The late answer is nobody's: the next request has a connection of its own.
    assert_eq!(client.ask("GET /public/next HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
    assert_eq!(app.connections(), 2);
    assert_eq!(app.requests_when(2)[1].target(), "/public/next");
    gate.records(2);
}

#[test]
fn an_answer_that_stalls_is_cut_and_recorded_as_timed_out() {
    let told = Latch::new();
    let heard = told.clone();
    let app = Upstream::start(move |_, wire| {
        say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        heard.wait();
        Then::Close
    });
    let gate = Gate::start(&Policy::new(&app).upstream("timeouts: { idle: 300ms }"));
    let answer = gate.connect().ask(GET);
    assert!(!answer.whole && answer.text() == "abc", "{answer:?}");
    let record = gate.only_record();
    assert_eq!((record.end(), record.code(), record.bytes().1), ("timed_out", "allowed", 3));
    told.open();
}

#[test]
fn an_app_on_http2_gets_what_was_authorised() {
    let app = UpstreamHttp2::start();
    let gate = Gate::start(&Policy::at(&app.url()).upstream("protocol: http2"));
    let answer = gate.connect().ask("GET //open?a HTTP/1.1\r\nHost: localhost\r\nX-Portcullis-Caller: root\r\n\r\n");
    assert_eq!(answer.text(), "fine");
    let request = http::Request::post("https://localhost/open").header("te", "trailers").body(()).expect("a request");
    let answer = Http2::connect(&gate, None).ask_with(request, Rest::of("abc").then("x-t", "1")).expect("an answer");
    assert_eq!((answer.text().as_str(), answer.field("grpc-status")), ("fine", Some("0")));
    let seen = app.seen();
    assert_eq!((seen[0].uri.as_str(), seen[0].method.as_str()), ("http://localhost/open?a", "GET"));
    assert!(!seen[0].fields.contains_key("x-portcullis-caller") && !seen[0].fields.contains_key("host"));
    assert_eq!((seen[1].body.as_slice(), seen[1].whole), (&b"abc"[..], true));
    assert_eq!(seen[1].trailers.as_ref().expect("trailers")["x-t"], "1");
    assert_eq!(seen[1].fields["te"], "trailers");
    gate.records(2);
}

#[test]
fn an_upgraded_stream_carries_bytes_both_ways_and_ends_in_one_record() {
    let app = Upstream::start(|_, wire| {
        say(wire, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
        Then::Echo
    });
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    // Bytes of the new protocol that come early reach the app only after it agreed.
    client.send("GET /open HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello");
    assert_eq!(client.answer().expect("an answer").status, 101);
    assert_eq!(client.take(5).expect("an echo"), b"hello");
    client.send("GET /admin HTTP/1.1\r\n\r\n");
    assert_eq!(client.take(23).expect("an echo"), b"GET /admin HTTP/1.1\r\n\r\n");
    client.finish();
    assert!(client.is_closed());
    let record = gate.only_record();
    assert_eq!((record.end(), record.status(), record.bytes()), ("upgrade_closed", 101, (28, 28)));
    assert_eq!(app.only_request().target(), "/open");
}

#[test]
fn a_port_that_is_not_the_gates_is_never_tried_twice() {
    // The gate refuses its start where it cannot bind.
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let app = Upstream::start(answer("fine"));
    let (status, said) = Gate::refuses_to_start(&Policy::new(&app).listening_on(address));
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("cannot listen"), "{said}");
    assert!(TcpStream::connect(address).is_ok());
}
