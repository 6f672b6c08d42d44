//! `audit.sinks[].otlp`

use super::{credential, http};
use crate::policy::load::decode::{Decoder, Fields};
use crate::policy::settings::{NetworkKind, OtlpSettings};

const WHAT: &str = "audit.sinks.otlp";

pub(super) fn otlp(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<NetworkKind> {
    let http = http(d, fields, WHAT);
    let token = credential(d, fields, "token_file", WHAT, "save the token under this name, readable by the gate alone");
    Some(NetworkKind::Otlp(OtlpSettings { http: http?, token: token? }))
}
