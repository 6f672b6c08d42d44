//! Detectors and their alarms, from outside (LOG-6, ID-2, ID-3, INC-3).

use crate::support::gate::records_of;
use crate::support::{
    Gate, Person, Policy, Record, Upstream, answer,
    credentials::{credentials, now},
    wait_for,
};
use std::time::Duration;

mod acting;
mod evading;
mod lasting;
mod measured;
mod origin;
mod simulate;

const LIFE: Duration = Duration::from_secs(3600);

/// The standard policy with detectors, and two more whose alarms say that all before was looked at.
pub fn watching(app: &Upstream, alarms: &[&str]) -> Policy {
    let sentinel = |name: &str, route: &str| {
        format!(
            "  - {{ name: {name}, when: {{ count: requests, per: upstream, routes: [{route}], over: 1/1d }}, then: [alarm] }}\n"
        )
    };
    let alarms: String = alarms.iter().map(|alarm| format!("  - {{ {alarm} }}\n")).collect();
    Policy::new(app).top(&format!(
        "alarms:\n{alarms}{}{}",
        sentinel("sentinel-1", "dotted"),
        sentinel("sentinel-2", "no-upgrade")
    ))
}

/// The same behind a proxy, so that a test can call from anywhere.
pub fn proxied(app: &Upstream, alarms: &[&str]) -> Policy {
    watching(app, alarms).gate("trusted_proxies: [127.0.0.0/8]")
}

pub fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

pub fn from(address: &str) -> String {
    format!("X-Forwarded-For: {address}\r\n")
}

fn findings(gate: &Gate) -> Vec<Record> {
    records_of(&gate.trail()).into_iter().filter(|record| record.0["class_uid"] == 2004).collect()
}

/// Records of alarms so far.
pub fn alarms(gate: &Gate) -> Vec<Record> {
    findings(gate).into_iter().filter(|alarm| !rule(alarm).starts_with("sentinel")).collect()
}

/// Waits for the one alarm that there is to be, after all that was asked was looked at.
pub fn only_alarm(gate: &Gate) -> Record {
    settle(gate, 1);
    let found = alarms(gate);
    assert_eq!(found.len(), 1, "{found:?}; {}", gate.log());
    found.into_iter().next().expect("one")
}

/// Waits until detectors have looked at all that was asked; for the first or the second time.
pub fn settle(gate: &Gate, time: usize) {
    let path = ["/a.b", "/no-upgrade"][time - 1];
    let mut client = gate.connect();
    for _ in 0..2 {
        client.ask(get(path, ""));
    }
    let sentinel = format!("sentinel-{time}");
    wait_for("the sentinel's alarm", || findings(gate).iter().any(|alarm| rule(alarm) == sentinel).then_some(()));
}

pub fn data(alarm: &Record, member: &str) -> u64 {
    alarm.0["evidences"][0]["data"][member].as_u64().unwrap_or_default()
}

pub fn rule(alarm: &Record) -> &str {
    alarm.0["finding_info"]["analytic"]["uid"].as_str().unwrap_or_default()
}

fn kind(alarm: &Record) -> &str {
    alarm.0["finding_info"]["types"][0].as_str().unwrap_or_default()
}

#[test]
fn detectors_raise_one_alarm_for_repeated_refusals_with_evidence_and_an_incident_clock() {
    let app = Upstream::start(answer("ok"));
    let gate = Gate::start(&watching(
        &app,
        &["name: digging, when: { count: refusals, over: 5/10m }, then: [alarm], incident: 24h"],
    ));
    let mut client = gate.connect_as(&Person::named("spiffe://seller/packer", LIFE));
    for _ in 0..9 {
        assert_eq!(client.ask(get("/support/a", "")).status, 403);
    }
    let alarm = only_alarm(&gate);
    assert_eq!((rule(&alarm), kind(&alarm)), ("digging", "ALARM.UNAUTHZ"));
    assert_eq!((data(&alarm, "observed"), data(&alarm, "allowed"), data(&alarm, "window_seconds")), (6, 5, 600));
    let refused: Vec<Record> = gate.records_so_far().into_iter().filter(|record| record.status() == 403).collect();
    assert_eq!(alarm.0["finding_info"]["related_events"][0]["uid"], refused[5].id());
    assert_eq!(alarm.0["evidences"][0]["actor"]["user"]["uid"], refused[5].0["actor"]["user"]["uid"]);
    assert_eq!(alarm.0["evidences"][0]["api"]["operation"], "support");
    let incident = &alarm.0["unmapped"]["portcullis"]["incident"];
    assert_eq!(
        incident["due"].as_u64().zip(incident["opened"].as_u64()).map(|(due, opened)| due - opened),
        Some(86_400_000)
    );
    assert_eq!(alarm.0["unmapped"]["portcullis"]["suspected_breach"], true);
    assert!((alarm.0["activity_id"] == 1) && (alarm.0["is_alert"] == true));
}

