//! What a policy must decide, written down: cases that `portcullis test` judges with the gate's own path reading and
//! [`decide`].

mod coverage;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::Method;

pub use super::load::read_cases as read;
pub use coverage::{Coverage, Share};

use super::Policy;
use super::decide::{CallerFacts, DeviceFact, Facts, Reason, Verdict, decide, decide_traced};
use super::fault::Faults;
use super::path::{CanonicalPath, PathFault};
use super::roles::{PrincipalKind, RoleIndex, RoleSet};
use super::source::Sources;
use super::trace::Trace;
use super::yaml::MAX_BYTES;

/// The time at which cases are judged: only ages matter.
const NOW: u64 = 1_800_000_000;

/// What the gate answers to methods that it never passes.
pub const METHOD_REFUSED: &str = "method_refused";

/// A file of cases, sound in itself.
pub struct CaseFile {
    /// The policy that they are about.
    pub policy: PathBuf,
    /// The cases, in order.
    pub cases: Vec<Case>,
    /// What the decoder made of names that the policy must have; see [`CaseFile::misfits`].
    pub(super) references: Vec<super::load::Reference>,
    /// The file's text.
    pub(super) sources: Sources,
}

/// A request, and what is to become of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is about.
    pub name: String,
    /// Line of the file that it starts on.
    pub line: usize,
    /// Who calls; nobody in particular if none.
    pub caller: Option<(PrincipalKind, String)>,
    /// Groups that the caller is in.
    pub groups: Vec<String>,
    /// How long ago a second factor was shown.
    pub mfa_age: Option<Duration>,
    /// The client's address.
    pub address: IpAddr,
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: String,
    /// What is to become of it.
    pub expect: Expect,
}

/// What is to become of a request. What is `None` is not looked at.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// The decision.
    pub decision: Word,
    /// Why it is refused.
    pub code: Option<String>,
    /// The route that decides; `none` for no route.
    pub route: Option<String>,
    /// The role that lets it through; `anyone` if none is needed.
    pub role: Option<String>,
    /// Limits that hold, among others.
    pub limits: Vec<String>,
}

/// A decision in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Word {
    /// It passes.
    Allow,
    /// It is refused.
    #[default]
    Refuse,
    /// It would be refused, and passes in shadow mode.
    Shadow,
}

impl Word {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Refuse => "refuse",
            Self::Shadow => "shadow",
        }
    }
}

/// What became of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The decision.
    pub decision: Word,
    /// Why it is refused.
    pub code: Option<&'static str>,
    /// The route that decided, by its name, and its place.
    pub route: Option<(String, usize)>,
    /// The role that let it through.
    pub role: Option<(String, RoleIndex)>,
    /// Limits that hold.
    pub limits: Vec<String>,
    /// What is other than expected: what, expected, found.
    pub differences: Vec<(&'static str, String, String)>,
    /// How it came about, where something differs and a path could be read.
    pub trace: Option<Trace>,
}

impl Outcome {
    /// Whether all is as expected.
    pub const fn is_as_expected(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Every code that a refusal of a case may have.
pub fn codes() -> Vec<&'static str> {
    let mut codes: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    codes.extend(PathFault::ALL.iter().map(|fault| fault.code()));
    codes.insert(METHOD_REFUSED);
    codes.into_iter().collect()
}

/// The text of a file, if it is one of cases.
pub fn text_of_cases(path: &Path) -> Option<String> {
    let length = std::fs::metadata(path).ok()?.len();
    let text = (length <= MAX_BYTES).then(|| std::fs::read_to_string(path).ok()).flatten()?;
    text.lines().any(|line| line.starts_with("cases:")).then_some(text)
}

impl CaseFile {
    /// Names that cases expect and the policy does not have.
    pub fn misfits(&self, policy: &Policy) -> Faults {
        let faults = self.references.iter().filter_map(|reference| reference.misfit(policy)).collect();
        Faults::new(self.sources.clone(), faults)
    }

