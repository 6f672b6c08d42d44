//! `audit.sinks[]`: places on the network. A kind's file lists its own keys, and behind them the common ones.

mod elastic;
mod otlp;
mod splunk;
mod syslog;
mod webhook;

pub use elastic::ELASTIC;
pub use otlp::OTLP;
pub use splunk::SPLUNK;
pub use syslog::{SYSLOG, SYSLOG_REWIND};
pub use webhook::WEBHOOK;

use super::forms::{DURATION, FILE, ONE_OF, SINK_NAME, SIZE};
use super::{Key, Kind, Section};

/// `name`
const NAME: Key = Key::optional(
    "name",
    Kind::Text(&SINK_NAME),
    "What the sink is called in records and in `portcullis sinks`, and what its cursor is kept under; the kind without \
     it. Another name is another sink, which begins anew.",
);
/// `from`
const FROM: Key = Key::optional(
    "from",
    Kind::Words(&["oldest", "now"]),
    "Where a sink begins that nothing was delivered to yet: at the oldest record of the spool, or at the next one.",
)
.or("oldest");
/// `batch`
const BATCH: Key = Key::optional("batch", Kind::Map(&SINK_BATCH), SINK_BATCH.doc);
/// `only`
const ONLY: Key = Key::optional("only", Kind::Map(&SINK_ONLY), SINK_ONLY.doc);
/// `sample`
const SAMPLE: Key = Key::optional("sample", Kind::Map(&SINK_SAMPLE), SINK_SAMPLE.doc);
/// `alarm`
const ALARM: Key = Key::optional("alarm", Kind::Map(&SINK_ALARM), SINK_ALARM.doc);
/// `timeout`
const TIMEOUT: Key = Key::optional(
    "timeout",
    Kind::Text(&DURATION),
    "How long one exchange may take, from the connection to the last byte of the answer, 1s to 15m.",
)
.or("30s");
/// `ca`
const CA: Key = Key::optional(
    "ca",
    Kind::Text(&FILE),
    "Authorities that sign the receiver's certificate, PEM; the system's without it.",
);
/// `certificate`
const CERTIFICATE: Key =
    Key::optional("certificate", Kind::Text(&FILE), "The gate's own certificate, PEM; `key` goes with it.");
/// `key`
const KEY: Key = Key::optional("key", Kind::Text(&FILE), "Its private key, PEM.");
/// `compression`, of sinks over HTTP.
const COMPRESSION: Key = Key::optional(
    "compression",
    Kind::Words(&["none", "gzip"]),
    "Of what is sent. It saves nine parts of ten, and takes about as much of a processor as all the rest.",
)
.or("none");

/// What every sink over HTTP has.
const OVER_HTTP: [Key; 11] = [CA, CERTIFICATE, KEY, COMPRESSION, TIMEOUT, NAME, FROM, BATCH, ONLY, SAMPLE, ALARM];

/// The keys of a sink over HTTP: a kind's own, and behind them the common ones.
const fn over_http<const OWN: usize, const ALL: usize>(own: [Key; OWN]) -> [Key; ALL] {
    assert!(ALL == OWN + OVER_HTTP.len(), "as many as there are");
    let mut all = [NAME; ALL];
    let mut at = 0;
    while at < ALL {
        all[at] = if at < OWN { own[at] } else { OVER_HTTP[at - OWN] };
        at += 1;
    }
    all
}

/// `audit.sinks[].*.batch:`
pub static SINK_BATCH: Section = Section {
    what: "a sink's batch",
    doc: "What one exchange carries; the first of these bounds that is reached ends it.",
    keys: &[
        Key::optional("bytes", Kind::Text(&SIZE), "Bytes of records, 16KiB to 4MiB.").or("1MiB"),
        Key::optional("records", Kind::Number(1, 10_000), "Records.").or("500"),
        Key::optional("time", Kind::Text(&DURATION), "How long the first record waits for others, 10ms to 15m.")
            .or("1s"),
    ],
};

/// `audit.sinks[].*.only:`
pub static SINK_ONLY: Section = Section {
    what: "a sink's only",
    doc: "Which records the sink gets; all without it. Signed checkpoints and records about the trail itself it gets in \
          any case.",
    keys: &[
        Key::optional(
            "classes",
            Kind::Filled(&Kind::Words(&["http", "authentication", "account", "alarm", "change", "lifecycle"])),
            "Classes of events: OCSF HTTP Activity, Authentication, Account Change, Detection Finding, Entity \
             Management, Application Lifecycle.",
        ),
        Key::optional(
            "severity",
            Kind::Words(&["informational", "low", "medium", "high", "critical"]),
            "The least severity.",
        )
        .or("informational"),
    ],
};

/// `audit.sinks[].*.sample:`
pub static SINK_SAMPLE: Section = Section {
    what: "a sink's sample",
    doc: "What is left out for a SIEM that is paid by volume. Records say how many; `portcullis sinks replay` does not \
          bring them.",
    keys: &[Key::required(
        "allowed",
        Kind::Text(&ONE_OF),
        "Of so many allowed requests to routes without personal data, one. Refusals, failures, and requests to routes \
         with personal data are never left out.",
    )],
};

/// `audit.sinks[].*.alarm:`
pub static SINK_ALARM: Section = Section {
    what: "a sink's alarm",
    doc: "When an alarm tells that the sink does not keep up.",
    keys: &[
        Key::optional("lag", Kind::Text(&DURATION), "Age of the oldest record that the sink lacks, 1s to 7d.").or("5m"),
        Key::optional("records", Kind::Number(1, 1_000_000_000), "Records that the sink lacks.").or("1000000"),
        Key::optional(
            "held",
            Kind::Text(&DURATION),
            "How long it takes nothing because a setting is wrong, there or here, 1s to 7d.",
        )
        .or("1m"),
    ],
};
