//! Limits that count more than requests, and limits in shadow (DATA-3, DOS-2).

mod attacks;

use crate::support::http2::Http2;
use crate::support::upstream::{Wire, say};
use crate::support::{Gate, Policy, Record, Then, Upstream, answer, assert_refused, wait_for};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const ORDERS: &str = r#"{"payload":{"Orders":[{"id":1},{"id":2},{"id":3}]}}"#;

fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

/// The standard policy with one more route, and limits that hold on it.
fn policy(app: &Upstream, limits: &[&str]) -> Policy {
    let once = "  - { name: once, per: address, requests: 1/m }\n";
    let more: String = limits.iter().map(|limit| format!("  - {{ {limit} }}\n")).collect();
    let names: Vec<_> = limits.iter().map(|limit| limit.split(['{', ',']).next().unwrap()).collect();
    let names: Vec<_> = names.iter().map(|name| name.trim_start_matches("name: ")).collect();
    Policy::new(app)
        .swap(once, &format!("{once}{more}"))
        .route(&format!("{{ name: limited, path: /limited/**, allow: [anyone], limits: [{}] }}", names.join(", ")))
}

fn portcullis<'r>(record: &'r Record, key: &str) -> &'r str {
    record.0["unmapped"]["portcullis"][key].as_str().unwrap_or_default()
}

fn json(body: &str, more: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{more}Content-Length: {}\r\n\r\n{body}", body.len())
        .into()
}

