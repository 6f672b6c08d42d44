//! What detectors know outlives the process: alarms, their incidents, and what was learned (INC-3, LOG-6).

use std::path::PathBuf;
use std::time::Instant;

use serde_json::Value;

use super::{LIFE, alarms, from, get, rule, settle, watching};
use crate::admin::{House, json_of};
use crate::support::credentials::credentials;
use crate::support::gate::records_of;
use crate::support::{Gate, Person, Policy, Upstream, answer, wait_for};
use crate::watch::{SPOOL, events, home};

const DIGGING: &str = "alarms:\n  - { name: digging, when: { count: refusals, over: 5/10m }, then: [alarm, lock], incident: 24h }\n  \
                       - { name: quick, when: { count: refusals, per: upstream, over: 5/1s }, then: [alarm], mode: shadow, incident: 2h }";

/// A file beside the spool's segments.
fn beside_segments(gate: &Gate, name: &str) -> Option<PathBuf> {
    let mut chains = std::fs::read_dir(gate.directory().join("spool")).ok()?.flatten();
    chains.find_map(|chain| Some(chain.path().join(name)).filter(|path| path.exists()))
}

fn open_alarms(house: &House) -> Vec<Value> {
    json_of(&house.call("viewer", "/v1/alarms", None))["alarms"].as_array().expect("a list").clone()
}

fn dig(gate: &Gate, times: usize) {
    let mut client = gate.connect_as(&Person::named("spiffe://seller/packer", LIFE));
    for _ in 0..times {
        client.ask(get("/support/a", ""));
    }
}

fn kept(house: &House) -> PathBuf {
    wait_for("the alarms' file", || {
        let path = beside_segments(&house.gate, "alarms.state")?;
        let text = std::fs::read_to_string(&path).ok()?;
        (text.contains("alarm digging") && text.contains("alarm quick")).then_some(path)
    })
}

#[test]
fn alarms_and_their_incident_clocks_go_on_after_the_gate_was_killed() {
    let house = House::start_in(home(), |policy| policy.swap("audit:\n", SPOOL).top(DIGGING));
    dig(&house.gate, 6);
    let before = wait_for("two alarms", || Some(open_alarms(&house)).filter(|open| open.len() == 2));
    let path = kept(&house);
    let text = std::fs::read_to_string(path).expect("a file");
    assert!(!text.contains("127.0.0.1") && !text.contains("packer"), "{text}");
    let house = house.again(Gate::kill);
    house.gate.says("alarms of before the start go on");
    let after = open_alarms(&house);
    assert_eq!(after.len(), 2);
    for (was, is) in before.iter().zip(&after) {
        for member in
            ["id", "rule", "behaviour", "since", "due", "caller", "address", "route", "actions", "observed", "mode"]
        {
            assert_eq!(was[member], is[member], "{member}");
        }
        assert_eq!(is["state"], "open");
    }
    let status = json_of(&house.call("viewer", "/v1/status", None));
    assert_eq!(status["alarms"]["incidents"], 2);
    // The same doing is the same alarm: it is not opened once more. The lock held over the restart as well.
    let refused = |gate: &Gate| records_of(&gate.trail()).iter().filter(|record| record.status() == 423).count();
    dig(&house.gate, 1);
    wait_for("it is refused", || (refused(&house.gate) == 1).then_some(()));
    assert_eq!(alarms(&house.gate).len(), 2);
}

#[test]
fn a_closed_alarms_incident_stays_until_it_is_due() {
    let rules = "alarms:\n  - { name: digging, when: { count: refusals, over: 5/10m }, then: [alarm], incident: 24h }\n  \
                 - { name: quick, when: { count: requests, per: upstream, over: 100/1s }, then: [alarm], incident: 2h }";
    let house = House::start_in(home(), |policy| policy.swap("audit:\n", SPOOL).top(rules));
    dig(&house.gate, 6);
    wait_for("an alarm", || (open_alarms(&house).len() == 1).then_some(()));
    // Its rule goes, and so it is closed; that it must be reported does not go with it.
    let fewer = rules
        .replace("- { name: digging, when: { count: refusals, over: 5/10m }, then: [alarm], incident: 24h }\n  ", "");
    let text = house.policy.text();
    assert!(text.contains(rules));
    house.gate.change(&Policy::whole(&text.replace(rules, &fewer), &house.upstream));
    let closed = wait_for("it is closed", || open_alarms(&house).pop().filter(|alarm| alarm["state"] == "closed"));
    assert_eq!((closed["rule"].as_str(), closed["due"].is_u64()), (Some("digging"), true));
    wait_for("it is written", || {
        let text = std::fs::read_to_string(beside_segments(&house.gate, "alarms.state")?).ok()?;
        text.lines().any(|line| line.starts_with("alarm digging") && line.split(' ').nth(7) != Some("-")).then_some(())
    });
    let House { gate, policy, upstream, files, operators } = house;
    drop(policy);
    let policy = Policy::whole(&text.replace(rules, &fewer), &upstream);
    let house = House { gate: Gate::start_in(gate.kill(), &policy), policy, upstream, files, operators };
    let again = wait_for("the alarm of before", || Some(open_alarms(&house)).filter(|alarms| !alarms.is_empty()));
    assert_eq!((again.len(), &again[0]["id"], &again[0]["due"]), (1, &closed["id"], &closed["due"]));
}

