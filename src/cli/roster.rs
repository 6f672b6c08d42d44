//! `portcullis keys roster`: whose signatures count, for those who verify the trail.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::files;
use crate::audit::proof::{NoteSigner, Roster, RosterEntry, VerifierKey, parse_time};
use crate::clock::UnixMillis;
use crate::identity::secret_file;
use crate::redact::Name;

/// Longest roster.
const MAX_ROSTER_BYTES: usize = 32 * 1024 * 1024;

/// Lines of the roster, and its signature.
#[derive(Args)]
pub(super) struct RosterCommand {
    #[command(subcommand)]
    command: RosterStep,
}

#[derive(Subcommand)]
enum RosterStep {
    /// Print the roster's line for a gate's signing key
    Line(Line),
    /// Print a roster as a note signed with the root key; `portcullis verify --roster-key` asks for it
    Sign(Sign),
}

#[derive(Args)]
struct Line {
    /// The gate's key, as in `audit.signing_key`
    #[arg(long)]
    key: PathBuf,
    /// The gate's name: the host's name where it runs, as in `device.name` of its records
    #[arg(long, value_parser = name, required_unless_present = "shared")]
    instance: Option<Name>,
    /// The key is one of gates whose names nobody knows beforehand, such as the pods of a Deployment
    #[arg(long, conflicts_with = "instance")]
    shared: bool,
    /// It signs nothing before this
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<UnixMillis>,
    /// It signs nothing from this on
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<UnixMillis>,
}

#[derive(Args)]
struct Sign {
    /// The roster
    roster: PathBuf,
    /// The root key: Ed25519, kept where no gate is
    #[arg(long)]
    key: PathBuf,
    /// The root key's name, such as `seller.example/audit`
    #[arg(long, value_parser = name)]
    name: Name,
}

impl RosterCommand {
    pub(super) fn run(self) -> Result<(), String> {
        match self.command {
            RosterStep::Line(line) => line.run(),
            RosterStep::Sign(sign) => sign.run(),
        }
    }
}

impl Line {
    fn run(self) -> Result<(), String> {
        let instance = self.instance.as_ref().map_or("*", Name::as_str);
        let signer =
            NoteSigner::load(&self.key, &format!("portcullis/{instance}")).map_err(|fault| fault.to_string())?;
        let entry = RosterEntry { key: signer.public().clone(), from: self.from, until: self.until };
        if entry.from.zip(entry.until).is_some_and(|(from, until)| from >= until) {
            return Err("--until is not after --from".to_owned());
        }
        files::say(&entry.to_string()).map_err(|fault| fault.to_string())
    }
}

impl Sign {
    fn run(self) -> Result<(), String> {
        let bytes = secret_file::read_public(&self.roster, MAX_ROSTER_BYTES).map_err(|fault| fault.to_string())?;
        let text = str::from_utf8(&bytes).map_err(|_| format!("{} is not UTF-8 text", self.roster.display()))?;
        Roster::parse(text, None).map_err(|fault| format!("{}: {fault}", self.roster.display()))?;
        let mut lines = text.trim_end().to_owned();
        lines.push('\n');
        let signer = NoteSigner::load(&self.key, self.name.as_str()).map_err(|fault| fault.to_string())?;
        let note = signer.sign(lines).to_string();
        let public: &VerifierKey = signer.public();
        Roster::parse(&note, Some(public)).map_err(|fault| format!("{}: {fault}", self.roster.display()))?;
        eprintln!("verifiers ask for it with `--roster-key {public}`");
        files::say(note.trim_end()).map_err(|fault| fault.to_string())
    }
}

fn name(text: &str) -> Result<Name, String> {
    let name = Name::configured(text).map_err(|fault| format!("this cannot be a name, it {fault}"))?;
    if text.contains('+') { Err("this cannot be a key's name, it holds a `+`".to_owned()) } else { Ok(name) }
}

fn time(text: &str) -> Result<UnixMillis, String> {
    parse_time(text).ok_or_else(|| "give a time such as 2026-05-02T00:00:00Z, or a date".to_owned())
}
