//! Records that the spool has no room for any more before a sink had them: counted, recorded, alarmed, and found by
//! whoever verifies the sink's copy (LOG-4, LOG-7).

use std::sync::Arc;
use std::time::Duration;

use portcullis::audit::spool::{self, State};
use portcullis::audit::{Event, Trail};
use portcullis::clock::{Clock, UnixMillis};
use portcullis::delivery::{Deliveries, Outfit, Tools};
use portcullis::policy::http_address::HttpAddress;
use portcullis::policy::settings::{
    AuditSettings, BatchBounds, HttpSettings, NetworkKind, NetworkSink, SinkAlarm, SpoolSettings, TrailSettings,
    WebhookForm, WebhookSettings,
};
use portcullis::redact::Name;

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

#[test]
fn what_goes_for_want_of_room_before_a_sink_had_it_is_told_of_to_everybody() {
    let (home, siem) = (home(), Siem::start());
    siem.go_down();
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
    let deliveries = Deliveries::start(outfit, vec![sink(&siem)]).expect("deliveries");
    let board = deliveries.board();
    let status = || board.statuses().into_iter().next();
    let gone = || {
        let all = spool::segments(&spool::chains(&home.path().join("spool")).expect("chains")[0]).expect("segments");
        all.iter().filter(|segment| segment.state == State::Gone).count()
    };
    for _ in 0..2 {
        assert!(trail.record(change_event()));
        hands.advance(Duration::from_secs(3600));
        wait_for("a segment of its own", || {
            hands.advance(Duration::from_millis(20));
            (trail.durable() > 2).then_some(())
        });
    }
    wait_for("the sink lacks them", || status().is_some_and(|status| status.lag_records > 2).then_some(()));
    hands.advance(Duration::from_secs(91 * 86_400));
    wait_for("what is old stays for the sink", || {
        hands.advance(Duration::from_millis(20));
        status().is_some_and(|status| status.lag_seconds > 90 * 86_400).then_some(())
    });
    assert_eq!(gone(), 0);
    // Until there is no room for it.
    wait_for("it goes", || {
        for _ in 0..500 {
            trail.record(Event::Access(Box::new(access())));
        }
        hands.advance(Duration::from_secs(1));
        (gone() > 0).then_some(())
    });
    let siem = siem.come_up();
    let undelivered = wait_for("the sink has the rest", || {
        hands.advance(Duration::from_millis(20));
        let status = status()?;
        (status.undelivered > 0 && status.lag_records == 0).then_some(status.undelivered)
    });
    let told = wait_for("the sink is told itself", || {
        hands.advance(Duration::from_millis(20));
        let records = siem.records();
        let code = |code: &str| records.iter().find(|record| record["metadata"]["event_code"] == code).cloned();
        Some((code("LOG.UNDELIVERED")?, code("ALARM.SINK_LOSS")?, code("LOG.PURGE")?))
    });
    let first = siem.sequences()[0];
    assert_eq!((&told.0["count"], undelivered), (&undelivered.into(), first - 1));
    let ours = &told.0["unmapped"]["portcullis"];
    assert_eq!((&ours["first_sequence"], &ours["last_sequence"]), (&1.into(), &undelivered.into()));
    assert_eq!(ours["sink"], "siem");
    assert_eq!(trail.close(Duration::from_secs(10)).lost, 0);
    deliveries.close(Duration::from_secs(10));
    let (code, said) = verified(&siem.lines(), &[]);
    assert_eq!(code, Some(5), "{said}");
}