#[test]
fn detectors_of_values_see_hashes_and_records_hold_no_value() {
    let app = Upstream::start(answer("ok"));
    let gate = Gate::start(&watching(
        &app,
        &[
            "name: scraping, when: { distinct: path.name, over: 6/10m }, then: [alarm]",
            "name: counting, when: { sequence: path.name, over: 4/10m }, then: [alarm]",
        ],
    ));
    let mut client = gate.connect();
    for _ in 0..3 {
        for name in ["q-90", "q-17", "q-55"] {
            client.ask(get(&format!("/files/{name}"), ""));
        }
    }
    for number in 4711..4716 {
        client.ask(get(&format!("/files/invoice-{number}"), ""));
    }
    settle(&gate, 1);
    let kinds: Vec<_> = alarms(&gate).iter().map(|alarm| (kind(alarm).to_owned(), data(alarm, "observed"))).collect();
    assert_eq!(kinds, [("ALARM.DISTINCT".to_owned(), 7)], "four steps are allowed");
    client.ask(get("/files/invoice-4716", ""));
    let found = wait_for("two alarms", || Some(alarms(&gate)).filter(|alarms| alarms.len() >= 2));
    assert_eq!((kind(&found[1]), data(&found[1], "observed")), ("ALARM.ENUMERATION", 5));
    let access = gate.records_so_far();
    let watched = |place: usize| access[place].0["unmapped"]["portcullis"]["watched"][0].clone();
    assert_eq!(
        (watched(0), watched(0)["name"].as_str()),
        (watched(3), Some("path.name")),
        "the same value, the same hash"
    );
    assert_eq!(watched(9)["next"], watched(10)["value"], "one behind the other");
    assert!(!gate.trail().contains("invoice") && !gate.trail().contains("q-90"));
}

#[test]
fn detectors_find_one_credential_in_two_places_and_scanners() {
    let app = Upstream::start(answer("ok"));
    let gate = Gate::start(&proxied(
        &app,
        &[
            "name: twice, when: { count: moves, per: credential, over: 2/10m }, then: [alarm]",
            "name: scanner, when: { distinct: path, of: unknown-routes, per: address, over: 5/10m }, then: [alarm]",
        ],
    ));
    let key = format!("X-Api-Key: {}\r\n", credentials().robot.text);
    let mut client = gate.connect();
    let mut ask =
        |path: &str, address: &str, key: &str| client.ask(get(path, &format!("{}{key}", from(address)))).status;
    for address in ["198.51.100.7", "198.51.100.8", "203.0.113.5", "203.0.113.5"] {
        assert_eq!(ask("/support/a", address, &key), 200);
    }
    for number in 0..5 {
        assert_eq!(ask(&format!("/wp-admin/{number}"), "192.0.2.66", ""), 403);
        assert_eq!(ask("/wp-admin/0", "192.0.2.66", ""), 403, "the same once more");
    }
    assert_eq!(ask("/support/a", "198.51.100.7", &key), 200);
    settle(&gate, 1);
    assert!(alarms(&gate).is_empty(), "{:?}", alarms(&gate));
    assert_eq!(ask("/support/a", "203.0.113.5", &key), 200);
    assert_eq!(ask("/.env", "192.0.2.66", ""), 403);
    let found = wait_for("two alarms", || Some(alarms(&gate)).filter(|alarms| alarms.len() >= 2));
    let kinds: Vec<_> = found.iter().map(kind).collect();
    assert_eq!(kinds, ["ALARM.CREDENTIAL_SHARED", "ALARM.SCAN"]);
    assert!(found[1].0["evidences"][0].get("actor").is_none());
    let shown = found[1].0["evidences"][0]["src_endpoint"]["uid"].as_str().expect("a pseudonym").to_owned();
    assert!(shown.starts_with("pii_ip"), "{shown}");
    for secret in ["192.0.2.66", "203.0.113.5", "wp-admin", ".env"] {
        assert!(!gate.trail().contains(secret), "{secret}");
    }
}

