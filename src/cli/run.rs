//! `portcullis run`: the gate.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::app::App;
use crate::clock::Clock;
use crate::policy::{LoadOptions, load};
use crate::telemetry::{self, LogFormat, LogLevel};

/// Run the gate.
///
/// Reads the policy and every file it names, binds, and serves until SIGTERM or SIGINT. A fault in any of them stops
/// the start; all faults are shown at once.
#[derive(Args, Debug)]
pub struct Run {
    /// Policy: a YAML file, or a directory whose YAML files with a `version:` are merged
    #[arg(long, value_name = "PATH")]
    policy: PathBuf,
    /// How much the gate says of itself on standard error
    #[arg(long, value_enum, default_value = "info")]
    log_level: LogLevel,
    /// In which form
    #[arg(long, value_enum, default_value = "text")]
    log_format: LogFormat,
}

impl Run {
    /// Serves. 0 after a clean stop, 1 if the gate could not start, 2 if there is no policy to read.
    pub fn run(self) -> ExitCode {
        telemetry::init(self.log_level, self.log_format);
        telemetry::install_panic_hook();
        let loaded = match load(&self.policy, &LoadOptions::run()) {
            Ok(loaded) => loaded,
            Err(faults) => {
                eprintln!("{}", faults.render(false));
                eprintln!("{}: not started; `portcullis check` shows the same", self.policy.display());
                return if faults.is_unreadable() { ExitCode::from(2) } else { ExitCode::FAILURE };
            }
        };
        if !loaded.warnings.is_empty() {
            eprintln!("{}", loaded.warnings.render(false));
        }
        let served = App::prepare_watching(loaded.policy, self.policy, Clock::system()).and_then(App::run);
        match served {
            Ok(()) => ExitCode::SUCCESS,
            Err(fault) => {
                eprintln!("portcullis: {fault}");
                ExitCode::FAILURE
            }
        }
    }
}
