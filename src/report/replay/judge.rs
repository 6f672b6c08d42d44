//! One past request and everything that its record leaves open, decided.

use std::net::IpAddr;

use http::Method;

use super::super::witness;
use super::{After, Before, Known, Replay, Request, group_of};
use crate::policy::Policy;
use crate::policy::decide::{CallerFacts, Decision, DeviceFact, Facts, Reason, Verdict, decide};
use crate::policy::path::CanonicalPath;
use crate::policy::roles::RoleSet;

/// Addresses that are tried where a record does not show one.
const MOST_ADDRESSES: usize = 32;

pub(super) const NO_ROUTE: &str = "no route was found then, so the record holds no path";
pub(super) const SPELLING: &str = "it was refused for how its path was spelt, which the record does not show";
const METHOD: &str = "its method is none that records name";
pub(super) const PATH: &str = "the new policy tells paths apart that the record shows as one route";
pub(super) const ADDRESS: &str =
    "it depends on the client's address, which the record does not show whole; --old may tell";
pub(super) const CALLER: &str = "it depends on groups or members that the record's policy did not know";
pub(super) const STRANGE: &str = "the old policy would not have recorded it so; is it the one that was in force?";
pub(super) const TOO_MANY: &str = "too many requests differ from each other; replay a shorter time";

impl Replay<'_> {
    /// Every way in which the record leaves the request open is tried; what they agree on is the answer.
    pub(super) fn decide(&self, request: &Request, known: &Known<'_>) -> After {
        if let Before::Refused(code) = &request.before
            && [Reason::AmbiguousPath, Reason::EncodedSlash].iter().any(|reason| reason.code() == code)
        {
            return After::Undecided(SPELLING);
        }
        let Some(method) = request.method.as_ref().and_then(|method| method.parse::<Method>().ok()) else {
            return After::Undecided(METHOD);
        };
        let Some(paths) = witness::paths(&request.template, self.policy, &known.templates) else {
            return After::Undecided(PATH);
        };
        let old = if request.in_force { Some(self.policy) } else { self.old };
        let addresses = self.addresses(request.address);
        let callers = self.callers(request, known);
        let mut answer: Option<(Verdict, [usize; 3])> = None;
        for (place, path) in paths.iter().enumerate() {
            let Ok(path) = CanonicalPath::parse(path, self.policy.upstream.profile) else { continue };
            for (at, address) in addresses.iter().enumerate() {
                for (who, caller) in callers.iter().enumerate() {
                    let facts =
                        Facts { method: &method, path: &path, address: *address, caller: *caller, now: request.now };
                    if old.is_some_and(|old| !may_have_been(old, request, &facts)) {
                        continue;
                    }
                    let Decision { verdict, .. } = decide(self.policy, &facts);
                    match answer {
                        None => answer = Some((verdict, [place, at, who])),
                        Some((first, _)) if alike(first, verdict) => {}
                        Some((_, [p, _, _])) if p != place => return After::Undecided(PATH),
                        Some((_, [_, a, _])) if a != at => return After::Undecided(ADDRESS),
                        Some(_) => return After::Undecided(CALLER),
                    }
                }
            }
        }
        answer.map_or(After::Undecided(STRANGE), |(verdict, _)| After::Decided(verdict))
    }

    /// The address, or one of each kind that the policy's networks tell apart.
    pub(super) fn addresses(&self, shown: Option<IpAddr>) -> Vec<IpAddr> {
        // Documentation addresses (RFC 5737), which no policy lists.
        let somewhere = IpAddr::from([192, 0, 2, 1]);
        if let Some(address) = shown {
            return vec![address];
        }
        if !self.by_address {
            return vec![somewhere];
        }
        let rules = std::iter::once(self.policy).chain(self.old).flat_map(|policy| {
            std::iter::once(&policy.network).chain(policy.routes.routes().iter().map(|route| &route.network))
        });
        let mut addresses = vec![somewhere];
        for network in rules.flat_map(|rule| rule.allow.0.iter().chain(&rule.deny.0)) {
            if addresses.len() < MOST_ADDRESSES && !addresses.contains(&network.network()) {
                addresses.push(network.network());
            }
        }
        addresses
    }

    /// What the caller may be to the new policy: nobody, or the least and the most that the record allows.
    pub(super) fn callers(&self, request: &Request, known: &Known<'_>) -> Vec<Option<CallerFacts>> {
        let Some(caller) = &request.caller else { return vec![None] };
        let mut least = RoleSet::default();
        let mut unknown = RoleSet::default();
        for (group, roles) in self.policy.roles.members().filter_map(|(member, roles)| Some((group_of(member)?, roles)))
        {
            if caller.groups.contains(&group) {
                least.extend(&roles);
            } else if !known.groups.contains(&group) {
                unknown.extend(&roles);
            }
        }
        match self.members.get(&caller.uid) {
            Some(roles) => least.extend(roles),
            // A pseudonym under our own key that is nobody's in the policy: a caller that the policy does not name.
            None if self.ours.as_ref().is_some_and(|ours| caller.uid.starts_with(ours.as_str())) => {}
            None if is_id(&caller.uid) => {}
            None => unknown.extend(&self.all_direct),
        }
        let mut most = least;
        most.extend(&unknown);
        let mfa = match (caller.mfa_age, caller.is_mfa) {
            (Some(age), _) => vec![Some(request.now.saturating_sub(age))],
            (None, false) => vec![None],
            (None, true) => vec![None, Some(request.now)],
        };
        let mut callers: Vec<Option<CallerFacts>> = Vec::new();
        // Records do not say from which device a call came.
        let devices: &[DeviceFact] = match self.policy.devices.is_some() {
            true => &[DeviceFact::None, DeviceFact::Bound],
            false => &[DeviceFact::None],
        };
        for (mfa_at, device) in mfa.into_iter().flat_map(|mfa_at| devices.iter().map(move |device| (mfa_at, *device))) {
            callers.push(Some(CallerFacts { roles: least, mfa_at, device }));
            if most != least {
                callers.push(Some(CallerFacts { roles: most, mfa_at, device }));
            }
        }
        callers
    }
}

/// Whether the policy of then, given these facts, would have said what the record says it said.
fn may_have_been(old: &Policy, request: &Request, facts: &Facts<'_>) -> bool {
    let caller = request.caller.as_ref().zip(facts.caller).map(|(recorded, CallerFacts { mfa_at, device, .. })| {
        let mut roles = RoleSet::default();
        recorded.roles.iter().filter_map(|role| old.roles.find(role)).for_each(|role| roles.insert(role));
        CallerFacts { roles, mfa_at, device }
    });
    let decision = decide(old, &Facts { caller, ..*facts });
    let route = decision.route.map_or("", |route| route.name.as_str());
    route == request.route
        && match (&request.before, decision.verdict) {
            (Before::Passed, Verdict::Allow(_)) => true,
            (Before::Shadowed(code), Verdict::Shadow(reason)) | (Before::Refused(code), Verdict::Refuse(reason)) => {
                code == reason.code()
            }
            _ => false,
        }
}

/// Whether two verdicts come to the same for whoever asks.
fn alike(one: Verdict, other: Verdict) -> bool {
    matches!((one, other), (Verdict::Allow(_), Verdict::Allow(_))) || one == other
}

/// `redaction.caller: id` shows callers as the policy spells members.
fn is_id(uid: &str) -> bool {
    ["user:", "cert:", "key:"].iter().any(|kind| uid.starts_with(kind))
}
