//! What a request said never comes out of the gate but to the app (LOG-2; classes H 74 to 76): every place of a request
//! holds a mark, and no output holds any, however encoded.

mod marks;
mod requests;

use std::collections::BTreeSet;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::credentials::credentials;
use crate::support::gate::Stopped;
use crate::support::pki::{Authority, Files, Leaf};
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
