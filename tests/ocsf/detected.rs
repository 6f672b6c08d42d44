//! Alarms of detectors, from begin to end: valid in every kind and step, and as documented.

use portcullis::audit::ocsf::Scribe;
use portcullis::audit::{AlarmKind, Behaviour, Detected, Event, Step};
use portcullis::clock::UnixMillis;

use super::events::{alarm, render, uid};
use super::{NOW, here, producer};

pub fn detected(kind: Behaviour) -> Detected {
    Detected {
        id: uid(0xb4),
        alarm: alarm(AlarmKind::Behaviour(kind)),
        step: Step::Opened,
        window: Some(600),
        count: 12,
        due: Some(UnixMillis(NOW.0 + 86_400_000)),
        actions: ["throttle", "lock"].into_iter().collect(),
        shadow: false,
        learning: true,
        signs: ["network", "client"].into_iter().collect(),
        shared: true,
    }
}

pub fn event(detected: Detected) -> Event {
    Event::Detected(Box::new(detected))
}

#[test]
fn alarms_of_every_behaviour_are_valid_and_have_a_code_of_their_own() {
    let events: Vec<Event> = Behaviour::ALL.map(|kind| event(detected(kind))).into();
    let records = render(&events, &mut Scribe::new(producer()));
    let codes: Vec<_> = records.iter().map(|record| record["metadata"]["event_code"].as_str().unwrap()).collect();
    assert_eq!(
        codes,
        [
            "ALARM.RATE",
            "ALARM.VOLUME",
            "ALARM.UNAUTHZ",
            "ALARM.CREDENTIAL_FAILURES",
            "ALARM.TOKEN_FAILURES",
            "ALARM.SCAN",
            "ALARM.ERRORS",
            "ALARM.DISTINCT",
            "ALARM.ENUMERATION",
            "ALARM.CREDENTIAL_SHARED",
            "ALARM.NEW_CALLER",
            "ALARM.NEW_ROUTE",
            "ALARM.NEW_ORIGIN",
            "ALARM.OFF_HOURS",
            "ALARM.DETECTORS_BLIND",
        ]
    );
}

#[test]
fn alarms_have_a_course_and_shadow_is_no_alert() {
    let step = |step, shadow| event(Detected { step, shadow, due: None, window: None, ..detected(Behaviour::Rate) });
    let events = [step(Step::Opened, false), step(Step::Updated, false), step(Step::Closed, true)];
    let records = render(&events, &mut Scribe::new(producer()));
    let of = |member: &str| records.iter().map(|record| record[member].clone()).collect::<Vec<_>>();
    assert_eq!(of("type_uid"), [200_401, 200_402, 200_403]);
    assert_eq!(of("status_id"), [1, 2, 4]);
    assert_eq!(of("is_alert"), [true, true, false]);
    assert_eq!(of("disposition_id"), [19, 19, 17]);
    assert!(records.iter().all(|record| record["finding_info"]["uid"] == uid(0xb2).to_string()));
    assert_eq!(records[2]["unmapped"]["portcullis"]["mode"], "shadow");
}

#[test]
fn a_sample_alarm_is_as_documented() {
    let record = render(&[event(detected(Behaviour::Distinct))], &mut Scribe::new(producer())).remove(0);
    let text = format!("{record:#}\n");
    let path = here("golden").join("alarm.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "UPDATE_GOLDEN=1 writes the file anew");
}
