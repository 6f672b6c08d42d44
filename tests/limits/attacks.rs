//! Limits under attack: clients that change what they send, requests that end in every way, answers that are hard to count
//! (DATA-3, DOS-2).

use super::{ORDERS, app, get, json, policy, portcullis};
use crate::support::credentials::credentials;
use crate::support::http2::Http2;
use crate::support::upstream::{Wire, say};
use crate::support::{Gate, Latch, Policy, Record, Then, Upstream, answer, assert_refused, token, wait_for};

const READS: &str = "name: reads, per: address, records: { count: 7/d, at: \"$.payload.Orders[*]\" }";

fn statuses(gate: &Gate, path: &str, fields: impl Iterator<Item = String>) -> Vec<u16> {
    fields.map(|fields| gate.connect().ask(get(path, &fields)).status).collect()
}

/// Whatever a client says of itself: its address is that of its socket.
#[test]
fn limits_of_an_address_hold_whatever_the_client_sends() {
    let upstream = Upstream::start(answer("hello"));
    let gate = Gate::start(&policy(&upstream, &["name: three, per: address, requests: 3/d"]));
    let fields = (0..8).map(|number| {
        format!(
            "X-Forwarded-For: 192.0.2.{number}\r\nForwarded: for=192.0.2.{number}\r\nX-Real-Ip: 192.0.2.{number}\r\n\
             True-Client-Ip: 192.0.2.{number}\r\nUser-Agent: agent/{number}\r\nCookie: session={number}\r\n\
             X-Request-Id: {number}\r\n"
        )
    });
    assert_eq!(statuses(&gate, "/limited/a", fields), [200, 200, 200, 429, 429, 429, 429, 429]);
    assert_eq!(Http2::connect(&gate, None).get("/limited/b?x=1").status, 429);
}

/// Behind a trusted proxy it is the address that the proxy saw: what stands before it, the client made up.
#[test]
fn limits_behind_a_proxy_count_who_the_proxy_saw() {
    let upstream = Upstream::start(answer("hello"));
    let policy = policy(&upstream, &["name: three, per: address, requests: 3/d"]);
    let gate = Gate::start(&policy.gate("trusted_proxies: [127.0.0.0/8]"));
    let made_up = (0..6).map(|number| format!("X-Forwarded-For: 192.0.2.{number}, 198.51.100.7\r\n"));
    assert_eq!(statuses(&gate, "/limited/a", made_up), [200, 200, 200, 429, 429, 429]);
    // One subscriber's addresses are one, in whatever way they are written.
    let one = ["2001:db8::1", "2001:DB8:0:0::2", "2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:0:1::"];
    let one = one.iter().map(|address| format!("X-Forwarded-For: {address}\r\n"));
    assert_eq!(statuses(&gate, "/limited/a", one), [200, 200, 200, 429]);
    let mapped = ["203.0.113.9", "::ffff:203.0.113.9", "::ffff:cb00:7109", "203.0.113.9"];
    let mapped = mapped.iter().map(|address| format!("X-Forwarded-For: {address}\r\n"));
    assert_eq!(statuses(&gate, "/limited/a", mapped), [200, 200, 200, 429]);
    // A victim's own requests are its own.
    assert_eq!(gate.connect().ask(get("/limited/a", "X-Forwarded-For: 192.0.2.1\r\n")).status, 200);
}

