//! HTTP/2 from end to end, as gRPC needs it: trailers and streams both ways.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};

use crate::support::flow::{self, piece, send_when_room, whole};
use crate::support::http2::{Http2, Rest};
use crate::support::pki::{Authority, Files, Leaf};
use crate::support::{Gate, Policy, wait_for};

type Seen = Arc<Mutex<Vec<(http::request::Parts, Vec<u8>, Option<HeaderMap>)>>>;

/// An app that keeps what it is sent and answers `done` with a status in its trailers.
fn unary(terms: Option<rustls::ServerConfig>) -> (u16, Seen) {
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    let address = flow::http2(terms, move |request, mut answer| {
        let kept = Arc::clone(&kept);
        async move {
            let (parts, mut body) = request.into_parts();
            let Ok((bytes, trailers)) = whole(&mut body).await else { return };
            kept.lock().expect("requests").push((parts, bytes, trailers));
            let head = Response::builder().header("content-type", "application/grpc").body(()).expect("an answer");
            let mut stream = answer.send_response(head, false).expect("a stream");
            assert!(send_when_room(&mut stream, Bytes::from_static(b"done")).await);
            stream.send_trailers(status("0")).expect("trailers");
        }
    });
    (address.port(), seen)
}

fn status(code: &'static str) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static(code));
    trailers.insert("x-portcullis-caller", HeaderValue::from_static("forged"));
    trailers
}

fn policy(url: &str) -> Policy {
    Policy::at(url).upstream("protocol: http2")
}

fn call(path: &str) -> Request<()> {
    let request = Request::post(format!("https://localhost{path}"));
    request.header("content-type", "application/grpc").header("te", "trailers").body(()).expect("a request")
}

#[track_caller]
fn trailers_go_both_ways(gate: &Gate, seen: &Seen) {
    let client = Http2::connect(gate, None);
    let rest = Rest::of("ask").then("x-sum", "1").then("x-portcullis-caller", "forged");
    let answer = client.ask_with(call("/open"), rest).expect("an answer");
    assert_eq!((answer.status, answer.text().as_str(), answer.field("grpc-status")), (200, "done", Some("0")));
    assert_eq!(answer.field("x-portcullis-caller"), None);
    let record = gate.only_record();
    assert_eq!((record.code(), record.bytes(), record.end()), ("allowed", (3, 4), "complete"));
    let seen = seen.lock().expect("requests");
    let (parts, body, trailers) = &seen[0];
    assert_eq!((parts.uri.path(), parts.uri.authority().map(|one| one.as_str())), ("/open", Some("localhost")));
    assert_eq!(parts.headers.get("te").map(HeaderValue::as_bytes), Some(&b"trailers"[..]));
    assert_eq!(parts.headers.get("x-forwarded-proto").map(HeaderValue::as_bytes), Some(&b"https"[..]));
    assert_eq!(body, b"ask");
    let trailers = trailers.as_ref().expect("trailers");
    assert_eq!(trailers.keys().map(|name| name.as_str()).collect::<Vec<_>>(), ["x-sum"]);
}

#[test]
fn stream_trailers_go_both_ways_over_http2_in_plain_text_on_loopback() {
    let (port, seen) = unary(None);
    trailers_go_both_ways(&Gate::start(&policy(&format!("http://127.0.0.1:{port}"))), &seen);
}

#[test]
fn stream_trailers_go_both_ways_over_http2_by_tls() {
    let (files, ours) = (Files::new(), Authority::new("Ours"));
    let ca = files.write("ca.pem", &ours.pem);
    let (port, seen) = unary(Some(ours.issue(&Leaf::server(&["localhost"])).serves(None, &["h2"])));
    let policy = policy(&format!("https://localhost:{port}")).upstream(&format!("tls: {{ ca: {ca} }}"));
    trailers_go_both_ways(&Gate::start(&policy), &seen);
}

