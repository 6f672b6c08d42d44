//! `audit.sinks[].syslog`

use super::{ALARM, BATCH, CA, CERTIFICATE, FROM, KEY, NAME, ONLY, SAMPLE, TIMEOUT};
use crate::policy::shape::forms::SYSLOG_ADDRESS;
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
        TIMEOUT,
        NAME,
        FROM,
        BATCH,
        ONLY,
        SAMPLE,
        ALARM,
    ],
};
