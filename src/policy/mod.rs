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
    /// Every file that the policy names, in the order of its sections.
    pub files: Vec<settings::NamedFile>,
}
