//! `portcullis verify`: the audit trail, offline: whole, or where it breaks.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::audit::proof::{Roster, VerifierKey, parse_time};
use crate::audit::verify::{Options, verify};
use crate::clock::UnixMillis;
use crate::identity::secret_file;

/// Longest roster.
const MAX_ROSTER_BYTES: usize = 32 * 1024 * 1024;

/// Say whether an audit trail is whole, or what is wrong with it and where. Nothing but files is needed.
///
/// Reads files of records as the gate writes them, rotated or not, in any order, and as a SIEM exports them: one record
/// a line, indented, or in an array; with members in another order, other escapes, numbers as 1.0, members added at the
/// top level, or wrapped in `event`, `_source`, `ocsf` or `result`. Records that are there more than once count once.
///
/// Exit codes: 0 whole, 1 broken (modified, reordered, unreadable, missing in between), 2 usage, 3 truncated (the begin
/// or the end is missing), 4 bad signature, 5 whole but for gaps that the trail declares, 6 a replica is missing or was
/// silent. Of several, the gravest counts: 4, 1, 3, 6, 5.
#[derive(Args, Debug)]
pub struct Verify {
    /// Files of records, or directories of such files
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Whose signatures count, and when; `portcullis keys roster` writes its lines
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// The roster counts only if it is a note signed with this key
    #[arg(long, value_name = "VKEY", requires = "roster", value_parser = key)]
    roster_key: Option<VerifierKey>,
    /// A checkpoint that was kept elsewhere, or a directory of them: finds what was cut or rolled back
    #[arg(long, value_name = "PATH")]
    anchors: Vec<PathBuf>,
    /// Leave out what is older, and do without the begin of the trail
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<UnixMillis>,
    /// Leave out what is younger
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<UnixMillis>,
    /// Lines may stand in any order, as some SIEM export them; needs memory for what comes early
    #[arg(long)]
    any_order: bool,
    /// For people, or for machines: one JSON object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What the result is shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines.
    Text,
    /// A JSON object.
    Json,
}

impl Verify {
    /// Prints the report: it is this command's result.
    pub fn run(self) -> ExitCode {
        match self.report() {
            Ok((text, code)) => {
                // Whoever closes our output early has seen what they wanted.
                let _ = io::stdout().write_all(text.as_bytes());
                ExitCode::from(code)
            }
            Err(complaint) => {
                eprintln!("portcullis: {complaint}");
                ExitCode::from(2)
            }
        }
    }

    fn report(self) -> Result<(String, u8), String> {
        let options = Options {
            roster: self.roster()?,
            anchors: self.anchors,
            from: self.from,
            to: self.to,
            any_order: self.any_order,
        };
        let report = verify(&self.paths, options).map_err(|fault| fault.to_string())?;
        let text = match self.format {
            Format::Text => report.text(),
            Format::Json => report.json() + "\n",
        };
        Ok((text, report.verdict() as u8))
    }

    fn roster(&self) -> Result<Option<Roster>, String> {
        let Some(path) = &self.roster else { return Ok(None) };
        let bytes = secret_file::read_public(path, MAX_ROSTER_BYTES).map_err(|fault| fault.to_string())?;
        let text = str::from_utf8(&bytes).map_err(|_| format!("{} is not UTF-8 text", path.display()))?;
        let roster = Roster::parse(text, self.roster_key.as_ref());
        roster.map(Some).map_err(|fault| format!("{}: {fault}", path.display()))
    }
}

fn key(text: &str) -> Result<VerifierKey, String> {
    VerifierKey::parse(text).map_err(|fault| fault.to_string())
}

fn time(text: &str) -> Result<UnixMillis, String> {
    parse_time(text).ok_or_else(|| "give a time such as 2026-05-02T00:00:00Z, or a date".to_owned())
}
