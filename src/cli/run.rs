//! `portcullis run`: the gate.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::app::{App, recover};
use crate::clock::Clock;
use crate::deploy::Host;
use crate::policy::fault::Faults;
use crate::policy::settings::LastGoodSettings;
use crate::policy::{LoadOptions, Loaded, load};
use crate::telemetry::{self, LogFormat, LogLevel};
use crate::upstream::Probes;

/// Run the gate.
///
/// Reads the policy and every file it names, binds, and serves until SIGTERM or SIGINT. A fault in any of them stops
/// the start; all faults are shown at once. What changes on disk is taken up while the gate runs, at once on SIGHUP.
#[derive(Args, Debug)]
pub struct Run {
    /// Policy: a YAML file, or a directory whose YAML files with a `version:` are merged
    #[arg(long, value_name = "PATH")]
    policy: PathBuf,
    /// Start from this file if the policy is at fault: what `reload.last_good.path` was written to
    #[arg(long, value_name = "FILE", requires = "last_good_key")]
    last_good: Option<PathBuf>,
    /// The key that authenticates it: `reload.last_good.key`
    #[arg(long, value_name = "FILE", requires = "last_good")]
    last_good_key: Option<PathBuf>,
    /// A probe of the app that is answered on the health port, as `portcullis inject` writes it
    #[arg(long = "probe", value_name = "JSON")]
    probes: Vec<String>,
    /// Take the sockets over from the gate that listens here, its `gate.handover`; `portcullis upgrade` does this
    #[arg(long, value_name = "SOCKET")]
    take_over: Option<PathBuf>,
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
        let probes = match Probes::read(&self.probes) {
            Ok(probes) => probes,
            Err(fault) => {
                eprintln!("portcullis: {fault}");
                return ExitCode::from(2);
            }
        };
        let clock = Clock::system();
        let host = match self.take_over.as_deref().map_or_else(|| Ok(Host::from_environment()), Host::taking_over) {
            Ok(host) => host,
            Err(fault) => {
                eprintln!("portcullis: {fault}");
                return ExitCode::FAILURE;
            }
        };
        let host = host.calling(probes.ports());
        let served = match load(&self.policy, &LoadOptions::run()) {
            Ok(loaded) => {
                if !loaded.warnings.is_empty() {
                    eprintln!("{}", loaded.warnings.render(false));
                }
                App::prepare_watching(loaded, self.policy, host, clock)
            }
            Err(faults) => {
                eprintln!("{}", faults.render(false));
                match self.last_good(&faults) {
                    Some(loaded) => App::prepare_recovered(loaded, self.policy, host, clock),
                    None => {
                        eprintln!("{}: not started; `portcullis check` shows the same", self.policy.display());
                        return if faults.is_unreadable() { ExitCode::from(2) } else { ExitCode::FAILURE };
                    }
                }
            }
        };
        let served = served.and_then(|app| app.answering(probes)).and_then(App::run);
        match served {
            Ok(()) => ExitCode::SUCCESS,
            Err(fault) => {
                eprintln!("portcullis: {fault}");
                ExitCode::FAILURE
            }
        }
    }

    /// The last good policy, where the command line or what can be read of the policy says that it may take the place of
    /// one at fault.
    fn last_good(&self, faults: &Faults) -> Option<Loaded> {
        let told = self.last_good.clone().zip(self.last_good_key.clone());
        let settings = match told {
            Some((path, key)) => LastGoodSettings { path, key, start: true },
            None => faults.last_good.clone().filter(|settings| settings.start)?,
        };
        match recover(&settings) {
            Ok(loaded) => {
                eprintln!("{}: at fault; starting from {}", self.policy.display(), settings.path.display());
                Some(loaded)
            }
            Err(fault) => {
                eprintln!("portcullis: no last good policy: {fault}");
                None
            }
        }
    }
}
