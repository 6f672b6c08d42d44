//! Files of cases, decoded with the tools and the faults of policies.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::decode::{Decoder, Fields};
use super::refer::Resolved;
use super::suggest::did_you_mean;
use super::{LoadOptions, files, units};
use crate::policy::Policy;
use crate::policy::cases::{Case, CaseFile, Expect, Word, codes};
use crate::policy::fault::{Code, Fault, Faults, Severity, quote};
use crate::policy::roles::PrincipalKind;
use crate::policy::shape::cases::{CASE, EXPECT, FILE_OF_CASES};
use crate::policy::source::{Sources, Span};
use crate::policy::yaml::{self, Node, Value};

/// Cases of a file: more are several files.
const MAX_CASES: usize = 10_000;

/// A name that a case expects of the policy.
pub struct Reference {
    what: What,
    name: String,
    span: Span,
}

#[derive(Clone, Copy)]
enum What {
    Route,
    Role,
    Limit,
}

impl Reference {
    /// What is wrong with it, if the policy has no such name.
    pub fn misfit(&self, policy: &Policy) -> Option<Fault> {
        let routes = || policy.routes.routes().iter().map(|route| route.name.as_str());
        let (code, what, names): (_, _, Vec<&str>) = match self.what {
            What::Route => (Code::CaseRoute, "route", routes().chain(["none"]).collect()),
            What::Role => {
                let names = policy.roles.names().iter().map(|name| name.as_str());
                (Code::UnknownRole, "role", names.chain(["anyone", "none"]).collect())
            }
            What::Limit => {
                (Code::UnknownLimit, "limit", policy.limits.iter().map(|limit| limit.name.as_str()).collect())
            }
        };
        if names.contains(&self.name.as_str()) {
            return None;
        }
        let fault = Fault::new(code, self.span, format!("the policy has no {what} {}", quote(&self.name)));
        Some(fault.label(format!("unknown {what}")).maybe_help(did_you_mean(&self.name, names)))
    }
}

/// Reads a file of cases.
pub fn read_cases(path: &Path) -> Result<CaseFile, Faults> {
    let mut sources = Sources::default();
    let mut faults = Vec::new();
    files::read_one(path, &mut sources, &mut faults);
    let found = sources.iter().next().map(|(file, source)| (file, source.text.clone(), source.directory.clone()));
    let Some((file, text, directory)) = found else { return Err(Faults::new(sources, faults)) };
    let Some(root) = yaml::parse(file, &text, &mut faults) else { return Err(Faults::new(sources, faults)) };
    let options = LoadOptions::check();
    let mut decoder = Decoder::new(&sources, &options, faults, Default::default(), Resolved::default());
    let mut references = Vec::new();
    let read = file_of_cases(&mut decoder, &root, &directory, &mut references);
    let faults = decoder.finish();
    if faults.iter().any(|fault| fault.severity == Severity::Error) {
        return Err(Faults::new(sources, faults));
    }
    match read {
        Some((policy, mut cases)) => {
            for (case, span) in &mut cases {
                case.line = sources.position(*span).map_or(0, |(start, _)| start.line);
            }
            let cases = cases.into_iter().map(|(case, _)| case).collect();
            Ok(CaseFile { policy, cases, references, sources })
        }
        None => Err(Faults::new(sources, faults)),
    }
}

type Placed = Vec<(Case, Span)>;

fn file_of_cases(
    d: &mut Decoder<'_>,
    root: &Node,
    directory: &Path,
    references: &mut Vec<Reference>,
) -> Option<(PathBuf, Placed)> {
    let fields = d.fields(root, &FILE_OF_CASES)?;
    let policy = d.required(&fields, "policy").and_then(|node| d.text(node, "policy")).map(|text| directory.join(text));
    let node = d.required(&fields, "cases")?;
    let items = d.filled_list(node, "cases").unwrap_or_default();
    if items.len() > MAX_CASES {
        d.fault(Fault::new(Code::Bound, node.span, format!("more than {MAX_CASES} cases")));
    }
    let mut names: HashMap<&str, Span> = HashMap::new();
    let mut cases = Vec::new();
    for item in items.iter().take(MAX_CASES) {
        let Some(fields) = d.fields(item, &CASE) else { continue };
        if let Some(Node { value: Value::Scalar(name), span }) = fields.get("name")
            && let Some(first) = names.insert(name, *span)
        {
            d.twice("cases", name, *span, first);
        }
        cases.extend(case(d, &fields, references).map(|case| (case, item.span)));
    }
    Some((policy?, cases))
}

