//! A sink that is away for longer than the spool has room: what is within its retention is never removed (LOG-4, LOG-7).

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