#[test]
fn a_broken_file_of_alarms_is_told_and_the_gate_starts() {
    let house = House::start_in(home(), |policy| policy.swap("audit:\n", SPOOL).top(DIGGING));
    dig(&house.gate, 6);
    let path = kept(&house);
    let text = std::fs::read_to_string(&path).expect("a file");
    let below = path.strip_prefix(house.gate.directory()).expect("below").to_owned();
    let house = house.again(|gate| {
        let directory = gate.kill();
        std::fs::write(directory.path().join(&below), text.replace("digging", "harmless")).expect("written");
        directory
    });
    let lost = events(&house.gate, "ALARM.STATE_LOST", 1).remove(0);
    assert_eq!(lost.0["finding_info"]["analytic"]["uid"], "alarms.state");
    assert!(open_alarms(&house).is_empty());
    assert!(house.gate.directory().join(below.with_extension("broken")).exists());
    assert_eq!(house.gate.connect().ask(get("/open", "")).status, 200);
}

/// Learns for a moment, then ends in good order; gives what it learned.
fn learned(policy: &Policy) -> (tempfile::TempDir, PathBuf, Vec<u8>) {
    let gate = Gate::start_in(home(), policy);
    let key = format!("X-Api-Key: {}\r\n", credentials().robot.text);
    assert_eq!(gate.connect().ask(get("/support/a", &key)).status, 200);
    settle(&gate, 1);
    let since = Instant::now();
    wait_for("the time of learning is over", || (since.elapsed().as_secs() >= 3).then_some(()));
    gate.terminate();
    let directory = gate.ended();
    let spool = directory.path().join("spool");
    let mut chains = std::fs::read_dir(&spool).expect("chains").flatten();
    let path = chains.find_map(|chain| Some(chain.path().join("detectors.state")).filter(|path| path.exists()));
    let path = path.expect("what was learned");
    let bytes = std::fs::read(&path).expect("a file");
    let below = path.strip_prefix(directory.path()).expect("below").to_owned();
    (directory, below, bytes)
}

fn learning(app: &Upstream) -> Policy {
    watching(app, &["name: newcomer, when: { first: caller, learn: 2s }, then: [alarm]"]).swap("audit:\n", SPOOL)
}

fn alarms_after_two_callers(gate: &Gate) -> Vec<String> {
    let key = format!("X-Api-Key: {}{}\r\n", credentials().robot.text, from("192.0.2.1").trim_end());
    let key = key.replace("X-Forwarded-For", "\r\nX-Forwarded-For");
    assert_eq!(gate.connect().ask(get("/support/a", &key)).status, 200);
    assert_eq!(gate.connect_as(&Person::picker()).ask(get("/admin", "")).status, 200);
    settle(gate, 2);
    alarms(gate).iter().filter(|alarm| rule(alarm) == "newcomer").map(|alarm| rule(alarm).to_owned()).collect()
}

#[test]
fn what_detectors_learned_outlives_a_restart() {
    let app = Upstream::start(answer("ok"));
    let policy = learning(&app);
    let (directory, _, bytes) = learned(&policy);
    assert!(!bytes.windows(5).any(|part| part == b"robot"));
    let gate = Gate::start_in(directory, &policy);
    gate.says("detectors go on with what they learned");
    assert_eq!(alarms_after_two_callers(&gate), ["newcomer"], "one is known, and nothing has to be learned again");
    assert!(!gate.trail().contains("ALARM.STATE_LOST"));
}

#[test]
fn what_detectors_learned_is_told_if_it_is_lost_and_learned_anew() {
    let app = Upstream::start(answer("ok"));
    let policy = watching(&app, &["name: newcomer, when: { first: caller, learn: 1h }, then: [alarm]"]);
    let policy = policy.swap("audit:\n", SPOOL);
    let (directory, below, mut bytes) = learned(&policy);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(directory.path().join(&below), &bytes).expect("written");
    let gate = Gate::start_in(directory, &policy);
    let lost = events(&gate, "ALARM.STATE_LOST", 1).remove(0);
    assert_eq!(lost.0["finding_info"]["analytic"]["uid"], "detectors.state");
    gate.says("it is not whole, or was changed");
    assert!(gate.directory().join(below.with_extension("broken")).exists());
    // The next start has nothing to take up, and nothing to tell.
    gate.terminate();
    let directory = gate.ended();
    // A file of another gate, whole, but of another key.
    let mut foreign = std::fs::read(directory.path().join(&below)).expect("written at the end");
    let content = foreign.len() - 32;
    foreign[0] ^= 1;
    let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &foreign[..content]);
    foreign[content..].copy_from_slice(sum.as_ref());
    std::fs::write(directory.path().join(&below), foreign).expect("written");
    let gate = Gate::start_in(directory, &policy);
    gate.says("it was made under another key");
    events(&gate, "ALARM.STATE_LOST", 2);
    assert!(alarms_after_two_callers(&gate).is_empty(), "all is learned anew");
}
