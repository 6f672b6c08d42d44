//! `devices:` whose certificates are those of devices, and who may call from which (ID-8).

use std::sync::Arc;

use super::decode::{Decoder, Fields};
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::settings::{CertificateSubject, DeviceBinding, DeviceSettings, NamePattern};
use crate::policy::shape;
use crate::policy::yaml::Node;

/// Bindings of a policy; each is looked at once per connection.
const MAX_BINDINGS: usize = 10_000;
/// Patterns of names.
const MAX_PATTERNS: usize = 100;
/// Callers of a device.
const MAX_CALLERS: usize = 1000;
const CALLER_PREFIXES: &[&str] = &["user:", "group:", "key:"];

/// Decodes the section.
pub(super) fn devices(d: &mut Decoder<'_>, node: &Node) -> Option<Arc<DeviceSettings>> {
    let fields = d.fields(node, &shape::DEVICES)?;
    let subjects = &[
        ("san_uri", CertificateSubject::SanUri),
        ("san_dns", CertificateSubject::SanDns),
        ("common_name", CertificateSubject::CommonName),
    ];
    let subject = fields.get("subject").and_then(|node| d.word(node, "devices.subject", subjects));
    let names = d.required(&fields, "names").map(|node| patterns(d, node)).unwrap_or_default();
    let issuer = fields.get("issuer").and_then(|node| {
        d.existing(node, "devices.issuer", "the PEM certificates of the authorities that sign for devices alone")
    });
    let bound = bindings(d, &fields);
    Some(Arc::new(DeviceSettings { subject: subject.unwrap_or(CertificateSubject::SanUri), names, issuer, bound }))
}

fn patterns(d: &mut Decoder<'_>, node: &Node) -> Vec<NamePattern> {
    let items = d.filled_list(node, "devices.names").unwrap_or_default();
    if items.len() > MAX_PATTERNS {
        d.fault(Fault::new(Code::Bound, node.span, format!("more than {MAX_PATTERNS} patterns")));
    }
    items.iter().take(MAX_PATTERNS).filter_map(|item| pattern(d, item, "devices.names")).collect()
}

/// A name, or the begin of one with `*` at the end: one segment more, without a slash.
fn pattern(d: &mut Decoder<'_>, node: &Node, what: &str) -> Option<NamePattern> {
    let name = d.name(node, what)?;
    let text = name.as_str();
    match text.strip_suffix('*') {
        None if !text.contains('*') => Some(NamePattern::Exact(text.into())),
        Some(start) if !start.is_empty() && !start.contains('*') => Some(NamePattern::Begin(start.into())),
        _ => {
            let fault = Fault::new(Code::Name, node.span, format!("{} is no pattern of names", quote(text)));
            d.fault(fault.help("a name, or its begin and one `*` at the end: `spiffe://seller/device/*`"));
            None
        }
    }
}

fn bindings(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Vec<DeviceBinding> {
    let Some(node) = d.required(fields, "bound") else { return Vec::new() };
    let items = d.filled_list(node, "devices.bound").unwrap_or_default();
    if items.len() > MAX_BINDINGS {
        d.fault(Fault::new(Code::Bound, node.span, format!("more than {MAX_BINDINGS} bindings")));
    }
    let mut bound = Vec::new();
    for item in items.iter().take(MAX_BINDINGS) {
        let Some(fields) = d.fields(item, &shape::BINDING) else { continue };
        let device = d.required(&fields, "device").and_then(|node| pattern(d, node, "devices.bound.device"));
        let callers = d.required(&fields, "callers").map(|node| callers(d, node)).unwrap_or_default();
        bound.extend(device.map(|device| DeviceBinding { device, callers }));
    }
    bound
}

fn callers(d: &mut Decoder<'_>, node: &Node) -> Vec<Box<str>> {
    let items = d.filled_list(node, "devices.bound.callers").unwrap_or_default();
    if items.len() > MAX_CALLERS {
        let fault = Fault::new(Code::Bound, node.span, format!("more than {MAX_CALLERS} callers of one device"));
        d.fault(fault.help("use a group"));
    }
    let mut callers = Vec::new();
    for item in items.iter().take(MAX_CALLERS) {
        let Some(text) = d.text(item, "a caller of a device") else { continue };
        if CALLER_PREFIXES.iter().any(|prefix| text.len() > prefix.len() && text.starts_with(prefix)) {
            callers.push(text.into());
            continue;
        }
        let help = match text.starts_with("cert:") {
            true => "the connection's certificate is the device's: its caller proves itself by a token or an API key",
            false => "say how the caller proves its name: `user:`, `group:` or `key:` before it",
        };
        let message = format!("{} cannot call from a device", quote(text));
        d.fault(Fault::new(Code::Member, item.span, message).help(help));
    }
    callers
}