#[test]
fn detectors_of_firsts_and_hours_learn_first_and_then_tell() {
    let app = Upstream::start(answer("ok"));
    // A day of work that today is not, and tomorrow neither.
    let day =
        ["thu", "fri", "sat", "sun", "mon", "tue", "wed"][usize::try_from((now() / 86_400 + 3) % 7).expect("a day")];
    let night = format!(
        "name: night, when: {{ hours: [{day} 09:00-17:00], over: 2/10m, of: passed }}, then: [alarm], mode: shadow"
    );
    let gate = Gate::start(&watching(
        &app,
        &[
            "name: newcomer, when: { first: caller, learn: 2s }, then: [alarm]",
            "name: new-route, when: { first: route, learn: 2s }, then: [alarm]",
            &night,
        ],
    ));
    let key = format!("X-Api-Key: {}\r\n", credentials().robot.text);
    let mut client = gate.connect();
    assert_eq!(client.ask(get("/support/a", &key)).status, 200);
    settle(&gate, 1);
    assert!(alarms(&gate).is_empty());
    let since = std::time::Instant::now();
    wait_for("the time of learning is over", || (since.elapsed().as_secs() >= 3).then_some(()));
    assert_eq!(gate.connect_as(&Person::picker()).ask(get("/admin", "")).status, 200);
    assert_eq!(client.ask(get("/open", &key)).status, 200);
    assert_eq!(client.ask(get("/open", &key)).status, 200);
    let found = wait_for("three alarms", || Some(alarms(&gate)).filter(|alarms| alarms.len() >= 3));
    let kinds: Vec<_> = found.iter().map(|alarm| (kind(alarm), rule(alarm))).collect();
    assert!(kinds.contains(&("ALARM.NEW_CALLER", "newcomer")) && kinds.contains(&("ALARM.NEW_ROUTE", "new-route")));
    let night = found.iter().find(|alarm| rule(alarm) == "night").expect("requests at night");
    assert_eq!((kind(night), &night.0["is_alert"]), ("ALARM.OFF_HOURS", &serde_json::json!(false)));
    assert_eq!(night.0["unmapped"]["portcullis"]["mode"], "shadow");
}

#[test]
fn detectors_tell_when_the_app_fails_and_when_tokens_do() {
    let gate = Gate::start(&{
        let alarms = "alarms:\n  - { name: failing, when: { count: errors, per: upstream, over: 3/10m, share: 50% }, then: [alarm] }\n  \
                      - { name: tokens, when: { count: token-failures, per: upstream, over: 3/10m }, then: [alarm] }\n";
        Policy::at("http://127.0.0.1:1").top(alarms)
    });
    let mut client = gate.connect();
    for _ in 0..5 {
        assert_eq!(client.ask(get("/open", "")).status, 502);
        assert_eq!(client.ask(get("/open", "Authorization: Bearer a.b.c\r\n")).status, 401);
    }
    let found = wait_for("two alarms", || Some(alarms(&gate)).filter(|alarms| alarms.len() >= 2));
    let mut kinds: Vec<_> = found.iter().map(kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["ALARM.ERRORS", "ALARM.TOKEN_FAILURES"]);
    assert!(found.iter().all(|alarm| alarm.0["evidences"][0].get("src_endpoint").is_none()), "nobody is named");
}

#[test]
fn detectors_know_volumes_and_too_many_requests_of_the_unknown() {
    let app = Upstream::start(answer(&"x".repeat(5000)));
    let gate = Gate::start(&watching(
        &app,
        &[
            "name: volume, when: { count: bytes, over: 20kB/h }, then: [alarm]",
            "name: usual, when: { baseline: requests, over: 4x, floor: 2/h }, then: [alarm]",
        ],
    ));
    let mut client = gate.connect();
    for _ in 0..9 {
        client.ask(get("/open", ""));
    }
    let found = wait_for("two alarms", || Some(alarms(&gate)).filter(|alarms| alarms.len() >= 2));
    let mut kinds: Vec<_> = found.iter().map(|alarm| (kind(alarm), data(alarm, "observed"))).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [("ALARM.RATE", 9), ("ALARM.VOLUME", 25_000)]);
    let usual = found.iter().find(|alarm| rule(alarm) == "usual").expect("one");
    assert_eq!(usual.0["unmapped"]["portcullis"]["learning"], true);
}
