//! A new binary in the place of a running one: nothing is refused, no record is lost, and a failure changes nothing.

use std::os::unix::fs::MetadataExt as _;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::{Stray, beside, status};
use crate::support::siem::Siem;
use crate::support::upstream::say;
use crate::support::{Client, Gate, Latch, Person, Policy, Then, Upstream, answer, wait_for};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const PERSONAL: &str = "GET /orders/1/address HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

fn policy(app: &Upstream) -> Policy {
    let spool =
        "audit:\n  spool: { path: \"{dir}/spool\", key: \"{dir}/audit.key\" }\n  signing_key: \"{dir}/sign.key\"\n";
    Policy::new(app).swap("audit:\n", spool).gate("handover: \"{dir}/handover.sock\"")
}

fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a directory");
    let keys = [
        ("audit.key", portcullis::identity::dev::symmetric_key()),
        ("sign.key", portcullis::identity::dev::ed25519_key()),
    ];
    for (name, text) in keys {
        let path = home.path().join(name);
        std::fs::write(&path, text.expect("a key").as_bytes()).expect("written");
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
    }
    home
}

fn upgrade(gate: &Gate, more: &[&str]) -> Output {
    let log =
        std::fs::OpenOptions::new().create(true).append(true).open(gate.directory().join("new.log")).expect("a log");
    let arguments = ["upgrade", "--policy", "policy.yaml", "--log-format", "json"];
    let mut command = beside(gate, &[&arguments[..], more].concat());
    command.stdin(std::process::Stdio::null()).stderr(log).output().expect("the program runs")
}

/// The process that serves now.
fn successor(done: &Output) -> Stray {
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}");
    let id = said.split_whitespace().nth(1).and_then(|id| id.parse().ok());
    Stray(id.unwrap_or_else(|| panic!("no process in {said:?}")))
}

