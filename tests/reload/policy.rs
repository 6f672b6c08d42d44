//! A changed policy.

use serde_json::json;

use super::{GET, closed};
use crate::support::{Gate, Person, Policy, Upstream, answer, wait_for};

#[test]
fn reload_by_signal_holds_for_the_next_request_on_every_old_connection() {
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app).workers(2);
    let gate = Gate::start(&policy);
    let mut clients: Vec<_> = (0..8).map(|_| gate.connect()).collect();
    assert!(clients.iter_mut().all(|client| client.ask(GET).status == 200));
    gate.change(&closed(policy.clone()));
    gate.hang_up();
    let change = gate.changes(1).remove(0);
    assert!(clients.iter_mut().all(|client| client.ask(GET).status == 403));
    let extras = &change.0["unmapped"]["portcullis"];
    assert_eq!((change.event(), change.code()), ("CONFIG.POLICY", "changed"));
    assert_ne!(change.0["entity"]["uid"], change.0["entity_result"]["uid"]);
    assert_eq!(extras["changes"], json!(["1 route removed: small", "anyone loses 1 route: small"]));
    assert_eq!(extras["generation"], 2);
    let records = gate.records(16);
    let policies: Vec<_> = records.iter().map(|record| record.0["policy"]["uid"].clone()).collect();
    assert!(policies[..8].iter().all(|uid| *uid == change.0["entity"]["uid"]));
    assert!(policies[8..].iter().all(|uid| *uid == change.0["entity_result"]["uid"]));
    gate.change(&policy);
    assert_eq!(gate.changes(2)[1].0["unmapped"]["portcullis"]["generation"], 3);
    assert!(clients.iter_mut().all(|client| client.ask(GET).status == 200));
}

#[test]
fn reload_without_a_change_is_none() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    gate.hang_up();
    gate.says("nothing has changed");
    assert_eq!(gate.stop().records.iter().filter(|record| record.0["class_uid"] == 3004).count(), 0);
}

#[test]
fn reload_of_a_bad_policy_keeps_the_last_good_one_and_shows_every_fault() {
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app);
    let gate = Gate::start(&policy);
    let mut client = gate.connect();
    assert_eq!(client.ask(GET).status, 200);
    let bad = policy.clone().route("{ name: jane-doe-street, path: /x, allow: [nobody-at-all] }");
    gate.change(&bad.top("colour: green"));
    gate.hang_up();
    let change = gate.changes(1).remove(0);
    assert_eq!(client.ask(GET).status, 200);
    assert_eq!((change.event(), change.code()), ("CONFIG.POLICY", "change_refused"));
    assert!(change.0.get("entity_result").is_none());
    let faults = change.0["unmapped"]["portcullis"]["changes"].as_array().unwrap();
    assert!(faults.iter().any(|fault| fault.as_str().unwrap().starts_with("PC0302: ")), "{faults:?}");
    assert!(faults.iter().any(|fault| fault.as_str().unwrap().starts_with("PC0201: ")), "{faults:?}");
    gate.says("\"code\":\"PC0302\"");
    // The same bad file again is nothing new, unless somebody asks.
    gate.hang_up();
    gate.changes(2);
    gate.change(&closed(policy));
    // A look of its own may have come between: one more refusal.
    wait_for("the change is in force", || gate.changes(3).into_iter().find(|change| change.code() == "changed"));
    assert_eq!(client.ask(GET).status, 403);
    let stopped = gate.stop();
    stopped.assert_never_said("jane-doe");
    stopped.assert_never_said("green");
}

#[test]
fn reload_of_what_cannot_change_is_refused_as_a_whole() {
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app);
    let gate = Gate::start(&policy);
    let other = closed(policy).workers(2).sink("file: { path: more.jsonl }");
    gate.change(&other);
    let change = gate.changes(1).remove(0);
    assert_eq!(change.code(), "change_refused");
    let text = change.0["unmapped"]["portcullis"]["changes"].to_string();
    assert!(text.contains("`gate.workers` cannot change") && text.contains("`audit` cannot change"), "{text}");
    assert_eq!(gate.connect().ask(GET).status, 200);
    assert!(!gate.directory().join("more.jsonl").exists());
}

#[test]
fn reload_keeps_what_is_spent_of_a_limit() {
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app);
    let gate = Gate::start(&policy);
    let once = "GET /once HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!((gate.connect().ask(once).status, gate.connect().ask(once).status), (200, 429));
    gate.change(&policy.clone().swap("  - { name: root,", "  - { name: roots,"));
    gate.changes(1);
    assert_eq!(gate.connect().ask(once).status, 429);
    gate.change(&policy.swap("requests: 1/m", "requests: 2/m"));
    gate.changes(2);
    assert_eq!([gate.connect().ask(once).status, gate.connect().ask(once).status], [200, 429]);
}

#[test]
fn reload_gives_a_certificate_its_new_roles_on_an_old_connection() {
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app);
    let gate = Gate::start(&policy);
    let mut client = gate.connect_as(&Person::picker());
    let ask = "GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(client.ask(ask).status, 200);
    gate.change(&policy.swap("\"cert:spiffe://seller/picker\", ", ""));
    gate.changes(1);
    assert_eq!(client.ask(ask).status, 403);
}
