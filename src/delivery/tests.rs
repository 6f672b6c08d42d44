//! The engine against receivers that do anything: nothing is lost, nothing is given for ever, the order holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use proptest::prelude::*;
use tokio::sync::watch;

use super::block::{Block, Slice};
use super::desk::{Desk, Order};
use super::facets::Facets;
use super::feed::Feed;
use super::herald::Herald;
use super::place::{Found, Places};
use super::pump::Pump;
use super::receiver::{Answer, Batch, Delivering, Item, Receiver, Sent};
use super::source::Source;
use super::status::{Board, State};
use crate::audit::spool::SpoolFault;
use crate::audit::{PolicyRecord, RequestId, Trail};
use crate::clock::{Clock, UnixMillis};
use crate::policy::settings::{
    AuditSettings, BatchBounds, FromRecord, HttpSettings, NetworkKind, NetworkSink, Only, SinkAlarm, WebhookForm,
    WebhookSettings,
};
use crate::redact::Name;

mod losses;

const NOW: UnixMillis = UnixMillis(1_767_225_600_000);

/// Records by epoch and sequence number.
type Records = Arc<Mutex<BTreeMap<(RequestId, u64), Vec<u8>>>>;

struct Memory {
    records: Records,
    at: (Option<RequestId>, u64),
    /// The last record that each epoch ever had.
    ends: Vec<(RequestId, u64)>,
}

impl Source for Memory {
    fn read(&mut self) -> Result<Option<Slice>, SpoolFault> {
        let records = self.records.lock();
        let mut block = Block::default();
        for ((epoch, sequence), line) in records.iter() {
            let passed = self.at.0.is_some_and(|at| (*epoch, *sequence) < (at, self.at.1));
            if passed {
                continue;
            }
            if block.len() > 0 && (Some(*epoch) != self.at.0 || block.bytes() >= 1_000) {
                break;
            }
            block.push(Sent { sequence: *sequence, line }, Facets::of(line));
            self.at = (Some(*epoch), sequence + 1);
        }
        Ok((block.len() > 0).then(|| Slice { block: Arc::new(block.of(self.at.0)), from: 0 }))
    }

    fn position(&self) -> (Option<RequestId>, u64) {
        self.at
    }

    fn seek(&mut self, epoch: Option<RequestId>, next: u64) {
        self.at = (epoch, next);
    }

    fn end(&self) -> (Option<RequestId>, u64) {
        let records = self.records.lock();
        records.last_key_value().map_or((None, 1), |((epoch, sequence), _)| (Some(*epoch), sequence + 1))
    }

    fn oldest(&self) -> (Option<RequestId>, u64) {
        self.records.lock().first_key_value().map_or((None, 0), |((epoch, sequence), _)| (Some(*epoch), *sequence))
    }

    fn last_of(&self, epoch: RequestId) -> Option<u64> {
        self.ends.iter().filter(|(of, _)| *of == epoch).map(|(_, last)| *last).max()
    }

    fn lacking(&self, epoch: Option<RequestId>, next: u64) -> u64 {
        let from = |place: &(RequestId, u64)| epoch.is_none_or(|epoch| *place >= (epoch, next));
        self.records.lock().keys().filter(|place| from(place)).count() as u64
    }

    fn another(&self) -> Box<dyn Source> {
        Box::new(Self { records: Arc::clone(&self.records), at: (None, 0), ends: self.ends.clone() })
    }
}

/// What came over, in order: each exchange's sequence numbers.
type Came = Arc<Mutex<Vec<Vec<u64>>>>;

/// Answers by a script, and when that is at its end, as it should; some records it never takes.
struct Scripted {
    script: Vec<u8>,
    poison: BTreeSet<u64>,
    came: Came,
}