/// Every record of every chain, verified as an auditor would.
fn verified(gate: &Gate) -> Value {
    let output = beside(gate, &["verify", "spool", "--key", "audit.key", "--format", "json"]).output().expect("runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&said).expect("JSON")
}

#[test]
fn upgrades_follow_one_another_and_no_request_fails() {
    let app = Upstream::start(answer("hello"));
    let mut gate = Gate::start_in(home(), &policy(&app));
    let (address, picker) = (gate.address(), Arc::new(Person::picker()));
    let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = (0..4)
        .map(|caller| {
            let (stop, asked, picker) = (Arc::clone(&stop), Arc::clone(&asked), Arc::clone(&picker));
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let (person, text) = if caller % 2 == 0 { (None, GET) } else { (Some(&*picker), PERSONAL) };
                    assert_eq!(Client::connect(address, person).ask(text).status, 200);
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let mut serving = Vec::new();
    for _ in 0..4 {
        let before = asked.load(Ordering::Relaxed);
        serving.push(successor(&upgrade(&gate, &[])));
        wait_for("requests go on", || (asked.load(Ordering::Relaxed) > before + 8).then_some(()));
    }
    stop.store(true, Ordering::Relaxed);
    callers.into_iter().for_each(|caller| caller.join().expect("every request is answered"));
    let last = serving.pop().expect("a successor");
    serving.iter().for_each(Stray::wait);
    last.signal(rustix::process::Signal::TERM);
    last.wait();
    // The first gate has drained and ended in order, as all of them: they say so in one log.
    let stopped = gate.wait_until_stopped();
    assert!(stopped.status.success());
    assert_eq!(stopped.log.matches("\"message\":\"stopped\"").count(), 5, "{}", stopped.log);
    let report = verified(&gate);
    assert_eq!(report["verdict"], "whole", "{report}");
    // One record of the end for every request, among all processes; those of personal data have one of the decision too.
    let ends = gate.records_so_far();
    let of = |route: &str| ends.iter().filter(|record| record.route() == route && record.event() != "HTTP.END").count();
    assert_eq!(of("open") + of("address"), asked.load(Ordering::Relaxed));
}

#[test]
fn a_slow_request_ends_at_the_old_gate_while_the_new_one_serves() {
    let latch = Latch::new();
    let app = {
        let latch = latch.clone();
        Upstream::start(move |request, wire| {
            if request.target() == "/open/slow" {
                latch.wait();
            }
            say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
            Then::Keep
        })
    };
    let mut gate = Gate::start_in(home(), &policy(&app));
    let mut slow = gate.connect();
    slow.send("GET /open/slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
    app.requests_when(1);
    let new = successor(&upgrade(&gate, &[]));
    assert_eq!(Client::connect(gate.address(), None).ask(GET).text(), "hello");
    assert!(!status(gate.id(), "State").starts_with('Z'), "the old gate waits for its last request");
    latch.open();
    assert_eq!(slow.answer().expect("an answer").text(), "hello");
    new.signal(rustix::process::Signal::TERM);
    new.wait();
    assert!(gate.wait_until_stopped().status.success());
    assert_eq!(verified(&gate)["verdict"], "whole");
}

#[test]
fn a_new_gate_that_does_not_get_ready_leaves_the_old_one_serving() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start_in(home(), &policy(&app));
    // A binary that is none, one that ends, and one that never asks.
    for (binary, why) in [("/bin/false", "did not get ready"), ("/nonexistent", "cannot be started")] {
        let done = upgrade(&gate, &["--binary", binary]);
        assert_eq!(done.status.code(), Some(1));
        let said = std::fs::read_to_string(gate.directory().join("new.log")).expect("a log");
        assert!(said.contains(why) && said.contains("the old"), "{said}");
        assert_eq!(gate.connect().ask(GET).text(), "hello");
    }
    // One whose policy is at fault.
    let policy_file = gate.directory().join("policy.yaml");
    let sound = std::fs::read_to_string(&policy_file).expect("a policy");
    std::fs::write(&policy_file, sound.replace("/open,", "/open, method: [GET],")).expect("written");
    assert_eq!(upgrade(&gate, &[]).status.code(), Some(1));
    std::fs::write(&policy_file, sound).expect("written");
    assert_eq!(gate.connect().ask(GET).text(), "hello");
    let new = successor(&upgrade(&gate, &[]));
    assert_eq!(Client::connect(gate.address(), None).ask(GET).text(), "hello");
    assert!(!status(new.0, "State").is_empty());
}

#[test]
fn operators_reach_the_old_gate_until_the_new_one_serves() {
    let app = Upstream::start(answer("hello"));
    let policy = policy(&app).top("admin: { socket: \"{dir}/run/admin.sock\" }");
    let mut gate = Gate::start_in(home(), &policy);
    let run = gate.directory().join("run");
    let socket = run.join("admin.sock");
    let found = || std::fs::metadata(&socket).expect("a socket").ino();
    let connects = || std::os::unix::net::UnixStream::connect(&socket).is_ok();
    let first = found();
    // The new gate comes far enough to have made its own, and then has no key.
    let (key, away) = (gate.directory().join("audit.key"), gate.directory().join("away.key"));
    std::fs::rename(&key, &away).expect("moved");
    assert_eq!(upgrade(&gate, &[]).status.code(), Some(1));
    std::fs::rename(&away, &key).expect("moved");
    assert!(found() == first && connects(), "the old gate's");
    assert_eq!(std::fs::read_dir(&run).expect("listed").count(), 1, "nothing is left beside it");
    let new = successor(&upgrade(&gate, &[]));
    wait_for("the old gate ends", || status(gate.id(), "State").starts_with('Z').then_some(()));
    assert!(found() != first && connects(), "the new gate's");
    assert_eq!(std::fs::read_dir(&run).expect("listed").count(), 1);
    new.signal(rustix::process::Signal::TERM);
    new.wait();
    assert!(gate.wait_until_stopped().status.success());
    assert!(!socket.exists());
}

#[test]
fn the_same_binary_needs_no_upgrade_and_a_gate_without_a_socket_has_none() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start_in(home(), &policy(&app));
    let done = upgrade(&gate, &["--if-changed"]);
    assert_eq!(String::from_utf8_lossy(&done.stdout), "the running gate has this binary already\n");
    let copy = gate.directory().join("portcullis");
    std::fs::copy(env!("CARGO_BIN_EXE_portcullis"), &copy).expect("copied");
    let new = successor(&upgrade(&gate, &["--if-changed", "--binary", copy.to_str().expect("text")]));
    wait_for("the new gate serves", || (Client::connect(gate.address(), None).ask(GET).status == 200).then_some(()));
    drop(new);
    let plain = Gate::start(&Policy::new(&app));
    assert_eq!(upgrade(&plain, &[]).status.code(), Some(1));
    // The signal by which others are upgraded does no harm.
    rustix::process::kill_process(
        i32::try_from(plain.id()).ok().and_then(rustix::process::Pid::from_raw).expect("an id"),
        rustix::process::Signal::USR2,
    )
    .expect("a signal");
    plain.says("run `portcullis upgrade` instead");
    assert_eq!(plain.connect().ask(GET).text(), "hello");
}

#[test]
fn a_gate_that_stops_hands_nothing_over_and_closes_its_sockets() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start_in(home(), &policy(&app));
    let address = gate.address();
    let stopped = gate.stop();
    assert!(stopped.status.success());
    assert!(std::net::TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err());
}

/// What the sinks of a gate lack, of all chains.
fn chains(gate: &Gate) -> Value {
    let output = beside(gate, &["sinks", "status", "--policy", "policy.yaml", "--format", "json"]).output();
    serde_json::from_slice(&output.expect("runs").stdout).expect("JSON")
}

#[test]
fn what_the_old_gate_could_not_deliver_the_new_one_does() {
    let (app, siem) = (Upstream::start(answer("hello")), Siem::start());
    siem.go_down();
    let hook = format!("webhook: {{ url: \"{}\", batch: {{ time: 20ms }} }}", siem.url());
    let gate = Gate::start_in(home(), &policy(&app).sink(&hook));
    assert_eq!(gate.connect().ask(GET).status, 200);
    let new = successor(&upgrade(&gate, &[]));
    assert_eq!(Client::connect(gate.address(), None).ask(GET).text(), "hello");
    // The old one ends without having been able to deliver; nobody writes its chain any more.
    gate.says("\"message\":\"stopped\"");
    let told = chains(&gate);
    assert_eq!(told["chains"].as_array().expect("a list").len(), 2, "{told}");
    assert!(told["chains"][0]["sinks"][0]["lag_records"].as_u64().expect("a number") > 0, "{told}");
    let siem = siem.come_up();
    wait_for("all of the old gate's records come", || {
        let lines = siem.lines();
        let stops = |line: &&String| line.contains("\"PROC.STOP\"");
        // Its own end, and that of the gate that looked after its chain.
        let first: Vec<_> = lines.iter().filter(|line| !line.contains("_2/")).collect();
        (first.iter().filter(|line| stops(line)).count() == 2).then_some(())
    });
    gate.says("the chain of an earlier gate was looked after");
    wait_for("the cursor says so", || (chains(&gate)["chains"][0]["sinks"][0]["lag_records"] == 0).then_some(()));
    new.signal(rustix::process::Signal::TERM);
    new.wait();
    let report = verified(&gate);
    assert_eq!(report["verdict"], "whole", "{report}");
}
