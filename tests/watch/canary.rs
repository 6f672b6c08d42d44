//! Planted records (LOG-6): hashed by the command, found in requests and answers, told within the same request.

use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use super::{events, get, rule};
use crate::cli::portcullis;
use crate::support::http2::Http2;
use crate::support::upstream::{raw, say};
use crate::support::{Gate, Person, Policy, Then, Upstream, answer, assert_refused, token};

pub const ORDER: &str = "902-1234567-7654321";
const MAIL: &str = "zelda.fitzcanary@mail.example";

fn canary(arguments: &[&str], input: &str) -> Output {
    let mut command = portcullis();
    let mut child = command
        .arg("canary")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("written");
    child.wait_with_output().expect("its end")
}

fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// A directory with a file of canaries.
pub fn planted() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a directory");
    let file = at(home.path());
    done(&canary(&["add", "--file", &file, "--name", "order-1", "--kind", "order_id"], &format!("{ORDER}\n")));
    done(&canary(&["add", "--file", &file, "--name", "mail-1", "--kind", "email"], MAIL));
    home
}

fn at(home: &Path) -> String {
    home.join("canaries.yaml").display().to_string()
}

fn gate(app: &Upstream, then: &str) -> Gate {
    let alarms = format!("alarms: [{{ name: planted, when: {{ canary: \"{{dir}}/canaries.yaml\" }}, {then} }}]");
    Gate::start_in(planted(), &Policy::new(app).top(&alarms))
}

fn alice() -> String {
    format!("Authorization: Bearer {}\r\n", token("alice@seller.example", &[], true))
}

#[test]
fn canary_files_hold_no_value_and_are_kept_by_name() {
    let home = planted();
    let file = at(home.path());
    let text = std::fs::read_to_string(&file).expect("read");
    assert!(!text.contains("1234567") && !text.contains("zelda") && !text.contains("mail.example"), "{text}");
    assert_eq!(
        done(&canary(&["list", "--file", &file], "")),
        "order-1  order_id  2 spellings\nmail-1   email     1 spelling\n"
    );
    assert_eq!(done(&canary(&["test", "--file", &file], &format!("to: <{}>", MAIL.to_uppercase()))), "mail-1\n");
    assert_eq!(canary(&["test", "--file", &file], "nobody@mail.example").status.code(), Some(1));
    // A name stands once, and so does a value; short ones are met by chance; none of them is shown.
    let again = ["add", "--file", &file, "--name", "order-1", "--kind", "text"];
    let other = ["add", "--file", &file, "--name", "order-2", "--kind", "order_id"];
    for (arguments, value, what) in [
        (&again, "something else", "has a canary of the name order-1"),
        (&other, "902_1234567_7654321", "is planted already, as order-1"),
        (&other, "12-34", "is too short"),
        (&other, "", "holds no value"),
    ] {
        let output = canary(arguments, value);
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1));
        assert!(complaint.contains(what) && (value.is_empty() || !complaint.contains(value)), "{complaint}");
    }
    let many = canary(
        &["add", "--file", &file, "--name", "more", "--kind", "order_id"],
        "111-2222222-3333333\n111-2222222-4444444\n",
    );
    assert_eq!(done(&many), "more-1\nmore-2\n");
    assert_eq!(done(&canary(&["remove", "--file", &file, "--name", "order-1"], "")), "order-1\n");
    assert_eq!(canary(&["test", "--file", &file], ORDER).status.code(), Some(1));
    assert_eq!(canary(&["remove", "--file", &file, "--name", "order-1"], "").status.code(), Some(1));
}

