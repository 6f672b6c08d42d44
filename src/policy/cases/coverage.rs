//! What of a policy its cases have seen: every route, and every rule, which is a role that a route allows.

use super::{Outcome, Word};
use crate::policy::Policy;
use crate::policy::roles::RoleIndex;

/// What has been seen.
#[derive(Clone, Debug)]
pub struct Coverage {
    routes: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    name: String,
    seen: bool,
    rules: Vec<Rule>,
}

/// A role that a route allows; none for anyone.
#[derive(Clone, Debug)]
struct Rule {
    role: Option<(RoleIndex, String)>,
    seen: bool,
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The part.
    pub seen: usize,
    /// The whole.
    pub of: usize,
}

impl Share {
    /// Whole per cent, rounded down; all of nothing is all.
    pub const fn percent(self) -> usize {
        match (self.seen * 100).checked_div(self.of) {
            Some(percent) => percent,
            None => 100,
        }
    }
}

impl Coverage {
    /// Nothing seen yet.
    pub fn of(policy: &Policy) -> Self {
        let rows = policy.routes.routes().iter().map(|route| {
            let named = |role| policy.roles.name(role).map(|name| (role, name.to_string()));
            let mut rules: Vec<_> = route.allow.iter().map(|role| Rule { role: named(role), seen: false }).collect();
            if route.anyone {
                rules.push(Rule { role: None, seen: false });
            }
            Row { name: route.name.to_string(), seen: false, rules }
        });
        Self { routes: rows.collect() }
    }

    /// Takes note of a case: a route is seen when it decides, a rule when it lets something through.
    pub fn see(&mut self, outcome: &Outcome) {
        let Some((_, index)) = &outcome.route else { return };
        let Some(row) = self.routes.get_mut(*index) else { return };
        row.seen = true;
        if outcome.decision == Word::Allow {
            let role = outcome.role.as_ref().map(|(_, role)| *role);
            for rule in row.rules.iter_mut().filter(|rule| rule.role.as_ref().map(|(role, _)| *role) == role) {
                rule.seen = true;
            }
        }
    }

    /// Adds what another run of the same policy has seen.
    pub fn join(&mut self, other: &Self) {
        for (row, more) in self.routes.iter_mut().zip(&other.routes) {
            row.seen |= more.seen;
            for (rule, more) in row.rules.iter_mut().zip(&more.rules) {
                rule.seen |= more.seen;
            }
        }
    }

    /// Routes that were seen.
    pub fn routes(&self) -> Share {
        Share { seen: self.routes.iter().filter(|row| row.seen).count(), of: self.routes.len() }
    }

    /// Rules that were seen.
    pub fn rules(&self) -> Share {
        let rules = || self.routes.iter().flat_map(|row| &row.rules);
        Share { seen: rules().filter(|rule| rule.seen).count(), of: rules().count() }
    }

    /// What was not seen: routes, and rules of those that were.
    pub fn unseen(&self) -> impl Iterator<Item = String> {
        self.routes.iter().flat_map(|row| {
            let route = (!row.seen).then(|| format!("route {}", row.name));
            let rules = row.rules.iter().filter(|rule| row.seen && !rule.seen).map(|rule| {
                let role = rule.role.as_ref().map_or("anyone", |(_, name)| name);
                format!("route {} by role {role}", row.name)
            });
            route.into_iter().chain(rules)
        })
    }
}
