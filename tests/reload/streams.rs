//! Open streams under a change of the policy, and at the end of a credential.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use crate::support::credentials::{credentials, minted};
use crate::support::flow::{self, send_when_room};
use crate::support::frames::{END_STREAM, Fate, Frames, head};
use crate::support::http2::Http2;
use crate::support::upstream::{raw, say};
use crate::support::{Client, Gate, Latch, Person, Policy, Then, Upstream, wait_for};

const ADMIN: &str = "GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n";
const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\n";

/// The standard policy without the picker's role.
fn revoked(policy: &Policy) -> Policy {
    policy.clone().swap("\"cert:spiffe://seller/picker\", ", "")
}

/// An app that begins an answer, and ends it when it is told to.
fn slow(latch: &Latch) -> Upstream {
    let latch = latch.clone();
    Upstream::start(move |_, wire| {
        say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
        latch.wait();
        say(wire, "world");
        Then::Keep
    })
}

fn websocket() -> Upstream {
    Upstream::start(raw(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        Then::Echo,
    ))
}

fn upgrade(mut client: Client, path: &str, fields: &str) -> Client {
    let ask = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}{fields}\r\n");
    assert_eq!(client.ask(ask).status, 101);
    assert_eq!(client.send("abc").take(3).as_deref(), Some(&b"abc"[..]));
    client
}

#[test]
fn reload_that_revokes_a_role_cuts_its_websocket_and_no_other() {
    let app = websocket();
    let policy = Policy::new(&app).workers(2);
    let gate = Gate::start(&policy);
    let mut revoked_one = upgrade(gate.connect_as(&Person::picker()), "/admin", "");
    let robot = format!("X-API-Key: {}\r\n", credentials().robot.text);
    let mut other = upgrade(gate.connect(), "/support/x", &robot);
    let mut anyone = upgrade(gate.connect(), "/open", "");
    gate.change(&revoked(&policy));
    assert!(revoked_one.is_closed());
    let record = gate.only_record();
    assert_eq!((record.code(), record.end(), record.bytes()), ("allowed", "revoked", (3, 3)));
    assert_eq!(record.0["unmapped"]["portcullis"]["cut"], "role_missing");
    for client in [&mut other, &mut anyone] {
        assert_eq!(client.send("def").take(3).as_deref(), Some(&b"def"[..]));
    }
}

#[test]
fn reload_that_revokes_a_role_cuts_its_download_over_http1() {
    let latch = Latch::new();
    let app = slow(&latch);
    let policy = Policy::new(&app);
    let gate = Gate::start(&policy);
    let mut client = gate.connect_as(&Person::picker());
    client.send(ADMIN);
    app.requests_when(1);
    let mut begun = client.read_some();
    while !begun.ends_with(b"hello") {
        begun.extend(client.read_some());
    }
    gate.change(&revoked(&policy));
    assert_eq!(client.read_to_end(), b"");
    let record = gate.only_record();
    assert_eq!((record.code(), record.end(), record.bytes()), ("allowed", "revoked", (0, 5)));
    latch.open();
}

#[test]
fn reload_that_closes_a_route_answers_who_waits_with_a_refusal() {
    let latch = Latch::new();
    let app = {
        let latch = latch.clone();
        Upstream::start(move |_, wire| {
            latch.wait();
            say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret");
            Then::Keep
        })
    };
    let policy = Policy::new(&app);
    let gate = Gate::start(&policy);
    let mut client = gate.connect_as(&Person::picker());
    client.send(ADMIN);
    app.requests_when(1);
    gate.change(&revoked(&policy));
    let answer = client.answer().expect("an answer");
    latch.open();
    assert_eq!(answer.status, 403);
    assert_eq!(gate.only_record().code(), "role_missing");
}

#[test]
fn reload_that_revokes_a_role_ends_its_upload() {
    let app = Upstream::start(crate::support::answer("hello"));
    let policy = Policy::new(&app);
    let gate = Gate::start(&policy);
    let mut client = gate.connect_as(&Person::picker());
    client.send("POST /admin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nsome");
    wait_for("the app sees it", || (app.connections() > 0).then_some(()));
    gate.change(&revoked(&policy));
    let answer = client.answer().expect("an answer");
    assert_eq!((answer.status, answer.field("connection")), (403, Some("close")));
    assert!(client.is_closed());
    assert_eq!(gate.only_record().code(), "role_missing");
}

#[test]
fn reload_that_revokes_a_key_cuts_its_stream_at_once() {
    let app = websocket();
    let policy = Policy::new(&app);
    let gate = Gate::start(&policy);
    let robot = format!("X-API-Key: {}\r\n", credentials().robot.text);
    let mut client = upgrade(gate.connect(), "/support/x", &robot);
    gate.put("api-keys.yaml", &format!("keys:\n{}\n", crate::support::credentials::api_key("robot", None).entry));
    assert!(client.is_closed());
    let record = gate.only_record();
    assert_eq!(record.0["unmapped"]["portcullis"]["cut"], "api_key_unknown");
}

