//! `audit.sinks[].splunk`

use super::over_http;
use crate::policy::shape::forms::{FILE, HTTPS, TEXT};
use crate::policy::shape::{Key, Kind, Section};

/// `audit.sinks[].splunk:`
pub static SPLUNK: Section = Section {
    what: "audit.sinks.splunk",
    doc: "Splunk's HTTP event collector.",
    keys: &over_http::<4, 15>([
        Key::required("url", Kind::Text(&HTTPS), "The collector."),
        Key::required("token_file", Kind::Text(&FILE), "A file that holds the collector's token."),
        Key::optional("index", Kind::Text(&TEXT), "The index; the token's own without it."),
        Key::optional(
            "acks",
            Kind::Words(&["true", "false"]),
            "Whether a batch counts as delivered only once the indexers have it: indexer acknowledgement, which the \
             token must have enabled. Splunk Enterprise has it, Splunk Cloud has not.",
        )
        .or("false"),
    ]),
};
