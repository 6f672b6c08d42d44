//! `portcullis doctor`: what is wrong is found, and what to do is said.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Policy, Upstream, answer, credentials};

/// A directory with a policy that has no fault.
fn home(policy: &Policy) -> TempDir {
    let home = tempfile::tempdir().expect("a directory");
    credentials::write(home.path());
    let text = policy.text().replace("{dir}", &home.path().display().to_string());
    fs::write(home.path().join("policy.yaml"), text).expect("a policy");
    home
}

fn examine(home: &TempDir) -> (Option<i32>, Vec<Value>) {
    let output = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["doctor", "--policy", "policy.yaml", "--format", "json"])
        .current_dir(home.path())
        .output()
        .expect("runs");
    let findings: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), findings.as_array().expect("a list").clone())
}

/// What is wrong, by check.
fn wrong<'f>(findings: &'f [Value], check: &str) -> Vec<&'f str> {
    let of = |finding: &&Value| finding["check"] == check && finding["state"] == "wrong";
    findings.iter().filter(of).map(|finding| finding["what"].as_str().expect("text")).collect()
}

/// One line a check, without what differs from machine to machine.
fn states(findings: &[Value]) -> String {
    findings.iter().map(|finding| format!("{} {}\n", finding["check"], finding["state"])).collect()
}

#[test]
fn a_sound_machine_has_an_answer_to_every_check() {
    let app = Upstream::start(answer("hello"));
    let (_, findings) = examine(&home(&Policy::new(&app)));
    let said = states(&findings);
    for check in
        ["clock", "files", "certificates", "disk", "open files", "random", "sandbox", "port", "app", "side door"]
    {
        assert!(said.contains(&format!("\"{check}\" ")), "{check}: {said}");
    }
    for check in ["files", "certificates", "random", "port", "app", "side door"] {
        assert_eq!(wrong(&findings, check), [] as [&str; 0], "{check}");
    }
    for finding in &findings {
        let has_advice = finding["advice"].is_string();
        assert_eq!(has_advice, finding["state"] != "ok", "what is not well says what to do: {finding}");
    }
}

#[test]
fn what_is_wrong_is_found_and_the_exit_code_says_so() {
    let door = TcpListener::bind("0.0.0.0:0").expect("a socket");
    let port = door.local_addr().expect("an address").port();
    let policy = Policy::at(&format!("http://127.0.0.1:{port}")).gate("hosts: [localhost, elsewhere.example]");
    // Whoever connects is sent away without a word of HTTP.
    std::thread::spawn(move || while door.accept().is_ok() {});
    let home = home(&policy);
    fs::set_permissions(home.path().join("certs/gate.key"), fs::Permissions::from_mode(0o604)).expect("a mode");
    let (code, findings) = examine(&home);
    assert_eq!(code, Some(1));
    assert_eq!(wrong(&findings, "files").len(), 1, "{findings:?}");
    assert!(wrong(&findings, "files")[0].contains("gate.key holds a secret, and others may read it (mode 0604)"));
    assert_eq!(wrong(&findings, "side door").len(), 1);
    assert_eq!(wrong(&findings, "app").len(), 1);
    assert!(
        wrong(&findings, "certificates").iter().any(|what| what.contains("no certificate is for elsewhere.example"))
    );
}

#[test]
fn a_policy_at_fault_or_missing_ends_the_examination() {
    let run = |text: Option<&str>| {
        let home = tempfile::tempdir().expect("a directory");
        if let Some(text) = text {
            fs::write(home.path().join("policy.yaml"), text).expect("written");
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        let output =
            command.args(["doctor", "--policy", "policy.yaml"]).current_dir(home.path()).output().expect("runs");
        assert!(output.stdout.is_empty());
        output.status.code()
    };
    assert_eq!(run(Some("version: 2\n")), Some(1));
    assert_eq!(run(None), Some(2));
}
