//! Past requests, decided once more by another policy.
//!
//! Records show neither paths nor, as a rule, names and addresses. What a record leaves open is tried in every way that
//! makes a difference to the new policy; only if all of them end alike is the request counted as decided.

mod judge;

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::path::Path;

use super::record::{Outcome, Past, PastCaller};
use super::source::{Counts, Records, SourceFault};
use super::{Tallies, Tally, tally, witness};
use crate::identity::{group_name, secret_file};
use crate::policy::Policy;
use crate::policy::decide::{CallerFacts, Verdict};
use crate::policy::roles::{RoleSet, Roles};
use crate::redact::{CallerForm, PseudonymKey, Redactor};
use judge::{NO_ROUTE, TOO_MANY};

/// Requests that differ in anything that matters; beyond it they are counted and not decided. At some 500 bytes each.
const MOST_GROUPS: usize = 500_000;

/// What became of the requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was read.
    pub counts: Counts,
    /// Time of the first and the last request, in Unix milliseconds.
    pub span: Option<(u64, u64)>,
    /// They passed, and would be refused.
    pub loses: Table,
    /// They were refused, and would pass.
    pub gains: Table,
    /// They passed, and would be refused if the new policy did not shadow.
    pub shadowed: Table,
    /// They are refused as before, for another reason.
    pub other_reason: Table,
    /// Nothing changes for them.
    pub same: u64,
    /// They were refused before a policy was asked.
    pub not_asked: u64,
    /// What cannot be replayed, by cause.
    pub undecided: Tallies,
}

/// Requests of one kind, told apart in several ways.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// All of them.
    pub total: Tally,
    /// By route, as the records name it.
    pub routes: Tallies,
    /// By role that the caller had; `none` for none.
    pub roles: Tallies,
    /// By caller, as the records show it.
    pub callers: Tallies,
    /// By the reason that the new policy gives, or that the old one gave.
    pub reasons: Tallies,
}

impl Table {
    fn add(&mut self, request: &Request, reason: &str, count: &Tally) {
        self.total.add(count);
        tally(&mut self.routes, &request.route, count);
        let roles = request.caller.as_ref().map(|caller| caller.roles.as_slice()).unwrap_or_default();
        if roles.is_empty() {
            tally(&mut self.roles, "none", count);
        }
        for role in roles {
            tally(&mut self.roles, role, count);
        }
        tally(&mut self.callers, request.caller.as_ref().map_or("anonymous", |caller| &caller.uid), count);
        tally(&mut self.reasons, reason, count);
    }
}

/// A request as a replay sees it: what differs in nothing of this is decided once.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Request {
    method: Option<String>,
    route: String,
    template: String,
    caller: Option<Caller>,
    address: Option<IpAddr>,
    before: Before,
    /// Whether the policy at hand is the one that was in force.
    in_force: bool,
    now: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Caller {
    uid: String,
    roles: Vec<String>,
    groups: Vec<String>,
    is_mfa: bool,
    mfa_age: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Before {
    Passed,
    Shadowed(String),
    Refused(String),
}

/// A request of the past, for [`crate::policy::decide::decide`].
#[derive(Clone, Debug)]
pub struct PastFacts {
    /// A path of the route that it was on.
    pub path: String,
    /// The client's address, or one that no policy lists.
    pub address: IpAddr,
    /// The caller in the policy's eyes.
    pub caller: Option<CallerFacts>,
}

/// What a replay makes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Decided(Verdict),
    Undecided(&'static str),
}

/// Asks a policy about the past.
pub struct Replay<'p> {
    policy: &'p Policy,
    old: Option<&'p Policy>,
    /// Members of the policy by what records show of them.
    members: HashMap<String, RoleSet>,
    /// The roles of all members that are no groups: the most that an unknown caller may have.
    all_direct: RoleSet,
    /// What every pseudonym under the policy's key begins with, up to the key's id.
    ours: Option<String>,
    /// `require.mfa` of all routes, in seconds, ascending: ages between two of them are alike.
    mfa_steps: Vec<u64>,
    /// Whether some rule looks at addresses.
    by_address: bool,
}

type Groups = HashMap<Vec<u8>, (Request, Tally)>;

/// What one thread collects.
#[derive(Default)]
struct Collected {
    groups: Groups,
    key: Vec<u8>,
    not_asked: u64,
    undecided: Tallies,
    span: Option<(u64, u64)>,
}

