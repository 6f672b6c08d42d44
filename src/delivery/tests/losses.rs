//! What leaves the spool before a sink has it, dead-lines at the end, and clocks that leap.

use super::*;

/// First and last sequence numbers that LOG.UNDELIVERED tells of, by epoch.
fn declared(rig: &Rig) -> Vec<(String, u64, u64)> {
    let told = rig.told("LOG.UNDELIVERED");
    let range = |record: &serde_json::Value| {
        let ours = &record["unmapped"]["portcullis"];
        let (first, last) = (ours["first_sequence"].as_u64().unwrap(), ours["last_sequence"].as_u64().unwrap());
        assert_eq!(record["count"], last - first + 1);
        (ours["epoch"].as_str().unwrap().to_owned(), first, last)
    };
    told.iter().map(range).collect()
}

fn purge(records: &Records, epoch: RequestId, last: u64) {
    records.lock().retain(|(of, sequence), _| *of != epoch || *sequence > last);
}

/// Waits until the sink has all, or for a day.
async fn settled(rig: &Rig) {
    for _ in 0..86_400 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if rig.board.statuses().first().is_some_and(|status| status.state == State::Idle && status.lag_records == 0) {
            return;
        }
    }
}

#[test]
fn what_was_read_before_it_went_is_delivered_and_just_the_rest_is_told_of() {
    let (records, epochs) = records(&[40]);
    let rig = Rig::new(sink());
    paused(async {
        // It is away, and somebody changes a setting meanwhile, so that it is tried again.
        let (pump, orders) = rig.pump(&records, vec![0; 6], &[]);
        let task = tokio::task::spawn_local(pump.run());
        tokio::time::sleep(Duration::from_millis(50)).await;
        purge(&records, epochs[0], 30);
        orders.send_replace(Order::Run);
        settled(&rig).await;
        orders.send_replace(Order::Drain);
        task.await.unwrap();
    });
    let (came, declared) = (rig.flat(), declared(&rig));
    let [(_, first, last)] = declared[..] else { panic!("{declared:?}") };
    assert!((11..=30).contains(&first) && last == 30, "{declared:?}");
    assert_eq!(came, (1..first).chain(31..=40).collect::<Vec<_>>());
    assert_eq!(rig.board.statuses()[0].undelivered, 30 - first + 1);
}

#[test]
fn what_went_at_the_end_of_an_epoch_is_told_of_under_its_name() {
    let (records, epochs) = records(&[60, 5]);
    let rig = Rig::new(sink());
    paused(async {
        let (pump, orders) = rig.pump(&records, vec![0; 3], &[]);
        let task = tokio::task::spawn_local(pump.run());
        tokio::time::sleep(Duration::from_millis(50)).await;
        purge(&records, epochs[0], 60);
        settled(&rig).await;
        orders.send_replace(Order::Drain);
        task.await.unwrap();
    });
    let (came, declared) = (rig.flat(), declared(&rig));
    let [(epoch, first, 60)] = &declared[..] else { panic!("{declared:?}") };
    assert_eq!(*epoch, epochs[0].to_string());
    assert_eq!(came, (1..*first).chain(1..=5).collect::<Vec<_>>());
}

