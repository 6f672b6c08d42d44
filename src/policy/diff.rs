//! What changes between two policies, from the policies alone: as data, and as counted sentences made of configured
//! names. Members may be people, so sentences count them; the data names them for those who ask at a terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use super::Policy;
use super::rights::Rights;
use super::roles::Roles;
use super::route::Route;
use super::settings::{AdminSettings, Limit};
use crate::redact::{Name, Part, Redacted};

/// Names that one sentence lists; the rest is counted.
const LISTED: usize = 10;

/// All that is different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Routes by name.
    pub routes: Things,
    /// Roles by name; a changed one has other members.
    pub roles: Things,
    /// Limits by name.
    pub limits: Things,
    /// Who may pass where it may not pass before.
    pub gains: Vec<Grant>,
    /// Who may no longer pass.
    pub losses: Vec<Grant>,
    /// Members by role.
    pub members: Vec<Membership>,
    /// Other sections that are different, by their key.
    pub sections: Vec<&'static str>,
}

/// Named things of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Things {
    /// Only in the new policy.
    pub added: Vec<Name>,
    /// Only in the old one.
    pub removed: Vec<Name>,
    /// In both, and different: the keys that are.
    pub changed: Vec<(Name, Vec<&'static str>)>,
}

/// A role's way to a route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The role; `None` for anyone.
    pub role: Option<Name>,
    /// The route.
    pub route: Name,
}

/// What became of a role's members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The role.
    pub role: Name,
    /// Members that it did not have: `user:alice@seller.example`. May be people: not for records.
    pub added: Vec<Box<str>>,
    /// Members that it has no more.
    pub removed: Vec<Box<str>>,
}

impl Diff {
    /// From `old` to `new`.
    pub fn between(old: &Policy, new: &Policy) -> Self {
        let members = members(&old.roles, &new.roles);
        let mut roles = things(old.roles.names().iter(), new.roles.names().iter(), |name| name, |_, _| Vec::new());
        let is_new = |name: &Name| roles.added.contains(name) || roles.removed.contains(name);
        let changed: Vec<_> = members.iter().filter(|one| !is_new(&one.role)).collect();
        roles.changed = changed.into_iter().map(|one| (one.role.clone(), vec!["members"])).collect();
        let (before, after) = (grants(old), grants(new));
        Self {
            routes: things(
                old.routes.routes().iter(),
                new.routes.routes().iter(),
                |route| &route.name,
                |a, b| route_parts(a, &old.roles, b, &new.roles),
            ),
            roles,
            limits: things(old.limits.iter(), new.limits.iter(), |limit| &limit.name, |a, b| limit_parts(a, b)),
            gains: after.difference(&before).cloned().collect(),
            losses: before.difference(&after).cloned().collect(),
            members,
            sections: sections(old, new),
        }
    }

    /// Whether nothing that counts is different: comments, order, or files that the policy names.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is different, for records: kinds in a fixed order, each counted, the first names listed.
    pub fn sentences(&self) -> Vec<Redacted> {
        let mut said = Vec::new();
        for (things, one, many) in
            [(&self.routes, "route", "routes"), (&self.roles, "role", "roles"), (&self.limits, "limit", "limits")]
        {
            let changed: Vec<_> = things.changed.iter().map(|(name, _)| name).collect();
            list(&mut said, one, many, " added: ", &things.added.iter().collect::<Vec<_>>());
            list(&mut said, one, many, " removed: ", &things.removed.iter().collect::<Vec<_>>());
            list(&mut said, one, many, " changed: ", &changed);
        }
        for (grants, verb) in [(&self.gains, " gains "), (&self.losses, " loses ")] {
            by_role(&mut said, grants, verb);
        }
        for one in self.members.iter().take(LISTED) {
            said.push(Redacted::sentence(&[
                Part::Name(&one.role),
                Part::Text(": "),
                Part::Count(one.added.len()),
                Part::Text(" members added, "),
                Part::Count(one.removed.len()),
                Part::Text(" removed"),
            ]));
        }
        rest(&mut said, "roles with other members", self.members.len());
        said.extend(self.sections.iter().map(|key| Redacted::sentence(&[Part::Text(key), Part::Text(": changed")])));
        said
    }
}

fn list(said: &mut Vec<Redacted>, one: &'static str, many: &'static str, verb: &'static str, names: &[&Name]) {
    if names.is_empty() {
        return;
    }
    let word = if names.len() == 1 { one } else { many };
    let mut parts = vec![Part::Count(names.len()), Part::Text(" "), Part::Text(word), Part::Text(verb)];
    enumerate(&mut parts, names);
    said.push(Redacted::sentence(&parts));
}

