//! SIGTERM: what runs may end, what is new is refused, what is stuck is cut, and no record is lost.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::client::{tcp, terms};
use crate::support::frames::{END_STREAM, Fate, Frames, GOAWAY, head};
use crate::support::gate::Stopped;
use crate::support::upstream::{raw, say};
use crate::support::{Client, Gate, Latch, Policy, Then, Upstream, answer, has_tool, wait_for};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// An app that answers once the latch is open.
fn patient(latch: &Latch) -> Upstream {
    let latch = latch.clone();
    Upstream::start(move |_, wire| {
        latch.wait();
        say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        Then::Keep
    })
}

/// Sends SIGTERM and waits until nobody new gets in.
fn terminate(gate: &Gate) {
    gate.terminate();
    wait_for("new connections are refused", || TcpStream::connect(gate.address()).is_err().then_some(()));
}

/// How the requests ended; who only knocked is left out.
fn ends(stopped: &Stopped) -> Vec<&str> {
    stopped.ends().iter().filter(|record| !record.is_connection()).map(|record| record.end()).collect()
}

#[test]
fn drain_lets_a_slow_request_end_and_takes_nobody_new() {
    let latch = Latch::new();
    let app = patient(&latch);
    let mut gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    client.send(GET);
    app.requests_when(1);
    terminate(&gate);
    latch.open();
    let answer = client.answer().expect("an answer");
    assert_eq!((answer.text().as_str(), answer.field("connection")), ("hello", Some("close")));
    assert!(client.is_closed());
    let stopped = gate.wait_until_stopped();
    assert!(stopped.status.success(), "{}", stopped.log);
    assert_eq!(ends(&stopped), ["complete"]);
    let events: Vec<_> = stopped.records.iter().map(|record| record.event()).collect();
    assert_eq!((events[0], *events.last().expect("records")), ("PROC.START", "PROC.STOP"));
    let tally = &stopped.records.last().expect("records").0["unmapped"]["portcullis"];
    assert_eq!((tally["records_lost"].as_u64(), tally["records_withheld"].as_u64()), (Some(0), Some(0)));
}

#[test]
fn drain_answers_who_connected_a_moment_before() {
    let app = Upstream::start(answer("hello"));
    for _ in 0..8 {
        let mut gate = Gate::start(&Policy::new(&app));
        // The kernel has taken them; whether a worker has is not known.
        let sockets: Vec<_> = (0..4).map(|_| tcp(gate.address())).collect();
        gate.terminate();
        for socket in sockets {
            let mut client = Client::over(socket, terms(None, &["http/1.1"]), "localhost");
            assert_eq!(client.ask(GET).status, 200);
        }
        assert!(gate.wait_until_stopped().status.success());
    }
}

#[test]
fn drain_ends_idle_connections_at_once() {
    let app = Upstream::start(answer("hello"));
    let mut gate = Gate::start(&Policy::new(&app));
    let (mut one, mut other) = (gate.connect(), gate.connect());
    assert_eq!(one.ask(GET).status, 200);
    other.handshake().expect("a handshake");
    let mut frames = Frames::connect(&gate, None);
    assert!(matches!(frames.headers(1, &head("GET", "/open"), END_STREAM).fate(1), Fate::Answered(_)));
    gate.terminate();
    assert!(one.is_closed() && other.is_closed());
    let stopped = gate.wait_until_stopped();
    assert!(stopped.status.success());
    let mut codes: Vec<_> = stopped.ends().iter().map(|record| record.code().to_owned()).collect();
    codes.sort();
    assert_eq!(codes, ["allowed", "allowed", "connection_without_request"]);
}

#[test]
fn drain_dead_line_cuts_what_is_stuck() {
    let latch = Latch::new();
    let app = patient(&latch);
    let mut gate = Gate::start(&Policy::new(&app).gate("timeouts: { drain: 300ms }"));
    let mut client = gate.connect();
    client.send(GET);
    let mut frames = Frames::connect(&gate, None);
    frames.headers(1, &head("GET", "/open"), END_STREAM);
    app.requests_when(2);
    gate.terminate();
    assert!(client.answer().is_none());
    let stopped = gate.wait_until_stopped();
    assert!(stopped.status.success(), "{}", stopped.log);
    let ends: Vec<_> = stopped.ends().iter().map(|record| record.end()).collect();
    assert_eq!(ends, ["drained", "drained"]);
    assert_eq!(stopped.records.last().map(|record| record.event()), Some("PROC.STOP"));
    latch.open();
}

#[test]
fn drain_is_cut_short_by_a_second_signal() {
    let latch = Latch::new();
    let app = patient(&latch);
    let mut gate = Gate::start(&Policy::new(&app).gate("timeouts: { drain: 1h }"));
    let mut client = gate.connect();
    client.send(GET);
    app.requests_when(1);
    terminate(&gate);
    gate.terminate();
    assert!(client.answer().is_none());
    let stopped = gate.wait_until_stopped();
    assert!(stopped.status.success());
    assert_eq!(ends(&stopped), ["drained"]);
    latch.open();
}

