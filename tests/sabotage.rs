//! A trail that somebody laid hands on: each deed is found, named and located. And what a SIEM does to an export is no
//! deed at all.

mod spool;

use std::fs;
use std::path::{Path, PathBuf};

use portcullis::audit::ocsf::{Gap, Own, Recovered, Scribe, Tally};
use portcullis::audit::proof::{CheckpointSigner, Origin, Roster};
use portcullis::audit::verify::{Finding, Kind, Options, Report, Verdict, verify};
use portcullis::audit::{Event, Producer, RequestId};
use portcullis::clock::UnixMillis;
use portcullis::identity::{dev, secret_file};
use serde_json::Value;

use crate::ocsf::{access, producer};

const BEGIN: u64 = 1_767_225_600_000;

/// A gate of which time, key and records are ours.
struct Gate {
    scribe: Scribe,
    signer: CheckpointSigner,
    now: u64,
    lines: Vec<Vec<u8>>,
}

fn key() -> Vec<u8> {
    secret_file::pkcs8_from_pem(dev::ed25519_key().unwrap().as_bytes()).unwrap().to_vec()
}

impl Gate {
    fn new(instance: &str) -> Self {
        Self::with_key(instance, &key())
    }

    fn with_key(instance: &str, key: &[u8]) -> Self {
        let instance = portcullis::redact::Name::configured(instance).unwrap();
        let producer = Producer { instance, epoch: RequestId::new(UnixMillis(BEGIN)), ..producer() };
        let origin = Origin::new(&producer.instance, producer.epoch);
        let signer = CheckpointSigner::from_pkcs8(key, origin).unwrap();
        let mut gate = Self { scribe: Scribe::new(producer), signer, now: BEGIN, lines: Vec::new() };
        gate.own(&Own::Start(Recovered::NEW));
        gate
    }

    fn own(&mut self, own: &Own<'_>) {
        let mut line = Vec::new();
        self.now += 10;
        self.scribe.own(own, UnixMillis(self.now), &mut line);
        self.lines.push(line);
    }

    fn checkpoint(&mut self) -> String {
        let mut line = Vec::new();
        self.now += 10;
        let (note, _) = self.scribe.checkpoint(&self.signer, "a heartbeat", UnixMillis(self.now), &mut line);
        self.lines.push(line);
        note
    }

    fn requests(&mut self, count: usize) {
        for number in 0..count {
            let mut line = Vec::new();
            self.now += 100;
            let mut access = access();
            access.id = RequestId::new(UnixMillis(self.now));
            access.bytes_out = number as u64;
            self.scribe.event(&Event::Access(Box::new(access)), UnixMillis(self.now), &mut line);
            self.lines.push(line);
        }
    }

    fn stop(&mut self) {
        self.own(&Own::Stop(Tally::default()));
        self.checkpoint();
    }

    /// A stopped gate with three checkpoints: 1 start, 20 requests, 22 checkpoint, 20 requests, 43 checkpoint, 44 stop,
    /// 45 checkpoint.
    fn finished(instance: &str) -> Self {
        let mut gate = Self::new(instance);
        gate.requests(20);
        gate.checkpoint();
        gate.requests(20);
        gate.checkpoint();
        gate.stop();
        gate
    }

    fn roster(&self) -> Roster {
        Roster::parse(&format!("{} - -\n", self.signer.public()), None).unwrap()
    }
}

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, lines: &[Vec<u8>]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, lines.concat()).unwrap();
        path
    }
}

fn options(roster: Roster) -> Options {
    Options { roster: Some(roster), ..Options::default() }
}

fn look(paths: &[PathBuf], options: Options) -> Report {
    verify(paths, options, None).unwrap()
}

/// Verifies lines with the gate's own roster.
fn verdict(gate: &Gate, lines: &[Vec<u8>]) -> Report {
    let home = Home::new();
    look(&[home.file("trail.jsonl", lines)], options(gate.roster()))
}

fn one(report: &Report, kind: Kind) -> &Finding {
    let of_kind: Vec<_> = report.findings.list().iter().filter(|finding| finding.kind == kind).collect();
    assert_eq!(of_kind.len(), 1, "{}", report.text());
    of_kind[0]
}

fn only(report: &Report, kind: Kind) -> &Finding {
    assert_eq!(report.findings.list().len(), 1, "{}", report.text());
    one(report, kind)
}

fn assert_whole(report: &Report) {
    assert_eq!(report.verdict(), Verdict::Whole, "{}", report.text());
    assert!(report.findings.list().is_empty());
}

/// `line` with `old` for `new`; the same length is not needed.
fn edited(line: &[u8], old: &str, new: &str) -> Vec<u8> {
    let text = String::from_utf8(line.to_vec()).unwrap();
    assert!(text.contains(old), "{old} is in the record");
    text.replacen(old, new, 1).into_bytes()
}

