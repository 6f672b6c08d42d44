//! Changes of a running gate: what comes into force, what does not, and what open streams see of it.

mod back;
mod certificates;
mod files;
mod policy;
mod streams;

use crate::support::Policy;

const GET: &str = "GET /small HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Without the route of [`GET`].
fn closed(policy: Policy) -> Policy {
    policy.swap("  - { name: small, path: /small, allow: [anyone], body: 16B }\n", "")
}
