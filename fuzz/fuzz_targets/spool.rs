//! What a crash, a disk or somebody makes of a spool: the next start reads what is left, invents nothing, loses nothing that
//! was whole before the damage, and goes on.

#![no_main]

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use portcullis::audit::proof::Chain;
use portcullis::audit::spool::disk::RealDisk;
use portcullis::audit::spool::{Group, Limits, Spool, SpoolFault, WrappingKey, segments};
use portcullis::clock::{Ticks, UnixMillis};
use portcullis::redact::Name;

const NOW: UnixMillis = UnixMillis(1_767_225_600_000);
/// Small, so that a chain has several.
const LIMITS: Limits = Limits { bytes: 4096, records: 1000, age: Duration::from_secs(3600) };

/// A spool as it was when its gate was killed.
struct Left {
    /// Of each segment but the last, all files with their bytes.
    sealed: Vec<(String, Vec<u8>)>,
    /// The one that was written.
    open: (String, Vec<u8>),
    /// Of it, how long it was after each write, and how many records were durable then.
    written: Vec<(usize, u64)>,
    /// All records.
    records: Vec<Vec<u8>>,
}

fn key() -> WrappingKey {
    WrappingKey::new(&[7; 32]).expect("a key")
}

fn start(path: &Path, later: u64) -> Result<(Spool, Chain), SpoolFault> {
    let name = Name::configured("gate-0").expect("a name");
    let now = UnixMillis(NOW.0 + later);
    Spool::open(Arc::new(RealDisk), path, &name, key(), LIMITS, now).map(|(spool, found)| (spool, found.chain))
}

/// A group of one to three records behind `chain`.
fn group(chain: &mut Chain, records: &mut Vec<Vec<u8>>) -> Group {
    let mut group = Group { before: chain.clone(), at: Some(NOW), ..Group::default() };
    for _ in 0..=chain.size() % 3 {
        let sequence = chain.size() + 1;
        let filling = "ab".repeat(sequence as usize % 40);
        let record = format!("{{\"sequence\":{sequence},\"prev\":\"{}\",\"x\":\"{filling}\"}}", chain.last());
        group.leaves.push(chain.push(record.as_bytes()));
        group.lines.extend_from_slice(record.as_bytes());
        group.lines.push(b'\n');
        records.push(record.into_bytes());
    }
    group
}

static LEFT: LazyLock<Left> = LazyLock::new(|| {
    let home = tempfile::tempdir().expect("a directory");
    let (mut spool, mut chain) = start(home.path(), 0).expect("a new spool");
    let directory = spool.directory().to_owned();
    let files = || -> Vec<(String, Vec<u8>)> {
        let all = std::fs::read_dir(&directory).expect("a directory").map(|file| file.expect("a file").path());
        let named = all.filter(|path| path.is_file() && !path.ends_with("lock"));
        named
            .map(|path| {
                (path.file_name().expect("a name").to_string_lossy().into_owned(), std::fs::read(path).expect("read"))
            })
            .collect()
    };
    let open_file = || files().into_iter().find(|(name, _)| name.ends_with(".open"));
    let (mut records, mut written) = (Vec::new(), Vec::new());
    let mut before = String::new();
    for turn in 0..30 {
        let group = group(&mut chain, &mut records);
        spool.write(&[group], Ticks(turn), NOW).expect("written");
        if spool.is_due(Ticks(turn)) && turn < 25 {
            spool.seal(&chain, None, portcullis::audit::spool::Closed::Turned).expect("sealed");
            continue;
        }
        let (name, bytes) = open_file().expect("an open segment");
        if name != before {
            written.clear();
            before = name;
        }
        written.push((bytes.len(), spool.durable()));
    }
    let open = open_file().expect("an open segment");
    let sealed = files().into_iter().filter(|(name, _)| *name != open.0).collect();
    Left { sealed, open, written, records }
});

fn read(directory: &Path) -> Vec<(u64, Vec<u8>)> {
    let mut found = Vec::new();
    for segment in segments(directory).expect("segments") {
        // A header that cannot be opened any more has no records; the next start has said so.
        let _ = segment.records(&key(), |sequence, record| found.push((sequence, record.to_vec())));
    }
    found
}

// Where the open segment was cut, and bytes that stand there instead.
fuzz_target!(|input: (u16, bool, &[u8])| {
    let (cut, over, bytes) = input;
    let left = &*LEFT;
    let home = tempfile::tempdir().expect("a directory");
    let directory = home.path().join("gate-0");
    std::fs::create_dir(&directory).expect("made");
    for (name, bytes) in &left.sealed {
        std::fs::write(directory.join(name), bytes).expect("written");
    }
    let cut = usize::from(cut) % (left.open.1.len() + 1);
    let mut segment = left.open.1[..cut].to_vec();
    segment.extend_from_slice(bytes);
    // What came before the crash may stand behind it as well.
    if over {
        segment.extend_from_slice(left.open.1.get(segment.len()..).unwrap_or_default());
    }
    std::fs::write(directory.join(&left.open.0), &segment).expect("written");

    let (mut spool, mut chain) = start(home.path(), 1).expect("a torn segment stops no start");
    let found = read(&directory);
    for (sequence, record) in &found {
        let written = left.records.get(*sequence as usize - 1);
        assert_eq!(written, Some(record), "a record that nobody wrote");
    }
    let whole = left.written.iter().filter(|(length, _)| *length <= cut).map(|(_, durable)| *durable).max();
    if let Some(durable) = whole {
        for sequence in 1..=durable {
            assert!(found.iter().any(|(one, _)| *one == sequence), "record {sequence} was whole before the damage");
        }
    }

    let mut more = Vec::new();
    let next = group(&mut chain, &mut more);
    spool.write(&[next], Ticks(1), NOW).expect("it goes on");
    assert_eq!(spool.durable(), chain.size());
    drop(spool);
    let after = read(&directory);
    assert!(more.iter().all(|record| after.iter().any(|(_, one)| one == record)), "what was written is read");
    start(home.path(), 2).expect("and so does the next start");
});
