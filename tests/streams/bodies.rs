//! Long bodies: whole, in order, and never all in memory; `Expect`; answers that break off.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::flow::{self, Sum, pieces, read_chunked, resident, send, settled};
use crate::support::frames::{END_STREAM, Frames, HEADERS, SETTINGS, head};
use crate::support::http2::Http2;
use crate::support::upstream::raw;
use crate::support::{Gate, Policy, Then, Upstream, answer, assert_refused, wait_for};

const MEGABYTE: usize = 1024 * 1024;
const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[test]
fn stream_of_ten_megabytes_up_arrives_whole() {
    let url = flow::app(|_, stream| {
        let mut sum = Sum::new();
        let Some(()) = read_chunked(stream, |piece| sum.add(piece)) else { return false };
        send(stream, format!("HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n{}", sum.text()))
    });
    let gate = Gate::start(&Policy::at(&url));
    let total = 10 * MEGABYTE;
    let mut client = gate.connect();
    client.send("POST /open HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    for piece in pieces(total) {
        let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat();
        assert!(client.try_send(&chunk));
    }
    assert_eq!(client.ask("0\r\n\r\n").text(), Sum::of(total));
    assert_eq!(gate.only_record().bytes(), (total as u64, 64));
    let over2 = Http2::connect(&gate, None);
    let answer = over2.run(async {
        let request = http::Request::post("https://localhost/open").body(()).expect("a request");
        let (answer, mut body) =
            over2.sender().ready().await.expect("ready").send_request(request, false).expect("a stream");
        for piece in pieces(total) {
            assert!(flow::send_when_room(&mut body, piece.into()).await);
        }
        body.send_data(bytes::Bytes::new(), true).expect("an end");
        flow::whole(&mut answer.await.expect("an answer").into_body()).await.expect("a body").0
    });
    assert_eq!(String::from_utf8_lossy(&answer), Sum::of(total));
    assert_eq!(gate.records(2)[1].bytes(), (total as u64, 64));
}

