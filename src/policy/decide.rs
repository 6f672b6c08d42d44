//! Who may do what: one pure function, no clock, no input or output.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Method;

use super::Policy;
use super::path::CanonicalPath;
use super::roles::{RoleIndex, RoleSet};
use super::route::Route;
use super::settings::Mode;

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
    /// The route needs a second factor, not older than this (ID-5).
    Mfa(Duration),
}

/// A decision about one request.
#[derive(Clone, Debug)]
pub struct Decision<'p> {
    /// The route that was found, even when it refuses.
    pub route: Option<&'p Arc<Route>>,
    /// What happens.
    pub verdict: Verdict,
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
    let found = policy.routes.find(facts.path);
    let route = found.routes.first();
    let verdict = match route {
        Some(_) => Verdict::Allow(None),
        None if policy.mode == Mode::Shadow => Verdict::Shadow(Reason::NoRoute),
        None => Verdict::Refuse(Reason::NoRoute),
    };
    Decision { route, verdict }
}
