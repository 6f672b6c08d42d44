//! `audit.sinks[].webhook`

use super::over_http;
use crate::policy::shape::forms::{FILE, HTTPS, TEXT};
use crate::policy::shape::{Key, Kind, Section};

/// `audit.sinks[].webhook:`
pub static WEBHOOK: Section = Section {
    what: "audit.sinks.webhook",
    doc: "POST to a web address: OCSF records, as they stand in the trail.",
    keys: &over_http::<5, 16>([
        Key::required("url", Kind::Text(&HTTPS), "The address."),
        Key::optional("format", Kind::Words(&["ndjson", "array"]), "One record a line, or a JSON array.").or("ndjson"),
        Key::optional(
            "content_type",
            Kind::Text(&TEXT),
            "The body's media type; `application/x-ndjson` or `application/json` without it.",
        ),
        Key::optional(
            "hmac_key_file",
            Kind::Text(&FILE),
            "A file with the key that each body is signed with, in `X-Portcullis-Signature`.",
        ),
        Key::optional("token_file", Kind::Text(&FILE), "A file with a token for `Authorization: Bearer`."),
    ]),
};