#[test]
fn what_nobody_touched_is_whole() {
    let gate = Gate::finished("gate-0");
    let report = verdict(&gate, &gate.lines);
    assert_whole(&report);
    let chain = &report.chains[0];
    assert_eq!((chain.totals.records, chain.totals.signed, chain.sequence), (45, 3, (1, 45)));
    assert_eq!((chain.covered, chain.stopped, chain.totals.rewritten), (44, true, 0));
    assert_eq!(chain.root, Some(gate.scribe.chain().root()));
    let home = Home::new();
    let report = look(&[home.file("trail.jsonl", &gate.lines)], Options::default());
    assert_whole(&report);
    assert!(report.text().contains("without --roster"));
}

#[test]
fn an_edited_record_is_named() {
    let gate = Gate::finished("gate-0");
    for at in 0..44 {
        let mut lines = gate.lines.clone();
        lines[at] = edited(&lines[at], "\"severity_id\":1", "\"severity_id\":2");
        let report = verdict(&gate, &lines);
        let finding = only(&report, Kind::Modified);
        assert_eq!(finding.sequence, Some((at as u64 + 1, at as u64 + 1)), "{}", report.text());
        assert_eq!(finding.place.unwrap().line, at as u64 + 1);
        assert_eq!(report.verdict(), Verdict::Broken);
    }
}

#[test]
fn an_edited_link_is_named_by_the_checkpoint() {
    let gate = Gate::finished("gate-0");
    for at in [1, 5, 19, 30] {
        let mut lines = gate.lines.clone();
        let prev = serde_json::from_slice::<Value>(&lines[at]).unwrap()["unmapped"]["portcullis"]["prev"].clone();
        let prev = prev.as_str().unwrap().to_owned();
        let other = format!("{}{}", u8::from(prev.starts_with('0')), &prev[1..]);
        lines[at] = edited(&lines[at], &prev, &other);
        let report = verdict(&gate, &lines);
        assert_eq!(only(&report, Kind::Modified).sequence, Some((at as u64 + 1, at as u64 + 1)), "{}", report.text());
    }
}

#[test]
fn two_edited_records_are_both_named() {
    let gate = Gate::finished("gate-0");
    let mut lines = gate.lines.clone();
    for at in [4, 11, 35] {
        lines[at] = edited(&lines[at], "\"duration\":12", "\"duration\":13");
    }
    let report = verdict(&gate, &lines);
    let named: Vec<_> = report.findings.list().iter().map(|finding| finding.sequence.unwrap().0).collect();
    assert_eq!(named, [5, 12, 36]);
}

/// Renders the chain anew from `at` on, as somebody would who has the code and not the key.
fn rechained(gate: &Gate, at: usize) -> Vec<Vec<u8>> {
    let mut lines = gate.lines[..at].to_vec();
    lines.push(edited(&gate.lines[at], "\"duration\":12", "\"duration\":99"));
    for line in &gate.lines[at + 1..] {
        let before = lines.last().unwrap();
        let leaf = portcullis::audit::proof::Leaf::of(&before[..before.len() - 1]).to_string();
        let prev = serde_json::from_slice::<Value>(line).unwrap()["unmapped"]["portcullis"]["prev"].clone();
        lines.push(edited(line, prev.as_str().unwrap(), &leaf));
    }
    lines
}

#[test]
fn a_chain_that_was_made_anew_fails_at_the_next_checkpoint() {
    let gate = Gate::finished("gate-0");
    let report = verdict(&gate, &rechained(&gate, 25));
    assert_eq!(report.verdict(), Verdict::Broken);
    let first = &report.findings.list()[0];
    assert_eq!((first.kind, first.sequence), (Kind::Modified, Some((43, 43))));
    assert!(first.text.contains("records 22 to 42"), "{}", first.text);
}

#[test]
fn a_deleted_record_is_named() {
    let gate = Gate::finished("gate-0");
    for at in 1..44 {
        let mut lines = gate.lines.clone();
        lines.remove(at);
        let report = verdict(&gate, &lines);
        let finding = only(&report, Kind::Missing);
        assert_eq!(finding.sequence, Some((at as u64 + 1, at as u64 + 1)), "{}", report.text());
        assert_eq!(finding.place.unwrap().line, at as u64 + 1);
    }
    let mut lines = gate.lines.clone();
    lines.drain(5..35);
    let report = verdict(&gate, &lines);
    assert_eq!(only(&report, Kind::Missing).sequence, Some((6, 35)));
    assert_eq!(report.chains[0].totals.signed, 2, "what comes behind is verified from the next checkpoint on");
}

#[test]
fn an_edit_behind_a_hole_is_still_named() {
    let gate = Gate::finished("gate-0");
    let mut lines = gate.lines.clone();
    lines[30] = edited(&lines[30], "\"duration\":12", "\"duration\":13");
    lines.drain(5..15);
    let report = verdict(&gate, &lines);
    assert_eq!(one(&report, Kind::Missing).sequence, Some((6, 15)));
    assert_eq!(one(&report, Kind::Modified).sequence, Some((31, 31)));
}