fn enumerate<'a>(parts: &mut Vec<Part<'a>>, names: &[&'a Name]) {
    for (place, name) in names.iter().take(LISTED).enumerate() {
        if place > 0 {
            parts.push(Part::Text(", "));
        }
        parts.push(Part::Name(name));
    }
    if names.len() > LISTED {
        parts.extend([Part::Text(" and "), Part::Count(names.len() - LISTED), Part::Text(" more")]);
    }
}

/// One sentence for each role: `support gains 2 routes: orders, refunds`.
fn by_role(said: &mut Vec<Redacted>, grants: &[Grant], verb: &'static str) {
    let mut roles: BTreeMap<Option<&Name>, Vec<&Name>> = BTreeMap::new();
    for grant in grants {
        roles.entry(grant.role.as_ref()).or_default().push(&grant.route);
    }
    for (role, routes) in roles.iter().take(LISTED) {
        let who = role.map_or(Part::Text("anyone"), Part::Name);
        let word = if routes.len() == 1 { " route: " } else { " routes: " };
        let mut parts = vec![who, Part::Text(verb), Part::Count(routes.len()), Part::Text(word)];
        enumerate(&mut parts, routes);
        said.push(Redacted::sentence(&parts));
    }
    rest(said, if verb == " gains " { "roles that gain routes" } else { "roles that lose routes" }, roles.len());
}

fn rest(said: &mut Vec<Redacted>, what: &'static str, count: usize) {
    if count > LISTED {
        let parts = [Part::Text("and "), Part::Count(count - LISTED), Part::Text(" more "), Part::Text(what)];
        said.push(Redacted::sentence(&parts));
    }
}

/// What of one kind is only here, only there, or in both and different.
fn things<'a, T: 'a>(
    old: impl Iterator<Item = &'a T>,
    new: impl Iterator<Item = &'a T>,
    name: impl Fn(&'a T) -> &'a Name,
    parts: impl Fn(&'a T, &'a T) -> Vec<&'static str>,
) -> Things {
    let mut before: BTreeMap<&Name, &T> = old.map(|one| (name(one), one)).collect();
    let mut found = Things::default();
    for one in new {
        match before.remove(name(one)) {
            None => found.added.push(name(one).clone()),
            Some(other) => {
                let parts = parts(other, one);
                if !parts.is_empty() {
                    found.changed.push((name(one).clone(), parts));
                }
            }
        }
    }
    found.removed = before.into_keys().cloned().collect();
    found
}

fn grants(policy: &Policy) -> BTreeSet<Grant> {
    let of = |route: &Arc<Route>| {
        let (route, anyone) = (Arc::clone(route), route.anyone);
        let names: Vec<Option<Name>> = match anyone {
            true => vec![None],
            false => route.allow.iter().filter_map(|role| policy.roles.name(role).cloned()).map(Some).collect(),
        };
        names.into_iter().map(move |role| Grant { role, route: route.name.clone() })
    };
    policy.routes.routes().iter().flat_map(of).collect()
}

/// Keys of a route that say something else. Roles are compared by name: their places move.
fn route_parts(old: &Route, old_roles: &Roles, new: &Route, new_roles: &Roles) -> Vec<&'static str> {
    fn allowed<'r>(route: &Route, roles: &'r Roles) -> Vec<Option<&'r Name>> {
        let mut names: Vec<_> = route.allow.iter().map(|role| roles.name(role)).collect();
        names.sort_unstable();
        names
    }
    let limits = |route: &Route| route.limits.iter().map(|limit| limit.name.clone()).collect::<Vec<_>>();
    let same_allow = old.anyone == new.anyone && allowed(old, old_roles) == allowed(new, new_roles);
    [
        ("path", old.template == new.template),
        ("methods", old.methods == new.methods),
        ("allow", same_allow),
        ("pii", old.pii == new.pii),
        ("require", (old.mfa, old.device) == (new.mfa, new.device)),
        ("limits", limits(old) == limits(new)),
        ("controls", old.controls == new.controls),
        ("log", old.log_query == new.log_query),
        ("mode", old.mode == new.mode),
        ("network", same(&old.network, &new.network)),
        ("encoded_slash", old.keep_encoded_slash == new.keep_encoded_slash),
        ("body", old.body == new.body),
        ("upgrades", old.upgrades == new.upgrades),
    ]
    .into_iter()
    .filter_map(|(key, same)| (!same).then_some(key))
    .collect()
}

fn limit_parts(old: &Limit, new: &Limit) -> Vec<&'static str> {
    let rate = |limit: &Limit| limit.requests.map(|quota| (quota.amount, quota.period));
    let burst = |limit: &Limit| limit.requests.map(|quota| quota.burst);
    [
        ("per", old.per == new.per),
        ("requests", rate(old) == rate(new)),
        ("burst", burst(old) == burst(new)),
        ("bytes", old.bytes == new.bytes),
        ("records", old.records == new.records),
        ("concurrent", old.concurrent == new.concurrent),
        ("mode", old.mode == new.mode),
        ("headers", old.headers == new.headers),
    ]
    .into_iter()
    .filter_map(|(key, same)| (!same).then_some(key))
    .collect()
}

