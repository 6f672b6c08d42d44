//! Bodies on their way to the app, where the app, the client or the protocol makes it hard.

use std::process::Command;

use crate::support::http2::{Http2, Rest};
use crate::support::upstream::{raw, say};
use crate::support::{Gate, Policy, Then, Upstream, answer, assert_refused, has_tool};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn post(fields: &str, body: &str) -> String {
    format!("POST /open HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n{body}")
}

#[test]
fn framing_lengths_reach_the_app_in_one_spelling() {
    let app = Upstream::start(raw("HTTP/1.1 200 OK\r\nContent-Length: 004\r\n\r\nfine", Then::Keep));
    let gate = Gate::start(&Policy::new(&app));
    let answer = gate.connect().ask(post("Content-Length: 003\r\n", "abc"));
    assert_eq!((answer.status, answer.text().as_str()), (200, "fine"));
    assert_eq!(answer.field("content-length"), Some("4"));
    let request = http::Request::post("https://localhost/open").header("content-length", "003");
    let client = Http2::connect(&gate, None);
    client.ask_with(request.body(()).expect("a request"), Rest::of("abc")).expect("an answer");
    for request in app.requests_when(2) {
        assert_eq!((request.field("content-length"), request.content()), (Some("3"), b"abc".to_vec()));
    }
}

#[test]
fn framing_expectations_are_met_by_the_gate() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    client.send(post("Content-Length: 3\r\nExpect: 100-continue\r\n", ""));
    let interim = String::from_utf8(client.read_some()).expect("text");
    assert!(interim.starts_with("HTTP/1.1 100 "), "{interim}");
    client.send("abc");
    assert_eq!(client.answer().expect("an answer").text(), "fine");
    let seen = app.only_request();
    assert_eq!((seen.content(), seen.field("expect")), (b"abc".to_vec(), None));
    gate.only_record();
}

#[test]
fn framing_a_body_that_the_app_does_not_read_ends_in_one_record() {
    for (first, statuses) in [("HTTP/1.1 413 Too much\r\nContent-Length: 3\r\n\r\nbig", [413, 502]), ("", [502, 502])] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().expect("a connection");
            let _ = std::io::Read::read(&mut socket, &mut [0; 100]);
            say(&mut socket, first);
        });
        let gate = Gate::start(&Policy::at(&format!("http://{address}")));
        let mut client = gate.connect();
        client.send(post("Content-Length: 10000000\r\n", &"x".repeat(10_000_000)));
        let answered = client.answer();
        assert!(answered.is_none_or(|answer| statuses.contains(&answer.status)));
        let record = gate.only_record();
        assert!(statuses.contains(&u16::try_from(record.status()).expect("a status")), "{record:?}");
    }
}

#[test]
fn framing_large_bodies_pass_whole_in_both_directions() {
    let app = Upstream::start(|request, wire| {
        let body = request.content();
        say(wire, format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()));
        say(wire, body);
        Then::Keep
    });
    let gate = Gate::start(&Policy::new(&app));
    let body: String = (0..200_000).map(|number| format!("{number:08}")).collect();
    let answer = gate.connect().ask(post(&format!("Content-Length: {}\r\n", body.len()), &body));
    assert!(answer.whole && answer.body == body.as_bytes());
    let request = http::Request::post("https://localhost/open").body(()).expect("a request");
    let answer = Http2::connect(&gate, None).ask_with(request, Rest::of(body.clone())).expect("an answer");
    assert!(answer.whole && answer.body == body.as_bytes());
    let length = body.len() as u64;
    assert!(gate.records(2).iter().all(|record| record.bytes() == (length, length)));
}

#[test]
fn framing_upgrades_to_something_else_are_refused() {
    let upgrade = "GET /open HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    for said in ["Upgrade: h2c\r\nConnection: upgrade\r\n", "Connection: upgrade\r\n", ""] {
        let app = Upstream::start(raw(format!("HTTP/1.1 101 Switching Protocols\r\n{said}\r\n"), Then::Echo));
        let gate = Gate::start(&Policy::new(&app));
        let mut client = gate.connect();
        assert_refused(&gate, &client.ask(upgrade), 502, "upstream_bad_answer");
        gate.only_record();
    }
}

#[test]
fn framing_upgraded_connections_to_the_app_carry_no_other_request() {
    let app = Upstream::start(|request, wire| {
        if request.field("upgrade").is_none() {
            return answer("fine")(request, wire);
        }
        say(wire, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n\r\n");
        Then::Echo
    });
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    client.send("GET /open HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
    assert_eq!(client.answer().expect("an answer").status, 101);
    assert_eq!(gate.connect().ask(GET).text(), "fine");
    assert_eq!(app.connections(), 2);
    client.finish();
    assert!(client.is_closed());
    assert_eq!(gate.connect().ask(GET).text(), "fine");
    assert_eq!(app.connections(), 2, "the second one is used again, the first never");
    gate.records(3);
}

#[test]
fn framing_connections_to_the_app_are_shared_by_clients_one_after_the_other() {
    let app = Upstream::start(|request, wire| answer(request.target())(request, wire));
    let gate = Gate::start(&Policy::new(&app));
    for number in 0..20 {
        let target = format!("/public/{number}");
        let answer = gate.connect().ask(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        assert_eq!(answer.text(), target);
        gate.records(number + 1);
    }
    assert_eq!(app.connections(), 1);
}

#[test]
fn curl_gets_its_answers_by_both_protocols() {
    if !has_tool("curl") {
        return;
    }
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let certs = gate.directory().join("certs");
    let curl = |protocol: &str, path: &str| {
        let out = Command::new("curl")
            .args([
                "--silent",
                "--max-time",
                "20",
                "--write-out",
                " %{http_code} %{http_version}",
                protocol,
                "--cacert",
            ])
            .arg(certs.join("ca.pem"))
            .arg("--cert")
            .arg(certs.join("client.pem"))
            .arg("--key")
            .arg(certs.join("client.key"))
            .arg(format!("https://localhost:{}{path}", gate.address().port()))
            .output()
            .expect("curl");
        String::from_utf8(out.stdout).expect("text")
    };
    assert_eq!(curl("--http1.1", "/admin"), "fine 200 1.1");
    assert_eq!(curl("--http2", "/admin"), "fine 200 2");
    assert!(curl("--http2", "/support/x").ends_with(" 403 2"));
    gate.records(3);
}
