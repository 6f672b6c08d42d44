//! `portcullis simulate`: whom limits and detectors would have slowed, locked or reported, from past records.

use std::fmt::{self, Write};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::format::Format;
use super::past::Past;
use super::replay::{moment, sound};
use crate::report::simulate::{LimitReport, LockoutReport, Quantiles, Report, RuleReport, run};

/// Alarms that the text shows; the JSON has a thousand.
const MAX_ROWS: usize = 40;

/// Show past requests to the limits and detectors of a policy: who would have been slowed, locked or reported
///
/// Limits, lockout and detectors count as the gate does, and see what it saw: times, sizes, outcomes, pseudonyms, and the
/// keyed hashes of values that the policy of then watched. What records do not show is named. Beside each threshold stands
/// what callers came to at their most in each of its windows, for 50, 90, 99 and 99.9 of a hundred, and a threshold that is
/// half as much again as the last of these, so that thresholds are chosen from data.
#[derive(Args, Debug)]
pub struct Simulate {
    /// The policy: a file, or a directory whose files merge
    #[arg(long, value_name = "PATH")]
    policy: PathBuf,
    #[command(flatten)]
    past: Past,
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
        self.past.report(|records| run(&policy, records), |report| &report.counts)
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
    write_limits(page, report)?;
    write_lockout(page, report)?;
    write_rules(page, report)?;
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

fn write_limits(page: &mut String, report: &Report) -> fmt::Result {
    writeln!(page, "\n\nlimits")?;
    let mut table = Table::of(["limit", "counts", "allows", "refused", "ended", "of whom", "first"]);
    for limit in &report.limits {
        table.row(
            [
                shadowed(&limit.name, limit.shadow),
                limit.measure.to_owned(),
                limit.allows.clone(),
                limit.refused.to_string(),
                limit.ended.to_string(),
                limit.subjects.len().to_string(),
                limit.first.map_or_else(|| "-".to_owned(), moment),
            ],
            (limit.observed, Some(limit.amount)),
        );
    }
    table.write(page)
}

fn write_lockout(page: &mut String, report: &Report) -> fmt::Result {
    if report.lockout.is_empty() {
        return Ok(());
    }
    writeln!(page, "\nlockout")?;
    let mut table = Table::of(["of", "after", "failures", "locks", "longest", "refused", "who"]);
    for part in &report.lockout {
        table.row(
            [
                shadowed(part.of, part.shadow),
                format!("{}/{}", part.after, seconds(part.window)),
                part.failures.to_string(),
                part.locks.to_string(),
                seconds(part.longest),
                part.refused.to_string(),
                part.subjects.len().to_string(),
            ],
            (part.observed, Some(part.after)),
        );
    }
    table.write(page)
}

fn write_rules(page: &mut String, report: &Report) -> fmt::Result {
    writeln!(page, "\nrules")?;
    let mut table = Table::of(["rule", "then", "allows", "alarms", "of whom", "requests"]);
    for rule in &report.rules {
        table.row(
            [
                rule.name.clone(),
                if rule.then.is_empty() { "in shadow".to_owned() } else { rule.then.join(", ") },
                rule.over.map_or_else(|| "-".to_owned(), |over| format!("{} {over}", rule.threshold)),
                rule.alarms.to_string(),
                rule.subjects.len().to_string(),
                rule.requests.to_string(),
            ],
            (rule.observed, rule.over),
        );
    }
    table.write(page)
}

fn shadowed(name: &str, shadow: bool) -> String {
    if shadow { format!("{name} (in shadow)") } else { name.to_owned() }
}

fn seconds(seconds: u64) -> String {
    match seconds {
        0 => "-".to_owned(),
        of if of.is_multiple_of(86_400) => format!("{}d", of / 86_400),
        of if of.is_multiple_of(3600) => format!("{}h", of / 3600),
        of if of.is_multiple_of(60) => format!("{}m", of / 60),
        of => format!("{of}s"),
    }
}

/// Columns as wide as what stands in them. The last ones are the same for all: what keys came to, and what follows.
struct Table<const N: usize> {
    rows: Vec<Vec<String>>,
}

impl<const N: usize> Table<N> {
    fn of(head: [&str; N]) -> Self {
        let more = ["50 %", "90 %", "99 %", "99.9 %", "most", "suggested"];
        Self { rows: vec![head.into_iter().chain(more).map(str::to_owned).collect()] }
    }

    fn row(&mut self, cells: [String; N], (observed, now): (Option<Quantiles>, Option<u64>)) {
        let of =
            |value: fn(&Quantiles) -> u64| observed.as_ref().map_or_else(|| "-".to_owned(), |of| value(of).to_string());
        let suggested =
            observed.filter(|_| now.is_some()).map_or_else(|| "-".to_owned(), |of| of.suggested().to_string());
        let more = [of(|of| of.p50), of(|of| of.p90), of(|of| of.p99), of(|of| of.p999), of(|of| of.most), suggested];
        self.rows.push(cells.into_iter().chain(more).collect());
    }

    fn write(&self, page: &mut String) -> fmt::Result {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(String::len).max();
        let widths: Vec<usize> = (0..columns).filter_map(width).collect();
        for row in &self.rows {
            let mut line = String::from(" ");
            for (place, (cell, width)) in row.iter().zip(&widths).enumerate() {
                // Words to the left, numbers to the right.
                if place < 2 { write!(line, " {cell:<width$}")? } else { write!(line, "  {cell:>width$}")? }
            }
            writeln!(page, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn observed(of: Option<&Quantiles>) -> Value {
    of.map_or(
        Value::Null,
        |of| json!({ "p50": of.p50, "p90": of.p90, "p99": of.p99, "p999": of.p999, "most": of.most }),
    )
}

fn of_rule(rule: &RuleReport) -> Value {
    json!({
        "name": rule.name,
        "then": rule.then,
        "alarms": rule.alarms,
        "subjects": rule.subjects,
        "requests": rule.requests,
        "threshold": rule.over.map(|_| rule.threshold),
        "over": rule.over,
        "observed": observed(rule.observed.as_ref()),
        "suggested_over": rule.over.and(rule.observed).map(|of| of.suggested()),
    })
}

fn of_limit(limit: &LimitReport) -> Value {
    json!({
        "name": limit.name,
        "counts": limit.measure,
        "allows": limit.allows,
        "amount": limit.amount,
        "period_seconds": limit.period,
        "mode": if limit.shadow { "shadow" } else { "enforce" },
        "refused": limit.refused,
        "ended": limit.ended,
        "subjects": limit.subjects,
        "first": limit.first.map(moment),
        "observed": observed(limit.observed.as_ref()),
        "suggested_amount": limit.observed.map(|of| of.suggested()),
    })
}

fn of_lockout(part: &LockoutReport) -> Value {
    json!({
        "of": part.of,
        "after": part.after,
        "window_seconds": part.window,
        "mode": if part.shadow { "shadow" } else { "enforce" },
        "failures": part.failures,
        "locks": part.locks,
        "longest_seconds": part.longest,
        "refused": part.refused,
        "subjects": part.subjects,
        "first": part.first.map(moment),
        "observed": observed(part.observed.as_ref()),
        "suggested_after": part.observed.map(|of| of.suggested()),
    })
}

fn json(report: &Report) -> Value {
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
        "rules": report.rules.iter().map(of_rule).collect::<Value>(),
        "limits": report.limits.iter().map(of_limit).collect::<Value>(),
        "lockout": report.lockout.iter().map(of_lockout).collect::<Value>(),
        "alarms": alarms.collect::<Value>(),
        "not_judged": report.unjudged,
    })
}
