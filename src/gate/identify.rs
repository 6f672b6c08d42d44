//! Step two: who calls.

use std::sync::Arc;

use http::Method;
use http::header::HeaderMap;

use super::Gate;
use super::connection::Connection;
use super::normalise::Normalised;
use super::visit::Visit;
use crate::identity::{Identity, IdentityRefusal, Presented, Target, Verdict};

/// Evidence of who calls: a proven identity, nobody, or a credential that proves nobody. What the last one leads to is
/// for `authorise` to say, where shadow mode is known.
pub struct Caller {
    pub(super) proven: Result<Option<Arc<Identity>>, IdentityRefusal>,
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
    let proven = match connection.certificate(gate) {
        Err(refusal) => Err(refusal),
        Ok(certificate) => {
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
    if let Ok(Some(identity)) = &proven {
        visit.called_by(identity);
    }
    Caller { proven }
}
