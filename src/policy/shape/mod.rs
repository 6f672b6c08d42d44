//! What a policy may hold: every section and key with its kind, its default and what it means, in one place.
//!
//! The decoders of [`super::load`] take known keys from here, and so do the JSON Schema that editors read, the reference
//! in `docs/policy.md`, and the order that `portcullis fmt` writes keys in. A new key is one line in these tables and
//! the code that decodes it; tests hold the two together: what a decoder refuses the schema refuses, and the other way
//! round.

mod admin;
mod audit;
mod callers;
pub mod cases;
mod devices;
mod forms;
mod gate;
mod reference;
mod reload;
mod response;
mod revoked;
mod routes;
mod schema;
mod shared;
mod sinks;
mod telemetry;

#[cfg(test)]
mod tests;

pub use admin::{ADMIN, ADMIN_TLS, HEALTH};
pub use audit::{AUDIT, FILE_SINK, REDACTION, ROTATE, SINK, SPOOL};
pub use callers::{API_KEY, CALLER, CERTIFICATE, INTROSPECTION, PROVIDER, ROLE, TOKEN};
pub use devices::{BINDING, DEVICES};
pub use forms::Form;
pub use gate::{
    APP_HEADERS, ASSERTION, BOUNDS, CLIENT_TIMEOUTS, CONNECTIONS, GATE, MORE_CERTIFICATES, NETWORK, PROXY_PROTOCOL,
    TLS, UPSTREAM, UPSTREAM_TIMEOUTS, UPSTREAM_TLS,
};
pub use reference::reference;
pub use reload::{LAST_GOOD, RELOAD, ROLLBACK};
pub use response::{ALARM, LOCKOUT, LOCKOUT_OF, WHEN};
pub use revoked::{REVOCATIONS, REVOKED};
pub use routes::{LIMIT, LOG, MFA, RECORDS, REQUIRE, ROUTE, ROUTE_NETWORK};
pub use schema::schema;
pub use shared::SHARED;
pub use sinks::{
    ELASTIC, OTLP, SINK_ALARM, SINK_BATCH, SINK_ONLY, SINK_SAMPLE, SPLUNK, SYSLOG, SYSLOG_REWIND, WEBHOOK,
};
pub use telemetry::{METRICS, METRICS_TLS, TRACES};

/// A map of known keys.
#[derive(Debug)]
pub struct Section {
    /// As faults call it.
    pub what: &'static str,
    /// One or two sentences.
    pub doc: &'static str,
    /// In the order that they are written in.
    pub keys: &'static [Key],
}

/// A key of a section.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// Whether a section without it is refused.
    pub required: bool,
    /// What its value is.
    pub kind: Kind,
    /// What it means, in a sentence or two; units included.
    pub doc: &'static str,
    /// What holds without it; empty if nothing does.
    pub default: &'static str,
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text of a form.
    Text(&'static Form),
    /// One of these words.
    Words(&'static [&'static str]),
    /// A whole number, from and to.
    Number(u64, u64),
    /// A list, empty if one likes.
    List(&'static Self),
    /// A list with at least one entry.
    Filled(&'static Self),
    /// A map of known keys.
    Map(&'static Section),
    /// A map of known keys, of which exactly one is there.
    One(&'static Section),
    /// A map from names to values of a kind.
    Named(&'static Self),
    /// Either kind.
    Either(&'static Self, &'static Self),
}

impl Section {
    /// A key of this name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        self.keys.iter().map(|key| key.name)
    }
}

impl Key {
    const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, required: true, kind, doc, default: "" }
    }

    const fn optional(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, required: false, kind, doc, default: "" }
    }

    /// Says what holds without the key, as it would be written.
    const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }
}

/// The whole policy.
pub static POLICY: Section = Section {
    what: "a policy",
    doc: "The policy of a gate: what it listens on, who calls, who may do what, and what is recorded.",
    keys: &[
        Key::required("version", Kind::Words(&["1"]), "Version of the policy format. It stands in every file."),
        Key::required("gate", Kind::Map(&GATE), GATE.doc),
        Key::required("upstream", Kind::Map(&UPSTREAM), UPSTREAM.doc),
        Key::optional(
            "callers",
            Kind::List(&Kind::One(&CALLER)),
            "The ways to prove who you are; the first that applies wins.",
        )
        .or("[]"),
        Key::optional("devices", Kind::Map(&DEVICES), DEVICES.doc),
        Key::optional(
            "roles",
            Kind::Named(&Kind::Map(&ROLE)),
            "Roles by name, and who has them. Routes allow roles, never people.",
        )
        .or("{}"),
        Key::optional(
            "excused",
            Kind::Named(&Kind::Text(&forms::TEXT)),
            "Callers with a generic name that may be one all the same (ID-2), each with its reason.",
        )
        .or("{}"),
        Key::optional("revoked", Kind::List(&Kind::Map(&REVOKED)), "Who and what counts no more (ID-7).").or("[]"),
        Key::required(
            "routes",
            Kind::Filled(&Kind::Map(&ROUTE)),
            "What may be called, by whom. What no route allows is refused; the most specific path wins: literal, then \
             `{name}`, then `*`, then `**`.",
        ),
        Key::optional(
            "limits",
            Kind::List(&Kind::Map(&LIMIT)),
            "How much in how long. A limit that no route names holds on every route.",
        )
        .or("[]"),
        Key::optional("shared", Kind::Map(&SHARED), SHARED.doc),
        Key::optional("network", Kind::Map(&NETWORK), NETWORK.doc),
        Key::optional("lockout", Kind::Map(&LOCKOUT), LOCKOUT.doc),
        Key::optional("alarms", Kind::Filled(&Kind::Map(&ALARM)), "What raises an alarm, and what then happens."),
        Key::optional("redaction", Kind::Map(&REDACTION), REDACTION.doc),
        Key::optional(
            "audit",
            Kind::Either(&Kind::Words(&["off"]), &Kind::Map(&AUDIT)),
            "Where records go. `off` exists for measurements.",
        )
        .or("{ sinks: [stdout] }"),
        Key::optional("admin", Kind::Map(&ADMIN), ADMIN.doc),
        Key::optional("health", Kind::Map(&HEALTH), HEALTH.doc),
        Key::optional("reload", Kind::Map(&RELOAD), RELOAD.doc),
        Key::optional("metrics", Kind::Map(&METRICS), METRICS.doc),
        Key::optional("traces", Kind::Map(&TRACES), TRACES.doc),
        Key::optional(
            "mode",
            MODE,
            "`shadow` records refusals and lets them through; malformed requests are refused all the same.",
        )
        .or("enforce"),
        Key::optional(
            "sandbox",
            Kind::Words(&["best-effort", "required", "off"]),
            "The gate's own confinement: which files, ports and system calls it may use while it serves. `required` does \
             not start where the kernel cannot enforce it.",
        )
        .or("best-effort"),
    ],
};

const MODE: Kind = Kind::Words(&["enforce", "shadow"]);
const PER: Kind = Kind::Words(&["caller", "address", "role", "route", "caller+route"]);
