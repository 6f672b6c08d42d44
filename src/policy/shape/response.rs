//! `lockout:` and `alarms:`

use super::forms::{DURATION, FACTOR, FAILURE_RATE, FILE, NAME, RATE, TEXT};
use super::{Key, Kind, PER, Section};

/// `lockout:`
pub static LOCKOUT: Section = Section {
    what: "lockout",
    doc: "Who fails too often is locked out (ID-6).",
    keys: &[
        Key::required("after", Kind::Text(&FAILURE_RATE), "Failures in a period that lock."),
        Key::required("for", Kind::Text(&DURATION), "How long the first lock holds, 1s to 31d."),
        Key::optional("grow", Kind::Text(&FACTOR), "How much longer each further lock holds.").or("1x"),
        Key::optional("max", Kind::Text(&DURATION), "How long a lock holds at most, 1s to 31d."),
    ],
};

/// `alarms[]`
pub static ALARM: Section = Section {
    what: "an alarm",
    doc: "What raises an alarm, and what then happens (LOG-6).",
    keys: &[
        Key::required("name", Kind::Text(&NAME), "Its name, as records show it."),
        Key::required("when", Kind::Map(&WHEN), WHEN.doc),
        Key::required(
            "then",
            Kind::Filled(&Kind::Words(&["alarm", "throttle", "lock", "quarantine"])),
            "What happens to the caller.",
        ),
    ],
};

/// `alarms[].when:`
pub static WHEN: Section = Section {
    what: "alarms.when",
    doc: "Exactly one of `distinct`, `count` and `canary`; the former two with `per` and `over`.",
    keys: &[
        Key::optional("distinct", Kind::Text(&TEXT), "Different values of this are counted: `path.order_id`."),
        Key::optional("count", Kind::Text(&TEXT), "Events of this kind are counted."),
        Key::optional("per", PER, "What is counted by."),
        Key::optional("over", Kind::Text(&RATE), "More than this raises the alarm."),
        Key::optional("canary", Kind::Text(&FILE), "Keyed hashes of records that were planted; one seen is enough."),
    ],
};
