//! `audit:` and `redaction:`

use super::forms::{DURATION, FILE, OUTPUT, PATTERN, SIZE};
use super::sinks::{ELASTIC, OTLP, SPLUNK, SYSLOG, WEBHOOK};
use super::{Key, Kind, Section};

/// `redaction:`
pub static REDACTION: Section = Section {
    what: "redaction",
    doc: "What records may show of people (LOG-2).",
    keys: &[
        Key::optional(
            "key",
            Kind::Text(&FILE),
            "The key of all pseudonyms: `portcullis keys new pseudonym certs/pseudonym.key`; or a directory of its \
             generations, as `portcullis keys rotate` makes it. Needed where records name callers or addresses by \
             pseudonym.",
        ),
        Key::optional(
            "keep",
            Kind::Named(&Kind::Text(&PATTERN)),
            "Values that stand in records and in redacted logs: names, each with a pattern of the whole value.",
        ),
        Key::optional(
            "caller",
            Kind::Words(&["pseudonym", "id"]),
            "How callers stand in records: by pseudonym, or by the name that they proved.",
        )
        .or("pseudonym"),
        Key::optional(
            "address",
            Kind::Words(&["full", "prefix", "keyed", "none"]),
            "How client addresses stand in records.",
        )
        .or("keyed"),
    ],
};

/// When records are durable.
pub(super) const COMMIT: Kind = Kind::Words(&["before-response", "batched", "relaxed"]);

/// `audit:`
pub static AUDIT: Section = Section {
    what: "audit",
    doc: "Where records go and how they are kept.",
    keys: &[
        Key::optional("spool", Kind::Map(&SPOOL), SPOOL.doc),
        Key::optional("signing_key", Kind::Text(&FILE), "The key that signs the trail."),
        Key::optional(
            "anchor",
            Kind::Text(&OUTPUT),
            "A directory into which every signed checkpoint is put as a file.",
        ),
        Key::optional("commit", COMMIT, "On routes with personal data: when a record is on the disk.")
            .or("before-response"),
        Key::optional(
            "on_failure",
            Kind::Words(&["gap", "deny"]),
            "Routes without personal data while the spool cannot be written: they go on, or answer 503.",
        )
        .or("gap"),
        Key::optional(
            "sinks",
            Kind::Filled(&Kind::Either(&Kind::Words(&["stdout"]), &Kind::One(&SINK))),
            "Where records go (LOG-7); each of them gets every record. Only with a spool may there be none.",
        ),
    ],
};

/// `audit.spool:`
pub static SPOOL: Section = Section {
    what: "audit.spool",
    doc: "The gate's own store of records, encrypted (LOG-3 to LOG-5).",
    keys: &[
        Key::required("path", Kind::Text(&OUTPUT), "Its directory."),
        Key::required(
            "key",
            Kind::Text(&FILE),
            "The key that encrypts it: `portcullis keys new audit certs/audit.key`.",
        ),
        Key::optional("retention", Kind::Text(&DURATION), "How long records are kept; at least 90d (LOG-4).")
            .or("400d"),
        Key::optional("max", Kind::Text(&SIZE), "Bytes on disk, 1MiB to 1024TiB."),
    ],
};

/// `audit.sinks[]`
pub static SINK: Section = Section {
    what: "a sink",
    doc: "One place that records go to. Places on the network are delivered to from the spool, at their own pace, at least \
          once; they need `audit.spool`.",
    keys: &[
        Key::optional("file", Kind::Map(&FILE_SINK), FILE_SINK.doc),
        Key::optional("webhook", Kind::Map(&WEBHOOK), WEBHOOK.doc),
        Key::optional("splunk", Kind::Map(&SPLUNK), SPLUNK.doc),
        Key::optional("syslog", Kind::Map(&SYSLOG), SYSLOG.doc),
        Key::optional("elastic", Kind::Map(&ELASTIC), ELASTIC.doc),
        Key::optional("otlp", Kind::Map(&OTLP), OTLP.doc),
    ],
};

/// `audit.sinks[].file:`
pub static FILE_SINK: Section = Section {
    what: "audit.sinks.file",
    doc: "JSON lines in a file, appended, mode 0640.",
    keys: &[
        Key::required("path", Kind::Text(&OUTPUT), "The file."),
        Key::optional("rotate", Kind::Map(&ROTATE), ROTATE.doc),
    ],
};

/// `audit.sinks[].file.rotate:`
pub static ROTATE: Section = Section {
    what: "audit.sinks.file.rotate",
    doc: "When the file ends: it is renamed to `<name>-<time>-<number>.<ending>`, and a new one begins.",
    keys: &[
        Key::optional("size", Kind::Text(&SIZE), "Bytes that no file exceeds, 1MiB to 1024TiB.").or("100MB"),
        Key::optional("age", Kind::Text(&DURATION), "How long a file is written to, 1m to 366d."),
        Key::optional(
            "keep",
            Kind::Number(1, 100_000),
            "How many ended files stay; the oldest goes first. All stay without it.",
        ),
    ],
};
