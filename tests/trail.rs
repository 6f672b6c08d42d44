//! The trail from outside: every event handed over is in the file exactly once and in sequence, whatever the file does.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use parking_lot::Mutex;
use portcullis::audit::sinks::{Refused, Sink};
use portcullis::audit::{Access, Bounds, Event, Trail};
use portcullis::clock::{Clock, UnixMillis};
use portcullis::policy::settings::{AuditSettings, SinkSettings};
use portcullis::redact::Redacted;
use serde_json::Value;

use crate::ocsf::{access, change_event, producer};

const PATIENCE: Duration = Duration::from_secs(10);

/// A sink in memory that fails on demand, after it took `partly` bytes.
#[derive(Clone, Default)]
struct Memory {
    bytes: Arc<Mutex<Vec<u8>>>,
    fails: Arc<AtomicBool>,
    calls: Arc<Mutex<usize>>,
}

impl Sink for Memory {
    fn place(&self) -> &Path {
        Path::new("memory")
    }

    fn write(&mut self, lines: &[u8]) -> Result<(), Refused> {
        *self.calls.lock() += 1;
        let mut bytes = self.bytes.lock();
        if self.fails.load(Ordering::SeqCst) {
            // One line goes through, as on a disk that is nearly full.
            let taken = lines.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let taken = if taken == lines.len() { 0 } else { taken };
            bytes.extend_from_slice(&lines[..taken]);
            return Err(Refused { taken, fault: io::Error::from(io::ErrorKind::StorageFull) });
        }
        bytes.extend_from_slice(lines);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Memory {
    fn records(&self) -> Vec<Value> {
        records(&self.bytes.lock())
    }
}

fn records(bytes: &[u8]) -> Vec<Value> {
    assert!(bytes.is_empty() || bytes.ends_with(b"\n"), "the last line is whole");
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(parsed).collect()
}

fn parsed(line: &[u8]) -> Value {
    serde_json::from_slice(line).unwrap_or_else(|fault| panic!("{fault}: {}", String::from_utf8_lossy(line)))
}

fn codes(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["metadata"]["event_code"].as_str().unwrap()).collect()
}

fn assert_in_sequence(records: &[Value]) {
    for (record, expected) in records.iter().zip(1u64..) {
        assert_eq!(record["metadata"]["sequence"], expected);
    }
}

fn start(sink: Memory, bounds: Bounds) -> Trail {
    Trail::with_sinks(vec![Box::new(sink)], Clock::system(), producer(), bounds).unwrap()
}

fn event(bytes_in: u64) -> Event {
    let mut access = access();
    access.bytes_in = bytes_in;
    Event::Access(Box::new(access))
}

fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn file_trail(path: &Path) -> Trail {
    let settings = AuditSettings::sinks(vec![SinkSettings::File(path.to_owned())]);
    Trail::start(&settings, Clock::system(), producer()).unwrap()
}

#[test]
fn what_the_last_guard_withholds_raises_an_alarm_in_the_trail() {
    let sink = Memory::default();
    let trail = start(sink.clone(), Bounds::default());
    let leaky = Access { client: Some(Redacted::literal("jane@mail.example")), ..access() };
    assert!(trail.record(Event::Access(Box::new(leaky))));
    wait_for("the alarm", || codes(&sink.records()).contains(&"ALARM.LOG_PII"));
    trail.close(PATIENCE);
    let records = sink.records();
    assert_eq!(codes(&records).iter().filter(|code| **code == "ALARM.LOG_PII").count(), 1);
    assert!(!String::from_utf8_lossy(&sink.bytes.lock()).contains("jane"));
}

#[test]
fn every_record_is_written_exactly_once_and_in_sequence() {
    const THREADS: u64 = 8;
    const EACH: u64 = 2_000;
    let sink = Memory::default();
    let trail = start(sink.clone(), Bounds::default());
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let trail = &trail;
            scope.spawn(move || {
                for number in 0..EACH {
                    let slot = trail.reserve().unwrap();
                    if number % 7 == 0 {
                        thread::yield_now();
                    }
                    slot.write(event(thread * EACH + number));
                }
            });
        }
    });
    assert_eq!(trail.close(PATIENCE).lost, 0);
    let records = sink.records();
    assert_in_sequence(&records);
    let (first, last) = (&records[0], &records[records.len() - 1]);
    assert_eq!((first["type_uid"].as_u64(), last["type_uid"].as_u64()), (Some(600_203), Some(600_204)));
    assert_eq!(last["unmapped"]["portcullis"]["records_lost"], 0);
    assert_eq!(last["unmapped"]["portcullis"]["records_written"], THREADS * EACH + 1);
    let mut seen: Vec<u64> =
        records[1..records.len() - 1].iter().map(|record| record["traffic"]["bytes_in"].as_u64().unwrap()).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..THREADS * EACH).collect::<Vec<_>>());
    assert!(*sink.calls.lock() < records.len() / 4, "records are written in batches");
}