impl Receiver for Scripted {
    fn deliver<'r>(&'r mut self, batch: &'r Batch) -> Delivering<'r> {
        let sequences: Vec<u64> = batch.iter().map(|record| record.sequence).collect();
        let poison = sequences.iter().position(|sequence| self.poison.contains(sequence));
        let step = self.script.pop();
        let came = Arc::clone(&self.came);
        let mut item = step.unwrap_or_default();
        let items: Vec<Item> = sequences
            .iter()
            .map(|sequence| {
                item = item.wrapping_mul(31).wrapping_add(7);
                match item % 5 {
                    _ if self.poison.contains(sequence) => Item::Refused("poison"),
                    0 => Item::Later("http_429"),
                    1 => Item::Misconfigured("http_403"),
                    _ => Item::Taken,
                }
            })
            .collect();
        Box::pin(async move {
            let refused = |at| Answer::Refused { at, cause: "poison" };
            match (step.map(|step| step % 9), poison) {
                (Some(0), _) => Answer::Later { after: None, cause: "http_503" },
                (Some(1), _) => Answer::Later { after: Some(Duration::from_secs(120)), cause: "http_429" },
                (Some(2), _) => Answer::Misconfigured { cause: "http_401" },
                (Some(3), _) if sequences.len() > 1 => Answer::TooLarge,
                (Some(4), _) => Answer::Again { records: 7, cause: "reset" },
                (Some(5), _) => {
                    let taken = sequences.iter().zip(&items).filter(|(_, item)| **item == Item::Taken);
                    came.lock().push(taken.map(|(sequence, _)| *sequence).collect());
                    Answer::Each(items)
                }
                (Some(6), _) => Answer::Each(vec![]),
                (Some(7), Some(at)) => refused(Some(at)),
                (_, Some(_)) => refused(None),
                (_, None) => {
                    came.lock().push(sequences);
                    Answer::Taken
                }
            }
        })
    }
}

fn sink() -> NetworkSink {
    let http = HttpSettings {
        address: crate::policy::http_address::HttpAddress::parse("https://siem.example/").unwrap(),
        ca: None,
        client: None,
        compression: Default::default(),
        timeout: Duration::from_secs(1),
    };
    let content_type = WebhookForm::Ndjson.content_type();
    let webhook = WebhookSettings { http, form: WebhookForm::Ndjson, content_type, hmac_key: None, token: None };
    NetworkSink {
        name: Name::configured("siem").unwrap(),
        from: FromRecord::Oldest,
        batch: BatchBounds { bytes: 4_000, records: 10, time: Duration::from_millis(100) },
        only: Only::default(),
        sample: None,
        alarm: SinkAlarm::default(),
        kind: NetworkKind::Webhook(webhook),
    }
}

fn line(class: u32, sequence: u64) -> Vec<u8> {
    format!(
        r#"{{"action_id":1,"class_uid":{class},"metadata":{{"correlation_uid":"019b0000-0000-7000-8000-0000{sequence:08x}","logged_time":{}}},"severity_id":1,"status_id":1,"type_uid":1}}"#,
        NOW.0
    )
    .into_bytes()
}

fn records(epochs: &[u64]) -> (Records, Vec<RequestId>) {
    let names: Vec<_> = (0..epochs.len()).map(|at| RequestId::new(UnixMillis(NOW.0 + at as u64 * 1000))).collect();
    let all = epochs.iter().zip(&names).flat_map(|(count, name)| (1..=*count).map(|sequence| (*name, sequence)));
    (Arc::new(Mutex::new(all.map(|(name, sequence)| ((name, sequence), line(4002, sequence))).collect())), names)
}

/// One sink at work.
struct Rig {
    sink: Arc<NetworkSink>,
    home: tempfile::TempDir,
    board: Arc<Board>,
    trail: Trail,
    clock: Clock,
    hands: Arc<crate::clock::Manual>,
    log: std::path::PathBuf,
    came: Came,
}

impl Rig {
    fn new(sink: NetworkSink) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (clock, hands) = Clock::manual(NOW);
        let log = home.path().join("trail.jsonl");
        let settings = AuditSettings::sinks(vec![crate::policy::settings::SinkSettings::File(log.clone())]);
        let policy = Arc::new(PolicyRecord { digest: Name::configured("p").unwrap(), enforced: true });
        let producer =
            crate::audit::Producer { instance: Name::configured("gate").unwrap(), epoch: RequestId::new(NOW), policy };
        let trail = Trail::start(&settings, Clock::system(), producer).unwrap();
        let (board, came) = (Arc::default(), Came::default());
        Self { sink: Arc::new(sink), home, board, trail, clock, hands, log, came }
    }

    fn pump(&self, records: &Records, script: Vec<u8>, poison: &[u64]) -> (Pump, watch::Sender<Order>) {
        let receiver = Scripted { script, poison: poison.iter().copied().collect(), came: Arc::clone(&self.came) };
        self.pump_to(records, Box::new(receiver))
    }

    fn pump_to(&self, records: &Records, receiver: Box<dyn Receiver>) -> (Pump, watch::Sender<Order>) {
        let ends = records.lock().keys().copied().collect();
        let mut source = Memory { records: Arc::clone(records), at: (None, 0), ends };
        let (orders, ordered) = watch::channel(Order::Run);
        let policy = Arc::new(PolicyRecord { digest: Name::configured("p").unwrap(), enforced: true });
        let herald = Herald::new(self.trail.clone(), self.clock.clone(), policy);
        let mut desk = Desk::new(Arc::clone(&self.sink), self.places(), herald, Arc::clone(&self.board), ordered);
        desk.begin(&mut source);
        let feed = Feed::new(Box::new(source), &self.sink);
        (Pump::new(desk, feed, receiver, Box::new(|below| below / 2)), orders)
    }

    fn places(&self) -> Places {
        Places::new(self.home.path())
    }

    /// Lets it run until it has all, or for a day, and ends it.
    async fn run(&self, records: &Records, script: Vec<u8>, poison: &[u64]) {
        let (pump, orders) = self.pump(records, script, poison);
        let task = tokio::task::spawn_local(pump.run());
        for _ in 0..86_400 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.hands.advance(Duration::from_secs(1));
            if self
                .board
                .statuses()
                .first()
                .is_some_and(|status| status.state == State::Idle && status.lag_records == 0)
            {
                break;
            }
        }
        orders.send_replace(Order::Drain);
        tokio::time::timeout(Duration::from_secs(60), task).await.expect("it ends").unwrap();
    }

    fn flat(&self) -> Vec<u64> {
        self.came.lock().iter().flatten().copied().collect()
    }

    /// Event codes of the trail that begin so.
    fn told(&self, code: &str) -> Vec<serde_json::Value> {
        self.trail.close(Duration::from_secs(1));
        let text = std::fs::read_to_string(&self.log).unwrap();
        let all = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        all.filter(|record| record["metadata"]["event_code"].as_str().unwrap() == code).collect()
    }
}

