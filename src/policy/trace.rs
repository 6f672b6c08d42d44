//! How a decision came about, in words: for `explain`, and for whoever writes a policy.
//!
//! A trace holds what the asker told us (an address, a path), so it goes back to the asker, never into a record.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Method;

use super::Policy;
use super::decide::{CallerFacts, Decision, DeviceFact, Facts};
use super::path::{CanonicalPath, Plain};
use super::roles::RoleSet;
use super::route::{OtherReading, Part, Route, Template};

/// What is checked, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// `network:` of the policy.
    PolicyNetwork,
    /// A route for the path.
    Route,
    /// Other readings of the path.
    Readings,
    /// `encoded_slash:` of the route.
    EncodedSlash,
    /// `methods:` of the route.
    Method,
    /// `network:` of the route.
    RouteNetwork,
    /// Somebody calls.
    Caller,
    /// `allow:` of the route.
    Role,
    /// `require.device:` of the route.
    Device,
    /// `require.mfa:` of the route.
    Mfa,
}

impl Check {
    /// Its name in machine-readable output; it never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PolicyNetwork => "policy_network",
            Self::Route => "route",
            Self::Readings => "readings",
            Self::EncodedSlash => "encoded_slash",
            Self::Method => "method",
            Self::RouteNetwork => "route_network",
            Self::Caller => "caller",
            Self::Role => "role",
            Self::Device => "device",
            Self::Mfa => "mfa",
        }
    }

    /// Its name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::PolicyNetwork => "network of the policy",
            Self::Route => "route",
            Self::Readings => "one reading",
            Self::EncodedSlash => "encoded slash",
            Self::Method => "method",
            Self::RouteNetwork => "network of the route",
            Self::Caller => "caller",
            Self::Role => "role",
            Self::Device => "device",
            Self::Mfa => "second factor",
        }
    }
}

/// One check and how it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was checked.
    pub check: Check,
    /// Whether it passed.
    pub passed: bool,
    /// What was seen.
    pub detail: String,
}

/// One route and what became of it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The route.
    pub route: Arc<Route>,
    /// Whether it is the one that decided.
    pub chosen: bool,
    /// Why it is the one, or why it is not.
    pub detail: String,
    /// Segments that match, from the left.
    agreed: usize,
}

/// What came closest, and what it lacks.
#[derive(Clone, Debug)]
pub struct NearMiss {
    /// The route that would have let the request through.
    pub route: Arc<Route>,
    /// What is lacking for it.
    pub lacking: String,
}

/// How a decision came about.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The checks that were made: the last one refused, or none did.
    pub steps: Vec<Step>,
    /// Every route, in the policy's order.
    pub candidates: Vec<Candidate>,
    /// What came closest, if the request is refused.
    pub nearest: Option<NearMiss>,
}

/// Sees the checks as they are made.
pub(super) trait Witness {
    fn step(&mut self, check: Check, passed: bool, detail: impl FnOnce() -> String);
}

/// Nobody looks, and nothing is written: the way of a request.
pub(super) struct Unwatched;

impl Witness for Unwatched {
    #[inline]
    fn step(&mut self, _check: Check, _passed: bool, _detail: impl FnOnce() -> String) {}
}

impl Witness for Vec<Step> {
    fn step(&mut self, check: Check, passed: bool, detail: impl FnOnce() -> String) {
        self.push(Step { check, passed, detail: detail() });
    }
}

impl Trace {
    pub(super) fn new(policy: &Policy, facts: &Facts<'_>, decision: &Decision<'_>, steps: Vec<Step>) -> Self {
        let candidates: Vec<_> =
            policy.routes.routes().iter().map(|route| Candidate::new(route, facts, decision)).collect();
        let nearest = decision.reason().and_then(|_| nearest(decision, &candidates, &steps));
        Self { steps, candidates, nearest }
    }
}

impl Candidate {
    /// How many segments match, from the left.
    pub const fn agreed(&self) -> usize {
        self.agreed
    }

    fn new(route: &Arc<Route>, facts: &Facts<'_>, decision: &Decision<'_>) -> Self {
        let chosen = decision.route.is_some_and(|other| Arc::ptr_eq(route, other));
        let (agreed, mismatch) = compare(route, facts.path);
        let detail = match (mismatch, decision.route) {
            (Some(mismatch), _) => mismatch,
            (None, _) if chosen => "matches".to_owned(),
            (None, Some(other)) if other.template == route.template => {
                format!("matches, but route {} takes {}", other.name, facts.method)
            }
            (None, Some(other)) => format!("matches, but {} is more specific", other.template),
            (None, None) => "matches".to_owned(),
        };
        Self { route: Arc::clone(route), chosen, detail, agreed }
    }
}

