//! One attempt to take up what lies on disk: read, compile, compare. Puts nothing in force, and blocks while a mount
//! does: it runs on a thread of its own, never on a worker's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::CryptoProvider;

use super::contents::{Contents, Group};
use super::expiry::{self, Span};
use crate::app::AppFault;
use crate::app::assembly::{Assembled, assemble};
use crate::clock::Clock;
use crate::deploy::{Beyond, Needs};
use crate::gate::Terms;
use crate::identity::Providers;
use crate::policy::diff::{Diff, needs_restart};
use crate::policy::fault::{Code, Faults, Severity};
use crate::policy::settings::{NamedFile, RollbackSettings};
use crate::policy::{LoadOptions, Policy, Texts, load as load_policy};
use crate::redact::{Part, Redacted};
use crate::telemetry::log;

/// Faults that one refusal shows; the rest is counted.
const SHOWN: usize = 50;
/// Code of a change that is sound, and that a running gate cannot take up.
const RESTART_NEEDED: &str = "restart_needed";

/// What is in force, and what lay on disk when it came.
#[derive(Clone)]
pub(super) struct InForce {
    pub assembled: Assembled,
    pub contents: Arc<Contents>,
    /// The policy as it was written.
    pub texts: Arc<Texts>,
}

impl InForce {
    /// When a change from this, or to this, takes itself back.
    pub fn rollback(&self) -> Option<RollbackSettings> {
        self.assembled.terms.policy.reload.rollback
    }

    /// The same once more, after `other` was in force: what was spent of its limits stays spent.
    pub fn after(self, other: &Self) -> Self {
        let (old, bad) = (&self.assembled.terms, &other.assembled.terms);
        let terms = Terms {
            generation: bad.generation + 1,
            limits: Arc::new(bad.limits.renewed(&old.policy)),
            ..Terms::clone(old)
        };
        Self { assembled: Assembled { terms: Arc::new(terms), ..self.assembled }, ..self }
    }
}

/// Where to look and what with.
#[derive(Clone)]
pub(super) struct Place {
    pub policy: PathBuf,
    pub provider: Arc<CryptoProvider>,
    /// Key sets, which outlive a policy.
    pub providers: Providers,
    pub clock: Clock,
    /// What the sandbox allows; `None` without one.
    pub fence: Option<Arc<Needs>>,
}

impl Place {
    /// What a policy needs that the sandbox, which is for life, does not allow.
    fn beyond_the_sandbox(&self, policy: &Policy) -> Option<Fault> {
        let beyond = self.fence.as_ref()?.beyond(&Needs::of(policy, Some(&self.policy)))?;
        Some(match beyond {
            Beyond::Read(path) => Fault { path: Some(path), ..needs_a_restart("read") },
            Beyond::Write(path) => Fault { path: Some(path), ..needs_a_restart("write") },
            Beyond::Port(port) => Fault { port, ..needs_a_restart("port") },
        })
    }
}

/// Contents that were taken back, and the files that they were read from.
#[derive(Clone)]
pub(super) struct TakenBack {
    pub files: Vec<NamedFile>,
    pub contents: Arc<Contents>,
}

/// What came of it.
pub(super) enum Verdict {
    /// It is what is in force.
    Same,
    /// It was taken back before, and is still the same.
    TakenBack,
    /// It changed while it was read: half of a change.
    Moving,
    /// It is not fit to run.
    Refused(Refusal),
    /// It is sound.
    Sound(Box<Candidate>),
}

/// Why it is not fit to run.
pub(super) struct Refusal {
    pub contents: Arc<Contents>,
    pub group: Group,
    /// One for each fault: its code and place, never its text.
    pub faults: Vec<Fault>,
    /// Faults beyond those.
    pub more: usize,
}

