//! An explanation, printed.

use std::fmt::{self, Write};

use serde_json::{Value, json};

use super::{Caller, Decided, Explanation, Outcome};
use crate::policy::decide::Verdict;
use crate::policy::trace::Candidate;

/// Most routes that the text lists; the JSON has them all.
const MAX_LISTED: usize = 20;

/// For people: the answer first, then how it came about.
pub(super) fn text(explanation: &Explanation) -> String {
    let mut page = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut page, explanation);
    page
}

fn write(page: &mut String, explanation: &Explanation) -> fmt::Result {
    let request = &explanation.request;
    writeln!(page, "{}\n", headline(&explanation.outcome))?;
    writeln!(page, "  request   {} {}", request.method, printable(&request.path))?;
    writeln!(page, "  caller    {} (roles: {})", printable(&request.caller.to_string()), explanation.roles)?;
    writeln!(page, "  address   {}", request.address)?;
    if request.caller == Caller::Anonymous && (!request.groups.is_empty() || request.mfa_age.is_some()) {
        writeln!(page, "  note      without --caller, --group and --mfa-age count for nothing")?;
    }
    let Outcome::Decided(decided) = &explanation.outcome else { return Ok(()) };
    if !request.path.starts_with(&decided.path) {
        writeln!(page, "  reads as  {}", decided.path)?;
    }
    if let Some((name, template)) = &decided.route {
        writeln!(page, "  route     {name}  {template}")?;
    }
    write_steps(page, decided)?;
    write_candidates(page, decided)?;
    if let Some(nearest) = &decided.trace.nearest {
        writeln!(page, "\nnearest miss: {}  {}", nearest.route.name, nearest.route.template)?;
        writeln!(page, "  lacking   {}", nearest.lacking)?;
    }
    Ok(())
}

fn headline(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Malformed(fault) => format!("REFUSED  {}: {fault}", fault.code()),
        Outcome::Decided(decided) => match (decided.verdict, &decided.role) {
            (Verdict::Allow(_), Some(role)) => format!("ALLOWED  by role {role}"),
            (Verdict::Allow(_), None) => "ALLOWED  for anyone".to_owned(),
            (Verdict::Shadow(reason), _) => {
                format!("ALLOWED by shadow mode, else refused  {}: {reason}", reason.code())
            }
            (Verdict::Refuse(reason), _) => format!("REFUSED  {}: {reason}", reason.code()),
        },
    }
}

fn write_steps(page: &mut String, decided: &Decided) -> fmt::Result {
    writeln!(page, "\nchecks, in order")?;
    let width = decided.trace.steps.iter().map(|step| step.check.label().len()).max().unwrap_or_default();
    for step in &decided.trace.steps {
        let mark = if step.passed { "ok  " } else { "FAIL" };
        writeln!(page, "  {mark}  {:width$}  {}", step.check.label(), step.detail)?;
    }
    Ok(())
}

/// The routes that came furthest, in the policy's order.
fn write_candidates(page: &mut String, decided: &Decided) -> fmt::Result {
    let all = &decided.trace.candidates;
    let mut furthest: Vec<(usize, &Candidate)> = all.iter().enumerate().collect();
    furthest.sort_by_key(|(_, candidate)| std::cmp::Reverse((candidate.chosen, candidate.agreed())));
    furthest.truncate(MAX_LISTED);
    furthest.sort_by_key(|(place, _)| *place);
    let hidden = all.len() - furthest.len();
    let of = if hidden > 0 { format!(" (the closest {MAX_LISTED} of {})", all.len()) } else { String::new() };
    writeln!(page, "\nroutes looked at{of}")?;
    let names = furthest.iter().map(|(_, candidate)| candidate.route.name.as_str().len()).max().unwrap_or_default();
    let paths = furthest.iter().map(|(_, candidate)| candidate.route.template.as_str().len()).max().unwrap_or_default();
    for (_, candidate) in furthest {
        let mark = if candidate.chosen { '*' } else { ' ' };
        let (name, template) = (candidate.route.name.as_str(), candidate.route.template.as_str());
        writeln!(page, "  {mark} {name:names$}  {template:paths$}  {}", candidate.detail)?;
    }
    Ok(())
}

/// What was typed, without the power to move a terminal's cursor.
fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let escaped = character.is_control().then(|| character.escape_default());
            let plain = escaped.is_none().then_some(character);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

/// For programs.
pub(super) fn json(explanation: &Explanation) -> Value {
    let request = &explanation.request;
    let mut answer = json!({
        "passes": explanation.passes(),
        "request": {
            "method": request.method.as_str(),
            "path": request.path,
            "caller": request.caller.to_string(),
            "groups": request.groups,
            "roles": explanation.roles,
            "address": request.address,
            "device": request.device,
            "mfa_age_seconds": request.mfa_age.map(|age| age.as_secs()),
        },
    });
    let rest = match &explanation.outcome {
        Outcome::Malformed(fault) => {
            json!({ "verdict": "refuse", "reason": fault.code(), "sentence": fault.to_string() })
        }
        Outcome::Decided(decided) => decided_json(decided),
    };
    if let (Value::Object(answer), Value::Object(rest)) = (&mut answer, rest) {
        answer.extend(rest);
    }
    answer
}

fn decided_json(decided: &Decided) -> Value {
    let (verdict, reason) = match decided.verdict {
        Verdict::Allow(_) => ("allow", None),
        Verdict::Shadow(reason) => ("shadow", Some(reason)),
        Verdict::Refuse(reason) => ("refuse", Some(reason)),
    };
    let routes = decided.trace.candidates.iter().map(|candidate| {
        json!({
            "name": candidate.route.name.as_str(),
            "path": candidate.route.template.as_str(),
            "chosen": candidate.chosen,
            "detail": candidate.detail,
        })
    });
    let steps = decided
        .trace
        .steps
        .iter()
        .map(|step| json!({ "check": step.check.code(), "passed": step.passed, "detail": step.detail }));
    json!({
        "verdict": verdict,
        "reason": reason.map(|reason| reason.code()),
        "sentence": reason.map(|reason| reason.sentence()),
        "canonical_path": decided.path,
        "route": decided.route.as_ref().map(|(name, _)| name),
        "template": decided.route.as_ref().map(|(_, template)| template),
        "role": decided.role,
        "steps": steps.collect::<Vec<_>>(),
        "routes": routes.collect::<Vec<_>>(),
        "nearest": decided.trace.nearest.as_ref().map(|nearest| {
            json!({ "route": nearest.route.name.as_str(), "lacking": nearest.lacking })
        }),
    })
}
