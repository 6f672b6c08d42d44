//! API keys from the first to the last day: made, bound to roles, replaced, revoked, and found by scanners.

use std::fs;
use std::io::Write as _;
use std::process::{Output, Stdio};

use regex_automata::meta::Regex;
use serde_json::Value;

use super::get;
use crate::cli::portcullis;
use crate::support::pki::Files;
use crate::support::{Gate, Policy, Upstream, answer, assert_refused};

fn keys(file: &str, arguments: &str) -> Output {
    let mut command = portcullis();
    command.args(["keys", "api"]).args(arguments.split(' ')).args(["--file", file]).output().expect("it runs")
}

#[track_caller]
fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text").trim().to_owned()
}

fn listed(file: &str) -> Vec<Value> {
    serde_json::from_str(&done(&keys(file, "list --format json"))).expect("JSON")
}

fn find(file: &str, key: &str) -> Output {
    let mut command = portcullis();
    command.args(["keys", "api", "find", "--file", file]).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("a pipe").write_all(key.as_bytes()).expect("written");
    child.wait_with_output().expect("it ends")
}

fn gate(app: &Upstream, file: &str) -> Gate {
    let roles = "roles:\n  fulfilment: { members: [\"cert:spiffe://seller/picker\", \"group:warehouse\"] }";
    let more =
        "roles:\n  fulfilment: { members: [\"cert:spiffe://seller/picker\", \"group:warehouse\", \"key:sync\"] }";
    let members = "\"key:robot\"] }";
    let policy = Policy::new(app).swap("file: api-keys.yaml", &format!("file: {file}"));
    Gate::start(&policy.swap(roles, more).swap(members, "\"key:robot\", \"key:sync\"] }"))
}

fn status(gate: &Gate, path: &str, key: &str) -> u16 {
    gate.connect().ask(get(path, &format!("X-Api-Key: {key}\r\n"))).status
}

#[test]
fn api_key_carries_only_the_roles_that_it_is_bound_to() {
    let app = Upstream::start(answer("fine"));
    let files = Files::new();
    let file = files.path("keys.yaml").display().to_string();
    let whole = done(&keys(&file, "new --caller sync"));
    let bound = done(&keys(&file, "new --caller sync --role support"));
    let gate = gate(&app, &file);
    assert_eq!((status(&gate, "/admin", &whole), status(&gate, "/support/x", &whole)), (200, 200));
    assert_eq!((status(&gate, "/admin", &bound), status(&gate, "/support/x", &bound)), (403, 200));
    assert_eq!(app.requests_when(3)[2].field("x-portcullis-roles"), Some("support"));
    let ids: Vec<String> = listed(&file).iter().map(|key| key["id"].as_str().expect("an id").to_owned()).collect();
    let records = gate.records(4);
    for (record, id) in records.iter().zip([&ids[0], &ids[0], &ids[1], &ids[1]]) {
        assert_eq!(record.0["unmapped"]["portcullis"]["credential"]["id"], **id);
        assert_eq!(record.0["actor"]["session"]["credential_uid"], **id);
    }
    let stopped = gate.stop();
    stopped.assert_never_said(&whole[..20]);
    // A role that the policy does not have is no scope.
    done(&keys(&file, "new --caller sync --role nobody"));
    let policy = Policy::new(&app).swap("file: api-keys.yaml", &format!("file: {file}"));
    let (status, log) = Gate::refuses_to_start(&policy);
    assert!(!status.success() && log.contains("the policy has no role `nobody`"), "{log}");
}

#[test]
fn api_key_is_replaced_with_an_overlap_and_revoked_at_once() {
    let app = Upstream::start(answer("fine"));
    let files = Files::new();
    let file = files.path("keys.yaml").display().to_string();
    let first = done(&keys(&file, "new --caller sync --role support --group warehouse"));
    let second = done(&keys(&file, "rotate --caller sync --overlap 7d"));
    let third = done(&keys(&file, "rotate --caller sync --overlap 0s"));
    assert!(first != second && second != third);
    let states: Vec<_> = listed(&file).iter().map(|key| key["state"].clone()).collect();
    assert_eq!(states, ["expired", "expired", "valid"]);
    assert!(listed(&file).iter().all(|key| key["roles"][0] == "support" && key["groups"][0] == "warehouse"));
    let overlapping = done(&keys(&file, "rotate --caller sync"));
    let text = done(&keys(&file, "list"));
    assert!(text.starts_with("ID") && text.contains("group:warehouse only:support"), "{text}");
    {
        let gate = gate(&app, &file);
        assert_eq!(status(&gate, "/support/x", &third), 200);
        assert_eq!(status(&gate, "/support/x", &overlapping), 200);
        let old = gate.connect().ask(get("/support/x", &format!("X-Api-Key: {first}\r\n")));
        assert_refused(&gate, &old, 401, "api_key_expired");
    }
    let id = listed(&file)[3]["id"].as_str().expect("an id").to_owned();
    assert_eq!(done(&keys(&file, &format!("revoke --id {id} --reason lost"))), id);
    let gate = gate(&app, &file);
    let revoked = gate.connect().ask(get("/support/x", &format!("X-Api-Key: {overlapping}\r\n")));
    assert_refused(&gate, &revoked, 401, "api_key_revoked");
    assert_eq!(done(&keys(&file, "revoke --caller sync --reason left")).lines().count(), 3);
    assert!(!keys(&file, "revoke --caller sync --reason left").status.success(), "nothing is left to revoke");
    assert!(!keys(&file, "rotate --caller sync").status.success());
    assert!(fs::read_to_string(&file).expect("read").contains("reason: 'lost'"));
}

#[test]
fn api_key_is_found_by_scanners_and_by_whoever_found_one() {
    let files = Files::new();
    let file = files.path("keys.yaml").display().to_string();
    let key = done(&keys(&file, "new --caller sync"));
    let rules = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/gitleaks.toml")).expect("the rule");
    let pattern = rules.split("regex = '''").nth(1).and_then(|rest| rest.split("'''").next()).expect("a pattern");
    let regex = Regex::new(pattern).expect("a pattern");
    for text in [key.clone(), format!("x-api-key: \"{key}\""), format!("KEY={key}\n"), format!("({key})")] {
        assert!(regex.is_match(&text), "{text}");
    }
    for other in [key[..52].to_owned(), format!("{key}a"), "pcl_".to_owned(), fs::read_to_string(&file).expect("read")]
    {
        assert!(!regex.is_match(&other), "{other}");
    }
    let said: Value = serde_json::from_str(&done(&find(&file, &key))).expect("JSON");
    assert_eq!((said["caller"].as_str(), said["state"].as_str()), (Some("sync"), Some("valid")));
    let unknown = done(&keys(&files.path("other.yaml").display().to_string(), "new --caller other"));
    for (text, why) in [(unknown, "does not know it"), (key.replace("pcl_", "pcl-"), "no API key")] {
        let output = find(&file, &text);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(why) && !said.contains(&text), "{said}");
    }
}

#[test]
fn api_key_of_nobody_in_particular_stops_the_start() {
    let app = Upstream::start(answer("fine"));
    let files = Files::new();
    let file = files.path("keys.yaml").display().to_string();
    done(&keys(&file, "new --caller admin --group warehouse"));
    let policy = || Policy::new(&app).swap("file: api-keys.yaml", &format!("file: {file}"));
    let (status, log) = Gate::refuses_to_start(&policy());
    assert!(!status.success() && log.contains("`key:admin` is nobody in particular"), "{log}");
    Gate::start(&policy().top("excused: { \"key:admin\": \"the old importer, until 2027-01-31\" }"));
}