fn members(old: &Roles, new: &Roles) -> Vec<Membership> {
    let (before, after) = (by_name(old), by_name(new));
    let names: BTreeSet<&Name> = before.keys().chain(after.keys()).copied().collect();
    let nobody = BTreeSet::new();
    let mut found = Vec::new();
    for role in names {
        let (old, new) = (before.get(role).unwrap_or(&nobody), after.get(role).unwrap_or(&nobody));
        let only = |one: &BTreeSet<&str>, other: &BTreeSet<&str>| -> Vec<Box<str>> {
            one.difference(other).map(|member| Box::from(*member)).collect()
        };
        let (added, removed) = (only(new, old), only(old, new));
        if !(added.is_empty() && removed.is_empty()) {
            found.push(Membership { role: role.clone(), added, removed });
        }
    }
    found
}

fn by_name(roles: &Roles) -> BTreeMap<&Name, BTreeSet<&str>> {
    let mut found: BTreeMap<&Name, BTreeSet<&str>> = BTreeMap::new();
    for (member, set) in roles.members() {
        for name in set.iter().filter_map(|role| roles.name(role)) {
            found.entry(name).or_default().insert(member);
        }
    }
    found
}

/// What each role may as an operator.
fn rights(roles: &Roles) -> BTreeMap<&Name, Rights> {
    roles
        .names()
        .iter()
        .map(|name| (name, roles.rights_by_name(name)))
        .filter(|(_, rights)| !rights.is_empty())
        .collect()
}

fn sections(old: &Policy, new: &Policy) -> Vec<&'static str> {
    [
        ("mode", old.mode == new.mode),
        ("gate", same(&old.gate, &new.gate)),
        ("upstream", same(&old.upstream, &new.upstream)),
        ("callers", same(&old.callers, &new.callers)),
        ("devices", same(&old.devices, &new.devices)),
        ("excused", old.excused == new.excused),
        ("revoked", old.revoked == new.revoked),
        ("network", same(&old.network, &new.network)),
        ("lockout", same(&old.lockout, &new.lockout)),
        ("alarms", same(&old.alarms, &new.alarms)),
        ("redaction", same(&old.redaction, &new.redaction)),
        ("audit", same(&old.audit, &new.audit)),
        ("reload", same(&old.reload, &new.reload)),
        ("sandbox", old.sandbox == new.sandbox),
        ("admin", old.admin == new.admin && rights(&old.roles) == rights(&new.roles)),
        ("health", old.health == new.health),
        ("metrics", old.metrics == new.metrics),
        ("traces", old.traces == new.traces),
    ]
    .into_iter()
    .filter_map(|(key, same)| (!same).then_some(key))
    .collect()
}

/// Settings without a secret in them say all that they are when they are shown; a setting that is added later is
/// compared from its first day on.
fn same(old: &impl Debug, new: &impl Debug) -> bool {
    format!("{old:?}") == format!("{new:?}")
}

fn same_place(old: Option<&AdminSettings>, new: Option<&AdminSettings>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => old.same_place(new),
        (old, new) => old.is_none() && new.is_none(),
    }
}

/// Keys that a running gate cannot take up: what it listens on, how many threads it has, where its records go, whom it counts
/// together with. Sinks on the network it can.
pub fn needs_restart(old: &Policy, new: &Policy) -> Vec<&'static str> {
    [
        ("gate.listen", old.gate.listen == new.gate.listen),
        ("gate.workers", old.gate.workers == new.gate.workers),
        ("gate.handover", old.gate.handover == new.gate.handover),
        ("sandbox", old.sandbox == new.sandbox),
        ("audit", same(&old.audit.without_network(), &new.audit.without_network())),
        ("admin", same_place(old.admin.as_ref(), new.admin.as_ref())),
        ("health", old.health == new.health),
        ("shared", old.shared == new.shared),
        ("metrics", old.metrics == new.metrics),
        ("traces", same_receiver(old, new)),
    ]
    .into_iter()
    .filter_map(|(key, same)| (!same).then_some(key))
    .collect()
}

/// Whether spans go where they went before: the rest of `traces` may change while the gate runs.
fn same_receiver(old: &Policy, new: &Policy) -> bool {
    let receiver = |policy: &Policy| {
        policy.traces.as_ref().map(|traces| (traces.endpoint.clone(), traces.ca.clone(), traces.headers_file.clone()))
    };
    receiver(old) == receiver(new)
}

#[cfg(test)]
mod tests;
