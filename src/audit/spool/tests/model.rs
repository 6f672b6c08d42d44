//! The model: whatever is done in whatever order, and wherever power fails, every promised record is there exactly once
//! and in order, and the chain goes on from a prefix of what was rendered.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Render(usize),
    Commit,
    Turn,
    Heal,
    Fail(u32, u32),
    Works,
    Stop,
    Crash(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..12_usize).prop_map(Step::Render),
        8 => Just(Step::Commit),
        2 => Just(Step::Turn),
        1 => Just(Step::Heal),
        2 => (0..12_u32, 1..4_u32).prop_map(|(after, count)| Step::Fail(after, count)),
        1 => Just(Step::Works),
        1 => Just(Step::Stop),
        3 => any::<u64>().prop_map(Step::Crash),
    ]
}

fn dice(mut state: u64) -> impl FnMut(u32) -> u32 {
    state |= 1;
    move |sides| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as u32 % sides.max(1)
    }
}

/// What must hold after a start.
fn check(writer: &Writer, recovered: &Recovered, before: &[Vec<u8>], promised: u64) {
    let size = recovered.chain.size();
    assert!(size >= promised, "{size} of {promised} promised records are left");
    assert!(size <= before.len() as u64);
    let mut expected = Chain::new();
    before[..size as usize].iter().for_each(|record| {
        expected.push(record);
    });
    assert_eq!(recovered.chain, expected);
    assert_eq!(recovered.skipped, 0, "{recovered:?}");
    let read = read(&writer.segments(), &key());
    assert_eq!(read.len() as u64, size, "each record is there once");
    for ((sequence, record), (expected, number)) in read.iter().zip(before.iter().zip(1..)) {
        assert_eq!((*sequence, record), (number, expected));
    }
}

fn play(steps: Vec<Step>) {
    let (sim, disk) = sim();
    let path = Path::new("/spool");
    let (mut writer, recovered) = Writer::open(Arc::clone(&disk), path).unwrap();
    assert!(recovered.anew);
    let mut epoch_was_durable = false;
    for step in steps {
        match step {
            Step::Render(records) => writer.render(records),
            Step::Commit => epoch_was_durable |= writer.commit() && writer.spool.durable() > 0,
            Step::Turn => writer.turn(Closed::Turned),
            Step::Heal => drop(writer.spool.heal()),
            Step::Fail(after, count) => sim.fail(after, count),
            Step::Works => sim.works(),
            Step::Stop | Step::Crash(_) => {
                let promised = writer.spool.durable();
                let before = std::mem::take(&mut writer.rendered);
                if let Step::Crash(seed) = step {
                    sim.crash(dice(seed));
                    drop(writer);
                } else {
                    writer.turn(Closed::Stopped);
                    sim.works();
                    drop(writer);
                }
                let (next, recovered) = Writer::open(Arc::clone(&disk), path).unwrap();
                writer = next;
                assert!(!(recovered.anew && epoch_was_durable), "the chain was lost");
                check(&writer, &recovered, &before, promised);
                writer.rendered = before[..recovered.chain.size() as usize].to_vec();
                // A second start finds the same.
                drop(writer);
                let (next, again) = Writer::open(Arc::clone(&disk), path).unwrap();
                assert_eq!((again.chain.clone(), again.closed), (recovered.chain, 0));
                writer = Writer { rendered: before[..again.chain.size() as usize].to_vec(), ..next };
            }
        }
    }
    // Once the disk works, all that was rendered becomes durable.
    sim.works();
    assert!(writer.commit());
    writer.spool.heal().unwrap();
    let read = read(&writer.segments(), &key());
    assert_eq!(read.into_iter().map(|(_, record)| record).collect::<Vec<_>>(), writer.rendered);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(512)))]

    #[test]
    fn every_promised_record_survives_whatever_happens(steps in prop::collection::vec(step(), 1..60)) {
        play(steps);
    }
}

#[test]
fn a_hole_in_what_nobody_was_promised_ends_the_segment() {
    let (sim, disk) = sim();
    let (mut writer, _) = Writer::open(Arc::clone(&disk), Path::new("/spool")).unwrap();
    writer.render(3);
    assert!(writer.commit());
    (0..3).for_each(|_| writer.render(2));
    // The frames are written and their sync fails; of the three, the second never comes to the disk.
    sim.fail(3, 2);
    assert!(!writer.commit());
    let before = std::mem::take(&mut writer.rendered);
    let mut throws = [0, 0, 0, 1, 0, 1, 0, 2].into_iter().cycle();
    sim.crash(move |sides| throws.next().unwrap() % sides.max(1));
    let (writer, recovered) = Writer::open(disk, Path::new("/spool")).unwrap();
    check(&writer, &recovered, &before, 3);
}
