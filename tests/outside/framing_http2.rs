//! Where one request ends and the next begins, where HTTP/2 is translated to HTTP/1 (classes C 30, 36 and 37).

use crate::support::frames::{CONTINUATION, END_HEADERS, END_STREAM, Fate, Frames, HEADERS, block, head};
use crate::support::http2::{Http2, Rest};
use crate::support::{Gate, Policy, Upstream, answer};

#[test]
fn framing_http2_lengths_that_lie_are_reset() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let sent = |length: &'static str, pieces: &[&[u8]], trailers: bool| {
        let mut fields = head("POST", "/open");
        fields.push(("content-length", length));
        let mut frames = Frames::connect(&gate, None);
        frames.headers(1, &fields, if pieces.is_empty() && !trailers { END_STREAM } else { 0 });
        for (place, piece) in pieces.iter().enumerate() {
            frames.data(1, piece, if place + 1 == pieces.len() && !trailers { END_STREAM } else { 0 });
        }
        if trailers {
            frames.headers(1, &[("x-t", "1")], END_STREAM);
        }
        frames.fate(1)
    };
    let lies: [(&str, &[&[u8]], bool); 7] = [
        ("5", &[], false),
        ("5", &[b"abc"], false),
        ("2", &[b"abc"], false),
        ("0", &[b"abc"], false),
        ("5", &[b"ab", b"cdef"], false),
        ("5", &[b"abc"], true),
        ("5", &[b""], false),
    ];
    for (length, pieces, trailers) in lies {
        let fate = sent(length, pieces, trailers);
        let refused = match &fate {
            Fate::Reset(_) | Fate::GoneAway(_) => true,
            Fate::Answered(body) => body.starts_with(b"{\"incident\""),
            Fate::Closed => false,
        };
        assert!(refused, "{length} {pieces:?}: {fate:?}");
    }
    // A length of 0 is true when it is forwarded: what comes later is nobody's.
    let whole =
        || app.requests().into_iter().filter(|request| request.whole && request.field("content-length") != Some("0"));
    assert_eq!(whole().count(), 0, "{:?}", app.requests());
    // A length that is true passes, and the connection to the app is as good as ever.
    assert_eq!(sent("3", &[b"abc"], false), Fate::Answered(b"fine".to_vec()));
    assert_eq!(sent("3", &[b"a", b"bc"], true), Fate::Answered(b"fine".to_vec()));
    assert_eq!(whole().count(), 2);
    assert!(whole().all(|request| request.content() == b"abc"), "{:?}", app.requests());
    gate.records_when("each connection left a record", |records| records.len() >= lies.len() + 2);
    gate.records(lies.len() + 2);
}

#[test]
fn framing_http2_lengths_in_doubt_are_refused() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    for lengths in [&["3", "3"][..], &["3", "4"], &["+3"], &["3, 3"], &[""], &["0x3"], &["99999999999999999999"]] {
        let mut fields = head("POST", "/open");
        fields.extend(lengths.iter().map(|length| ("content-length", *length)));
        let fate = Frames::connect(&gate, None).headers(1, &fields, 0).data(1, b"abc", END_STREAM).fate(1);
        let answered = matches!(&fate, Fate::Answered(body) if !body.starts_with(b"{\"incident\""));
        assert!(!answered && fate != Fate::Closed, "{lengths:?}: {fate:?}");
    }
    app.assert_untouched();
    gate.records(7);
}

#[test]
fn framing_http2_lengths_that_say_nothing_are_refused() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let fields = [head("POST", "/open"), vec![("content-length", "")]].concat();
    // What would contradict a length of zero comes only after the answer.
    let fate = Frames::connect(&gate, None).headers(1, &fields, 0).fate(1);
    assert!(matches!(&fate, Fate::Answered(body) if body.starts_with(b"{\"incident\"")), "{fate:?}");
    assert_eq!(gate.only_record().code(), "framing_length");
    app.assert_untouched();
}

#[test]
fn framing_http2_heads_that_break_the_rules_reach_nobody() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let sound = || head("GET", "/open");
    let with = |name, value| [sound(), vec![(name, value)]].concat();
    let instead = |name, value| {
        let others = sound().into_iter().filter(|(other, _)| *other != name).collect::<Vec<_>>();
        [vec![(name, value)], others].concat()
    };
    let without = |name| sound().into_iter().filter(|(other, _)| *other != name).collect::<Vec<_>>();
    let late = [vec![("x-a", "b")], sound()].concat();
    let extended = [vec![(":method", "CONNECT"), (":protocol", "websocket")], without(":method")].concat();
    let heads = [
        late,
        extended,
        vec![(":method", "CONNECT"), (":authority", "localhost:22")],
        without(":path"),
        without(":scheme"),
        without(":method"),
        without(":authority"),
        instead(":path", "/open x"),
        instead(":path", "/open\r\nX-A: b"),
        instead(":path", "/open\0"),
        instead(":path", "open"),
        instead(":path", ""),
        instead(":scheme", "http"),
        instead(":scheme", "https\r\n"),
        instead(":method", "GET /open HTTP/1.1\r\nX: y"),
        instead(":method", "get"),
        instead(":method", "TRACE"),
        instead(":authority", "local\r\nhost"),
        instead(":authority", "user@localhost"),
        instead(":authority", ""),
        with(":method", "POST"),
        with(":path", "/admin"),
        with(":status", "200"),
        with(":new", "x"),
        with("host", "evil"),
        with("connection", "x"),
        with("transfer-encoding", "chunked"),
        with("upgrade", "websocket"),
        with("keep-alive", "x"),
        with("proxy-connection", "x"),
        with("te", "gzip"),
        with("X-Upper", "b"),
        with("x-a", "b\r\nx-c: d"),
        with("x-a", "b\0c"),
        with("x-a", " b"),
        with("x-a", "b\t"),
        with("x a", "b"),
        with("x:a", "b"),
        with("", "b"),
    ];
    for fields in &heads {
        let fate = Frames::connect(&gate, None).headers(1, fields, END_STREAM).fate(1);
        let answered = matches!(&fate, Fate::Answered(body) if body.starts_with(b"fine"));
        assert!(!answered && fate != Fate::Closed, "{fields:?}: {fate:?}");
    }
    app.assert_untouched();
    gate.records(heads.len());
}

