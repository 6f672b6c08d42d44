//! What operators do: sanctions, reload, the own log, and what they may see. None of it says a word of a request.

use serde_json::json;

use super::{House, because, code, json_of};
use crate::support::gate::records_of;
use crate::support::{token, wait_for};

#[test]
fn admin_imposes_lifts_and_lists_by_the_policys_names_and_by_pseudonyms() {
    let house = House::start();
    let alice = "user:alice@seller.example";
    let done = |path: &str, body| {
        let answer = house.call("sre", path, Some(because(body)));
        (answer.status, code(&answer))
    };
    let good = |said: &str| (200, said.to_owned());
    assert_eq!(done("/v1/quarantine", json!({ "caller": alice })), good("done"));
    assert_eq!(done("/v1/quarantine", json!({ "caller": alice })), good("nothing_to_do"));
    assert_eq!(done("/v1/quarantine", json!({ "role": "fulfilment", "for": 3600 })), good("done"));
    assert_eq!(done("/v1/quarantine", json!({ "route": "address" })), good("done"));
    assert_eq!(done("/v1/lock", json!({ "address": "203.0.113.9", "for": 600 })), good("done"));
    assert_eq!(done("/v1/quarantine", json!({ "everything": true })), good("done"));
    let list = json_of(&house.call("sre", "/v1/sanctions", None));
    let of = |whom: &str| {
        let all = list["sanctions"].as_array().unwrap();
        all.iter().find(|one| one["on"] == whom).unwrap_or_else(|| panic!("no {whom} in {list}")).clone()
    };
    assert_eq!(list["count"], 5);
    assert_eq!((of("role")["name"].as_str(), of("route")["name"].as_str()), (Some("fulfilment"), Some("address")));
    assert!(of("role")["until"].as_u64() > of("role")["since"].as_u64());
    assert_eq!(of("everything")["until"], json!(null));
    assert_eq!(of("caller")["cause"], "ticket_INC-42");
    let pseudonym = of("caller")["name"].as_str().unwrap().to_owned();
    assert!(pseudonym.starts_with("pii_caller_"), "{pseudonym}");
    assert!(!list.to_string().contains("alice") && !list.to_string().contains("203.0.113"), "{list}");

    assert_eq!(
        done("/v1/unlock", json!({ "caller": alice })),
        good("nothing_to_do"),
        "a quarantine is released, not unlocked"
    );
    assert_eq!(done("/v1/release", json!({ "caller": pseudonym })), good("done"));
    assert_eq!(done("/v1/lock", json!({ "caller": pseudonym })), good("done"), "the policy names her");
    assert_eq!(done("/v1/unlock", json!({ "caller": alice })), good("done"));
    assert_eq!(done("/v1/release", json!({ "role": "fulfilment" })), good("done"));
    assert_eq!(done("/v1/release", json!({ "route": "address" })), good("done"));
    assert_eq!(done("/v1/unlock", json!({ "address": "203.0.113.9" })), good("done"));
    assert_eq!(done("/v1/release", json!({ "everything": true })), good("done"));
    assert_eq!(
        done("/v1/lock", json!({ "caller": "pii_caller_k1_0123456789abcdef" })),
        (404, "subject_unknown".to_owned())
    );
    assert_eq!(json_of(&house.call("sre", "/v1/sanctions", None))["count"], 0);

    let records = house.calls_when(17);
    let first = &records[0].0;
    assert_eq!(
        (first["comment"].as_str(), first["entity"]["uid"].as_str()),
        (Some("ticket INC-42"), Some(pseudonym.as_str()))
    );
    assert_eq!(first["unmapped"]["portcullis"]["roles"], json!(["sre"]));
    assert!(!house.gate.trail().contains("alice"));
}

