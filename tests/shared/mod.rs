//! Limits that replicas keep together, in real Redis servers: killed, frozen, behind TLS, found by a sentinel, in a
//! cluster (DOS-2).

mod faults;

use crate::support::pki::{Authority, Files, Leaf};
use crate::support::redis::Redis;
use crate::support::{Gate, Policy, Upstream, answer, has_tool, wait_for};

/// Two replicas' key: the same digits wherever it is written.
const KEY: &str = "5f3c1d9a4b8e7f60123456789abcdef0fedcba98765432100f1e2d3c4b5a6978";

/// A policy whose route `/shared/**` lets an address through `requests` times, in all replicas together.
fn policy(files: &Files, app: &Upstream, servers: &str, requests: &str) -> Policy {
    let key = files.write("shared.key", KEY);
    let once = "  - { name: once, per: address, requests: 1/m }\n";
    Policy::new(app)
        .swap(once, &format!("{once}  - {{ name: together, per: address, scope: shared, requests: {requests} }}\n"))
        .route("{ name: shared, path: /shared/**, allow: [anyone], limits: [together] }")
        .top(&format!("shared: {{ {servers}, key: {key}, name: seller-app, timeout: 2s }}"))
}

fn start(policy: &Policy) -> Gate {
    let gate = Gate::start(policy);
    gate.says("replicas count together");
    gate
}

fn single(server: &Redis) -> String {
    format!("redis: [\"redis://127.0.0.1:{}\"]", server.port)
}

/// Waits until it has raised an alarm.
fn alarms(gate: &Gate) {
    wait_for("an alarm", || gate.trail().contains("ALARM.SHARED_STATE").then_some(()));
}

fn call(gate: &Gate) -> u16 {
    gate.connect().ask("GET /shared/a HTTP/1.1\r\nHost: localhost\r\n\r\n").status
}

/// Calls until so many were let through.
fn pass(gate: &Gate, count: usize) {
    for _ in 0..count {
        wait_for("there is some left", || (call(gate) == 200).then_some(()));
    }
}

/// Calls until one is refused; how many were let through before.
fn until_refused(gate: &Gate) -> usize {
    let mut passed = 0;
    wait_for("the limit holds", || {
        let through = call(gate) == 200;
        passed += usize::from(through);
        (!through).then_some(passed)
    })
}

#[test]
fn what_one_replica_lets_through_the_others_count() {
    if !has_tool("redis-server") {
        return;
    }
    let (files, server, app) = (Files::new(), Redis::start(&[]), Upstream::start(answer("hello")));
    let policy = policy(&files, &app, &single(&server), "30/d");
    let gates = [start(&policy), start(&policy), start(&policy)];
    pass(&gates[0], 28);
    // Those that have not heard of the caller may let it have their part of a burst on credit, a third, and no more.
    let more = until_refused(&gates[1]) + until_refused(&gates[2]);
    assert!(more <= 22, "{more} more than 28 of 30");
    for gate in &gates {
        wait_for("all know", || (call(gate) == 429).then_some(()));
        assert_eq!(call(gate), 429);
    }
    // Nothing of a caller is there.
    let keys = server.ask(&["--scan"]);
    assert!(keys.contains("seller-app{0}:together:requests:") && !keys.contains("127.0.0.1"), "{keys}");
    let record = gates[0].records_when("a refusal", |records| records.iter().any(|record| record.status() == 429));
    assert!(record.iter().any(|record| record.code() == "rate_limited"));
}

#[test]
fn a_server_that_is_killed_leaves_each_replica_its_share() {
    if !has_tool("redis-server") {
        return;
    }
    let (files, mut server, app) = (Files::new(), Redis::start(&[]), Upstream::start(answer("hello")));
    let policy = policy(&files, &app, &single(&server), "30/d");
    let gates = [start(&policy), start(&policy)];
    pass(&gates[0], 3);
    server.kill();
    for gate in &gates {
        alarms(gate);
    }
    // Two replicas: half of 30 for each, and nobody waits.
    let passed = until_refused(&gates[1]);
    assert!((10..=16).contains(&passed), "{passed}");
    server.revive();
    gates[1].says("without_for_seconds");
    wait_for("it is told what was taken", || server.ask(&["--scan"]).contains("together").then_some(()));
}

#[test]
fn a_server_that_does_not_answer_keeps_no_request_waiting() {
    if !has_tool("redis-server") {
        return;
    }
    let (files, server, app) = (Files::new(), Redis::start(&[]), Upstream::start(answer("hello")));
    let gate = start(&policy(&files, &app, &single(&server), "3000/d"));
    pass(&gate, 1);
    server.freeze(true);
    pass(&gate, 50);
    alarms(&gate);
    pass(&gate, 50);
    server.freeze(false);
    gate.says("without_for_seconds");
    pass(&gate, 50);
}