#[test]
fn framing_http2_streams_of_which_no_request_is_made_have_a_record_beside_those_that_are() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let malformed = || [vec![("x-a", "b")], head("GET", "/open")].concat();
    let mut alone = Frames::connect(&gate, None);
    assert!(matches!(alone.headers(1, &malformed(), END_STREAM).fate(1), Fate::Reset(_)));
    drop(alone);
    let only = gate.only_record();
    assert_eq!((only.code(), only.is_connection()), ("http2_stream", true));
    let mut among = Frames::connect(&gate, None);
    for (stream, fields) in [(1, head("GET", "/open")), (3, malformed()), (5, malformed()), (7, head("GET", "/open"))] {
        let fate = among.headers(stream, &fields, END_STREAM).fate(stream);
        assert_eq!(matches!(fate, Fate::Answered(_)), fields.len() == 4, "{fate:?}");
    }
    drop(among);
    let codes: Vec<_> = gate.records(4).iter().map(|record| record.code().to_owned()).collect();
    assert_eq!(codes, ["http2_stream", "allowed", "allowed", "http2_stream"]);
    // Requests that are all sound leave theirs alone, with trailers and however many.
    let mut sound = Frames::connect(&gate, None);
    sound.headers(1, &head("POST", "/open"), 0).data(1, b"abc", 0).headers(1, &[("x-t", "1")], END_STREAM);
    assert!(matches!(sound.fate(1), Fate::Answered(_)));
    drop(sound);
    let mut last = Frames::connect(&gate, None);
    assert!(matches!(last.headers(1, &head("GET", "/open"), END_STREAM).fate(1), Fate::Answered(_)));
    let codes: Vec<_> = gate.records(6).iter().map(|record| record.code().to_owned()).collect();
    assert_eq!(codes[4..], ["allowed", "allowed"]);
}

#[test]
fn framing_http2_trailers_make_no_second_request() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let mut frames = Frames::connect(&gate, None);
    frames.headers(1, &head("POST", "/open"), 0).data(1, b"abc", 0);
    frames.headers(1, &[(":method", "GET"), (":path", "/public/smuggled"), ("x", "y")], END_STREAM);
    assert_ne!(frames.fate(1), Fate::Closed);
    gate.only_record();
    for request in app.requests() {
        assert!(request.line().starts_with("POST /open "), "{}", request.head);
        assert!(!String::from_utf8_lossy(&request.body).contains("smuggled"), "{request:?}");
    }
}

#[test]
fn framing_http2_broken_frames_end_the_connection_with_one_record() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let mut endless = Frames::connect(&gate, None);
    endless.frame(HEADERS, 0, 1, &block(&head("GET", "/open")));
    for _ in 0..1000 {
        endless.frame(CONTINUATION, 0, 1, &block(&[("x-a", "b".repeat(100))]));
    }
    assert!(matches!(endless.fate(1), Fate::GoneAway(_) | Fate::Closed | Fate::Reset(_)));
    let mut even = Frames::connect(&gate, None);
    assert!(matches!(even.headers(2, &head("GET", "/open"), END_STREAM).fate(2), Fate::GoneAway(_)));
    let mut orphan = Frames::connect(&gate, None);
    assert!(matches!(orphan.data(1, b"abc", END_STREAM).fate(1), Fate::GoneAway(_)));
    let mut garbage = Frames::connect(&gate, None);
    assert!(matches!(garbage.frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0xff; 20]).fate(1), Fate::GoneAway(_)));
    for record in gate.records(4) {
        assert_eq!((record.code(), record.is_connection()), ("http2_protocol", true));
    }
    app.assert_untouched();
}

#[test]
fn framing_http2_bodies_without_a_length_reach_the_app_chunked() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let client = Http2::connect(&gate, None);
    let post = || http::Request::post("https://localhost/open").body(()).expect("a request");
    client
        .ask_with(post(), Rest { pieces: vec!["ab".into(), "".into(), "cd".into()], trailers: None })
        .expect("an answer");
    client.ask_with(post(), Rest::of("")).expect("an answer");
    client.ask(post()).expect("an answer");
    let seen = app.requests_when(3);
    assert_eq!((seen[0].field("transfer-encoding"), seen[0].content()), (Some("chunked"), b"abcd".to_vec()));
    assert!(seen[1..].iter().all(|request| request.whole && request.content().is_empty()));
}
