//! `portcullis doctor`: what is wrong is found, and what to do is said. What it prints stands in `doctor.txt` and
//! `doctor.json` beside this file; `UPDATE_GOLDEN=1 cargo test` writes them.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::sinks;
use crate::support::pki::{Authority, Files, Leaf};
use crate::support::redis::Redis;
use crate::support::siem::Siem;
use crate::support::upstream::raw;
use crate::support::{Policy, Then, Upstream, answer, credentials, has_tool, wait_for};

/// A directory with a policy that has no fault.
fn home(policy: &Policy) -> TempDir {
    home_in(tempfile::tempdir().expect("a directory"), policy)
}

/// The same with what lies in a directory already.
fn home_in(home: TempDir, policy: &Policy) -> TempDir {
    credentials::write(home.path());
    let text = policy.text().replace("{dir}", &home.path().display().to_string());
    fs::write(home.path().join("policy.yaml"), text).expect("a policy");
    home
}

fn doctor(home: &TempDir, format: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["doctor", "--policy", "policy.yaml", "--format", format])
        .current_dir(home.path())
        .output()
        .expect("runs")
}

fn examine(home: &TempDir) -> (Option<i32>, Vec<Value>) {
    let output = doctor(home, "json");
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

/// Checks whose answers are the same on every machine.
const EVERYWHERE: [&str; 7] = ["files", "certificates", "random", "port", "app", "side door", "sink"];

/// Without directories and numbers, which differ each time.
fn shown(text: &str, home: &TempDir) -> String {
    let text = text.replace(&home.path().display().to_string(), "DIRECTORY");
    let mut shown = String::new();
    for letter in text.chars() {
        match letter {
            '0'..='9' if shown.ends_with('N') => {}
            '0'..='9' => shown.push('N'),
            other => shown.push(other),
        }
    }
    shown
}

fn assert_golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/deploy").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, found).expect("written");
    }
    assert_eq!(found, fs::read_to_string(&path).unwrap_or_default(), "{name}");
}

/// A webhook sink.
fn hook(name: &str, siem: &Siem, more: &str) -> String {
    format!("webhook: {{ name: {name}, url: \"{}\"{more} }}", siem.url())
}

#[test]
fn sinks_are_reached_as_delivery_would_and_are_sent_nothing() {
    let app = Upstream::start(answer("hello"));
    let (authority, other) = (Authority::new("Receivers"), Authority::new("Others"));
    let serves = |clients: Option<&Authority>| {
        Siem::over_tls(authority.issue(&Leaf::server(&["127.0.0.1"])).serves(clients, &["http/1.1"]))
    };
    let (plain, good, demanding, gone) = (Siem::start(), serves(None), serves(Some(&other)), Siem::start());
    gone.go_down();
    let directory = sinks::home();
    sinks::private(&directory.path().join("receivers.pem"), &authority.pem);
    sinks::private(&directory.path().join("others.pem"), &other.pem);
    sinks::private(&directory.path().join("empty.token"), "");
    let ca = ", ca: \"{dir}/receivers.pem\"";
    let policy = sinks::policy(&app, &hook("plain", &plain, ""))
        .sink(&hook("good", &good, ca))
        .sink(&hook("impostor", &good, ", ca: \"{dir}/others.pem\""))
        .sink(&hook("demanding", &demanding, ca))
        .sink(&hook("gone", &gone, ""))
        .sink(&hook("no-token", &plain, ", token_file: \"{dir}/empty.token\""));
    let home = home_in(directory, &policy);
    let (code, findings) = examine(&home);
    assert_eq!(code, Some(1));
    let found: Vec<_> = findings.iter().filter(|finding| finding["check"] == "sink").collect();
    for (finding, state, what) in [
        (found[0], "ok", "plain (webhook) can be reached"),
        (found[1], "ok", "good (webhook) can be reached"),
        (found[2], "wrong", "impostor (webhook) cannot be reached: tls"),
        (found[3], "wrong", "demanding (webhook) cannot be reached: certificate"),
        (found[4], "wrong", "gone (webhook) cannot be reached: connect"),
        (found[5], "wrong", "empty.token: it is not there, is empty"),
    ] {
        assert_eq!(finding["state"], state, "{finding}");
        assert!(finding["what"].as_str().expect("text").contains(what), "{what}: {finding}");
    }
    assert_eq!(found.len(), 6);
    for siem in [&plain, &good, &demanding] {
        assert_eq!((siem.seen(), siem.kept().len()), (0, 0), "no record was sent");
    }
    // What is printed, for people and for machines.
    let everywhere: Vec<&Value> =
        findings.iter().filter(|finding| EVERYWHERE.iter().any(|check| finding["check"] == *check)).collect();
    let machines = serde_json::to_string_pretty(&everywhere).expect("JSON") + "\n";
    assert_golden("doctor.json", &shown(&machines, &home));
    let people = String::from_utf8(doctor(&home, "text").stdout).expect("text");
    let (mut kept, mut is_kept) = (String::new(), false);
    for line in people.lines() {
        if !line.trim_start().starts_with("->") {
            is_kept = EVERYWHERE.iter().any(|check| line.get(8..).is_some_and(|rest| rest.starts_with(check)));
        }
        if is_kept {
            kept += &format!("{line}\n");
        }
    }
    assert_golden("doctor.txt", &shown(&kept, &home));
    let wrong = findings.iter().filter(|finding| finding["state"] == "wrong").count();
    assert!(people.ends_with(&format!("\n{wrong} things are wrong\n")), "{people}");
}

