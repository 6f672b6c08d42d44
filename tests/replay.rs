//! What past records tell, from a real gate's own file: replayed under another policy, explained one by one, and what
//! shadow mode let through (ACC-1, ID-4).

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::cli::portcullis;
use crate::support::{Gate, Person, Policy, Upstream, answer, token};

fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

/// A gate's directory after some traffic: a picker who reads an address, alice who is refused one, nobody at all.
fn past(policy: &Policy) -> (Gate, String) {
    let gate = Gate::start(policy);
    let incident = traffic(&gate);
    (gate, incident)
}

/// Gives the incident id of what alice was refused.
fn traffic(gate: &Gate) -> String {
    let alice = format!("Authorization: Bearer {}\r\n", token("alice@seller.example", &[], false));
    let warehouse = format!("Authorization: Bearer {}\r\n", token("bob@seller.example", &["warehouse"], false));
    gate.connect_as(&Person::picker()).ask(get("/orders/17/address", ""));
    let refused = gate.connect().ask(get("/orders/17/address", &alice));
    gate.connect().ask(get("/orders/18/address", &warehouse));
    gate.connect().ask(get("/support/x", &alice));
    gate.connect().ask(get("/open", ""));
    gate.connect().ask(get("/nowhere", ""));
    gate.records_when("six requests", |records| {
        records.iter().filter(|record| record.event() != "HTTP.END").count() >= 6
    });
    if refused.status == 200 { String::new() } else { refused.incident() }
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    portcullis().current_dir(directory).args(arguments).output().expect("the program runs")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// The names in a table.
fn names(table: &Value) -> Vec<&str> {
    table.as_array().expect("a table").iter().map(|row| row["name"].as_str().expect("a name")).collect()
}

#[test]
fn replay_of_a_gates_own_records_says_who_gains_and_who_loses() {
    let app = Upstream::start(answer("hello"));
    let (gate, _) = past(&Policy::new(&app));
    let directory = gate.directory();
    let old = fs::read_to_string(directory.join("policy.yaml")).expect("the policy");

    let same = run(directory, &["replay", "--policy", "policy.yaml", "--records", "audit.jsonl", "--format", "json"]);
    assert_eq!(same.status.code(), Some(0));
    let report = json(&same);
    assert_eq!((&report["requests"], &report["same"]), (&6.into(), &5.into()), "{report:#}");
    assert_eq!(report["undecided"][0]["requests"], 1, "the path that no route had");

    let new = old.replace("methods: [GET]\n    allow: [fulfilment]", "methods: [GET]\n    allow: [support]");
    assert_ne!(new, old);
    fs::write(directory.join("new.yaml"), &new).expect("a policy");
    let arguments = ["replay", "--policy", "new.yaml", "--old", "policy.yaml", "--records", ".", "--fail-on", "loses"];
    let changed = run(directory, &[&arguments[..], &["--format", "json"]].concat());
    assert_eq!(changed.status.code(), Some(1));
    let report = json(&changed);
    assert_eq!((&report["loses"]["requests"], &report["gains"]["requests"]), (&2.into(), &1.into()), "{report:#}");
    assert_eq!(names(&report["loses"]["routes"]), ["address"]);
    assert_eq!(names(&report["loses"]["roles"]), ["fulfilment"]);
    assert_eq!(names(&report["loses"]["callers"]).len(), 2, "by certificate, and by group");
    assert_eq!(names(&report["gains"]["roles"]), ["support"]);
    assert!(names(&report["loses"]["callers"]).iter().all(|caller| caller.starts_with("pii_caller_")));
    let page = run(directory, &arguments);
    let page = String::from_utf8(page.stdout).expect("text");
    assert!(page.contains("           2  would lose access\n"), "{page}");

    let diff = run(directory, &["diff", "policy.yaml", "new.yaml"]);
    assert_eq!(diff.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(diff.stdout).expect("text"),
        "Role fulfilment may no longer use route address.\nRole support may now use route address.\nRoute address changes \
         in allow.\n"
    );
    assert_eq!(run(directory, &["diff", "new.yaml", "new.yaml"]).status.code(), Some(0));
}

#[test]
fn a_spool_is_replayed_with_its_key() {
    let app = Upstream::start(answer("hello"));
    let home = tempfile::tempdir().expect("a directory");
    let key = home.path().join("audit.key");
    let made = portcullis().args(["keys", "new", "audit"]).arg(&key).status().expect("the program runs");
    assert!(made.success());
    let spool = "audit:\n  spool: { path: \"{dir}/spool\", key: \"{dir}/audit.key\", retention: 400d }\n";
    let policy = Policy::new(&app).swap("audit:\n", spool);
    let mut gate = Gate::start_in(home, &policy);
    traffic(&gate);
    gate.terminate();
    gate.wait_until_stopped();
    let arguments = ["replay", "--policy", "policy.yaml", "--records", "spool", "--format", "json"];
    let sealed = run(gate.directory(), &arguments);
    assert_eq!(sealed.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&sealed.stderr).contains("--key"));
    let report = json(&run(gate.directory(), &[&arguments[..], &["--key", "audit.key"]].concat()));
    assert_eq!((&report["requests"], &report["same"]), (&6.into(), &5.into()), "{report:#}");
}

#[test]
fn an_incident_id_is_enough_to_be_told_why() {
    let app = Upstream::start(answer("hello"));
    let (gate, incident) = past(&Policy::new(&app));
    let explain = ["explain", "--policy", "policy.yaml", "--records", "audit.jsonl", "--incident"];
    let explained = run(gate.directory(), &[&explain[..], &[&incident]].concat());
    let page = String::from_utf8(explained.stdout).expect("text");
    assert_eq!(explained.status.code(), Some(1), "{page}");
    assert!(page.contains("  was       refused: role_missing\n"), "{page}");
    assert!(page.contains("  policy    the one that was in force\n"), "{page}");
    assert!(page.contains("REFUSED  role_missing: "), "{page}");
    assert!(page.contains("role fulfilment; caller has support"), "{page}");
    let unknown = run(gate.directory(), &[&explain[..], &["00000000-0000-7000-8000-000000000000"]].concat());
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("no request with the id"));
}

#[test]
fn shadow_report_tells_what_enforcing_would_refuse() {
    let app = Upstream::start(answer("hello"));
    let (gate, _) = past(&Policy::new(&app).top("mode: shadow"));
    let report = run(gate.directory(), &["shadow", "report", "--records", ".", "--format", "json"]);
    assert_eq!(report.status.code(), Some(1));
    let report = json(&report);
    assert_eq!((&report["requests"], &report["shadowed"]), (&6.into(), &2.into()), "{report:#}");
    assert_eq!(names(&report["routes"]), ["address", "none"]);
    assert_eq!(names(&report["reasons"]), ["no_route", "role_missing"]);
    let text = run(gate.directory(), &["shadow", "report", "--records", "audit.jsonl"]);
    assert!(String::from_utf8_lossy(&text.stdout).starts_with("2 of 6 requests would have been refused"));
}

#[test]
fn files_that_hold_no_records_are_said_to() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("x.jsonl"), "{}\nnot JSON\n").expect("a file");
    for (records, said) in
        [("x.jsonl", "no records of a gate"), ("nowhere", "nowhere: "), (".", "no records of a gate")]
    {
        let output = run(directory.path(), &["shadow", "report", "--records", records]);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(said), "{records}");
    }
}
