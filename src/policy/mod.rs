//! YAML in, one immutable [`Policy`] out, or every fault at once. [`decide`] is the one function that says who may do
//! what; the gate, `explain`, `test` and `replay` all call it.

pub mod cases;
pub mod decide;
pub mod diff;
pub mod fault;
pub mod format;
pub mod http_address;
pub mod json_path;
mod load;
pub mod path;
pub mod revocation;
pub mod rights;
pub mod roles;
pub mod route;
pub mod settings;
pub mod shape;
pub mod source;
mod yaml;

pub use load::generic::is_generic;
pub use load::{FileCheck, LoadOptions, Loaded, Text, Texts, Unbuilt, Variables, load, load_text, load_texts};
pub mod trace;

#[cfg(test)]
pub mod testing;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::redact::Name;
use settings::{
    AuditSettings, CallerMethod, GateSettings, Limit, Mode, NetworkRule, RedactionSettings, UpstreamSettings,
};

/// A policy that was found sound: the running form, never changed after it is made.
#[derive(Debug)]
pub struct Policy {
    /// SHA-256 over all its files, lower-case hex: names the policy in every record.
    pub digest: Name,
    /// `mode:`
    pub mode: Mode,
    /// `gate:`
    pub gate: GateSettings,
    /// `upstream:`
    pub upstream: UpstreamSettings,
    /// `callers:`, in the order that decides who wins.
    pub callers: Vec<CallerMethod>,
    /// `devices:`
    pub devices: Option<Arc<settings::DeviceSettings>>,
    /// `roles:`
    pub roles: roles::Roles,
    /// `excused:` members with a generic name that may be members all the same.
    pub excused: HashSet<Box<str>>,
    /// `revoked:`
    pub revoked: revocation::Revocations,
    /// `routes:`
    pub routes: route::RouteTable,
    /// `limits:`
    pub limits: Vec<Arc<Limit>>,
    /// `shared:`
    pub shared: Option<settings::SharedSettings>,
    /// `network:`
    pub network: NetworkRule,
    /// `lockout:`
    pub lockout: Option<settings::LockoutSettings>,
    /// `alarms:`
    pub alarms: Vec<Arc<settings::AlarmRule>>,
    /// `redaction:`
    pub redaction: RedactionSettings,
    /// `audit:`
    pub audit: AuditSettings,
    /// `reload:`
    pub reload: settings::ReloadSettings,
    /// `sandbox:`
    pub sandbox: settings::Confinement,
    /// `admin:`
    pub admin: Option<settings::AdminSettings>,
    /// `health:`
    pub health: Option<settings::HealthSettings>,
    /// `metrics:`
    pub metrics: Option<settings::MetricsSettings>,
    /// `traces:`
    pub traces: Option<settings::TraceSettings>,
    /// Every file that the policy names, in the order of its sections.
    pub files: Vec<settings::NamedFile>,
}

/// From SIGTERM on, as long as it takes that balancers of load have read that the gate is not ready any more: Kubernetes
/// takes a pod out of its services within some seconds of its end having begun.
const DRAIN_DELAY: Duration = Duration::from_secs(5);

impl Policy {
    /// How long new connections are still taken once the gate is to stop. Where nobody is told that it is not ready,
    /// nobody would use the time.
    pub fn drain_delay(&self) -> Duration {
        let told = if self.health.is_some() { DRAIN_DELAY } else { Duration::ZERO };
        self.gate.timeouts.drain_delay.unwrap_or(told)
    }
}
