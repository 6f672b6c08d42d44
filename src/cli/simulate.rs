//! `portcullis simulate`: whom limits and detectors would have slowed, locked or reported, from past records.

use std::fmt::{self, Write};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::format::Format;
use super::replay::{moment, sound};
use crate::report::Records;
use crate::report::simulate::{Report, RuleReport, run};

/// Alarms that the text shows; the JSON has a thousand.
const MAX_ROWS: usize = 40;

/// Show past requests to the limits and detectors of a policy: who would have been slowed, locked or reported
///
/// The detectors are those of the gate, and see what it saw: times, sizes, outcomes, pseudonyms, and the keyed hashes of
/// values that the policy of then watched. What records do not show is named. Beside each threshold stands what the
/// records came to, so that thresholds are chosen from data.
#[derive(Args, Debug)]
pub struct Simulate {
    /// The policy: a file, or a directory whose files merge
    #[arg(long, value_name = "PATH")]
    policy: PathBuf,
    /// Past records: a file of JSON lines, a directory that a file sink writes to, or an audit spool
    #[arg(long, value_name = "FILE|DIR")]
    records: PathBuf,
    /// The key file of an audit spool, if the records are one
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Simulate {
    /// Runs the command. 0, whatever is found; 2 without a sound policy or records.
    pub fn run(self) -> ExitCode {
        match self.report() {
            Ok(report) => {
                let answer = match self.format {
                    Format::Text => text(&report),
                    Format::Json => format!("{:#}\n", json(&report)),
                };
                // Whoever closes our output early, as `head` does, has seen what they wanted.
                let _ = io::stdout().write_all(answer.as_bytes());
                ExitCode::SUCCESS
            }
            Err(fault) => {
                eprintln!("{fault}");
                ExitCode::from(2)
            }
        }
    }

    fn report(&self) -> Result<Report, String> {
        let policy = sound(&self.policy)?;
        let records = Records::find(&self.records, self.key.as_deref()).map_err(|fault| fault.to_string())?;
        let report = run(&policy, &records).map_err(|fault| fault.to_string())?;
        if report.counts.records == 0 {
            return Err(format!("{}: no records of a gate in it", self.records.display()));
        }
        Ok(report)
    }
}

fn text(report: &Report) -> String {
    let mut page = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut page, report);
    page
}

fn write(page: &mut String, report: &Report) -> fmt::Result {
    write!(page, "{} requests in {} records", report.counts.requests, report.counts.records)?;
    if let Some((first, last)) = report.span {
        write!(page, ", from {} to {}", moment(first), moment(last))?;
    }
    writeln!(page, "\n\nrules")?;
    for rule in &report.rules {
        let RuleReport { name, alarms, subjects, requests, .. } = rule;
        let then = if rule.then.is_empty() { "in shadow".to_owned() } else { rule.then.join(", ") };
        writeln!(
            page,
            "{alarms:>8} alarms  {name}: {} subjects, {requests} requests too many; {then}",
            subjects.len()
        )?;
        if let (Some(over), Some([p50, p90, p99, p999, most])) = (rule.over, rule.observed) {
            writeln!(
                page,
                "         over {over}; keys came to {p50} (50 %), {p90} (90 %), {p99} (99 %), {p999} (99.9 %), {most} (most)"
            )?;
            writeln!(page, "         suggested: over {}", suggested(rule).unwrap_or(over))?;
        }
    }
    writeln!(page, "\nlimits")?;
    for limit in &report.limits {
        let first = limit.first.map(|first| format!(", first {}", moment(first))).unwrap_or_default();
        writeln!(page, "{:>8} refused  {}: {} subjects{first}", limit.refused, limit.name, limit.subjects.len())?;
    }
    if !report.alarms.is_empty() {
        writeln!(page, "\nalarms")?;
    }
    for alarm in report.alarms.iter().take(MAX_ROWS) {
        let learning = if alarm.learning { ", not learned yet" } else { "" };
        writeln!(
            page,
            "  {}  {}  {}: {} where {} is allowed{learning}, e.g. {}",
            moment(alarm.at),
            alarm.rule,
            alarm.subject,
            alarm.observed,
            alarm.allowed,
            alarm.request
        )?;
    }
    if report.alarms.len() > MAX_ROWS {
        writeln!(page, "  {} more; --format json has them", report.alarms.len() - MAX_ROWS)?;
    }
    if !report.unjudged.is_empty() {
        writeln!(page, "\nnot judged")?;
    }
    report.unjudged.iter().try_for_each(|what| writeln!(page, "  {what}"))
}

/// Half as much again as 999 of 1000 keys came to in a window: what is beyond is not everyday work.
fn suggested(rule: &RuleReport) -> Option<u64> {
    rule.observed.map(|[.., p999, _]| (p999 + p999.div_ceil(2)).max(1))
}

fn json(report: &Report) -> Value {
    let rules = report.rules.iter().map(|rule| {
        let observed = rule.observed.map(
            |[p50, p90, p99, p999, most]| json!({ "p50": p50, "p90": p90, "p99": p99, "p999": p999, "most": most }),
        );
        json!({
            "name": rule.name,
            "then": rule.then,
            "alarms": rule.alarms,
            "subjects": rule.subjects,
            "requests": rule.requests,
            "over": rule.over,
            "observed": observed,
            "suggested_over": suggested(rule),
        })
    });
    let limits = report.limits.iter().map(|limit| {
        json!({
            "name": limit.name,
            "refused": limit.refused,
            "subjects": limit.subjects,
            "first": limit.first.map(moment),
        })
    });
    let alarms = report.alarms.iter().map(|alarm| {
        json!({
            "time": moment(alarm.at),
            "rule": alarm.rule,
            "subject": alarm.subject,
            "observed": alarm.observed,
            "allowed": alarm.allowed,
            "route": alarm.route,
            "request": alarm.request,
            "learning": alarm.learning,
        })
    });
    json!({
        "records": report.counts.records,
        "requests": report.counts.requests,
        "foreign_lines": report.counts.foreign,
        "from": report.span.map(|(first, _)| moment(first)),
        "to": report.span.map(|(_, last)| moment(last)),
        "rules": rules.collect::<Value>(),
        "limits": limits.collect::<Value>(),
        "alarms": alarms.collect::<Value>(),
        "not_judged": report.unjudged,
    })
}