/// A caller is who it is, whatever credential it shows and wherever it calls from; nobody else counts for it.
#[test]
fn limits_of_a_caller_hold_over_its_credentials_and_count_nobody_else() {
    let upstream = Upstream::start(answer("hello"));
    let once = "  - { name: once, per: address, requests: 1/m }\n";
    let policy = Policy::new(&upstream)
        .swap(once, &format!("{once}  - {{ name: three, per: caller, requests: 3/d }}\n"))
        .route("{ name: mine, path: /mine/**, allow: [support], limits: [three] }")
        .gate("trusted_proxies: [127.0.0.0/8]");
    let gate = Gate::start(&policy);
    let bearer = |text: &str, number: u8| {
        format!("Authorization: Bearer {text}\r\nX-Forwarded-For: 192.0.2.{number}\r\nUser-Agent: a/{number}\r\n")
    };
    // Others first: a token that names alice and is not signed, another caller, nobody.
    let sound = token("alice@seller.example", &[], true);
    let forged = format!("{}AAAA", &sound[..sound.len() - 4]);
    for number in 100..110 {
        assert_eq!(gate.connect().ask(get("/mine/a", &bearer(&forged, number))).status, 401);
        assert_eq!(gate.connect().ask(get("/mine/a", &format!("X-Forwarded-For: 192.0.2.{number}\r\n"))).status, 401);
    }
    let robot = format!("X-Api-Key: {}\r\n", credentials().robot.text);
    assert_eq!(statuses(&gate, "/mine/a", (0..4).map(|_| robot.clone())), [200, 200, 200, 429]);
    let mut tokens = (0..5).map(|number| bearer(&token("alice@seller.example", &[], number % 2 == 0), number));
    assert_eq!(statuses(&gate, "/mine/a", tokens.by_ref()), [200, 200, 200, 429, 429]);
}