/// One reason, as the own log shows it.
#[derive(Clone)]
pub(super) struct Fault {
    pub code: &'static str,
    pub what: &'static str,
    pub path: Option<PathBuf>,
    /// The TCP port that it is about.
    pub port: Option<u16>,
    pub line: usize,
    pub column: usize,
}

/// A sound set of files, compiled.
pub(super) struct Candidate {
    pub next: InForce,
    pub diff: Diff,
    pub spans: Vec<Span>,
}

impl Refusal {
    /// Whether a restart would put all of it in force.
    pub fn needs_a_restart(&self) -> bool {
        self.more == 0 && self.faults.iter().all(|fault| fault.code == RESTART_NEEDED)
    }
}

impl Fault {
    /// As a record shows it: without the path, which may hold anything.
    pub fn sentence(&self) -> Redacted {
        let mut parts = vec![Part::Text(self.code), Part::Text(": "), Part::Text(self.what)];
        if self.line > 0 {
            parts.extend([Part::Text(" Line "), Part::Count(self.line), Part::Text(".")]);
        }
        Redacted::sentence(&parts)
    }

    /// Says it.
    pub fn log(&self) {
        let path = self.path.as_deref().unwrap_or(Path::new("-"));
        log::error!(
            "a change is refused",
            code = self.code,
            fault = self.what,
            path = path,
            port = self.port.unwrap_or(0),
            line = self.line,
            column = self.column,
        );
    }
}

/// Looks at what lies on disk.
pub(super) fn attempt(place: &Place, current: &InForce, taken_back: Option<&TakenBack>) -> Verdict {
    let named = &current.assembled.terms.policy.files;
    let seen = Contents::of(&place.policy, named);
    if seen == *current.contents {
        return Verdict::Same;
    }
    if taken_back.is_some_and(|bad| Contents::of(&place.policy, &bad.files) == *bad.contents) {
        return Verdict::TakenBack;
    }
    let refuse = |group, mut faults: Vec<Fault>| {
        let more = faults.len().saturating_sub(SHOWN);
        faults.truncate(SHOWN);
        Verdict::Refused(Refusal { contents: Arc::new(seen.clone()), group, faults, more })
    };
    let load = || load_policy(&place.policy, &LoadOptions::run());
    // First to know which files it names. What counts is read between two looks at their contents that are the same.
    let contents = match load() {
        Ok(loaded) => Contents::of(&place.policy, &loaded.policy.files),
        Err(faults) => {
            // A file that the sandbox hides is as good as one that is not there, and says so less well.
            let named = load_policy(&place.policy, &LoadOptions::check());
            let hidden = named.ok().and_then(|loaded| place.beyond_the_sandbox(&loaded.policy));
            let faults = hidden.map_or_else(|| faults_of(&faults), |hidden| vec![hidden]);
            return refuse(group_of(&seen, current), faults);
        }
    };
    let Ok(loaded) = load() else { return Verdict::Moving };
    let (policy, texts) = (Arc::new(loaded.policy), Arc::new(loaded.texts));
    let files = policy.files.clone();
    let fixed = needs_restart(&current.assembled.terms.policy, &policy);
    if !fixed.is_empty() {
        return refuse(Group::Policy, fixed.into_iter().map(needs_a_restart).collect());
    }
    if let Some(fault) = place.beyond_the_sandbox(&policy) {
        return refuse(Group::Policy, vec![fault]);
    }
    let diff = Diff::between(&current.assembled.terms.policy, &policy);
    let old = Some((&current.assembled, contents.same(&current.contents, Group::Certificates)));
    let assembled = match assemble(policy, old, &place.provider, &place.providers, &place.clock) {
        Ok(assembled) => assembled,
        Err(fault) => return refuse(group_of(&seen, current), vec![fault_of(&fault)]),
    };
    let now = place.clock.wall().seconds();
    let spans = expiry::spans(&files);
    let changed = |path: &Path| contents.changed(&current.contents).any(|(changed, _)| changed == path);
    if let Some(span) = spans.iter().find(|span| span.is_over(now) && changed(&span.path)) {
        return refuse(Group::Certificates, vec![over(&span.path)]);
    }
    if Contents::of(&place.policy, &files) != contents {
        return Verdict::Moving;
    }
    let next = InForce { assembled, contents: Arc::new(contents), texts };
    Verdict::Sound(Box::new(Candidate { next, diff, spans }))
}