#[test]
fn drain_cuts_upgraded_streams_with_their_record() {
    let agreed = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    let app = Upstream::start(raw(agreed, Then::Echo));
    let mut gate = Gate::start(&Policy::new(&app).gate("timeouts: { drain: 300ms }"));
    let mut client = gate.connect();
    let ask = "GET /open HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    assert_eq!(client.ask(ask).status, 101);
    assert_eq!(client.send("abc").take(3).as_deref(), Some(&b"abc"[..]));
    gate.terminate();
    assert!(client.is_closed());
    let stopped = gate.wait_until_stopped();
    assert!(stopped.status.success());
    let ends: Vec<_> = stopped.ends().iter().map(|record| (record.end().to_owned(), record.bytes())).collect();
    assert_eq!(ends, [("drained".to_owned(), (3, 3))]);
}

#[test]
fn drain_says_goaway_and_lets_open_streams_end() {
    let latch = Latch::new();
    let app = patient(&latch);
    let mut gate = Gate::start(&Policy::new(&app));
    let mut frames = Frames::connect(&gate, None);
    frames.headers(1, &head("GET", "/open"), END_STREAM);
    app.requests_when(1);
    gate.terminate();
    let code = loop {
        let frame = frames.next().expect("a frame");
        if frame.kind == GOAWAY {
            break u32::from_be_bytes(frame.payload[4..8].try_into().expect("four bytes"));
        }
    };
    assert_eq!(code, 0);
    latch.open();
    assert_eq!(frames.fate(1), Fate::Answered(b"hello".to_vec()));
    assert!(gate.wait_until_stopped().status.success());
}

#[test]
fn drain_under_load_loses_no_record_of_an_answered_request() {
    let app = Upstream::start(answer("hello"));
    let mut gate = Gate::start(&Policy::new(&app));
    let answered = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = gate.connect();
                while client.send(GET).answer().is_some_and(|answer| answer.status == 200 && answer.whole) {
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        wait_for("answers come", || (answered.load(Ordering::SeqCst) > 200).then_some(()));
        gate.terminate();
    });
    let stopped = gate.wait_until_stopped();
    assert!(stopped.status.success(), "{}", stopped.log);
    let complete = stopped.ends().iter().filter(|record| record.end() == "complete" && record.status() == 200).count();
    let answered = answered.load(Ordering::SeqCst);
    assert!(complete >= answered, "{answered} answers, {complete} records");
    assert!(stopped.ends().len() >= app.requests().len());
}

#[test]
fn drain_under_http2_load_loses_no_record_of_an_answered_request() {
    if !has_tool("h2load") {
        return;
    }
    let app = Upstream::start(answer("hello"));
    let mut gate = Gate::start(&Policy::new(&app));
    let url = format!("https://{}/open", gate.address());
    let mut load = Command::new("h2load")
        .args(["-n", "1000000", "-c", "4", "-m", "4", &url])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("h2load runs");
    let said = BufReader::new(load.stdout.take().expect("a pipe"));
    gate.records_when("requests come", |records| records.len() > 300);
    gate.terminate();
    let stopped = gate.wait_until_stopped();
    assert!(stopped.status.success(), "{}", stopped.log);
    let lines: Vec<_> = said.lines().map_while(Result::ok).collect();
    load.wait().expect("h2load ends");
    // "status codes: 1234 2xx, 0 3xx, 0 4xx, 0 5xx"
    let codes = lines.iter().find_map(|line| line.strip_prefix("status codes: ")).expect("status codes");
    let answered: usize = codes.split(' ').next().expect("a number").parse().expect("a number");
    let complete = stopped.ends().iter().filter(|record| record.status() == 200).count();
    assert!(answered > 0 && complete >= answered, "{answered} answers, {complete} records");
}

#[test]
fn drain_right_after_the_start_is_in_order() {
    let app = Upstream::start(answer("hello"));
    for _ in 0..10 {
        let stopped = Gate::start(&Policy::new(&app)).stop();
        assert!(stopped.status.success(), "{}: {}", stopped.status, stopped.log);
        assert_eq!(
            stopped.records.iter().map(|record| record.event()).collect::<Vec<_>>(),
            ["PROC.START", "PROC.STOP"]
        );
    }
}

#[test]
fn drain_by_sigquit_is_as_by_sigterm_and_sigusr1_does_no_harm() {
    use rustix::process::{Pid, Signal, kill_process};
    let app = Upstream::start(answer("hello"));
    let mut gate = Gate::start(&Policy::new(&app));
    let id = i32::try_from(gate.id()).ok().and_then(Pid::from_raw).expect("an id");
    kill_process(id, Signal::USR1).expect("a signal");
    gate.says("files are opened again by themselves");
    assert_eq!(gate.connect().ask(GET).text(), "hello");
    kill_process(id, Signal::QUIT).expect("a signal");
    let stopped = gate.wait_until_stopped();
    assert!(stopped.status.success(), "{}", stopped.log);
    assert_eq!(stopped.records.last().map(|record| record.event()), Some("PROC.STOP"));
}