#[test]
fn what_went_before_a_sink_had_anything_is_told_of_after_a_restart_too() {
    let (records, epochs) = records(&[40]);
    let rig = Rig::new(sink());
    paused(async {
        let (pump, orders) = rig.pump(&records, vec![0; 99], &[]);
        let task = tokio::task::spawn_local(pump.run());
        tokio::time::sleep(Duration::from_secs(5)).await;
        orders.send_replace(Order::Quit);
        task.await.unwrap();
    });
    purge(&records, epochs[0], 25);
    paused(rig.run(&records, vec![], &[]));
    assert_eq!(rig.flat(), (26..=40).collect::<Vec<_>>());
    assert_eq!(declared(&rig), [(epochs[0].to_string(), 1, 25)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_record_comes_is_refused_or_is_told_of_whenever_it_goes(
        script in prop::collection::vec(any::<u8>(), 0..40),
        poison in prop::collection::btree_set(1_u64..200, 0..4),
        goes in prop::collection::vec((1_u64..20_000, 1_u64..200), 1..5),
    ) {
        let (records, epochs) = records(&[200]);
        let rig = Rig::new(sink());
        let poison: Vec<u64> = poison.into_iter().collect();
        paused(async {
            let (pump, orders) = rig.pump(&records, script.clone(), &poison);
            let task = tokio::task::spawn_local(pump.run());
            for (after, last) in goes {
                tokio::time::sleep(Duration::from_millis(after)).await;
                purge(&records, epochs[0], last);
            }
            settled(&rig).await;
            orders.send_replace(Order::Drain);
            task.await.unwrap();
        });
        let came: BTreeSet<u64> = rig.flat().into_iter().collect();
        let declared: BTreeSet<u64> = declared(&rig).iter().flat_map(|(_, first, last)| *first..=*last).collect();
        for sequence in 1..=200 {
            let known = came.contains(&sequence) || declared.contains(&sequence) || poison.contains(&sequence);
            prop_assert!(known, "nothing is known of {sequence}: {declared:?}");
        }
        // Only what a receiver wants again, and is not there any more, is both.
        if !script.iter().any(|step| step % 9 == 4) {
            prop_assert!(came.is_disjoint(&declared), "{declared:?}");
        }
    }
}

#[test]
fn a_clock_that_leaps_makes_no_lag_and_holds_nothing_up() {
    let (records, epochs) = records(&[20]);
    let rig = Rig::new(sink());
    paused(async {
        let (pump, orders) = rig.pump(&records, vec![0; 6], &[]);
        let task = tokio::task::spawn_local(pump.run());
        let lag = || rig.board.statuses().first().map(|status| status.lag_seconds);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(lag(), Some(0));
        let hands = &rig.hands;
        let second = |count: u64| async move {
            for _ in 0..count {
                tokio::time::sleep(Duration::from_secs(1)).await;
                hands.advance(Duration::from_secs(1));
            }
        };
        for leap in [NOW.0 + 86_400_000, NOW.0 - 86_400_000, 0, NOW.0] {
            rig.hands.set_wall(UnixMillis(leap));
            tokio::time::sleep(Duration::from_secs(2)).await;
            assert_eq!(lag(), Some(0), "at {leap}");
        }
        second(7).await;
        assert!(lag().is_some_and(|lag| lag == 0 || (5..=8).contains(&lag)), "{:?}", lag());
        // A record of a time that is yet to come.
        rig.hands.set_wall(UnixMillis(NOW.0 - 3_600_000));
        records.lock().insert((epochs[0], 21), line(4002, 21));
        second(200).await;
        assert_eq!((lag(), rig.board.statuses()[0].lag_records), (Some(0), 0), "pauses are by the other clock");
        orders.send_replace(Order::Drain);
        task.await.unwrap();
    });
    assert_eq!(rig.flat(), (1..=21).collect::<Vec<_>>());
    assert!(rig.told("ALARM.SINK_LAG").is_empty());
}

#[test]
fn a_sink_that_hangs_is_left_when_the_gate_is_told_to_end() {
    struct Hanging;
    impl Receiver for Hanging {
        fn deliver<'r>(&'r mut self, _: &'r Batch) -> Delivering<'r> {
            Box::pin(std::future::pending())
        }

        fn close(&mut self) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
            Box::pin(std::future::pending())
        }
    }
    let (records, _) = records(&[20]);
    let rig = Rig::new(sink());
    paused(async {
        let (pump, orders) = rig.pump_to(&records, Box::new(Hanging));
        let task = tokio::task::spawn_local(pump.run());
        tokio::time::sleep(Duration::from_secs(1)).await;
        orders.send_replace(Order::Drain);
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(!task.is_finished(), "it is waited for until somebody has waited enough");
        orders.send_replace(Order::Quit);
        let began = tokio::time::Instant::now();
        task.await.unwrap();
        assert!(began.elapsed() <= Duration::from_secs(3), "{:?}", began.elapsed());
    });
    assert!(
        matches!(rig.places().load(&rig.sink).unwrap(), Found::Saved(saved) if saved.next == 1),
        "nothing was taken"
    );
}
