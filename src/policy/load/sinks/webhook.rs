//! `audit.sinks[].webhook`

use super::{credential, http};
use crate::policy::fault::{Code, Fault};
use crate::policy::load::decode::{Decoder, Fields};
use crate::policy::settings::{NetworkKind, WebhookForm, WebhookSettings};

const WHAT: &str = "audit.sinks.webhook";

pub(super) fn webhook(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<NetworkKind> {
    let http = http(d, fields, WHAT);
    let words = &[("ndjson", WebhookForm::Ndjson), ("array", WebhookForm::Array)];
    let form = fields.get("format").and_then(|node| d.word(node, "audit.sinks.webhook.format", words));
    let form = form.unwrap_or_default();
    let content_type = match fields.get("content_type") {
        None => Some(form.content_type()),
        Some(node) => {
            let text = d.text(node, "audit.sinks.webhook.content_type");
            let value = text.map(|text| ::http::HeaderValue::from_str(text).ok().filter(|_| text.contains('/')));
            if value == Some(None) {
                let fault = Fault::new(Code::Header, node.span, "audit.sinks.webhook.content_type is no media type");
                d.fault(fault.help("`application/json`, `application/x-ndjson`"));
            }
            value.flatten()
        }
    };
    let make = "a long random text that the receiver knows too, closed to other users: `openssl rand -hex 32`";
    let hmac_key = credential(d, fields, "hmac_key_file", WHAT, make);
    let token = credential(d, fields, "token_file", WHAT, "save the token under this name, readable by the gate alone");
    Some(NetworkKind::Webhook(WebhookSettings {
        http: http?,
        form,
        content_type: content_type?,
        hmac_key: hmac_key?,
        token: token?,
    }))
}