/// However a request in progress ends, it gives its place back, and no more than that.
#[test]
fn limits_of_requests_in_progress_leak_no_place() {
    let latch = Latch::new();
    let held = latch.clone();
    let upstream = Upstream::start(move |request, wire: &mut dyn Wire| {
        match request.target() {
            "/limited/hangs" => {
                held.wait();
                return Then::Close;
            }
            "/limited/half" => {
                say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                held.wait();
                return Then::Close;
            }
            "/limited/gone" => return Then::Close,
            "/limited/broken" => say(wire, "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
            "/limited/hints" => say(
                wire,
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\
                 Content-Length: 2\r\n\r\nok",
            ),
            "/limited/upgrade" => {
                say(wire, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
                return Then::Echo;
            }
            _ if request.line().starts_with("HEAD ") => say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"),
            _ => say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        }
        Then::Keep
    });
    let limits = ["name: one, per: address, concurrent: 1", "name: few, per: route, requests: 1000/d"];
    let gate = Gate::start(&policy(&upstream, &limits).upstream("timeouts: { response: 500ms }"));
    let free = |what: &str| {
        wait_for(&format!("a place after {what}"), || {
            (gate.connect().ask(get("/limited/ok", "")).status == 200).then_some(())
        });
    };
    let begun = || upstream.requests().len();
    let upgrade = "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    // The client goes away before the answer begins, and while it comes.
    for path in ["/limited/hangs", "/limited/half"] {
        let before = begun();
        let mut client = gate.connect();
        client.send(get(path, ""));
        upstream.requests_when(before + 1);
        assert_refused(&gate, &gate.connect().ask(get("/limited/ok", "")), 429, "rate_limited");
        client.reset();
        free("a client's reset");
        let client = Http2::connect(&gate, None);
        let before = begun();
        let request = http::Request::get(format!("https://localhost{path}")).body(()).expect("a request");
        let (answer, mut stream) = client.open(request);
        upstream.requests_when(before + 1);
        assert_eq!(gate.connect().ask(get("/limited/ok", "")).status, 429);
        stream.send_reset(h2::Reason::CANCEL);
        drop(answer);
        free("a stream's reset");
    }
    // The app does not answer, or not as it should.
    for (path, status) in [("/limited/hangs", 504), ("/limited/gone", 502), ("/limited/broken", 502)] {
        assert_eq!(gate.connect().ask(get(path, "")).status, status, "{path}");
        free(path);
    }
    for path in ["/limited/hints", "/limited/ok"] {
        for _ in 0..3 {
            assert_eq!(gate.connect().ask(get(path, "")).status, 200);
            free(path);
        }
    }
    let head = get("/limited/ok", "").replace("GET", "HEAD");
    let mut client = gate.connect();
    assert_eq!(client.send(head).answer_to("HEAD").expect("an answer").status, 200);
    free("HEAD");
    // A body that is announced and never comes.
    let mut client = gate.connect();
    client.send("POST /limited/ok HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
    client.reset();
    free("a body that never came");
    // An upgraded stream is in progress until it ends.
    let mut open = gate.connect();
    assert_eq!(open.ask(get("/limited/upgrade", upgrade)).status, 101);
    assert_eq!(gate.connect().ask(get("/limited/ok", "")).status, 429);
    assert_eq!(open.send("abc").take(3).as_deref(), Some(&b"abc"[..]));
    open.reset();
    free("an upgraded stream");
    latch.open();
    // There is one place still, not more.
    let mut open = gate.connect();
    assert_eq!(open.ask(get("/limited/upgrade", upgrade)).status, 101);
    for _ in 0..3 {
        assert_eq!(gate.connect().ask(get("/limited/ok", "")).status, 429);
    }
}

fn chunked(pieces: &[&str]) -> Vec<u8> {
    let mut answer =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for piece in pieces {
        answer.extend(format!("{:x}\r\n{piece}\r\n", piece.len()).bytes());
    }
    answer.extend(b"0\r\n\r\n");
    answer
}

/// Seven of a day: however an answer is written, no more of them come.
#[test]
fn limits_of_records_count_in_every_form_of_an_answer() {
    let deep = format!("{{\"payload\":{{\"x\":{}1{},\"Orders\":[1]}}}}", "[".repeat(200), "]".repeat(200));
    let forms: Vec<(&str, Vec<u8>, Option<u64>)> = vec![
        ("three at once", json(ORDERS, ""), Some(3)),
        ("in pieces of a byte", chunked(&ORDERS.split_inclusive(|_| true).collect::<Vec<_>>()), Some(3)),
        ("escaped keys", json(r#"{"\u0070ayload":{"\u004f\u0072ders":[{},{},{}]}}"#, ""), Some(3)),
        ("twice the same key", json(r#"{"payload":{"Orders":[1],"Orders":[2,3]}}"#, ""), Some(3)),
        ("again further on", json(r#"{"payload":{"Orders":[1]},"payload":{"Orders":[2,3]}}"#, ""), Some(3)),
        ("huge numbers", json(r#"{"payload":{"Orders":[1e999999,-0.0,99999999999999999999999999]}}"#, ""), Some(3)),
        ("brackets in text", json(r#"{"payload":{"Orders":["]}","\"]","[[[,,,"]}}"#, ""), Some(3)),
        ("behind white space", json(&format!("{}{ORDERS}", " \r\n\t".repeat(5000)), ""), Some(3)),
        ("elsewhere", json(r#"{"Orders":[1,2,3],"payload":{"orders":[1,2,3]}}"#, ""), Some(0)),
        ("another spelling of the type", answer_of("Application/Problem+JSON; charset=utf-8", ORDERS), Some(3)),
        ("nested too deep", json(&deep, ""), None),
        ("lines of JSON", json("{\"payload\":{\"Orders\":[1]}}\n{\"payload\":{\"Orders\":[2]}}\n", ""), None),
        ("a byte order mark", json(&format!("\u{feff}{ORDERS}"), ""), None),
        ("cut off", json(&ORDERS[..ORDERS.len() - 1], ""), None),
        ("lines of JSON by name", answer_of("application/x-ndjson", ORDERS), None),
        ("a sequence by name", answer_of("application/json-seq", ORDERS), None),
        ("no type", format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{ORDERS}", ORDERS.len()).into(), None),
        ("two types", json(ORDERS, "Content-Type: text/html\r\n"), None),
        ("a coding", json(ORDERS, "Content-Encoding: identity, gzip\r\n"), None),
        ("a coding in a second field", json(ORDERS, "Content-Encoding: identity\r\nContent-Encoding: br\r\n"), None),
    ];
    for (what, answer, records) in forms {
        let upstream = app(move |_| answer.clone());
        let gate = Gate::start(&policy(&upstream, &[READS]));
        let first = gate.connect().ask(get("/limited/a", ""));
        let record = |count: usize| -> Record { gate.records(count).swap_remove(count - 1) };
        let Some(records) = records else {
            // Not a byte of it, or none behind what could not be read.
            assert!(first.status == 502 || !first.whole, "{what}: {first:?}");
            let record = record(1);
            assert!(record.code() == "answer_uncountable" || record.end() == "uncountable", "{what}: {record:?}");
            continue;
        };
        assert!(first.whole && first.status == 200, "{what}: {first:?}");
        assert_eq!(record(1).0["unmapped"]["portcullis"]["records"].as_u64(), Some(records), "{what}");
        if records == 3 {
            assert!(gate.connect().ask(get("/limited/a", "")).whole, "{what}");
            assert!(!gate.connect().ask(get("/limited/a", "")).whole, "{what}: the third has the eighth of seven");
            assert_eq!((record(3).end(), portcullis(&record(3), "limit")), ("limit_reached", "reads"), "{what}");
        }
    }
}

fn answer_of(kind: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into()
}

/// Answers without a body have no records and are nobody's fault.
#[test]
fn limits_of_records_let_answers_without_a_body_pass() {
    let upstream = app(|target| match target {
        "/limited/none" => "HTTP/1.1 204 No Content\r\n\r\n".into(),
        "/limited/known" => "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n".into(),
        "/limited/known-json" => {
            "HTTP/1.1 304 Not Modified\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n".into()
        }
        "/limited/empty" => "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".into(),
        _ => format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", ORDERS.len())
            .into(),
    });
    let gate = Gate::start(&policy(&upstream, &[READS]));
    for (path, status) in
        [("/limited/none", 204), ("/limited/known", 304), ("/limited/known-json", 304), ("/limited/empty", 202)]
    {
        let answer = gate.connect().ask(get(path, "If-None-Match: \"1\"\r\n"));
        assert_eq!((answer.status, answer.whole), (status, true), "{path}: {}", answer.text());
    }
    let head = get("/limited/a", "").replace("GET", "HEAD");
    for _ in 0..4 {
        let answer = gate.connect().send(&head).answer_to("HEAD").expect("an answer");
        assert_eq!((answer.status, answer.field("content-length")), (200, Some(&*ORDERS.len().to_string())));
    }
    let records = gate.records(8);
    assert!(records.iter().all(|record| record.code() == "allowed" && record.end() == "complete"), "{records:?}");
}

/// Bytes are counted as they go out, in whatever coding and protocol, and a client that takes them slowly has no more.
#[test]
fn limits_of_bytes_count_in_every_form_of_an_answer() {
    const LIMIT: &str = "name: volume, per: address, bytes: 40KB/d";
    let body = "x".repeat(30_000);
    let plain = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes();
    let coded = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let pieces: Vec<&str> =
        body.as_bytes().chunks(700).map(|piece| std::str::from_utf8(piece).expect("text")).collect();
    let part = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-29999/90000\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let closed = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}");
    for (what, answer) in [
        ("plain", plain),
        ("coded", coded.into_bytes()),
        ("in chunks", chunked(&pieces)),
        ("a part", part.into_bytes()),
        ("until the app closes", closed.into_bytes()),
    ] {
        let upstream = Upstream::start(move |_, wire: &mut dyn Wire| {
            say(wire, &answer);
            if what.starts_with("until") { Then::Close } else { Then::Keep }
        });
        let gate = Gate::start(&policy(&upstream, &[LIMIT]));
        assert!(gate.connect().ask(get("/limited/a", "Range: bytes=0-29999\r\n")).whole, "{what}");
        let http2 = Http2::connect(&gate, None);
        let request = http::Request::get("https://localhost/limited/b").body(()).expect("a request");
        // The stream ends where the limit does: what came before, and no more.
        let came = http2.ask(request).map(|answer| (answer.status, answer.whole, answer.body.len()));
        assert!(came.as_ref().map_or_else(h2::Error::is_reset, |(_, whole, _)| !whole), "{what}: {came:?}");
        let record = &gate.records(2)[1];
        assert_eq!((record.end(), portcullis(record, "limit")), ("limit_reached", "volume"), "{what}");
        assert!((9_000..=10_100).contains(&record.bytes().1), "{what}: {}", record.bytes().1);
        assert_eq!(gate.connect().ask(get("/limited/c", "")).status, 429, "{what}");
    }
    // What has no body costs nothing.
    let upstream = Upstream::start(answer(&body));
    let gate = Gate::start(&policy(&upstream, &[LIMIT]));
    let head = get("/limited/a", "").replace("GET", "HEAD");
    for _ in 0..5 {
        assert_eq!(gate.connect().send(&head).answer_to("HEAD").expect("an answer").status, 200);
    }
    assert!(gate.connect().ask(get("/limited/a", "")).whole);
}
