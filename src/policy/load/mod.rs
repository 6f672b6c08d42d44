//! From the texts of a policy to its running form. Everything is decoded, then everything is judged, and only a policy
//! without a single error comes out.

mod across;
mod address;
mod admin;
mod alarms;
mod asked;
mod audit;
mod binding;
mod callers;
mod cases;
mod decode;
mod devices;
mod expiry;
mod files;
mod gate;
pub(super) mod generic;
mod headers;
mod limits;
mod lint;
mod lockout;
mod refer;
mod reload;
mod revoked;
mod roles;
mod routes;
mod secret;
mod shared;
mod sinks;
mod suggest;
mod telemetry;
mod template;
mod token;
mod unbuilt;
mod units;
mod upstream;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest;

use super::Policy;
use super::fault::{Code, Fault, Faults, Severity};
use super::route::RouteTable;
use super::settings::{CallerMethod, Mode, PathProfile};
use super::shape;
use super::source::{FileId, Source, Sources};
use super::yaml::{Node, Value};
use crate::redact::Name;
pub(super) use address::Url;
pub use cases::{Reference, read_cases};
use decode::{Decoder, Fields};
use refer::Resolved;
pub use refer::Variables;

/// What to make of files that a policy names and that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileCheck {
    /// An error: the gate is about to need them.
    Require,
    /// A warning: the policy is judged on another machine than it will run on.
    Warn,
}

/// What to make of keys that this build understands and does not enforce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unbuilt {
    /// A warning, for `check`.
    Warn,
    /// An error, for `run`: a rule that is not kept is not to be relied on.
    Refuse,
}

/// How strictly a policy is judged.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// Files that the policy names.
    pub files: FileCheck,
    /// Keys without effect.
    pub unbuilt: Unbuilt,
    /// Say as well where a sound policy might be tighter.
    pub notes: bool,
    /// What `${NAME}` stands for.
    pub variables: Variables,
    /// Seconds since the epoch, to judge the dates of certificates by; not judged without.
    pub now: Option<u64>,
}

impl LoadOptions {
    /// For looking at a policy: missing files and missing parts are warnings.
    pub const fn check() -> Self {
        Self { files: FileCheck::Warn, unbuilt: Unbuilt::Warn, notes: false, variables: Variables::Process, now: None }
    }

    /// For running one: they are errors.
    pub const fn run() -> Self {
        Self {
            files: FileCheck::Require,
            unbuilt: Unbuilt::Refuse,
            notes: false,
            variables: Variables::Process,
            now: None,
        }
    }
}

/// A sound policy.
#[derive(Debug)]
pub struct Loaded {
    /// Its running form.
    pub policy: Policy,
    /// What somebody should look at all the same.
    pub warnings: Faults,
    /// What it was made of.
    pub texts: Texts,
}

/// The texts of a policy, as they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// From a directory: files without a `version:` are no part of it.
    pub merged: bool,
    /// The files, in their order.
    pub files: Vec<Text>,
}

/// One file of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Its name, as faults show it.
    pub name: String,
    /// The directory that relative paths in it start from.
    pub directory: PathBuf,
    /// Its content.
    pub text: String,
}

/// Loads a file, or the files of a directory.
pub fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, Faults> {
    let mut sources = Sources::default();
    let mut faults = Vec::new();
    files::read(path, &mut sources, &mut faults);
    if !faults.is_empty() {
        return Err(Faults::new(sources, faults));
    }
    compile(sources, path.is_dir(), options)
}

/// Loads a text under a name; relative paths in it start from `directory`.
pub fn load_text(name: &str, text: &str, directory: &Path, options: &LoadOptions) -> Result<Loaded, Faults> {
    let mut sources = Sources::default();
    if text.len() as u64 > super::yaml::MAX_BYTES {
        return Err(Faults::new(sources, vec![Fault::nowhere(Code::TooLarge, format!("{name} is too large"))]));
    }
    sources.add(Source {
        name: name.to_owned(),
        directory: directory.to_path_buf(),
        text: text.to_owned(),
        hidden: Vec::new(),
    });
    compile(sources, false, options)
}

/// Loads texts that were read before.
pub fn load_texts(texts: &Texts, options: &LoadOptions) -> Result<Loaded, Faults> {
    let mut sources = Sources::default();
    for Text { name, directory, text } in texts.files.iter().cloned() {
        sources.add(Source { name, directory, text, hidden: Vec::new() });
    }
    compile(sources, texts.merged, options)
}

