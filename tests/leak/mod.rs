//! What a request said never comes out of the gate but to the app (LOG-2; classes H 74 to 76): every place of a request
//! holds a mark, and no output holds any, however encoded.

mod marks;
mod requests;

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use portcullis::audit::spool::{self, WrappingKey};

use crate::sinks::{SPOOL, home, wait_for_all};
use crate::support::credentials::credentials;
use crate::support::gate::Stopped;
use crate::support::pki::{Authority, Files, Leaf};
use crate::support::siem::Siem;
use crate::support::upstream::{Wire, say};
use crate::support::{Gate, Policy, Request, Then, Upstream};
use crate::telemetry::receiver::Receiver;
use crate::telemetry::{METRICS, scrape};
use marks::{Marked, STEM};

/// An app that sends back all that it was sent, or breaks the rules while it does.
fn parrot(request: &Request, wire: &mut dyn Wire) -> Then {
    let body = request.content();
    let heard = request.head.replace("\r\n", " | ");
    let field = format!("X-Heard: {heard}\r\nSet-Cookie: heard={STEM}answer\r\n");
    match request.target() {
        target if target.contains("garbage") => say(wire, format!("{STEM}garbage {heard}\r\n\r\n")),
        target if target.contains("bad-field") => say(wire, format!("HTTP/1.1 200 OK\r\nX {STEM}: \0{heard}\r\n\r\n")),
        target if target.contains("reason") => {
            say(wire, format!("HTTP/1.1 503 {STEM}reason\r\n{field}Content-Length: 0\r\n\r\n"));
        }
        target if target.contains("broken") => {
            say(wire, format!("HTTP/1.1 200 OK\r\n{field}Content-Length: 9999\r\n\r\n{STEM}half"));
        }
        target if target.contains("location") => {
            say(
                wire,
                format!("HTTP/1.1 302 Found\r\nLocation: https://{STEM}.example/\r\n{field}Content-Length: 0\r\n\r\n"),
            );
        }
        target if target.contains("trailer") => {
            let chunked = format!("Transfer-Encoding: chunked\r\nTrailer: X-{STEM}\r\n");
            let rest = format!("3;{STEM}=1\r\nabc\r\n0\r\nX-{STEM}: {STEM}trailer\r\n\r\n");
            say(wire, format!("HTTP/1.1 200 OK\r\n{field}{chunked}\r\n{rest}"));
        }
        _ => {
            say(wire, format!("HTTP/1.1 200 OK\r\n{field}Content-Length: {}\r\n\r\n", body.len()));
            say(wire, body);
            return Then::Keep;
        }
    }
    Then::Close
}

/// The policy: records on standard output too, a certificate for any name below one domain.
fn policy(app: &Upstream, files: &Files, servers: &Authority, clients: &Authority) -> Policy {
    let (certificate, key) = files.person("wild", &servers.issue(&Leaf::server(&["*.wild.test"])));
    let clients = files.write("clients.pem", &format!("{}{}", clients.pem, credentials().pki.clients_ca));
    Policy::new(app)
        .swap(
            "client_ca: certs/clients-ca.pem",
            &format!("client_ca: {clients}, more: [{{ certificate: {certificate}, key: {key} }}]"),
        )
        .gate("assertion: { key: certs/assertion.key, audience: app }")
        .gate("timeouts: { handshake: 2s, header: 2s, body_idle: 500ms }")
        .gate("trusted_proxies: [127.0.0.1]")
        .route("{ name: everything, path: /any/**, allow: [anyone], log: { query: [page] } }")
        .route("{ name: trial, path: /trial/**, allow: [support], mode: shadow }")
        .top("    - stdout")
}

/// Sends all marked requests to a gate that logs in this form; gives all that it said.
fn provoke(form: &str) -> (Stopped, Upstream) {
    let (files, servers, clients) = (Files::new(), Authority::new("Servers"), Authority::new("Clients"));
    let app = Upstream::start(parrot);
    let gate = Gate::start_logging(&policy(&app, &files, &servers, &clients), form);
    let marked = Marked { gate: &gate, servers: &servers, clients: &clients };
    requests::over_http1(&marked);
    requests::over_http2(&marked);
    requests::in_handshakes(&marked);
    (gate.stop(), app)
}

#[test]
fn log_leak_of_nothing_that_a_request_said() {
    for form in ["text", "json"] {
        let (stopped, app) = provoke(form);
        assert!(stopped.status.success(), "{}", stopped.log);
        let heard: String = app.requests().iter().map(|request| request.head.clone()).collect();
        assert!(heard.matches(STEM).count() > 50, "the marks reached the app: {}", heard.matches(STEM).count());
        let codes: BTreeSet<_> = stopped.ends().iter().map(|record| record.code()).collect();
        assert!(codes.len() > 40, "many kinds of ends: {codes:?}");
        assert_eq!(stopped.output, stopped.trail, "both sinks have the same");
        assert_eq!(stopped.log.lines().filter(|line| line.contains("panicked")).count(), 0, "{}", stopped.log);
        for (name, output) in [("log", &stopped.log), ("records", &stopped.trail), ("output", &stopped.output)] {
            assert_eq!(marks::found(output), Vec::<String>::new(), "in the {name} ({form})");
            marks::assert_one_reading(name, output);
        }
    }
}

