//! `portcullis redact`: log lines in, the same lines out without personal data and secrets.

mod follow;
mod lookup;
mod report;
mod stream;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};

use crate::app;
use crate::clock::Clock;
use crate::identity::pseudonym_keys;
use crate::policy::{self, LoadOptions, load};
use crate::redact::engine::{Engine, Options, Route};
use crate::redact::{Name, Redactor};
use crate::telemetry;
use follow::Follow;
use report::Report;
use stream::{Ended, Filter};

/// Take personal data and secrets out of log lines.
///
/// Standard input to standard output, one line out for each line in. What is found becomes a pseudonym if there is a
/// key (the same datum has the same one), and a marker if there is none. Lines of more than 16 MiB, and what cannot be
/// read, are replaced by a marker, never passed through.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Redact {
    #[command(subcommand)]
    command: Option<RedactCommand>,
    /// Take the key and the patterns of values that may stand from this policy's `redaction:`
    #[arg(long, value_name = "PATH", conflicts_with = "key")]
    policy: Option<PathBuf>,
    /// The pseudonym key, or the directory of its generations, where there is no policy
    #[arg(long, value_name = "PATH")]
    key: Option<PathBuf>,
    /// Each line begins with what it is and a tab: text, url, header, form, json, xml or delimited
    #[arg(long)]
    kind_prefix: bool,
    /// Read this file as it grows, through rotation and truncation, until SIGTERM
    #[arg(long, value_name = "FILE")]
    follow: Option<PathBuf>,
    /// Keep in this file how far was read, and go on from there
    #[arg(long, value_name = "FILE", requires = "follow")]
    position: Option<PathBuf>,
    /// Say on standard error what was done, in numbers: at the end, and on SIGUSR1
    #[arg(long)]
    stats: bool,
}

#[derive(Subcommand, Debug)]
enum RedactCommand {
    /// Print the pseudonyms of one person's datum, and record that somebody asked
    Lookup(lookup::Lookup),
    /// A file's name, most likely: it is told how files are read.
    #[command(external_subcommand)]
    Other(Vec<OsString>),
}

/// A sentence for standard error.
type Complaint = String;

impl Redact {
    /// Runs the command. 0 at the end of input or if the reader of the output went away, 1 if something failed.
    pub fn run(self) -> ExitCode {
        // A panic's own message may hold what was being worked on.
        telemetry::install_panic_hook();
        match self.command {
            Some(RedactCommand::Lookup(lookup)) => return lookup.run(),
            Some(RedactCommand::Other(words)) => {
                let file = Path::new(words.first().map_or("FILE".as_ref(), OsString::as_os_str)).display();
                let _ = writeln!(
                    io::stderr(),
                    "portcullis: lines come from standard input: `portcullis redact < {file}`; a file that still grows \
                     is read by `portcullis redact --follow {file}`"
                );
                return ExitCode::from(2);
            }
            None => {}
        }
        match self.filter() {
            Ok(()) => ExitCode::SUCCESS,
            Err(complaint) => {
                // Nobody may be reading.
                let _ = writeln!(io::stderr(), "portcullis: {complaint}");
                ExitCode::FAILURE
            }
        }
    }

    fn filter(self) -> Result<(), Complaint> {
        let (redactor, routes) = redactor(self.policy.as_deref(), self.key.as_deref())?;
        let engine = Engine::new(Arc::new(redactor), Options::default()).with_routes(routes);
        let report = Report::default();
        let watch = report.watch(self.stats, self.follow.is_some()).map_err(|error| format!("signals: {error}"))?;
        let filter = Filter::new(engine, self.kind_prefix, &report, io::stdout());
        let ended = match self.follow {
            Some(path) => Follow::new(path, self.position).run(filter, &watch),
            None => stream::copy(io::stdin().lock(), filter),
        };
        if self.stats {
            report.show();
        }
        match ended {
            Ok(Ended::Input | Ended::Reader) => Ok(()),
            Err(fault) => Err(fault),
        }
    }
}

/// What makes pseudonyms: as the policy says, under a key, or hiding without one.
fn redactor(policy: Option<&Path>, key: Option<&Path>) -> Result<(Redactor, Vec<Route>), Complaint> {
    let clock = Clock::system();
    match (policy, key) {
        (Some(path), _) => {
            let loaded = load(path, &LoadOptions::check()).map_err(|faults| faults.render(false))?;
            let redactor = app::redactor(&loaded.policy.redaction, &clock).map_err(|fault| fault.to_string())?;
            Ok((redactor, loaded.policy.routes.routes().iter().map(|route| declared(route)).collect()))
        }
        (None, Some(path)) => {
            let keys = pseudonym_keys::load(path).map_err(|fault| fault.to_string())?;
            Ok((Redactor::rotating(keys, clock.wall().seconds()), Vec::new()))
        }
        (None, None) => Ok((Redactor::hiding(), Vec::new())),
    }
}

/// What the policy says of a route that a log line may show a request to.
fn declared(route: &policy::route::Route) -> Route {
    let texts = |names: &[Name]| names.iter().map(|name| name.as_str().to_owned()).collect();
    let methods = route.methods.iter().map(|method| method.as_str().to_owned()).collect();
    Route::new(route.template.as_str(), methods, texts(&route.log_query), route.is_pii())
}
