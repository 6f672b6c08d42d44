//! `portcullis audit`: what an operator does with a spool.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::files;
use crate::audit::spool::{self, Rewrapped, State, WrappingKey};
use crate::clock::Clock;

/// Look after the audit spool: legal hold, and what is in it.
#[derive(Args)]
pub struct Audit {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Remove nothing from now on, whatever its age: a legal hold
    Hold(Hold),
    /// Release a legal hold; 1 if there is none
    Release(Place),
    /// Show the segments of each chain
    List(Place),
    /// Let a new key open what an old one sealed
    Rotate(Rotate),
}

#[derive(Args)]
struct Hold {
    #[command(flatten)]
    place: Place,
    /// Why, for those who find the hold
    #[arg(long)]
    reason: String,
}

#[derive(Args)]
struct Rotate {
    #[command(flatten)]
    place: Place,
    /// The key so far
    #[arg(long, value_name = "FILE")]
    old: PathBuf,
    /// The key from now on, as `keys new audit` makes it
    #[arg(long, value_name = "FILE")]
    new: PathBuf,
}

#[derive(Args)]
struct Place {
    /// The spool, as in `audit.spool.path`
    #[arg(value_name = "DIR")]
    path: PathBuf,
}

impl Audit {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let done = match self.command {
            AuditCommand::Hold(Hold { place, reason }) => hold(&place.path, &reason),
            AuditCommand::Release(place) => release(&place.path),
            AuditCommand::List(place) => list(&place.path),
            AuditCommand::Rotate(rotate) => rotate.run(),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(complaint) => {
                eprintln!("portcullis: {complaint}");
                ExitCode::FAILURE
            }
        }
    }
}

impl Rotate {
    fn run(&self) -> Result<(), String> {
        let load = |path: &Path| WrappingKey::load(path).map_err(|fault| fault.to_string());
        let (old, new) = (load(&self.old)?, load(&self.new)?);
        let done = spool::rewrap(&self.place.path, &old, &new).map_err(|fault| fault.to_string())?;
        let Rewrapped { rewrapped, already, foreign } = done;
        let text = format!("{rewrapped} segments rewrapped, {already} open with the new key already");
        files::say(&text).map_err(|fault| fault.to_string())?;
        eprintln!("Let `audit.spool.key` name the new key, start the gate anew, and run this once more for the rest.");
        match foreign {
            0 => Ok(()),
            foreign => Err(format!("{foreign} segments open with neither key; keep whichever key made them")),
        }
    }
}

fn hold(path: &Path, reason: &str) -> Result<(), String> {
    let done = spool::hold(path, reason, Clock::system().wall());
    done.map_err(|fault| format!("{}: {fault}", path.display()))?;
    files::say("held").map_err(|fault| fault.to_string())
}

fn release(path: &Path) -> Result<(), String> {
    match spool::release(path).map_err(|fault| format!("{}: {fault}", path.display()))? {
        true => files::say("released").map_err(|fault| fault.to_string()),
        false => Err(format!("{} is not held", path.display())),
    }
}

fn list(path: &Path) -> Result<(), String> {
    let say = |text: &str| files::say(text).map_err(|fault| fault.to_string());
    let chains = spool::chains(path).map_err(|fault| fault.to_string())?;
    if chains.is_empty() {
        eprintln!("{}: no segments; a spool is the directory of `audit.spool.path`", path.display());
    }
    for directory in chains {
        say(&directory.display().to_string())?;
        for segment in spool::segments(&directory).map_err(|fault| fault.to_string())? {
            let first = segment.header.before.size() + 1;
            let state = match segment.state {
                State::Open => "open",
                State::Sealed => "sealed",
                State::Gone => "removed",
            };
            let text = match &segment.summary {
                Some(summary) => format!(
                    "records {first} to {}, {} bytes, {}{}",
                    summary.after.size(),
                    summary.bytes,
                    summary.closed.word(),
                    if segment.note.is_some() { ", signed" } else { "" }
                ),
                None => format!("records from {first}"),
            };
            say(&format!("  {}  {state}  {text}", segment.name))?;
        }
    }
    if spool::is_held(path) { say("held: nothing is removed") } else { Ok(()) }
}
