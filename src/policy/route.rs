//! Routes, and the table that finds the most specific one for a path.

mod template;
mod trie;

use std::sync::Arc;
use std::time::Duration;

use super::path::{CanonicalPath, Reading};
use super::roles::RoleSet;
use super::settings::{AuditSettings, Commit, Limit, Mode, NetworkRule};
use crate::redact::Name;
pub use template::{Part, Template, TemplateFault};
use trie::Trie;

/// One entry of `routes:`, compiled.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name, as records show it.
    pub name: Name,
    /// Place in the policy's list.
    pub index: usize,
    /// The path template, such as `/orders/v0/orders/{order_id}/address`.
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
    /// `require.device`: the connection's certificate must be that of a device bound to the caller (ID-8).
    pub device: bool,
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
    /// `commit:` when its records are durable, if it says so.
    pub commit: Option<Commit>,
}

impl Route {
    /// When its records are durable: as it says, and otherwise as `audit.commit` says where it carries personal data,
    /// at leisure where anyone may come (health, static files), and soon everywhere else.
    pub fn commit(&self, audit: &AuditSettings) -> Commit {
        self.commit.unwrap_or(match (self.is_pii(), self.anyone) {
            (true, _) => audit.commit(),
            (false, true) => Commit::Relaxed,
            (false, false) => Commit::Batched,
        })
    }

    /// Whether answers carry personal data.
    pub const fn is_pii(&self) -> bool {
        !self.pii.is_empty()
    }

    /// Whether it takes the method: one that it lists, or with no list, any but CONNECT and TRACE.
    pub fn takes(&self, method: &http::Method) -> bool {
        if self.methods.is_empty() {
            return *method != http::Method::CONNECT && *method != http::Method::TRACE;
        }
        self.methods.contains(method)
    }

    /// The named segments of a path that this route matches, percent-encoded as they are forwarded.
    pub fn captures<'a>(&'a self, path: &'a CanonicalPath<'_>) -> impl Iterator<Item = (&'a str, &'a str)> {
        let parts = Template::parse(self.template.as_str()).map(Template::into_parts).unwrap_or_default();
        parts.into_iter().zip(path.segments()).filter_map(|(part, segment)| match part {
            Part::Named(name) => Some((name, segment)),
            Part::Literal(_) | Part::Any | Part::Rest => None,
        })
    }

    /// Whether the template spells the script that ends this reading: then what comes behind it is the route's own.
    fn names_script(&self, reading: Reading<'_>) -> bool {
        let place = reading.segments().count().saturating_sub(1);
        Template::parse(self.template.as_str())
            .is_ok_and(|template| matches!(template.parts().get(place), Some(Part::Literal(_))))
    }
}

/// What the table found for a path.
#[derive(Debug, Default)]
pub struct Found<'t> {
    /// Routes of the most specific template that matches; they differ by method.
    pub routes: &'t [Arc<Route>],
}

/// Another reading of a path, and the routes that it lands on.
#[derive(Debug)]
pub struct OtherReading<'t> {
    /// The reading, for people.
    pub description: &'static str,
    /// The routes.
    pub routes: &'t [Arc<Route>],
}

/// All routes of a policy.
#[derive(Debug)]
pub struct RouteTable {
    routes: Vec<Arc<Route>>,
    exact: Trie,
    folded: Trie,
    /// A literal has a capital letter, so that a path without any may be another spelling of it.
    capitals: bool,
}

impl Default for RouteTable {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl RouteTable {
    /// Builds the table. Two routes with one template and a shared method are the compiler's fault to report, as is a
    /// template that [`Template::parse`] refuses; the table never finds it.
    pub fn new(routes: Vec<Arc<Route>>) -> Self {
        let (mut exact, mut folded) = (Trie::new(false), Trie::new(true));
        let mut capitals = false;
        for route in &routes {
            let Ok(template) = Template::parse(route.template.as_str()) else { continue };
            exact.insert(&template, route);
            folded.insert(&template, route);
            capitals |= template.parts().iter().any(Part::depends_on_case);
        }
        Self { routes, exact, folded, capitals }
    }

    /// All routes, in the policy's order.
    pub fn routes(&self) -> &[Arc<Route>] {
        &self.routes
    }

    /// The routes of the most specific template for a path: literal before `{name}` before `*` before `**`.
    pub fn find(&self, path: &CanonicalPath<'_>) -> Found<'_> {
        Found { routes: self.find_reading(path.canonical_reading()) }
    }

    /// A reading of the path that lands on other routes than `found`: the app may take it for a resource that these
    /// guard. A reading that lands nowhere is no danger: nobody may reach what it names by any path.
    pub fn other_reading(&self, path: &CanonicalPath<'_>, found: &Found<'_>) -> Option<OtherReading<'_>> {
        let canonical = found.routes.first()?;
        path.readings(self.capitals).find_map(|reading| {
            let routes = self.find_reading(reading);
            let other = !routes.is_empty() && !routes.iter().any(|route| Arc::ptr_eq(route, canonical));
            let declared = reading.script && canonical.names_script(reading);
            (other && !declared).then(|| OtherReading { description: reading.describe(), routes })
        })
    }

    fn find_reading(&self, reading: Reading<'_>) -> &[Arc<Route>] {
        let trie = if reading.fold { &self.folded } else { &self.exact };
        trie.find(reading.segments())
    }
}

#[cfg(test)]
mod tests;
