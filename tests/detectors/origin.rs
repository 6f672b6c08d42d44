//! Who calls from elsewhere, as with a stolen credential; and whose tokens fail.

use std::time::Instant;

use super::{alarms, data, from, get, kind, proxied, rule, settle};
use crate::support::credentials::{ISSUER, credentials};
use crate::support::{Gate, Policy, Upstream, answer, token, wait_for};

fn robot(address: &str, agent: &str) -> String {
    format!("{}X-Api-Key: {}\r\nUser-Agent: {agent}\r\n", from(address), credentials().robot.text)
}

const AT_HOME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0";

#[test]
fn detectors_of_origins_tell_of_a_credential_that_is_used_elsewhere_while_its_owner_is_away() {
    let app = Upstream::start(answer("ok"));
    let gate = Gate::start(&proxied(
        &app,
        &[
            "name: elsewhere, when: { first: origin, learn: 2s }, then: [alarm]",
            "name: shadowed, when: { first: network, learn: 2s }, then: [alarm, lock], mode: shadow",
        ],
    ));
    let mut client = gate.connect();
    let mut ask = |path: &str, fields: &str| assert_eq!(client.ask(get(path, fields)).status, 200);
    ask("/support/a", &robot("198.51.100.7", AT_HOME));
    settle(&gate, 1);
    let since = Instant::now();
    wait_for("the time of learning is over", || (since.elapsed().as_secs() >= 3).then_some(()));
    // Another machine of the same network, and an update of the same program.
    ask("/support/a", &robot("198.51.100.8", &AT_HOME.replace("142", "143")));
    ask("/open", &robot("198.51.100.7", "curl/8.1"));
    settle(&gate, 2);
    assert!(alarms(&gate).is_empty());
    ask("/files/a", &robot("203.0.113.5", "python-requests/2.31"));
    let found = wait_for("two alarms", || Some(alarms(&gate)).filter(|alarms| alarms.len() >= 2));
    let of = |name: &str| found.iter().find(|alarm| rule(alarm) == name).expect("an alarm");
    let elsewhere = of("elsewhere");
    let ours = &elsewhere.0["unmapped"]["portcullis"];
    assert_eq!(kind(elsewhere), "ALARM.NEW_ORIGIN");
    assert_eq!(ours["signs"], serde_json::json!(["network", "client", "route", "hour"]));
    assert_eq!((data(elsewhere, "observed"), data(elsewhere, "allowed")), (4, 0));
    assert_eq!(of("shadowed").0["unmapped"]["portcullis"]["mode"], "shadow");
    ask("/files/b", &robot("203.0.113.77", "python-requests/2.31"));
    // Records show where it came from, and with what, as keyed hashes alone.
    let records = gate
        .records_when("five of the robot", |all| all.iter().filter(|record| !record.0["actor"].is_null()).count() >= 5);
    let watched = |place: usize, name: &str| {
        let of_robot: Vec<_> = records.iter().filter(|record| !record.0["actor"].is_null()).collect();
        let all = of_robot[place].0["unmapped"]["portcullis"]["watched"].as_array().expect("watched").clone();
        all.into_iter().find(|seen| seen["name"] == name).expect("seen")["value"].clone()
    };
    assert_eq!(watched(0, "network"), watched(1, "network"));
    assert_eq!(watched(0, "client"), watched(1, "client"), "an update");
    assert_ne!(watched(1, "client"), watched(2, "client"));
    assert_ne!(watched(2, "network"), watched(3, "network"));
    for secret in ["203.0.113.5", "python", "Mozilla"] {
        assert!(!gate.trail().contains(secret), "{secret}");
    }
}

#[test]
fn detectors_tell_whose_tokens_fail() {
    let app = Upstream::start(answer("ok"));
    let rule = "alarms:\n  - { name: tokens, when: { count: token-failures, per: issuer, over: 3/10m, share: 50% }, then: [alarm] }";
    let gate = Gate::start(&Policy::new(&app).top(rule));
    let mut client = gate.connect();
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    let sound = token("alice@seller.example", &[], true);
    let (signed, signature) = sound.rsplit_once('.').expect("three parts");
    let other = if signature.as_bytes()[20] == b'A' { "B" } else { "A" };
    let forged = format!("{signed}.{}{other}{}", &signature[..20], &signature[21..]);
    for _ in 0..5 {
        assert_eq!(client.ask(get("/open", &bearer(&sound))).status, 200);
    }
    // Three more failures than sound ones among those of the issuer: more than half only with the sixth.
    for _ in 0..5 {
        assert_eq!(client.ask(get("/open", &bearer(&forged))).status, 401);
    }
    for _ in 0..4 {
        assert_eq!(client.ask(get("/open", &bearer("e30.e30.e30"))).status, 401);
        assert_eq!(client.ask(get("/open", "")).status, 200);
    }
    let found = wait_for("an alarm", || Some(alarms(&gate)).filter(|alarms| !alarms.is_empty()));
    let subject = |alarm: &crate::support::Record| alarm.0["evidences"][0]["data"]["subject"].clone();
    assert_eq!((found.len(), kind(&found[0]), subject(&found[0])), (1, "ALARM.TOKEN_FAILURES", "other".into()));
    assert_eq!(client.ask(get("/open", &bearer(&forged))).status, 401);
    let found = wait_for("two alarms", || Some(alarms(&gate)).filter(|alarms| alarms.len() >= 2));
    assert_eq!((subject(&found[1]), data(&found[1], "observed")), (ISSUER.into(), 6));
    assert!(found[1].0["evidences"][0].get("src_endpoint").is_none(), "nobody is named");
    let records = gate.records_so_far();
    let issuer = |place: usize| records[place].0["unmapped"]["portcullis"]["issuer"].clone();
    assert_eq!((issuer(0), issuer(5), issuer(10)), (ISSUER.into(), ISSUER.into(), "other".into()));
}