impl<'p> Replay<'p> {
    /// A replay under `policy`. `old`, if at hand, is the policy that the records were made under: with it, less is
    /// left open. The policy's pseudonym key is read, to know callers again; without it callers are known by their
    /// groups alone.
    pub fn new(policy: &'p Policy, old: Option<&'p Policy>) -> Self {
        let redactor = redactor(policy);
        let shown = |member: &str| redactor.as_ref().map(|r| r.caller(member, CallerForm::Pseudonym).to_string());
        let mut members = HashMap::new();
        let mut all_direct = RoleSet::default();
        for (member, roles) in policy.roles.members().filter(|(member, _)| !member.starts_with("group:")) {
            all_direct.extend(&roles);
            members.insert(member.to_owned(), roles);
            members.extend(shown(member).map(|shown| (shown, roles)));
        }
        let routes = policy.routes.routes();
        let mut mfa_steps: Vec<u64> = routes.iter().filter_map(|route| route.mfa).map(|age| age.as_secs()).collect();
        mfa_steps.sort_unstable();
        mfa_steps.dedup();
        let network = |rule: &crate::policy::settings::NetworkRule| !rule.allow.is_empty() || !rule.deny.is_empty();
        Self {
            policy,
            old,
            members,
            all_direct,
            ours: shown("user:").and_then(|text| text.rsplit_once('_').map(|(start, _)| format!("{start}_"))),
            mfa_steps,
            by_address: network(&policy.network) || routes.iter().any(|route| network(&route.network)),
        }
    }

    /// Reads all records and decides them.
    pub fn run(&self, records: &Records) -> Result<Report, SourceFault> {
        let (collected, counts) = records.read(Collected::default, |collected, past| self.collect(collected, past))?;
        let mut report = Report { counts, ..Report::default() };
        let mut groups = Groups::new();
        for part in collected {
            report.not_asked += part.not_asked;
            part.undecided.iter().for_each(|(cause, count)| tally(&mut report.undecided, cause, count));
            report.span = merged(report.span, part.span);
            for (key, (request, count)) in part.groups {
                groups.entry(key).and_modify(|known| known.1.add(&count)).or_insert((request, count));
            }
        }
        let known = self.known(&groups);
        for (request, count) in groups.values() {
            self.count(&mut report, request, count, &known);
        }
        Ok(report)
    }

    /// One request as the policy would have been asked about it, to explain it: of what the record leaves open, the
    /// likeliest. The cause is there if the answer depends on it.
    pub fn facts(&self, past: &Past<'_>) -> Option<(PastFacts, Option<&'static str>)> {
        let (route, template) = past.route?;
        let request = self.request(past, route, template);
        let groups = Groups::from([(Vec::new(), (request, Tally::of(past)))]);
        let known = self.known(&groups);
        let request = &groups.get(&Vec::new())?.0;
        let path = witness::paths(template, self.policy, &known.templates)?.into_iter().next()?;
        let caller = self.callers(request, &known).into_iter().next()?;
        let facts = PastFacts { path, address: *self.addresses(request.address).first()?, caller };
        match self.decide(request, &known) {
            After::Decided(_) => Some((facts, None)),
            After::Undecided(cause) => Some((facts, Some(cause))),
        }
    }

    /// Templates and groups that the old policy had: its own if it is given, else those that the records show.
    fn known<'g>(&'g self, groups: &'g Groups) -> Known<'g> {
        let mut known = Known::default();
        if let Some(old) = self.old {
            known.templates = old.routes.routes().iter().map(|route| route.template.as_str()).collect();
            known.groups = group_names(&old.roles).collect();
        }
        for (request, _) in groups.values() {
            known.templates.insert(&request.template);
            let groups = request.caller.iter().flat_map(|caller| &caller.groups);
            known.groups.extend(groups.cloned());
        }
        known
    }

    fn collect(&self, collected: &mut Collected, past: &Past<'_>) {
        collected.span = merged(collected.span, Some((past.time, past.time)));
        let count = Tally::of(past);
        if matches!(past.outcome, Outcome::NotAsked(_)) {
            collected.not_asked += 1;
            return;
        }
        let Some((route, template)) = past.route else {
            tally(&mut collected.undecided, NO_ROUTE, &count);
            return;
        };
        self.key(past, &mut collected.key);
        if let Some((_, known)) = collected.groups.get_mut(&collected.key) {
            known.add(&count);
        } else if collected.groups.len() >= MOST_GROUPS {
            tally(&mut collected.undecided, TOO_MANY, &count);
        } else {
            let request = self.request(past, route, template);
            collected.groups.insert(collected.key.clone(), (request, count));
        }
    }

