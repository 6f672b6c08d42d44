//! From a sound policy to what runs: every file that it names is read here, and nowhere else.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

use super::AppFault;
use crate::audit::{PolicyRecord, RouteRecord};
use crate::clock::Clock;
use crate::edge::TlsTerms;
use crate::gate::Terms;
use crate::identity::{AssertionSigner, Identifier, IdentityFault, pseudonym_keys};
use crate::limits::Limits;
use crate::policy::Policy;
use crate::policy::route::Route;
use crate::policy::settings::{Mode, RedactionSettings};
use crate::redact::Redactor;
use crate::upstream::Connector;

/// All that a policy gives to the gate and to the edge.
pub(super) struct Assembled {
    pub terms: Arc<Terms>,
    pub tls: TlsTerms,
}

/// Reads what `policy` names. Nothing is put in force.
pub(super) fn assemble(
    policy: Arc<Policy>,
    generation: u64,
    provider: &Arc<CryptoProvider>,
    clock: &Clock,
) -> Result<Assembled, AppFault> {
    let redactor = Arc::new(redactor(&policy.redaction, clock)?);
    let identifier = Identifier::for_policy(&policy, Arc::clone(&redactor))?;
    let signer = policy.gate.assertion.as_ref().map(AssertionSigner::load).transpose()?;
    let connector = Connector::load(&policy.upstream, provider)?;
    let tls = TlsTerms::load(&policy.gate.tls, provider)?;
    let record = PolicyRecord { digest: policy.digest.clone(), enforced: policy.mode == Mode::Enforce };
    let terms = Terms {
        generation,
        route_records: policy.routes.routes().iter().map(|route| Arc::new(route_record(route))).collect(),
        limits: Arc::new(Limits::new(&policy.limits, clock)),
        policy,
        policy_record: Arc::new(record),
        identifier: Arc::new(identifier),
        signer,
        redactor,
        connector,
    };
    Ok(Assembled { terms: Arc::new(terms), tls })
}

/// What makes pseudonyms, and lets stand what the policy says, as of now.
pub(crate) fn redactor(settings: &RedactionSettings, clock: &Clock) -> Result<Redactor, IdentityFault> {
    let redactor = match &settings.key {
        Some(path) => Redactor::rotating(pseudonym_keys::load(path)?, clock.wall().seconds()),
        None => Redactor::hiding(),
    };
    Ok(redactor.keeping(settings.keep.clone()))
}

fn route_record(route: &Route) -> RouteRecord {
    RouteRecord {
        name: route.name.clone(),
        template: route.template.clone(),
        pii: route.pii.clone(),
        controls: route.controls.clone(),
    }
}
