//! `audit.sinks[].elastic`

use super::{credential, http};
use crate::policy::fault::{Code, Fault};
use crate::policy::load::decode::{Decoder, Fields};
use crate::policy::settings::{ElasticScheme, ElasticSettings, NetworkKind};
use crate::policy::yaml::Node;

const WHAT: &str = "audit.sinks.elastic";
/// Names of indexes have at most 255 bytes, and those behind a data stream have a prefix and two numbers more.
const LONGEST: usize = 200;
const SCHEMES: &[(&str, ElasticScheme)] =
    &[("api_key", ElasticScheme::ApiKey), ("basic", ElasticScheme::Basic), ("bearer", ElasticScheme::Bearer)];

pub(super) fn elastic(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<NetworkKind> {
    let http = http(d, fields, WHAT);
    let stream = fields.get("data_stream").map(|node| data_stream(d, node));
    let make = "save the API key under this name, readable by the gate alone";
    let token = credential(d, fields, "token_file", WHAT, make);
    let scheme = fields.get("scheme").and_then(|node| d.word(node, "audit.sinks.elastic.scheme", SCHEMES));
    Some(NetworkKind::Elastic(ElasticSettings {
        http: http?,
        data_stream: stream.unwrap_or_else(|| Some(ElasticSettings::DATA_STREAM.to_owned()))?,
        token: token?,
        scheme: scheme.unwrap_or_default(),
    }))
}

/// A name that a data stream may have, as far as it needs no escapes in a path.
fn data_stream(d: &mut Decoder<'_>, node: &Node) -> Option<String> {
    let text = d.text(node, "audit.sinks.elastic.data_stream")?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    if text.len() > LONGEST || !text.bytes().all(plain) || text.starts_with(['.', '_', '-']) {
        let message = "audit.sinks.elastic.data_stream is no data stream: small letters, digits, `.`, `_` and `-`, a \
                       letter or digit first";
        d.fault(Fault::new(Code::Name, node.span, message).label("no name of a data stream"));
        return None;
    }
    Some(text.to_owned())
}