/// What a refused change is about: the policy if its text changed, or else what did.
fn group_of(seen: &Contents, current: &InForce) -> Group {
    let mut groups = seen.changed(&current.contents).map(|(_, group)| group);
    let first = groups.next().unwrap_or(Group::Policy);
    if groups.any(|group| group == Group::Policy) { Group::Policy } else { first }
}

fn needs_a_restart(key: &'static str) -> Fault {
    Fault {
        code: RESTART_NEEDED,
        what: match key {
            "gate.listen" => "`gate.listen` cannot change while the gate runs; restart it, or put the old value back.",
            "gate.workers" => {
                "`gate.workers` cannot change while the gate runs; restart it, or put the old value back."
            }
            "gate.handover" => {
                "`gate.handover` cannot change while the gate runs; restart it, or put the old value back."
            }
            "read" => {
                "It reads in a directory that the gate's sandbox does not allow; restart the gate, or put the old value \
                 back."
            }
            "write" => {
                "It writes into a directory that the gate's sandbox does not allow; restart the gate, or put the old \
                 value back."
            }
            "port" => {
                "It calls a TCP port that the gate's sandbox does not allow; restart the gate, or put the old value back."
            }
            "sandbox" => "`sandbox` cannot change while the gate runs; restart it, or put the old value back.",
            "admin" => {
                "Where operators connect cannot change while the gate runs; restart it, or put the old value back."
            }
            "health" => "`health` cannot change while the gate runs; restart it, or put the old value back.",
            "shared" => "`shared` cannot change while the gate runs; restart it, or put the old value back.",
            "metrics" => "`metrics` cannot change while the gate runs; restart it, or put the old value back.",
            "traces" => {
                "Of `traces` only `sample` and `parent` can change while the gate runs; restart it, or put the old value \
                 back."
            }
            _ => "`audit` cannot change while the gate runs; restart it, or put the old value back.",
        },
        path: None,
        port: None,
        line: 0,
        column: 0,
    }
}

fn over(path: &Path) -> Fault {
    let what = "A certificate has ended, or does not hold yet.";
    Fault { code: Code::File.id(), what, path: Some(path.to_owned()), port: None, line: 0, column: 0 }
}

fn faults_of(faults: &Faults) -> Vec<Fault> {
    let errors = faults.list.iter().filter(|fault| fault.severity == Severity::Error);
    errors
        .map(|fault| {
            let at = fault.span.and_then(|span| faults.sources.position(span)).map(|(start, _)| start);
            let source = fault.span.and_then(|span| faults.sources.get(span.file));
            Fault {
                code: fault.code.id(),
                what: fault.code.explanation(),
                path: source.map(|source| PathBuf::from(&source.name)),
                port: None,
                line: at.map_or(0, |at| at.line),
                column: at.map_or(0, |at| at.column),
            }
        })
        .collect()
}

/// Errors of the libraries below may repeat what they read; what is said here is the kind and the file.
pub(in crate::app) fn fault_of(fault: &AppFault) -> Fault {
    let (what, path) = match fault {
        AppFault::Tls(fault) => (fault.what(), fault.path().map(PathBuf::from)),
        AppFault::Identity(fault) => ("A key file is not in order.", fault.path().map(Path::to_owned)),
        AppFault::Upstream(_) => ("The files for the way to the app are not in order.", None),
        _ => ("The gate cannot be put together.", None),
    };
    Fault { code: Code::File.id(), what, path, port: None, line: 0, column: 0 }
}
