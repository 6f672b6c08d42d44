//! What is known of callers goes on at the new gate: sanctions, alarms with their incidents, what detectors learned; and
//! nothing that the old one does while it drains takes any of it back (ID-6, INC-3, LOG-6).

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{Stray, beside, status};
use crate::detectors::{alarms, get, rule, watching};
use crate::support::credentials::credentials;
use crate::support::gate::records_of;
use crate::support::upstream::say;
use crate::support::{Client, Gate, Latch, Person, Policy, Then, Upstream, answer, assert_refused, token, wait_for};
use crate::watch::canary::{ORDER, planted};
use crate::watch::events;

const LIFE: Duration = Duration::from_secs(3600);
const LOCKOUT: &str = "lockout: { after: 3 failures/10m, for: 15m }";

/// What the gate needs of its directory to be upgraded.
fn upgradable(policy: Policy) -> Policy {
    let spool = "audit:\n  spool: { path: \"{dir}/spool\", key: \"{dir}/audit.key\" }\n";
    policy.swap("audit:\n", spool).gate("handover: \"{dir}/handover.sock\"")
}

fn with_key(home: tempfile::TempDir) -> tempfile::TempDir {
    let path = home.path().join("audit.key");
    std::fs::write(&path, portcullis::identity::dev::symmetric_key().expect("a key").as_bytes()).expect("written");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
    home
}

/// Puts another process in the gate's place.
fn upgrade(gate: &Gate) -> Stray {
    let log = std::fs::File::create(gate.directory().join("new.log")).expect("a log");
    let mut command = beside(gate, &["upgrade", "--policy", "policy.yaml", "--log-format", "json"]);
    let done = command.stdin(Stdio::null()).stderr(log).output().expect("the program runs");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let log = || std::fs::read_to_string(gate.directory().join("new.log")).expect("a log");
    assert!(done.status.success(), "{said}{}", log());
    Stray(said.split_whitespace().nth(1).and_then(|id| id.parse().ok()).expect("a process"))
}

fn beside_segments(directory: &Path, name: &str) -> PathBuf {
    let chains = std::fs::read_dir(directory.join("spool")).expect("chains").flatten();
    let found = chains.map(|chain| chain.path().join(name)).find(|path| path.exists());
    found.unwrap_or_else(|| panic!("no {name}"))
}

fn forged() -> String {
    let sound = token("alice@seller.example", &[], true);
    let (signed, signature) = sound.rsplit_once('.').expect("three parts");
    let other = if signature.as_bytes()[20] == b'A' { "B" } else { "A" };
    format!("Authorization: Bearer {signed}.{}{other}{}\r\n", &signature[..20], &signature[21..])
}

fn robot() -> String {
    format!("X-Api-Key: {}\r\n", credentials().robot.text)
}

/// The words of an alarm's line that an incident is known by: its id, and until when it must be reported.
fn incident(text: &str) -> Vec<String> {
    let line = text.lines().find(|line| line.starts_with("alarm digging")).unwrap_or_else(|| panic!("none in {text}"));
    let words: Vec<&str> = line.split(' ').collect();
    vec![words[2].to_owned(), words[5].to_owned(), words[13].to_owned()]
}

