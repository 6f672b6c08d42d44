//! Metrics, as they are scraped.

use std::io::Write as _;
use std::net::TcpStream;

use portcullis::telemetry::metrics::ALL;
use rustls::version::TLS13;

use super::{METRICS, exchange, metrics_of, scrape, value, value_when};
use crate::support::pki::{Authority, Files, Leaf, terms};
use crate::support::{Client, Gate, Policy, Upstream, answer, wait_for};

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

#[test]
fn what_was_asked_is_counted_by_route_and_outcome() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).workers(2).top(METRICS));
    let mut client = gate.connect();
    for _ in 0..3 {
        assert_eq!(client.ask(get("/open")).status, 200);
    }
    assert_eq!(client.ask(get("/admin")).status, 401);
    assert_eq!(client.ask(get("/nowhere/jane.doe@buyer.example")).status, 403);
    assert_eq!(client.ask(get("/once")).status, 200);
    assert_eq!(client.ask(get("/once")).status, 429);
    let posted = "POST /public/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody";
    assert_eq!(client.ask(posted).status, 200);
    value_when(&gate, "portcullis_requests_in_progress", 0.0);
    let text = scrape(&gate);
    for (series, wanted) in [
        ("portcullis_requests_total{route=\"open\",outcome=\"served\"}", 3.0),
        ("portcullis_requests_total{route=\"admin\",outcome=\"refused\"}", 1.0),
        ("portcullis_requests_total{route=\"(none)\",outcome=\"refused\"}", 1.0),
        ("portcullis_requests_total{route=\"once\",outcome=\"refused\"}", 1.0),
        ("portcullis_requests_total{route=\"root\",outcome=\"served\"}", 0.0),
        ("portcullis_refusals_total{code=\"rate_limited\"}", 1.0),
        ("portcullis_limit_refusals_total{limit=\"once\"}", 1.0),
        ("portcullis_request_body_bytes_total{route=\"public\"}", 4.0),
        ("portcullis_response_body_bytes_total{route=\"open\"}", 15.0),
        ("portcullis_request_duration_seconds_count{route=\"open\"}", 3.0),
        ("portcullis_upstream_duration_seconds_count{route=\"open\"}", 3.0),
        ("portcullis_upstream_duration_seconds_count{route=\"admin\"}", 0.0),
        ("portcullis_gate_duration_seconds_count", 8.0),
        ("portcullis_connections", 1.0),
        ("portcullis_connections_accepted_total", 1.0),
        ("portcullis_tls_handshakes_total{version=\"1.3\"}", 1.0),
        ("portcullis_policy_generation", 1.0),
        ("portcullis_policy_last_reload_successful", 1.0),
        ("portcullis_audit_healthy", 1.0),
        ("portcullis_series_left_out", 0.0),
    ] {
        assert_eq!(value(&text, series), Some(wanted), "{series} in\n{text}");
    }
    let digest = gate.records(8).into_iter().find(|record| record.code() == "rate_limited").expect("a record").0["policy"]["uid"].as_str().expect("a digest").to_owned();
    assert_eq!(
        value(&text, &format!("portcullis_policy_info{{digest=\"{digest}\",mode=\"enforce\"}}")),
        Some(1.0),
        "metrics name the policy as records do"
    );
    let until =
        value(&text, "portcullis_certificate_not_after_timestamp_seconds{key=\"gate.tls.certificate\",index=\"0\"}");
    assert!(until.is_some_and(|until| until > 1.7e9), "{text}");
    assert!(value(&text, "process_resident_memory_bytes").is_some_and(|bytes| bytes > 1e6));
    assert!(value(&text, "process_cpu_seconds_total").is_some());
    assert!(!text.contains("jane") && !text.contains("nowhere"), "{text}");
}

#[test]
fn every_line_is_of_a_family_that_is_documented() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).top(METRICS));
    assert_eq!(gate.connect().ask(get("/open")).status, 200);
    let text = scrape(&gate);
    for line in text.lines() {
        let name = line.trim_start_matches("# HELP ").trim_start_matches("# TYPE ");
        let name = name.split([' ', '{']).next().expect("a name");
        let is_of = |row: &portcullis::telemetry::metrics::Row| {
            name == row.name
                || row.kind == "histogram"
                    && ["_bucket", "_sum", "_count"].iter().any(|end| name.strip_suffix(end) == Some(row.name))
        };
        assert!(ALL.iter().any(is_of), "{line}");
    }
    assert!(text.lines().filter(|line| line.starts_with("# TYPE ")).count() > 30);
}

#[test]
fn failures_of_connections_and_of_the_app_are_told_apart() {
    let gate = Gate::start(&Policy::at("http://127.0.0.1:1").top(METRICS));
    let mut socket = TcpStream::connect(gate.address()).expect("a connection");
    socket.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("sent");
    drop(gate.connect());
    assert_eq!(gate.connect().ask(get("/open")).status, 502);
    value_when(&gate, "portcullis_connection_failures_total{reason=\"tls_malformed\"}", 1.0);
    value_when(&gate, "portcullis_requests_total{route=\"open\",outcome=\"failed\"}", 1.0);
    let text = scrape(&gate);
    assert!(text.contains("portcullis_refusals_total{code=\"upstream_"), "{text}");
}

