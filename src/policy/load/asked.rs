//! What is shown is asked for: certificates of callers and devices, and headers that can carry a key.

use super::decode::{Decoder, Fields};
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::settings::{Binding, CallerMethod, GateSettings};
use crate::policy::source::Span;

/// Who is to show a certificate is asked for one.
pub(super) fn certificates_are_asked_for(d: &mut Decoder<'_>, callers: &[(CallerMethod, Span)], gate: &GateSettings) {
    if gate.tls.client_ca.is_none()
        && let Some((_, span)) = callers.iter().find(|(method, _)| needs_certificate(method))
    {
        never_asked_for(d, *span);
    }
}

/// A header that tells the app who calls carries no key.
pub(super) fn key_headers(d: &mut Decoder<'_>, callers: &[(CallerMethod, Span)], gate: &GateSettings) {
    for (method, span) in callers {
        if let CallerMethod::ApiKey(settings) = method
            && gate.headers.own(settings.header.as_str())
        {
            let message = format!("{} says who calls, and cannot carry a key", quote(settings.header.as_str()));
            d.fault(Fault::new(Code::Header, *span, message).help("use another header here, or under `gate.headers`"));
        }
    }
}

/// Devices are known by certificates.
pub(super) fn devices_are_asked_for(d: &mut Decoder<'_>, fields: &Fields<'_>, gate: Option<&GateSettings>) {
    let never = gate.is_some_and(|gate| gate.tls.client_ca.is_none());
    if let Some(entry) = fields.entry("devices").filter(|_| never) {
        never_asked_for(d, entry.key_span);
    }
}

fn never_asked_for(d: &mut Decoder<'_>, span: Span) {
    let fault = Fault::new(Code::Unproven, span, "certificates are never asked for: `gate.tls.client_ca` is missing");
    d.fault(fault.help("name the authority that signs the certificates of callers or devices"));
}

/// Whether callers prove themselves, or are bound to, a certificate of theirs.
fn needs_certificate(method: &CallerMethod) -> bool {
    match method {
        CallerMethod::Certificate(_) => true,
        CallerMethod::Token(token) => token.bound == Some(Binding::Certificate),
        CallerMethod::ApiKey(_) => false,
    }
}
