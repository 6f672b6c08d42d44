//! The same deeds on a spool that a real trail wrote: with its key and without.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use portcullis::audit::proof::{CheckpointSigner, Origin, Roster};
use portcullis::audit::spool::WrappingKey;
use portcullis::audit::verify::{Kind, Options, Report, Target, Verdict, check, prove, verify};
use portcullis::audit::{Event, RequestId, Trail};
use portcullis::clock::{Clock, UnixMillis};
use portcullis::identity::{dev, secret_file};
use portcullis::policy::settings::{AuditSettings, SpoolSettings, TrailSettings};

use super::{assert_whole, one};
use crate::ocsf::{access, producer};

struct Store(tempfile::TempDir);

impl Store {
    /// A spool of so many runs of a gate, one segment each.
    fn new(runs: usize) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let store = Self(tempfile::tempdir().unwrap());
        for (name, key) in [("audit.key", dev::symmetric_key()), ("sign.key", dev::ed25519_key())] {
            let path = store.at(name);
            fs::write(&path, key.unwrap().as_bytes()).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        (0..runs).for_each(|_| store.run());
        store
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self) {
        let retention = Duration::from_secs(400 * 86_400);
        let spool = SpoolSettings { path: self.at("spool"), key: self.at("audit.key"), retention, max: Some(64 << 20) };
        let settings = TrailSettings {
            spool: Some(spool),
            signing_key: Some(self.at("sign.key")),
            anchor: Some(self.at("anchor")),
            ..TrailSettings::default()
        };
        let trail = Trail::start(&AuditSettings::On(Box::new(settings)), Clock::system(), producer()).unwrap();
        for _ in 0..20 {
            assert!(trail.record(Event::Access(Box::new(access()))));
        }
        assert_eq!(trail.close(Duration::from_secs(10)).lost, 0);
    }

    fn key(&self) -> WrappingKey {
        WrappingKey::load(&self.at("audit.key")).unwrap()
    }

    fn roster(&self) -> Roster {
        let der = secret_file::pkcs8(&self.at("sign.key")).unwrap();
        let origin = Origin::new(&producer().instance, RequestId::new(UnixMillis(1)));
        Roster::of_keys([CheckpointSigner::from_pkcs8(&der, origin).unwrap().public().clone()])
    }

    fn options(&self) -> Options {
        Options { roster: Some(self.roster()), ..Options::default() }
    }

    fn look(&self, with_key: bool) -> Report {
        let key = with_key.then(|| self.key());
        verify(&[self.at("spool")], self.options(), key.as_ref()).unwrap()
    }

    fn anchored(&self) -> Report {
        let options = Options { anchors: vec![self.at("anchor")], ..self.options() };
        verify(&[self.at("spool")], options, Some(&self.key())).unwrap()
    }

    /// Files of the chain with this ending, in order.
    fn files(&self, ending: &str) -> Vec<PathBuf> {
        let chain = fs::read_dir(self.at("spool")).unwrap().map(|entry| entry.unwrap().path());
        let chain = chain.filter(|path| path.is_dir()).min().unwrap();
        let files = fs::read_dir(chain).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|found| found == ending)).collect();
        files.sort();
        files
    }
}

fn flip(path: &Path, at_end: usize) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes.len() - at_end;
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn located(report: &Report, file: &Path) -> bool {
    let named = |place| report.findings.show(place).starts_with(file.with_extension("").to_str().unwrap());
    report.findings.list().iter().any(|finding| finding.place.is_some_and(named))
}

#[test]
fn a_spool_that_nobody_touched_is_whole_with_its_key_and_without() {
    let store = Store::new(3);
    let report = store.look(true);
    assert_whole(&report);
    let chain = &report.chains[0];
    assert_eq!((report.chains.len(), chain.totals.restarts, chain.totals.unclean, chain.stopped), (1, 2, 0, true));
    assert!(chain.totals.signed > 3 && chain.totals.records > 60, "{}", report.text());
    assert_eq!(chain.covered, chain.sequence.1, "the checkpoint beside the last segment covers all");
    let sealed = store.look(false);
    assert_whole(&sealed);
    assert_eq!(sealed.chains[0].totals.sealed, chain.totals.records);
    assert_eq!((sealed.chains[0].root, sealed.chains[0].sequence), (chain.root, chain.sequence));
    assert!(sealed.text().contains("without --key"));
    let anchored = store.anchored();
    assert_whole(&anchored);
    assert!(anchored.chains[0].totals.anchors > 3);
    let proof = prove(&[store.at("spool")], &Target::Sequence(7), None, Some(&store.key())).unwrap();
    assert!(check(&proof, &store.roster()).is_ok());
}

