//! Step five: is there room. Limits, the bound of the body, and a place for the record.

use std::sync::Arc;

use http::header::{self, HeaderMap};

use super::Gate;
use super::authorise::Permit;
use super::denial::{BodyFault, Denial, GateFault};
use super::visit::Visit;
use crate::limits::Subject;
use crate::policy::route::Route;

/// Evidence that a permitted request may take up the app's time.
pub struct Admitted<'g> {
    /// What was permitted.
    pub permit: Permit<'g>,
    /// The bound of the request's body, in bytes.
    pub body: u64,
    _only_here: (),
}

/// Admits.
pub fn admit<'g>(
    gate: &Gate,
    permit: Permit<'g>,
    headers: &HeaderMap,
    visit: &mut Visit,
) -> Result<Admitted<'g>, Denial> {
    let body = permit.route.and_then(|route| route.body).unwrap_or(gate.policy.gate.bounds.body);
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|declared| declared > body) {
        return Err(Denial::Body(BodyFault::TooLarge));
    }
    // No record, no answer: on routes with personal data a trail that cannot be written closes the way, and on all
    // others if the policy says so.
    let closes = gate.trail.denies_all() || permit.route.is_some_and(|route| route.is_pii());
    if closes && !gate.trail.healthy() {
        return Err(Denial::Gate(GateFault::Audit));
    }
    if let Some(route) = permit.route {
        limits(gate, route, &permit, visit)?;
    }
    Ok(Admitted { permit, body, _only_here: () })
}

fn limits(gate: &Gate, route: &Arc<Route>, permit: &Permit<'_>, visit: &mut Visit) -> Result<(), Denial> {
    if route.limits.is_empty() {
        return Ok(());
    }
    let subject =
        Subject { caller: permit.identity.as_deref(), address: permit.address, role: permit.role, route: route.index };
    // The visit's begin is recent enough, and costs no clock call.
    let grant = gate.limits.admit(&route.limits, &subject, visit.began()).map_err(Denial::Limit)?;
    visit.holds(grant);
    Ok(())
}
