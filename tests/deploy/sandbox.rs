//! What a gate that serves cannot do any more, and what it can.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

use portcullis::deploy::{Needs, sandbox};
use portcullis::policy::settings::Confinement;

use super::status;
use crate::support::{Gate, Policy, Upstream, answer, wait_for};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// Tells the child process of a test where its directory is.
const INSIDE: &str = "PORTCULLIS_TEST_INSIDE";

/// Not a test by itself: runs in a process of its own, which it confines for good.
#[test]
#[ignore = "run by `a_confined_process_keeps_to_its_own`"]
fn inside() {
    let Some(place) = std::env::var_os(INSIDE) else { return };
    let place = Path::new(&place);
    let open = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let closed = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let port = |listener: &TcpListener| listener.local_addr().expect("an address").port();
    let (ours, theirs) = (port(&open), port(&closed));
    let needs = Needs {
        read: BTreeSet::from([place.join("read")]),
        write: BTreeSet::from([place.join("write")]),
        sockets: BTreeSet::new(),
        ports: Some(BTreeSet::from([ours])),
    };
    let held = sandbox::enter(Confinement::Required, &needs).expect("a sandbox");
    assert!(held.files && held.calls && held.dumps && held.privileges, "{held:?}");
    let kind = |result: std::io::Result<()>| result.expect_err("a fault").kind();

    assert_eq!(fs::read_to_string(place.join("read/file")).expect("its own file"), "own");
    fs::write(place.join("write/new"), "a").expect("a new file");
    fs::rename(place.join("write/new"), place.join("write/other")).expect("another name");
    fs::remove_file(place.join("write/other")).expect("removed");

    for outside in ["/etc/passwd", "/proc/self/environ"] {
        assert_eq!(kind(File::open(outside).map(drop)), ErrorKind::PermissionDenied, "{outside}");
    }
    assert_eq!(kind(File::open(place.join("outside")).map(drop)), ErrorKind::PermissionDenied);
    assert_eq!(kind(fs::write(place.join("read/new"), "a")), ErrorKind::PermissionDenied);
    assert_eq!(kind(fs::read_dir(place).map(drop)), ErrorKind::PermissionDenied);
    assert_eq!(kind(Command::new("/bin/true").status().map(drop)), ErrorKind::PermissionDenied);
    assert_eq!(kind(std::os::unix::fs::symlink("a", place.join("write/link"))), ErrorKind::PermissionDenied);
    TcpStream::connect(("127.0.0.1", ours)).expect("a port that is allowed");
    if held.ports {
        assert_eq!(kind(TcpStream::connect(("127.0.0.1", theirs)).map(drop)), ErrorKind::PermissionDenied);
        assert_eq!(kind(TcpListener::bind("127.0.0.1:0").map(drop)), ErrorKind::PermissionDenied);
    }
    // Threads and name look-ups go on.
    let looked_up = std::thread::spawn(|| std::net::ToSocketAddrs::to_socket_addrs(&("127.0.0.1", 80)).is_ok());
    assert!(looked_up.join().expect("a thread"));
}

#[test]
fn a_confined_process_keeps_to_its_own() {
    if !kernel_can() {
        return;
    }
    let place = tempfile::tempdir().expect("a directory");
    for directory in ["read", "write"] {
        fs::create_dir(place.path().join(directory)).expect("a directory");
    }
    fs::write(place.path().join("read/file"), "own").expect("written");
    fs::write(place.path().join("outside"), "").expect("written");
    let done = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "deploy::sandbox::inside", "--ignored", "--nocapture"])
        .env(INSIDE, place.path())
        .output()
        .expect("a process");
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

/// Whether this kernel confines files; where it must, its absence fails.
fn kernel_can() -> bool {
    let can = sandbox::kernel().files;
    let required = std::env::var_os("PORTCULLIS_REQUIRE_SANDBOX").is_some_and(|value| value == "1");
    assert!(can || !required, "this kernel has no Landlock");
    if !can {
        eprintln!("SKIPPED: this kernel has no Landlock");
    }
    can
}

#[test]
fn a_serving_gate_is_confined_and_says_so() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    assert_eq!(gate.connect().ask(GET).text(), "hello");
    assert_eq!((status(gate.id(), "NoNewPrivs"), status(gate.id(), "Seccomp")), ("1".to_owned(), "2".to_owned()));
    let limits = fs::read_to_string(format!("/proc/{}/limits", gate.id())).expect("limits");
    let core: Vec<_> =
        limits.lines().find(|line| line.starts_with("Max core")).expect("a limit").split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"]);
    gate.says("\"no_core_dumps\":\"enforced\"");
    gate.says("\"system_calls\":\"enforced\"");
    // Every thread of it.
    for thread in fs::read_dir(format!("/proc/{}/task", gate.id())).expect("threads").flatten() {
        let text = fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        assert!(text.contains("Seccomp:\t2"), "{text}");
    }
}

#[test]
fn without_a_sandbox_the_log_warns() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).top("sandbox: off"));
    assert_eq!(status(gate.id(), "Seccomp"), "0");
    gate.says("the sandbox is off");
}

#[test]
fn a_changed_policy_that_leaves_the_sandbox_needs_a_restart() {
    if !kernel_can() {
        return;
    }
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app).top("reload: { poll: 100ms }");
    let gate = Gate::start(&policy);
    let elsewhere = tempfile::tempdir().expect("a directory");
    for file in ["gate.pem", "gate.key"] {
        fs::copy(gate.directory().join("certs").join(file), elsewhere.path().join(file)).expect("copied");
    }
    let moved = policy.clone().swap(
        "certificate: certs/gate.pem, key: certs/gate.key",
        &format!("certificate: {0}/gate.pem, key: {0}/gate.key", elsewhere.path().display()),
    );
    gate.change(&moved);
    gate.says("restart_needed");
    gate.says("the gate's sandbox does not allow");
    gate.says(&format!("\"path\":\"{}", elsewhere.path().display()));
    // A new file beside the old ones is no reason for a restart.
    for file in ["gate.pem", "gate.key"] {
        fs::copy(gate.directory().join("certs").join(file), gate.directory().join("certs").join(format!("new-{file}")))
            .expect("copied");
    }
    gate.change(&policy.swap("certs/gate.pem, key: certs/gate.key", "certs/new-gate.pem, key: certs/new-gate.key"));
    gate.says("a change is in force");
    assert_eq!(gate.connect().ask(GET).text(), "hello");
}

#[test]
fn the_app_may_move_to_no_other_port_without_a_restart() {
    if !sandbox::kernel().ports {
        return;
    }
    let (app, other) = (Upstream::start(answer("hello")), Upstream::start(answer("other")));
    let gate = Gate::start(&Policy::new(&app).top("reload: { poll: 100ms }"));
    gate.change(&Policy::new(&other).top("reload: { poll: 100ms }"));
    gate.says("restart_needed");
    assert_eq!(gate.connect().ask(GET).text(), "hello");
}

#[test]
fn where_a_sandbox_is_required_and_there_the_gate_starts() {
    if !kernel_can() {
        return;
    }
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).top("sandbox: required"));
    wait_for("an answer", || (gate.connect().ask(GET).status == 200).then_some(()));
}