/// None of it is older than a moment: what the old gate had not written yet is written as it is handed over.
#[test]
fn what_is_known_of_callers_goes_on_at_the_new_gate() {
    let app = Upstream::start(answer("fine"));
    let rules = [
        "name: digging, when: { count: refusals, routes: [support], over: 1/10m }, then: [alarm], incident: 24h",
        "name: newcomer, when: { first: caller, learn: 2s }, then: [alarm]",
    ];
    let policy = upgradable(watching(&app, &rules).top(LOCKOUT));
    let mut gate = Gate::start_in(with_key(tempfile::tempdir().expect("a directory")), &policy);
    assert_eq!(gate.connect().ask(get("/support/a", &robot())).status, 200);
    let since = Instant::now();
    let mut packer = gate.connect_as(&Person::named("spiffe://seller/packer", LIFE));
    for _ in 0..2 {
        packer.ask(get("/support/a", ""));
    }
    wait_for("an alarm", || (alarms(&gate).len() == 1).then_some(()));
    wait_for("the time of learning is over", || (since.elapsed() > Duration::from_secs(2)).then_some(()));
    for _ in 0..3 {
        assert_eq!(gate.connect().ask(get("/open", &forged())).status, 401);
    }
    let new = upgrade(&gate);
    wait_for("the old gate ends", || status(gate.id(), "State").starts_with('Z').then_some(()));
    let refused = Client::connect(gate.address(), None).ask(get("/open", ""));
    assert_eq!(refused.status, 423);
    let wait: u64 = refused.field("retry-after").expect("a time").parse().expect("seconds");
    assert!((600..=901).contains(&wait), "{wait}");
    let before = incident(&std::fs::read_to_string(beside_segments(gate.directory(), "alarms.state")).expect("a file"));
    assert!(before[2].parse::<u64>().is_ok(), "it is due: {before:?}");
    // One caller is known, and nothing has to be learned again before the next one is told of.
    assert_eq!(Client::connect(gate.address(), None).ask(get("/support/a", &robot())).status, 200);
    assert_eq!(Client::connect(gate.address(), Some(&Person::picker())).ask(get("/admin", "")).status, 200);
    wait_for("the newcomer is told of", || alarms(&gate).iter().any(|alarm| rule(alarm) == "newcomer").then_some(()));
    new.signal(Signal::TERM);
    new.wait();
    assert!(gate.wait_until_stopped().status.success());
    let after = incident(&std::fs::read_to_string(beside_segments(gate.directory(), "alarms.state")).expect("a file"));
    assert_eq!(before, after, "the same alarm, open since then");
    let told: Vec<String> = alarms(&gate).iter().map(|alarm| rule(alarm).to_owned()).collect();
    assert_eq!(told, ["digging", "newcomer"], "each once, over both gates");
    let trail = records_of(&gate.trail());
    assert_eq!(trail.iter().filter(|record| record.event() == "ACCOUNT.LOCK").count(), 1);
    assert!(trail.iter().all(|record| record.event() != "ALARM.STATE_LOST"));
}

/// An answer of before the upgrade goes on at the old gate, and its caller is locked for what is in it.
#[test]
fn what_the_old_gate_imposes_while_it_drains_holds_at_the_new_one_and_takes_nothing_back() {
    let latch = Latch::new();
    let app = {
        let latch = latch.clone();
        Upstream::start(move |request, wire| {
            if request.target() == "/support/slow" {
                say(wire, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 24\r\n\r\nhello");
                latch.wait();
                say(wire, ORDER);
            } else {
                say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
            }
            Then::Keep
        })
    };
    let rule = "alarms: [{ name: planted, when: { canary: \"{dir}/canaries.yaml\" }, then: [alarm, lock] }]";
    let policy = upgradable(Policy::new(&app).top(LOCKOUT).top(rule));
    let mut gate = Gate::start_in(with_key(planted()), &policy);
    let mut slow = gate.connect();
    slow.send(get("/support/slow", &robot()));
    app.requests_when(1);
    let new = upgrade(&gate);
    // From here on connections come to the new one alone.
    gate.says("\"message\":\"draining\"");
    // The new gate knows of something that the old one does not.
    for _ in 0..3 {
        assert_eq!(Client::connect(gate.address(), None).ask(get("/open", &forged())).status, 401);
    }
    let state = beside_segments(gate.directory(), "sanctions.state");
    let kept = || std::fs::read_to_string(&state).expect("a file");
    wait_for("the new gate writes", || kept().contains("\nsanction address").then_some(()));
    latch.open();
    events(&gate, "ALARM.CANARY", 1);
    drop(slow);
    gate.says("sanctions of the old gate hold on");
    let refused = Client::connect(gate.address(), None).ask(get("/support/x", &robot()));
    assert_refused(&gate, &refused, 423, "caller_locked");
    wait_for("the old gate ends", || status(gate.id(), "State").starts_with('Z').then_some(()));
    wait_for("both stand in the file", || {
        let text = kept();
        (text.contains("\nsanction address") && text.contains("\nsanction caller")).then_some(())
    });
    // Each was imposed once, by whoever saw it.
    events(&gate, "ACCOUNT.LOCK", 2);
    let late = std::fs::read_dir(state.parent().expect("a directory")).expect("listed").flatten();
    assert!(late.into_iter().all(|file| !file.file_name().to_string_lossy().ends_with(".late")), "taken up once");
    new.signal(Signal::TERM);
    new.wait();
    assert!(gate.wait_until_stopped().status.success());
}
