//! `lockout:`, `alarms:` and `admin:`

use super::forms::{DURATION, FACTOR, FAILURE_RATE, FILE, LISTEN, NAME, RATE, TEXT};
use super::{Key, Kind, MODE, PER, Section};

/// `lockout:`
pub static LOCKOUT: Section = Section {
    what: "lockout",
    doc: "Who fails too often is locked out (ID-6). What a caller does with a credential that was verified counts to the \
          caller, all else to the address: without a caller's credential nobody can lock that caller out.",
    keys: &[
        Key::required("after", Kind::Text(&FAILURE_RATE), "Failures in a period that lock."),
        Key::required("for", Kind::Text(&DURATION), "How long the first lock holds, 1s to 31d."),
        Key::optional("grow", Kind::Text(&FACTOR), "How much longer each further lock holds.").or("1x"),
        Key::optional("max", Kind::Text(&DURATION), "How long a lock holds at most, 1s to 31d.").or("24h"),
        Key::optional(
            "forget",
            Kind::Text(&DURATION),
            "After so long without a failure, one lock less counts for `grow`; 1m to 31d.",
        )
        .or("24h"),
        Key::optional(
            "caller",
            Kind::Either(&Kind::Words(&["off"]), &Kind::Map(&LOCKOUT_OF)),
            "Where callers differ from the above. `off`: they are not locked.",
        ),
        Key::optional(
            "address",
            Kind::Either(&Kind::Words(&["off"]), &Kind::Map(&LOCKOUT_OF)),
            "Where addresses differ from the above. `off`: they are not locked.",
        ),
        Key::optional(
            "proven",
            Kind::Words(&["pass", "refuse"]),
            "Whether a caller that proves itself passes although its address is locked: an address may be a whole \
             office, or a proxy.",
        )
        .or("pass"),
        Key::optional("mode", MODE, "`shadow` records who would have been refused, and lets it through.").or("enforce"),
    ],
};

/// `lockout.caller:` and `lockout.address:`
pub static LOCKOUT_OF: Section = Section {
    what: "lockout of one kind",
    doc: "What holds for callers, or for addresses, in place of what `lockout` says.",
    keys: &[
        Key::optional("after", Kind::Text(&FAILURE_RATE), "Failures in a period that lock."),
        Key::optional("for", Kind::Text(&DURATION), "How long the first lock holds, 1s to 31d."),
        Key::optional("grow", Kind::Text(&FACTOR), "How much longer each further lock holds."),
        Key::optional("max", Kind::Text(&DURATION), "How long a lock holds at most, 1s to 31d."),
        Key::optional("forget", Kind::Text(&DURATION), "After so long without a failure, one lock less counts."),
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
            Kind::Filled(&Kind::Words(&["alarm", "throttle", "require-mfa", "lock", "quarantine", "cut"])),
            "What happens to the caller, or to the address where nobody proved to be one; `cut` ends the answer that is \
             on its way.",
        ),
        Key::optional(
            "for",
            Kind::Text(&DURATION),
            "How long it is throttled, locked or asked for a second factor, 1s to 31d.",
        )
        .or("1h"),
        Key::optional("rate", Kind::Text(&RATE), "At which rate its requests pass once it is throttled.").or("10/m"),
        Key::optional("mode", MODE, "`shadow` raises the alarm and does nothing else.").or("enforce"),
        Key::optional(
            "incident",
            Kind::Text(&DURATION),
            "It opens an incident that is to be reported in this time, 1m to 31d.",
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

/// `admin:`
pub static ADMIN: Section = Section {
    what: "admin",
    doc: "The operators' own listener.",
    keys: &[Key::required("listen", Kind::Text(&LISTEN), "Where operators connect; on loopback.")],
};
