//! Where planted records are looked for (LOG-6): in fields and bodies of requests as well, behind escapes, and in
//! compressed bodies.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::canary::{ORDER, planted};
use super::{events, get};
use crate::support::upstream::{raw, say};
use crate::support::{Gate, Person, Policy, Then, Upstream, answer, assert_refused, token, wait_for};

fn gate(app: &Upstream, when: &str, then: &str) -> Gate {
    let alarms = format!("alarms: [{{ name: planted, when: {{ canary: \"{{dir}}/canaries.yaml\"{when} }}, {then} }}]");
    Gate::start_in(planted(), &Policy::new(app).top(&alarms))
}

fn alice() -> String {
    format!("Authorization: Bearer {}\r\n", token("alice@seller.example", &[], true))
}

fn post(fields: &str, body: &[u8]) -> Vec<u8> {
    let request = format!("POST /open HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n{fields}\r\n", body.len());
    [request.as_bytes(), body].concat()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).expect("written");
    encoder.finish().expect("finished")
}

#[test]
fn canary_in_a_field_of_a_request_is_refused_where_a_rule_cuts() {
    let app = Upstream::start(answer("fine"));
    let gate = gate(&app, "", "then: [alarm, cut]");
    let fields = [
        format!("X-Order: {ORDER}"),
        format!("Cookie: theme=dark; last={ORDER}; lang=de"),
        "Referer: https://shop.example/orders?mail=Zelda.Fitzcanary%40mail.example".to_owned(),
        "X-Filter: {\"id\":\"902\\u002d1234567-7654321\"}".to_owned(),
        "X-Order: 902_1234567_7654321".to_owned(),
    ];
    for field in &fields {
        let answer = gate.connect().ask(get("/open", &format!("{field}\r\n")));
        assert_refused(&gate, &answer, 403, "canary_used");
    }
    app.assert_untouched();
    assert_eq!(gate.connect().ask(get("/open", "X-Order: 902-1234567-7654322\r\n")).status, 200);
    events(&gate, "ALARM.CANARY", 2);
    let stopped = gate.stop();
    for secret in [ORDER, "zelda", "7654321"] {
        stopped.assert_never_said(secret);
    }
}

#[test]
fn canary_in_a_request_body_is_refused_before_the_app_has_it_all() {
    let app = Upstream::start(answer("fine"));
    let gate = gate(&app, "", "then: [alarm, cut]");
    let json = "Content-Type: application/json\r\n";
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let bodies: [(String, Vec<u8>); 6] = [
        (json.into(), format!("{{\"ids\":[\"111-1111111-1111111\",\"{ORDER}\"]}}").into_bytes()),
        (json.into(), b"{\"to\":\"zelda.fitzcanary+x\\u0040mail.example\"}".to_vec()),
        (form.into(), b"a=1&to=zelda.fitzcanary%40mail.example&b=2".to_vec()),
        ("Content-Type: text/xml\r\n".into(), b"<to>zelda.fitzcanary&#64;mail.example</to>".to_vec()),
        (format!("{json}Content-Encoding: gzip\r\n"), gzip(format!("{{\"id\":\"{ORDER}\"}}").as_bytes())),
        (String::new(), ORDER.as_bytes().to_vec()),
    ];
    for (fields, body) in &bodies {
        let answer = gate.connect().ask(post(fields, body));
        assert_refused(&gate, &answer, 403, "canary_used");
    }
    assert!(
        app.requests().iter().all(|request| !request.whole || request.content().is_empty()),
        "{:?}",
        app.requests()
    );
    let fine = gate.connect().ask(post(json, b"{\"id\":\"902-1234567-7654322\"}"));
    assert_eq!(fine.status, 200);
    events(&gate, "ALARM.CANARY", 2);
}

#[test]
fn canary_in_a_body_that_streams_ends_the_request_and_locks() {
    let app = Upstream::start(answer("fine"));
    let gate = gate(&app, "", "then: [alarm, lock]");
    let mut client = gate.connect();
    let head = format!("POST /support/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n{}\r\n", alice());
    client.send(head).send("8\r\n902-1234\r\n");
    std::thread::sleep(Duration::from_millis(20));
    client.send("b\r\n567-7654321\r\n");
    let answer = client.answer().expect("an answer");
    assert_refused(&gate, &answer, 423, "caller_locked");
    events(&gate, "ALARM.CANARY", 1);
    events(&gate, "ACCOUNT.LOCK", 1);
    assert_refused(&gate, &gate.connect().ask(get("/support/y", &alice())), 423, "caller_locked");
    assert_eq!(gate.connect_as(&Person::picker()).ask(get("/admin", "")).status, 200);
}

#[test]
fn canary_in_a_body_alarms_and_lets_it_pass_where_nothing_else_is_ordered() {
    let app = Upstream::start(answer("fine"));
    for then in ["then: [alarm]", "then: [alarm, lock, cut], mode: shadow"] {
        let gate = gate(&app, "", then);
        assert_eq!(gate.connect().ask(post("", ORDER.as_bytes())).status, 200);
        assert_eq!(gate.connect().ask(post("Content-Encoding: gzip\r\n", &gzip(ORDER.as_bytes()))).status, 200);
        events(&gate, "ALARM.CANARY", 1);
    }
}

