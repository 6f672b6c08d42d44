//! The spool under the real gate: no record, no answer, whatever happens to the process and the disk (LOG-1, LOG-3).

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use portcullis::audit::proof::Leaf;
use portcullis::audit::spool::{self, State, WrappingKey};
use portcullis::audit::verify::{Options, Verdict, verify};
use portcullis::audit::{Event, Trail};
use portcullis::clock::{Clock, UnixMillis};
use portcullis::identity::dev;
use portcullis::policy::settings::{AuditSettings, SpoolSettings, TrailSettings};
use serde_json::Value;
use tempfile::TempDir;

use crate::ocsf::{access, change_event, producer};
use crate::support::upstream::{Then, say};
use crate::support::{Client, Gate, Person, Policy, Record, Upstream, answer, wait_for};

const OPEN: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";
const PERSONAL: &str = "GET /orders/1/address HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// An app that answers with the id of the request's record.
fn app() -> Upstream {
    Upstream::start(|request, wire| {
        let id = request.field("x-portcullis-request-id").unwrap_or_default().to_owned();
        say(wire, format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{id}", id.len()));
        Then::Keep
    })
}

/// A directory with the keys of a spool.
fn home() -> TempDir {
    let home = tempfile::tempdir().expect("a directory");
    for (name, text) in [("audit.key", dev::symmetric_key()), ("sign.key", dev::ed25519_key())] {
        let path = home.path().join(name);
        fs::write(&path, text.expect("a key").as_bytes()).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("changed");
    }
    home
}

const SPOOL: &str = "audit:\n  spool: { path: \"{dir}/spool\", key: \"{dir}/audit.key\", max: 200MB }\n  \
                     signing_key: \"{dir}/sign.key\"\n  anchor: \"{dir}/anchor\"\n";

fn policy(app: &Upstream) -> Policy {
    Policy::new(app).swap("audit:\n", SPOOL)
}

fn start(home: TempDir, policy: &Policy) -> Gate {
    Gate::start_in(home, policy)
}

/// A reader that stopped reading: what it lacks is in the spool, and nobody waits for it.
#[test]
fn spool_answers_while_nobody_reads_standard_output() {
    let app = app();
    let gate = Gate::start_unread(home(), &policy(&app).top("    - stdout"));
    let mut client = gate.connect_as(&Person::picker());
    // Two records each, of more than a kilobyte: several times what a pipe holds.
    for number in 0..100 {
        assert_eq!(client.ask(PERSONAL).status, 200, "{number}: {}", gate.log());
    }
    drop(client);
    gate.says("an audit sink cannot be written to");
    gate.terminate();
    let home = gate.ended();
    let answered = records(home.path()).iter().filter(|record| record.code() == "allowed").count();
    assert_eq!(answered, 200);
}

/// All records of a spool from the first on, in order, each held against the chain.
fn records(home: &Path) -> Vec<Record> {
    let records = records_from(home);
    let sequences: Vec<_> = records.iter().map(|record| record.0["metadata"]["sequence"].as_u64()).collect();
    assert_eq!(sequences, (1..=records.len() as u64).map(Some).collect::<Vec<_>>());
    records
}

/// The same from the first that is left.
fn records_from(home: &Path) -> Vec<Record> {
    let key = WrappingKey::load(&home.join("audit.key")).expect("a key");
    let mut records = Vec::new();
    for directory in spool::chains(&home.join("spool")).expect("chains") {
        let mut prev = Leaf::NONE;
        for segment in spool::segments(&directory).expect("segments") {
            if segment.state == State::Gone {
                prev = segment.summary.expect("a footer").after.last();
                continue;
            }
            assert_eq!(segment.header.before.last(), prev, "{}", segment.name);
            let scanned = segment.records(&key, |sequence, record| {
                let value: Value = serde_json::from_slice(record).expect("JSON");
                assert_eq!(value["metadata"]["sequence"], sequence);
                assert_eq!(value["unmapped"]["portcullis"]["prev"], prev.to_string());
                prev = Leaf::of(record);
                records.push(Record(value));
            });
            assert_eq!(scanned.expect("read").skipped, 0);
        }
    }
    records
}

/// `decided`, `ended`, or nothing; an end that nobody saw is one too.
fn stage(record: &Record) -> &str {
    if record.event() == "HTTP.ABORTED" {
        return "ended";
    }
    record.0["unmapped"]["portcullis"]["stage"].as_str().unwrap_or_default()
}

fn correlation(record: &Record) -> String {
    record.0["metadata"]["correlation_uid"].as_str().unwrap_or_default().to_owned()
}

/// Ids of requests that have a record of this stage.
fn ids(records: &[Record], wanted: &str) -> HashSet<String> {
    records.iter().filter(|record| stage(record) == wanted).map(correlation).collect()
}

fn codes(records: &[Record]) -> Vec<&str> {
    records.iter().map(Record::event).collect()
}

#[test]
fn spool_holds_a_decision_before_its_answer_and_the_end_after_it() {
    let app = app();
    let gate = start(home(), &policy(&app));
    let mut client = gate.connect_as(&Person::picker());
    let id = client.ask(PERSONAL).text();
    // What the client has was durable before: no waiting here.
    let so_far = records(gate.directory());
    assert_eq!(codes(&so_far)[..2], ["PROC.START", "LOG.GAP"]);
    let decision = so_far.iter().find(|record| stage(record) == "decided").expect("a decision");
    assert_eq!((decision.event(), decision.id(), decision.status()), ("HTTP.ALLOW", id.as_str(), 0));
    assert!(decision.0.get("traffic").is_none() && decision.0.get("duration").is_none());
    assert_eq!(client.ask(OPEN).status, 200);
    let home = gate.directory().to_owned();
    wait_for("the end's record", || (!ids(&records(&home), "ended").is_empty()).then_some(()));
    let stopped = gate.stop();
    assert!(stopped.status.success(), "{}", stopped.log);
    let sunk = &stopped.records;
    let end = sunk.iter().find(|record| stage(record) == "ended").expect("an end");
    assert_eq!((end.event(), correlation(end), end.status()), ("HTTP.END", id.clone(), 200));
    assert_eq!((end.bytes().1, end.id() == id), (36, false));
    // A route that is not about persons has one record, as ever.
    assert_eq!(sunk.iter().filter(|record| record.route() == "open").count(), 1);
    assert!(codes(sunk).ends_with(&["PROC.STOP", "LOG.CHECKPOINT"]));
}

#[test]
fn spool_stops_in_order_with_checkpoints_in_the_trail_beside_it_and_in_the_anchor() {
    let app = app();
    let gate = start(home(), &policy(&app));
    assert_eq!(gate.connect_as(&Person::picker()).ask(PERSONAL).status, 200);
    gate.terminate();
    let mut gate = gate;
    let stopped = gate.wait_until_stopped();
    let home = gate.directory();
    let all = records(home);
    // Sinks have what the spool has.
    let lines = |records: &[Record]| records.iter().map(|record| record.0.to_string()).collect::<Vec<_>>();
    assert_eq!(lines(&all), lines(&stopped.records));
    let notes: Vec<_> = all.iter().filter(|record| record.event() == "LOG.CHECKPOINT").collect();
    assert!(notes.len() >= 2);
    let directory = &spool::chains(&home.join("spool")).expect("chains")[0];
    let segments = spool::segments(directory).expect("segments");
    let [segment] = &segments[..] else { panic!("one segment") };
    assert_eq!(segment.state, State::Sealed);
    let note = segment.note.as_deref().expect("a note");
    assert_eq!(note.lines().nth(1), Some(all.len().to_string().as_str()), "the last note covers all: {note}");
    let leaves = segment.leaves().expect("read").expect("leaves");
    assert_eq!(leaves.len(), all.len());
    let anchored = fs::read_dir(home.join("anchor")).expect("an anchor").count();
    assert_eq!(anchored, notes.len() + 1, "each checkpoint, and the one that no record could follow");
}

#[test]
fn spool_goes_on_after_a_stop_and_a_changed_clock_changes_nothing() {
    let app = app();
    let policy = policy(&app);
    let mut place = home();
    for run in 1..=3 {
        let gate = start(place, &policy);
        assert_eq!(gate.connect_as(&Person::picker()).ask(PERSONAL).status, 200);
        gate.terminate();
        let mut gate = gate;
        gate.wait_until_stopped();
        let all = records(gate.directory());
        assert_eq!(codes(&all).iter().filter(|code| **code == "PROC.START").count(), run);
        assert_eq!(codes(&all).iter().filter(|code| **code == "LOG.GAP").count(), 1, "only the first is without past");
        let start = all.iter().rfind(|record| record.event() == "PROC.START").expect("a start");
        let before = start.0["metadata"]["sequence"].as_u64().expect("a number") - 1;
        let extra = &start.0["unmapped"]["portcullis"];
        assert_eq!((extra["recovered_size"].as_u64(), extra["clean"].as_bool()), (Some(before), Some(true)));
        place = gate.kill();
    }
}

/// Asks for personal data over and over; keeps the ids of what was answered.
fn ask_until_it_dies(gate: &Gate, answered: &Mutex<Vec<String>>, over: &AtomicBool) {
    let address = gate.address();
    while !over.load(Ordering::SeqCst) {
        let client = std::panic::catch_unwind(|| Client::connect(address, Some(&Person::picker())));
        let Ok(mut client) = client else { return };
        while !over.load(Ordering::SeqCst) && client.try_send(PERSONAL.as_bytes()) {
            match client.answer() {
                Some(answer) if answer.status == 200 && answer.text().len() == 36 => {
                    answered.lock().expect("ids").push(answer.text());
                }
                _ => return,
            }
        }
    }
}

#[test]
fn spool_has_a_record_of_every_answer_however_often_the_gate_is_killed() {
    let app = app();
    let policy = policy(&app);
    let mut place = home();
    let answered = Mutex::new(Vec::new());
    for round in 0..6 {
        let gate = start(place, &policy);
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| ask_until_it_dies(&gate, &answered, &over));
            }
            let before = answered.lock().expect("ids").len();
            wait_for("answers", || (answered.lock().expect("ids").len() > before + 50 * (round + 1)).then_some(()));
            kill(gate.id());
            over.store(true, Ordering::SeqCst);
        });
        place = gate.kill();
    }
    let gate = start(place, &policy);
    let all = records(gate.directory());
    let decided = ids(&all, "decided");
    let answered = answered.into_inner().expect("ids");
    assert!(answered.len() > 1000);
    let missing: Vec<_> = answered.iter().filter(|id| !decided.contains(*id)).collect();
    assert!(missing.is_empty(), "{} of {} answers have no record", missing.len(), answered.len());
    // Each decision came to an end, or is said not to have.
    assert_eq!(decided, ids(&all, "ended"));
    let aborted = codes(&all).iter().filter(|code| **code == "HTTP.ABORTED").count();
    let unclean = all.iter().filter(|record| record.0["unmapped"]["portcullis"]["clean"] == false).count();
    assert_eq!(unclean, 6, "the starts after a kill");
    assert!(aborted > 0, "{aborted}");
}

