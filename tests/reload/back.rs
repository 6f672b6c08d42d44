//! Changes that take themselves back, and starts with the last good policy.

use std::fs;

use super::{GET, closed};
use crate::support::credentials::credentials;
use crate::support::gate::records_of;
use crate::support::{Gate, Policy, Upstream, answer, wait_for};

// Looking at files more often than at the counters must not keep it from looking at these.
const BUDGET: &str = "reload: { poll: 100ms, rollback: { window: 30s, refusals: 20%, errors: 5%, least: 20 } }";

#[test]
fn reload_that_refuses_too_many_takes_itself_back_and_is_not_tried_again() {
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app).top(BUDGET);
    let gate = Gate::start(&policy);
    let mut client = gate.connect();
    assert!((0..30).all(|_| client.ask(GET).status == 200));
    gate.change(&closed(policy.clone()));
    gate.changes(1);
    assert_eq!(client.ask(GET).status, 403);
    wait_for("the old policy is back", || (client.ask(GET).status == 200).then_some(()));
    let [bad, back] = &gate.changes(2)[..] else { panic!("two changes") };
    assert_eq!(back.0["unmapped"]["portcullis"]["author"], "rollback");
    assert_eq!(back.0["unmapped"]["portcullis"]["generation"], 3);
    assert_eq!(back.0["status_detail"], "A policy was taken back.");
    let why = back.0["unmapped"]["portcullis"]["changes"][0].as_str().unwrap();
    assert!(why.starts_with("refusals rose from 0% to 100%"), "{why}");
    assert_eq!(back.0["entity"]["uid"], bad.0["entity_result"]["uid"]);
    assert_eq!(back.0["entity_result"]["uid"], bad.0["entity"]["uid"]);
    gate.hang_up();
    gate.says("it is not tried again until it changes");
    assert_eq!(client.ask(GET).status, 200);
    // Another change is tried.
    gate.change(&policy.route("{ name: other, path: /other, allow: [anyone] }"));
    assert_eq!(gate.changes(3)[2].code(), "changed");
    assert_eq!(client.ask(GET).status, 200);
}

#[test]
fn reload_that_breaks_the_way_to_the_app_takes_itself_back() {
    let app = Upstream::start(answer("hello"));
    // In its sandbox the gate could not call another port: a change of that needs a restart.
    let policy = Policy::new(&app).top(BUDGET).top("sandbox: off");
    let gate = Gate::start(&policy);
    let mut client = gate.connect();
    assert!((0..30).all(|_| client.ask(GET).status == 200));
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    gate.change(&Policy::at(&format!("http://{nowhere}")).top(BUDGET).top("sandbox: off"));
    gate.changes(1);
    assert_eq!(client.ask(GET).status, 502);
    wait_for("the old app is back", || (client.ask(GET).status == 200).then_some(()));
    assert!(gate.changes(2)[1].0["unmapped"]["portcullis"]["changes"].to_string().contains("errors rose"));
}

#[test]
fn reload_keeps_the_last_good_policy_for_a_start_that_says_so() {
    let app = Upstream::start(answer("hello"));
    let key = &credentials().pki.pseudonym_key;
    let files = crate::support::pki::Files::new();
    let (key, place) = (files.write("last-good.key", key), files.path("last-good").display().to_string());
    // One place for records: where they go cannot change.
    let trail = files.path("audit.jsonl");
    let kept = |start: &str| {
        Policy::new(&app)
            .swap("{dir}/audit.jsonl", &trail.display().to_string())
            .top(&format!("reload: {{ last_good: {{ path: {place}, key: {key}, start: {start} }} }}"))
    };
    let changes = |count: usize| {
        wait_for("changes", || {
            let all = records_of(&fs::read_to_string(&trail).unwrap_or_default());
            let changes: Vec<_> = all.into_iter().filter(|record| record.0["class_uid"] == 3004).collect();
            (changes.len() >= count).then_some(changes)
        })
    };
    let gate = Gate::start(&kept("true"));
    wait_for("the policy is kept", || fs::read_to_string(&place).ok());
    let whole = fs::read_to_string(&place).unwrap();
    assert!(!whole.contains("PRIVATE KEY") && whole.contains("spiffe://seller/picker"));
    gate.change(&closed(kept("true")));
    changes(1);
    wait_for("the change is kept", || (fs::read_to_string(&place).ok()? != whole).then_some(()));
    // What is kept names its certificates relative to this gate's directory, which stays.
    gate.terminate();
    gate.says("stopped");
    let _stays = gate;

    let bad = |start: &str| kept(start).route("{ name: bad, path: /bad, allow: [nobody] }");
    let (status, log) = Gate::refuses_to_start(&bad("false"));
    assert!(!status.success() && log.contains("not started"), "{log}");
    let gate = Gate::start(&bad("true"));
    assert_eq!(gate.connect().ask(GET).status, 403, "the policy that was in force last has no such route");
    gate.says("the last good one is in force");
    let changed = changes(3);
    assert_eq!(
        changed[1].0["status_detail"],
        "The policy was at fault at the start; the last good one was put in force."
    );
    assert_eq!(changed[2].code(), "change_refused");
    // Mended, it comes into force.
    let before = fs::read_to_string(&place).unwrap();
    gate.change(&kept("true"));
    assert_eq!(changes(4)[3].code(), "changed");
    assert_eq!(gate.connect().ask(GET).status, 200);
    wait_for("the change is kept", || (fs::read_to_string(&place).ok()? != before).then_some(()));

    // A text that is no YAML says nothing of where the last good one is: the command line does.
    let torn = Policy::whole("version: 1\nroutes: [", &app);
    let (status, _) = Gate::refuses_to_start(&torn);
    assert!(!status.success());
    let gate = Gate::start_with(&torn, &["--last-good", &place, "--last-good-key", &key]);
    assert_eq!(gate.connect().ask(GET).status, 200);

    fs::write(&place, fs::read_to_string(&place).unwrap().replace("spiffe://seller/picker", "spiffe://seller/thieff"))
        .unwrap();
    let (status, log) = Gate::refuses_to_start(&bad("true"));
    assert!(!status.success() && log.contains("is not what this gate wrote"), "{log}");
}
