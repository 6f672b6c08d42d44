//! The tools that the other tests rely on, tried on sound requests.

use crate::support::http2::{Http2, Rest};
use crate::support::{Gate, Person, Policy, Upstream, answer, token};

#[test]
fn a_sound_request_is_answered_and_recorded_once() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    let answer = client.ask("GET /open?a=b HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!((answer.status, answer.text().as_str()), (200, "hello"));
    let record = gate.only_record();
    assert_eq!((record.code(), record.status(), record.route(), record.end()), ("allowed", 200, "open", "complete"));
    assert_eq!(record.bytes(), (0, 5));
    assert_eq!(app.only_request().target(), "/open?a=b");
    drop(client);
    let stopped = gate.stop();
    assert!(stopped.status.success(), "{}", stopped.log);
    assert_eq!(stopped.records.len(), 3, "start, request, stop");
}

#[test]
fn every_kind_of_credential_opens_its_route() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let picker = Person::picker();
    let get = |path: &str, field: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{field}\r\n");
    assert_eq!(gate.connect_as(&picker).ask(get("/admin/x", "")).status, 200);
    let alice = format!("Authorization: Bearer {}\r\n", token("alice@seller.example", &[], true));
    assert_eq!(gate.connect().ask(get("/second-factor", &alice)).status, 200);
    let robot = format!("X-Api-Key: {}\r\n", crate::support::credentials::credentials().robot.text);
    assert_eq!(gate.connect().ask(get("/support/x", &robot)).status, 200);
    let callers: Vec<_> =
        app.requests().iter().map(|request| request.field("x-portcullis-caller").map(str::to_owned)).collect();
    let expected = ["cert:spiffe://seller/picker", "user:alice@seller.example", "key:robot"];
    assert_eq!(callers, expected.map(|caller| Some(caller.to_owned())));
}

#[test]
fn http2_requests_with_a_body_reach_the_app_as_http1() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let client = Http2::connect(&gate, None);
    assert_eq!(client.get("/open").text(), "hello");
    let request = http::Request::post("https://localhost/open").body(()).expect("a request");
    let answer = client.ask_with(request, Rest::of("abc").then("x-sum", "1")).expect("an answer");
    assert_eq!(answer.status, 200);
    assert_eq!(app.requests_when(2)[1].content(), b"abc");
    gate.records(2);
}