#[test]
fn a_frame_that_was_changed_is_missed_and_located() {
    let store = Store::new(3);
    let segment = &store.files("seg")[1];
    // In the first frame: behind the header, which ends with an empty line.
    let mut bytes = fs::read(segment).unwrap();
    let header = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap() + 2;
    bytes[header + 60] ^= 1;
    fs::write(segment, bytes).unwrap();
    let report = store.look(true);
    assert_ne!(report.verdict(), Verdict::Whole, "{}", report.text());
    assert!(located(&report, segment), "{}", report.text());
    assert!(report.findings.list().iter().any(|finding| finding.kind == Kind::Missing), "{}", report.text());
}

#[test]
fn the_end_of_a_segment_that_was_cut_off_is_missed() {
    let store = Store::new(3);
    for (at, kind) in [(1, Kind::Truncated), (2, Kind::Truncated)] {
        let segment = &store.files("seg")[at];
        let bytes = fs::read(segment).unwrap();
        fs::write(segment, &bytes[..bytes.len() - 40]).unwrap();
        let report = store.look(true);
        assert!(report.findings.list().iter().any(|finding| finding.kind == kind), "{}", report.text());
        assert!(located(&report, segment), "{}", report.text());
        fs::write(segment, bytes).unwrap();
    }
    assert_whole(&store.look(true));
}

#[test]
fn a_segment_that_was_taken_away_is_missed() {
    for (gone, kind) in [(0, Kind::Truncated), (1, Kind::Missing)] {
        let store = Store::new(3);
        for ending in ["seg", "lh", "sum", "note"] {
            fs::remove_file(&store.files(ending)[gone]).unwrap();
        }
        for with_key in [true, false] {
            let report = store.look(with_key);
            assert!(one(&report, kind).sequence.unwrap().1 > 20, "{}", report.text());
        }
    }
    // The last one leaves no trace in the spool; a checkpoint kept elsewhere shows it.
    let store = Store::new(3);
    for ending in ["seg", "lh", "sum", "note"] {
        fs::remove_file(&store.files(ending)[2]).unwrap();
    }
    let report = store.anchored();
    assert_eq!(one(&report, Kind::Truncated).sequence.unwrap().0, report.chains[0].sequence.1 + 1);
    assert_eq!(report.verdict(), Verdict::Truncated);
}

#[test]
fn a_segment_of_which_only_the_files_beside_it_are_left_is_missed_also_at_the_end() {
    for (gone, kind) in [(1, Kind::Missing), (2, Kind::Truncated)] {
        let store = Store::new(3);
        let segment = store.files("seg")[gone].clone();
        fs::remove_file(&segment).unwrap();
        for with_key in [true, false] {
            let report = store.look(with_key);
            let found = report.findings.list().iter().any(|finding| {
                finding.kind == kind && finding.chain.is_some() && finding.text.contains("stood beside")
            });
            assert!(found && located(&report, &segment), "{}", report.text());
            assert_ne!(report.verdict(), Verdict::Whole);
        }
    }
    let store = Store::new(3);
    let report = store.look(true);
    assert!(report.text().contains("note: without --anchors"), "{}", report.text());
    assert!(!store.anchored().text().contains("note: without --anchors"));
}

#[test]
fn a_gate_does_not_go_on_before_a_segment_that_was_taken_away() {
    let store = Store::new(3);
    fs::remove_file(store.files("seg").last().unwrap()).unwrap();
    store.run();
    let report = store.look(true);
    assert_eq!(report.chains.len(), 2, "a chain of its own begins: {}", report.text());
    assert!(report.chains.iter().any(|chain| chain.totals.lost > 20), "it says how many are lost: {}", report.text());
    assert!(report.findings.list().iter().any(|finding| finding.kind == Kind::Truncated), "{}", report.text());
}

#[test]
fn a_sealed_segment_without_a_sound_header_is_named_also_at_the_end() {
    let other = Store::new(1);
    for foreign in [false, true] {
        let store = Store::new(2);
        let last = store.files("seg")[1].clone();
        if foreign {
            fs::copy(&other.files("seg")[0], &last).unwrap();
        } else {
            let length = fs::read(&last).unwrap().len();
            flip(&last, length - 3);
        }
        for with_key in [true, false] {
            let report = store.look(with_key);
            assert_eq!(one(&report, Kind::Unreadable).kind, Kind::Unreadable);
            assert!(located(&report, &last), "{}", report.text());
        }
    }
}

