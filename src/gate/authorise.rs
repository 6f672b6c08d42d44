//! Step four: may this caller do this. The policy decides; this step gives it the facts and keeps what it says.

use std::sync::Arc;

use http::{HeaderMap, Method};

use super::denial::Denial;
use super::guard::Cleared;
use super::normalise::Normalised;
use super::sanction::Asking;
use super::visit::Visit;
use super::{Gate, canary};
use crate::identity::Identity;
use crate::policy::decide::{self, CallerFacts, Facts, Verdict};
use crate::policy::route::Route;
use crate::policy::settings::Mode;

/// Evidence that the policy lets the request through. Forwarding without one does not compile.
pub struct Permit<'g> {
    /// The route; `None` only where shadow mode passes a path that has none.
    pub route: Option<&'g Arc<Route>>,
    /// Who calls.
    pub identity: Option<Arc<Identity>>,
    /// The client's address.
    pub address: std::net::IpAddr,
    /// The role that let it through.
    pub role: Option<crate::policy::roles::RoleIndex>,
    _only_here: (),
}

/// Authorises.
pub fn authorise<'g>(
    gate: &'g Gate,
    normalised: &Normalised<'_>,
    method: &Method,
    cleared: Cleared,
    fields: &HeaderMap,
    visit: &mut Visit,
) -> Result<Permit<'g>, super::Refused> {
    let device = cleared.caller.device;
    let (identity, refusal) = match cleared.caller.proven {
        Ok(identity) => (identity, None),
        Err(refusal) => (None, Some(Denial::Identity(refusal))),
    };
    let facts = Facts {
        method,
        path: &normalised.path,
        address: cleared.address,
        caller: identity.as_ref().map(|identity| CallerFacts {
            roles: identity.roles,
            mfa_at: identity.mfa_at,
            device,
        }),
        now: visit.now(),
    };
    let decision = decide::decide(&gate.policy, &facts);
    visit.looked_at(cleared.address, decision.route.map(AsRef::as_ref), &normalised.path, normalised.query);
    match decision.route {
        Some(route) => visit.found(route, normalised.query),
        None => visit.found_nothing(normalised.query),
    }
    // Who is shut out learns nothing of what the policy says.
    let asking = Asking { identity: identity.as_deref(), address: cleared.address, route: decision.route };
    if !gate.canaries.is_empty() {
        canary::in_request(gate, normalised.path.as_str(), normalised.query, fields, &asking, visit)
            .map_err(|denial| (denial, None))?;
    }
    asking.shut_out(gate, visit).map_err(|denial| (denial, None))?;
    // A credential that proves nobody is refused before anything is said of routes.
    let mode = decision.route.map_or(gate.policy.mode, |route| route.mode);
    if let Some(refusal) = refusal {
        asking.refused(gate, refusal, mode, visit);
        if mode == Mode::Enforce {
            return Err((refusal, None));
        }
        visit.shadowed(&refusal.row().outcome);
    }
    let role = match decision.verdict {
        Verdict::Allow(role) => role,
        Verdict::Refuse(reason) => {
            asking.refused(gate, Denial::Policy(reason), Mode::Enforce, visit);
            return Err((Denial::Policy(reason), decision.route.cloned()));
        }
        Verdict::Shadow(reason) => {
            asking.refused(gate, Denial::Policy(reason), Mode::Shadow, visit);
            visit.shadowed(&Denial::Policy(reason).row().outcome);
            None
        }
    };
    let role = asking.pass(gate, role, visit).map_err(|denial| (denial, None))?;
    visit.passes_as(role);
    Ok(Permit { route: decision.route, identity, address: cleared.address, role, _only_here: () })
}
