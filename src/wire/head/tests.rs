use super::*;

const BOUNDS: HeadBounds = HeadBounds { bytes: 4096, fields: 8, target: 256 };

fn fault(head: &str) -> HeadFault {
    match request(head.as_bytes(), &BOUNDS) {
        Scan::Fault(fault) => fault,
        other => panic!("{head:?} gave {other:?}"),
    }
}

fn with(fields: &str) -> String {
    format!("POST /a HTTP/1.1\r\nHost: a\r\n{fields}\r\n")
}

#[test]
fn framing_sound_heads_pass() {
    let head = "GET /a?b=c HTTP/1.1\r\nHost: a\r\nX-A: \u{e9}\t b\r\n\r\nrest";
    assert_eq!(request(head.as_bytes(), &BOUNDS), Scan::Complete { end: head.len() - 4, framing: Framing::None });
    let Scan::Complete { framing, .. } = request(with("Transfer-Encoding: Chunked\r\n").as_bytes(), &BOUNDS) else {
        panic!("refused")
    };
    assert_eq!(framing, Framing::Chunked);
    let Scan::Complete { framing, .. } = request(with("content-length: 007\r\n").as_bytes(), &BOUNDS) else {
        panic!("refused")
    };
    assert_eq!(framing, Framing::Length(7));
}

#[test]
fn framing_every_prefix_of_a_sound_head_is_partial() {
    let head = with("Content-Length: 3\r\n");
    for end in 0..head.len() {
        assert_eq!(request(&head.as_bytes()[..end], &BOUNDS), Scan::Partial, "{end}");
    }
}

#[test]
fn framing_two_lengths_in_any_guise_are_refused() {
    use HeadFault::{Encoding, Length, LengthAndEncoding, RepeatedLength};
    for (fields, expected) in [
        ("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", LengthAndEncoding),
        ("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", LengthAndEncoding),
        ("Content-Length: 3\r\nContent-Length: 3\r\n", RepeatedLength),
        ("Content-Length: 3\r\nContent-Length: 4\r\n", RepeatedLength),
        ("Content-Length: 3, 3\r\n", Length),
        ("Content-Length: +3\r\n", Length),
        ("Content-Length: 0x3\r\n", Length),
        ("Content-Length: -1\r\n", Length),
        ("Content-Length:\r\n", Length),
        ("Content-Length: 11111111111111111111\r\n", Length),
        ("Transfer-Encoding: gzip, chunked\r\n", Encoding),
        ("Transfer-Encoding: chunked, identity\r\n", Encoding),
        ("Transfer-Encoding: xchunked\r\n", Encoding),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", Encoding),
        ("Transfer-Encoding: identity\r\n", Encoding),
        ("Transfer-Encoding:\r\n", Encoding),
    ] {
        assert_eq!(fault(&with(fields)), expected, "{fields:?}");
    }
    assert_eq!(fault("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), Encoding);
}

#[test]
fn framing_odd_lines_are_refused() {
    use HeadFault::{
        BareLineFeed, FieldName, FieldValue, Folded, Fragment, NoHost, RepeatedHost, RequestLine, TargetCharacter,
        Version,
    };
    for (head, expected) in [
        ("GET / HTTP/1.1\nHost: a\n\n", BareLineFeed),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", BareLineFeed),
        ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", BareLineFeed),
        ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", Folded),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", FieldName),
        ("GET / HTTP/1.1\r\n: a\r\n\r\n", FieldName),
        ("GET / HTTP/1.1\r\nX_User: a\r\n\r\n", FieldName),
        ("GET / HTTP/1.1\r\nX.User: a\r\n\r\n", FieldName),
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n", FieldName),
        ("GET / HTTP/1.1\r\nX-A: a\0b\r\n\r\n", FieldValue),
        ("GET / HTTP/1.1\r\n\r\n", NoHost),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", RepeatedHost),
        ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", Fragment),
        ("GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", TargetCharacter),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", RequestLine),
        ("GET / x HTTP/1.1\r\nHost: a\r\n\r\n", RequestLine),
        ("GET /\r\n\r\n", RequestLine),
        ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", RequestLine),
        ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", RequestLine),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", Version),
        ("PRI * HTTP/2.0\r\n\r\n", Version),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", RequestLine),
        ("GET https:///a HTTP/1.1\r\nHost: a\r\n\r\n", RequestLine),
        ("GET a/b HTTP/1.1\r\nHost: a\r\n\r\n", RequestLine),
        ("GET ?a HTTP/1.1\r\nHost: a\r\n\r\n", RequestLine),
    ] {
        assert_eq!(fault(head), expected, "{head:?}");
    }
}

#[test]
fn framing_bounds_hold_before_the_head_ends() {
    assert_eq!(fault(&format!("GET /{} HTTP/1.1\r\n", "a".repeat(300))), HeadFault::TargetTooLong);
    assert_eq!(fault(&format!("GET /{}", "a".repeat(400))), HeadFault::TargetTooLong);
    assert_eq!(fault(&with(&"X-A: b\r\n".repeat(9))), HeadFault::TooLarge);
    assert_eq!(fault(&with(&format!("X-A: {}", "b".repeat(5000)))), HeadFault::TooLarge);
}

#[test]
fn framing_answers_with_two_lengths_are_refused() {
    for fields in ["Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 1\r\nContent-Length: 1\r\n"]
    {
        let head = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
        assert!(matches!(answer(head.as_bytes(), &BOUNDS), Scan::Fault(_)), "{fields}");
    }
    let sound = "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n";
    assert!(matches!(answer(sound.as_bytes(), &BOUNDS), Scan::Complete { .. }));
    assert!(matches!(answer(b"HTTP/1.1 200 OK\nA: b\n\n", &BOUNDS), Scan::Fault(HeadFault::BareLineFeed)));
}