#[test]
fn stream_to_an_app_that_does_not_agree_on_http2_is_502() {
    let (files, ours) = (Files::new(), Authority::new("Ours"));
    let ca = files.write("ca.pem", &ours.pem);
    let (port, seen) = unary(Some(ours.issue(&Leaf::server(&["localhost"])).serves(None, &[])));
    let policy = policy(&format!("https://localhost:{port}")).upstream(&format!("tls: {{ ca: {ca} }}"));
    let gate = Gate::start(&policy);
    assert_eq!(Http2::connect(&gate, None).get("/open").status, 502);
    assert_eq!(gate.only_record().code(), "upstream_connect");
    assert!(seen.lock().expect("requests").is_empty());
}

#[test]
fn stream_of_messages_flows_both_ways_at_once() {
    let address = flow::http2(None, |request, mut answer| async move {
        let mut body = request.into_body();
        let mut stream = answer.send_response(Response::new(()), false).expect("a stream");
        while let Some(Ok(message)) = piece(&mut body).await {
            assert!(send_when_room(&mut stream, message).await);
        }
        stream.send_trailers(status("0")).expect("trailers");
    });
    let gate = Gate::start(&policy(&format!("http://{address}")));
    let client = Http2::connect(&gate, None);
    client.run(async {
        let mut send = client.sender().ready().await.expect("ready");
        let (answer, mut up) = send.send_request(call("/open"), false).expect("a stream");
        let mut down = answer.await.expect("the answer begins before the request has ended").into_body();
        for number in 0..50_u32 {
            let message = Bytes::from(number.to_be_bytes().repeat(500));
            assert!(send_when_room(&mut up, message.clone()).await);
            let mut echo = Vec::new();
            while echo.len() < message.len() {
                echo.extend_from_slice(&piece(&mut down).await.expect("a piece").expect("no error"));
            }
            assert_eq!(echo, message, "{number}");
        }
        up.send_data(Bytes::new(), true).expect("an end");
        let (rest, trailers) = whole(&mut down).await.expect("an end");
        assert!(rest.is_empty());
        assert_eq!(trailers.expect("trailers")["grpc-status"], "0");
    });
    assert_eq!(gate.only_record().bytes(), (100_000, 100_000));
}

#[test]
fn stream_that_the_app_resets_is_reset_and_recorded() {
    let address = flow::http2(None, |request, mut answer| async move {
        let mut stream = answer.send_response(Response::new(()), false).expect("a stream");
        assert!(send_when_room(&mut stream, Bytes::from_static(b"half")).await);
        // The client has read that much once it ends its own side.
        whole(&mut request.into_body()).await.expect("an end");
        stream.send_reset(h2::Reason::INTERNAL_ERROR);
    });
    let gate = Gate::start(&policy(&format!("http://{address}")));
    let client = Http2::connect(&gate, None);
    let (answer, mut up) = client.open(call("/open"));
    client.run(async {
        let mut down = answer.await.expect("an answer").into_body();
        assert_eq!(piece(&mut down).await.expect("a piece").expect("no error"), "half");
        up.send_data(Bytes::new(), true).expect("an end");
        whole(&mut down).await.expect_err("no clean end");
    });
    let record = gate.only_record();
    assert_eq!((record.end(), record.bytes()), ("upstream_broken", (0, 4)));
}

#[test]
fn stream_that_the_client_resets_ends_at_the_app_too() {
    let ended = Arc::new(Mutex::new(false));
    let seen = Arc::clone(&ended);
    let address = flow::http2(None, move |request, mut answer| {
        let seen = Arc::clone(&seen);
        async move {
            let mut body = request.into_body();
            let _stream = answer.send_response(Response::new(()), false).expect("a stream");
            while let Some(Ok(_)) = piece(&mut body).await {}
            *seen.lock().expect("a flag") = true;
        }
    });
    let gate = Gate::start(&policy(&format!("http://{address}")));
    let client = Http2::connect(&gate, None);
    let (answer, mut up) = client.open(call("/open"));
    let answer = client.run(answer).expect("an answer");
    up.send_reset(h2::Reason::CANCEL);
    wait_for("the app's stream ends", || ended.lock().expect("a flag").then_some(()));
    drop(answer);
    assert_eq!(gate.only_record().end(), "client_gone");
}
