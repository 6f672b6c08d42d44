//! `audit.sinks[].otlp`

use super::{ALARM, BATCH, CA, CERTIFICATE, COMPRESSION, FROM, KEY, NAME, ONLY, SAMPLE, TIMEOUT};
use crate::policy::shape::forms::{FILE, HTTPS};
use crate::policy::shape::{Key, Kind, Section};

/// `audit.sinks[].otlp:`
pub static OTLP: Section = Section {
    what: "audit.sinks.otlp",
    doc: "An OpenTelemetry collector: logs over HTTP, in protobuf.",
    keys: &[
        Key::required("url", Kind::Text(&HTTPS), "The collector's address for logs: `https://…:4318/v1/logs`."),
        Key::optional("token_file", Kind::Text(&FILE), "A file with a token for `Authorization: Bearer`."),
        CA,
        CERTIFICATE,
        KEY,
        COMPRESSION,
        TIMEOUT,
        NAME,
        FROM,
        BATCH,
        ONLY,
        SAMPLE,
        ALARM,
    ],
};
