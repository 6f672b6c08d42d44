//! `portcullis explain`: what would the gate decide, by which rule, and what is lacking?
//!
//! It asks the same function as the gate. The answer is printed, never recorded: it holds what the asker typed.

mod codes;
mod incident;
mod render;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use http::Method;

use super::format::Format;
use crate::clock::Clock;
use crate::policy::decide::{CallerFacts, DeviceFact, Facts, Verdict, decide_traced};
use crate::policy::path::{CanonicalPath, PathFault};
use crate::policy::roles::{PrincipalKind, RoleSet};
use crate::policy::trace::{Trace, role_names};
use crate::policy::{LoadOptions, Policy, load};

/// Say what the gate would decide about a request, and why; or what the code of a fault means.
#[derive(Clone, Debug, Args)]
#[command(
    override_usage = "portcullis explain --policy <PATH> --path </PATH> [OPTIONS]\n       portcullis explain --policy <PATH> --incident <ID> --records <FILE|DIR>\n       portcullis explain <CODE>"
)]
pub struct Explain {
    /// A code that `check` shows, such as PC0302; `list` for all of them.
    #[arg(value_name = "CODE", conflicts_with_all = ["policy", "path", "caller", "groups", "mfa_age"])]
    pub code: Option<String>,
    /// The policy: a file, or a directory whose files merge.
    #[arg(long, value_name = "PATH", required_unless_present = "code")]
    pub policy: Option<PathBuf>,
    /// Who calls: user:NAME, cert:NAME, key:NAME or anonymous.
    #[arg(long, value_name = "KIND:NAME", default_value = "anonymous")]
    pub caller: Caller,
    /// A group that the caller is in; may be given more than once.
    #[arg(long = "group", value_name = "NAME")]
    pub groups: Vec<String>,
    /// The request's method.
    #[arg(long, default_value = "GET")]
    pub method: Method,
    /// The request's path; what comes after a question mark does not count.
    #[arg(long, value_name = "/PATH", required_unless_present_any = ["code", "incident"])]
    pub path: Option<String>,
    /// A request of the past by its incident id, which a refused client sees and every record shows as `metadata.uid`.
    #[arg(
        long,
        value_name = "ID",
        requires = "records",
        conflicts_with_all = ["caller", "groups", "method", "path", "address", "mfa_age"]
    )]
    pub incident: Option<String>,
    /// Where to look for it: a file of JSON lines, a directory that a file sink writes to, or an audit spool.
    #[arg(long, value_name = "FILE|DIR", requires = "incident")]
    pub records: Option<PathBuf>,
    /// The key file of an audit spool, if the records are one.
    #[arg(long, value_name = "FILE", requires = "incident")]
    pub key: Option<PathBuf>,
    /// The client's address.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub address: IpAddr,
    /// Time since the caller showed a second factor, such as 5m; without it, none was shown.
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub mfa_age: Option<Duration>,
    /// The caller calls from a device that is bound to it.
    #[arg(long)]
    pub device: bool,
    /// How to print the answer.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `--caller`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody in particular.
    Anonymous,
    /// Somebody, and how the name was proved.
    Principal(PrincipalKind, String),
    /// Somebody of the past, as a record shows it.
    Recorded(String),
}

/// A request to explain.
#[derive(Clone, Debug)]
pub struct ExplainRequest {
    /// Who calls.
    pub caller: Caller,
    /// The caller's groups.
    pub groups: Vec<String>,
    /// The method.
    pub method: Method,
    /// The path, perhaps with a query.
    pub path: String,
    /// The client's address.
    pub address: IpAddr,
    /// Time since the second factor.
    pub mfa_age: Option<Duration>,
    /// Whether the caller calls from a device that is bound to it.
    pub device: bool,
    /// Seconds since the epoch.
    pub now: u64,
}

/// What the gate would do, and why.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The request as it was understood.
    pub request: ExplainRequest,
    /// Roles of the caller.
    pub roles: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// How far a request gets.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The path is refused before any route is looked at.
    Malformed(PathFault),
    /// The policy decides.
    Decided(Box<Decided>),
}

/// A decision, with names in place of references.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The path that is matched and forwarded.
    pub path: String,
    /// What happens.
    pub verdict: Verdict,
    /// Name and template of the route.
    pub route: Option<(String, String)>,
    /// The role that lets it through.
    pub role: Option<String>,
    /// How it came about.
    pub trace: Trace,
}