#[test]
fn a_clock_that_differs_from_the_providers_is_wrong() {
    let now = jiff::Timestamp::now();
    for (ahead, is_wrong) in [(0, false), (3600, true), (-3600, true)] {
        let date = (now + jiff::SignedDuration::from_secs(ahead)).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let keys = format!("HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 11\r\n\r\n{{\"keys\":[]}}");
        let (app, provider) = (Upstream::start(answer("hello")), Upstream::start(raw(keys, Then::Close)));
        let policy = Policy::new(&app).swap("certs/jwks.json", &format!("\"{}/jwks\"", provider.url()));
        let (_, findings) = examine(&home(&policy));
        let found = wrong(&findings, "provider");
        assert_eq!(!found.is_empty(), is_wrong, "{findings:?}");
        assert!(found.iter().all(|what| what.contains("its clock and ours differ by 3")), "{found:?}");
    }
}

#[test]
fn servers_of_shared_state_count_once_and_keep_nothing() {
    if !has_tool("redis-server") {
        return;
    }
    let (files, app) = (Files::new(), Upstream::start(answer("hello")));
    let server = Redis::start(&[
        "--user",
        "gate",
        "on",
        ">not-a-real-one",
        "~seller-app*",
        "+@all",
        "--user",
        "reader",
        "on",
        ">not-a-real-one",
        "~seller-app*",
        "+@read",
        "--user",
        "default",
        "on",
        "nopass",
        "~*",
        "+@all",
    ]);
    let copy = Redis::start(&["--replicaof", "127.0.0.1", &server.port.to_string()]);
    let mut gone = Redis::start(&[]);
    gone.kill();
    let key = files.write("shared.key", &"5f3c1d9a".repeat(8));
    let (password, wrong_one) = (files.write("password", "not-a-real-one\n"), files.write("wrong", "nor-this-one\n"));
    let judged = |port: u16, more: &str| {
        let shared = format!(
            "shared: {{ redis: [\"redis://127.0.0.1:{port}\"], key: {key}, name: seller-app, timeout: 2s{more} }}"
        );
        let limit = "  - { name: together, per: address, scope: shared, requests: 9/m }\n";
        let once = "  - { name: once, per: address, requests: 1/m }\n";
        let policy = Policy::new(&app)
            .swap(once, &format!("{once}{limit}"))
            .top(&shared)
            .route("{ name: shared, path: /shared/**, allow: [anyone], limits: [together] }");
        let (_, findings) = examine(&home(&policy));
        let found: Vec<_> = findings.into_iter().filter(|finding| finding["check"] == "shared state").collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    };
    let login = |user: &str, file: &str| format!(", username: {user}, password_file: {file}");
    let good = judged(server.port, &login("gate", &password));
    assert_eq!(good["state"], "ok", "{good}");
    for (port, more, what, advice) in [
        (gone.port, String::new(), "cannot count together: connect", "start the server"),
        (server.port, login("gate", &wrong_one), "cannot count together: refused", "mend `shared.username`"),
        (server.port, login("reader", &password), "cannot count together: refused", "let that user run EVALSHA"),
        (copy.port, String::new(), "cannot count together: unready", "name the server that takes writes"),
    ] {
        let found = judged(port, &more);
        assert_eq!(found["state"], "wrong", "{found}");
        assert!(found["what"].as_str().expect("text").contains(what), "{what}: {found}");
        assert!(found["advice"].as_str().expect("text").contains(advice), "{advice}: {found}");
    }
    wait_for("nothing is kept", || server.ask(&["--scan"]).trim().is_empty().then_some(()));
}
