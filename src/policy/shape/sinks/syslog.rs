//! `audit.sinks[].syslog`

use super::{ALARM, BATCH, CA, CERTIFICATE, FROM, KEY, NAME, ONLY, SAMPLE, TIMEOUT};
use crate::policy::shape::forms::{DURATION, HOST, SYSLOG_ADDRESS};
use crate::policy::shape::{Key, Kind, Section};

/// `audit.sinks[].syslog:`
pub static SYSLOG: Section = Section {
    what: "audit.sinks.syslog",
    doc: "Syslog (RFC 5424) over TLS (RFC 5425).",
    keys: &[
        Key::required("address", Kind::Text(&SYSLOG_ADDRESS), "The receiver."),
        CA,
        CERTIFICATE,
        KEY,
        Key::optional(
            "server_name",
            Kind::Text(&HOST),
            "The name in the receiver's certificate, where it is not the address's.",
        ),
        Key::optional(
            "facility",
            Kind::Words(&[
                "audit", "authpriv", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
            ]),
            "What receivers sort messages by.",
        )
        .or("audit"),
        Key::optional(
            "format",
            Kind::Words(&["ocsf", "cef"]),
            "`ocsf`: the record itself, JSON, which can be verified. `cef`: less of it, for SIEMs that know no JSON.",
        )
        .or("ocsf"),
        Key::optional(
            "enterprise",
            Kind::Number(1, 4_294_967_295),
            "Your private enterprise number: structured data is named `portcullis@<number>`.",
        )
        .or("32473"),
        Key::optional("rewind", Kind::Map(&SYSLOG_REWIND), SYSLOG_REWIND.doc),
        TIMEOUT,
        NAME,
        FROM,
        BATCH,
        ONLY,
        SAMPLE,
        ALARM,
    ],
};

/// `audit.sinks[].syslog.rewind:`
pub static SYSLOG_REWIND: Section = Section {
    what: "audit.sinks.syslog.rewind",
    doc: "What is sent again after a connection broke: nobody acknowledges syslog, and what was sent last may be lost. \
          Receivers tell copies by `seq`.",
    keys: &[
        Key::optional("records", Kind::Number(0, 100_000), "At least so many of those that were sent last.").or("2000"),
        Key::optional(
            "time",
            Kind::Text(&DURATION),
            "And all that were sent in this time before, 0s to 15m; no more than 100,000 records in all.",
        )
        .or("2s"),
    ],
};