impl Explain {
    /// Runs the command. 0 if the request would pass, 1 if not, 2 without a sound policy, or for a code that is none.
    pub fn run(self) -> ExitCode {
        if let Some(code) = &self.code {
            return codes::explain(code);
        }
        let policy = match load(self.policy.as_deref().unwrap_or(Path::new("")), &LoadOptions::check()) {
            Ok(loaded) => loaded.policy,
            Err(faults) => {
                eprintln!("{}", faults.render(false));
                return ExitCode::from(2);
            }
        };
        let format = self.format;
        let (past, explanation) = match (&self.incident, &self.records) {
            (Some(id), Some(records)) => match incident::explain(&policy, id, records, self.key.as_deref()) {
                Ok((past, explanation)) => (Some(past), explanation),
                Err(fault) => {
                    eprintln!("{fault}");
                    return ExitCode::from(2);
                }
            },
            _ => (None, explain(&policy, &self.request(&Clock::system()))),
        };
        let answer = match format {
            Format::Text => {
                format!("{}{}", past.as_ref().map(incident::text).unwrap_or_default(), render::text(&explanation))
            }
            Format::Json => {
                let mut answer = render::json(&explanation);
                if let (Some(past), Some(answer)) = (&past, answer.as_object_mut()) {
                    answer.insert("incident".to_owned(), incident::json(past));
                }
                format!("{answer:#}\n")
            }
        };
        super::answer(&answer, ExitCode::from(u8::from(!explanation.passes())))
    }

    fn request(self, clock: &Clock) -> ExplainRequest {
        let Self { caller, groups, method, path, address, mfa_age, device, .. } = self;
        let (path, now) = (path.unwrap_or_default(), clock.wall().seconds());
        ExplainRequest { caller, groups, method, path, address, mfa_age, device, now }
    }
}

impl Explanation {
    /// Whether the gate would let the request through.
    pub fn passes(&self) -> bool {
        match &self.outcome {
            Outcome::Malformed(_) => false,
            Outcome::Decided(decided) => !matches!(decided.verdict, Verdict::Refuse(_)),
        }
    }
}

/// Asks the policy.
pub fn explain(policy: &Policy, request: &ExplainRequest) -> Explanation {
    explain_as(policy, request, request.roles(policy))
}

/// Asks the policy about a caller whose roles are known.
fn explain_as(policy: &Policy, request: &ExplainRequest, roles: RoleSet) -> Explanation {
    let outcome = match CanonicalPath::parse(request.path_only(), policy.upstream.profile) {
        Err(fault) => Outcome::Malformed(fault),
        Ok(path) => Outcome::Decided(Box::new(decided(policy, request, roles, &path))),
    };
    Explanation { request: request.clone(), roles: role_names(policy, roles), outcome }
}

fn decided(policy: &Policy, request: &ExplainRequest, roles: RoleSet, path: &CanonicalPath<'_>) -> Decided {
    let device = if request.device { DeviceFact::Bound } else { DeviceFact::None };
    let mfa_at = request.mfa_age.map(|age| request.now.saturating_sub(age.as_secs()));
    let caller = (request.caller != Caller::Anonymous).then_some(CallerFacts { roles, mfa_at, device });
    let facts = Facts { method: &request.method, path, address: request.address, caller, now: request.now };
    let (decision, trace) = decide_traced(policy, &facts);
    let role = match decision.verdict {
        Verdict::Allow(Some(role)) => policy.roles.name(role).map(ToString::to_string),
        Verdict::Allow(None) | Verdict::Shadow(_) | Verdict::Refuse(_) => None,
    };
    Decided {
        path: path.as_str().to_owned(),
        verdict: decision.verdict,
        route: decision.route.map(|route| (route.name.to_string(), route.template.to_string())),
        role,
        trace,
    }
}

impl ExplainRequest {
    /// The path without its query (RFC 3986 section 3.4).
    fn path_only(&self) -> &str {
        self.path.split_once('?').map_or(&self.path, |(path, _)| path)
    }

    fn roles(&self, policy: &Policy) -> RoleSet {
        match &self.caller {
            Caller::Anonymous | Caller::Recorded(_) => RoleSet::default(),
            Caller::Principal(kind, name) => policy.roles.of(*kind, name, self.groups.iter().map(String::as_str)),
        }
    }
}

/// Why `--caller` cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write user:NAME, cert:NAME, key:NAME or anonymous; groups go with --group")]
pub struct CallerFault;

impl FromStr for Caller {
    type Err = CallerFault;

    fn from_str(text: &str) -> Result<Self, CallerFault> {
        if text == "anonymous" {
            return Ok(Self::Anonymous);
        }
        let (prefix, name) = text.split_once(':').filter(|(_, name)| !name.is_empty()).ok_or(CallerFault)?;
        let kinds = [PrincipalKind::User, PrincipalKind::Certificate, PrincipalKind::Key];
        let kind = kinds.into_iter().find(|kind| kind.prefix() == prefix).ok_or(CallerFault)?;
        Ok(Self::Principal(kind, name.to_owned()))
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Principal(kind, name) => write!(f, "{}:{name}", kind.prefix()),
            Self::Recorded(shown) => f.write_str(shown),
        }
    }
}

/// Reads `90s`, `5m`, `2h` or `1d`.
fn age(text: &str) -> Result<Duration, String> {
    let read = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return None,
        };
        number.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)
    };
    read().ok_or_else(|| "write a number and a unit: 90s, 5m, 2h or 1d".to_owned())
}

#[cfg(test)]
mod tests;