#[test]
fn a_record_that_wakes_the_writer_is_written_soon() {
    let sink = Memory::default();
    let trail = start(sink.clone(), Bounds::default());
    for round in 0..30u64 {
        // Long enough for the writer to fall asleep, with some jitter about that moment.
        thread::sleep(Duration::from_micros(2_000 + round * 97));
        let before = Instant::now();
        assert!(trail.record(event(round)));
        wait_for("the record", || sink.records().len() as u64 == round + 2);
        assert!(before.elapsed() < Duration::from_millis(150), "{:?}", before.elapsed());
    }
    trail.close(PATIENCE);
}

#[test]
fn places_are_bounded_and_what_found_none_is_told_of() {
    let sink = Memory::default();
    let trail = start(sink.clone(), Bounds { in_flight: 4, ..Bounds::default() });
    let mut slots: Vec<_> = (0..4).map(|_| trail.reserve().unwrap()).collect();
    assert!(trail.reserve().is_none());
    assert!(!trail.record(event(1)));
    slots.pop().unwrap().release();
    slots.pop().unwrap().write(event(2));
    wait_for("a place", || trail.reserve().map(portcullis::audit::Slot::release).is_some());
    slots.into_iter().for_each(|slot| slot.write(event(3)));
    trail.close(PATIENCE);
    let records = sink.records();
    assert_in_sequence(&records);
    let gaps: u64 = records.iter().filter_map(|record| record["count"].as_u64()).sum();
    assert!(gaps >= 2, "{gaps}");
    let last = &records[records.len() - 1];
    assert_eq!(last["unmapped"]["portcullis"]["records_lost"], gaps);
}

#[test]
fn a_slot_dropped_without_a_record_is_a_lost_record() {
    let sink = Memory::default();
    let trail = start(sink.clone(), Bounds::default());
    drop(trail.reserve());
    assert_eq!(trail.close(PATIENCE).lost, 1);
    assert_eq!(codes(&sink.records()), ["PROC.START", "LOG.GAP", "PROC.STOP"]);
}

#[test]
fn a_visit_that_outlives_the_trail_is_a_lost_record() {
    let sink = Memory::default();
    let trail = start(sink.clone(), Bounds::default());
    let late = trail.reserve().unwrap();
    assert_eq!(trail.close(Duration::from_millis(20)).lost, 1);
    late.write(event(1));
    assert!(trail.reserve().is_none());
    assert!(!trail.healthy());
    assert_eq!(codes(&sink.records()), ["PROC.START", "PROC.STOP"]);
}

#[test]
fn a_sink_that_fails_gets_all_when_it_works_again() {
    let sink = Memory::default();
    let trail = start(sink.clone(), Bounds::default());
    wait_for("the start", || sink.records().len() == 1);
    sink.fails.store(true, Ordering::SeqCst);
    (0..50).for_each(|number| assert!(trail.record(event(number))));
    wait_for("the fault", || !trail.healthy());
    (50..100).for_each(|number| assert!(trail.record(event(number))));
    thread::sleep(Duration::from_millis(30));
    sink.fails.store(false, Ordering::SeqCst);
    wait_for("the recovery", || trail.healthy());
    assert_eq!(trail.close(PATIENCE).lost, 0);
    let records = sink.records();
    assert_in_sequence(&records);
    assert_eq!(records.len(), 102);
}

#[test]
fn what_a_failed_sink_cannot_keep_is_counted_in_a_gap_record() {
    let sink = Memory::default();
    let trail = start(sink.clone(), Bounds { backlog_bytes: 20_000, ..Bounds::default() });
    wait_for("the start", || sink.records().len() == 1);
    sink.fails.store(true, Ordering::SeqCst);
    let before = Clock::system().wall();
    for number in 0..200 {
        assert!(trail.record(event(number)));
        thread::sleep(Duration::from_micros(300));
    }
    wait_for("the fault", || !trail.healthy());
    sink.fails.store(false, Ordering::SeqCst);
    wait_for("the recovery", || trail.healthy());
    assert!(trail.record(event(1_000)));
    let closed = trail.close(PATIENCE);
    let records = sink.records();
    let written = records.iter().filter(|record| record["class_uid"] == 4002).count() as u64;
    let gaps: Vec<_> = records.iter().filter(|record| record["class_uid"] == 1008).collect();
    assert_eq!(gaps.len(), 1);
    assert_eq!((written + closed.lost, gaps[0]["count"].as_u64()), (201, Some(closed.lost)));
    assert!(closed.lost > 0);
    let (first, last) = (gaps[0]["start_time"].as_u64().unwrap(), gaps[0]["end_time"].as_u64().unwrap());
    assert!(before <= UnixMillis(first) && first < last && UnixMillis(last) <= Clock::system().wall());
    // The gap comes before anything new.
    let gap = records.iter().position(|record| record["class_uid"] == 1008).unwrap();
    let new = records.iter().position(|record| record["traffic"]["bytes_in"] == 1_000).unwrap();
    assert!(gap < new);
}

