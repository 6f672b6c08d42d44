//! A replay, printed.

use std::fmt::{self, Write};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::report::replay::{Report, Table};
use crate::report::{Tallies, Tally, ranked};

/// Rows of a table that the text shows; the JSON has them all.
const MAX_ROWS: usize = 20;

/// For people: what changes first, then for whom.
pub(super) fn text(report: &Report) -> String {
    let mut page = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut page, report);
    page
}

fn write(page: &mut String, report: &Report) -> fmt::Result {
    let counts = report.counts;
    write!(page, "{} requests in {} records", counts.requests, counts.records)?;
    if let Some((first, last)) = report.span {
        write!(page, ", from {} to {}", moment(first), moment(last))?;
    }
    page.push('\n');
    if counts.foreign > 0 {
        writeln!(page, "{} lines are no records of a gate", counts.foreign)?;
    }
    page.push('\n');
    let undecided: u64 = report.undecided.values().map(|count| count.count).sum();
    for (count, what) in [
        (report.loses.total.count, "would lose access"),
        (report.gains.total.count, "would gain access"),
        (report.shadowed.total.count, "would be refused, but for shadow mode"),
        (report.other_reason.total.count, "stay refused, for another reason"),
        (report.same, "stay as they are"),
        (report.not_asked, "were refused before any policy was asked"),
        (undecided, "cannot be replayed"),
    ] {
        writeln!(page, "{count:>12}  {what}")?;
    }
    table(page, "would lose access", "the new reason", &report.loses)?;
    table(page, "would gain access", "the old reason", &report.gains)?;
    table(page, "would be refused, but for shadow mode", "the new reason", &report.shadowed)?;
    table(page, "stay refused, for another reason", "the new reason", &report.other_reason)?;
    if undecided > 0 {
        writeln!(page, "\ncannot be replayed")?;
        rows(page, "", &report.undecided)?;
    }
    Ok(())
}

fn table(page: &mut String, title: &str, reason: &str, table: &Table) -> fmt::Result {
    if table.total.count == 0 {
        return Ok(());
    }
    writeln!(page, "\n{title}")?;
    rows(page, "by route", &table.routes)?;
    rows(page, "by role", &table.roles)?;
    rows(page, "by caller", &table.callers)?;
    rows(page, &format!("by {reason}"), &table.reasons)
}

pub(in crate::cli) fn rows(page: &mut String, title: &str, tallies: &Tallies) -> fmt::Result {
    if !title.is_empty() {
        writeln!(page, "  {title}")?;
    }
    let ranked = ranked(tallies);
    let width = ranked.iter().take(MAX_ROWS).map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, count) in ranked.iter().take(MAX_ROWS) {
        writeln!(page, "{:>12}  {name:width$}  last {}, e.g. {}", count.count, moment(count.last), count.example)?;
    }
    if ranked.len() > MAX_ROWS {
        writeln!(page, "{:>12}  more; --format json has them all", ranked.len() - MAX_ROWS)?;
    }
    Ok(())
}

/// Unix milliseconds as RFC 3339, in seconds.
pub(in crate::cli) fn moment(millis: u64) -> String {
    let moment = i64::try_from(millis / 1000).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    moment.map_or_else(|| millis.to_string(), |moment| moment.to_string())
}

/// For programs.
pub(super) fn json(report: &Report) -> Value {
    let table = |table: &Table| {
        json!({
            "requests": table.total.count,
            "routes": tallies(&table.routes),
            "roles": tallies(&table.roles),
            "callers": tallies(&table.callers),
            "reasons": tallies(&table.reasons),
        })
    };
    json!({
        "records": report.counts.records,
        "requests": report.counts.requests,
        "foreign_lines": report.counts.foreign,
        "from": report.span.map(|(first, _)| moment(first)),
        "to": report.span.map(|(_, last)| moment(last)),
        "loses": table(&report.loses),
        "gains": table(&report.gains),
        "shadowed": table(&report.shadowed),
        "other_reason": table(&report.other_reason),
        "same": report.same,
        "not_asked": report.not_asked,
        "undecided": tallies(&report.undecided),
    })
}

pub(in crate::cli) fn tallies(tallies: &Tallies) -> Value {
    let row = |(name, count): (&str, &Tally)| {
        json!({
            "name": name,
            "requests": count.count,
            "first": moment(count.first),
            "last": moment(count.last),
            "example": count.example,
        })
    };
    ranked(tallies).into_iter().map(row).collect()
}
