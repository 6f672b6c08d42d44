//! Step two: who calls.

use std::sync::Arc;

use http::header::HeaderMap;

use super::Gate;
use super::connection::Connection;
use super::normalise::Normalised;
use super::visit::Visit;
use crate::identity::{Identity, IdentityRefusal};

/// Evidence of who calls: a proven identity, nobody, or a credential that proves nobody. What the last one leads to is
/// for `authorise` to say, where shadow mode is known.
pub struct Caller {
    pub(super) proven: Result<Option<Arc<Identity>>, IdentityRefusal>,
}

/// Identifies.
pub fn identify(
    gate: &Gate,
    connection: &Connection,
    _: &Normalised<'_>,
    fields: &HeaderMap,
    visit: &mut Visit,
) -> Caller {
    let proven = match connection.certificate(gate) {
        Err(refusal) => Err(refusal),
        Ok(certificate) => gate.identifier.identify(fields, certificate.as_ref(), visit.now()),
    };
    if let Ok(Some(identity)) = &proven {
        visit.called_by(identity);
    }
    Caller { proven }
}