#[test]
fn admin_stops_callers_routes_and_everything_in_one_command() {
    let house = House::start();
    let status = |path: &str, token: &str| {
        let ask = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
        house.gate.connect().ask(&ask).status
    };
    // In no role by name: only by a group of her token. Her pseudonym is all that a record tells of her.
    let carol = token("carol@seller.example", &["warehouse"], false);
    assert_eq!(status("/admin", &carol), 200);
    let record = house.gate.records(1).remove(0);
    let pseudonym = record.0["actor"]["user"]["uid"].as_str().unwrap().to_owned();
    for body in [
        json!({ "caller": pseudonym }),
        json!({ "route": "admin" }),
        json!({ "role": "fulfilment" }),
        json!({ "everything": true }),
    ] {
        assert_eq!(house.call("sre", "/v1/quarantine", Some(because(body.clone()))).status, 200, "{body}");
        assert_ne!(status("/admin", &carol), 200, "{body}");
        assert_eq!(house.call("sre", "/v1/release", Some(because(body.clone()))).status, 200, "{body}");
        assert_eq!(status("/admin", &carol), 200, "{body}");
    }
    house.calls_when(8);
}

#[test]
fn admin_takes_up_what_lies_on_disk_and_says_who_did_it() {
    let house = House::start();
    let answer = house.call("sre", "/v1/reload", Some(because(json!({}))));
    assert_eq!(code(&answer), "nothing_to_do");
    house.gate.change(&house.policy.clone().route("{ name: more, path: /more, allow: [anyone] }"));
    let answer = json_of(&house.call("sre", "/v1/reload", Some(because(json!({})))));
    assert!(["changed", "unchanged"].contains(&answer["reload"]["code"].as_str().unwrap()), "{answer}");
    assert_eq!(answer["policy"]["generation"], 2);
    house.gate.put("policy.yaml", "version: 1\n");
    let answer = house.call("sre", "/v1/reload", Some(because(json!({}))));
    assert_eq!((answer.status, code(&answer).as_str()), (409, "refused"));
    assert!(json_of(&answer)["reload"]["faults"].as_u64() > Some(0));
    let status = json_of(&house.call("sre", "/v1/status", None));
    assert_eq!(status["policy"]["generation"], 2);
    assert_eq!(status["reloads"]["last"]["code"], "refused");
    // What is sound, and needs more than a running gate can do, is told apart.
    house.gate.change(&house.policy.clone().workers(3));
    let answer = house.call("sre", "/v1/reload", Some(because(json!({}))));
    assert_eq!((answer.status, code(&answer).as_str()), (409, "restart_needed"));
    assert_eq!(json_of(&answer)["reload"]["faults"], 1);
    house.calls_when(5);
}

#[test]
fn admin_is_the_author_of_the_change_that_it_orders() {
    // A poll of an hour, and a file that is changed where the kernel does not tell: only the order finds it.
    let house = House::start_with(|policy| policy.top("reload: { poll: 1h }"));
    let mut found = false;
    for turn in 0..20 {
        let route = format!("{{ name: more-{turn}, path: /more-{turn}, allow: [anyone] }}");
        house.gate.change(&house.policy.clone().top("reload: { poll: 1h }").route(&route));
        house.call("sre", "/v1/reload", Some(because(json!({}))));
        let changes = house.gate.changes(1);
        // The watch of files may have been faster; then its owner is the author, and the next turn tells.
        found = changes.iter().any(|change| {
            change.0["unmapped"]["portcullis"]["author"]
                .as_str()
                .is_some_and(|author| author.starts_with("operator:pii_caller_"))
        });
        if found {
            break;
        }
    }
    assert!(found, "no change has the operator as its author");
}