    /// What requests that are decided alike have in common, as bytes.
    fn key(&self, past: &Past<'_>, key: &mut Vec<u8>) {
        key.clear();
        let mut put = |text: &str| {
            key.extend_from_slice(text.as_bytes());
            key.push(0);
        };
        put(past.method.unwrap_or(""));
        let (route, template) = past.route.unwrap_or_default();
        put(route);
        put(template);
        let (mark, code) = match past.outcome {
            Outcome::Passed => ("p", ""),
            Outcome::Shadowed(code) => ("s", code),
            Outcome::Refused(code) => ("r", code),
            Outcome::NotAsked(code) => ("n", code),
        };
        put(mark);
        put(if past.policy == self.policy.digest.as_str() { "now" } else { "" });
        put(code);
        if self.by_address {
            put(past.address.unwrap_or(""));
        }
        if let Some(caller) = &past.caller {
            put(caller.uid);
            caller.groups.iter().for_each(|group| put(group));
            put("/");
            caller.roles.iter().for_each(|role| put(role));
            let step = caller.mfa_age.map_or(usize::MAX, |age| self.mfa_steps.partition_point(|most| *most < age));
            key.extend_from_slice(&step.to_le_bytes());
            key.push(u8::from(caller.is_mfa));
        }
    }

    fn request(&self, past: &Past<'_>, route: &str, template: &str) -> Request {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let caller = |caller: &PastCaller<'_>| Caller {
            uid: caller.uid.to_owned(),
            roles: owned(&caller.roles),
            groups: owned(&caller.groups),
            is_mfa: caller.is_mfa,
            mfa_age: caller.mfa_age,
        };
        Request {
            method: past.method.map(str::to_owned),
            route: route.to_owned(),
            template: template.to_owned(),
            caller: past.caller.as_ref().map(caller),
            address: past.address.filter(|_| self.by_address).and_then(|address| address.parse().ok()),
            before: match past.outcome {
                Outcome::Shadowed(code) => Before::Shadowed(code.to_owned()),
                Outcome::Refused(code) => Before::Refused(code.to_owned()),
                Outcome::Passed | Outcome::NotAsked(_) => Before::Passed,
            },
            in_force: past.policy == self.policy.digest.as_str(),
            now: past.time / 1000,
        }
    }

    fn count(&self, report: &mut Report, request: &Request, count: &Tally, known: &Known<'_>) {
        let verdict = match self.decide(request, known) {
            After::Undecided(cause) => return tally(&mut report.undecided, cause, count),
            After::Decided(verdict) => verdict,
        };
        match (&request.before, verdict) {
            (Before::Passed | Before::Shadowed(_), Verdict::Refuse(reason)) => {
                report.loses.add(request, reason.code(), count);
            }
            (Before::Passed, Verdict::Shadow(reason)) => report.shadowed.add(request, reason.code(), count),
            (Before::Refused(code), Verdict::Allow(_) | Verdict::Shadow(_)) => report.gains.add(request, code, count),
            (Before::Refused(code), Verdict::Refuse(reason)) if code != reason.code() => {
                report.other_reason.add(request, reason.code(), count);
            }
            _ => report.same += count.count,
        }
    }
}

/// What the old policy is known to have had.
#[derive(Default)]
struct Known<'a> {
    templates: BTreeSet<&'a str>,
    groups: BTreeSet<String>,
}

fn group_of(member: &str) -> Option<String> {
    group_name(member.strip_prefix("group:")?).map(|name| name.to_string())
}

fn group_names(roles: &Roles) -> impl Iterator<Item = String> {
    roles.members().filter_map(|(member, _)| group_of(member))
}

/// The policy's redactor, if its key is at hand.
fn redactor(policy: &Policy) -> Option<Redactor> {
    let path: &Path = policy.redaction.key.as_deref()?;
    let secret = secret_file::symmetric(path).ok()?;
    PseudonymKey::new(1, &secret[..]).map(Redactor::new)
}

fn merged(one: Option<(u64, u64)>, other: Option<(u64, u64)>) -> Option<(u64, u64)> {
    match (one, other) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests;