#[test]
fn exchanged_and_moved_records_are_named() {
    let gate = Gate::finished("gate-0");
    let mut lines = gate.lines.clone();
    lines.swap(6, 7);
    let finding_of = |lines: &[Vec<u8>]| verdict(&gate, lines);
    let report = finding_of(&lines);
    let finding = only(&report, Kind::Reordered);
    assert_eq!((finding.sequence, finding.place.unwrap().line), (Some((7, 7)), 8));
    let mut lines = gate.lines.clone();
    lines.swap(0, 2);
    let report = finding_of(&lines);
    let named: Vec<_> = report.findings.list().iter().map(|finding| (finding.kind, finding.sequence)).collect();
    assert_eq!(named, [(Kind::Reordered, Some((2, 2))), (Kind::Reordered, Some((1, 1)))]);
    let mut lines = gate.lines.clone();
    let moved = lines.remove(6);
    lines.push(moved);
    let report = finding_of(&lines);
    assert_eq!((one(&report, Kind::Reordered).sequence, report.verdict()), (Some((7, 7)), Verdict::Broken));
    let home = Home::new();
    let any = Options { any_order: true, ..options(gate.roster()) };
    lines.reverse();
    assert_whole(&look(&[home.file("trail.jsonl", &lines)], any));
}

/// What a record says of its number does not decide how much memory is taken.
#[test]
fn a_forged_number_is_missing_what_is_before_it() {
    let gate = Gate::finished("gate-0");
    for number in ["9007199254740991", "9007199254740990", "1000000007"] {
        let mut lines = gate.lines.clone();
        let last = lines.len() - 1;
        lines[last] = edited(&lines[last], &format!("\"sequence\":{}", last + 1), &format!("\"sequence\":{number}"));
        // Again, and a record from before: both are still known for what they are.
        lines.extend([lines[last].clone(), lines[3].clone()]);
        let report = verdict(&gate, &lines);
        let missing = one(&report, Kind::Missing);
        assert_eq!(missing.sequence.map(|(first, _)| first), Some(last as u64 + 1), "{}", report.text());
        assert_ne!(report.verdict(), Verdict::Whole);
    }
    // Beyond what JSON's readers tell apart there is no number.
    let mut lines = gate.lines.clone();
    lines[5] = edited(&lines[5], "\"sequence\":6", "\"sequence\":18446744073709551615");
    assert_eq!(one(&verdict(&gate, &lines), Kind::Unreadable).place.unwrap().line, 6);
}

#[test]
fn a_record_of_another_chain_is_no_record_of_this_one() {
    let (gate, other) = (Gate::finished("gate-0"), Gate::finished("gate-0"));
    // As it is: it belongs to a chain whose begin is missing.
    let mut lines = gate.lines.clone();
    lines.insert(10, other.lines[30].clone());
    let report = verdict(&gate, &lines);
    let finding = one(&report, Kind::Truncated);
    assert_eq!((finding.sequence, finding.place.unwrap().line), (Some((1, 30)), 11));
    // In the place of ours, under our chain's name.
    let (ours, theirs) = (gate.signer.origin().log_name(), other.signer.origin().log_name());
    let mut lines = gate.lines.clone();
    lines[30] = edited(&other.lines[30], theirs, ours);
    assert_eq!(only(&verdict(&gate, &lines), Kind::Modified).sequence, Some((31, 31)));
    // All that follows.
    let renamed = |line: &Vec<u8>| String::from_utf8(line.clone()).unwrap().replace(theirs, ours).into_bytes();
    let tail = other.lines[30..].iter().map(renamed);
    let lines: Vec<_> = gate.lines[..30].iter().cloned().chain(tail).collect();
    let report = verdict(&gate, &lines);
    assert_eq!(report.verdict(), Verdict::BadSignature, "{}", report.text());
    assert_eq!(report.findings.list()[0].sequence, Some((43, 43)));
}

#[test]
fn what_was_cut_off_is_missed() {
    let mut gate = Gate::new("gate-0");
    gate.requests(30);
    let anchor = gate.checkpoint();
    gate.requests(30);
    let home = Home::new();
    let kept = home.0.path().join("kept");
    fs::create_dir(&kept).unwrap();
    fs::write(kept.join("1.note"), &anchor).unwrap();
    let anchored = || Options { anchors: vec![kept.clone()], ..options(gate.roster()) };
    let whole = look(&[home.file("a.jsonl", &gate.lines)], anchored());
    assert_whole(&whole);
    assert_eq!(whole.chains[0].totals.anchors, 1);
    // Rolled back behind what is kept elsewhere.
    let report = look(&[home.file("a.jsonl", &gate.lines[..20])], anchored());
    assert_eq!(one(&report, Kind::Truncated).sequence, Some((21, 31)));
    assert_eq!(report.verdict(), Verdict::BadSignature, "without a checkpoint, nobody signed what is left");
    // The whole chain.
    let other = Gate::finished("gate-0");
    let report =
        look(&[home.file("a.jsonl", &other.lines)], Options { anchors: vec![kept.clone()], ..Options::default() });
    assert_eq!((only(&report, Kind::Truncated).place.unwrap().file, report.verdict()), (0, Verdict::Truncated));
    // The begin.
    let report = verdict(&gate, &gate.lines[10..]);
    assert_eq!(only(&report, Kind::Truncated).sequence, Some((1, 10)));
    assert_eq!(report.verdict(), Verdict::Truncated);
    let from = Options { from: Some(UnixMillis(BEGIN)), ..options(gate.roster()) };
    assert_whole(&look(&[home.file("a.jsonl", &gate.lines[10..])], from));
    // In the middle of a record.
    let mut torn = gate.lines.clone();
    torn.last_mut().unwrap().truncate(700);
    let report = verdict(&gate, &torn);
    assert_eq!((only(&report, Kind::Truncated).place.unwrap().line, report.verdict()), (62, Verdict::Truncated));
}

