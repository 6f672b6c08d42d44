//! Step two: who calls.

use std::sync::Arc;

use http::header::HeaderMap;

use super::Gate;
use super::connection::Connection;
use super::normalise::Normalised;
use super::visit::Visit;
use crate::identity::{Identity, IdentityRefusal, Peer};
use crate::policy::decide::DeviceFact;

/// Evidence of who calls: a proven identity, nobody, or a credential that proves nobody. What the last one leads to is
/// for `authorise` to say, where shadow mode is known.
pub struct Caller {
    pub(super) proven: Result<Option<Arc<Identity>>, IdentityRefusal>,
    /// Whether it calls from a device of its own.
    pub(super) device: DeviceFact,
}

/// Identifies.
pub fn identify(
    gate: &Gate,
    connection: &Connection,
    _: &Normalised<'_>,
    fields: &HeaderMap,
    visit: &mut Visit,
) -> Caller {
    let Peer { caller, device } = connection.peer_certificate(gate);
    let proven = match (caller, &device) {
        (Err(refusal), _) => Err(refusal),
        (Ok(_), Some(device)) if device.has_ended(visit.now()) => Err(IdentityRefusal::CertificateExpired),
        (Ok(certificate), _) => gate.identifier.identify(fields, certificate.as_ref(), visit.now()),
    };
    let mut fact = DeviceFact::None;
    if let Ok(Some(identity)) = &proven {
        visit.called_by(identity);
        fact = device.as_ref().map_or(fact, |device| device.fact(identity));
    }
    Caller { proven, device: fact }
}