fn compile(mut sources: Sources, skip: bool, options: &LoadOptions) -> Result<Loaded, Faults> {
    let text = |source: &Source| Text {
        name: source.name.clone(),
        directory: source.directory.clone(),
        text: source.text.clone(),
    };
    let texts = Texts { merged: skip, files: sources.iter().map(|(_, source)| text(source)).collect() };
    let mut faults = Vec::new();
    let merged = files::merge(&mut sources, skip, &options.variables, &mut faults);
    let Some(mut merged) = merged else { return Err(Faults::new(sources, faults)) };
    let lists = revoked::read(&merged.root, &mut sources, options.files, &mut faults);
    merged.files.extend(lists.iter().filter_map(revoked::ListFile::source));
    let digest = policy_digest(&sources, &merged.files, &merged.resolved);
    let read = faults.len();
    let mut decoder = Decoder::new(&sources, options, faults, merged.secrets, merged.resolved);
    let policy = decode(&mut decoder, &merged.root, digest, &lists);
    let last_good = decoder.last_good.take();
    let mut faults = decoder.finish();
    if !merged.whole {
        // What is missing or unknown may well stand in the file that could not be read.
        let mut place = 0;
        faults.retain(|fault| {
            place += 1;
            place <= read || stands_alone(fault.code)
        });
    }
    let broken = faults.iter().any(|fault| fault.severity == Severity::Error);
    let mut warnings = Faults::new(sources, faults);
    warnings.last_good = last_good;
    match policy {
        Some(policy) if !broken => Ok(Loaded { policy, warnings, texts }),
        _ => Err(warnings),
    }
}

/// Whether a fault is one whatever other files say.
const fn stands_alone(code: Code) -> bool {
    !matches!(
        code,
        Code::MissingKey
            | Code::UnknownRole
            | Code::UnknownLimit
            | Code::UnknownRoute
            | Code::NobodyHas
            | Code::NobodyNeeds
            | Code::Unproven
            | Code::Pii
            | Code::PseudonymKey
            | Code::NeverBinds
            | Code::SharedRole
            | Code::Empty
    )
}

fn decode(d: &mut Decoder<'_>, root: &Node, digest: Name, lists: &[revoked::ListFile]) -> Option<Policy> {
    let fields = d.fields(root, &shape::POLICY)?;
    version(d, &fields);
    let gate = d.required(&fields, "gate").and_then(|node| gate::gate(d, node));
    let upstream = d.required(&fields, "upstream").and_then(|node| upstream::upstream(d, node));
    let callers = fields.get("callers").map(|node| callers::callers(d, node)).unwrap_or_default();
    let mode = fields.get("mode").and_then(|node| routes::mode(d, node, "mode")).unwrap_or_default();
    if let Some(gate) = &gate {
        asked::key_headers(d, &callers, gate);
        asked::certificates_are_asked_for(d, &callers, gate);
    }
    let methods: Vec<CallerMethod> = callers.into_iter().map(|(method, _)| method).collect();
    let profile = upstream.as_ref().map(|upstream| upstream.profile).unwrap_or_default();
    let devices = fields.get("devices").and_then(|node| devices::devices(d, node));
    asked::devices_are_asked_for(d, &fields, gate.as_ref());
    let mut excuses = generic::Excuses::decode(d, fields.get("excused"));
    let rules = rules(d, &fields, &methods, profile, mode, &mut excuses);
    excuses.report_unused(d);
    let revoked = revoked::revoked(d, fields.get("revoked"), lists);
    let network = fields.get("network").map(|node| d.network_rule(node, &shape::NETWORK)).unwrap_or_default();
    let lockout = fields.entry("lockout").and_then(|entry| lockout::lockout(d, entry));
    let routes = rules.as_ref().map(|rules| &rules.1);
    let alarms = fields.entry("alarms").map(|entry| alarms::alarms(d, entry, routes)).unwrap_or_default();
    let (redaction, audit) = recorded(d, &fields, !methods.is_empty());
    let reload = fields.get("reload").map(|node| reload::reload(d, node)).unwrap_or_default();
    let sandbox = fields.get("sandbox").and_then(|node| gate::sandbox(d, node)).unwrap_or_default();
    let admin = fields.entry("admin").and_then(|entry| admin::admin(d, entry, gate.as_ref()));
    let health = fields.get("health").and_then(|node| admin::health(d, node));
    let shared = shared::shared(d, fields.get("shared"));
    let (metrics, traces) = telemetry::both(d, &fields);
    let files = d.take_files();
    let (roles, routes, limits) = rules?;
    Some(Policy {
        digest,
        mode,
        gate: gate?,
        upstream: upstream?,
        callers: methods,
        devices,
        roles,
        excused: excuses.compile(),
        revoked,
        routes,
        limits,
        shared,
        network,
        lockout,
        alarms,
        redaction,
        audit,
        reload,
        sandbox,
        admin,
        health,
        metrics,
        traces,
        files,
    })
}