fn case(d: &mut Decoder<'_>, fields: &Fields<'_>, references: &mut Vec<Reference>) -> Option<Case> {
    let name = d.required(fields, "name").and_then(|node| d.text(node, "a case's name"));
    let caller = fields.get("caller").map(|node| caller(d, node));
    let groups = fields.get("groups").map(|node| d.names(node, "groups")).unwrap_or_default();
    let mfa_age = fields.get("mfa").map(|node| age(d, node));
    let address = fields.get("address").map(|node| address(d, node));
    let request = d.required(fields, "request").and_then(|node| request(d, node));
    let expect = d.required(fields, "expect").and_then(|node| expect(d, node, references));
    let (method, target) = request?;
    Some(Case {
        name: name?.to_owned(),
        line: 0,
        caller: caller.unwrap_or(Some(None))?,
        groups: groups.iter().map(ToString::to_string).collect(),
        mfa_age: mfa_age.map_or(Some(None), |age| age.map(Some))?,
        address: address.unwrap_or(Some(IpAddr::V4(Ipv4Addr::LOCALHOST)))?,
        method,
        target,
        expect: expect?,
    })
}

fn caller(d: &mut Decoder<'_>, node: &Node) -> Option<Option<(PrincipalKind, String)>> {
    let text = d.text(node, "a caller")?;
    if text == "anonymous" {
        return Some(None);
    }
    let kinds = [PrincipalKind::User, PrincipalKind::Certificate, PrincipalKind::Key];
    let found = text.split_once(':').filter(|(_, name)| !name.is_empty()).and_then(|(prefix, name)| {
        let kind = kinds.into_iter().find(|kind| kind.prefix() == prefix)?;
        Some((kind, name.to_owned()))
    });
    if found.is_none() {
        let fault = Fault::new(Code::CaseCaller, node.span, format!("{} is no caller", quote(text)));
        let help = "`user:NAME`, `cert:NAME`, `key:NAME` or `anonymous`; groups stand under `groups`";
        d.fault(fault.label("unknown kind of caller").help(help));
    }
    found.map(Some)
}

fn age(d: &mut Decoder<'_>, node: &Node) -> Option<Duration> {
    let text = d.text(node, "mfa")?;
    let age = units::duration(text.strip_suffix(" ago").unwrap_or(text));
    if age.is_none() {
        let fault = Fault::new(Code::Duration, node.span, "mfa is not a time ago").label("not a duration");
        d.fault(fault.help("how long ago a second factor was shown: `5m ago`"));
    }
    age
}

fn address(d: &mut Decoder<'_>, node: &Node) -> Option<IpAddr> {
    let text = d.text(node, "address")?;
    let address = text.parse().ok();
    if address.is_none() {
        let fault = Fault::new(Code::Network, node.span, format!("{} is not an IP address", quote(text)));
        d.fault(fault.help("one address, without port and prefix: `10.1.2.3`"));
    }
    address
}

fn request(d: &mut Decoder<'_>, node: &Node) -> Option<(http::Method, String)> {
    let text = d.text(node, "a request")?;
    let request = text.split_once(' ').filter(|(_, target)| target.starts_with('/') && !target.contains(' '));
    let request = request.and_then(|(method, target)| {
        let upper = method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        let method = http::Method::from_bytes(method.as_bytes()).ok().filter(|_| upper)?;
        Some((method, target.to_owned()))
    });
    if request.is_none() {
        let fault = Fault::new(Code::CaseRequest, node.span, format!("{} is no request", quote(text)));
        d.fault(fault.label("not a method and a target").help("a method in capitals and a path: `GET /orders/1?x=y`"));
    }
    request
}

fn expect(d: &mut Decoder<'_>, node: &Node, references: &mut Vec<Reference>) -> Option<Expect> {
    let fields = d.fields(node, &EXPECT)?;
    let words = &[("allow", Word::Allow), ("refuse", Word::Refuse), ("shadow", Word::Shadow)];
    let decision = d.required(&fields, "decision").and_then(|node| d.word(node, "decision", words));
    let known: Vec<_> = codes().into_iter().map(|code| (code, code)).collect();
    let code = fields.get("code").and_then(|node| d.word(node, "code", &known)).map(str::to_owned);
    let mut refer = |d: &mut Decoder<'_>, node: &Node, what, name: &str| {
        let text = d.text(node, name)?.to_owned();
        references.push(Reference { what, name: text.clone(), span: node.span });
        Some(text)
    };
    let route = fields.get("route").and_then(|node| refer(d, node, What::Route, "route"));
    let role = fields.get("role").and_then(|node| refer(d, node, What::Role, "role"));
    let limits = fields.get("limits").and_then(|node| d.list(node, "limits")).unwrap_or_default();
    let limits = limits.iter().filter_map(|node| refer(d, node, What::Limit, "a limit")).collect();
    let contradiction = match decision {
        Some(Word::Allow) => fields.entry("code").map(|entry| (entry, "what is allowed is refused for no reason")),
        Some(Word::Refuse | Word::Shadow) => {
            let role = fields.entry("role").filter(|_| role.as_deref() != Some("none"));
            role.map(|entry| (entry, "no role lets through what is refused"))
        }
        None => None,
    };
    if let Some((entry, why)) = contradiction {
        let fault = Fault::new(Code::CaseContradiction, entry.key_span, why).label("can never be");
        d.fault(fault.help("leave it out, or expect the other decision"));
    }
    Some(Expect { decision: decision?, code, route, role, limits })
}
