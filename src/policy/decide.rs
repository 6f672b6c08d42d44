//! Who may do what: one pure function, no clock, no input or output.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Method;

use super::Policy;
use super::path::CanonicalPath;
use super::roles::{RoleIndex, RoleSet};
use super::route::{Found, Route};
use super::settings::Mode;
use super::trace::{self, Check, Trace, Unwatched, Witness};

/// All that a decision may depend on.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The request's method.
    pub method: &'a Method,
    /// The request's canonical path.
    pub path: &'a CanonicalPath<'a>,
    /// The client's address, after trusted proxies.
    pub address: IpAddr,
    /// The caller; `None` for nobody in particular.
    pub caller: Option<CallerFacts>,
    /// Seconds since the epoch.
    pub now: u64,
}

/// What a decision may know of a caller.
#[derive(Clone, Copy, Debug)]
pub struct CallerFacts {
    /// The policy's roles that the caller has.
    pub roles: RoleSet,
    /// When the caller last showed more than one factor, seconds since the epoch.
    pub mfa_at: Option<u64>,
    /// The device that the caller calls from.
    pub device: DeviceFact,
}

/// What is known of the device that a caller calls from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DeviceFact {
    /// The connection has no device's certificate.
    #[default]
    None,
    /// It has one, which is not bound to the caller.
    Unbound,
    /// It has one that is bound to the caller.
    Bound,
}

/// Why a decision refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The client's address is not admitted, by the policy or by the route (NET-1).
    Address,
    /// No route matches: default deny (ACC-1).
    NoRoute,
    /// Readings of the path that the app may have land on different routes.
    AmbiguousPath,
    /// `%2F` on a route that does not keep it.
    EncodedSlash,
    /// The route does not list the method.
    Method,
    /// The route needs a caller and there is none (ID-1).
    NoCaller,
    /// The caller has none of the route's roles (ACC-1).
    Role,
    /// The route needs a device's certificate, and the connection has none (ID-8).
    NoDevice,
    /// The device is not bound to the caller (ID-8).
    OtherDevice,
    /// The route needs a second factor, not older than this (ID-5).
    Mfa(Duration),
}

impl Reason {
    /// One of each, for tables that must name them all.
    pub const ALL: [Self; 10] = [
        Self::Address,
        Self::NoRoute,
        Self::AmbiguousPath,
        Self::EncodedSlash,
        Self::Method,
        Self::NoCaller,
        Self::Role,
        Self::NoDevice,
        Self::OtherDevice,
        Self::Mfa(Duration::ZERO),
    ];

    /// The code that stands in records and metrics; it never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Address => "address_refused",
            Self::NoRoute => "no_route",
            Self::AmbiguousPath => "ambiguous_path",
            Self::EncodedSlash => "encoded_slash",
            Self::Method => "method_not_allowed",
            Self::NoCaller => "caller_required",
            Self::Role => "role_missing",
            Self::NoDevice => "device_required",
            Self::OtherDevice => "device_not_bound",
            Self::Mfa(_) => "mfa_required",
        }
    }

    /// The same in a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Address => "The client's address is not admitted.",
            Self::NoRoute => "No route matches the path; what no route allows is refused.",
            Self::AmbiguousPath => "The app may read the path as one that another route guards.",
            Self::EncodedSlash => "The path holds an encoded slash, and the route does not keep it.",
            Self::Method => "The route does not list the method.",
            Self::NoCaller => "The route needs a caller, and nobody has proved who calls.",
            Self::Role => "The caller has none of the roles that the route allows.",
            Self::NoDevice => "The route needs the certificate of a device, and the connection has none.",
            Self::OtherDevice => "The device is not bound to the caller.",
            Self::Mfa(_) => "The route needs a recent second factor.",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

/// A decision about one request.
#[derive(Clone, Debug)]
pub struct Decision<'p> {
    /// The route that was found, even when it refuses.
    pub route: Option<&'p Arc<Route>>,
    /// What happens.
    pub verdict: Verdict,
}

impl Decision<'_> {
    /// Why it refuses, or would have refused.
    pub const fn reason(&self) -> Option<Reason> {
        match self.verdict {
            Verdict::Allow(_) => None,
            Verdict::Shadow(reason) | Verdict::Refuse(reason) => Some(reason),
        }
    }

    /// Whether the request passes.
    pub const fn passes(&self) -> bool {
        !matches!(self.verdict, Verdict::Refuse(_))
    }
}

/// What happens to the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It passes, by this role (`None` on routes for anyone).
    Allow(Option<RoleIndex>),
    /// It would have been refused, and passes because of shadow mode.
    Shadow(Reason),
    /// It is refused.
    Refuse(Reason),
}

/// Decides.
pub fn decide<'p>(policy: &'p Policy, facts: &Facts<'_>) -> Decision<'p> {
    judge(policy, facts, &mut Unwatched)
}

