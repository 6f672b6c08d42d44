//! `audit.sinks[].splunk`

use super::http;
use crate::policy::fault::{Code, Fault};
use crate::policy::load::decode::{Decoder, Fields};
use crate::policy::settings::{NetworkKind, SplunkSettings};
use crate::policy::yaml::Node;

const WHAT: &str = "audit.sinks.splunk";

pub(super) fn splunk(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<NetworkKind> {
    let http = http(d, fields, WHAT);
    let token = d.required(fields, "token_file").and_then(|node| {
        let make = "save the HEC token under this name, readable by the gate alone";
        d.existing(node, "audit.sinks.splunk.token_file", make)
    });
    let index = fields.get("index").map(|node| index(d, node));
    let acks = fields
        .get("acks")
        .and_then(|node| d.word(node, "audit.sinks.splunk.acks", &[("true", true), ("false", false)]));
    let index = index.map_or(Some(None), |index| index.map(Some));
    Some(NetworkKind::Splunk(SplunkSettings { http: http?, token: token?, index: index?, acks: acks.unwrap_or(false) }))
}

/// The name of an index, as Splunk allows it.
fn index(d: &mut Decoder<'_>, node: &Node) -> Option<String> {
    let text = d.text(node, "audit.sinks.splunk.index")?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    if text.len() > 80 || !text.bytes().all(plain) || text.starts_with(['_', '-']) {
        let message =
            "audit.sinks.splunk.index is no index: small letters, digits, `_` and `-`, a letter or digit first";
        d.fault(Fault::new(Code::Name, node.span, message).label("no name of an index"));
        return None;
    }
    Some(text.to_owned())
}
