//! Damage, keys, retention and readers.

use super::*;
use crate::audit::spool::{Cursor, Idle, Keeper, State, idle, is_idle, lane, may_shrink, rewrap};

#[test]
fn a_bad_frame_hides_nothing_else() {
    let (sim, disk) = sim();
    let path = Path::new("/spool");
    let (mut writer, _) = Writer::open(Arc::clone(&disk), path).unwrap();
    for _ in 0..5 {
        writer.render(2);
        assert!(writer.commit());
    }
    let file = writer.directory().join(writer.segments()[0].name.file("open"));
    let rendered = std::mem::take(&mut writer.rendered);
    drop(writer);
    // The second of five frames, somewhere in its sealed part; then its head too.
    for flip in [60, 9] {
        sim.corrupt(&file, |bytes| {
            let frames: Vec<usize> = memchr::memmem::find_iter(bytes, b"PCFR").collect();
            assert_eq!(frames.len(), 5);
            bytes[frames[1] + flip] ^= 0x40;
        });
        let reader = segments_on(Arc::clone(&disk), &path.join("gate-0")).unwrap();
        let mut read = Vec::new();
        let scanned = reader[0].records(&key(), |sequence, record| read.push((sequence, record.to_vec()))).unwrap();
        assert_eq!((scanned.records, scanned.skipped, scanned.whole, scanned.next), (8, 2, 3, 11));
        assert!(read.iter().all(|(sequence, record)| rendered[*sequence as usize - 1] == *record));
    }
    // The tree cannot be gone on with: another epoch begins, and says so.
    let (writer, recovered) = Writer::open(disk, path).unwrap();
    assert!(recovered.anew && !recovered.clean);
    assert_eq!((recovered.skipped, recovered.chain.size()), (2, 0));
    assert_eq!(writer.segments()[0].state, State::Sealed);
    assert!(recovered.epoch > writer.segments()[0].name.epoch);
}

#[test]
fn a_torn_tail_is_cut_and_counted_and_a_clean_stop_is_clean() {
    let (sim, disk) = sim();
    let path = Path::new("/spool");
    let (mut writer, _) = Writer::open(Arc::clone(&disk), path).unwrap();
    writer.render(4);
    assert!(writer.commit());
    let file = writer.directory().join(writer.segments()[0].name.file("open"));
    drop(writer);
    sim.corrupt(&file, |bytes| bytes.extend_from_slice(b"PCFR torn"));
    let (mut writer, recovered) = Writer::open(Arc::clone(&disk), path).unwrap();
    assert_eq!((recovered.cut, recovered.closed, recovered.clean, recovered.chain.size()), (9, 1, false, 4));
    writer.render(1);
    assert!(writer.commit());
    writer.turn(Closed::Stopped);
    drop(writer);
    let (writer, recovered) = Writer::open(disk, path).unwrap();
    assert_eq!((recovered.cut, recovered.closed, recovered.clean, recovered.chain.size()), (0, 0, true, 5));
    assert_eq!(writer.segments()[0].summary.as_ref().unwrap().cut, 9);
}

#[test]
fn what_a_footer_promises_and_a_segment_lacks_is_missed() {
    let (sim, disk) = sim();
    let path = Path::new("/spool");
    let (mut writer, _) = Writer::open(Arc::clone(&disk), path).unwrap();
    for _ in 0..2 {
        writer.render(3);
        assert!(writer.commit());
    }
    writer.turn(Closed::Stopped);
    let (file, chain) = (writer.directory().join(writer.segments()[0].name.file("seg")), writer.chain.clone());
    drop(writer);
    sim.corrupt(&file, |bytes| bytes.truncate(bytes.len() - 10));
    let (_, recovered) = Writer::open(disk, path).unwrap();
    assert_eq!((recovered.skipped, recovered.chain), (3, chain));
}

#[test]
fn two_gates_do_not_share_a_directory() {
    let home = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(crate::audit::spool::disk::RealDisk);
    let first = Writer::open(Arc::clone(&disk), home.path()).unwrap();
    assert!(matches!(Writer::open(Arc::clone(&disk), home.path()), Err(SpoolFault::Locked(_))));
    drop(first);
    assert!(Writer::open(disk, home.path()).is_ok());
}

