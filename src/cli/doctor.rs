//! `portcullis doctor`: what is wrong on this machine, and what to do.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::format::Format;
use crate::clock::Clock;
use crate::deploy::doctor::{State, examine, json, text};
use crate::policy::{LoadOptions, load};

/// Look at everything that a gate with this policy depends on: say what is wrong and what to do.
///
/// Clock, file modes, keys, certificates, disk, limits, the app and who else is called. Best run as the gate's own user,
/// while the gate runs or before. Nothing is changed, but a file is written beside the records and removed again, to
/// measure the disk.
#[derive(Args, Debug)]
pub struct Doctor {
    /// The policy: a file, or a directory whose files merge
    #[arg(long, value_name = "PATH")]
    policy: PathBuf,
    /// For people, or for machines
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Doctor {
    /// 0 if nothing is wrong, 1 if something is, 2 without a policy.
    pub fn run(self) -> ExitCode {
        let loaded = match load(&self.policy, &LoadOptions::run()) {
            Ok(loaded) => loaded,
            Err(faults) => {
                eprintln!("{}", faults.render(false));
                eprintln!("{}: nothing else was looked at; mend the policy first", self.policy.display());
                return if faults.is_unreadable() { ExitCode::from(2) } else { ExitCode::FAILURE };
            }
        };
        let findings = examine(&loaded.policy, &self.policy, &Clock::system());
        let shown = match self.format {
            Format::Text => text(&findings),
            Format::Json => json(&findings),
        };
        let wrong = findings.iter().any(|finding| finding.state == State::Wrong);
        super::answer(&shown, ExitCode::from(u8::from(wrong)))
    }
}
