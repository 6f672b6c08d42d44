//! Where one request ends and the next begins, between client and gate over HTTP/1 (classes C 27 to 35).

use crate::support::{Client, Gate, Policy, Upstream, answer, assert_all_refused, assert_refused};

/// A request that would be served if the bytes before it were not read as they should be.
const SMUGGLED: &str = "GET /public/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn post(fields: &str, rest: &str) -> String {
    format!("POST /open HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n{rest}")
}

/// The connection ends with this answer: nothing that stood behind the request was served.
#[track_caller]
fn assert_last(client: &mut Client) {
    let rest = client.read_to_end();
    assert!(rest.is_empty(), "more was served: {}", String::from_utf8_lossy(&rest));
}

#[test]
fn framing_two_lengths_in_any_guise_are_refused() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let rows = [
        ("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "framing_length_and_encoding"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "framing_length_and_encoding"),
        ("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", "framing_length_and_encoding"),
        ("Content-Length: 3\r\nContent-Length: 3\r\n", "framing_repeated_length"),
        ("Content-Length: 3\r\nContent-Length: 4\r\n", "framing_repeated_length"),
        ("Content-Length: 0\r\ncontent-length: 0\r\n", "framing_repeated_length"),
        ("Content-Length: 3, 3\r\n", "framing_length"),
        ("Content-Length: +3\r\n", "framing_length"),
        ("Content-Length: -1\r\n", "framing_length"),
        ("Content-Length: 0x3\r\n", "framing_length"),
        ("Content-Length: 3 3\r\n", "framing_length"),
        ("Content-Length:\r\n", "framing_length"),
        ("Content-Length: \t\r\n", "framing_length"),
        ("Content-Length: 99999999999999999999\r\n", "framing_length"),
        ("Content-Length: 3;a\r\n", "framing_length"),
        ("Transfer-Encoding: gzip\r\n", "framing_encoding"),
        ("Transfer-Encoding: gzip, chunked\r\n", "framing_encoding"),
        ("Transfer-Encoding: chunked, chunked\r\n", "framing_encoding"),
        ("Transfer-Encoding: chunked, identity\r\n", "framing_encoding"),
        ("Transfer-Encoding: xchunked\r\n", "framing_encoding"),
        ("Transfer-Encoding: chunked;a=b\r\n", "framing_encoding"),
        ("Transfer-Encoding: identity\r\n", "framing_encoding"),
        ("Transfer-Encoding:\r\n", "framing_encoding"),
        ("Transfer-Encoding: \"chunked\"\r\n", "framing_encoding"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "framing_encoding"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "framing_encoding"),
        ("Transfer-Encoding\t: chunked\r\n", "header_name"),
        ("Transfer-Encoding : chunked\r\n", "header_name"),
        ("Content-Length : 3\r\n", "header_name"),
        (" Content-Length: 3\r\n", "framing_folded"),
        ("X-A: b\r\n Content-Length: 3\r\n", "framing_folded"),
        ("X-A: b\r\n\tContent-Length: 3\r\n", "framing_folded"),
        ("Transfer-Encoding:\r\n chunked\r\n", "framing_encoding"),
        ("Transfer-Encoding: \u{b}chunked\r\n", "header_value"),
        (": x\r\n", "header_name"),
        (" : x\r\n", "framing_folded"),
        ("\0: x\r\n", "header_name"),
        ("X\0: x\r\n", "header_name"),
        ("X-A: a\0b\r\n", "header_value"),
        ("X-A: a\u{8}b\r\n", "header_value"),
        ("X-A: a\u{7f}b\r\n", "header_value"),
        ("X-A: a\rX-B: b\r\n", "framing_bare_line_feed"),
        ("X-A: b\nContent-Length: 3\r\n", "framing_bare_line_feed"),
        ("no colon\r\n", "header_name"),
    ];
    let body = format!("abc{SMUGGLED}");
    let rows: Vec<_> = rows.iter().map(|(fields, code)| (post(fields, &body), 400, *code)).collect();
    assert_all_refused(&gate, &rows);
    app.assert_untouched();
}

#[test]
fn framing_odd_request_lines_are_refused() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let line = |line: &str| format!("{line}\r\nHost: localhost\r\n\r\n");
    assert_all_refused(
        &gate,
        &[
            (line("GET  /open HTTP/1.1"), 400, "framing_request_line"),
            (line("GET\t/open HTTP/1.1"), 400, "framing_request_line"),
            (line(" GET /open HTTP/1.1"), 400, "framing_request_line"),
            (line("GET /open"), 400, "framing_request_line"),
            (line("GET /open HTTP/1.1 "), 400, "framing_request_line"),
            (line("GET /open x HTTP/1.1"), 400, "framing_request_line"),
            (line("GET /open http/1.1"), 400, "framing_request_line"),
            (line("G(T /open HTTP/1.1"), 400, "framing_request_line"),
            (line("\r\nGET /open HTTP/1.1"), 400, "framing_request_line"),
            (line(&format!("{} /open HTTP/1.1", "A".repeat(100))), 400, "framing_request_line"),
            (line("GET /open HTTP/1.2"), 505, "framing_version"),
            (line("GET /open HTTP/0.9"), 505, "framing_version"),
            (line("GET /open HTTP/3.0"), 505, "framing_version"),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), 505, "framing_version"),
            ("GET /open HTTP/1.1\nHost: localhost\n\n".into(), 400, "framing_bare_line_feed"),
            (
                "POST /open HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".into(),
                400,
                "framing_encoding",
            ),
        ],
    );
    app.assert_untouched();
}