#[test]
fn log_leak_of_nothing_in_metrics_and_spans() {
    let (files, servers, clients) = (Files::new(), Authority::new("Servers"), Authority::new("Clients"));
    let (app, receiver) = (Upstream::start(parrot), Receiver::start());
    let policy = policy(&app, &files, &servers, &clients)
        .swap("audit:\n", &format!("{METRICS}\n{}\naudit:\n", receiver.traces("sample: 1/1")));
    let gate = Gate::start(&policy);
    let marked = Marked { gate: &gate, servers: &servers, clients: &clients };
    requests::over_http1(&marked);
    requests::over_http2(&marked);
    requests::in_handshakes(&marked);
    let metrics = scrape(&gate);
    assert!(metrics.matches("portcullis_refusals_total{").count() > 30, "{metrics}");
    let stopped = gate.stop();
    let spans = receiver.spans();
    assert!(spans.len() > 50, "{}", spans.len());
    let spans: String = spans.iter().map(|span| format!("{span:?}\n")).collect();
    let exports: String = receiver.exports().iter().map(|export| export.head.clone()).collect();
    let outputs = [("metrics", &metrics), ("spans", &spans), ("exports", &exports), ("records", &stopped.trail)];
    for (name, output) in outputs {
        assert_eq!(marks::found(output), Vec::<String>::new(), "in the {name}");
    }
    marks::assert_one_reading("metrics", &metrics);
}

/// Takes all that comes to a socket, and keeps it.
fn listener() -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let came: Arc<Mutex<Vec<u8>>> = Arc::default();
    let kept = Arc::clone(&came);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut chunk) = (stream.unwrap(), [0; 4096]);
            while let Ok(count @ 1..) = stream.read(&mut chunk) {
                kept.lock().unwrap().extend_from_slice(&chunk[..count]);
            }
        }
    });
    (address, came)
}

/// The same with a spool, whose records are read out of its segments, and with sinks on the network in every encoding.
#[test]
fn log_leak_of_nothing_in_spool_and_sinks() {
    let (files, servers, clients) = (Files::new(), Authority::new("Servers"), Authority::new("Clients"));
    let (app, siem) = (Upstream::start(parrot), Siem::start());
    let (address, wire) = listener();
    let policy = policy(&app, &files, &servers, &clients)
        .swap("audit:\n", SPOOL)
        .sink(&format!("webhook: {{ url: \"{}\", batch: {{ time: 50ms }} }}", siem.url()))
        .sink(&format!("syslog: {{ address: \"tcp://{address}\", format: cef, batch: {{ time: 20ms }} }}"));
    let home = home();
    let gate = Gate::start_in(home, &policy);
    let marked = Marked { gate: &gate, servers: &servers, clients: &clients };
    requests::over_http1(&marked);
    requests::over_http2(&marked);
    requests::in_handshakes(&marked);
    wait_for_all(gate.directory(), &siem);
    let key = WrappingKey::load(&gate.directory().join("audit.key")).unwrap();
    let mut stored = String::new();
    for chain in spool::chains(&gate.directory().join("spool")).unwrap() {
        for segment in spool::segments(&chain).unwrap() {
            let keep = |_, record: &[u8]| {
                stored.push_str(&String::from_utf8_lossy(record));
                stored.push('\n');
            };
            segment.records(&key, keep).unwrap();
        }
    }
    let posts = |siem: &Siem| -> String {
        siem.kept()
            .iter()
            .map(|post| format!("{} {:?} {}\n", post.line, post.fields, String::from_utf8_lossy(&post.body)))
            .collect()
    };
    let stopped = gate.stop();
    assert!(stored.lines().count() > 100, "{}", stored.lines().count());
    assert!(siem.records().len() > 100, "{}", siem.records().len());
    let hooked = posts(&siem);
    let framed = String::from_utf8_lossy(&wire.lock().unwrap()).into_owned();
    assert!(framed.matches("CEF:0|").count() > 100, "{}", framed.len());
    let outputs = [
        ("spool", &stored),
        ("webhook", &hooked),
        ("syslog", &framed),
        ("log", &stopped.log),
        ("records", &stopped.trail),
    ];
    for (name, output) in outputs {
        assert_eq!(marks::found(output), Vec::<String>::new(), "in the {name}");
        marks::assert_one_reading(name, output);
    }
}

#[test]
fn log_leak_is_found_in_every_encoding() {
    let encoded = STEM.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let hexadecimal = STEM.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let forms = [
        STEM.to_owned(),
        STEM.to_uppercase(),
        encoded.clone(),
        encoded.replace('%', "%25"),
        hexadecimal,
        STANDARD.encode(STEM),
        STANDARD.encode(format!("a{STEM}")),
        STANDARD.encode(format!("ab{STEM}c")),
        format!("{{\"a\":\"\\u007a{}\"}}", &STEM[1..]),
        STEM.chars().rev().collect(),
    ];
    for form in forms {
        assert!(!marks::found(&format!("before {form} after")).is_empty(), "{form}");
    }
    assert!(marks::found("before and after").is_empty());
}

#[test]
fn log_leak_of_no_file_beside_the_records() {
    let (files, servers, clients) = (Files::new(), Authority::new("Servers"), Authority::new("Clients"));
    let app = Upstream::start(parrot);
    let gate = Gate::start(&policy(&app, &files, &servers, &clients));
    let list = || {
        let entries = fs::read_dir(gate.directory()).expect("a directory");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name()).collect();
        names.sort();
        names
    };
    requests::over_http1(&Marked { gate: &gate, servers: &servers, clients: &clients });
    assert_eq!(list(), ["api-keys.yaml", "audit.jsonl", "certs", "policy.yaml"]);
}