#[test]
fn history_that_was_written_anew_with_the_key_fails_at_the_anchor() {
    let key = key();
    let mut gate = Gate::with_key("gate-0", &key);
    gate.requests(30);
    let anchor = gate.checkpoint();
    let home = Home::new();
    let kept = home.file("kept.note", &[anchor.into_bytes()]);
    // The same chain, other records, the same key.
    let producer = Producer {
        instance: portcullis::redact::Name::configured("gate-0").unwrap(),
        epoch: RequestId::parse(gate.signer.origin().log_name().rsplit_once('/').unwrap().1).unwrap(),
        ..producer()
    };
    let signer = CheckpointSigner::from_pkcs8(&key, gate.signer.origin().clone()).unwrap();
    let mut forger = Gate { scribe: Scribe::new(producer), signer, now: BEGIN, lines: Vec::new() };
    forger.requests(31);
    forger.checkpoint();
    forger.requests(5);
    let path = home.file("a.jsonl", &forger.lines);
    assert_whole(&look(std::slice::from_ref(&path), options(gate.roster())));
    let report = look(&[path], Options { anchors: vec![kept], ..options(gate.roster()) });
    let finding = only(&report, Kind::Modified);
    assert_eq!(finding.sequence, Some((1, 31)));
    assert!(finding.text.contains("rewritten"), "{}", finding.text);
}

#[test]
fn records_that_come_again_count_once() {
    let gate = Gate::finished("gate-0");
    let mut lines = gate.lines[..30].to_vec();
    lines.extend_from_slice(&gate.lines[10..]);
    let report = verdict(&gate, &lines);
    assert_whole(&report);
    assert_eq!((report.chains[0].totals.records, report.chains[0].totals.duplicates), (45, 20));
    // Unless the second copy says something else.
    lines[35] = edited(&lines[35], "\"duration\":12", "\"duration\":13");
    let report = verdict(&gate, &lines);
    assert_eq!(
        (only(&report, Kind::Modified).sequence, only(&report, Kind::Modified).place.unwrap().line),
        (Some((16, 16)), 36)
    );
}

#[test]
fn forged_and_foreign_signatures_are_named() {
    let gate = Gate::finished("gate-0");
    // The size in the note, with the signature as it was.
    let mut lines = gate.lines.clone();
    lines[42] = edited(&lines[42], "\\n42\\n", "\\n41\\n");
    let report = verdict(&gate, &lines);
    assert_eq!(one(&report, Kind::Signature).sequence, Some((43, 43)));
    assert_eq!(report.verdict(), Verdict::BadSignature);
    // All of it signed by another key of the same name.
    let other = Gate::finished("gate-0");
    let report = verdict(&gate, &other.lines);
    assert_eq!((report.verdict(), report.findings.list().len()), (Verdict::BadSignature, 3));
    assert_eq!(report.findings.list()[0].sequence, Some((22, 22)));
    assert_eq!(report.chains[0].totals.refused, 3);
    // A gate that the roster does not have.
    let report = verdict(&gate, &[gate.lines.concat(), Gate::finished("gate-9").lines.concat()]);
    assert_eq!(report.verdict(), Verdict::BadSignature);
    // Signatures were taken out.
    let lines: Vec<_> = gate.lines[..21].to_vec();
    let report = verdict(&gate, &lines);
    assert_eq!(only(&report, Kind::Signature).sequence, Some((1, 21)));
}

#[test]
fn a_key_counts_in_its_time_alone() {
    let gate = Gate::finished("gate-0");
    let home = Home::new();
    let path = home.file("a.jsonl", &gate.lines);
    let window = |text: &str| Roster::parse(&format!("{} {text}\n", gate.signer.public()), None).unwrap();
    assert_whole(&look(std::slice::from_ref(&path), options(window("2026-01-01T00:00:00Z 2026-01-02"))));
    for outside in ["2026-01-02 -", "- 2026-01-01T00:00:01Z"] {
        let report = look(std::slice::from_ref(&path), options(window(outside)));
        assert_eq!(report.verdict(), Verdict::BadSignature, "{outside}");
        assert!(report.findings.list()[0].text.contains("outside its time"));
    }
}

