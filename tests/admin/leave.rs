//! The order in which a gate leaves: not ready, serving on, no new connections, the end. And reloads under load.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;

use super::health::status;
use super::{House, because};
use crate::support::upstream::say;
use crate::support::{Gate, Latch, Then, Upstream, answer, has_tool, wait_for};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn not_ready(house: &House) {
    wait_for("it is not ready", || (status(house.health(), "/readyz") == 503).then_some(()));
}

#[test]
fn leaving_serves_new_connections_until_the_delay_is_over() {
    let house = House::start_with(|policy| policy.gate("timeouts: { drain_delay: 2s }"));
    let mut old = house.gate.connect();
    assert_eq!(old.ask(GET).status, 200);
    house.gate.terminate();
    not_ready(&house);
    assert_eq!(status(house.health(), "/livez"), 200);
    let mut new = house.gate.connect();
    for client in [&mut old, &mut new] {
        let answer = client.ask(GET);
        assert_eq!((answer.status, answer.field("connection")), (200, None), "nobody is sent away yet");
    }
    let refused = || TcpStream::connect(house.gate.address()).is_err().then_some(());
    wait_for("new connections are refused", refused);
    assert!(old.is_closed() && new.is_closed());
    let mut gate = house.gate;
    let stopped = gate.wait_until_stopped();
    assert!(stopped.status.success(), "{}", stopped.log);
    assert_eq!(stopped.ends().iter().filter(|record| record.status() == 200).count(), 3);
}

#[test]
fn leaving_is_cut_short_by_a_second_signal() {
    let house = House::start_with(|policy| policy.gate("timeouts: { drain_delay: 10m, drain: 1h }"));
    house.gate.terminate();
    not_ready(&house);
    house.gate.terminate();
    let mut gate = house.gate;
    assert!(gate.wait_until_stopped().status.success());
}

#[test]
fn leaving_without_health_waits_for_nobody() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&crate::support::Policy::new(&app));
    let stopped = gate.stop();
    assert!(stopped.status.success() && !stopped.log.contains("not ready any more"), "{}", stopped.log);
}

#[test]
fn leaving_by_an_operators_word_lets_open_requests_end() {
    let latch = Latch::new();
    let house = House::start_with(|policy| policy.gate("timeouts: { drain_delay: 0s }"));
    drop(house.call("sre", "/v1/status", None));
    let (app, opened) = {
        let opened = latch.clone();
        (
            Upstream::start(move |_, wire| {
                opened.wait();
                say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
                Then::Keep
            }),
            latch,
        )
    };
    // Another gate in front of an app that is slow.
    let ca = house.files.write("operators.pem", &house.operators.pem);
    let policy = crate::support::Policy::new(&app)
        .swap(super::STANDARD_ROLE, super::ROLES)
        .top(&format!("admin: {{ listen: \"127.0.0.1:0\", tls: {{ certificate: certs/gate.pem, key: certs/gate.key, client_ca: {ca} }} }}"));
    let slow = House { gate: Gate::start(&policy), policy, ..house };
    let mut client = slow.gate.connect();
    client.send(GET);
    app.requests_when(1);
    assert_eq!(slow.call("sre", "/v1/drain", Some(because(json!({})))).status, 200);
    wait_for("new connections are refused", || TcpStream::connect(slow.gate.address()).is_err().then_some(()));
    let again = slow.call("sre", "/v1/drain", Some(because(json!({}))));
    assert_eq!((again.status, super::code(&again).as_str()), (409, "ending"));
    assert_eq!(slow.call("sre", "/v1/undrain", Some(because(json!({})))).status, 409);
    opened.open();
    assert_eq!(client.answer().expect("an answer").text(), "hello");
    let mut gate = slow.gate;
    assert!(gate.wait_until_stopped().status.success());
}

