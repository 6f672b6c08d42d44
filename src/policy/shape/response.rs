//! `lockout:` and `alarms:`

use super::forms::{
    DURATION, FACTOR, FAILURE_RATE, FILE, FLOOR, HOURS, MEASURED, NAME, NUMBERED, PERCENT, RATE, THRESHOLD, WATCHED,
    ZONE,
};
use super::{Key, Kind, MODE, Section};

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
    doc: "Exactly one of `count`, `distinct`, `sequence`, `baseline`, `first`, `hours` and `canary`, and what it needs.",
    keys: &[
        Key::optional(
            "count",
            Kind::Words(&[
                "requests",
                "passed",
                "refusals",
                "credential-failures",
                "token-failures",
                "unknown-routes",
                "errors",
                "bytes",
                "records",
                "moves",
            ]),
            "Requests of a class are counted, or the bytes or records of their answers (records as the limits of the \
             route count them), or how often a credential `moves` to another network (IPv4 by /24, IPv6 by /48).",
        ),
        Key::optional(
            "distinct",
            Kind::Text(&WATCHED),
            "Different values of this are counted: exactly up to 256, beyond it with a standard error of 7.5 %.",
        ),
        Key::optional(
            "sequence",
            Kind::Text(&NUMBERED),
            "Values that follow one another as numbers do are counted: `1041`, `1042`.",
        ),
        Key::optional(
            "baseline",
            Kind::Text(&MEASURED),
            "What is compared with what is usual at this hour, or on this day, of the week: requests, bytes, records, or \
             different values.",
        ),
        Key::optional(
            "first",
            Kind::Words(&["caller", "route", "network", "origin"]),
            "A caller that was never seen; a route that a caller never called; a network (IPv4 by /24, IPv6 by /48) that \
             it never called from; `origin`: such a network, and as many further signs as it takes with this caller.",
        ),
        Key::optional(
            "hours",
            Kind::Either(&Kind::Words(&["learned"]), &Kind::Filled(&Kind::Text(&HOURS))),
            "Requests outside these hours are counted; `learned`: outside those at which this caller was seen before.",
        ),
        Key::optional(
            "per",
            Kind::Words(&["caller", "address", "credential", "role", "route", "caller+route", "upstream", "issuer"]),
            "What is counted by. Anonymous callers count by address; `upstream` counts all together; `issuer` those who \
             show tokens, by the issuer that the token names.",
        )
        .or("caller"),
        Key::optional(
            "over",
            Kind::Text(&THRESHOLD),
            "More than this raises the alarm; beside `baseline`, so many times what is usual.",
        ),
        Key::optional(
            "floor",
            Kind::Text(&FLOOR),
            "Beside `baseline`: as much as this an hour, or a day, is never too much.",
        ),
        Key::optional(
            "share",
            Kind::Text(&PERCENT),
            "Beside `count`: and more than this part of all requests.",
        ),
        Key::optional(
            "learn",
            Kind::Text(&DURATION),
            "Beside `baseline`, `first` and `hours`: how long is learned first, 1s to 90d. Until then a baseline is held \
             to `over` times its floor, and nothing else is judged.",
        )
        .or("14d"),
        Key::optional(
            "of",
            Kind::Words(&[
                "requests",
                "passed",
                "refusals",
                "credential-failures",
                "token-failures",
                "unknown-routes",
                "errors",
            ]),
            "Which requests are looked at.",
        )
        .or("requests"),
        Key::optional("routes", Kind::List(&Kind::Text(&NAME)), "Only these routes are looked at."),
        Key::optional(
            "zone",
            Kind::Text(&ZONE),
            "Beside `baseline` and `hours`: the time zone of hours and days.",
        )
        .or("UTC"),
        Key::optional("canary", Kind::Text(&FILE), "Keyed hashes of records that were planted; one seen is enough."),
        Key::optional(
            "in",
            Kind::Filled(&Kind::Words(&["target", "headers", "body", "answer"])),
            "Beside `canary`: where planted records are looked for, in requests' paths and queries, in their fields, in \
             their bodies, and in answers; everywhere if it is left out.",
        ),
    ],
};
