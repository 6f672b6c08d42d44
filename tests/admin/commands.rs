//! The commands, over the Unix socket and over TLS: what they print, what they end with, and what they say where the gate
//! is not there or says no.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use super::{House, ROLES, STANDARD_ROLE, calls, calls_when, portcullis};
use crate::support::{Gate, Policy, Upstream, answer, has_tool, wait_for};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    ended(&Command::new(portcullis()).args(arguments).output().unwrap())
}

fn ended(output: &Output) -> (i32, String, String) {
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// A gate with its operators on a Unix socket.
fn on_socket(roles: &str, more: &str) -> (Gate, PathBuf) {
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app)
        .swap(STANDARD_ROLE, &format!("{STANDARD_ROLE}\n{roles}"))
        .top(&format!("admin: {{ socket: \"{{dir}}/run/admin.sock\"{more} }}"));
    let gate = Gate::start(&policy);
    let socket = gate.directory().join("run/admin.sock");
    (gate, socket)
}

fn address(socket: &Path) -> String {
    format!("unix:{}", socket.display())
}

#[test]
fn admin_commands_on_the_socket() {
    let (gate, socket) = on_socket("", "");
    let mode = fs::metadata(&socket).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let admin = address(&socket);
    let policy = gate.directory().join("policy.yaml").display().to_string();
    let (code, said, _) = run(&["status", "--policy", &policy]);
    assert_eq!(code, 0);
    assert!(said.contains("stage        serving, ready\n"), "{said}");
    assert!(said.contains("gate.tls.certificate"), "{said}");
    let (code, said, _) = run(&["status", "--admin", &admin, "--format", "json"]);
    let status: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &status["ready"], &status["workers"]["count"]), (0, &json!(true), &json!(1)));

    let shut = ["quarantine", "--admin", &admin, "--everything", "--reason", "INC-42"];
    let (code, said, _) = run(&shut);
    assert!(code == 0 && said.starts_with("Done. Record "), "{said}");
    let (_, said, _) = run(&["status", "sanctions", "--admin", &admin]);
    assert!(said.starts_with("quarantine  everything"), "{said}");
    let (code, said, _) = run(&[&shut[..], &["--off"]].concat());
    assert!(code == 0 && said.starts_with("Done."), "{said}");
    let (code, said, _) =
        run(&["lock", "--admin", &admin, "--caller", "user:alice@seller.example", "--for", "15m", "--reason", "x"]);
    assert!(code == 0 && said.starts_with("Done."), "{said}");
    let (code, said, _) = run(&["unlock", "--admin", &admin, "--caller", "user:alice@seller.example", "--reason", "x"]);
    assert!(code == 0 && said.starts_with("Done."), "{said}");
    let (code, said, _) = run(&["reload", "--admin", &admin, "--reason", "x"]);
    assert!(code == 0 && said.contains("generation 1."), "{said}");
    let (code, said, _) = run(&["log-level", "info", "--admin", &admin, "--for", "1s", "--reason", "x"]);
    assert!(code == 0 && said.starts_with("info for 1 s"), "{said}");
    for what in ["policy", "limits"] {
        assert_eq!(run(&["status", what, "--admin", &admin]).0, 0, "{what}");
    }
    let (code, said, _) = run(&["drain", "--keep-serving", "--admin", &admin, "--reason", "x"]);
    assert!(code == 0, "{said}");
    assert!(run(&["status", "--admin", &admin]).1.contains("not ready"));
    assert_eq!(run(&["drain", "--off", "--admin", &admin, "--reason", "x"]).0, 0);
    assert!(run(&["status", "--admin", &admin]).1.contains("serving, ready"));

    // The gate says no: 1. It could not be asked, or was asked nothing: 2.
    let (code, out, error) = run(&["quarantine", "--admin", &admin, "--route", "no-such", "--reason", "x"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(error.contains("refused (subject_unknown)"), "{error}");
    let (code, _, error) = run(&["quarantine", "--admin", &admin, "--everything", "--reason", " "]);
    assert!(code == 1 && error.contains("reason_missing"), "{error}");
    for usage in [
        &["quarantine", "--admin", &admin, "--everything"][..],
        &["quarantine", "--admin", &admin, "--reason", "x"],
        &["quarantine", "--admin", &admin, "--everything", "--route", "open", "--reason", "x"],
        &["unlock", "--admin", &admin, "--everything", "--reason", "x"],
        &["lock", "--admin", &admin, "--address", "10.0.0.1", "--for", "soon", "--reason", "x"],
        &["status"],
        &["status", "--admin", "http://127.0.0.1:9443"],
        &["status", "--admin", "https://127.0.0.1:9443"],
    ] {
        assert_eq!(run(usage).0, 2, "{usage:?}");
    }
    calls_when(&gate, 17);
    assert!(calls(&gate).iter().all(|record| record.0["actor"]["user"]["type_id"] == 3), "users of the system");

    let (code, _, _) = run(&["drain", "--admin", &admin, "--reason", "the end"]);
    assert_eq!(code, 0);
    let mut gate = gate;
    let stopped = gate.wait_until_stopped();
    assert!(stopped.status.success(), "{}", stopped.log);
    let (code, _, error) = run(&["status", "--admin", &admin]);
    assert!(code == 2 && error.contains("there is no such socket"), "{error}");
}

#[test]
fn admin_socket_asks_the_kernel_who_calls() {
    if !has_tool("setpriv") || !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED: only root can be somebody else");
        return;
    }
    // A copy that others may execute, in a place that they may enter.
    let place = tempfile::Builder::new().prefix("portcullis-admin").tempdir_in("/tmp").unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = place.path().join("portcullis");
    fs::copy(portcullis(), &program).unwrap();
    let as_user = |uid: &str, gid: &str, arguments: &[&str]| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", uid, "--regid", gid, "--clear-groups"]).arg(&program).args(arguments);
        ended(&command.current_dir("/tmp").output().unwrap())
    };
    let (private, socket) = on_socket("", "");
    fs::set_permissions(private.directory(), fs::Permissions::from_mode(0o755)).unwrap();
    let (code, _, error) = as_user("65534", "65534", &["status", "--admin", &address(&socket)]);
    assert!(code == 2 && error.contains("you may not use this socket"), "{error}");
    assert!(calls(&private).is_empty());

    let roles = "  helpdesk: { members: [\"uid:4101\", \"gid:4200\"], admin: [view, unlock] }";
    let (gate, socket) = on_socket(roles, ", owner: [view]");
    fs::set_permissions(gate.directory(), fs::Permissions::from_mode(0o755)).unwrap();
    let admin = address(&socket);
    let unlock = ["unlock", "--admin", &admin, "--address", "10.0.0.1", "--reason", "x"];
    let quarantine = ["quarantine", "--admin", &admin, "--everything", "--reason", "x"];
    for (number, (uid, gid, arguments, status, said)) in [
        ("4101", "4101", &unlock[..], 0, "nothing_to_do"),
        ("4102", "4200", &unlock[..], 0, "nothing_to_do"),
        ("4101", "4101", &quarantine[..], 1, "right_missing"),
        ("4103", "4103", &unlock[..], 1, "right_missing"),
        ("0", "0", &unlock[..], 1, "right_missing"),
        ("0", "0", &["status", "--admin", &admin][..], 0, "done"),
    ]
    .into_iter()
    .enumerate()
    {
        let (code, _, error) = as_user(uid, gid, arguments);
        assert_eq!(code, status, "{uid} {gid} {arguments:?}: {error}");
        let record = calls_when(&gate, number + 1).remove(number);
        assert_eq!(
            (record.code(), record.0["actor"]["user"]["uid"].as_str()),
            (said, Some(format!("uid:{uid}").as_str()))
        );
    }
}

