//! The trail's ways out, as the policy has them.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

use super::{AppFault, instance};
use crate::audit::Trail;
use crate::clock::Clock;
use crate::delivery::{Deliveries, Outfit, Tools, check};
use crate::gate::Terms;
use crate::policy::Policy;
use crate::policy::settings::NetworkSink;
use crate::redact::Name;

/// Begins to deliver the chain of this name, where there is a spool.
pub(super) fn start(
    terms: &Terms,
    (trail, chain): (&Trail, &Name),
    provider: &Arc<CryptoProvider>,
    clock: &Clock,
) -> Result<Option<Deliveries>, AppFault> {
    let Some(spool) = terms.policy.audit.spool().cloned() else { return Ok(None) };
    let (trail, policy) = (trail.clone(), Arc::clone(&terms.policy_record));
    let outfit = Outfit { spool, trail, tools: tools(chain, provider, clock), policy };
    Ok(Some(Deliveries::start(outfit, sinks(&terms.policy))?))
}

/// Whether all sinks of a policy can be made.
pub(super) fn judge(policy: &Policy, provider: &Arc<CryptoProvider>, clock: &Clock) -> Result<(), AppFault> {
    Ok(check(policy.audit.network(), &tools(&instance(), provider, clock))?)
}

/// Takes up the sinks of the policy that is in force now.
pub(super) fn renew(deliveries: &Deliveries, terms: &Terms) {
    deliveries.renew(sinks(&terms.policy), Arc::clone(&terms.policy_record));
}

fn tools(chain: &Name, provider: &Arc<CryptoProvider>, clock: &Clock) -> Tools {
    Tools { provider: Arc::clone(provider), clock: clock.clone(), instance: chain.clone() }
}

fn sinks(policy: &Policy) -> Vec<NetworkSink> {
    policy.audit.network().cloned().collect()
}