#[test]
fn another_key_opens_nothing_until_keys_are_rotated() {
    let home = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(crate::audit::spool::disk::RealDisk);
    let (mut writer, _) = Writer::open(Arc::clone(&disk), home.path()).unwrap();
    writer.render(20);
    assert!(writer.commit());
    writer.turn(Closed::Turned);
    writer.render(2);
    assert!(writer.commit());
    let rendered = writer.rendered.clone();
    drop(writer);
    let new = || WrappingKey::new(&[8; 32]).unwrap();
    let fault = Writer::open_with(Arc::clone(&disk), home.path(), new()).err().unwrap();
    assert!(fault.to_string().contains(key().id()) && fault.to_string().contains(new().id()), "{fault}");
    let done = rewrap(home.path(), &key(), &new()).unwrap();
    assert_eq!((done.rewrapped, done.already, done.foreign), (2, 0, 0));
    assert_eq!(rewrap(home.path(), &key(), &new()).unwrap().already, 2);
    let (writer, recovered) = Writer::open_with(disk, home.path(), new()).unwrap();
    assert_eq!(recovered.chain.size(), 22);
    let read = read(&writer.segments(), &new());
    assert_eq!(read.into_iter().map(|(_, record)| record).collect::<Vec<_>>(), rendered);
}

#[test]
fn retention_leaves_what_the_chain_needs_and_a_hold_stops_it() {
    let home = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(crate::audit::spool::disk::RealDisk);
    let (mut writer, _) = Writer::open(disk, home.path()).unwrap();
    for _ in 0..3 {
        writer.render(10);
        assert!(writer.commit());
        writer.turn(Closed::Turned);
    }
    let days = |days: u64| Duration::from_secs(days * 86_400);
    let keeper = Keeper::new(&writer.spool, None, days(90)).unwrap();
    let after = |age: Duration| UnixMillis(NOW.0 + age.as_millis() as u64);
    assert!(keeper.expired(&writer.spool, after(days(90))).unwrap().is_empty());
    assert!(keeper.expired(&writer.spool, UnixMillis(5)).unwrap().is_empty(), "a clock that was set back");
    crate::audit::spool::hold(home.path(), "a case", NOW).unwrap();
    assert!(keeper.expired(&writer.spool, after(days(91))).unwrap().is_empty());
    assert!(crate::audit::spool::release(home.path()).unwrap());
    let expired = keeper.expired(&writer.spool, after(days(91))).unwrap();
    assert_eq!(expired.len(), 2, "the newest stays");
    for gone in &expired {
        assert_eq!(gone.records, 10);
        keeper.purge(&writer.spool, gone.name).unwrap();
    }
    let segments = writer.segments();
    let states: Vec<State> = segments.iter().map(|segment| segment.state).collect();
    assert_eq!(states, [State::Gone, State::Gone, State::Sealed]);
    // Each begins where the one before ended, records or not.
    for pair in segments.windows(2) {
        assert_eq!(pair[0].summary.as_ref().unwrap().after, pair[1].header.before);
    }
    assert_eq!(read(&segments, &key()).first().unwrap().0, 21);
    drop(writer);
}

#[test]
fn a_chain_that_nobody_writes_is_known_by_its_lock_and_by_what_is_left_to_do() {
    let home = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(crate::audit::spool::disk::RealDisk);
    let (mut writer, _) = Writer::open(disk, home.path()).unwrap();
    let name = crate::redact::Name::configured(writer.directory().file_name().unwrap().to_str().unwrap()).unwrap();
    let (path, days) = (home.path().to_owned(), |days: u64| Duration::from_secs(days * 86_400));
    let after = |age: Duration| UnixMillis(NOW.0 + age.as_millis() as u64);
    assert!(!is_idle(&path, &name).unwrap(), "somebody writes");
    assert!(!is_idle(&path, &lane(&name, 2)).unwrap(), "there is none");
    writer.render(10);
    assert!(writer.commit());
    assert_eq!(idle(&path, &name, days(90), after(days(91))).unwrap(), Idle { open: true, expired: false });
    writer.turn(Closed::Turned);
    drop(writer);
    assert!(is_idle(&path, &name).unwrap());
    let left = |age| idle(&path, &name, days(90), after(days(age))).unwrap();
    assert_eq!((left(90), left(91)), (Idle::default(), Idle { open: false, expired: true }));
    assert!(!may_shrink(&path, &name, days(90), after(days(91))).unwrap(), "the chain goes on from the newest");
    crate::audit::spool::hold(&path, "a case", NOW).unwrap();
    assert_eq!(left(91), Idle::default());
}

