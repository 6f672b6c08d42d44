//! `audit.sinks[].otlp`

use super::over_http;
use crate::policy::shape::forms::{FILE, HTTPS};
use crate::policy::shape::{Key, Kind, Section};

/// `audit.sinks[].otlp:`
pub static OTLP: Section = Section {
    what: "audit.sinks.otlp",
    doc: "An OpenTelemetry collector: logs over HTTP, in protobuf.",
    keys: &over_http::<2, 13>([
        Key::required("url", Kind::Text(&HTTPS), "The collector's address for logs: `https://…:4318/v1/logs`."),
        Key::optional("token_file", Kind::Text(&FILE), "A file with a token for `Authorization: Bearer`."),
    ]),
};