/// How many segments agree from the left, and why not all do.
fn compare(route: &Route, path: &CanonicalPath<'_>) -> (usize, Option<String>) {
    let template = match Template::parse(route.template.as_str()) {
        Ok(template) => template,
        Err(fault) => return (0, Some(format!("its path {fault}"))),
    };
    let mut segments = path.segments();
    for (place, part) in template.parts().iter().enumerate() {
        if *part == Part::Rest {
            return (place, None);
        }
        let Some(segment) = segments.next() else {
            return (place, Some(format!("the path ends before segment {}, {}", place + 1, part.describe())));
        };
        if let Part::Literal(literal) = part
            && !equals(path, segment, literal)
        {
            return (place, Some(format!("segment {} is `{segment}`, not `{literal}`", place + 1)));
        }
    }
    let agreed = template.parts().len();
    let more = segments.next().map(|segment| format!("the path goes on with segment {}, `{segment}`", agreed + 1));
    (agreed, more)
}

fn equals(path: &CanonicalPath<'_>, segment: &str, literal: &str) -> bool {
    let (mut one, mut other) = (Plain::new(), Plain::new());
    let fold = path.canonical_reading().fold;
    one.read(segment, fold).is_some_and(|text| other.read(literal, fold) == Some(text))
}

impl Part<'_> {
    fn describe(&self) -> String {
        match self {
            Self::Literal(text) => format!("`{text}`"),
            Self::Named(name) => format!("{{{name}}}"),
            Self::Any => "*".to_owned(),
            Self::Rest => "**".to_owned(),
        }
    }
}

/// The route that refuses and what it asks for; without a route, the one that goes along furthest.
fn nearest(decision: &Decision<'_>, candidates: &[Candidate], steps: &[Step]) -> Option<NearMiss> {
    if let Some(route) = decision.route {
        let failed = steps.iter().rev().find(|step| !step.passed)?;
        return Some(NearMiss { route: Arc::clone(route), lacking: failed.detail.clone() });
    }
    let along = candidates.iter().rev().filter(|candidate| candidate.agreed > 0);
    let closest = along.max_by_key(|candidate| candidate.agreed)?;
    Some(NearMiss { route: Arc::clone(&closest.route), lacking: closest.detail.clone() })
}

pub(super) fn network(address: IpAddr, admitted: bool) -> String {
    let is = if admitted { "is" } else { "is not" };
    format!("{} {is} admitted", address.to_canonical())
}

pub(super) fn routes(routes: &[Arc<Route>]) -> String {
    match routes.first() {
        None => "no route matches the path".to_owned(),
        Some(route) => format!("{} is the most specific path that matches", route.template),
    }
}

pub(super) fn readings(other: Option<&OtherReading<'_>>) -> String {
    match other.and_then(|other| other.routes.first().map(|route| (other.description, route))) {
        None => "no other reading of the path lands on another route".to_owned(),
        Some((description, route)) => format!("read {description}, the path is one of route {}", route.name),
    }
}

pub(super) fn encoded_slash(path: &CanonicalPath<'_>, route: &Route) -> String {
    match (path.has_encoded_slash(), route.keep_encoded_slash) {
        (false, _) => "the path has none".to_owned(),
        (true, true) => "the route keeps it".to_owned(),
        (true, false) => format!("route {} does not have `encoded_slash: keep`", route.name),
    }
}

pub(super) fn method(method: &Method, route: &Route) -> String {
    if route.methods.is_empty() {
        return format!("{method}; route {} takes all but CONNECT and TRACE", route.name);
    }
    let listed: Vec<_> = route.methods.iter().map(Method::as_str).collect();
    format!("{method}; route {} takes {}", route.name, listed.join(", "))
}

pub(super) fn caller(caller: Option<&CallerFacts>, needed: bool) -> String {
    match (caller.is_some(), needed) {
        (true, _) => "a caller is known".to_owned(),
        (false, true) => "a caller is needed; nobody has proved who calls".to_owned(),
        (false, false) => "none is needed".to_owned(),
    }
}

pub(super) fn role(policy: &Policy, route: &Route, caller: &CallerFacts) -> String {
    if route.anyone {
        return "anyone may pass".to_owned();
    }
    let has = role_names(policy, caller.roles);
    format!("role {}; caller has {has}", role_names(policy, route.allow).replace(", ", " or "))
}

/// Names of roles, in the policy's order.
pub fn role_names(policy: &Policy, roles: RoleSet) -> String {
    let mut text = String::new();
    for name in roles.iter().filter_map(|role| policy.roles.name(role)) {
        let comma = if text.is_empty() { "" } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma}{name}");
    }
    if text.is_empty() { "none".to_owned() } else { text }
}

pub(super) fn device(fact: DeviceFact) -> String {
    match fact {
        DeviceFact::None => "the route needs a device's certificate; the connection has none",
        DeviceFact::Unbound => "the route needs a device's certificate; this device is not bound to the caller",
        DeviceFact::Bound => "the device is bound to the caller",
    }
    .to_owned()
}

pub(super) fn mfa(at: Option<u64>, now: u64, max_age: Duration) -> String {
    let asked = format!("a second factor not older than {} s", max_age.as_secs());
    match at {
        None => format!("{asked}; the caller has shown none"),
        Some(at) if at > now => format!("{asked}; the caller's is from {} s in the future", at - now),
        Some(at) => format!("{asked}; the caller's is {} s old", now - at),
    }
}