#[test]
fn one_sink_that_fails_keeps_the_other_waiting_for_nothing() {
    let (good, bad) = (Memory::default(), Memory::default());
    bad.fails.store(true, Ordering::SeqCst);
    let sinks: Vec<Box<dyn Sink>> = vec![Box::new(bad.clone()), Box::new(good.clone())];
    let trail = Trail::with_sinks(sinks, Clock::system(), producer(), Bounds::default()).unwrap();
    (0..20).for_each(|number| assert!(trail.record(event(number))));
    wait_for("the good sink", || good.records().len() == 21);
    assert!(!trail.healthy());
    bad.fails.store(false, Ordering::SeqCst);
    assert_eq!(trail.close(PATIENCE).lost, 0);
    assert_eq!(*good.bytes.lock(), *bad.bytes.lock());
}

#[test]
fn a_sink_that_never_works_again_is_given_up_at_the_end() {
    let sink = Memory::default();
    sink.fails.store(true, Ordering::SeqCst);
    let trail = start(sink, Bounds::default());
    assert!(trail.record(event(1)));
    assert_ne!(trail.close(PATIENCE).lost, 0);
}

#[test]
fn audit_off_takes_everything_and_keeps_nothing() {
    let trail = Trail::start(&AuditSettings::Off, Clock::system(), producer()).unwrap();
    assert!(trail.is_off() && trail.healthy());
    drop(trail.reserve());
    assert!(trail.record(event(1)));
    assert_eq!(trail.close(PATIENCE).lost, 0);
}

#[test]
fn a_file_is_made_with_its_directory_and_closed_to_others() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("log/portcullis.jsonl");
    let trail = file_trail(&path);
    assert!(trail.record(change_event()));
    assert_eq!(trail.close(PATIENCE).lost, 0);
    let records = records(&fs::read(&path).unwrap());
    assert_eq!(codes(&records), ["PROC.START", "CONFIG.POLICY", "PROC.STOP"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path) & !0o640, 0);
    assert_eq!(mode(path.parent().unwrap()) & !0o750, 0);
}

#[test]
fn a_path_that_cannot_be_opened_is_a_fault_at_start() {
    let home = tempfile::tempdir().unwrap();
    for path in [home.path().to_owned(), PathBuf::from("/dev/null/a/b.jsonl"), PathBuf::from("/dev/null/x")] {
        let settings = AuditSettings::sinks(vec![SinkSettings::File(path.clone())]);
        let fault = Trail::start(&settings, Clock::system(), producer()).err().unwrap().to_string();
        assert!(fault.contains(&path.display().to_string()), "{fault}");
    }
}

#[test]
fn a_rotated_or_removed_file_is_followed() {
    let home = tempfile::tempdir().unwrap();
    let (path, moved) = (home.path().join("a.jsonl"), home.path().join("a.jsonl.1"));
    let trail = file_trail(&path);
    let lines = |path: &Path| fs::read(path).map_or(0, |bytes| records(&bytes).len());
    assert!(trail.record(event(1)));
    wait_for("the first record", || lines(&path) == 2);
    fs::rename(&path, &moved).unwrap();
    assert!(trail.record(event(2)));
    wait_for("the second record", || lines(&path) == 1);
    fs::remove_file(&path).unwrap();
    assert!(trail.record(event(3)));
    wait_for("the third record", || lines(&path) == 1);
    trail.close(PATIENCE);
    assert_eq!((lines(&moved), lines(&path)), (2, 2));
}

#[test]
fn a_line_that_a_crash_left_unfinished_is_ended() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a.jsonl");
    fs::write(&path, "{\"whole\":1}\n{\"torn\":").unwrap();
    file_trail(&path).close(PATIENCE);
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[..2], ["{\"whole\":1}", "{\"torn\":"]);
    assert_eq!(
        codes(&lines[2..].iter().map(|line| parsed(line.as_bytes())).collect::<Vec<_>>()),
        ["PROC.START", "PROC.STOP"]
    );
}

#[test]
fn a_full_disk_turns_the_trail_unhealthy() {
    let trail = file_trail(Path::new("/dev/full"));
    wait_for("the fault", || !trail.healthy());
    assert!(trail.record(event(1)));
    assert_eq!(trail.close(PATIENCE).lost, 3);
}
