//! `reload:`

use super::forms::{DURATION, FILE, OUTPUT, PERCENT};
use super::{Key, Kind, Section};

/// `reload:`
pub static RELOAD: Section = Section {
    what: "reload",
    doc: "How a changed policy comes into force, and how it goes again.",
    keys: &[
        Key::optional(
            "poll",
            Kind::Text(&DURATION),
            "How often the contents of all files are compared, beside what the kernel tells; 100ms to 1h.",
        )
        .or("30s"),
        Key::optional("last_good", Kind::Map(&LAST_GOOD), LAST_GOOD.doc),
        Key::optional("rollback", Kind::Map(&ROLLBACK), ROLLBACK.doc),
    ],
};

/// `reload.last_good:`
pub static LAST_GOOD: Section = Section {
    what: "reload.last_good",
    doc: "Where the policy that was last in force is kept, authenticated.",
    keys: &[
        Key::required("path", Kind::Text(&OUTPUT), "The file that holds it."),
        Key::required(
            "key",
            Kind::Text(&FILE),
            "32 bytes that authenticate it: `portcullis keys new last-good certs/last-good.key`.",
        ),
        Key::optional(
            "start",
            Kind::Words(&["true", "false"]),
            "Whether a start whose policy is at fault takes this one instead.",
        )
        .or("false"),
    ],
};

/// `reload.rollback:`
pub static ROLLBACK: Section = Section {
    what: "reload.rollback",
    doc: "When a change takes itself back.",
    keys: &[
        Key::required(
            "window",
            Kind::Text(&DURATION),
            "How long a change is watched; as long before it is what it is compared with.",
        ),
        Key::optional(
            "refusals",
            Kind::Text(&PERCENT),
            "By how many points of a hundred the share of refused requests may rise.",
        )
        .or("20%"),
        Key::optional(
            "errors",
            Kind::Text(&PERCENT),
            "By how many points of a hundred the share of answers 500 to 599 may rise.",
        )
        .or("5%"),
        Key::optional("least", Kind::Number(1, 1_000_000), "Requests after the change before its shares say anything.")
            .or("100"),
    ],
};