#[test]
fn a_new_key_goes_on_with_the_chain_and_the_old_one_stays_good() {
    let mut gate = Gate::new("gate-0");
    gate.requests(10);
    gate.checkpoint();
    let signer = CheckpointSigner::from_pkcs8(&key(), gate.signer.origin().clone()).unwrap();
    let old = std::mem::replace(&mut gate.signer, signer);
    let now = gate.signer.public().clone();
    gate.own(&Own::Key { before: Some(old.public()), after: &now });
    gate.requests(10);
    gate.stop();
    let both = format!("{} - -\n{} - -\n", old.public(), gate.signer.public());
    let home = Home::new();
    let path = home.file("a.jsonl", &gate.lines);
    let report = look(std::slice::from_ref(&path), options(Roster::parse(&both, None).unwrap()));
    assert_whole(&report);
    assert_eq!(report.chains[0].totals.signed, 2);
    let report = look(&[path], options(gate.roster()));
    assert_eq!(only(&report, Kind::Signature).sequence, Some((12, 12)));
}

#[test]
fn a_declared_gap_is_a_gap_and_an_undeclared_one_is_not() {
    let mut gate = Gate::new("gate-0");
    gate.requests(10);
    gate.checkpoint();
    let lost_from = gate.lines.len();
    gate.requests(8);
    let lost_to = gate.lines.len();
    let (first, last) = (UnixMillis(gate.now - 700), UnixMillis(gate.now));
    gate.own(&Own::Gap(Gap { count: 8, first, last, cause: "a sink could not be written to" }));
    gate.requests(5);
    gate.stop();
    let mut lines = gate.lines.clone();
    lines.drain(lost_from..lost_to);
    let report = verdict(&gate, &lines);
    assert_eq!(only(&report, Kind::Gap).sequence, Some((21, 21)));
    assert_eq!(report.verdict(), Verdict::DeclaredGap);
    // One more than was declared.
    lines.remove(lost_from - 1);
    let report = verdict(&gate, &lines);
    assert_eq!(report.verdict(), Verdict::Broken);
    assert_eq!(one(&report, Kind::Missing).sequence, Some((12, 20)));
}

#[test]
fn replicas_that_are_missing_or_silent_are_named() {
    let (mut here, mut late) = (Gate::new("gate-0"), Gate::new("gate-1"));
    here.requests(5);
    here.checkpoint();
    late.requests(5);
    late.checkpoint();
    late.now += 400_000;
    late.requests(1);
    let home = Home::new();
    let path = home.file("a.jsonl", &[here.lines.concat(), late.lines.concat()]);
    let missing = Gate::new("gate-2");
    let roster = [&here, &late, &missing].map(|gate| format!("{} - -\n", gate.signer.public())).concat();
    let report = look(std::slice::from_ref(&path), options(Roster::parse(&roster, None).unwrap()));
    let silent: Vec<_> = report.findings.list().iter().map(|finding| finding.text.as_str()).collect();
    assert_eq!(silent.len(), 3, "{}", report.text());
    assert!(silent[0].starts_with("no record for 400 s"));
    assert!(silent[1].starts_with("the gate gate-0 is silent for"));
    assert!(silent[2].contains("gate-2, and no record"));
    assert_eq!(report.verdict(), Verdict::MissingReplica);
    // A time before the silence.
    let to = Options { to: Some(UnixMillis(BEGIN + 10_000)), ..options(here.roster()) };
    let only_here = home.file("b.jsonl", &here.lines);
    assert_whole(&look(&[only_here], to));
}

#[test]
fn a_restart_in_order_is_no_silence() {
    let mut gate = Gate::new("gate-0");
    gate.requests(5);
    gate.stop();
    gate.now += 86_400_000;
    gate.own(&Own::Start(Recovered { bytes_cut: 0, clean: true }));
    gate.requests(5);
    gate.stop();
    let report = verdict(&gate, &gate.lines);
    assert_whole(&report);
    assert_eq!((report.chains[0].totals.restarts, report.chains[0].totals.unclean), (1, 0));
}

#[test]
fn lines_that_are_no_records_are_named() {
    let gate = Gate::finished("gate-0");
    let mut lines = gate.lines.clone();
    let twice = edited(&lines[20], "\"duration\":12", "\"duration\":12,\"duration\":13");
    lines[20] = twice;
    let report = verdict(&gate, &lines);
    assert_eq!(only(&report, Kind::Modified).place.unwrap().line, 21);
    let mut lines = gate.lines.clone();
    lines.insert(7, b"{\"log\":\"something else\"}\n".to_vec());
    lines.insert(9, vec![b'x'; 400_000]);
    lines.insert(10, b"\n".to_vec());
    let report = verdict(&gate, &lines);
    let places: Vec<_> = report.findings.list().iter().map(|finding| finding.place.unwrap().line).collect();
    assert_eq!((places, report.verdict()), (vec![8, 10], Verdict::Broken), "{}", report.text());
}

