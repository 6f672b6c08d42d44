//! Records of the past, as `replay`, `shadow` and `simulate` read them: whatever stands in a file, every line is counted,
//! and none hides a sound record behind it.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use portcullis::report::Records;

/// One record of a gate, of a request.
static RECORD: LazyLock<&str> = LazyLock::new(|| {
    let mut lines = include_str!("../fixtures/trail.jsonl").lines();
    lines.find(|line| line.contains("\"class_uid\":4002")).expect("a request")
});
static DIRECTORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a directory"));

fuzz_target!(|text: &[u8]| {
    let path = DIRECTORY.path().join("past.jsonl");
    let read = |text: &[u8]| {
        std::fs::write(&path, text).expect("written");
        let records = Records::find(&path, None).expect("a file");
        let (mut asked, mut sighted) = (0, 0);
        let counts = records.read_in_order(|past| {
            drop(format!("{past:?}"));
            asked += 1;
        });
        records.sighted_in_order(|_| sighted += 1).expect("read");
        let counts = counts.expect("read");
        assert_eq!(counts.requests, asked);
        (counts, sighted)
    };
    let (before, sighted_before) = read(text);
    assert!(before.requests <= before.records);
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() as u64;
    assert!(before.records + before.foreign <= lines, "more than there are");
    let (after, sighted_after) = read(&[text, b"\n", RECORD.as_bytes(), b"\n"].concat());
    assert_eq!((after.records, after.requests), (before.records + 1, before.requests + 1));
    assert_eq!((after.foreign, sighted_after), (before.foreign, sighted_before + 1));
});