#[test]
fn canary_in_a_path_or_query_alarms_and_locks_within_the_same_request() {
    let app = Upstream::start(answer("fine"));
    for target in [
        format!("/support/{ORDER}"),
        "/support/x?id=902_1234567_7654321".to_owned(),
        "/support/x?q=%39%302%2D1234567%2D7654321".to_owned(),
        "/support/x?mail=Zelda.Fitzcanary+shop%40MAIL.example".to_owned(),
        "/support/x?mail=zelda.fitzcanary%252Bx%2540mail.example".to_owned(),
    ] {
        let gate = gate(&app, "then: [alarm, lock]");
        let refused = gate.connect().ask(get(&target, &alice()));
        let record = assert_refused(&gate, &refused, 423, "caller_locked");
        assert_eq!(rule(&record), "planted");
        let alarm = events(&gate, "ALARM.CANARY", 1).remove(0);
        assert_eq!(alarm.0["finding_info"]["analytic"]["uid"], "planted");
        let name = if target.contains('1') { "order-1" } else { "mail-1" };
        assert_eq!(alarm.0["evidences"][0]["data"]["subject"], name, "{alarm:?}");
        assert_eq!(alarm.0["finding_info"]["related_events"][0]["uid"], refused.incident());
        let lock = events(&gate, "ACCOUNT.LOCK", 1).remove(0);
        assert_eq!(rule(&lock), "planted");
        // The caller and nobody else.
        assert_refused(&gate, &gate.connect().ask(get("/support/y", &alice())), 423, "caller_locked");
        assert_eq!(gate.connect_as(&Person::picker()).ask(get("/admin", "")).status, 200);
        let stopped = gate.stop();
        for secret in [ORDER, MAIL, "zelda", "7654321"] {
            stopped.assert_never_said(secret);
        }
    }
    assert!(app.requests().iter().all(|request| request.target() == "/admin"));
}

#[test]
fn canary_in_what_is_refused_or_comes_from_nobody_alarms_too() {
    let app = Upstream::start(answer("fine"));
    let gate = gate(&app, "then: [alarm]");
    assert_eq!(gate.connect().ask(get(&format!("/nowhere/{ORDER}"), "")).status, 403);
    let alarm = events(&gate, "ALARM.CANARY", 1).remove(0);
    assert!(alarm.0["evidences"][0]["src_endpoint"].is_object(), "{alarm:?}");
    // The same again within a minute is no news; another canary is.
    gate.connect().ask(get(&format!("/nowhere/{ORDER}"), ""));
    gate.connect().ask(get(&format!("/open?x={MAIL}"), ""));
    events(&gate, "ALARM.CANARY", 2);
    gate.records(3);
}

