//! `audit.sinks[].splunk`

use super::http;
use crate::policy::load::decode::{Decoder, Fields};
use crate::policy::settings::{NetworkKind, SplunkSettings};

const WHAT: &str = "audit.sinks.splunk";

pub(super) fn splunk(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<NetworkKind> {
    let http = http(d, fields, WHAT);
    let token = d.required(fields, "token_file").and_then(|node| {
        let make = "save the HEC token under this name, readable by the gate alone";
        d.existing(node, "audit.sinks.splunk.token_file", make)
    });
    Some(NetworkKind::Splunk(SplunkSettings { http: http?, token: token? }))
}