#[test]
fn canary_rules_let_no_body_pass_that_they_cannot_read() {
    let app = Upstream::start(answer("fine"));
    let closed = gate(&app, "", "then: [alarm]");
    for (coding, body) in [("br", &b"x"[..]), ("zstd", b"x"), ("gzip, gzip", b"x"), ("gzip", b"no gzip at all")] {
        let answer = closed.connect().ask(post(&format!("Content-Encoding: {coding}\r\n"), body));
        assert_refused(&closed, &answer, 415, "body_unsearchable");
    }
    assert_eq!(closed.connect().ask(post("Content-Encoding: identity\r\n", b"x")).status, 200);
    let shadow = gate(&app, "", "then: [alarm], mode: shadow");
    assert_eq!(shadow.connect().ask(post("Content-Encoding: br\r\n", b"x")).status, 200);
    let record = shadow.only_record();
    assert_eq!(record.0["unmapped"]["portcullis"]["shadow"]["status_code"], "body_unsearchable");
}

#[test]
fn canary_is_looked_for_where_the_rule_says_and_nowhere_else() {
    let app = Upstream::start(answer("fine"));
    let in_answers = gate(&app, ", in: [answer]", "then: [alarm, cut]");
    assert_eq!(in_answers.connect().ask(get(&format!("/open?id={ORDER}"), "")).status, 200);
    assert_eq!(in_answers.connect().ask(get("/open", &format!("X-Order: {ORDER}\r\n"))).status, 200);
    assert_eq!(in_answers.connect().ask(post("Content-Encoding: br\r\n", ORDER.as_bytes())).status, 200);
    events(&in_answers, "ALARM.CANARY", 0);
    let app = Upstream::start(answer(ORDER));
    let in_requests = gate(&app, ", in: [target, body]", "then: [alarm, cut]");
    assert_eq!(in_requests.connect().ask(get("/open", "")).text(), ORDER);
    assert_eq!(in_requests.connect().ask(get("/open", &format!("X-Order: {ORDER}\r\n"))).status, 200);
    for request in [get(&format!("/open?id={ORDER}"), "").into_bytes(), post("", ORDER.as_bytes())] {
        assert_refused(&in_requests, &in_requests.connect().ask(request), 403, "canary_used");
    }
}

#[test]
fn canary_in_a_compressed_answer_is_found_and_kept_from_going_out() {
    let body = gzip(format!("[{{\"id\":\"{ORDER}\"}}]").as_bytes());
    let app = Upstream::start(move |_, wire| {
        let length = body.len();
        say(wire, format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n"));
        wire.write_all(&body).expect("written");
        Then::Keep
    });
    let alarming = gate(&app, "", "then: [alarm]");
    let answer = alarming.connect().ask(get("/open", ""));
    assert!(answer.whole && answer.field("content-encoding") == Some("gzip"), "it passes as it is");
    events(&alarming, "ALARM.CANARY", 1);
    let cutting = gate(&app, "", "then: [alarm, cut]");
    assert!(!cutting.connect().ask(get("/open", "")).whole);
    events(&cutting, "ALARM.CANARY", 1);
    // What is not what it says is cut where it shows.
    let broken = Upstream::start(raw(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\nnot any gzip",
        Then::Keep,
    ));
    let closed = gate(&broken, "", "then: [alarm]");
    let answer = closed.connect().ask(get("/open", ""));
    assert!(!answer.whole && answer.body.is_empty(), "{answer:?}");
    let record = wait_for("the record", || closed.records_so_far().into_iter().next());
    assert_eq!(record.0["unmapped"]["portcullis"]["cut"], "answer_unsearchable");
}

#[test]
fn canary_is_found_in_answers_of_every_format_however_they_spell_it() {
    for (content, text) in [
        ("text/html", "<td>zelda.fitzcanary&#64;mail.example</td>"),
        ("text/html", "<a href=\"mailto:zelda.fitzcanary%40mail.example\">"),
        ("application/xml", "<id>902&#x2d;1234567-7654321</id>"),
        ("application/json", "{\"html\":\"<b>zelda.fitzcanary&commat;mail.example</b>\"}"),
        ("application/json", "{\"inner\":\"{\\\"id\\\":\\\"902\\\\u002d1234567-7654321\\\"}\"}"),
        ("text/csv", "1;\"ZELDA.FITZCANARY@mail.example\";x\r\n"),
    ] {
        let app = Upstream::start(move |_, wire| {
            let length = text.len();
            say(wire, format!("HTTP/1.1 200 OK\r\nContent-Type: {content}\r\nContent-Length: {length}\r\n\r\n{text}"));
            Then::Keep
        });
        let gate = gate(&app, "", "then: [alarm]");
        assert_eq!(gate.connect().ask(get("/open", "")).text(), text);
        events(&gate, "ALARM.CANARY", 1);
    }
}
