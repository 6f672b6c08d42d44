//! One thin file per command: arguments in, an exit code out. 0 done, 1 the answer is no, 2 usage.

mod admin;
mod audit;
mod canary;
mod certs;
mod check;
mod demo;
mod diff;
mod doctor;
mod explain;
mod files;
mod fmt;
mod format;
mod inject;
mod keys;
mod past;
mod redact;
mod replay;
mod roster;
mod run;
mod schema;
mod shadow;
mod simulate;
mod sinks;
mod test;
mod upgrade;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The gate in front of an app that handles marketplace customers' data.
#[derive(Parser)]
#[command(version, about, max_term_width = 100, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Demo),
    Run(run::Run),
    Upgrade(upgrade::Upgrade),
    Doctor(doctor::Doctor),
    Check(check::Check),
    Explain(explain::Explain),
    Diff(diff::DiffCommand),
    Replay(replay::ReplayCommand),
    Shadow(shadow::Shadow),
    Simulate(simulate::Simulate),
    Verify(verify::Verify),
    Test(test::Test),
    Fmt(fmt::Fmt),
    Schema(schema::Schema),
    Status(admin::Status),
    Quarantine(admin::Quarantine),
    Lock(admin::Lock),
    Unlock(admin::Unlock),
    Reload(admin::Reload),
    Drain(admin::Drain),
    LogLevel(admin::LogLevelCommand),
    Audit(audit::Audit),
    Canary(canary::Canary),
    Sinks(sinks::Sinks),
    Certs(certs::Certs),
    Keys(keys::Keys),
    Redact(redact::Redact),
    Inject(inject::Inject),
}

/// Why words are no command line of this program; what its pages show is held to this. Nothing is run.
pub fn judge(words: &[String]) -> Option<clap::Error> {
    Arguments::try_parse_from(words).err()
}

/// Reads the arguments and runs the command. Usage errors exit with 2 by clap itself.
pub fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Demo(demo) => demo.run(),
        Command::Run(run) => run.run(),
        Command::Upgrade(upgrade) => upgrade.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Check(check) => check.run(),
        Command::Explain(explain) => explain.run(),
        Command::Diff(diff) => diff.run(),
        Command::Replay(replay) => replay.run(),
        Command::Shadow(shadow) => shadow.run(),
        Command::Simulate(simulate) => simulate.run(),
        Command::Verify(verify) => verify.run(),
        Command::Test(test) => test.run(),
        Command::Fmt(fmt) => fmt.run(),
        Command::Schema(schema) => schema.run(),
        Command::Status(status) => status.run(),
        Command::Quarantine(quarantine) => quarantine.run(),
        Command::Lock(lock) => lock.run(),
        Command::Unlock(unlock) => unlock.run(),
        Command::Reload(reload) => reload.run(),
        Command::Drain(drain) => drain.run(),
        Command::LogLevel(level) => level.run(),
        Command::Audit(audit) => audit.run(),
        Command::Canary(canary) => canary.run(),
        Command::Sinks(sinks) => sinks.run(),
        Command::Certs(certs) => certs.run(),
        Command::Keys(keys) => keys.run(),
        Command::Redact(redact) => redact.run(),
        Command::Inject(inject) => inject.run(),
    }
}