#[test]
fn admin_shows_what_is_spent_by_a_callers_name() {
    let house = House::start_with(|policy| {
        policy
            .swap("  - { name: once, per: address, requests: 1/m }", "  - { name: once, per: address, requests: 1/m }\n  - { name: calm, per: caller, requests: 10/h, bytes: 1kB/d }")
    });
    let ask = format!(
        "GET /support/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
        token("alice@seller.example", &[], false)
    );
    assert_eq!(house.gate.connect().ask(&ask).status, 200);
    let limits = |caller: &str| json_of(&house.call("viewer", "/v1/limits", Some(json!({ "caller": caller }))));
    let seen = limits("user:alice@seller.example");
    let all = seen["limits"].as_array().unwrap();
    let requests = all.iter().find(|limit| limit["measure"] == "requests").unwrap();
    assert_eq!(
        (requests["limit"].as_str(), requests["most"].as_u64(), requests["left"].as_u64()),
        (Some("calm"), Some(10), Some(9))
    );
    let bytes = all.iter().find(|limit| limit["measure"] == "bytes").unwrap();
    assert_eq!(bytes["most"].as_u64().unwrap() - bytes["left"].as_u64().unwrap(), 5, "five bytes of an answer");
    assert!(!seen.to_string().contains("alice"), "{seen}");
    let untouched = limits("user:bob@seller.example");
    assert!(untouched["limits"].as_array().unwrap().iter().all(|limit| limit["left"] == limit["most"]), "{untouched}");
    let again = limits(seen["caller"].as_str().unwrap());
    assert_eq!(again["limits"][0]["left"], seen["limits"][0]["left"], "by the pseudonym that records show");
}

#[test]
fn admin_lends_the_own_log_a_level_and_takes_it_back() {
    let house = House::start();
    let level = || json_of(&house.call("viewer", "/v1/status", None))["log_level"].as_str().unwrap().to_owned();
    assert_eq!(level(), "debug", "as the tests start it");
    let answer = house.call("sre", "/v1/log-level", Some(because(json!({ "level": "error", "for": 1 }))));
    assert_eq!((answer.status, json_of(&answer)["before"].as_str()), (200, Some("debug")));
    house.gate.hang_up();
    wait_for("the level is given back", || (level() == "debug").then_some(()));
    for bad in [json!({ "level": "trace" }), json!({ "for": 5 }), json!({ "level": "info", "for": 86_401 })] {
        assert_eq!(house.call("sre", "/v1/log-level", Some(because(bad))).status, 400);
    }
}

/// What a request and an operator say of people is in no answer, no record and no line of the log.
#[test]
fn admin_says_nothing_of_people() {
    let house = House::start();
    let marks = ["zoe.marker@buyer.example", "zoe.marker", "+1-212-555-0147", "4111111111111111", "203.0.113.77"];
    let ask = format!(
        "GET /open/{}?mail={}&phone={} HTTP/1.1\r\nHost: localhost\r\nX-Card: {}\r\nX-Forwarded-For: {}\r\n\r\n",
        "zoe.marker", marks[0], marks[2], marks[3], marks[4]
    );
    assert_eq!(house.gate.connect().ask(&ask).status, 200);
    let said = [
        house.call(
            "sre",
            "/v1/lock",
            Some(json!({ "address": marks[4], "reason": format!("asked by {}, card {}", marks[0], marks[3]) })),
        ),
        house.call("sre", "/v1/lock", Some(json!({ "caller": format!("user:{}", marks[0]), "reason": "abuse" }))),
        house.call("sre", "/v1/limits", Some(json!({ "caller": format!("user:{}", marks[0]) }))),
        house.call("sre", "/v1/lock", Some(json!({ "caller": format!("user {}", marks[0]), "reason": "abuse" }))),
        house.call("sre", "/v1/quarantine", Some(json!({ "route": marks[0], "reason": "abuse" }))),
        house.call("sre", &format!("/v1/{}", marks[0]), None),
        house.call("sre", "/v1/status", None),
        house.call("sre", "/v1/policy", None),
        house.call("sre", "/v1/sanctions", None),
    ];
    house.calls_when(said.len());
    let stopped = house.gate.stop();
    for mark in marks {
        for answer in &said {
            assert!(!answer.text().contains(mark), "{mark} in {}", answer.text());
        }
        stopped.assert_never_said(mark);
    }
    let records = records_of(&stopped.trail);
    let first = records.iter().find(|record| record.event() == "ADMIN.CALL").unwrap();
    let comment = first.0["comment"].as_str().unwrap();
    assert!(comment.starts_with("asked by pii_email_"), "{comment}");
}
