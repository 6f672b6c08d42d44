//! A sink that is away for longer than the spool has room: what is within its retention is never removed, and what is
//! older goes only then, recorded, alarmed, and told of to the last record that the sink lacks (LOG-4, LOG-7).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use portcullis::audit::spool::{self, State};
use portcullis::audit::{Event, Trail};
use portcullis::clock::{Clock, Manual, UnixMillis};
use portcullis::delivery::{Deliveries, Outfit, Status, Tools};
use portcullis::policy::http_address::HttpAddress;
use portcullis::policy::settings::{
    AuditSettings, BatchBounds, HttpSettings, NetworkKind, NetworkSink, SinkAlarm, SpoolSettings, TrailSettings,
    WebhookForm, WebhookSettings,
};
use portcullis::redact::Name;
use serde_json::Value;
use tempfile::TempDir;

use super::{home, verified};
use crate::ocsf::{access, change_event, producer};
use crate::support::siem::Siem;
use crate::support::wait_for;

fn sink(siem: &Siem) -> NetworkSink {
    let http = HttpSettings {
        address: HttpAddress::parse(&siem.url()).unwrap(),
        ca: None,
        client: None,
        compression: Default::default(),
        timeout: Duration::from_secs(5),
    };
    NetworkSink {
        name: Name::configured("siem").unwrap(),
        from: Default::default(),
        batch: BatchBounds { time: Duration::from_millis(10), ..BatchBounds::default() },
        only: Default::default(),
        sample: None,
        alarm: SinkAlarm::default(),
        kind: NetworkKind::Webhook(WebhookSettings {
            http,
            form: WebhookForm::Ndjson,
            content_type: http::HeaderValue::from_static("application/x-ndjson"),
            hmac_key: None,
            token: None,
        }),
    }
}

/// The clock made leaps: but for that, a copy is in order.
fn found_only_silence(said: &str) {
    let is_finding = |line: &&str| line.contains("  chain ") && line.starts_with(|first: char| first.is_uppercase());
    let other: Vec<_> = said.lines().filter(is_finding).filter(|line| !line.starts_with("SILENT ")).collect();
    assert!(other.is_empty() && said.contains("RESULT:"), "{said}");
}

/// A gate's trail and its one sink, on a clock that the test owns.
struct Away {
    home: TempDir,
    hands: Arc<Manual>,
    trail: Trail,
    deliveries: Deliveries,
}

impl Away {
    fn start(siem: &Siem) -> Self {
        let home = home();
        let (clock, hands) = Clock::manual(UnixMillis(1_767_225_600_000));
        let spool = SpoolSettings {
            path: home.path().join("spool"),
            key: home.path().join("audit.key"),
            retention: Duration::from_secs(90 * 86_400),
            max: Some(1 << 20),
        };
        let signing_key = Some(home.path().join("sign.key"));
        let settings = TrailSettings { spool: Some(spool.clone()), signing_key, ..TrailSettings::default() };
        let trail = Trail::start(&AuditSettings::On(Box::new(settings)), clock.clone(), producer()).expect("a trail");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tools = Tools { provider, clock, instance: Name::configured("gate-0").unwrap() };
        let outfit = Outfit { spool, trail: trail.clone(), tools, policy: producer().policy };
        let deliveries = Deliveries::start(outfit, vec![sink(siem)]).expect("deliveries");
        Self { home, hands, trail, deliveries }
    }

    fn status(&self) -> Option<Status> {
        self.deliveries.board().statuses().into_iter().next()
    }

    /// Waits while the clock goes on.
    fn wait<T>(&self, what: &str, mut outcome: impl FnMut() -> Option<T>) -> T {
        wait_for(what, || {
            self.hands.advance(Duration::from_millis(20));
            outcome()
        })
    }

    /// Segments, and those of them that are sealed, gone, or either.
    fn segments(&self, states: &[State]) -> usize {
        let chains = spool::chains(&self.home.path().join("spool")).expect("chains");
        let all = spool::segments(&chains[0]).expect("segments");
        all.iter().filter(|segment| states.contains(&segment.state)).count()
    }

    /// A record each hour, in a segment of its own.
    fn live(&self, hours: usize) {
        let before = self.segments(&[State::Sealed]);
        for sealed in before + 1..=before + hours {
            assert!(self.trail.record(change_event()));
            self.wait("a segment is sealed", || {
                // It turns when it is an hour old, whenever it began.
                self.hands.advance(Duration::from_secs(60));
                (self.segments(&[State::Sealed]) >= sealed).then_some(())
            });
        }
    }

