//! Files that a gate keeps for its next start: the state of sanctions, a sink's cursor, what stands beside a segment. Those
//! with a sum are read with a right one too.

#![no_main]

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use libfuzzer_sys::fuzz_target;
use portcullis::audit::spool::{Header, SegmentName, Summary};
use portcullis::clock::{Clock, UnixMillis};
use portcullis::delivery::Saved;
use portcullis::watch::state::Kept;

static DIRECTORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a directory"));

/// With so many bytes of a sum behind it.
fn sealed(text: &str, word: &str, bytes: usize) -> String {
    let sum = digest(&SHA256, text.as_bytes());
    let sum: String = sum.as_ref()[..bytes].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{text}{word} {sum}\n")
}

fuzz_target!(|text: &str| {
    let (clock, _) = Clock::manual(UnixMillis(1_767_225_600_000));
    let path = DIRECTORY.path().join("sanctions.state");
    let state = format!("portcullis-sanctions-v1 {text}\n");
    for text in [text.to_owned(), sealed(&state, "sha256", 32)] {
        std::fs::write(&path, text).expect("written");
        if let Ok(kept) = Kept::read(&path, clock.moment()) {
            let _ = (kept.is_of(None), kept.keys());
        }
    }
    for cursor in [text.to_owned(), sealed(&format!("portcullis cursor 1\n{text}\n"), "sum", 16)] {
        let _ = Saved::parse(&cursor);
    }
    let _ = (Header::parse(text.as_bytes()), Summary::parse(text), SegmentName::parse(text));
});