/// An app whose answer comes in pieces, the canary over their border.
fn in_pieces(content: &'static str, pieces: &'static [&'static str]) -> Upstream {
    Upstream::start(move |_, wire| {
        say(wire, format!("HTTP/1.1 200 OK\r\nContent-Type: {content}\r\nTransfer-Encoding: chunked\r\n\r\n"));
        for piece in pieces {
            say(wire, format!("{:x}\r\n{piece}\r\n", piece.len()));
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        say(wire, "0\r\n\r\n");
        Then::Keep
    })
}

#[test]
fn canary_in_an_answer_is_found_over_the_borders_of_pieces_and_behind_escapes() {
    let cases: [(&str, &[&str]); 5] = [
        ("application/json", &["{\"id\":\"902-1234", "567-7654321\"}"]),
        ("application/json", &["{\"mail\":\"zelda\\u002E\\u0046itzcanary\\u00", "40mail.example\"}"]),
        ("application/problem+json", &["{\"id\":\"902\\u002d1234567-7654321\"}"]),
        ("text/csv", &["id;mail\n1;ZELDA.FITZ", "CANARY@mail.example\n"]),
        ("text/plain", &["order 9", "0212345677654321 was shipped"]),
    ];
    for (content, pieces) in cases {
        let app = in_pieces(content, pieces);
        let gate = gate(&app, "then: [alarm]");
        let answer = gate.connect().ask(get("/open", "Accept-Encoding: gzip\r\nRange: bytes=0-9\r\n"));
        assert!(answer.whole && answer.body.len() == pieces.concat().len(), "an alarm alone cuts nothing");
        events(&gate, "ALARM.CANARY", 1);
        assert_eq!(gate.only_record().code(), "allowed");
    }
}

#[test]
fn canary_that_cuts_keeps_the_answer_from_going_out() {
    const BEGIN: &str = "{\"orders\":[{\"id\":\"111-1111111-1111111\"},";
    let pieces: &[&str] = &[BEGIN, "{\"id\":\"902-1234567-7654321\",\"name\":\"Zelda\"}", "]}"];
    let app = in_pieces("application/json", pieces);
    let gate = gate(&app, "then: [alarm, lock, cut]");
    let cut = gate.connect().ask(get("/support/x", &alice()));
    assert!(cut.status == 200 && !cut.whole && cut.text() == BEGIN, "{cut:?}");
    let record = gate.only_record();
    assert_eq!((record.code(), record.end()), ("allowed", "revoked"));
    assert_eq!(record.0["unmapped"]["portcullis"]["cut"], "canary_used");
    assert_refused(&gate, &gate.connect().ask(get("/support/x", &alice())), 423, "caller_locked");
    // On HTTP/2 the stream is reset; in a request nothing is forwarded.
    let client = Http2::connect(&gate, None);
    let request = http::Request::get("https://localhost/open").body(()).expect("a request");
    assert!(client.ask(request).map_or_else(|fault| fault.is_reset(), |answer| !answer.whole));
    events(&gate, "ALARM.CANARY", 2);
}

#[test]
fn canary_in_the_fields_of_an_answer_or_in_trailers_is_told_and_cut() {
    // An answer's head never goes out, and of an answer with such trailers no end.
    let app = Upstream::start(|request, wire| {
        if request.head.contains("?head") {
            say(wire, format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Next: /orders/{ORDER}\r\n\r\nok"));
        } else {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n";
            say(wire, format!("{head}2\r\nok\r\n0\r\nX-Sum: {ORDER}\r\n\r\n"));
        }
        Then::Keep
    });
    let gate = gate(&app, "then: [alarm, cut]");
    let refused = gate.connect().ask(get("/open?head", ""));
    assert_eq!(refused.status, 403, "{refused:?}");
    let cut = gate.connect().ask(get("/open", ""));
    assert!(!cut.whole, "{cut:?}");
    for answer in [refused, cut] {
        assert!(!format!("{answer:?}{}", answer.text()).contains(ORDER), "{answer:?}");
    }
    // The app gets such a request's body, and no end of it.
    let chunked = format!("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: {ORDER}\r\n\r\n");
    let refused = gate.connect().ask(format!("POST /open HTTP/1.1\r\nHost: localhost\r\n{chunked}"));
    assert_eq!(refused.status, 403, "{refused:?}");
    // The same caller and the same canary are told once a minute.
    events(&gate, "ALARM.CANARY", 1);
    gate.records(3);
}

#[test]
fn canary_in_a_request_is_refused_where_a_rule_cuts() {
    let app = Upstream::start(answer("fine"));
    let gate = gate(&app, "then: [alarm, cut]");
    let answer = gate.connect().ask(get(&format!("/open/{ORDER}"), ""));
    assert_refused(&gate, &answer, 403, "canary_used");
    app.assert_untouched();
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
}

#[test]
fn canary_rules_in_shadow_alarm_and_do_nothing() {
    let app = Upstream::start(answer("fine"));
    let gate = gate(&app, "then: [alarm, lock, cut], mode: shadow");
    assert_eq!(gate.connect().ask(get(&format!("/open/{ORDER}"), "")).status, 200);
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
    events(&gate, "ALARM.CANARY", 1);
    events(&gate, "ACCOUNT.LOCK", 0);
}

/// What cannot be looked through does not pass: the app was asked for plain text.
#[test]
fn canary_rules_let_no_encoded_answer_pass() {
    let coded =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx";
    let app = Upstream::start(raw(coded, Then::Keep));
    let closed = gate(&app, "then: [alarm]");
    for answer in [closed.connect().ask(get("/open", "")), Http2::connect(&closed, None).get("/open")] {
        assert_refused(&closed, &answer, 502, "answer_unsearchable");
    }
    let shadow = gate(&app, "then: [alarm], mode: shadow");
    assert_eq!(shadow.connect().ask(get("/open", "")).status, 200);
    let record = shadow.only_record();
    assert_eq!(record.0["unmapped"]["portcullis"]["shadow"]["status_code"], "answer_unsearchable");
    let requests = app.requests();
    assert!(requests.iter().all(|request| request.field("accept-encoding") == Some("identity")), "{requests:?}");
}

#[test]
fn canary_files_at_fault_stop_the_start_and_a_change_of_them_is_taken_up() {
    let app = Upstream::start(answer("fine"));
    let gate = gate(&app, "then: [alarm, cut]");
    assert_eq!(gate.connect().ask(get("/open/555-1234567-7654321", "")).status, 200);
    let file = gate.directory().join("canaries.yaml").display().to_string();
    done(&canary(&["add", "--file", &file, "--name", "late", "--kind", "order_id"], "555-1234567-7654321"));
    gate.hang_up();
    crate::support::wait_for("the new canary is known", || {
        (gate.connect().ask(get("/open/555-1234567-7654321", "")).status == 403).then_some(())
    });
}