/// Decides, and tells how: for `explain`, not for the way of a request.
pub fn decide_traced<'p>(policy: &'p Policy, facts: &Facts<'_>) -> (Decision<'p>, Trace) {
    let mut steps = Vec::new();
    let decision = judge(policy, facts, &mut steps);
    let trace = Trace::new(policy, facts, &decision, steps);
    (decision, trace)
}

/// One judgement, watched or not: what is told never changes what is decided.
fn judge<'p>(policy: &'p Policy, facts: &Facts<'_>, witness: &mut impl Witness) -> Decision<'p> {
    // The route is looked for even where the address refuses, so that the record can name it.
    let found = policy.routes.find(facts.path);
    let route = found.routes.iter().find(|route| route.takes(facts.method)).or(found.routes.first());
    let (outcome, mode) = match at_the_door(policy, facts, &found, witness) {
        // A route in shadow mode lifts what the route asks for, never what the policy asks of everybody.
        Err(reason) => (Err(reason), policy.mode),
        Ok(()) => match route {
            None => (Err(Reason::NoRoute), policy.mode),
            Some(route) if policy.mode == Mode::Shadow => (at_the_route(policy, route, facts, witness), Mode::Shadow),
            Some(route) => (at_the_route(policy, route, facts, witness), route.mode),
        },
    };
    let verdict = match (outcome, mode) {
        (Ok(role), _) => Verdict::Allow(role),
        (Err(reason), Mode::Shadow) => Verdict::Shadow(reason),
        (Err(reason), Mode::Enforce) => Verdict::Refuse(reason),
    };
    Decision { route, verdict }
}

/// What the policy asks of everybody: an admitted address, a route, and one reading of the path.
fn at_the_door(
    policy: &Policy,
    facts: &Facts<'_>,
    found: &Found<'_>,
    witness: &mut impl Witness,
) -> Result<(), Reason> {
    let admitted = policy.network.admits(facts.address);
    witness.step(Check::PolicyNetwork, admitted, || trace::network(facts.address, admitted));
    ensure(admitted, Reason::Address)?;

    let routed = !found.routes.is_empty();
    witness.step(Check::Route, routed, || trace::routes(found.routes));
    ensure(routed, Reason::NoRoute)?;

    let other = policy.routes.other_reading(facts.path, found);
    witness.step(Check::Readings, other.is_none(), || trace::readings(other.as_ref()));
    ensure(other.is_none(), Reason::AmbiguousPath)
}

/// What the route asks for, from the cheapest to the most personal.
fn at_the_route(
    policy: &Policy,
    route: &Route,
    facts: &Facts<'_>,
    witness: &mut impl Witness,
) -> Result<Option<RoleIndex>, Reason> {
    let whole = !facts.path.has_encoded_slash() || route.keep_encoded_slash;
    witness.step(Check::EncodedSlash, whole, || trace::encoded_slash(facts.path, route));
    ensure(whole, Reason::EncodedSlash)?;

    let listed = route.takes(facts.method);
    witness.step(Check::Method, listed, || trace::method(facts.method, route));
    ensure(listed, Reason::Method)?;

    let admitted = route.network.admits(facts.address);
    witness.step(Check::RouteNetwork, admitted, || trace::network(facts.address, admitted));
    ensure(admitted, Reason::Address)?;

    let needed = !route.anyone || route.mfa.is_some() || route.device;
    witness.step(Check::Caller, facts.caller.is_some() || !needed, || trace::caller(facts.caller.as_ref(), needed));
    let Some(caller) = facts.caller else { return if needed { Err(Reason::NoCaller) } else { Ok(None) } };

    let role = caller.roles.first_shared(&route.allow).filter(|_| !route.anyone);
    let fits = route.anyone || role.is_some();
    witness.step(Check::Role, fits, || trace::role(policy, route, &caller));
    ensure(fits, Reason::Role)?;

    if route.device {
        let bound = caller.device == DeviceFact::Bound;
        witness.step(Check::Device, bound, || trace::device(caller.device));
        ensure(bound, if caller.device == DeviceFact::None { Reason::NoDevice } else { Reason::OtherDevice })?;
    }

    let Some(max_age) = route.mfa else { return Ok(role) };
    let fresh = caller.mfa_at.is_some_and(|at| is_fresh(at, facts.now, max_age));
    witness.step(Check::Mfa, fresh, || trace::mfa(caller.mfa_at, facts.now, max_age));
    ensure(fresh, Reason::Mfa(max_age))?;
    Ok(role)
}

fn ensure(holds: bool, reason: Reason) -> Result<(), Reason> {
    if holds { Ok(()) } else { Err(reason) }
}

/// How far an issuer's clock may be ahead of ours, as is usual for tokens (RFC 7519 section 4.1.4: "a few minutes at
/// most").
const SKEW: Duration = Duration::from_secs(60);

/// Whether a second factor shown at `at` is not older than `max_age`. One from the future counts as none.
fn is_fresh(at: u64, now: u64, max_age: Duration) -> bool {
    Duration::from_secs(at.saturating_sub(now)) <= SKEW && Duration::from_secs(now.saturating_sub(at)) <= max_age
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod attacks;