fn kill(id: u32) {
    let id = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw).expect("a process id");
    rustix::process::kill_process(id, rustix::process::Signal::KILL).expect("killed");
}

#[test]
fn spool_is_not_shared_by_two_gates_and_not_opened_with_another_key() {
    let app = Upstream::start(answer("hello"));
    let place = home();
    let shared = place.path().to_owned();
    let gate = start(place, &policy(&app));
    let same = Policy::new(&app).swap("audit:\n", &SPOOL.replace("{dir}", &shared.display().to_string()));
    let (status, said) = Gate::refuses_to_start(&same);
    assert!(!status.success() && said.contains("another gate writes there"), "{said}");
    assert_eq!(gate.connect_as(&Person::picker()).ask(PERSONAL).status, 200);
    let place = gate.kill();
    let key = place.path().join("audit.key");
    let old = fs::read(&key).expect("a key");
    fs::write(&key, "5".repeat(64)).expect("written");
    let (status, said) = Gate::refuses_to_start(&same);
    assert!(!status.success() && said.contains("it is sealed with the key"), "{said}");
    fs::write(&key, old).expect("written");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("changed");
    let (status, said) = Gate::refuses_to_start(&same);
    assert!(!status.success() && said.contains("is open to every user"), "{said}");
}

/// A small volume of its own; `None` where this process may not mount.
struct Volume(PathBuf);

