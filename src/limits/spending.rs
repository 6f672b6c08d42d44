//! What is spent of the limits, for those who operate the gate. It counts nothing and keeps nothing.

use super::{Counter, Limits, Measure, Standing};
use crate::clock::Ticks;
use crate::policy::Policy;
use crate::policy::roles::PrincipalKind;
use crate::policy::settings::LimitKey;
use crate::redact::Name;

use std::time::Duration;

/// What somebody or something has left of a limit.
pub struct Spending {
    /// The limit.
    pub limit: Name,
    /// The role or route that it counts for, if it counts for one.
    pub of: Option<Name>,
    /// What is left.
    pub standing: Standing,
}

impl Limits {
    /// What a caller, and what roles and routes have spent. Of those, only what is not untouched. `policy` is that of
    /// these limits.
    pub fn spending(&self, policy: &Policy, caller: Option<(PrincipalKind, &str)>, now: Ticks) -> Vec<Spending> {
        let mut found = Vec::new();
        for counter in &self.counters {
            let mut add = |of: Option<&Name>, key: u64, always: bool| {
                let standings = counter.standings(key, now);
                let told = standings.into_iter().filter(|standing| always || standing.left < standing.most);
                let limit = &counter.limit.name;
                found.extend(told.map(|standing| Spending { limit: limit.clone(), of: of.cloned(), standing }));
            };
            match (counter.limit.per, caller) {
                (LimitKey::Caller, Some(caller)) => add(None, self.of_caller(caller), true),
                (LimitKey::CallerRoute, Some(caller)) => {
                    for (route, place) in policy.routes.routes().iter().zip(&self.routes) {
                        add(Some(&route.name), self.of_caller_on(caller, *place), false);
                    }
                }
                (LimitKey::Role, None) => {
                    for (role, key) in policy.roles.names().iter().zip(&self.roles) {
                        add(Some(role), *key, false);
                    }
                }
                (LimitKey::Route, None) => {
                    for (route, key) in policy.routes.routes().iter().zip(&self.routes) {
                        add(Some(&route.name), *key, false);
                    }
                }
                _ => {}
            }
        }
        found
    }
}

impl Counter {
    fn standings(&self, key: u64, now: Ticks) -> Vec<Standing> {
        let limit = self.limit.index;
        let mut all = Vec::new();
        let mut add = |measure, (most, left, full_in)| all.push(Standing { limit, measure, most, left, full_in });
        if let Some(requests) = &self.requests {
            add(Measure::Requests, requests.left(key, now));
        }
        for (quotas, measure) in [(&self.bytes, Measure::Bytes), (&self.records, Measure::Records)] {
            if let Some(quotas) = quotas {
                add(measure, quotas.look(key, now).0);
            }
        }
        if let (Some(slots), Some(most)) = (&self.concurrent, self.limit.concurrent) {
            let left = most.saturating_sub(slots.taken(key));
            add(Measure::Concurrent, (u64::from(most), u64::from(left), Duration::ZERO));
        }
        all
    }
}

impl Measure {
    /// As the policy spells it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Bytes => "bytes",
            Self::Records => "records",
            Self::Concurrent => "concurrent",
        }
    }
}