#[test]
fn a_segment_shorter_than_its_footer_says_is_named_without_its_key_too() {
    let store = Store::new(2);
    let last = store.files("seg")[1].clone();
    let bytes = fs::read(&last).unwrap();
    fs::write(&last, &bytes[..bytes.len() / 2]).unwrap();
    let report = store.look(false);
    assert!(one(&report, Kind::Truncated).text.contains("its footer says"), "{}", report.text());
    assert_eq!(report.verdict(), Verdict::Truncated);
}

#[test]
fn a_spool_that_was_rolled_back_and_written_on_fails_at_the_anchor() {
    let store = Store::new(1);
    let copy = store.at("copy");
    let done = std::process::Command::new("cp").args(["-a"]).arg(store.at("spool")).arg(&copy).status().unwrap();
    assert!(done.success());
    store.run();
    fs::remove_dir_all(store.at("spool")).unwrap();
    fs::rename(&copy, store.at("spool")).unwrap();
    let before = fs::read_dir(store.at("anchor")).unwrap().count();
    assert_eq!(one(&store.anchored(), Kind::Truncated).kind, Kind::Truncated);
    store.run();
    // The gate itself never writes over what is in the anchor.
    assert!(fs::read_dir(store.at("anchor")).unwrap().count() >= before);
    let report = store.anchored();
    assert_eq!(report.verdict(), Verdict::Broken, "{}", report.text());
    assert!(report.findings.list().iter().any(|finding| finding.text.contains("rewritten")));
    assert_whole(&store.look(true));
}

#[test]
fn leaf_hashes_footers_and_notes_that_were_changed_are_named() {
    for (ending, kinds) in
        [("lh", &[Kind::Modified][..]), ("sum", &[Kind::Modified, Kind::Unreadable]), ("note", &[Kind::Signature])]
    {
        let store = Store::new(3);
        let file = &store.files(ending)[1];
        if ending == "sum" {
            let text = fs::read_to_string(file).unwrap();
            let leaf = text.lines().find(|line| line.starts_with("leaf ")).unwrap().to_owned();
            let other = format!("leaf {}", "ab".repeat(32));
            fs::write(file, text.replace(&leaf, &other)).unwrap();
        } else {
            flip(file, if ending == "note" { 20 } else { 5 });
        }
        let report = store.look(false);
        let found = report.findings.list().iter().any(|finding| kinds.contains(&finding.kind));
        assert!(found && located(&report, file), "{ending}: {}", report.text());
    }
}

#[test]
fn a_segment_of_another_spool_is_none_of_this_one() {
    let (store, other) = (Store::new(3), Store::new(3));
    for ending in ["seg", "lh", "sum", "note"] {
        fs::copy(&other.files(ending)[1], &store.files(ending)[1]).unwrap();
    }
    for with_key in [true, false] {
        let report = store.look(with_key);
        assert_ne!(report.verdict(), Verdict::Whole);
        assert!(report.findings.list().iter().any(|finding| finding.kind == Kind::Missing), "{}", report.text());
    }
}

#[test]
fn another_signing_key_is_named_and_another_spool_key_too() {
    let store = Store::new(2);
    let stranger = Store::new(0);
    let options = Options { roster: Some(stranger.roster()), ..Options::default() };
    let report = verify(&[store.at("spool")], options, Some(&store.key())).unwrap();
    assert_eq!(report.verdict(), Verdict::BadSignature);
    let report = verify(&[store.at("spool")], store.options(), Some(&stranger.key())).unwrap();
    assert_eq!(report.verdict(), Verdict::Broken, "{}", report.text());
    assert!(report.findings.list()[0].text.contains("another key"));
}

#[test]
fn a_spool_verifies_from_the_command_line() {
    let store = Store::new(2);
    let run = |arguments: &[&str]| {
        let at = |name: &str| store.at(name).to_str().unwrap().to_owned();
        let arguments: Vec<_> =
            arguments.iter().map(|word| word.strip_prefix('@').map_or_else(|| (*word).to_owned(), at)).collect();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .arg("verify")
            .args(arguments)
            .output()
            .unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let vkey = store.roster().entries()[0].key.to_string();
    let (code, text) = run(&["@spool", "--key", "@audit.key", "--vkey", &vkey, "--anchors", "@anchor"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("RESULT: WHOLE"), "{text}");
    assert_eq!(run(&["@spool"]).0, 0);
    assert_eq!(run(&["@spool", "--prove", "3"]).0, 2, "the key is asked for");
    let (code, _) = run(&["@spool", "--key", "@audit.key", "--vkey", &vkey, "--prove", "3", "--out", "@3.tlog-proof"]);
    assert_eq!(code, 0);
    assert_eq!(run(&["--proof", "@3.tlog-proof", "--vkey", &vkey]).0, 0);
}