fn paused<F: Future<Output = ()>>(future: F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build_local(tokio::runtime::LocalOptions::default())
        .unwrap();
    runtime.block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_record_comes_or_is_refused_whatever_a_receiver_answers(
        epochs in prop::collection::vec(0_u64..60, 1..4),
        script in prop::collection::vec(any::<u8>(), 0..60),
        poison in prop::collection::btree_set(1_u64..60, 0..4),
    ) {
        let (records, _) = records(&epochs);
        let rig = Rig::new(sink());
        let poison: Vec<u64> = poison.into_iter().collect();
        paused(rig.run(&records, script.clone(), &poison));
        let mut expected: BTreeMap<u64, usize> = BTreeMap::new();
        for count in &epochs {
            (1..=*count).filter(|sequence| !poison.contains(sequence)).for_each(|one| *expected.entry(one).or_default() += 1);
        }
        let came = rig.flat();
        for (sequence, times) in &expected {
            let found = came.iter().filter(|came| *came == sequence).count();
            prop_assert!(found >= *times, "{sequence} came {found} times of {times}: {came:?}");
        }
        prop_assert!(!came.iter().any(|sequence| poison.contains(sequence)), "a poison was taken");
        let status = rig.board.statuses().remove(0);
        let poisonous = epochs.iter().map(|count| poison.iter().filter(|one| *one <= count).count() as u64).sum::<u64>();
        prop_assert!(status.rejected >= poisonous, "{} of {poisonous} told", status.rejected);
        prop_assert_eq!(status.lag_records, 0);
        // Without an answer for each record, and without going back, the order is that of the trail.
        if epochs.len() == 1 && !script.iter().any(|step| matches!(step % 9, 4 | 5)) {
            prop_assert!(came.is_sorted(), "{came:?}");
        }
    }
}

#[test]
fn a_restart_goes_on_where_it_stood_and_a_lost_cursor_begins_anew() {
    let (records, _) = records(&[35]);
    let rig = Rig::new(sink());
    paused(rig.run(&records, vec![], &[]));
    assert_eq!(rig.flat(), (1..=35).collect::<Vec<_>>());
    paused(rig.run(&records, vec![], &[]));
    assert_eq!(rig.flat().len(), 35, "what was taken is not given again");
    let cursor = rig.home.path().join("sinks/siem.cursor");
    for (times, harm) in [(2, "removed"), (3, "torn")] {
        match harm {
            "removed" => std::fs::remove_file(&cursor).unwrap(),
            _ => std::fs::write(&cursor, &std::fs::read(&cursor).unwrap()[..40]).unwrap(),
        }
        paused(rig.run(&records, vec![], &[]));
        assert_eq!(rig.flat().len(), 35 * times, "{harm}");
    }
    assert_eq!(rig.told("LOG.CURSOR").len(), 2);
}