#[test]
fn stream_of_ten_megabytes_down_arrives_whole() {
    let total = 10 * MEGABYTE;
    let url = flow::app(move |_, stream| {
        send(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n")
            && pieces(total)
                .all(|piece| send(stream, [format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat()))
            && send(stream, "0\r\nX-Sum: 1\r\n\r\n")
    });
    let gate = Gate::start(&Policy::at(&url));
    for answer in [gate.connect().ask(GET), Http2::connect(&gate, None).get("/open")] {
        assert!(answer.status == 200 && answer.whole);
        let mut sum = Sum::new();
        sum.add(&answer.body);
        assert_eq!(sum.text(), Sum::of(total));
    }
    for record in gate.records(2) {
        assert_eq!((record.bytes(), record.end()), ((0, total as u64), "complete"));
    }
}

/// An app with an answer of 200 MB, and how much of it has gone out.
fn long_answer() -> (String, Arc<AtomicU64>) {
    let sent = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&sent);
    let url = flow::app(move |_, stream| {
        let piece = [7; 16 * 1024];
        let whole = 200 * MEGABYTE;
        send(stream, format!("HTTP/1.1 200 OK\r\nContent-Length: {whole}\r\n\r\n"))
            && (0..whole / piece.len()).all(|_| {
                let went = send(stream, piece);
                count.fetch_add(piece.len() as u64, Ordering::SeqCst);
                went
            })
    });
    (url, sent)
}

#[test]
fn stream_down_to_a_client_that_does_not_read_is_not_kept_in_memory() {
    let (url, sent) = long_answer();
    let gate = Gate::start(&Policy::at(&url));
    let before = resident(gate.id());
    let mut client = gate.connect();
    client.send(GET);
    wait_for("the answer begins", || (sent.load(Ordering::SeqCst) > 0).then_some(()));
    let went = settled(|| sent.load(Ordering::SeqCst));
    // What the kernel's sockets hold is not the gate's.
    assert!(went < 64 * MEGABYTE as u64, "{went} bytes were taken of an app whose client does not read");
    let grown = resident(gate.id()).saturating_sub(before);
    assert!(grown < 20 * MEGABYTE as u64, "{grown} bytes more");
    client.reset();
    let record = gate.only_record();
    assert_eq!((record.code(), record.end()), ("allowed", "client_gone"));
}

#[test]
fn stream_down_to_closed_windows_is_not_kept_in_memory() {
    let (url, sent) = long_answer();
    let gate = Gate::start(&Policy::at(&url));
    let before = resident(gate.id());
    let mut frames = Frames::connect(&gate, None);
    // SETTINGS_INITIAL_WINDOW_SIZE (4) of nothing.
    frames.frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
    for stream in 0..20 {
        frames.headers(2 * stream + 1, &head("GET", "/open"), END_STREAM);
    }
    wait_for("the answers begin", || (sent.load(Ordering::SeqCst) > 0).then_some(()));
    let mut answered = 0;
    while answered < 20 {
        answered += u32::from(frames.next().expect("a frame").kind == HEADERS);
    }
    settled(|| sent.load(Ordering::SeqCst));
    let grown = resident(gate.id()).saturating_sub(before);
    assert!(grown < 20 * MEGABYTE as u64, "{grown} bytes more for 20 streams");
    drop(frames);
    assert!(gate.records(20).iter().all(|record| record.end() == "client_gone"));
}

#[test]
fn stream_up_to_an_app_that_does_not_read_is_not_kept_in_memory() {
    let url = flow::app(|_, stream| {
        // Reads nothing until the gate closes its side.
        let mut byte = [0; 1];
        let _ = stream.get_ref().set_read_timeout(Some(std::time::Duration::from_millis(1)));
        while stream.get_ref().peek(&mut byte).is_ok() {
            if stream.get_ref().take_error().is_ok_and(|error| error.is_some()) {
                break;
            }
            std::thread::yield_now();
        }
        false
    });
    let gate = Gate::start(&Policy::at(&url).gate("bounds: { body: 1GB }"));
    let before = resident(gate.id());
    let sent = Arc::new(AtomicU64::new(0));
    let client = Http2::connect(&gate, None);
    let (answer, mut body) = client.open(http::Request::post("https://localhost/open").body(()).expect("a request"));
    let count = Arc::clone(&sent);
    let pump = async move {
        let piece = bytes::Bytes::from(vec![7; 16 * 1024]);
        while flow::send_when_room(&mut body, piece.clone()).await {
            count.fetch_add(piece.len() as u64, Ordering::SeqCst);
        }
    };
    let task = client.spawn(pump);
    wait_for("the body begins", || (sent.load(Ordering::SeqCst) > 0).then_some(()));
    let went = settled(|| sent.load(Ordering::SeqCst));
    assert!(went < 64 * MEGABYTE as u64, "{went} bytes were taken for an app that does not read");
    let grown = resident(gate.id()).saturating_sub(before);
    assert!(grown < 20 * MEGABYTE as u64, "{grown} bytes more");
    task.abort();
    drop((answer, client));
}

#[test]
fn stream_up_waits_for_100_continue_where_it_is_let_through() {
    let app = Upstream::start(answer("got it"));
    let gate = Gate::start(&Policy::new(&app));
    let ask = |path: &str, expect: &str| {
        format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: {expect}\r\n\r\n")
    };
    let mut client = gate.connect();
    let interim = client.send(ask("/open", "100-continue")).read_some();
    assert!(interim.starts_with(b"HTTP/1.1 100 "), "{}", String::from_utf8_lossy(&interim));
    assert_eq!(client.ask("abc").text(), "got it");
    let request = app.only_request();
    assert_eq!((request.content(), request.field("expect")), (b"abc".to_vec(), None));
    for (path, expect, status) in
        [("/admin/x", "100-continue", "401"), ("/small", "100-continue", "413"), ("/open", "200-ok", "417")]
    {
        let request = ask(path, expect).replace("Length: 3", if path == "/small" { "Length: 17" } else { "Length: 3" });
        let first = gate.connect().send(request).read_to_end();
        assert!(first.starts_with(format!("HTTP/1.1 {status} ").as_bytes()), "{}", String::from_utf8_lossy(&first));
    }
    app.requests_when(1);
    gate.records(4);
}

#[test]
fn stream_of_an_answer_that_breaks_off_never_looks_whole() {
    let rows = [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf an answer",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n",
    ];
    for bytes in rows {
        let app = Upstream::start(raw(bytes, Then::Close));
        let gate = Gate::start(&Policy::new(&app));
        let answer = gate.connect().ask(GET);
        assert!(answer.status == 200 && !answer.whole, "{bytes:?}: {answer:?}");
        let request = http::Request::get("https://localhost/open").body(()).expect("a request");
        let over2 = Http2::connect(&gate, None).ask(request);
        assert!(over2.is_err(), "{bytes:?}: {over2:?}");
        for record in gate.records(2) {
            assert_eq!(
                (record.code(), record.status(), record.end()),
                ("allowed", 200, "upstream_broken"),
                "{bytes:?}"
            );
        }
    }
}

#[test]
fn stream_of_an_answer_that_stalls_is_cut_after_its_dead_line() {
    let url = flow::app(|_, stream| {
        let went = send(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        // The next read ends when the gate gives up.
        went && std::io::Read::read(stream, &mut [0; 1]).is_ok_and(|count| count > 0)
    });
    let gate = Gate::start(&Policy::at(&url).upstream("timeouts: { idle: 200ms }"));
    let answer = gate.connect().ask(GET);
    assert!(answer.status == 200 && !answer.whole, "{answer:?}");
    assert_eq!(gate.only_record().end(), "timed_out");
}

#[test]
fn stream_of_an_app_that_does_not_begin_is_504() {
    let url = flow::app(|_, stream| std::io::Read::read(stream, &mut [0; 1]).is_ok_and(|count| count > 0));
    let gate = Gate::start(&Policy::at(&url).upstream("timeouts: { response: 200ms }"));
    assert_refused(&gate, &gate.connect().ask(GET), 504, "upstream_timeout");
}