#[test]
fn servers_are_verified_and_the_gate_logs_in() {
    if !has_tool("redis-server") {
        return;
    }
    let files = Files::new();
    let authority = Authority::new("redis");
    let (certificate, key) = files.person("redis", &authority.issue(&Leaf::server(&["localhost"])));
    let ca = files.write("ca.pem", &authority.pem);
    let password = files.write("password", "not-a-real-one\n");
    let server = Redis::start(&[
        "--port",
        "0",
        "--tls-port",
        "PORT",
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &ca,
        "--tls-auth-clients",
        "no",
        "--user",
        "gate",
        "on",
        ">not-a-real-one",
        "~seller-app*",
        "+@all",
    ]);
    let app = Upstream::start(answer("hello"));
    let servers = |host: &str, ca: &str| {
        format!("redis: [\"rediss://{host}:{}\"], ca: {ca}, username: gate, password_file: {password}", server.port)
    };
    let gate = start(&policy(&files, &app, &servers("localhost", &ca), "10/d"));
    pass(&gate, 10);
    wait_for("the limit holds", || (call(&gate) == 429).then_some(()));
    // Another authority's, and another name.
    let strange = files.write("strange.pem", &Authority::new("strange").pem);
    for servers in [servers("localhost", &strange), servers("127.0.0.1", &ca)] {
        let gate = Gate::start(&policy(&files, &app, &servers, "10/d"));
        gate.says("each replica keeps its own share");
        assert_eq!(call(&gate), 200);
    }
}

#[test]
fn a_sentinel_says_which_server_it_is() {
    if !has_tool("redis-server") {
        return;
    }
    let (files, server) = (Files::new(), Redis::start(&[]));
    let sentinel = Redis::sentinel(&server);
    let app = Upstream::start(answer("hello"));
    let servers = format!("redis: [\"redis://127.0.0.1:{}\"], kind: sentinel, master: portcullis", sentinel.port);
    let policy = policy(&files, &app, &servers, "10/d");
    let gates = [start(&policy), start(&policy)];
    pass(&gates[0], 10);
    wait_for("the other one knows", || (call(&gates[1]) == 429).then_some(()));
    assert!(server.ask(&["--scan"]).contains("together"));
}

#[test]
fn a_cluster_of_three_counts_as_one() {
    if !has_tool("redis-server") {
        return;
    }
    let (files, mut nodes) = (Files::new(), Redis::cluster());
    let app = Upstream::start(answer("hello"));
    let servers = format!("redis: [\"redis://127.0.0.1:{}\"], kind: cluster", nodes[1].port);
    let policy = policy(&files, &app, &servers, "10/d");
    let gates = [start(&policy), start(&policy)];
    pass(&gates[0], 10);
    wait_for("the other one knows", || (call(&gates[1]) == 429).then_some(()));
    let kept: Vec<String> = nodes.iter().map(|node| node.ask(&["--scan"])).collect();
    assert!(kept.iter().any(|keys| keys.contains("together")), "{kept:?}");
    // A cluster that has lost a part answers nobody.
    nodes[0].kill();
    alarms(&gates[0]);
}

/// A lock that one replica imposes holds at the others, streams and all, and so does its end.
#[test]
fn who_is_locked_at_one_replica_is_locked_at_all() {
    if !has_tool("redis-server") {
        return;
    }
    let (files, server, app) = (Files::new(), Redis::start(&[]), Upstream::start(answer("hello")));
    let policy = policy(&files, &app, &single(&server), "1000/d").top("lockout: { after: 3 failures/10m, for: 15m }");
    let gates = [start(&policy), start(&policy)];
    // Failures of an address: credentials that do not hold.
    let fail = |gate: &Gate| {
        gate.connect().ask("GET /support/a HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: nobody\r\n\r\n").status
    };
    wait_for("the address is locked", || (fail(&gates[0]) == 423).then_some(()));
    wait_for("the other one knows", || (call(&gates[1]) == 423).then_some(()));
    // Of the replica's own trail: the refusal; the lock is in the other's.
    assert!(gates[0].trail().contains("ACCOUNT.LOCK") && !gates[1].trail().contains("ACCOUNT.LOCK"));
    assert!(!server.ask(&["HGETALL", "seller-app{0}:sanctions"]).contains("127.0.0.1"));
    // One that starts later is told.
    let late = start(&policy);
    wait_for("a newcomer knows", || (call(&late) == 423).then_some(()));
}