#[test]
fn a_file_set_is_read_in_the_order_of_its_records() {
    let gate = Gate::finished("gate-0");
    let home = Home::new();
    let parts = [
        home.file("z.jsonl", &gate.lines[..15]),
        home.file("m.jsonl", &gate.lines[15..16]),
        home.file("a.jsonl", &gate.lines[16..]),
    ];
    assert_whole(&look(&[home.0.path().to_owned()], options(gate.roster())));
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0]] {
        let report = look(&order.map(|at| parts[at].clone()), options(gate.roster()));
        assert_whole(&report);
        assert_eq!(report.chains[0].totals.records, 45);
    }
    let report = look(&[parts[0].clone(), parts[2].clone()], options(gate.roster()));
    assert_eq!(only(&report, Kind::Missing).sequence, Some((16, 16)));
}

/// What other programs make of a record, without changing what it says.
fn rewritten(line: &[u8], how: &str) -> Vec<u8> {
    let value: Value = serde_json::from_slice(line).unwrap();
    match how {
        "reversed" => (reversed(&value).to_string() + "\n").into_bytes(),
        "spaced" => format!("{value:#}").replace('\n', " ").into_bytes().into_iter().chain(*b"\n").collect(),
        "indented" => format!("{value:#}\n").into_bytes(),
        "extended" => {
            let mut value = value;
            value["@timestamp"] = "2026-01-01T00:00:00Z".into();
            value["agent"] = serde_json::json!({"name": "shipper", "sequence": 7, "prev": "x"});
            value["unmapped"]["portcullis"]["leaf"] = "00".into();
            (value.to_string() + "\n").into_bytes()
        }
        "wrapped" => format!("{{\"time\":1.5e3,\"host\":\"h\",\"event\":{value}}}\n").into_bytes(),
        "floats" => {
            let text = value.to_string();
            let time = value["time"].as_u64().unwrap();
            text.replace(&format!("\"time\":{time}"), &format!("\"time\":{time}.0"))
                .into_bytes()
                .into_iter()
                .chain(*b"\n")
                .collect()
        }
        _ => panic!("{how} is not known"),
    }
}

fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().rev().map(|(name, value)| (name.clone(), reversed(value))).collect(),
        Value::Array(items) => items.iter().map(reversed).collect(),
        other => other.clone(),
    }
}

#[test]
fn what_a_siem_wrote_anew_is_whole_and_an_edit_in_it_is_named() {
    let gate = Gate::finished("gate-0");
    for how in ["reversed", "spaced", "indented", "extended", "wrapped", "floats"] {
        let mut lines: Vec<_> = gate.lines.iter().map(|line| rewritten(line, how)).collect();
        let report = verdict(&gate, &lines);
        assert_whole(&report);
        assert_eq!(report.chains[0].totals.rewritten, 45, "{how}");
        let other = edited(&gate.lines[30], "\"duration\":12", "\"duration\":13");
        lines[30] = rewritten(&other, how);
        let report = verdict(&gate, &lines);
        assert_eq!(only(&report, Kind::Modified).sequence, Some((31, 31)), "{how}");
        // Some as they were, some not.
        for (at, line) in lines.iter_mut().enumerate().skip(20) {
            line.clone_from(&gate.lines[at]);
        }
        assert_whole(&verdict(&gate, &lines));
    }
    let array: Vec<Value> = gate.lines.iter().map(|line| serde_json::from_slice(line).unwrap()).collect();
    for text in [format!("{:#}", Value::from(array.clone())), Value::from(array).to_string()] {
        assert_whole(&verdict(&gate, &[text.into_bytes()]));
    }
}

