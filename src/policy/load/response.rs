//! `admin:`: validated in full, without a running form in this build.

use super::decode::Decoder;
use crate::policy::shape;
use crate::policy::yaml::{Entry, Value};

/// Validates `admin:`.
pub(super) fn admin(d: &mut Decoder<'_>, entry: &Entry) {
    d.part("admin", entry.key_span);
    let Some(fields) = d.fields(&entry.value, &shape::ADMIN) else { return };
    let Some(node) = d.required(&fields, "listen") else { return };
    let listen = d.listen(node, "admin.listen");
    if listen.is_some_and(|address| !address.ip().is_loopback()) && matches!(node.value, Value::Scalar(_)) {
        d.plaintext(node.span, "admin.listen", "listen on loopback: `127.0.0.1:9443`");
    }
}
