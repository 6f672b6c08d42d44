//! A request of the past, found by its incident id and explained under the policy at hand.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::{Caller, ExplainRequest, Explanation, explain_as};
use crate::cli::replay::moment;
use crate::policy::Policy;
use crate::policy::decide::DeviceFact;
use crate::policy::roles::RoleSet;
use crate::report::replay::Replay;
use crate::report::{Outcome, Past, Records};

/// What the record says.
pub(super) struct Incident {
    id: String,
    time: u64,
    route: String,
    outcome: String,
    roles: Vec<String>,
    groups: Vec<String>,
    limit: Option<String>,
    /// Whether the policy of then is the one at hand.
    same_policy: bool,
    /// What the record leaves open, if the answer depends on it.
    open: Option<&'static str>,
}

/// Finds the record and asks the policy.
pub(super) fn explain(policy: &Policy, id: &str, records: &Path) -> Result<(Incident, Explanation), String> {
    let files = Records::find(records).map_err(|fault| fault.to_string())?;
    let mut found = None;
    files
        .read_in_order(|past| {
            if found.is_none() && past.uid == id {
                found = Some(judged(policy, past));
            }
        })
        .map_err(|fault| fault.to_string())?;
    found.unwrap_or_else(|| Err(format!("{}: no request with the id {id}", records.display())))
}

fn judged(policy: &Policy, past: &Past<'_>) -> Result<(Incident, Explanation), String> {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let caller = past.caller.as_ref();
    let mut incident = Incident {
        id: past.uid.to_owned(),
        time: past.time,
        route: past.route.map_or_else(|| "none".to_owned(), |(name, template)| format!("{name}  {template}")),
        outcome: match past.outcome {
            Outcome::Passed => "allowed".to_owned(),
            Outcome::Shadowed(code) => format!("allowed by shadow mode, else refused: {code}"),
            Outcome::Refused(code) => format!("refused: {code}"),
            Outcome::NotAsked(code) => format!("refused before the policy was asked: {code}"),
        },
        roles: caller.map(|caller| owned(&caller.roles)).unwrap_or_default(),
        groups: caller.map(|caller| owned(&caller.groups)).unwrap_or_default(),
        limit: past.limit.map(str::to_owned),
        same_policy: past.policy == policy.digest.as_str(),
        open: None,
    };
    if matches!(past.outcome, Outcome::NotAsked(_)) {
        return Err(format!(
            "{}the policy was not asked: the form of the request or its credential did not hold",
            text(&incident)
        ));
    }
    let (facts, open) = Replay::new(policy, None).facts(past).ok_or_else(|| {
        format!("{}no route was found then, so the record holds no path to ask about", text(&incident))
    })?;
    incident.open = open;
    let method = past.method.and_then(|method| method.parse().ok()).unwrap_or(Method::GET);
    let now = past.time / 1000;
    let request = ExplainRequest {
        caller: caller.map_or(Caller::Anonymous, |caller| Caller::Recorded(caller.uid.to_owned())),
        groups: incident.groups.clone(),
        method,
        path: facts.path,
        address: facts.address,
        mfa_age: facts.caller.and_then(|caller| caller.mfa_at).map(|at| Duration::from_secs(now.saturating_sub(at))),
        device: facts.caller.is_some_and(|caller| caller.device == DeviceFact::Bound),
        now,
    };
    let roles = facts.caller.map_or_else(RoleSet::default, |caller| caller.roles);
    Ok((incident, explain_as(policy, &request, roles)))
}

/// For people, before the explanation.
pub(super) fn text(incident: &Incident) -> String {
    let list = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let mut page = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        page,
        "incident {} of {}\n  was       {}\n  route     {}\n  roles     {}\n  groups    {}\n",
        incident.id,
        moment(incident.time),
        incident.outcome,
        incident.route,
        list(&incident.roles),
        list(&incident.groups),
    );
    if let Some(limit) = &incident.limit {
        let _ = writeln!(page, "  limit     {limit}");
    }
    let _ = writeln!(
        page,
        "  policy    {}",
        if incident.same_policy { "the one that was in force" } else { "another one than was in force" }
    );
    if let Some(open) = incident.open {
        let _ = writeln!(page, "  open      {open}");
    }
    page.push('\n');
    page
}

/// For programs.
pub(super) fn json(incident: &Incident) -> Value {
    json!({
        "id": incident.id,
        "time": moment(incident.time),
        "route": incident.route,
        "outcome": incident.outcome,
        "roles": incident.roles,
        "groups": incident.groups,
        "limit": incident.limit,
        "same_policy": incident.same_policy,
        "open": incident.open,
    })
}