    /// More records, until it is so.
    fn write_until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        wait_for(what, || {
            for _ in 0..500 {
                self.trail.record(Event::Access(Box::new(access())));
            }
            self.hands.advance(Duration::from_secs(1));
            is_so().then_some(())
        });
    }

    fn close(self) {
        assert_eq!(self.trail.close(Duration::from_secs(10)).lost, 0);
        self.deliveries.close(Duration::from_secs(10));
    }
}

#[test]
fn what_goes_for_want_of_room_before_a_sink_had_it_is_told_of_to_the_last_record() {
    let siem = Siem::start();
    siem.go_down();
    let away = Away::start(&siem);
    away.live(3);
    away.hands.advance(Duration::from_secs(91 * 86_400));
    away.wait("what is old stays for the sink", || {
        away.status().is_some_and(|status| status.lag_seconds > 90 * 86_400).then_some(())
    });
    // A look for what is old is taken once an hour.
    away.live(2);
    assert_eq!(away.segments(&[State::Gone]), 0);
    away.write_until("it goes, as there is no room for it", || away.segments(&[State::Gone]) > 0);
    let siem = siem.come_up();
    let undelivered = away.wait("the sink has the rest", || {
        let status = away.status()?;
        (status.undelivered > 0 && status.lag_records == 0).then_some(status.undelivered)
    });
    let codes = ["LOG.UNDELIVERED", "ALARM.SINK_LOSS", "LOG.PURGE"];
    away.wait("the sink is told itself", || {
        let records = siem.records();
        let has = |code: &&str| records.iter().any(|record| record["metadata"]["event_code"] == *code);
        codes.iter().all(has).then_some(())
    });
    away.close();
    // What the sink had read before it went, it was given; how much that is nobody can say beforehand. Together with what
    // it is told that it lacks, it is everything; but for what is urgent, which may have come ahead of its turn, nothing
    // is both.
    let records = siem.records();
    let number = |value: &Value| value.as_u64().unwrap();
    let spans = |code: &str| -> BTreeSet<(u64, u64)> {
        let of = |record: &&Value| record["metadata"]["event_code"] == code;
        let ours = records.iter().filter(of).map(|record| &record["unmapped"]["portcullis"]);
        ours.map(|ours| (number(&ours["first_sequence"]), number(&ours["last_sequence"]))).collect()
    };
    let told: BTreeSet<u64> = spans("LOG.UNDELIVERED").iter().flat_map(|(first, last)| *first..=*last).collect();
    let gone = spans("LOG.PURGE").iter().map(|(_, last)| *last).max();
    assert_eq!((told.len() as u64, told.last().copied()), (undelivered, gone));
    let of = |record: &Value| number(&record["metadata"]["sequence"]);
    let came: BTreeSet<u64> = records.iter().map(of).collect();
    let all: BTreeSet<u64> = told.union(&came).copied().collect();
    assert!(all.iter().copied().eq(1..=all.len() as u64), "nothing is known of some");
    let is_urgent = |record: &Value| number(&record["severity_id"]) >= 4;
    assert!(records.iter().filter(|record| told.contains(&of(record))).all(is_urgent));
    let (_, said) = verified(&siem.lines(), &["--any-order"]);
    assert!(said.contains(&format!("purged {}", told.difference(&came).count())), "{said}");
    found_only_silence(&said);
}

#[test]
fn what_is_within_its_retention_stays_however_full_the_spool_is_and_closes_it() {
    let siem = Siem::start();
    siem.go_down();
    let away = Away::start(&siem);
    away.live(3);
    // From then on routes with personal data answer 503.
    away.write_until("it is full", || !away.trail.healthy());
    // A look for what is old is taken once an hour, and whenever the room grows short.
    away.live(2);
    assert_eq!(away.segments(&[State::Gone]), 0);
    let siem = siem.come_up();
    away.wait("the sink has everything", || (away.status()?.lag_records == 0).then_some(()));
    assert_eq!(away.status().map(|status| status.undelivered), Some(0));
    away.close();
    let sequences: BTreeSet<u64> = siem.sequences().into_iter().collect();
    assert!(sequences.iter().copied().eq(1..=sequences.len() as u64), "without a gap");
    let (_, said) = verified(&siem.lines(), &["--any-order"]);
    found_only_silence(&said);
}
