//! Step two: who calls.

use std::sync::Arc;

use http::Method;
use http::header::HeaderMap;

use super::Gate;
use super::connection::Connection;
use super::normalise::Normalised;
use super::visit::Visit;
use crate::identity::{Identity, IdentityRefusal, Peer, Presented, Target, Verdict};
use crate::policy::decide::DeviceFact;

/// Evidence of who calls: a proven identity, nobody, or a credential that proves nobody. What the last one leads to is
/// for `authorise` to say, where shadow mode is known.
pub struct Caller {
    pub(super) proven: Result<Option<Arc<Identity>>, IdentityRefusal>,
    /// Whether it calls from a device of its own.
    pub(super) device: DeviceFact,
}

/// Has a token looked at that may need its issuer: the one part of the way that may wait, before it begins. Costs
/// nothing where no issuer of the policy is asked anything.
pub async fn look_ahead(gate: &Gate, fields: &HeaderMap, visit: &Visit) -> Option<Verdict> {
    if !gate.identifier.looks_ahead() {
        return None;
    }
    // Boxed, since it is far larger than what most requests wait with.
    Box::pin(gate.identifier.look_ahead(fields, visit.now())).await
}

/// Identifies.
pub fn identify(
    gate: &Gate,
    connection: &Connection,
    normalised: &Normalised<'_>,
    (method, fields): (&Method, &HeaderMap),
    ahead: Option<Verdict>,
    visit: &mut Visit,
) -> Caller {
    let Peer { caller, device } = connection.peer_certificate(gate);
    let proven = match (caller, &device) {
        (Err(refusal), _) => Err(refusal),
        (Ok(_), Some(device)) if device.has_ended(visit.now()) => Err(IdentityRefusal::CertificateExpired),
        (Ok(certificate), _) => {
            let presented = Presented {
                headers: fields,
                certificate: certificate.as_ref(),
                thumbprint: connection.thumbprint.as_ref(),
                target: Target {
                    method: method.as_str(),
                    // It was read as text when it was normalised; an empty one is no request's.
                    authority: normalised.authority.to_str().unwrap_or_default(),
                    path: normalised.path.as_str(),
                    profile: gate.policy.upstream.profile,
                },
                ahead,
            };
            gate.identifier.identify(&presented, visit.now())
        }
    };
    let mut fact = DeviceFact::None;
    if let Ok(Some(identity)) = &proven {
        visit.called_by(identity);
        fact = device.as_ref().map_or(fact, |device| device.fact(identity));
    }
    Caller { proven, device: fact }
}
