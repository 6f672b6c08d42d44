//! A shared count that is gone in every way: no request waits, each replica keeps its share, an alarm says why, and nobody
//! has a fresh bucket afterwards (DOS-2).

use std::time::Duration;

use super::{alarms, call, pass, policy, single, start, until_refused};
use crate::support::between::{Between, Mode};
use crate::support::flow::resident;
use crate::support::gate::records_of;
use crate::support::pki::Files;
use crate::support::redis::Redis;
use crate::support::{Gate, Policy, Upstream, answer, has_tool, wait_for};

/// The same policy, that waits for the server no longer than this.
fn impatient(files: &Files, app: &Upstream, servers: &str, requests: &str) -> Policy {
    let text = policy(files, app, servers, requests).text();
    assert!(text.contains("timeout: 2s"));
    Policy::whole(&text.replace("timeout: 2s", "timeout: 300ms"), app)
}

/// Why the first alarm says that the count is gone.
fn reason(gate: &Gate) -> String {
    let alarm = wait_for("an alarm", || {
        records_of(&gate.trail()).into_iter().find(|record| record.event() == "ALARM.SHARED_STATE")
    });
    alarm.0["evidences"][0]["data"]["subject"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_server_that_answers_anything_else_keeps_no_request_waiting() {
    if !has_tool("redis-server") {
        return;
    }
    let (files, server, app) = (Files::new(), Redis::start(&[]), Upstream::start(answer("hello")));
    let says = |text: &str| Mode::Says(text.as_bytes().to_vec());
    let rows: Vec<(&str, Mode, &[&str])> = vec![
        ("does not hear", Mode::DeafServer, &["timeout"]),
        ("does not answer", Mode::DumbServer, &["timeout"]),
        ("another protocol", says("HTTP/1.1 400 Bad Request\r\n\r\n"), &["malformed", "connect"]),
        ("a length beyond all memory", says("$9223372036854775807\r\nx"), &["malformed", "connect", "timeout"]),
        ("a list beyond all memory", says("*2147483647\r\n"), &["malformed", "connect", "timeout"]),
        ("a list in a list, and so on", Mode::Says(b"*1\r\n".repeat(4096)), &["malformed", "connect", "timeout"]),
        ("a word for numbers", says("+OK\r\n"), &["malformed", "timeout"]),
        ("too few numbers", says("*1\r\n:1\r\n"), &["malformed", "timeout"]),
        ("words among numbers", says("*2\r\n:1\r\n$1\r\nx\r\n"), &["malformed", "timeout"]),
        ("read only", says("-READONLY You can't write against a read only replica.\r\n"), &["unready"]),
        ("loading", says("-LOADING Redis is loading the dataset in memory\r\n"), &["unready"]),
        ("another type of value", says("-WRONGTYPE Operation against a key\r\n"), &["unready"]),
        ("no login", says("-NOAUTH Authentication required.\r\n"), &["refused", "unready"]),
        ("no rights", says("-NOPERM this user has no permissions\r\n"), &["refused"]),
    ];
    for (what, mode, reasons) in rows {
        let between = Between::start(server.port);
        let servers = format!("redis: [\"redis://127.0.0.1:{}\"]", between.port);
        let gate = start(&impatient(&files, &app, &servers, "3000/d"));
        pass(&gate, 1);
        let is_other = matches!(mode, Mode::Says(_));
        between.set(mode);
        pass(&gate, 5);
        let said = reason(&gate);
        // An answer in the place of another leaves that one waiting, and a connection that is made anew breaks off.
        let broke_off = is_other && ["timeout", "connect"].contains(&&*said);
        assert!(broke_off || reasons.contains(&&*said), "{what}: {said}");
        // None of it is the server's own text.
        assert!(!gate.log().contains("READONLY") && !gate.log().contains("Bad Request"), "{what}: {}", gate.log());
        pass(&gate, 5);
        between.set(Mode::Pass);
        gate.says("without_for_seconds");
        pass(&gate, 5);
    }
}

/// A server that never stops talking is heard for as long as one answer may take, and not kept in memory for longer.
#[test]
fn a_server_that_never_stops_talking_is_not_kept_in_memory() {
    if !has_tool("redis-server") {
        return;
    }
    let (files, server, app) = (Files::new(), Redis::start(&[]), Upstream::start(answer("hello")));
    for flood in [b"$9223372036854775807\r\n".to_vec(), b"*1000000\r\n".repeat(512), b":1\r\n".repeat(4096)] {
        let between = Between::start(server.port);
        let servers = format!("redis: [\"redis://127.0.0.1:{}\"]", between.port);
        let gate = start(&impatient(&files, &app, &servers, "3000/d"));
        pass(&gate, 1);
        let before = resident(gate.id());
        between.set(Mode::Floods(flood));
        pass(&gate, 1);
        alarms(&gate);
        pass(&gate, 5);
        let more = resident(gate.id()).saturating_sub(before);
        assert!(more < 64 * 1024 * 1024, "{more} more bytes");
        between.set(Mode::Pass);
        gate.says("without_for_seconds");
    }
}

/// What takes long is not gone: the count goes on, a little behind.
#[test]
fn a_slow_server_keeps_no_request_waiting_and_the_limit_holds() {
    if !has_tool("redis-server") {
        return;
    }
    let (files, server, app) = (Files::new(), Redis::start(&[]), Upstream::start(answer("hello")));
    let between = Between::start(server.port);
    let servers = format!("redis: [\"redis://127.0.0.1:{}\"]", between.port);
    let policy = impatient(&files, &app, &servers, "30/d");
    let gates = [start(&policy), start(&policy)];
    between.set(Mode::Slow(Duration::from_millis(100)));
    let passed: usize = gates.iter().map(until_refused).sum();
    // Each of them hears of the other at last.
    for gate in &gates {
        wait_for("all know", || (call(gate) == 429).then_some(()));
    }
    assert!((15..=46).contains(&passed), "{passed} of 30, and what is on credit");
    assert!(gates.iter().all(|gate| !gate.trail().contains("ALARM.SHARED_STATE")));
}

/// A server that lost its memory is told what this gate knows: nobody begins anew.
#[test]
fn a_server_that_forgets_refills_no_bucket() {
    if !has_tool("redis-server") {
        return;
    }
    let (files, server, app) = (Files::new(), Redis::start(&[]), Upstream::start(answer("hello")));
    let gate = start(&policy(&files, &app, &single(&server), "30/d"));
    pass(&gate, 20);
    wait_for("it is told", || server.ask(&["--scan"]).contains("together").then_some(()));
    server.ask(&["FLUSHALL"]);
    let more = until_refused(&gate);
    assert!(more <= 12, "{more} more than 20 of 30");
    server.ask(&["FLUSHALL"]);
    assert!(until_refused(&gate) <= 1);
    assert!(!gate.trail().contains("ALARM.SHARED_STATE"), "it is there");
}

#[test]
fn a_server_that_may_only_be_read_leaves_each_replica_its_share() {
    if !has_tool("redis-server") {
        return;
    }
    let (files, server, app) = (Files::new(), Redis::start(&[]), Upstream::start(answer("hello")));
    let replica = server.replica();
    let gate = Gate::start(&impatient(&files, &app, &single(&replica), "30/d"));
    gate.says("each replica keeps its own share");
    assert_eq!(reason(&gate), "unready");
    pass(&gate, 10);
    // It is made the master.
    replica.ask(&["REPLICAOF", "NO", "ONE"]);
    gate.says("without_for_seconds");
    pass(&gate, 1);
}

#[test]
fn a_master_that_goes_is_followed_by_the_one_that_the_sentinel_chooses() {
    if !has_tool("redis-server") {
        return;
    }
    let (files, mut server, app) = (Files::new(), Redis::start(&[]), Upstream::start(answer("hello")));
    let replica = server.replica();
    let sentinel = Redis::sentinel(&server);
    wait_for("the sentinel knows the replica", || {
        sentinel.ask(&["sentinel", "replicas", "portcullis"]).contains(&replica.port.to_string()).then_some(())
    });
    let servers = format!("redis: [\"redis://127.0.0.1:{}\"], kind: sentinel, master: portcullis", sentinel.port);
    let policy = impatient(&files, &app, &servers, "30/d");
    let gates = [start(&policy), start(&policy)];
    pass(&gates[0], 20);
    wait_for("the replica is told", || replica.ask(&["--scan"]).contains("together").then_some(()));
    server.kill();
    // Meanwhile nobody waits.
    pass(&gates[1], 1);
    wait_for("the replica is the master", || replica.ask(&["role"]).starts_with("master").then_some(()));
    // What was counted before is counted still; shares of each replica may have been taken meanwhile.
    let more: usize = gates.iter().map(until_refused).sum();
    assert!(more <= 26, "{more} more than 21 of 30");
    for gate in &gates {
        wait_for("both know", || (call(gate) == 429).then_some(()));
    }
}

#[test]
fn a_cluster_that_loses_a_master_goes_on_with_its_replica() {
    if !has_tool("redis-server") {
        return;
    }
    let (files, mut nodes) = (Files::new(), Redis::cluster_with_replicas());
    let app = Upstream::start(answer("hello"));
    let servers = format!(
        "redis: [\"redis://127.0.0.1:{}\", \"redis://127.0.0.1:{}\"], kind: cluster",
        nodes[1].port, nodes[2].port
    );
    let gate = start(&impatient(&files, &app, &servers, "30/d"));
    pass(&gate, 20);
    let holds = |node: &Redis| node.ask(&["--scan"]).contains("together");
    let master = wait_for("it is told, and copied", || {
        (nodes.iter().filter(|node| holds(node)).count() == 2).then(|| nodes[..3].iter().position(holds)).flatten()
    });
    nodes[master].kill();
    pass(&gate, 1);
    let replica = nodes[3..].iter().find(|node| holds(node)).expect("a copy");
    wait_for("the replica is the master", || replica.ask(&["role"]).starts_with("master").then_some(()));
    let more = until_refused(&gate);
    assert!(more <= 24, "{more} more than 21 of 30");
    wait_for("the count goes on", || {
        call(&gate);
        gate.log().lines().filter(|line| line.contains("replicas count together")).count().ge(&1).then_some(())
    });
    assert_eq!(call(&gate), 429);
}
