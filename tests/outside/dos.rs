//! Floods and slow clients (class G 63 to 73): what they cost is bounded, others are served meanwhile, and each end has
//! its record.

use crate::support::frames::{CONTINUATION, DATA, END_STREAM, Fate, Frames, RST_STREAM, SETTINGS, head};
use crate::support::http2::Http2;
use crate::support::{Gate, Policy, Upstream, answer, assert_refused, wait_for};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Bytes of memory that a process has in use.
fn memory(gate: &Gate) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", gate.id())).expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

#[track_caller]
fn assert_serves(gate: &Gate) {
    assert_eq!(gate.connect().ask(GET).status, 200);
    assert_eq!(Http2::connect(gate, None).get("/open").status, 200);
}

#[test]
fn dos_streams_that_are_reset_at_once_do_not_pile_up() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let mut frames = Frames::connect(&gate, None);
    for stream in (1..20_000).step_by(2) {
        frames.headers(stream, &head("GET", "/open"), END_STREAM).frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]);
    }
    wait_for("the flood is ended", || match frames.next() {
        None => Some(()),
        Some(frame) => (frame.kind == crate::support::frames::GOAWAY).then_some(()),
    });
    assert_serves(&gate);
    let records = gate.records_when("the flood's record", |records| records.len() >= 3);
    assert!(records.len() < 10_000, "most of the flood was never taken up: {}", records.len());
}

#[test]
fn dos_http2_heads_beyond_bounds_are_refused_with_a_record() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let client = Http2::connect(&gate, None);
    assert_eq!(client.get("/open").status, 200);
    let long = http::Request::get("https://localhost/open").header("x-a", "b".repeat(40_000));
    let answer = client.ask(long.body(()).expect("a request")).expect("an answer");
    assert_refused(&gate, &answer, 431, "header_too_large");
    // Many cookies, few bytes on the wire: what counts is what they are unpacked to.
    let mut crumbs = http::Request::get("https://localhost/open");
    for _ in 0..90 {
        crumbs = crumbs.header("cookie", "c".repeat(400));
    }
    let answer = client.ask(crumbs.body(()).expect("a request")).expect("an answer");
    assert_refused(&gate, &answer, 431, "header_too_large");
    gate.records(3);
    assert_eq!(app.requests().len(), 1);
}

#[test]
fn dos_empty_frames_end_the_connection() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app).gate("timeouts: { body_idle: 1s }"));
    for kind in [DATA, SETTINGS, CONTINUATION] {
        let mut frames = Frames::connect(&gate, None);
        frames.headers(1, &head("POST", "/open"), 0);
        for _ in 0..50_000 {
            let stream = u32::from(kind != SETTINGS);
            frames.frame(kind, 0, stream, &[]);
        }
        let fate = frames.fate(1);
        assert!(!matches!(&fate, Fate::Answered(body) if body == b"fine"), "{kind}: {fate:?}");
        drop(frames);
        assert_serves(&gate);
    }
}

#[test]
fn dos_slow_readers_hold_little_memory() {
    let app = Upstream::start(answer(&"x".repeat(20 * 1024 * 1024)));
    let gate = Gate::start(&Policy::new(&app).gate("timeouts: { body_idle: 2s, header: 2s }"));
    let before = memory(&gate);
    let mut slow: Vec<_> = (0..8).map(|_| gate.connect()).collect();
    for client in &mut slow {
        client.send(GET);
    }
    let mut frames = Frames::connect(&gate, None);
    for stream in (1..40).step_by(2) {
        frames.headers(stream, &head("GET", "/open"), END_STREAM);
    }
    app.requests_when(28);
    let records = gate.records(28);
    let most = memory(&gate).saturating_sub(before);
    assert!(records.iter().all(|record| record.end() == "timed_out"), "{records:?}");
    assert!(most < 150 * 1024 * 1024, "{most} bytes for 28 readers of 20 MB each");
    drop((slow, frames));
}
