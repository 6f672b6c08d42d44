//! A sink that does not keep up: shown in records and seconds, told of once by an alarm for each, and once when it is over
//! (LOG-7).

use serde_json::Value;

use super::{ask, codes_in_spool, home, policy, verified, wait_for_all};
use crate::support::siem::Siem;
use crate::support::{Gate, Upstream, answer, wait_for};
use crate::telemetry::{METRICS, scrape, value};

const ALARMS: [&str; 2] = ["ALARM.SINK_LAG", "ALARM.SINK_BACKLOG"];

#[test]
fn a_lag_in_records_and_in_seconds_is_told_of_once_each_time_and_so_is_its_end() {
    let (app, mut siem) = (Upstream::start(answer("hello")), Siem::start());
    let bounds = "batch: { time: 20ms }, alarm: { lag: 1s, records: 20 }";
    let hook = format!("webhook: {{ name: siem, url: \"{}\", {bounds} }}", siem.url());
    let gate = Gate::start_in(home(), &policy(&app, &hook).top(METRICS));
    let shown = |what: &str| value(&scrape(&gate), &format!("portcullis_sink_lag_{what}{{sink=\"siem\"}}"));
    let count = |code: &str| codes_in_spool(gate.directory()).iter().filter(|of| *of == code).count();
    for times in 1..=2 {
        siem.go_down();
        ask(&gate, 30);
        wait_for("alarms of both", || ALARMS.iter().all(|code| count(code) == times).then_some(()));
        wait_for("metrics of both", || (shown("records")? >= 30.0 && shown("seconds")? >= 1.0).then_some(()));
        assert_eq!(count("LOG.DELIVERY"), times - 1, "it is not over while the sink is down");
        // The alarm itself is one record more that the sink lacks, and raises no other.
        ask(&gate, 10);
        siem = siem.come_up();
        wait_for("its end is told", || (count("LOG.DELIVERY") == times).then_some(()));
        wait_for_all(gate.directory(), &siem);
        wait_for("nothing is lacking", || (shown("records")? <= 1.0 && shown("seconds")? <= 1.0).then_some(()));
        assert!(ALARMS.iter().all(|code| count(code) == times));
    }
    assert_eq!(gate.stop().status.code(), Some(0));
    let records = siem.records();
    let of = |code: &str| -> Vec<&Value> {
        records.iter().filter(|record| record["metadata"]["event_code"] == code).collect()
    };
    for (code, allowed) in [(ALARMS[0], 1), (ALARMS[1], 20)] {
        let told = of(code);
        assert!(told.len() >= 2, "the sink itself has {code}");
        for alarm in told {
            let ours = &alarm["evidences"][0]["data"];
            assert_eq!(ours["allowed"], allowed, "{alarm}");
            assert!(ours["observed"].as_u64().is_some_and(|observed| observed >= allowed), "{alarm}");
        }
    }
    let (code, said) = verified(&siem.lines(), &[]);
    assert_eq!(code, Some(0), "{said}");
}