/// `redaction:` and `audit:`, and what holds between them.
fn recorded(
    d: &mut Decoder<'_>,
    fields: &Fields<'_>,
    has_callers: bool,
) -> (super::settings::RedactionSettings, super::settings::AuditSettings) {
    let redaction = audit::redaction(d, fields.get("redaction"));
    let audit = audit::audit(d, fields.get("audit"));
    let key_given = fields.get("redaction").is_some_and(|node| has_key(node, "key"));
    let at = fields.entry("redaction").map_or(fields.at, |entry| entry.key_span);
    audit::require_key(d, at, &redaction, key_given, &audit, has_callers);
    (redaction, audit)
}

type Rules = (super::roles::Roles, RouteTable, Vec<Arc<super::settings::Limit>>);

/// Roles, limits and routes, and what holds between them.
fn rules(
    d: &mut Decoder<'_>,
    fields: &Fields<'_>,
    methods: &[CallerMethod],
    profile: PathProfile,
    mode: Mode,
    excuses: &mut generic::Excuses<'_>,
) -> Option<Rules> {
    let roles = fields
        .get("roles")
        .map(|node| roles::roles(d, node, methods, admin::OperatorsProve::of(fields.get("admin")), excuses))
        .unwrap_or_default();
    let limits = fields.get("limits").map(|node| limits::limits(d, node)).unwrap_or_default();
    let has_token = methods.iter().any(|method| matches!(method, CallerMethod::Token(_)));
    let has_devices = fields.get("devices").is_some();
    let book = routes::Book { roles: &roles, limits: &limits, profile, mode, has_token, has_devices };
    let node = d.required(fields, "routes")?;
    let placed = routes::routes(d, node, &book);
    let used: HashSet<_> = placed.iter().flat_map(|placed| placed.route.allow.iter()).collect();
    across::unreachable(d, &placed, profile);
    across::personal_data(d, &placed, &used);
    lint::wide(d, &placed);
    lint::overlaps(d, &placed);
    lint::texts(d, fields);
    // A route that could not be read may be the one that needs a role.
    let whole = matches!(&node.value, Value::List(items) if items.len() == placed.len());
    if whole {
        roles.report_unused(d, &used);
    }
    let roles = roles.compile();
    lint::shared_roles(d, &placed, &roles);
    let mut routes: Vec<_> = placed.into_iter().map(|placed| placed.route).collect();
    hold_everywhere(&mut routes, &limits.running);
    if whole {
        binding::never(d, fields, &routes, &limits.running);
    }
    let routes = routes.into_iter().map(Arc::new).collect();
    Some((roles, RouteTable::new(routes), limits.running))
}

/// A limit that no route names holds on every route: a limit without effect would be one that somebody relies on.
fn hold_everywhere(routes: &mut [super::route::Route], limits: &[Arc<super::settings::Limit>]) {
    let named: HashSet<usize> = routes.iter().flat_map(|route| &route.limits).map(|limit| limit.index).collect();
    for limit in limits.iter().filter(|limit| !named.contains(&limit.index)) {
        for route in routes.iter_mut() {
            route.limits.push(Arc::clone(limit));
        }
    }
}

fn has_key(node: &Node, key: &str) -> bool {
    matches!(&node.value, Value::Map(entries) if entries.iter().any(|entry| entry.key == key))
}

fn version(d: &mut Decoder<'_>, fields: &Fields<'_>) {
    let Some(node) = d.required(fields, "version") else { return };
    if d.text(node, "version").is_some_and(|text| text != "1") {
        let fault = Fault::new(Code::Version, node.span, "this build reads version 1 of the policy format");
        d.fault(fault.label("another version").help("`version: 1`"));
    }
}

/// SHA-256 over name, a zero byte, content and a zero byte of each file, in the order they were merged. The name is
/// that of the file alone, so that a policy has one digest wherever it lies. What references stand for follows, each with
/// a zero byte: where it changes, what is in force changes.
fn policy_digest(sources: &Sources, used: &[FileId], resolved: &Resolved) -> Name {
    let mut context = digest::Context::new(&digest::SHA256);
    for source in used.iter().filter_map(|file| sources.get(*file)) {
        let name = Path::new(&source.name).file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        for part in [name.as_bytes(), source.text.as_bytes()] {
            context.update(part);
            context.update(&[0]);
        }
    }
    for value in resolved.values() {
        context.update(value.as_bytes());
        context.update(&[0]);
    }
    Name::digest(context.finish().as_ref())
}

#[cfg(test)]
mod tests;
