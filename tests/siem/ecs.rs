//! ECS: golden documents of every event, and the words that ECS allows.

use std::fs;
use std::path::Path;

use portcullis::audit::proof::Leaf;
use portcullis::delivery::Index;
use portcullis::delivery::projection::ecs::{DATASET, Record, VERSION};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::ocsf::events::{long_samples, samples};
use crate::support::elastic::{leaves, shipped_mappings, unmapped};

/// `event.type` that ECS 9.4 allows beside each `event.category` that documents have.
const ALLOWED: &[(&str, &[&str])] = &[
    ("authentication", &["start", "end", "info"]),
    ("configuration", &["access", "change", "creation", "deletion", "info"]),
    ("file", &["access", "change", "creation", "deletion", "info"]),
    ("iam", &["admin", "change", "creation", "deletion", "group", "info", "user"]),
    ("intrusion_detection", &["allowed", "denied", "info"]),
    ("network", &["access", "allowed", "connection", "denied", "end", "info", "protocol", "start"]),
    ("process", &["access", "change", "end", "info", "start"]),
    ("web", &["access", "error", "info"]),
];
/// Fields of ECS 9.4 that are arrays.
const ARRAYS: &[&str] = &[
    "event.category",
    "event.type",
    "related.ip",
    "related.user",
    "threat.tactic.id",
    "threat.tactic.name",
    "threat.technique.id",
    "threat.technique.name",
    "user.roles",
];

pub fn document_of(record: &[u8]) -> Value {
    let mut out = Vec::new();
    let stream = br#"{"type":"logs","dataset":"portcullis.audit","namespace":"default"}"#;
    Record::read(Index::default().of(record)).expect("a record").document(Some(stream), None, &mut out);
    serde_json::from_slice(&out).unwrap_or_else(|fault| panic!("{fault}: {}", String::from_utf8_lossy(&out)))
}

