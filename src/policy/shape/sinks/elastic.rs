//! `audit.sinks[].elastic`

use super::{ALARM, BATCH, CA, CERTIFICATE, COMPRESSION, FROM, KEY, NAME, ONLY, SAMPLE, TIMEOUT};
use crate::policy::shape::forms::{FILE, HTTPS};
use crate::policy::shape::{Key, Kind, Section};

/// `audit.sinks[].elastic:`
pub static ELASTIC: Section = Section {
    what: "audit.sinks.elastic",
    doc: "Elasticsearch or OpenSearch, into a data stream.",
    keys: &[
        Key::required("url", Kind::Text(&HTTPS), "The cluster."),
        Key::optional("token_file", Kind::Text(&FILE), "A file with an API key for `Authorization: ApiKey`."),
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
