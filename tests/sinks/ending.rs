//! A gate that ends, and one that begins with another key, while a sink lags: nothing is lost, and nobody is waited for for
//! ever (LOG-7).

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use portcullis::identity::dev;

use super::{SPOOL, ask, home, in_spool, policy, private, verified, wait_for_all};
use crate::support::siem::{Siem, Then};
use crate::support::{Gate, Policy, Upstream, answer, wait_for};

/// `portcullis audit rotate` from `audit.key` to `next.key`.
fn rotate(home: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    command.args(["audit", "rotate"]).arg(home.join("spool"));
    command.arg("--old").arg(home.join("audit.key")).arg("--new").arg(home.join("next.key"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_spools_key_is_rotated_while_a_slow_sink_lags() {
    let app = Upstream::start(answer("hello"));
    // Some of it comes before, some while, and some after the key is another one.
    let siem = Siem::answering(|_, number| {
        thread::sleep(Duration::from_millis(20));
        if number % 4 == 3 { Then::Refuse(503, "") } else { Then::Take(200) }
    });
    let sink = format!("webhook: {{ url: \"{}\", batch: {{ records: 3, time: 20ms }} }}", siem.url());
    let home = home();
    private(&home.path().join("next.key"), dev::symmetric_key().expect("a key").as_str());
    let gate = Gate::start_in(home, &policy(&app, &sink));
    ask(&gate, 40);
    wait_for("some of it came", || (siem.seen() > 2).then_some(()));
    let said = rotate(gate.directory());
    assert!(!said.starts_with("0 segments rewrapped"), "{said}");
    ask(&gate, 10);
    siem.go_down();
    let before = siem.lines().len();
    let home = gate.kill();
    rotate(home.path());
    let with_next = Policy::new(&app).swap("audit:\n", &SPOOL.replace("audit.key", "next.key")).sink(&sink);
    let gate = Gate::start_in(home, &with_next);
    let siem = siem.come_up();
    ask(&gate, 10);
    wait_for("every request's record comes", || {
        let records = siem.records();
        let mut requests: Vec<_> = records.iter().filter(|of| of["metadata"]["event_code"] == "HTTP.ALLOW").collect();
        requests.sort_by_key(|record| record["metadata"]["sequence"].as_u64());
        requests.dedup_by_key(|record| record["metadata"]["sequence"].as_u64());
        (requests.len() >= 60).then_some(())
    });
    gate.terminate();
    let home = gate.ended();
    assert!(siem.lines().len() > before, "some of it came after the change");
    let came: Vec<u64> = siem.sequences().into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    assert_eq!(came, (1..=came.len() as u64).collect::<Vec<_>>(), "without a gap");
    let (code, said) = verified(&siem.lines(), &[]);
    assert!(matches!(code, Some(0 | 5)), "{said}");
    // The key so far is not needed any more.
    std::fs::copy(home.path().join("next.key"), home.path().join("audit.key")).unwrap();
    assert!(in_spool(home.path()).into_iter().take(came.len()).eq(came));
}

#[test]
fn a_sink_that_hangs_does_not_keep_the_gate_and_has_everything_after_the_next_start() {
    let app = Upstream::start(answer("hello"));
    let siem = Siem::answering(|_, _| Then::Hang);
    let sink = format!("webhook: {{ url: \"{}\", timeout: 15m, batch: {{ time: 20ms }} }}", siem.url());
    let policy = policy(&app, &sink);
    let gate = Gate::start_in(home(), &policy);
    ask(&gate, 6);
    wait_for("it hangs", || (siem.seen() > 0).then_some(()));
    gate.terminate();
    // A dead-line of a quarter of an hour is that of an exchange, and not that of the gate's end.
    gate.says("a sink lacks records; they come after the next start");
    let home = gate.ended();
    assert!(siem.lines().is_empty());
    siem.go_down();
    let siem = siem.come_up_answering(|_, _| Then::Take(200));
    let gate = Gate::start_in(home, &policy);
    wait_for_all(gate.directory(), &siem);
    assert_eq!(gate.stop().status.code(), Some(0));
    let (code, said) = verified(&siem.lines(), &[]);
    assert_eq!(code, Some(0), "{said}");
}
