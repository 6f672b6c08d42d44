//! What the detectors' thread needs of a policy.

use std::sync::Arc;

use super::detect::Spec;
use super::lens::{Lens, specs};
use crate::audit::{PolicyRecord, RouteRecord};
use crate::policy::Policy;
use crate::policy::settings::detect::Detector;
use crate::policy::settings::{AlarmRule, Networks, When};
use crate::redact::{AddressForm, Redactor};

/// What the detectors' thread needs of a policy. Made once for each.
pub struct Brief {
    /// Makes the hashes.
    pub lens: Arc<Lens>,
    /// Rules whose alarms detectors raise, in the order of [`Self::specs`].
    pub rules: Vec<Arc<AlarmRule>>,
    /// What the core is made of.
    pub specs: Vec<Spec>,
    /// The policy, as records show it.
    pub policy: Arc<PolicyRecord>,
    /// Its routes, as records show them.
    pub routes: Vec<Arc<RouteRecord>>,
    /// Shows addresses.
    pub redactor: Arc<Redactor>,
    /// How.
    pub address_form: AddressForm,
    /// Addresses that stand for everybody behind them.
    pub proxies: Networks,
}

impl Brief {
    /// Of a policy.
    pub fn new(
        policy: &Policy,
        lens: Arc<Lens>,
        record: Arc<PolicyRecord>,
        routes: Vec<Arc<RouteRecord>>,
        redactor: Arc<Redactor>,
    ) -> Self {
        let (places, specs): (Vec<usize>, Vec<Spec>) = specs(policy).unzip();
        Self {
            lens,
            rules: places.iter().filter_map(|place| policy.alarms.get(*place).cloned()).collect(),
            specs,
            policy: record,
            routes,
            redactor,
            address_form: policy.redaction.address,
            proxies: policy.gate.trusted_proxies.clone(),
        }
    }

    /// The rule of a finding, and its detector.
    pub fn rule(&self, place: usize) -> Option<(&AlarmRule, &Detector)> {
        let rule = self.rules.get(place)?;
        match &rule.when {
            When::Behaviour(detector) => Some((rule, detector)),
            When::Canary { .. } => None,
        }
    }
}
