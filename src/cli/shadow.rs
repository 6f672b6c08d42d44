//! `portcullis shadow report`: what shadow mode let through.

use std::fmt::{self, Write};
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::format::Format;
use super::past::Past;
use super::replay::{moment, rows, tallies};
use crate::report::shadow::Report;

/// What shadow mode let through, so that it can be switched to enforcing
#[derive(Args)]
pub struct Shadow {
    #[command(subcommand)]
    command: ShadowCommand,
}

#[derive(Subcommand)]
enum ShadowCommand {
    /// Requests that would have been refused, by route, reason, caller and limit
    Report(ShadowReport),
}

#[derive(Args)]
struct ShadowReport {
    #[command(flatten)]
    past: Past,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Shadow {
    /// Runs the command. 0 if nothing would have been refused, 1 if something would, 2 without records.
    pub fn run(self) -> ExitCode {
        let ShadowCommand::Report(ShadowReport { past, format }) = self.command;
        let report = match past.report(Report::of, |report| &report.counts) {
            Ok(report) => report,
            Err(fault) => {
                eprintln!("{fault}");
                return ExitCode::from(2);
            }
        };
        let mut page = String::new();
        match format {
            // Writing to a String cannot fail.
            Format::Text => drop(text(&mut page, &report)),
            Format::Json => page = json_text(&report),
        }
        // Whoever closes our output early, as `head` does, has seen what they wanted.
        let _ = io::stdout().write_all(page.as_bytes());
        ExitCode::from(u8::from(report.total.count > 0))
    }
}

fn text(page: &mut String, report: &Report) -> fmt::Result {
    let (total, requests) = (&report.total, report.counts.requests);
    if total.count == 0 {
        return writeln!(page, "none of {requests} requests would have been refused by what is in shadow mode");
    }
    writeln!(page, "{} of {requests} requests would have been refused by what is in shadow mode,", total.count)?;
    writeln!(page, "from {} to {}\n", moment(total.first), moment(total.last))?;
    rows(page, "by route", &report.routes)?;
    rows(page, "by reason", &report.reasons)?;
    rows(page, "by caller", &report.callers)?;
    if report.limits.is_empty() { Ok(()) } else { rows(page, "by limit", &report.limits) }
}

fn json_text(report: &Report) -> String {
    let answer = json!({
        "requests": report.counts.requests,
        "shadowed": report.total.count,
        "routes": tallies(&report.routes),
        "reasons": tallies(&report.reasons),
        "callers": tallies(&report.callers),
        "limits": tallies(&report.limits),
    });
    format!("{answer:#}\n")
}
