//! `audit.sinks[].elastic`

use super::{credential, http};
use crate::policy::load::decode::{Decoder, Fields};
use crate::policy::settings::{ElasticSettings, NetworkKind};

const WHAT: &str = "audit.sinks.elastic";

pub(super) fn elastic(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<NetworkKind> {
    let http = http(d, fields, WHAT);
    let make = "save the API key under this name, readable by the gate alone";
    let token = credential(d, fields, "token_file", WHAT, make);
    Some(NetworkKind::Elastic(ElasticSettings { http: http?, token: token? }))
}
