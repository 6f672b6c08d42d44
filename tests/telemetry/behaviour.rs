//! Metrics of what watches: detectors, alarms, canaries, sanctions, sinks that are held, the sandbox and side doors.

use super::{METRICS, scrape, value, value_when};
use crate::sinks;
use crate::support::credentials::credentials;
use crate::support::siem::{Siem, Then};
use crate::support::{Gate, Policy, Upstream, answer, wait_for};
use crate::watch::canary::{ORDER, planted};

#[test]
fn alarms_canaries_and_sanctions_are_counted_by_rule_and_name_nobody() {
    let app = Upstream::start(answer("fine"));
    let digging = "{ name: digging, when: { count: refusals, over: 3/10m }, then: [lock], for: 10m, incident: 24h }";
    let shadow = "{ name: quiet, when: { count: refusals, over: 2/10m }, then: [quarantine], mode: shadow }";
    let canary = "{ name: planted, when: { canary: \"{dir}/canaries.yaml\" }, then: [alarm] }";
    let alarms = format!("alarms: [{digging}, {shadow}, {canary}]");
    let gate = Gate::start_in(planted(), &Policy::new(&app).top(METRICS).top(&alarms));
    let before = scrape(&gate);
    // Rules have their series from the start: the first alarm is an increase.
    for series in [
        "portcullis_alarms_opened_total{rule=\"digging\"}",
        "portcullis_canary_hits_total{rule=\"planted\"}",
        "portcullis_alarms_open{rule=\"digging\",mode=\"enforce\"}",
        "portcullis_incidents_open{rule=\"digging\"}",
        "portcullis_sanctions{sanction=\"quarantine\",on=\"everything\",mode=\"enforce\"}",
        "portcullis_detector_requests_total{result=\"lost\"}",
        "portcullis_sanctions_found_no_room_total",
        "portcullis_lockout_table_overflow_total",
    ] {
        assert_eq!(value(&before, series), Some(0.0), "{series} in\n{before}");
    }
    assert!(!before.contains("portcullis_incident_due") && !before.contains("portcullis_shared_"), "{before}");
    let (mut client, robot) = (gate.connect(), &credentials().robot.text);
    for _ in 0..4 {
        client.ask(format!("GET /admin HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {robot}\r\n\r\n"));
    }
    gate.connect().ask(format!("GET /open?x={ORDER} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    value_when(&gate, "portcullis_alarms_open{rule=\"digging\",mode=\"enforce\"}", 1.0);
    let text = scrape(&gate);
    for (series, wanted) in [
        ("portcullis_alarms_opened_total{rule=\"digging\"}", 1.0),
        ("portcullis_alarms_opened_total{rule=\"quiet\"}", 1.0),
        ("portcullis_alarms_open{rule=\"quiet\",mode=\"shadow\"}", 1.0),
        ("portcullis_alarms_open{rule=\"quiet\",mode=\"enforce\"}", 0.0),
        ("portcullis_incidents_open{rule=\"digging\"}", 1.0),
        ("portcullis_incidents_open{rule=\"quiet\"}", 0.0),
        ("portcullis_canary_hits_total{rule=\"planted\"}", 1.0),
        ("portcullis_sanctions{sanction=\"lock\",on=\"caller\",mode=\"enforce\"}", 1.0),
        ("portcullis_sanctions{sanction=\"lock\",on=\"address\",mode=\"enforce\"}", 0.0),
    ] {
        assert_eq!(value(&text, series), Some(wanted), "{series} in\n{text}");
    }
    let due = value(&text, "portcullis_incident_due_timestamp_seconds").expect("a date");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_secs_f64();
    assert!((due - now - 86_400.0).abs() < 600.0, "{due}");
    assert!(value(&text, "portcullis_detector_requests_total{result=\"seen\"}").is_some_and(|seen| seen >= 4.0));
    assert!(!text.contains("robot") && !text.contains(ORDER) && !text.contains("pii_"), "{text}");
}

#[test]
fn a_sink_that_is_held_the_sandbox_and_side_doors_are_shown() {
    let app = Upstream::start(answer("hello"));
    let bad = Siem::answering(|_, _| Then::Take(401));
    let hook = format!("webhook: {{ name: siem, url: \"{}\", batch: {{ time: 50ms }} }}", bad.url());
    let gate = Gate::start_in(sinks::home(), &sinks::policy(&app, &hook).top(METRICS));
    sinks::ask(&gate, 2);
    value_when(&gate, "portcullis_sink_held{sink=\"siem\"}", 1.0);
    value_when(&gate, "portcullis_side_doors", 0.0);
    let text = scrape(&gate);
    let log = gate.log();
    let line = log.lines().find(|line| line.contains("\"sandbox\"")).expect("the log tells of the sandbox");
    for (part, key) in [("files", "files"), ("calls", "system_calls"), ("dumps", "no_core_dumps")] {
        let held = line.contains(&format!("\"{key}\":\"enforced\""));
        let series = format!("portcullis_sandbox_enforced{{part=\"{part}\"}}");
        assert_eq!(value(&text, &series), Some(f64::from(u8::from(held))), "{series}: {line}");
    }
    wait_for("records wait", || {
        value(&scrape(&gate), "portcullis_sink_lag_records{sink=\"siem\"}").filter(|lag| *lag > 1.0)
    });
}
