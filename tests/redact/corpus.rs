//! Lines that the engine was not built on: `bench/pii/generate.py` makes them, `bench/pii/score.py` judges.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::key;

/// The sets of the generator: rows, three or four for each template; what of all that is personal may be left; what of
/// all that had to stay may be gone. Bounds are a few points above what
/// `bench/pii/README.md` says.
const SETS: [(&str, &str, f64, f64); 2] = [("first", "456", 0.02, 0.01), ("second", "436", 0.07, 0.02)];

/// Sets that were each written before anybody looked at what the engine made of them, with the same bounds.
const BY_HAND: [(&str, f64, f64); 6] = [
    ("third.jsonl", 0.03, 0.02),
    ("fourth.jsonl", 0.03, 0.01),
    ("fifth.jsonl", 0.03, 0.02),
    ("sixth.jsonl", 0.05, 0.02),
    ("seventh.jsonl", 0.02, 0.01),
    ("eighth.jsonl", 0.03, 0.02),
];

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/pii").join(name)
}

#[test]
fn lines_of_other_makers_are_redacted() {
    if Command::new("python3").arg("--version").output().is_err() {
        assert!(std::env::var_os("PORTCULLIS_REQUIRE_SERVICES").is_none(), "python3 is missing");
        eprintln!("LEFT OUT: python3 is missing");
        return;
    }
    for (set, rows, most_leaked, most_lost) in SETS {
        let (figures, shown) = scored(set, rows);
        assert!(figures["leak"].as_f64().unwrap() <= most_leaked, "{set}: {shown}");
        assert!(figures["over"].as_f64().unwrap() <= most_lost, "{set}: {shown}");
    }
}

/// Lines written by hand to be hard: addresses in prose, values that only the word before tells, and as a third of all
/// what looks like either and must stay.
#[test]
fn lines_of_an_adversary_are_redacted() {
    if Command::new("python3").arg("--version").output().is_err() {
        assert!(std::env::var_os("PORTCULLIS_REQUIRE_SERVICES").is_none(), "python3 is missing");
        eprintln!("LEFT OUT: python3 is missing");
        return;
    }
    for (set, most_leaked, most_lost) in BY_HAND {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/redact").join(set);
        let (figures, shown) = judged(&corpus);
        assert!(figures["leak"].as_f64().unwrap() <= most_leaked, "{set}: {shown}");
        assert!(figures["over"].as_f64().unwrap() <= most_lost, "{set}: {shown}");
    }
}

/// The scorer's figures of a generated set, and what it has to say.
fn scored(set: &str, rows: &str) -> (Value, String) {
    let directory = tempfile::tempdir().unwrap();
    let made = Command::new("python3")
        .args(["-B".as_ref(), script("generate.py").as_os_str()])
        .args(["--seed", "7", "--rows", rows, "--set", set])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let corpus = directory.path().join("corpus.jsonl");
    fs::write(&corpus, made.stdout).unwrap();
    judged(&corpus)
}

/// The scorer's figures, and what it has to say.
fn judged(corpus: &Path) -> (Value, String) {
    let directory = tempfile::tempdir().unwrap();
    let key = key(directory.path());
    let figures = directory.path().join("figures.json");
    let scored = Command::new("python3")
        .args(["-B".as_ref(), script("score.py").as_os_str(), corpus.as_os_str()])
        .args(["--kind-prefix", "--repeat", "1", "--show-leaks", "40", "--show-over", "20", "--json"])
        .arg(&figures)
        .args(["--", env!("CARGO_BIN_EXE_portcullis"), "redact", "--kind-prefix", "--key", &key])
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&scored.stdout).into_owned();
    assert!(scored.status.success(), "{shown}");
    (serde_json::from_slice(&fs::read(&figures).unwrap()).unwrap(), shown)
}