#[test]
fn reload_that_revokes_a_role_resets_its_stream_and_no_other_of_the_connection() {
    let latch = Latch::new();
    let app = slow(&latch);
    let policy = Policy::new(&app);
    let gate = Gate::start(&policy);
    let mut frames = Frames::connect(&gate, Some(&Person::picker()));
    frames.headers(1, &head("GET", "/admin"), END_STREAM);
    frames.headers(3, &head("GET", "/open"), END_STREAM);
    app.requests_when(2);
    gate.change(&revoked(&policy));
    let record = gate.only_record();
    assert_eq!((record.route(), record.end()), ("admin", "revoked"));
    latch.open();
    assert!(matches!(frames.fate(1), Fate::Reset(_)));
    // What came before the reset was read with it.
    assert!(matches!(frames.fate(3), Fate::Answered(body) if body.ends_with(b"world")));
}

#[test]
fn reload_that_revokes_a_role_cuts_its_grpc_stream() {
    let address = flow::http2(None, |request, mut answer| async move {
        // It sends for as long as somebody reads.
        let head = Response::builder().header("content-type", "application/grpc").body(()).expect("an answer");
        let mut stream = answer.send_response(head, false).expect("a stream");
        let mut body = request.into_body();
        while send_when_room(&mut stream, Bytes::from_static(&[7; 1000])).await {
            if flow::piece(&mut body).await.is_none_or(|piece| piece.is_err()) {
                return;
            }
        }
    });
    let policy = Policy::at(&format!("http://{address}")).upstream("protocol: http2");
    let gate = Gate::start(&policy);
    let client = Http2::connect(&gate, Some(&Person::picker()));
    let request = Request::post("https://localhost/admin").body(()).expect("a request");
    let (answer, mut up) = client.open(request);
    let broken = client.run(async {
        let mut body = answer.await.expect("an answer").into_body();
        assert_eq!(flow::piece(&mut body).await.expect("a piece").expect("bytes").len(), 1000);
        gate.change(&revoked(&policy));
        loop {
            let _ = up.send_data(Bytes::from_static(b"more"), false);
            match flow::piece(&mut body).await {
                Some(Ok(_)) => {}
                ended => break ended,
            }
        }
    });
    assert!(matches!(broken, Some(Err(_))), "{broken:?}");
    let record = gate.only_record();
    assert_eq!((record.end(), record.status()), ("revoked", 200));
}

#[test]
fn reload_that_changes_nothing_for_a_stream_leaves_it_alone() {
    let latch = Latch::new();
    let app = slow(&latch);
    let policy = Policy::new(&app);
    let gate = Gate::start(&policy);
    let mut client = gate.connect_as(&Person::picker());
    client.send(ADMIN);
    app.requests_when(1);
    for turn in 0..3 {
        gate.change(&policy.clone().route(&format!("{{ name: turn-{turn}, path: /turn, allow: [anyone] }}")));
        gate.changes(turn + 1);
    }
    latch.open();
    assert_eq!(client.answer().expect("an answer").body, b"helloworld");
    assert_eq!(gate.only_record().end(), "complete");
}

#[test]
fn stream_ends_with_its_token() {
    let app = websocket();
    let gate = Gate::start(&Policy::new(&app));
    // A token is good for half a minute after its end, for clocks that differ; of that, two seconds are left.
    let short = minted(
        |request| portcullis::identity::dev::TokenRequest { now: request.now - 60, lifetime: 32, ..request },
        "u-1",
        &["warehouse"],
        false,
    );
    let mut client = upgrade(gate.connect(), "/admin", &format!("Authorization: Bearer {short}\r\n"));
    let good = crate::support::token("u-2", &["warehouse"], false);
    let mut other = upgrade(gate.connect(), "/admin", &format!("Authorization: Bearer {good}\r\n"));
    assert!(client.is_closed());
    let record = gate.only_record();
    assert_eq!((record.end(), record.code()), ("expired", "allowed"));
    assert_eq!(record.0["unmapped"]["portcullis"]["cut"], "token_expired");
    assert_eq!(other.send("def").take(3).as_deref(), Some(&b"def"[..]));
}

#[test]
fn stream_ends_with_its_certificate_even_if_bytes_never_pause() {
    let address = flow::http2(None, |_, mut answer| async move {
        let mut stream = answer.send_response(Response::new(()), false).expect("a stream");
        while send_when_room(&mut stream, Bytes::from_static(&[7; 16_000])).await {}
    });
    let gate = Gate::start(&Policy::at(&format!("http://{address}")).upstream("protocol: http2"));
    let person = Person::named("spiffe://seller/picker", std::time::Duration::from_secs(2));
    let client = Http2::connect(&gate, Some(&person));
    let (answer, up) = client.open(Request::get("https://localhost/admin").body(()).expect("a request"));
    let up = Arc::new(up);
    let ended = client.run(async {
        let mut body = answer.await.expect("an answer").into_body();
        loop {
            match flow::piece(&mut body).await {
                Some(Ok(_)) => {}
                ended => break ended,
            }
        }
    });
    drop(up);
    assert!(matches!(ended, Some(Err(_))), "{ended:?}");
    assert_eq!(gate.only_record().end(), "expired");
}
