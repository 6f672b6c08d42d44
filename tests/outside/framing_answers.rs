//! Where one answer ends and the next begins, between gate and app: an app that errs, or lies (classes C 27 to 39).

use crate::support::http2::Http2;
use crate::support::upstream::{raw, say};
use crate::support::{Answer, Client, Gate, Latch, Policy, Record, Then, Upstream, assert_refused};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// What a second request on the same client connection gets, if the app's first answer is `first`, after which the app
/// keeps its connection: the bytes behind the first answer are the app's, and must never be the second answer.
fn two(first: &str, then: Then) -> (Upstream, Gate, Answer, Answer) {
    let first = first.to_owned();
    let app = Upstream::start(move |request, wire| {
        if request.target() == "/open" {
            say(wire, &first);
            return then;
        }
        say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond");
        Then::Keep
    });
    let gate = Gate::start(&Policy::new(&app));
    let answer = gate.connect().ask(GET);
    gate.records(1);
    let second = gate.connect().ask("GET /public/second HTTP/1.1\r\nHost: localhost\r\n\r\n");
    (app, gate, answer, second)
}

#[test]
fn framing_answers_that_are_not_sound_are_refused() {
    let heads = [
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 0x3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nabc",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc",
        "HTTP/1.1 200 OK\r\nX-A: b\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nX-A: b\rc\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nX-A : b\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nX-A: b\0c\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 099 OK\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 20 OK\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 2000 OK\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 OK\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.2 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/2 200\r\n\r\n",
        "http/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        "abc\r\n",
        "SSH-2.0-OpenSSH_9.6\r\n",
        "\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        // An upgrade that nobody asked for.
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ];
    let app = Upstream::start(move |request, wire| {
        let place = request.target().rsplit('/').next().and_then(|text| text.parse::<usize>().ok());
        say(wire, heads[place.expect("a number")]);
        Then::Close
    });
    let gate = Gate::start(&Policy::new(&app));
    for (count, head) in heads.iter().enumerate() {
        let mut client = gate.connect();
        let answer = client.ask(format!("GET /public/{count} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        assert_eq!(answer.status, 502, "{head:?} gave {answer:?}");
        assert_refused(&gate, &answer, 502, "upstream_bad_answer");
        // The client's own connection is as good as before.
        assert_eq!(client.ask("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 403, "{head:?}");
    }
    gate.records(2 * heads.len());
    app.requests_when(heads.len());
}

#[test]
fn framing_answers_with_heads_beyond_bounds_are_refused() {
    let long = format!("HTTP/1.1 200 OK\r\nX-A: {}\r\n\r\n", "a".repeat(70 * 1024));
    let many = format!("HTTP/1.1 200 OK\r\n{}Content-Length: 0\r\n\r\n", "X-A: b\r\n".repeat(101));
    let endless = format!("HTTP/1.1 200 {}", "a".repeat(70 * 1024));
    for head in [long, many, endless] {
        let app = Upstream::start(raw(head, Then::Close));
        let gate = Gate::start(&Policy::new(&app));
        assert_refused(&gate, &gate.connect().ask(GET), 502, "upstream_bad_answer");
    }
}

#[test]
fn framing_answers_in_unusual_but_sound_forms_pass() {
    for (first, status, body) in [
        ("HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc", 200, "abc"),
        ("HTTP/1.1 200 \r\nContent-Length: 003\r\n\r\nabc", 200, "abc"),
        ("HTTP/1.1 999 Odd\r\nContent-Length: 3\r\n\r\nabc", 999, "abc"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200, "abc"),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", 304, ""),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""),
        ("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200, "abc"),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 X\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            200,
            "abc",
        ),
    ] {
        let (app, gate, answer, second) = two(first, Then::Keep);
        assert_eq!((answer.status, answer.text().as_str()), (status, body), "{first:?}");
        assert_eq!(second.text(), "second", "{first:?}");
        assert_eq!((app.requests().len(), gate.records(2).len()), (2, 2), "{first:?}");
    }
}

#[test]
fn framing_answers_that_end_with_the_connection_pass_and_are_not_reused() {
    for head in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"] {
        let (app, _gate, answer, second) = two(&format!("{head}abc"), Then::Close);
        assert_eq!((answer.text().as_str(), second.text().as_str()), ("abc", "second"), "{head:?}");
        assert_eq!(app.connections(), 2, "{head:?}");
    }
    let (app, _gate, answer, second) = two("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", Then::Keep);
    assert_eq!((answer.text().as_str(), second.text().as_str()), ("abc", "second"));
    assert_eq!(app.connections(), 2, "HTTP/1.0 keeps no connection");
}

#[test]
fn framing_bytes_after_an_answer_are_nobodys_answer() {
    let extra = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";
    for first in [
        format!("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc{extra}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n{extra}"),
        format!("HTTP/1.1 204 No Content\r\n\r\n{extra}"),
        format!("HTTP/1.1 304 Not Modified\r\n\r\n{extra}"),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n{extra}"),
    ] {
        let (app, gate, answer, second) = two(&first, Then::Keep);
        assert!([200, 204, 304].contains(&answer.status), "{first:?}: {answer:?}");
        assert_eq!(second.text(), "second", "{first:?}");
        assert_eq!(app.connections(), 2, "{first:?}");
        gate.records(2);
    }
}

#[test]
fn framing_bodies_of_answers_to_head_are_nobodys_answer() {
    let app = Upstream::start(|request, wire| {
        say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n");
        if request.number == 0 && request.connection == 0 {
            say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
        } else {
            say(wire, "s".repeat(44));
        }
        Then::Keep
    });
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    client.send("HEAD /open HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let head = client.answer_to("HEAD").expect("an answer");
    assert_eq!((head.status, head.field("content-length")), (200, Some("44")));
    gate.records(1);
    assert_eq!(client.ask(GET).text(), "s".repeat(44));
    assert_eq!(gate.records(2)[0].bytes().1, 0);
}

/// The record of the one request, and what a client saw of its answer.
fn broken(answer: &str) -> (Record, Option<Answer>, Client, Gate) {
    let app = Upstream::start(raw(answer, Then::Close));
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    let seen = client.send(GET).answer();
    (gate.only_record(), seen, client, gate)
}

#[test]
fn framing_answers_that_break_off_are_never_whole() {
    for (answer, came) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 3),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", 3),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", 3),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n", 3),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nx\r\n", 3),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 3),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc", 0),
    ] {
        let (record, seen, mut client, _gate) = broken(answer);
        assert_eq!((record.end(), record.status()), ("upstream_broken", 200), "{answer:?}");
        assert!(record.bytes().1 <= came, "{answer:?}: {record:?}");
        assert!(seen.is_none_or(|seen| !seen.whole), "{answer:?}");
        assert!(client.is_closed(), "{answer:?}");
    }
}