#[test]
fn series_of_a_removed_route_go_and_counts_of_the_others_stay() {
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app).top(METRICS);
    let gate = Gate::start(&policy);
    let mut client = gate.connect();
    assert_eq!(client.ask(get("/open")).status, 200);
    assert_eq!(client.ask(get("/small")).status, 200);
    value_when(&gate, "portcullis_requests_total{route=\"small\",outcome=\"served\"}", 1.0);
    gate.change(&policy.clone().swap("  - { name: small, path: /small, allow: [anyone], body: 16B }\n", ""));
    gate.hang_up();
    gate.changes(1);
    value_when(&gate, "portcullis_policy_generation", 2.0);
    let text = scrape(&gate);
    assert!(!text.contains("route=\"small\""), "{text}");
    assert_eq!(value(&text, "portcullis_requests_total{route=\"open\",outcome=\"served\"}"), Some(1.0));
    assert_eq!(value(&text, "portcullis_policy_reloads_total{result=\"changed\"}"), Some(1.0));
    assert_eq!(text.matches("portcullis_policy_info{").count(), 1);
    gate.change(&policy.clone().top("colour: green"));
    gate.hang_up();
    value_when(&gate, "portcullis_policy_last_reload_successful", 0.0);
    value_when(&gate, "portcullis_policy_reloads_total{result=\"refused\"}", 1.0);
    gate.change(&policy);
    gate.hang_up();
    value_when(&gate, "portcullis_policy_last_reload_successful", 1.0);
}

#[test]
fn nothing_but_metrics_is_there_and_what_is_asked_is_bounded() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).top(METRICS));
    let at = metrics_of(&gate);
    let ask = |request: &str| exchange(at, request).lines().next().unwrap_or_default().to_owned();
    for path in ["/", "/metrics/", "/healthz", "/metrics/../metrics", "/%6detrics", "/debug/pprof"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assert_eq!(ask(&request), "HTTP/1.1 404 Not Found", "{path}");
    }
    assert_eq!(
        ask("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"),
        "HTTP/1.1 405 Method Not Allowed"
    );
    let long = format!("GET /metrics HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(20_000));
    assert!(ask(&long).starts_with("HTTP/1.1 431 ") || ask(&long).is_empty());
    // More connections than there are places wait; those that go make room.
    let idle: Vec<_> = (0..40).map(|_| TcpStream::connect(at).expect("a connection")).collect();
    drop(idle);
    assert!(scrape(&gate).contains("portcullis_build_info"));
    // There is no record of scrapes.
    assert_eq!(gate.stop().ends().len(), 0);
}

#[test]
fn under_tls_only_who_has_a_certificate_is_answered() {
    let (files, servers, clients) = (Files::new(), Authority::new("Servers"), Authority::new("Scrapers"));
    let (certificate, key) = files.person("metrics", &servers.issue(&Leaf::server(&["metrics.test"])));
    let ca = files.write("scrapers.pem", &clients.pem);
    let app = Upstream::start(answer("hello"));
    let metrics = format!(
        "metrics: {{ listen: '127.0.0.1:0', tls: {{ certificate: {certificate}, key: {key}, client_ca: {ca} }} }}"
    );
    let gate = Gate::start(&Policy::new(&app).top(&metrics));
    let at = metrics_of(&gate);
    let scraper = clients.issue(&Leaf::client(&["spiffe://seller/prometheus"]));
    let stranger = Authority::new("Others").issue(&Leaf::client(&["spiffe://seller/prometheus"]));
    let ask = |person: Option<&crate::support::Person>| {
        let mut client = Client::with(at, terms(&[&servers.pem], person, &[&TLS13], &["http/1.1"]), "metrics.test");
        client.send("GET /metrics HTTP/1.1\r\nHost: metrics.test\r\n\r\n").answer().map(|answer| answer.status)
    };
    assert_eq!(ask(Some(&scraper)), Some(200));
    assert_eq!(ask(Some(&stranger)), None);
    assert_eq!(ask(None), None);
    assert!(!exchange(at, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n").contains("portcullis_"), "plaintext");
    // A new certificate is shown from the next handshake on.
    let renewed = servers.issue(&Leaf::server(&["renewed.test"]));
    files.person("metrics", &renewed);
    gate.hang_up();
    wait_for("the renewed certificate", || {
        let mut client =
            Client::with(at, terms(&[&servers.pem], Some(&scraper), &[&TLS13], &["http/1.1"]), "renewed.test");
        client.handshake().is_ok().then_some(())
    });
}

#[test]
fn without_the_key_nothing_listens_and_nothing_is_counted() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    assert_eq!(gate.connect().ask(get("/open")).status, 200);
    gate.only_record();
    assert!(!gate.log().contains("metrics are served"));
}