#[test]
fn admin_commands_over_tls() {
    let house = House::start();
    let (certificate, key) = house.written("sre", &house.operator("sre"));
    let ca = house.gate.directory().join("certs/ca.pem").display().to_string();
    let admin = format!("https://localhost:{}", house.admin().port());
    let with = |certificate: &str, key: &str, ca: &str| {
        run(&["status", "--admin", &admin, "--certificate", certificate, "--key", key, "--ca", ca])
    };
    let (code, said, error) = with(&certificate, &key, &ca);
    assert!(code == 0 && said.contains("serving, ready"), "{error}");
    let (callers, callers_key) = house.written("picker", &crate::support::Person::picker());
    let (code, _, error) = with(&callers, &callers_key, &ca);
    assert!(code == 2 && error.contains("refuses your certificate"), "{error}");
    let wrong = house.files.write("wrong.pem", &house.operators.pem);
    let (code, _, error) = with(&certificate, &key, &wrong);
    assert!(code == 2 && error.contains("--ca"), "{error}");
    let (viewer, viewer_key) = house.written("viewer", &house.operator("viewer"));
    let (code, _, error) = run(&[
        "reload",
        "--admin",
        &admin,
        "--certificate",
        &viewer,
        "--key",
        &viewer_key,
        "--ca",
        &ca,
        "--reason",
        "x",
    ]);
    assert!(code == 1 && error.contains("refused (right_missing)"), "{error}");
    house.calls_when(2);
    let admin = house.admin();
    let mut gate = house.gate;
    gate.terminate();
    wait_for("the gate ends", || gate.wait_until_stopped().status.success().then_some(()));
    let admin = format!("https://localhost:{}", admin.port());
    let (code, _, error) =
        run(&["status", "--admin", &admin, "--certificate", &certificate, "--key", &key, "--ca", &ca]);
    assert!(code == 2 && error.contains("is the gate running"), "{error}");
}

#[test]
fn admin_listener_without_terms_of_its_own_takes_the_gates() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).swap(STANDARD_ROLE, ROLES).top("admin: { listen: \"127.0.0.1:0\" }"));
    let address = super::listener(&gate, "operators connect here");
    let sre = crate::support::Person::named("spiffe://seller/sre", std::time::Duration::from_secs(600));
    let request = super::request("/v1/status", "localhost", "portcullis-admin: 1\r\n", None);
    assert_eq!(super::connect(address, Some(&sre)).ask(&request).status, 200);
    assert_eq!(super::connect(address, Some(&crate::support::Person::picker())).ask(&request).status, 403);
    calls_when(&gate, 2);
}