#[test]
fn framing_nothing_behind_a_refused_head_is_served() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let refused = ["Content-Length: 3, 3\r\n", "Transfer-Encoding: xchunked\r\n", "X_A: b\r\n"];
    for (count, fields) in refused.iter().enumerate() {
        let mut client = gate.connect();
        client.send(post(fields, &format!("0\r\n\r\n{SMUGGLED}{SMUGGLED}")));
        assert_eq!(client.answer().expect("an answer").status, 400);
        assert_last(&mut client);
        gate.records(count + 1);
    }
    app.assert_untouched();
}

#[test]
fn framing_no_request_is_served_from_the_body_of_a_refused_one() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let length = format!("Content-Length: {}\r\n", SMUGGLED.len());
    let chunked = format!("{:x}\r\n{SMUGGLED}\r\n0\r\n\r\n", SMUGGLED.len());
    let refusals: [(&str, &str, u16, &str); 6] = [
        ("POST /nowhere", "", 403, "no_route"),
        ("POST /admin", "", 401, "caller_required"),
        ("PUT /public/x", "", 405, "method_not_allowed"),
        ("POST /small", "", 413, "body_too_large"),
        ("POST /open", "Expect: 200-ok\r\n", 417, "expectation"),
        ("POST /a;b", "", 400, "path_semicolon"),
    ];
    let mut count = 0;
    for (line, fields, status, code) in refusals {
        for (framing, body) in [(length.as_str(), SMUGGLED), ("Transfer-Encoding: chunked\r\n", &chunked)] {
            let mut client = gate.connect();
            client.send(format!("{line} HTTP/1.1\r\nHost: localhost\r\n{fields}{framing}\r\n{body}"));
            let answer = client.answer().expect("an answer");
            count += 1;
            if code == "body_too_large" && framing.starts_with('T') {
                // Its size shows only on the way: the app saw it begin, and not end.
                assert_eq!(answer.status, 413);
            } else {
                assert_refused(&gate, &answer, status, code);
            }
            assert_last(&mut client);
        }
    }
    gate.records(count);
    for request in app.requests() {
        assert!(request.line().starts_with("POST /small ") && !request.whole, "{}", request.head);
    }
}

#[test]
fn framing_sound_pipelined_requests_are_answered_in_order() {
    let app = Upstream::start(|request, wire| answer(request.target())(request, wire));
    let gate = Gate::start(&Policy::new(&app));
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let chunked = "POST /public/c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\
                   4;a=b\r\nwiki\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n";
    let length = "POST /public/d HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc";
    let mut client = gate.connect();
    client.send([&get("/public/a"), &get("/nowhere"), chunked, length, &get("/public/e")].concat());
    let bodies: Vec<_> = (0..5).map(|_| client.answer().expect("an answer").text()).collect();
    assert!(bodies[1].starts_with("{\"incident\""), "{bodies:?}");
    assert_eq!([&bodies[0], &bodies[2], &bodies[3], &bodies[4]], ["/public/a", "/public/c", "/public/d", "/public/e"]);
    let seen = app.requests_when(4);
    assert_eq!(seen[1].content(), b"wikiabc");
    assert_eq!((seen[2].content(), seen[2].field("content-length")), (b"abc".to_vec(), Some("3")));
    let codes: Vec<_> = gate.records(5).iter().map(|record| record.code().to_owned()).collect();
    assert_eq!(codes, ["allowed", "no_route", "allowed", "allowed", "allowed"]);
}

#[test]
fn framing_heads_and_bodies_in_single_bytes_are_read_alike() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    for byte in post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n").bytes() {
        client.send([byte]);
    }
    assert_eq!(client.answer().expect("an answer").status, 200);
    assert_eq!(app.only_request().content(), b"abc");
}

#[test]
fn framing_loose_chunks_end_the_request_and_the_connection() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let bodies = [
        "3\nabc\r\n0\r\n\r\n",
        "3 \r\nabc\r\n0\r\n\r\n",
        "+3\r\nabc\r\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        "-1\r\n",
        "g\r\n",
        "\r\nabc",
        "3;\r\nabc\r\n0\r\n\r\n",
        "3;a=\"\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "3\r\nabc\n0\r\n\r\n",
        "10000000000000003\r\nabc\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\nabc",
        "0\r\nX T: 1\r\n\r\n",
        "0\r\nX: 1\n\r\n",
        "3;\u{1}\r\nabc\r\n0\r\n\r\n",
    ];
    for body in bodies {
        let mut client = gate.connect();
        client.send(post("Transfer-Encoding: chunked\r\n", &format!("{body}{SMUGGLED}")));
        let answer = client.answer().unwrap_or_else(|| panic!("no answer to {body:?}"));
        assert_refused(&gate, &answer, 400, "body_broken");
        assert_last(&mut client);
    }
    gate.records(bodies.len());
    for request in app.requests() {
        assert!(request.line().starts_with("POST /open ") && !request.whole, "{}", request.head);
    }
}

#[test]
fn framing_http10_requests_end_with_their_answer() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    client.send(format!("GET /open HTTP/1.0\r\nHost: localhost\r\n\r\n{SMUGGLED}"));
    assert_eq!(client.answer().expect("an answer").text(), "fine");
    assert_last(&mut client);
    assert_eq!(app.only_request().line(), "GET /open HTTP/1.1");
    assert_eq!(gate.only_record().0["http_request"]["version"], "1.0");
}