#[test]
fn leaving_under_load_fails_no_request() {
    if !has_tool("h2load") {
        return;
    }
    for version in [&["--h1"][..], &[]] {
        // The balancer of this test sends requests for as long as it has not read that the gate is not ready: all of
        // them fall into the delay, as those of a balancer that reads it every second do.
        let house = House::start_with(|policy| policy.workers(2).gate("timeouts: { drain_delay: 20s }"));
        let url = format!("https://{}/open", house.gate.address());
        let load = Command::new("h2load")
            .args(version)
            .args(["-n", "4000", "-c", "8", "-m", "4", &url])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        house.gate.records_when("requests come", |records| records.len() > 300);
        house.gate.terminate();
        not_ready(&house);
        let said = String::from_utf8(load.wait_with_output().unwrap().stdout).unwrap();
        assert!(said.contains("4000 succeeded, 0 failed, 0 errored"), "{said}");
        assert!(said.contains("status codes: 4000 2xx"), "{said}");
        house.gate.terminate();
        let mut gate = house.gate;
        let stopped = gate.wait_until_stopped();
        assert!(stopped.status.success(), "{}", stopped.log);
        assert_eq!(stopped.ends().iter().filter(|record| record.status() == 200).count(), 4000);
    }
}

/// Requests of one round.
const ROUND: usize = 800;

/// One run of h2load to its end, so that no request of it goes uncounted: what each took, in microseconds.
fn round(url: &str, log: &Path) -> Vec<u64> {
    // It appends.
    let _ = std::fs::remove_file(log);
    let count = ROUND.to_string();
    let done = Command::new("h2load")
        // Below what the gate can do, so that what a request takes is the gate's time and not a queue's.
        .args(["-n", &count, "-c", "8", "-m", "4", "--rps", "50", "--log-file"])
        .arg(log)
        .arg(url)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(said.contains(&format!("{ROUND} succeeded, 0 failed, 0 errored, 0 timeout")), "{said}");
    // Each line: when, status, microseconds.
    let log = std::fs::read_to_string(log).unwrap();
    let taken: Vec<u64> = log
        .lines()
        .map(|line| {
            let mut fields = line.split('\t').skip(1);
            assert_eq!(fields.next(), Some("200"), "{line}");
            fields.next().unwrap().parse().unwrap()
        })
        .collect();
    assert_eq!(taken.len(), ROUND);
    taken
}

/// As many as `PORTCULLIS_RELOADS` says; `bench/README.md` has the figures of a thousand. With 0 it says what the same load
/// takes without them.
#[test]
fn reloads_by_an_operator_under_load_fail_no_request() {
    if !has_tool("h2load") {
        return;
    }
    let wanted: usize = std::env::var("PORTCULLIS_RELOADS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    let house = House::start_with(|policy| policy.workers(2).gate("connections: { max: 100 }"));
    let url = format!("https://{}/open", house.gate.address());
    let over = Arc::new(AtomicBool::new(false));
    let load = {
        let (over, log) = (Arc::clone(&over), house.files.path("load.log"));
        thread::spawn(move || {
            let mut rounds = Vec::new();
            while !over.load(Ordering::Relaxed) {
                rounds.push(round(&url, &log));
            }
            rounds
        })
    };
    wait_for("requests come", || (house.gate.trail().lines().count() > 100).then_some(()));
    if wanted == 0 {
        // What there is to compare with: the same load, and no change.
        wait_for("enough requests", || (house.gate.trail().lines().count() > 4000).then_some(()));
    }
    for turn in 0..wanted {
        house
            .gate
            .change(&house.policy.clone().route(&format!("{{ name: turn-{turn}, path: /turn, allow: [anyone] }}")));
        let answer = house.call("sre", "/v1/reload", Some(because(json!({}))));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let status = super::json_of(&house.call("sre", "/v1/status", None));
    assert_eq!(status["policy"]["generation"], wanted + 1, "{status}");
    over.store(true, Ordering::Relaxed);
    let mut taken: Vec<u64> = load.join().unwrap().into_iter().flatten().collect();
    taken.sort_unstable();
    let part = |of_thousand: usize| taken[(taken.len() - 1) * of_thousand / 1000];
    println!(
        "{wanted} reloads, {} requests: median {} us, 99 % {} us, 99.9 % {} us, longest {} us",
        taken.len(),
        part(500),
        part(990),
        part(999),
        part(1000)
    );
}
