//! `portcullis sinks`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{ask, home, policy, wait_for_all};
use crate::support::siem::Siem;
use crate::support::{Gate, Upstream, answer, wait_for};

fn sinks(home: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    let output = command.arg("sinks").args(arguments).arg("--policy").arg(home.join("policy.yaml")).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// What `sinks status` says.
pub fn status(home: &Path) -> Value {
    let (_, out, err) = sinks(home, &["status", "--format", "json"]);
    serde_json::from_str(&out).unwrap_or_else(|fault| panic!("{fault}: {out}{err}"))
}

#[test]
fn status_tells_how_far_each_sink_is_with_and_without_a_gate() {
    let (app, siem) = (Upstream::start(answer("hello")), Siem::start());
    let sink = format!("webhook: {{ url: \"{}\", batch: {{ time: 20ms }} }}", siem.url());
    let dead = "webhook: { name: dead, url: \"http://127.0.0.1:9/\" }";
    let gate = Gate::start_in(home(), &policy(&app, &sink).sink(dead));
    ask(&gate, 6);
    wait_for_all(gate.directory(), &siem);
    let told = wait_for("both are told of", || {
        let told = status(gate.directory());
        let (well, ill) = (&told["sinks"][0], &told["sinks"][1]);
        (well["lag_records"] == 0 && ill["state"] == "waiting").then_some(told)
    });
    assert_eq!(told["running"], true);
    let (well, ill) = (&told["sinks"][0], &told["sinks"][1]);
    assert_eq!((&well["name"], &well["kind"]), (&"webhook".into(), &"webhook".into()));
    assert!(well["delivered"].as_u64().unwrap() > 6);
    assert_eq!((&ill["cause"], &ill["delivered"]), (&"connect".into(), &0.into()));
    assert!(ill["lag_records"].as_u64() >= well["delivered"].as_u64());
    let home = gate.kill();
    assert_eq!(status(home.path())["running"], false);
    let (code, out, _) = sinks(home.path(), &["status"]);
    assert_eq!(code, Some(1), "one lacks records");
    assert!(out.starts_with("no gate runs\nwebhook (webhook)  "), "{out}");
}

#[test]
fn replay_is_taken_up_by_the_gate_that_runs_or_by_the_next() {
    let (app, siem) = (Upstream::start(answer("hello")), Siem::start());
    let policy = policy(&app, &format!("webhook: {{ url: \"{}\", batch: {{ time: 20ms }} }}", siem.url()));
    let gate = Gate::start_in(home(), &policy);
    ask(&gate, 6);
    wait_for_all(gate.directory(), &siem);
    let replay = |home: &Path, from: &str| sinks(home, &["replay", "--sink", "webhook", "--from", from]);
    wait_for("the cursor is kept", || (status(gate.directory())["sinks"][0]["lag_records"] == 0).then_some(()));
    let times = |sequence: u64| siem.sequences().iter().filter(|one| **one == sequence).count();
    let (code, out, err) = replay(gate.directory(), "3");
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("the gate that runs has taken it up"), "{out}");
    wait_for("they come again", || (times(3) == 2 && times(5) == 2).then_some(()));
    assert_eq!((times(1), times(2)), (1, 1));
    wait_for("it is told", || siem.lines().iter().any(|line| line.contains("\"LOG.REPLAY\"")).then_some(()));
    for (from, why) in [("100000", "nothing to deliver again"), ("0", "0 is not in"), ("x", "invalid digit")] {
        let (code, _, err) = replay(gate.directory(), from);
        assert!(code == Some(2) && err.contains(why), "{from}: {err}");
    }
    let (code, _, err) = sinks(gate.directory(), &["replay", "--sink", "nobody", "--from", "1"]);
    assert!(code == Some(2) && err.contains("it has: webhook"), "{err}");
    let home = gate.kill();
    let (code, out, err) = replay(home.path(), "2");
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("no gate runs"), "{out}");
    let _gate = Gate::start_in(home, &policy);
    wait_for("the next gate delivers them", || (times(2) == 2).then_some(()));
}
