//! `audit.sinks[].elastic`

use super::over_http;
use crate::policy::shape::forms::{FILE, HTTPS, TEXT};
use crate::policy::shape::{Key, Kind, Section};

/// `audit.sinks[].elastic:`
pub static ELASTIC: Section = Section {
    what: "audit.sinks.elastic",
    doc: "Elasticsearch or OpenSearch, into a data stream.",
    keys: &over_http::<4, 15>([
        Key::required("url", Kind::Text(&HTTPS), "The cluster."),
        Key::optional("data_stream", Kind::Text(&TEXT), "The data stream: type, dataset and namespace.")
            .or("logs-portcullis.audit-default"),
        Key::optional("token_file", Kind::Text(&FILE), "A file with what the gate proves itself with."),
        Key::optional(
            "scheme",
            Kind::Words(&["api_key", "basic", "bearer"]),
            "What the file holds: an API key in its encoded form, `<user>:<password>`, or a token.",
        )
        .or("api_key"),
    ]),
};
