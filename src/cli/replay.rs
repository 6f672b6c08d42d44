//! `portcullis replay`: who would gain and who would lose access, from past records.

mod render;

pub(super) use render::{moment, rows, tallies};

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::format::Format;
use super::past::Past;
use crate::policy::{LoadOptions, Policy, load};
use crate::report::replay::{Replay, Report};

/// Decide past requests once more, by another policy: who would gain access, and who would lose it
///
/// Records show route templates, not paths, and pseudonyms, not names. What a record leaves open and the new policy
/// would decide by is tried in every way; where the answers differ the request is counted as one that cannot be
/// replayed, with the cause.
#[derive(Args, Debug)]
pub struct ReplayCommand {
    /// The new policy: a file, or a directory whose files merge
    #[arg(long, value_name = "PATH")]
    policy: PathBuf,
    #[command(flatten)]
    past: Past,
    /// The policy that the records were made under; with it, fewer requests are left open
    #[arg(long, value_name = "PATH")]
    old: Option<PathBuf>,
    /// Exit with 1 if there is any of these
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    fail_on: Vec<FailOn>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// `--fail-on`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Requests that passed and would be refused
    Loses,
    /// Requests that were refused and would pass
    Gains,
    /// Requests that cannot be replayed
    Undecided,
}

impl ReplayCommand {
    /// Runs the command. 0, or 1 if something is there that `--fail-on` names; 2 without a sound policy or records.
    pub fn run(self) -> ExitCode {
        match self.report() {
            Ok(report) => {
                let answer = match self.format {
                    Format::Text => render::text(&report),
                    Format::Json => format!("{:#}\n", render::json(&report)),
                };
                // Whoever closes our output early, as `head` does, has seen what they wanted.
                let _ = io::stdout().write_all(answer.as_bytes());
                ExitCode::from(u8::from(self.fail_on.iter().any(|what| what.is_in(&report))))
            }
            Err(fault) => {
                eprintln!("{fault}");
                ExitCode::from(2)
            }
        }
    }

    fn report(&self) -> Result<Report, String> {
        let new = sound(&self.policy)?;
        let old = self.old.as_deref().map(sound).transpose()?;
        self.past.report(|records| Replay::new(&new, old.as_ref()).run(records), |report| &report.counts)
    }
}

impl FailOn {
    fn is_in(self, report: &Report) -> bool {
        match self {
            Self::Loses => report.loses.total.count > 0,
            Self::Gains => report.gains.total.count > 0,
            Self::Undecided => !report.undecided.is_empty(),
        }
    }
}

/// A policy that can be asked, or its faults.
pub(super) fn sound(path: &Path) -> Result<Policy, String> {
    load(path, &LoadOptions::check()).map(|loaded| loaded.policy).map_err(|faults| faults.render(false))
}