#[test]
fn framing_answers_that_break_off_are_reset_on_http2() {
    let app = Upstream::start(raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", Then::Close));
    let gate = Gate::start(&Policy::new(&app));
    let client = Http2::connect(&gate, None);
    let request = || http::Request::get("https://localhost/open").body(()).expect("a request");
    assert!(client.ask(request()).expect_err("a reset").is_reset());
    assert!(client.ask(request()).expect_err("a reset").is_reset(), "the connection goes on");
    assert!(gate.records(2).iter().all(|record| record.end() == "upstream_broken"));
}

#[test]
fn framing_connections_that_end_before_an_answer_are_refused_once() {
    for (answer, code) in [
        ("", "upstream_closed"),
        ("HTTP/1.1 200 OK\r\nContent-Le", "upstream_closed"),
        ("HTTP/1.1 100 Continue\r\n\r\n", "upstream_closed"),
    ] {
        let app = Upstream::start(raw(answer, Then::Close));
        let gate = Gate::start(&Policy::new(&app));
        assert_refused(&gate, &gate.connect().ask(GET), 502, code);
        assert_eq!(app.requests().len(), 1, "{answer:?}: a first request is not made again");
        gate.records(1);
    }
}

#[test]
fn framing_requests_go_again_only_where_that_is_safe() {
    let app = Upstream::start(|request, wire| {
        // The first connection serves one request, takes a second and ends.
        if request.connection == 0 && request.number == 1 {
            return Then::Close;
        }
        say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
        Then::Keep
    });
    let get = |app: &Upstream, request: &str| {
        let gate = Gate::start(&Policy::new(app));
        let mut client = gate.connect();
        assert_eq!(client.ask(GET).status, 200);
        (client.ask(request), gate)
    };
    let (answer, gate) = get(&app, GET);
    assert_eq!((answer.status, app.requests().len()), (200, 3), "made again over a new connection");
    gate.records(2);

    let app = Upstream::start(|request, wire| {
        if request.number == 1 {
            return Then::Close;
        }
        say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
        Then::Keep
    });
    let post = "POST /open HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc";
    let (answer, gate) = get(&app, post);
    assert_refused(&gate, &answer, 502, "upstream_closed");
    assert_eq!(app.requests().len(), 2, "a POST is made once");
    let (answer, gate) = get(&app, "POST /open HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    assert_refused(&gate, &answer, 502, "upstream_closed");
    assert_eq!(app.requests().len(), 4, "a POST without a body too");
}

#[test]
fn framing_an_answer_before_the_request_ends_passes_and_ends_the_connection() {
    let told = Latch::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let heard = told.clone();
    let app = std::thread::spawn(move || {
        use std::io::Read as _;
        let (mut socket, _) = listener.accept().expect("a connection");
        let _ = socket.read(&mut [0; 4096]).expect("a head");
        say(&mut socket, "HTTP/1.1 413 Too much\r\nContent-Length: 3\r\n\r\nbig");
        heard.wait();
    });
    let gate = Gate::start(&Policy::at(&format!("http://{address}")).gate("timeouts: { body_idle: 300ms }"));
    let mut client = gate.connect();
    client.send("POST /open HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nabc");
    let answer = client.answer().expect("an answer");
    assert_eq!((answer.status, answer.text().as_str()), (413, "big"));
    assert!(client.is_closed(), "what else comes is no request");
    told.open();
    app.join().expect("the app");
    let record = gate.only_record();
    assert_eq!((record.code(), record.status()), ("allowed", 413));
}
