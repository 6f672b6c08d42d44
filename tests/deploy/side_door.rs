//! Ways to the app past the gate (TLS-3), with real listeners.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::alarms;
use crate::support::{Gate, Policy, Upstream, answer, has_tool};

/// A listener on the app's port, but on every address; the policy's app is on loopback.
fn open_to_all() -> (TcpListener, Policy) {
    let listener = TcpListener::bind("0.0.0.0:0").expect("a socket");
    let port = listener.local_addr().expect("an address").port();
    (listener, Policy::at(&format!("http://127.0.0.1:{port}")))
}

#[test]
fn tls_3_an_app_that_listens_beyond_loopback_raises_an_alarm() {
    let (_app, policy) = open_to_all();
    let gate = Gate::start(&policy);
    gate.says("the app can be reached past the gate (TLS-3)");
    gate.says("\"advice\":\"let the app listen on 127.0.0.1 or ::1 alone\"");
    crate::support::wait_for("an alarm", || (alarms(&gate, "ALARM.SIDE_DOOR") == 1).then_some(()));
    assert!(gate.trail().contains("\"subject\":\"0.0.0.0:"), "{}", gate.trail());
}

#[test]
fn tls_3_the_gate_does_not_start_where_the_policy_refuses() {
    let (_app, policy) = open_to_all();
    let (status, said) = Gate::refuses_to_start(&policy.clone().upstream("side_door: refuse"));
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(
        said.contains("`upstream.side_door: refuse`, and the app's port is open beyond loopback, at 0.0.0.0:"),
        "{said}"
    );
    assert!(said.contains("; let the app listen on 127.0.0.1 or ::1 alone"), "{said}");
    let gate = Gate::start(&policy.upstream("side_door: off"));
    assert_eq!(alarms(&gate, "ALARM.SIDE_DOOR"), 0);
}

#[test]
fn tls_3_an_app_on_loopback_alone_is_no_side_door() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).upstream("side_door: refuse"));
    let answer = gate.connect().ask("GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(answer.text(), "hello");
    assert_eq!(alarms(&gate, "ALARM.SIDE_DOOR"), 0);
}

#[test]
fn tls_3_a_socket_that_every_user_may_call_is_a_side_door() {
    let directory = tempfile::tempdir_in("/tmp").expect("a directory");
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let path = directory.path().join("app.sock");
    let _app = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).expect("a mode");
    let policy = Policy::at(&format!("unix:{}", path.display())).upstream("side_door: refuse");
    let (status, said) = Gate::refuses_to_start(&policy);
    assert!(!status.success() && said.contains("every user of this machine may connect to the app's socket"), "{said}");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o660)).expect("a mode");
    Gate::start(&policy);
}

/// The real thing: a pod is a network namespace of its own. Here the app is on loopback, and a forwarder, as a firewall's
/// rule or another container would be, answers for it on the pod's address.
#[test]
fn tls_3_a_pods_own_address_that_answers_is_a_side_door() {
    let works =
        |arguments: &[&str]| Command::new("unshare").args(arguments).status().is_ok_and(|status| status.success());
    if !has_tool("unshare")
        || !has_tool("ip")
        || !works(&["--user", "--map-root-user", "--net", "ip", "link", "set", "lo", "up"])
    {
        eprintln!("SKIPPED: no network namespace can be made here");
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    crate::support::credentials::write(directory.path());
    let policy = Policy::at("http://127.0.0.1:8080").upstream("side_door: refuse").text();
    std::fs::write(
        directory.path().join("policy.yaml"),
        policy.replace("{dir}", &directory.path().display().to_string()),
    )
    .expect("a policy");
    let script = format!(
        "set -e
         ip link set lo up
         ip addr add 10.244.1.7/32 dev lo
         python3 -c 'import socket, sys, time
app = socket.socket(); app.bind((\"127.0.0.1\", 8080)); app.listen()
if sys.argv[1] == \"open\":
    door = socket.socket(); door.bind((\"10.244.1.7\", 8080)); door.listen()
print(\"up\", flush=True); time.sleep(60)' \"$1\" >up &
         app=$!
         trap 'kill $app' EXIT
         until grep -q up up; do sleep 0.05; done
         if timeout --signal=TERM 3 {} run --policy policy.yaml; then echo served; else echo \"refused $?\"; fi",
        env!("CARGO_BIN_EXE_portcullis")
    );
    for (door, expected) in [("open", "refused 1"), ("shut", "served")] {
        let done = Command::new("unshare")
            .args(["--user", "--map-root-user", "--net", "bash", "-c", &script, "bash", door])
            .current_dir(directory.path())
            .output()
            .expect("a namespace");
        let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
        // What `timeout` ends is 124 whatever the gate's own code: it served until then.
        let expected = if said.contains("refused 124") { "refused 124" } else { expected };
        assert!(said.contains(expected), "{door}: {said}");
        assert_eq!(said.contains("at 10.244.1.7:8080"), door == "open", "{door}: {said}");
    }
}
