//! Trails that somebody altered: of a trail that is called whole, every record is one that the gate wrote, in its place; and
//! a proof that holds is of the record that the gate wrote.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use portcullis::audit::proof::{Roster, TlogProof, VerifierKey};
use portcullis::audit::verify::canonical::canonical;
use portcullis::audit::verify::{Options, Verdict, check, verify};

const TRAIL: &str = include_str!("../fixtures/trail.jsonl");
const PROOF: &str = include_str!("../fixtures/proof.txt");

static DIRECTORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a directory"));
static ROSTER: LazyLock<Roster> = LazyLock::new(|| {
    Roster::of_keys([VerifierKey::parse(include_str!("../fixtures/roster.txt").trim()).expect("a key")])
});
static WRITTEN: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| TRAIL.lines().map(|line| canonical(line.as_bytes()).expect("a record")).collect());

fuzz_target!(|edits: &[u8]| {
    altered_trail(edits);
    altered_proof(edits);
});

/// Six bytes are an edit: which of the lines, what becomes of it, where, and a byte.
fn altered_trail(edits: &[u8]) {
    let mut lines: Vec<Vec<u8>> = TRAIL.lines().map(|line| line.as_bytes().to_vec()).collect();
    for edit in edits.as_chunks::<6>().0 {
        let at = usize::from(edit[0]) % lines.len();
        let other = usize::from(edit[5]) % lines.len();
        let place = usize::from(u16::from_le_bytes([edit[2], edit[3]])) % lines[at].len().max(1);
        match edit[1] % 6 {
            0 if !lines[at].is_empty() => lines[at][place] = edit[4],
            1 => lines[at].insert(place, edit[4]),
            2 if !lines[at].is_empty() => drop(lines[at].remove(place)),
            3 if lines.len() > 1 => drop(lines.remove(at)),
            4 => lines.swap(at, other),
            _ => lines.insert(at, lines[other].clone()),
        }
    }
    let path = DIRECTORY.path().join("trail.jsonl");
    std::fs::write(&path, lines.join(&b'\n')).expect("written");
    let options = Options { roster: Some(ROSTER.clone()), ..Options::default() };
    let Ok(report) = verify(&[path], options, None) else { return };
    drop((report.text(), report.json()));
    if report.verdict() != Verdict::Whole {
        return;
    }
    // A record that is there twice counts once.
    let mut found: Vec<Vec<u8>> = Vec::new();
    for record in lines.iter().filter_map(|line| canonical(line.trim_ascii())) {
        if !found.contains(&record) {
            found.push(record);
        }
    }
    // The very last one is named by none: it may be another. A trail may end anywhere, as that of a gate that runs does.
    found.pop();
    assert!(WRITTEN.starts_with(&found), "a trail is called whole that is not the one that was written");
}

/// Four bytes are an edit.
fn altered_proof(edits: &[u8]) {
    let mut text = PROOF.as_bytes().to_vec();
    for edit in edits.as_chunks::<4>().0 {
        let place = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % text.len().max(1);
        match edit[2] % 3 {
            0 if !text.is_empty() => text[place] = edit[3],
            1 => text.insert(place, edit[3]),
            _ if !text.is_empty() => drop(text.remove(place)),
            _ => {}
        }
    }
    let Ok(proof) = TlogProof::parse(&String::from_utf8_lossy(&text)) else { return };
    if check(&proof, &ROSTER).is_ok() {
        let written = TlogProof::parse(PROOF).expect("a proof");
        assert_eq!((&proof.record, proof.index), (&written.record, written.index), "another record is proved");
    }
}
