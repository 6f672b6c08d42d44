//! Notes, checkpoints, verifier keys and rosters: any text is read or refused, and what was read is written the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::audit::proof::{Checkpoint, Judged, Note, Roster, VerifierKey};

const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

fuzz_target!(|text: &str| {
    let key = VerifierKey::parse(KEY).expect("a published key");
    if let Ok(note) = Note::parse(text) {
        assert_eq!(note.to_string(), text);
        // Nobody finds a signature of that key by trying.
        assert!(!matches!(note.judge([&key]), Judged::Signed(_)) || text.contains("x08go"));
        if let Ok(checkpoint) = Checkpoint::parse(&note.text) {
            assert_eq!(checkpoint.to_string(), note.text);
        }
    }
    if let Ok(other) = VerifierKey::parse(text) {
        assert_eq!(other.to_string(), text);
    }
    if let Ok(roster) = Roster::parse(text, None) {
        let lines: String = roster.entries().iter().map(|entry| format!("{entry}\n")).collect();
        assert_eq!(Roster::parse(&lines, None).as_ref(), Ok(&roster));
    }
    assert!(Roster::parse(text, Some(&key)).is_err() || text.contains("x08go"));
});