impl Volume {
    fn mount(at: &Path, size: &str) -> Option<Self> {
        fs::create_dir(at).expect("a directory");
        let done = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size},mode=0700"), "tmpfs"])
            .arg(at)
            .output();
        match done {
            Ok(output) if output.status.success() => Some(Self(at.to_owned())),
            _ => {
                eprintln!("LEFT OUT: mounting a volume needs root; the test of a full disk did not run");
                assert!(
                    std::env::var_os("PORTCULLIS_REQUIRE_SERVICES").is_none() || !rustix::process::geteuid().is_root(),
                    "root cannot mount"
                );
                None
            }
        }
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn spool_on_a_full_disk_closes_routes_of_personal_data_and_tells_what_it_lacks() {
    let app = app();
    let place = home();
    let Some(volume) = Volume::mount(&place.path().join("spool"), "8m") else { return };
    let gate = start(place, &policy(&app));
    let mut client = gate.connect_as(&Person::picker());
    assert_eq!(client.ask(PERSONAL).status, 200);
    // Somebody else fills the volume to its last byte, and again what the ballast gave back.
    let fill = volume.0.join("fill");
    let status = |client: &mut Client, wanted: u16| {
        wait_for("a status", || {
            let _ = std::process::Command::new("dd")
                .args(["if=/dev/zero", "bs=4096", "oflag=append", "conv=notrunc", &format!("of={}", fill.display())])
                .output();
            (client.ask(PERSONAL).status == wanted).then_some(())
        });
    };
    status(&mut client, 503);
    for _ in 0..20 {
        assert_eq!(client.ask(OPEN).status, 200, "other routes go on");
    }
    fs::remove_file(&fill).expect("removed");
    wait_for("the spool works again", || (client.ask(PERSONAL).status == 200).then_some(()));
    let home = gate.directory().to_owned();
    wait_for("all records", || {
        let all = records(&home);
        (ids(&all, "decided") == ids(&all, "ended")).then_some(())
    });
    gate.says("the audit spool's volume is full");
    drop(gate);
    drop(volume);
}

#[test]
fn spool_that_fails_closes_everything_where_the_policy_says_so() {
    let app = app();
    let place = home();
    let Some(volume) = Volume::mount(&place.path().join("spool"), "4m") else { return };
    let gate = start(place, &Policy::new(&app).swap("audit:\n", &format!("{SPOOL}  on_failure: deny\n")));
    let mut client = gate.connect();
    assert_eq!(client.ask(OPEN).status, 200);
    fs::write(volume.0.join("fill"), vec![0; 4 << 20]).expect_err("full");
    wait_for("all closed", || {
        let _ = fs::write(volume.0.join("more"), vec![0; 4 << 20]);
        std::thread::sleep(Duration::from_millis(20));
        (client.ask(OPEN).status == 503).then_some(())
    });
    drop(gate);
}

/// A trail in this process on a clock that the test owns.
fn trail(home: &TempDir, clock: Clock) -> Trail {
    let spool = SpoolSettings {
        path: home.path().join("spool"),
        key: home.path().join("audit.key"),
        retention: Duration::from_secs(90 * 86_400),
        max: Some(64 << 20),
    };
    let signing_key = Some(home.path().join("sign.key"));
    let settings = TrailSettings { spool: Some(spool), signing_key, ..TrailSettings::default() };
    Trail::start(&AuditSettings::On(Box::new(settings)), clock, producer()).expect("a trail")
}

#[test]
fn spool_turns_its_segments_removes_what_is_old_and_heeds_a_hold() {
    let home = home();
    let (clock, hands) = Clock::manual(UnixMillis(1_767_225_600_000));
    let trail = trail(&home, clock);
    let has = |code: &str, count: usize| {
        wait_for(code, || {
            hands.advance(Duration::from_millis(20));
            let all = records_from(home.path());
            (codes(&all).iter().filter(|of| **of == code).count() == count).then_some(all)
        })
    };
    for turn in 1..=2 {
        assert!(trail.record(change_event()));
        hands.advance(Duration::from_secs(3600));
        has("LOG.ROTATE", turn);
    }
    let path = home.path().join("spool");
    spool::hold(&path, "case 12", UnixMillis(0)).expect("held");
    hands.advance(Duration::from_secs(10));
    has("LOG.HOLD", 1);
    hands.advance(Duration::from_secs(91 * 86_400));
    has("LOG.ROTATE", 3);
    let all = has("LOG.PURGE", 0);
    let before = all.len();
    assert!(spool::release(&path).expect("released"));
    hands.advance(Duration::from_secs(3600));
    wait_for("what is old to be removed", || {
        hands.advance(Duration::from_millis(20));
        let all = spool::segments(&spool::chains(&path).expect("chains")[0]).expect("segments");
        (all.iter().filter(|segment| segment.state == State::Gone).count() == 2).then_some(())
    });
    assert_eq!(trail.close(Duration::from_secs(10)).lost, 0);
    // What is left begins where what is gone ended, and tells of it.
    let directory = &spool::chains(&path).expect("chains")[0];
    let segments = spool::segments(directory).expect("segments");
    for pair in segments.windows(2) {
        assert_eq!(pair[0].summary.as_ref().expect("a footer").after, pair[1].header.before);
        assert!(pair[0].note.is_some());
    }
    let left = records_from(home.path());
    assert_eq!(codes(&left).iter().filter(|code| **code == "LOG.PURGE").count(), 2);
    assert!(codes(&left).contains(&"LOG.RELEASE"));
    assert!(left[0].0["metadata"]["sequence"].as_u64() > Some(1) && left.len() < before + 40);
    assert!(codes(&left).contains(&"LOG.CHECKPOINT"), "a chain that lives says so");
}

#[test]
fn spool_keeps_every_record_of_a_queue_that_fills_at_once() {
    const RECORDS: usize = 65_000;
    let home = home();
    let (clock, _hands) = Clock::manual(UnixMillis(1_767_225_600_000));
    let trail = trail(&home, clock);
    // 2 KB each: four times what the writer keeps while the disk fails.
    for _ in 0..RECORDS {
        assert!(trail.record(Event::Access(Box::new(access()))));
    }
    assert_eq!(trail.close(Duration::from_secs(60)).lost, 0);
    let key = WrappingKey::load(&home.path().join("audit.key")).expect("a key");
    let report = verify(&[home.path().join("spool")], Options::default(), Some(&key)).expect("read");
    assert_eq!(report.verdict(), Verdict::Whole);
    let (mut requests, mut gaps) = (0, 0);
    for segment in spool::segments(&spool::chains(&home.path().join("spool")).expect("chains")[0]).expect("segments") {
        let scanned = segment.records(&key, |_, record| {
            requests += usize::from(memchr::memmem::find(record, b"\"HTTP.").is_some());
            gaps += usize::from(memchr::memmem::find(record, b"\"LOG.GAP\"").is_some());
        });
        assert_eq!(scanned.expect("read").skipped, 0);
    }
    // The one gap is what every new trail begins with: what was before is not known.
    assert_eq!((requests, gaps), (RECORDS, 1));
}

#[test]
fn spool_makes_an_order_of_its_own_when_the_clock_is_set_back() {
    let home = home();
    let (clock, hands) = Clock::manual(UnixMillis(1_767_225_600_000));
    let first = trail(&home, clock.clone());
    assert!(first.record(change_event()));
    hands.set_wall(UnixMillis(1_000));
    assert!(first.record(change_event()));
    assert_eq!(first.close(Duration::from_secs(10)).lost, 0);
    let second = trail(&home, clock);
    assert!(second.record(change_event()));
    assert_eq!(second.close(Duration::from_secs(10)).lost, 0);
    let all = records(home.path());
    assert_eq!(codes(&all).iter().filter(|code| **code == "CONFIG.POLICY").count(), 3);
    assert_eq!(spool::segments(&spool::chains(&home.path().join("spool")).expect("chains")[0]).expect("two").len(), 2);
}