fn app(script: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Upstream {
    Upstream::start(move |request, wire: &mut dyn Wire| {
        say(wire, script(request.target()));
        Then::Keep
    })
}

/// What is left for the second answer, and what comes back while the test runs: some 111 bytes a second.
const MOST: usize = 110_000;

#[test]
fn limits_of_bytes_end_an_answer_and_then_refuse() {
    let upstream = Upstream::start(answer(&"x".repeat(300_000)));
    let limit = "name: volume, per: address, bytes: 400KB/h";
    let gate = Gate::start(&policy(&upstream, &[limit]));
    let mut client = gate.connect();
    assert!(client.ask(get("/limited/a", "")).whole);
    let cut = client.ask(get("/limited/b", ""));
    assert!(cut.status == 200 && !cut.whole && cut.body.len() <= MOST, "{}", cut.body.len());
    assert!(client.is_closed());
    let record = &gate.records(2)[1];
    assert_eq!((record.code(), record.end()), ("allowed", "limit_reached"));
    assert!((100_000..=MOST as u64).contains(&record.bytes().1));
    assert_eq!((portcullis(record, "limit"), record.status()), ("volume", 200));
    for answer in [gate.connect().ask(get("/limited/c", "")), Http2::connect(&gate, None).get("/limited/c")] {
        let record = assert_refused(&gate, &answer, 429, "rate_limited");
        assert_eq!(portcullis(&record, "limit"), "volume");
        assert_eq!(answer.field("ratelimit-policy"), Some("\"volume.bytes\";q=400000;w=3600;qu=\"content-bytes\""));
        let wait: u64 = answer.field("retry-after").expect("a time").parse().expect("seconds");
        assert!((300..=361).contains(&wait), "{wait}");
        assert_eq!(answer.field("ratelimit"), Some(&*format!("\"volume.bytes\";r=0;t={wait}")));
    }
    assert!(gate.connect().ask(get("/open", "")).whole, "other routes go on");

    // On HTTP/2 the stream is reset, and the connection goes on.
    let gate = Gate::start(&policy(&upstream, &[limit]));
    let client = Http2::connect(&gate, None);
    assert!(client.get("/limited/a").whole);
    let request = http::Request::get("https://localhost/limited/b").body(()).expect("a request");
    assert!(client.ask(request).map_or_else(|fault| fault.is_reset(), |answer| !answer.whole));
    assert_eq!(client.get("/open").status, 200);
    assert_eq!(gate.records(3)[1].end(), "limit_reached");
}

#[test]
fn limits_of_bytes_hold_for_upgraded_streams() {
    let upstream = Upstream::start(|_, wire: &mut dyn Wire| {
        say(wire, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
        say(wire, "x".repeat(5000));
        Then::Echo
    });
    let gate = Gate::start(&policy(&upstream, &["name: volume, per: address, bytes: 2000/h"]));
    let fields = "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let mut client = gate.connect();
    assert_eq!(client.ask(get("/limited/a", fields)).status, 101);
    assert!(client.read_to_end().len() <= 2000);
    let record = gate.only_record();
    assert_eq!((record.end(), portcullis(&record, "limit")), ("limit_reached", "volume"));
}

#[test]
fn limits_of_records_count_json_and_take_nothing_that_cannot_be_counted() {
    let upstream = app(|target| match target {
        "/limited/coded" => json("\u{1f}\u{8b}", "Content-Encoding: gzip\r\n"),
        "/limited/part" => {
            let answer = String::from_utf8(json(ORDERS, "")).expect("text");
            answer.replace("200 OK", "206 Partial Content").into()
        }
        "/limited/text" => "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 3\r\n\r\n1,2".into(),
        "/limited/failed" => "HTTP/1.1 404 No\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nno\n".into(),
        "/limited/broken" => json("{\"payload\":]}", ""),
        _ => json(ORDERS, ""),
    });
    let limit = "name: reads, per: address, records: { count: 7/d, at: \"$.payload.Orders[*]\" }";
    let gate = Gate::start(&policy(&upstream, &[limit]));
    for path in ["/limited/coded", "/limited/part", "/limited/text"] {
        let record = assert_refused(&gate, &gate.connect().ask(get(path, "")), 502, "answer_uncountable");
        assert_eq!(portcullis(&record, "limit"), "reads");
    }
    assert_eq!(gate.connect().ask(get("/limited/failed", "")).text(), "no\n");
    let broken = gate.connect().ask(get("/limited/broken", ""));
    assert!(!broken.whole && broken.body.is_empty());
    assert_eq!(gate.records(5)[4].end(), "uncountable");

    let fields = "Accept-Encoding: gzip, br\r\nRange: bytes=5-\r\nIf-Range: \"x\"\r\n";
    for _ in 0..2 {
        assert_eq!(gate.connect().ask(get("/limited/orders", fields)).text(), ORDERS);
    }
    let asked = &upstream.requests_when(7)[6];
    assert_eq!(asked.all("accept-encoding"), ["identity"]);
    assert!(asked.field("range").is_none() && asked.field("if-range").is_none());
    let cut = gate.connect().ask(get("/limited/orders", ""));
    assert!(!cut.whole && cut.body.is_empty(), "six of seven were read");
    assert_eq!((gate.records(8)[7].end(), portcullis(&gate.records(8)[7], "limit")), ("limit_reached", "reads"));
    let refused = gate.connect().ask(get("/limited/orders", ""));
    assert_refused(&gate, &refused, 429, "rate_limited");
    assert_eq!(refused.field("ratelimit-policy"), Some("\"reads.records\";q=7;w=86400;qu=\"records\""));
}

#[test]
fn limits_of_requests_in_progress_give_places_back() {
    let goes_on = Arc::new(AtomicBool::new(false));
    let upstream = {
        let goes_on = Arc::clone(&goes_on);
        Upstream::start(move |_, wire: &mut dyn Wire| {
            say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n12");
            wait_for("the test", || goes_on.load(Ordering::SeqCst).then_some(()));
            say(wire, "34");
            Then::Keep
        })
    };
    let gate = Gate::start(&policy(&upstream, &["name: few, per: address, concurrent: 2"]));
    let (mut one, mut two) = (gate.connect(), gate.connect());
    one.send(get("/limited/a", ""));
    two.send(get("/limited/b", ""));
    upstream.requests_when(2);
    let third = gate.connect().ask(get("/limited/c", ""));
    let record = assert_refused(&gate, &third, 429, "rate_limited");
    assert_eq!(portcullis(&record, "limit"), "few");
    assert_eq!(third.field("ratelimit-policy"), Some("\"few.concurrent\";q=2;qu=\"concurrent-requests\""));
    // A client that goes away gives its place back; so does an answer's end.
    two.reset();
    gate.records(2);
    goes_on.store(true, Ordering::SeqCst);
    assert_eq!(one.answer().expect("an answer").text(), "1234");
    for _ in 0..3 {
        assert_eq!(gate.connect().ask(get("/limited/d", "")).status, 200);
        gate.records_when("an end", |records| records.iter().filter(|record| record.status() != 0).count() >= 3);
    }
}

#[test]
fn limits_in_shadow_refuse_nothing_and_are_recorded() {
    let upstream = app(|target| match target {
        "/limited/coded" => json("\u{1f}\u{8b}", "Content-Encoding: gzip\r\n"),
        _ => json(ORDERS, ""),
    });
    let reads = "name: reads, per: address, mode: shadow, records: { count: 4/d, at: \"$.payload.Orders[*]\" }";
    let calls = "name: calls, per: address, mode: shadow, requests: 3/d";
    let gate = Gate::start(&policy(&upstream, &[reads, calls]));
    for path in ["/limited/coded", "/limited/a", "/limited/a", "/limited/a"] {
        let answer = gate.connect().ask(get(path, ""));
        assert!(answer.status == 200 && answer.whole);
    }
    let shadow = |record: &Record| record.0["unmapped"]["portcullis"]["shadow"]["status_code"].clone();
    let records = gate.records(4);
    let said: Vec<_> = records.iter().map(|record| (shadow(record), portcullis(record, "limit"))).collect();
    let expected = [("answer_uncountable", "reads"), ("", ""), ("rate_limited", "reads"), ("rate_limited", "reads")];
    for (said, (code, limit)) in said.iter().zip(expected) {
        assert_eq!((said.0.as_str().unwrap_or_default(), said.1), (code, limit), "{said:?}");
    }
    assert!(records.iter().all(|record| record.code() == "allowed" && record.end() == "complete"));
}

#[test]
fn limits_tell_what_is_left_where_they_are_to() {
    let upstream = Upstream::start(answer("hello"));
    let many = "name: many, per: address, requests: 100/m, headers: true";
    let few = "name: few, per: route, requests: 2/10s, headers: true";
    let gate = Gate::start(&policy(&upstream, &[many, few]));
    let answer = gate.connect().ask(get("/limited/a", ""));
    assert_eq!(answer.field("ratelimit-policy"), Some("\"few\";q=2;w=10"));
    assert_eq!(answer.field("ratelimit"), Some("\"few\";r=1;t=5"));
    assert!(gate.connect().ask(get("/open", "")).field("ratelimit").is_none());
}