    /// Judges all cases, and says what of the policy they have seen.
    pub fn run(&self, policy: &Policy) -> (Vec<Outcome>, Coverage) {
        let mut coverage = Coverage::of(policy);
        let outcomes: Vec<_> = self.cases.iter().map(|case| case.run(policy)).collect();
        for outcome in &outcomes {
            coverage.see(outcome);
        }
        (outcomes, coverage)
    }
}

impl Case {
    /// Judges one case.
    pub fn run(&self, policy: &Policy) -> Outcome {
        let path = self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path);
        if matches!(self.method, Method::CONNECT | Method::TRACE) {
            return self.compare(Outcome::refused(METHOD_REFUSED));
        }
        let path = match CanonicalPath::parse(path, policy.upstream.profile) {
            Ok(path) => path,
            Err(fault) => return self.compare(Outcome::refused(fault.code())),
        };
        let facts = self.facts(policy, &path);
        let decision = decide(policy, &facts);
        let (word, role) = match decision.verdict {
            Verdict::Allow(role) => (Word::Allow, role),
            Verdict::Shadow(_) => (Word::Shadow, None),
            Verdict::Refuse(_) => (Word::Refuse, None),
        };
        let named = role.and_then(|role| Some((policy.roles.name(role)?.to_string(), role)));
        let route = decision.route;
        let mut outcome = self.compare(Outcome {
            decision: word,
            code: decision.reason().map(Reason::code),
            route: route.map(|route| (route.name.to_string(), route.index)),
            role: named,
            limits: route.iter().flat_map(|route| &route.limits).map(|limit| limit.name.to_string()).collect(),
            differences: Vec::new(),
            trace: None,
        });
        if !outcome.is_as_expected() {
            outcome.trace = Some(decide_traced(policy, &facts).1);
        }
        outcome
    }

    fn facts<'f>(&'f self, policy: &Policy, path: &'f CanonicalPath<'f>) -> Facts<'f> {
        let caller = self.caller.as_ref().map(|(kind, name)| CallerFacts {
            roles: self.roles(policy, *kind, name),
            mfa_at: self.mfa_age.map(|age| NOW.saturating_sub(age.as_secs())),
            device: DeviceFact::None,
        });
        Facts { method: &self.method, path, address: self.address, caller, now: NOW }
    }

    fn roles(&self, policy: &Policy, kind: PrincipalKind, name: &str) -> RoleSet {
        policy.roles.of(kind, name, self.groups.iter().map(String::as_str))
    }

    /// Notes what is other than expected.
    fn compare(&self, mut found: Outcome) -> Outcome {
        let expect = &self.expect;
        let mut differ = |what, wanted: &str, is: &str| {
            if wanted != is {
                found.differences.push((what, wanted.to_owned(), is.to_owned()));
            }
        };
        differ("decision", expect.decision.as_str(), found.decision.as_str());
        if let Some(code) = &expect.code {
            differ("code", code, found.code.unwrap_or("none"));
        }
        if let Some(route) = &expect.route {
            differ("route", route, found.route.as_ref().map_or("none", |(name, _)| name));
        }
        if let Some(role) = &expect.role {
            let nobody = if found.decision == Word::Allow { "anyone" } else { "none" };
            differ("role", role, found.role.as_ref().map_or(nobody, |(name, _)| name));
        }
        let missing: Vec<_> = expect.limits.iter().filter(|limit| !found.limits.contains(limit)).cloned().collect();
        if !missing.is_empty() {
            let holding = if found.limits.is_empty() { "none".to_owned() } else { found.limits.join(", ") };
            found.differences.push(("limits", missing.join(", "), holding));
        }
        found
    }
}

impl Outcome {
    const fn refused(code: &'static str) -> Self {
        Self {
            decision: Word::Refuse,
            code: Some(code),
            route: None,
            role: None,
            limits: Vec::new(),
            differences: Vec::new(),
            trace: None,
        }
    }
}