#[test]
fn a_sink_from_now_gets_what_comes_and_all_of_it_again_if_its_cursor_is_lost() {
    let (records, epochs) = records(&[20]);
    let rig = Rig::new(NetworkSink { from: FromRecord::Now, ..sink() });
    paused(rig.run(&records, vec![], &[]));
    assert!(rig.flat().is_empty());
    (21..=25).for_each(|sequence| _ = records.lock().insert((epochs[0], sequence), line(4002, sequence)));
    paused(rig.run(&records, vec![], &[]));
    std::fs::remove_file(rig.home.path().join("sinks/siem.cursor")).unwrap();
    paused(rig.run(&records, vec![], &[]));
    assert_eq!(rig.flat(), [21, 22, 23, 24, 25, 21, 22, 23, 24, 25]);
}

#[test]
fn what_is_gone_before_it_was_delivered_is_told_of() {
    let (records, epochs) = records(&[10]);
    let rig = Rig::new(sink());
    paused(rig.run(&records, vec![], &[]));
    (31..=40).for_each(|sequence| _ = records.lock().insert((epochs[0], sequence), line(4002, sequence)));
    paused(rig.run(&records, vec![], &[]));
    assert_eq!(rig.flat(), (1..=10).chain(31..=40).collect::<Vec<_>>());
    assert_eq!(rig.board.statuses()[0].undelivered, 20);
    let told = rig.told("LOG.UNDELIVERED");
    assert_eq!(told[0]["count"], 20);
    assert_eq!(told[0]["unmapped"]["portcullis"]["first_sequence"], 11);
    assert_eq!(rig.told("ALARM.SINK_LOSS").len(), 1);
}

#[test]
fn a_sample_is_accounted_for_to_the_last_record() {
    let (records, _) = records(&[600]);
    for sequence in [100, 333] {
        records
            .lock()
            .iter_mut()
            .filter(|((_, one), _)| *one == sequence)
            .for_each(|(_, kept)| *kept = line(2004, sequence));
    }
    let rig = Rig::new(NetworkSink { sample: std::num::NonZeroU32::new(10), ..sink() });
    paused(async {
        let (pump, orders) = rig.pump(&records, vec![], &[]);
        let task = tokio::task::spawn_local(pump.run());
        tokio::time::sleep(Duration::from_secs(120)).await;
        orders.send_replace(Order::Drain);
        task.await.unwrap();
    });
    let came = rig.flat();
    let expected: Vec<u64> = (1..=600).filter(|one| one % 10 == 0 || *one == 333).collect();
    assert_eq!(came, expected);
    let told = rig.told("LOG.SAMPLED");
    let counts: u64 = told.iter().map(|record| record["count"].as_u64().unwrap()).sum();
    assert_eq!(counts, 600 - expected.len() as u64);
    assert_eq!(rig.board.statuses()[0].left_out, counts);
}

#[test]
fn alarms_reach_a_sink_that_lags_first_and_once_more_in_their_turn() {
    let (records, epochs) = records(&[500]);
    records.lock().insert((epochs[0], 450), line(2004, 450));
    let rig = Rig::new(sink());
    rig.hands.advance(Duration::from_secs(3600));
    // It is down at first.
    paused(rig.run(&records, vec![0; 4], &[]));
    let came = rig.came.lock().clone();
    assert_eq!(came[0], [450], "{:?}", &came[..3]);
    let in_turn: Vec<u64> = came[1..].iter().flatten().copied().collect();
    assert_eq!(in_turn, (1..=500).collect::<Vec<_>>());
}

#[test]
fn a_sink_that_is_held_or_lags_raises_an_alarm_and_says_when_it_is_over() {
    let (records, _) = records(&[5]);
    let rig = Rig::new(sink());
    paused(rig.run(&records, vec![2; 10], &[]));
    assert_eq!(rig.told("ALARM.SINK_HELD").len(), 1);
    assert_eq!(rig.told("ALARM.SINK_LAG").len(), 1, "ten minutes");
    assert_eq!(rig.told("LOG.DELIVERY").len(), 1);
}

#[test]
fn an_operator_has_records_delivered_again() {
    let (records, _) = records(&[30]);
    let rig = Rig::new(sink());
    paused(rig.run(&records, vec![], &[]));
    rig.places().ask(&rig.sink, 25).unwrap();
    assert_eq!(rig.places().asked(&rig.sink).unwrap(), Some(25));
    paused(rig.run(&records, vec![], &[]));
    assert_eq!(rig.flat(), (1..=30).chain(25..=30).collect::<Vec<_>>());
    assert_eq!(rig.places().asked(&rig.sink).unwrap(), None);
    let told = rig.told("LOG.REPLAY");
    assert_eq!(told[0]["unmapped"]["portcullis"]["first_sequence"], 25);
    assert!(matches!(rig.places().load(&rig.sink).unwrap(), Found::Saved(saved) if saved.next == 31));
}