/// Runs `command` with the trail as its standard input.
fn through(command: &mut std::process::Command, input: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let piped = std::process::Stdio::piped;
    let mut child = command.stdin(piped()).stdout(piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    output.stdout
}

#[test]
fn pythons_json_and_jq_leave_it_whole() {
    let gate = Gate::finished("gate-0");
    let dumps = [
        "json.dumps(r)",
        "json.dumps(r, sort_keys=True, ensure_ascii=False)",
        "json.dumps(r, indent=2)",
        "json.dumps(r, indent='\\t', ensure_ascii=False)",
        "json.dumps(dict(reversed(list(r.items()))), separators=(',', ':'))",
    ];
    for dump in dumps {
        let program = format!("import json, sys\nfor line in sys.stdin:\n    r = json.loads(line)\n    print({dump})");
        let mut python = std::process::Command::new("python3");
        if crate::support::has_tool("python3") {
            let output = through(python.args(["-c", &program]), &gate.lines.concat());
            assert_whole(&verdict(&gate, &[output]));
        }
    }
    for filter in [&["."][..], &["-c", "."], &["-S", "."], &["-c", "to_entries | reverse | from_entries"], &["-s", "."]]
    {
        if crate::support::has_tool("jq") {
            let output = through(std::process::Command::new("jq").args(filter), &gate.lines.concat());
            assert_whole(&verdict(&gate, &[output]));
        }
    }
}

#[test]
fn a_name_outside_of_ascii_survives_every_way_of_writing_it() {
    let mut gate = Gate::new("gate-0");
    let mut odd = access();
    odd.query[0].1 = portcullis::redact::Redacted::literal("é \u{1f600} \u{2028} \" \\ / \u{7f} \t");
    let mut line = Vec::new();
    gate.scribe.event(&Event::Access(Box::new(odd)), UnixMillis(gate.now), &mut line);
    gate.lines.push(line);
    gate.stop();
    let plain: Vec<_> = gate
        .lines
        .iter()
        .map(|line| (serde_json::from_slice::<Value>(line).unwrap().to_string() + "\n").into_bytes())
        .collect();
    assert_ne!(plain, gate.lines);
    assert_whole(&verdict(&gate, &plain));
}

/// The top-level members that `verify` keeps are those that the gate writes, and no others.
#[test]
fn the_list_of_members_is_that_of_the_records() {
    use portcullis::audit::verify::canonical::MEMBERS;
    assert!(MEMBERS.is_sorted());
    let seen = crate::ocsf::events::members();
    let listed: std::collections::BTreeSet<_> = MEMBERS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(seen, listed);
}

#[test]
fn a_real_trail_verifies_from_the_command_line() {
    use portcullis::audit::Trail;
    use portcullis::clock::Clock;
    use portcullis::policy::settings::{AuditSettings, RotateSettings, SinkSettings};
    let home = Home::new();
    let path = home.0.path().join("trail.jsonl");
    let rotate = RotateSettings { size: Some(40_000), age: None, keep: None };
    let settings = AuditSettings::sinks(vec![SinkSettings::Rotated(path, rotate)]);
    for _ in 0..2 {
        let trail = Trail::start(
            &settings,
            Clock::system(),
            Producer { epoch: RequestId::new(UnixMillis(BEGIN)), ..producer() },
        )
        .unwrap();
        for _ in 0..50 {
            assert!(trail.record(Event::Access(Box::new(access()))));
            // More than one batch, so that the files are several.
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        trail.close(std::time::Duration::from_secs(10));
    }
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .arg("verify")
            .args(arguments)
            .output()
            .unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let home_name = home.0.path().to_str().unwrap();
    let (code, text) = run(&[home_name]);
    assert_eq!(code, 0, "{text}");
    let mut files: Vec<_> = fs::read_dir(home.0.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 3, "{files:?}");
    // Beside what was recorded, each file that was ended is told of.
    let lines = |path: &PathBuf| fs::read_to_string(path).unwrap().lines().count();
    let all: usize = files.iter().map(lines).sum();
    assert!(all > 104, "{all}");
    assert!(text.contains(&format!("RESULT: WHOLE   {all} records in 2 chains")), "{text}");
    let (code, text) = run(&[home_name, "--format", "json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &report["verdict"]), (0, &"whole".into()));
    assert!(report["chains"][0]["records"].as_u64().unwrap() > 52, "{report}");
    let second = &files[1];
    let text = String::from_utf8(fs::read(second).unwrap()).unwrap();
    fs::write(second, text.replacen("\"bytes_out\":4096", "\"bytes_out\":1", 1)).unwrap();
    let (code, text) = run(&[home_name]);
    assert_eq!(code, 1);
    assert!(text.contains("MODIFIED") && text.contains(&format!("{}:1:", second.display())), "{text}");
    fs::remove_file(second).unwrap();
    let (code, text) = run(&[home_name]);
    assert!(code == 1 && text.contains("MISSING"), "{text}");
    assert_eq!(run(&["/nowhere/at/all"]).0, 2);
    assert_eq!(run(&[Path::new("/proc/self").to_str().unwrap()]).0, 2);
}

#[test]
fn one_record_is_proved_alone_and_no_other_passes_for_it() {
    use portcullis::audit::proof::TlogProof;
    use portcullis::audit::verify::{Disproved, ProveFault, Target, check, prove};
    let gate = Gate::finished("gate-0");
    let home = Home::new();
    let path = home.file("a.jsonl", &gate.lines);
    let find = |target: &Target| prove(std::slice::from_ref(&path), target, Some(&gate.roster()), None);
    for sequence in 1..=44 {
        let proof = find(&Target::Sequence(sequence)).unwrap();
        let text = proof.to_string();
        let read = TlogProof::parse(&text).unwrap();
        assert_eq!(read, proof);
        let checkpoint = check(&read, &gate.roster()).unwrap();
        assert_eq!(checkpoint.size, [21, 42, 44].into_iter().find(|size| *size >= sequence).unwrap());
        assert_eq!(proof.record, gate.lines[usize::try_from(sequence).unwrap() - 1].trim_ascii_end());
        // Another record in its place, another place, another key.
        let other = TlogProof { record: gate.lines[0].trim_ascii_end().to_vec(), ..read.clone() };
        assert_eq!(check(&other, &gate.roster()).is_ok(), sequence == 1);
        let moved = TlogProof { index: sequence, ..read.clone() };
        assert!(matches!(check(&moved, &gate.roster()), Err(Disproved::NotInTree(_))));
        let stranger = Gate::new("gate-0").roster();
        assert!(matches!(check(&read, &stranger), Err(Disproved::Signature(_))));
    }
    assert!(matches!(find(&Target::Sequence(45)), Err(ProveFault::NoCheckpoint)));
    assert!(matches!(find(&Target::Sequence(46)), Err(ProveFault::NotFound)));
    let id = serde_json::from_slice::<Value>(&gate.lines[30]).unwrap()["metadata"]["uid"].clone();
    let id = RequestId::parse(id.as_str().unwrap()).unwrap();
    assert_eq!(find(&Target::Uid(id)).unwrap().index, 30);
    // Without the begin, from the first checkpoint on.
    let late = home.file("b.jsonl", &gate.lines[15..]);
    let find_late = |sequence| prove(std::slice::from_ref(&late), &Target::Sequence(sequence), None, None);
    assert_eq!(find_late(31).unwrap(), find(&Target::Sequence(31)).unwrap());
    assert!(matches!(find_late(18), Err(ProveFault::NoCheckpoint)));
    // A record that was changed has no proof.
    let mut lines = gate.lines.clone();
    lines[30] = edited(&lines[30], "\"duration\":12", "\"duration\":13");
    let changed = home.file("c.jsonl", &lines);
    assert!(matches!(prove(&[changed], &Target::Sequence(31), None, None), Err(ProveFault::NoCheckpoint)));
}

#[test]
fn keys_rosters_and_proofs_from_the_command_line() {
    let home = Home::new();
    let at = |name: &str| home.0.path().join(name).to_str().unwrap().to_owned();
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_portcullis")).args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    for key in ["sign.key", "root.key"] {
        assert_eq!(run(&["keys", "new", "signing", &at(key)]).0, 0);
    }
    let der = secret_file::pkcs8(Path::new(&at("sign.key"))).unwrap();
    let mut gate = Gate::with_key("gate-0", &der);
    gate.requests(10);
    gate.stop();
    let trail = home.file("trail.jsonl", &gate.lines);
    let trail = trail.to_str().unwrap();
    // A line of its own name, and one for gates whose names nobody knows.
    let (_, line, _) =
        run(&["keys", "roster", "line", "--key", &at("sign.key"), "--instance", "gate-0", "--from", "2026-01-01"]);
    assert!(line.starts_with("portcullis/gate-0+") && line.ends_with(" 2026-01-01T00:00:00Z -\n"), "{line}");
    let (_, shared, _) = run(&["keys", "roster", "line", "--key", &at("sign.key"), "--shared"]);
    for (name, text) in [("roster", &line), ("shared", &shared)] {
        fs::write(at(name), text).unwrap();
        let (code, text, _) = run(&["verify", trail, "--roster", &at(name)]);
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("1 signed well, 0 not"), "{text}");
    }
    let (code, _, _) = run(&["verify", trail, "--vkey", line.split(' ').next().unwrap()]);
    assert_eq!(code, 0);
    // A signed roster counts with its root key alone.
    let (code, signed, said) =
        run(&["keys", "roster", "sign", &at("roster"), "--key", &at("root.key"), "--name", "seller.example/audit"]);
    assert_eq!(code, 0, "{said}");
    let root = said.split('`').nth(1).unwrap().split(' ').nth(1).unwrap();
    fs::write(at("signed"), &signed).unwrap();
    let with_root = |roster: &str| run(&["verify", trail, "--roster", roster, "--roster-key", root]);
    assert_eq!(with_root(&at("signed")).0, 0);
    assert_eq!(with_root(&at("roster")).0, 2);
    fs::write(at("signed"), signed.replace("2026-01-01", "2025-01-01")).unwrap();
    let (code, _, said) = with_root(&at("signed"));
    assert!(code == 2 && said.contains("changed"), "{said}");
    // Another key in the roster.
    fs::write(at("other"), line.replace("portcullis/gate-0", "portcullis/gate-1")).unwrap();
    assert_eq!(run(&["verify", trail, "--roster", &at("other")]).0, 2, "the key's id is that of another name");
    // A proof, made and checked.
    let (code, _, said) =
        run(&["verify", trail, "--roster", &at("roster"), "--prove", "5", "--out", &at("5.tlog-proof")]);
    assert_eq!(code, 0, "{said}");
    let vkey = line.split(' ').next().unwrap();
    let (code, record, said) = run(&["verify", "--proof", &at("5.tlog-proof"), "--vkey", vkey]);
    assert_eq!((code, record.as_bytes()), (0, &gate.lines[4][..]), "{said}");
    assert!(said.contains("number 5 of the chain gate-0/"), "{said}");
    let (code, _, _) = run(&["verify", "--proof", &at("5.tlog-proof"), "--vkey", &gate_key()]);
    assert_eq!(code, 4);
    assert_eq!(run(&["verify", "--proof", &at("5.tlog-proof")]).0, 2);
    assert_eq!(run(&["verify", trail, "--prove", "77"]).0, 1);
}

/// The verifier key of a gate that has nothing to do with it.
fn gate_key() -> String {
    Gate::new("gate-0").signer.public().to_string()
}