/// Holds a document against ECS, the shipped mappings, and the record that it was made of.
fn checked(line: &[u8]) -> Value {
    let (document, record): (_, Value) = (document_of(line), serde_json::from_slice(line).unwrap());
    assert_eq!(unmapped(&shipped_mappings(), &document), [] as [String; 0]);
    let event = &document["event"];
    assert_eq!(event["original"].as_str().unwrap().as_bytes(), line, "byte for byte");
    assert_eq!(event["hash"], Leaf::of(line).to_string());
    assert_eq!(event["id"], record["metadata"]["uid"]);
    assert_eq!(event["sequence"], record["metadata"]["sequence"]);
    assert_eq!(event["code"], record["metadata"]["event_code"]);
    assert_eq!(event["severity"], record["severity_id"]);
    assert_eq!((&event["dataset"], &document["ecs"]["version"]), (&json!(DATASET), &json!(VERSION)));
    let at = document["@timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(at.as_millisecond(), record["time"].as_i64().unwrap());
    assert!(["event", "alert"].contains(&event["kind"].as_str().unwrap()));
    if record["class_uid"] == 2004 {
        assert_eq!((event.get("outcome"), event["kind"] == "alert"), (None, record["is_alert"] == true));
    } else {
        assert!(["success", "failure"].contains(&event["outcome"].as_str().unwrap()));
    }
    let words = |key: &str| -> Vec<String> {
        event[key].as_array().expect(key).iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let categories = words("category");
    for word in words("type") {
        let allowed = |category: &String| {
            let (_, types) = ALLOWED.iter().find(|(known, _)| known == category).expect("a category of ECS");
            types.contains(&word.as_str())
        };
        assert!(categories.iter().any(allowed), "{word} is none of {categories:?}");
    }
    for name in ARRAYS {
        let value = document.pointer(&format!("/{}", name.replace('.', "/")));
        assert!(value.is_none_or(Value::is_array), "{name}");
    }
    document
}

fn of(code: &str) -> Vec<u8> {
    let is = |record: &Vec<u8>| {
        let record: Value = serde_json::from_slice(record).unwrap();
        record["metadata"]["event_code"] == code
    };
    samples().into_iter().find(is).unwrap_or_else(|| panic!("{code}"))
}

#[test]
fn documents_of_every_event_are_as_they_were() {
    let documents: String = samples()
        .iter()
        .map(|record| {
            let mut document = checked(record);
            // The record stands there as it is, and what is drawn by lot changes it and all hashes.
            let event = document["event"].as_object_mut().unwrap();
            event.insert("original".to_owned(), "(the record)".into());
            event.insert("hash".to_owned(), "(its leaf)".into());
            if !event["id"].as_str().unwrap().starts_with("019b76da-a800-7000-8000-") {
                event.insert("id".to_owned(), "(drawn)".into());
            }
            let is_key = event["code"] == "CONFIG.KEY";
            let is_drawn = event["id"] == "(drawn)";
            let ours = document["portcullis"].as_object_mut().unwrap();
            if let Some(id) = ours.get_mut("finding_id").filter(|_| is_drawn) {
                *id = "(drawn)".into();
            }
            for key in ["entity", "entity_result"].into_iter().filter(|_| is_key) {
                ours[key]["uid"] = "(drawn)".into();
            }
            for key in ["prev", "note", "frontier", "recovered_root", "root"] {
                if let Some(value) = ours["details"].get_mut(key) {
                    *value = format!("({key})").into();
                }
            }
            document.to_string() + "\n"
        })
        .collect();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/ecs.ndjson");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &documents).unwrap();
    }
    assert_eq!(documents, fs::read_to_string(&golden).unwrap_or_default(), "UPDATE_GOLDEN=1 writes the file anew");
}

#[test]
fn a_document_tells_who_what_and_why() {
    let refused = checked(&of("HTTP.DENY.AUTHZ"));
    assert_eq!(refused["event"]["outcome"], "failure");
    assert_eq!(refused["event"]["action"], "http-deny-authz");
    let allowed = checked(&of("HTTP.ALLOW"));
    for (pointer, expected) in [
        ("/event/type", json!(["access", "allowed"])),
        ("/event/duration", json!(12_345_000)),
        ("/http/request/method", json!("GET")),
        ("/http/response/status_code", json!(200)),
        ("/url/path", json!("/orders/v0/orders/{order_id}/address")),
        ("/url/scheme", json!("https")),
        ("/rule/name", json!("order-address")),
        ("/user/roles", json!(["fulfilment"])),
        ("/source/address", json!("pii_ip_k1_304b4d48e2bcbec3")),
        ("/tls/version", json!("1.3")),
        ("/portcullis/pii", json!(["name", "address", "phone"])),
        ("/observer/name", json!("gate-0")),
        ("/service/node/name", json!("gate-0")),
    ] {
        assert_eq!(allowed.pointer(pointer), Some(&expected), "{pointer}");
    }
    assert!(allowed["source"].get("ip").is_none(), "a pseudonym is no address");
    let locked = checked(&of("ACCOUNT.LOCK"));
    assert_eq!((&locked["user"]["target"]["id"], locked["user"].get("id")), (&json!("caller:1:abc"), None));
    let canary = checked(&of("ALARM.CANARY"));
    assert_eq!((&canary["event"]["kind"], &canary["threat"]["technique"]["id"]), (&json!("alert"), &json!(["T1213"])));
    assert_eq!(canary["portcullis"]["details"]["suspected_breach"], true);
    assert_eq!((&canary["related"]["ip"], &canary["source"]["ip"]), (&json!(["203.0.113.9"]), &json!("203.0.113.9")));
    let failed = checked(&of("AUTHN.FAIL"));
    assert_eq!(
        (&failed["event"]["category"], &failed["event"]["outcome"]),
        (&json!(["authentication"]), &json!("failure"))
    );
}

/// A mapping that no document fills is a promise that nobody keeps.
#[test]
fn every_mapped_field_is_one_that_documents_have() {
    let mut had = std::collections::BTreeSet::new();
    for record in samples().iter().chain(&long_samples()) {
        had.extend(leaves(&checked(record)).into_iter().map(|(name, _)| name));
    }
    // Of records that the samples have none of: a trace, a limit, a request that was cut, and the like.
    let rare = [
        "portcullis.details.watched.next",
        "trace.id",
        "portcullis.details.trace_id",
        "portcullis.details.limit",
        "portcullis.details.cut",
    ];
    let rarer = [
        "portcullis.subject",
        "portcullis.details.rule",
        "portcullis.details.shadow.",
        "portcullis.details.hidden_changes",
    ];
    let lacking: Vec<_> = shipped_mappings()
        .into_keys()
        .filter(|name| !had.contains(name) && !rare.contains(&name.as_str()))
        .filter(|name| !rarer.iter().any(|begin| name.starts_with(begin)))
        .collect();
    assert_eq!(lacking, [] as [&str; 0]);
}

#[test]
fn what_is_no_record_makes_no_document() {
    for line in ["", "{}", "[]", r#"{"time":5}"#, r#"{"class_uid":1,"metadata":{"uid":"x"},"time":5}"#] {
        assert!(Record::read(Index::default().of(line.as_bytes())).is_none(), "{line}");
    }
}

proptest! {
    #[test]
    fn any_text_stays_in_its_field(text in any::<String>(), more in "[\"\\\\{}\\[\\],:/ a-c]{0,40}") {
        let mut record: Value = serde_json::from_slice(&of("HTTP.ALLOW")).unwrap();
        record["actor"]["user"]["uid"] = format!("{more}x{text}").into();
        record["unmapped"]["portcullis"]["query"][0]["value"] = format!("{text}x{more}").into();
        record["metadata"]["log_name"] = format!("{more}x/{more}").into();
        let line = record.to_string();
        let document = document_of(line.as_bytes());
        prop_assert_eq!(document["user"]["id"].as_str().unwrap(), format!("{more}x{text}"));
        prop_assert_eq!(document["portcullis"]["details"]["query"][0]["value"].as_str().unwrap(), format!("{text}x{more}"));
        prop_assert_eq!(document["event"]["original"].as_str().unwrap(), line);
        let name = format!("{more}x/{more}");
        prop_assert_eq!(document["observer"]["name"].as_str().unwrap(), name.rsplit_once('/').unwrap().0);
        prop_assert_eq!(&document["event"]["outcome"], "success");
    }
}
