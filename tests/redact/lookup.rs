//! Pseudonyms of a datum, and the record of who asked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use super::through;
use crate::cli::portcullis;

/// A policy with a directory of keys and `sinks`; the certificates that it names are nobody's here.
fn policy(directory: &Path, sinks: &str, redaction: &str) -> PathBuf {
    let path = directory.join("portcullis.yaml");
    let root = directory.display();
    let text = format!(
        "version: 1\n\
         gate: {{ listen: \"127.0.0.1:8443\", tls: {{ certificate: c.pem, key: k.pem, client_ca: ca.pem }} }}\n\
         upstream: {{ url: \"http://127.0.0.1:8080\" }}\n\
         callers: [ {{ certificate: {{ subject: san_uri }} }} ]\n\
         roles: {{ picker: {{ members: [\"cert:spiffe://seller/picker\"] }} }}\n\
         routes: [ {{ name: orders, path: /orders/**, allow: [picker] }} ]\n\
         redaction: {{ {redaction} }}\n\
         audit: {{ sinks: [ {sinks} ] }}\n"
    );
    fs::write(&path, text.replace("{dir}", &root.to_string())).unwrap();
    path
}

fn rotate(directory: &Path, from: &str) -> String {
    let keys = directory.join("keys");
    let made = portcullis().args(["keys", "rotate"]).arg(&keys).args(["--from", from]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

fn lookup(policy: &Path, arguments: &[&str]) -> Output {
    let policy = policy.to_str().unwrap();
    portcullis().args(["redact", "lookup", "--policy", policy]).args(arguments).output().unwrap()
}

fn lines(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap().lines().map(str::to_owned).collect()
}

const FILE: &str = "{ file: { path: \"{dir}/records.jsonl\" } }";
const KEYS: &str = "key: \"{dir}/keys\"";

fn records(directory: &Path) -> Vec<Value> {
    let text = fs::read_to_string(directory.join("records.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_tokens_of_every_generation_are_those_of_the_logs_and_the_question_is_recorded() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let first = rotate(directory, "2026-01-01T00:00:00Z");
    assert!(first.ends_with("keys/k1.key"), "{first}");
    let policy = policy(directory, FILE, KEYS);
    let log = |line: &str| {
        let output = through(&["--policy", policy.to_str().unwrap()], line.as_bytes());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let old = log("email=zoe@buyer.example");
    rotate(directory, "2026-02-01T00:00:00Z");
    rotate(directory, "2999-01-01T00:00:00Z");
    let new = log("email=zoe@buyer.example");
    assert!(old.contains("_k1_") && new.contains("_k2_"), "{old} {new}");

    let tokens =
        lines(&lookup(&policy, &["--reason", "SUP-1182 for zoe@buyer.example", "--email", "Zoe@buyer.example"]));
    assert_eq!(tokens, [new.replace("email=", ""), old.replace("email=", "")]);
    let asked: Vec<Value> =
        records(directory).into_iter().filter(|record| record["metadata"]["event_code"] == "REDACT.LOOKUP").collect();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0]["entity"]["uid"], tokens[0].as_str());
    assert_eq!(asked[0]["entity"]["name"], "email");
    assert_eq!(asked[0]["comment"], format!("SUP-1182 for {}", tokens[0]).as_str());
    assert_eq!(asked[0]["actor"]["user"]["uid"], rustix::process::getuid().as_raw().to_string().as_str());
    assert!(!fs::read_to_string(directory.join("records.jsonl")).unwrap().contains("zoe@"));
}

#[test]
fn every_kind_of_datum_can_be_looked_up() {
    let directory = tempfile::tempdir().unwrap();
    rotate(directory.path(), "2026-01-01T00:00:00Z");
    let policy = policy(directory.path(), FILE, KEYS);
    let line = "phone=+4917612345678 recipient_name=\"Zoë Groß\" client_ip=203.0.113.9";
    let output = through(&["--policy", policy.to_str().unwrap()], line.as_bytes());
    let log = String::from_utf8(output.stdout).unwrap();
    for datum in
        [["--phone", "+49 (0)176 123 45678"], ["--name", "ZOE\u{308} GROSS"], ["--address", "::ffff:203.0.113.9"]]
    {
        let tokens = lines(&lookup(&policy, &["--reason", "SUP-1", datum[0], datum[1]]));
        assert!(log.contains(&tokens[0]), "{datum:?}: {tokens:?}, {log}");
    }
    let caller = lines(&lookup(&policy, &["--reason", "SUP-1", "--caller", "user:alice"]));
    assert!(caller[0].starts_with("pii_caller_k1_"));
}

#[test]
fn without_a_place_for_the_record_there_is_no_answer() {
    let directory = tempfile::tempdir().unwrap();
    rotate(directory.path(), "2026-01-01T00:00:00Z");
    let arguments = ["--reason", "SUP-1", "--email", "zoe@buyer.example"];
    let refused = |sinks: &str, redaction: &str, arguments: &[&str], said: &str| {
        let output = lookup(&policy(directory.path(), sinks, redaction), arguments);
        assert_ne!(output.status.code(), Some(0), "{said}");
        assert!(output.stdout.is_empty(), "{said}");
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains(said), "{errors}");
        assert!(!errors.contains("zoe@"), "{errors}");
    };
    refused("stdout", KEYS, &arguments, "no place that keeps records");
    refused("{ file: { path: \"/proc/nowhere/records.jsonl\" } }", KEYS, &arguments, "no answer");
    refused(FILE, "caller: id, address: prefix", &arguments, "redaction.key");
    refused(FILE, KEYS, &["--email", "zoe@buyer.example"], "--reason");
    refused(FILE, KEYS, &["--reason", " ", "--email", "zoe@buyer.example"], "says nothing");
    refused(FILE, KEYS, &["--reason", "SUP-1", "--phone", "none"], "no telephone number");
    assert!(records(directory.path()).is_empty());
}

#[test]
fn a_pattern_of_the_policy_lets_values_stand() {
    let directory = tempfile::tempdir().unwrap();
    rotate(directory.path(), "2026-01-01T00:00:00Z");
    let keep = format!("{KEYS}, keep: {{ parcel: 'KX[0-9]{{14}}' }}");
    let policy = policy(directory.path(), FILE, &keep);
    let output = through(&["--policy", policy.to_str().unwrap()], b"parcel KX40123456789012 email=zoe@buyer.example\n");
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(log.starts_with("parcel KX40123456789012 email=pii_email_k1_"), "{log}");
}