#[test]
fn room_is_measured_by_quota_and_by_what_the_volume_has_left() {
    let (sim, disk) = sim();
    sim.set_capacity(1 << 20);
    let (mut writer, _) = Writer::open(disk, Path::new("/spool")).unwrap();
    let mut keeper = Keeper::new(&writer.spool, Some(100_000), Duration::from_secs(1)).unwrap();
    assert_eq!(keeper.fill(&writer.spool).unwrap().percent(), 0);
    assert!(!keeper.has_ballast(), "not for so little");
    while writer.spool.open_bytes() < 90_000 {
        writer.render(50);
        assert!(writer.commit());
    }
    let fill = keeper.fill(&writer.spool).unwrap();
    assert_eq!((fill.capacity, fill.percent()), (100_000, fill.used / 1000));
    keeper = Keeper::new(&writer.spool, None, Duration::from_secs(1)).unwrap();
    assert!(keeper.fill(&writer.spool).unwrap().percent() < 20);
}

#[test]
fn a_full_volume_takes_records_again_once_its_ballast_is_given_back() {
    let (sim, disk) = sim();
    sim.set_capacity(4 << 20);
    let (mut writer, _) = Writer::open(disk, Path::new("/spool")).unwrap();
    let mut keeper = Keeper::new(&writer.spool, None, Duration::from_secs(1)).unwrap();
    assert!(keeper.has_ballast());
    // Somebody else fills the volume.
    let used: u64 = (4 << 20) - writer.spool.disk().room(Path::new("/spool")).unwrap().free;
    sim.set_capacity(used + 100);
    writer.render(100);
    assert!(!writer.commit());
    assert!(keeper.release(&writer.spool));
    assert!(writer.commit());
}

#[test]
fn a_cursor_follows_across_segments_and_never_beyond_what_is_durable() {
    let home = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(crate::audit::spool::disk::RealDisk);
    let (mut writer, _) = Writer::open(disk, home.path()).unwrap();
    let mut cursor = Cursor::new(writer.directory(), Arc::new(key()), None, 1);
    let mut read: Vec<Vec<u8>> = Vec::new();
    let mut durable = 0;
    assert_eq!(cursor.read(0, |_, _| panic!("nothing is there")).unwrap(), 0);
    for round in 0..40_usize {
        writer.render(1 + round % 7);
        assert!(writer.commit());
        if round % 9 == 8 {
            writer.turn(Closed::Turned);
        }
        // Every third round nobody knows yet that it is durable.
        if round % 3 != 0 {
            durable = writer.spool.durable();
        }
        while cursor
            .read(durable, |sequence, record| {
                assert_eq!(sequence, read.len() as u64 + 1);
                read.push(record.to_vec());
            })
            .unwrap()
            > 0
        {}
        assert_eq!(read.len() as u64, durable);
    }
    assert_eq!(read[..], writer.rendered[..durable as usize]);
    // From the middle, and after what vanished.
    let keeper = Keeper::new(&writer.spool, None, Duration::from_secs(1)).unwrap();
    let late = UnixMillis(NOW.0 + 10_000);
    let gone: u64 = keeper.expired(&writer.spool, late).unwrap().iter().map(|gone| gone.records).sum();
    for expired in keeper.expired(&writer.spool, late).unwrap() {
        keeper.purge(&writer.spool, expired.name).unwrap();
    }
    let epoch = writer.segments()[0].name.epoch;
    for (from, first, skipped) in [(5, gone + 1, gone - 4), (durable - 1, durable - 1, 0)] {
        let mut cursor = Cursor::new(writer.directory(), Arc::new(key()), Some(epoch), from);
        let mut sequences = Vec::new();
        while cursor.read(durable, |sequence, _| sequences.push(sequence)).unwrap() > 0 {}
        assert_eq!(sequences, (first..=durable).collect::<Vec<_>>());
        assert_eq!((cursor.skipped(), cursor.position()), (skipped, (Some(epoch), durable + 1)));
    }
}
