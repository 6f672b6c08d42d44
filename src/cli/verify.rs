//! `portcullis verify`: the audit trail, offline: whole, or where it breaks.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::files::{self, PUBLIC};
use super::format::Format;
use crate::audit::RequestId;
use crate::audit::proof::{Roster, TlogProof, VerifierKey, parse_time};
use crate::audit::spool::WrappingKey;
use crate::audit::verify::{Disproved, Options, ProveFault, Target, Verdict, check, prove, verify};
use crate::clock::UnixMillis;
use crate::identity::secret_file;

/// Longest roster.
const MAX_ROSTER_BYTES: usize = 32 * 1024 * 1024;

/// Longest proof that is read.
const MAX_PROOF_BYTES: u64 = 512 * 1024;

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
    /// Spools, files of records, or directories of such files
    #[arg(required_unless_present = "proof")]
    paths: Vec<PathBuf>,
    /// The spool's key, to read its records; without it, leaf hashes, footers and checkpoints are verified
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
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
    /// A verifier key whose signatures count at any time, instead of a roster; may be given more than once
    #[arg(long, value_name = "VKEY", conflicts_with = "roster", value_parser = key)]
    vkey: Vec<VerifierKey>,
    /// Prove that this record is in the trail: its `metadata.uid`, or its number where there is one chain
    #[arg(long, value_name = "UID|SEQ", value_parser = target)]
    prove: Option<Target>,
    /// Where the proof goes; otherwise to standard output
    #[arg(long, value_name = "FILE", requires = "prove")]
    out: Option<PathBuf>,
    /// Check a proof alone, and print its record; needs --vkey or --roster
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "prove"])]
    proof: Option<PathBuf>,
    /// For people, or for machines: one JSON object
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Verify {
    /// Prints the report: it is this command's result.
    pub fn run(self) -> ExitCode {
        match self.report() {
            Ok((text, code)) => super::answer(&text, ExitCode::from(code)),
            Err(complaint) => {
                eprintln!("portcullis: {complaint}");
                ExitCode::from(2)
            }
        }
    }

    fn report(self) -> Result<(String, u8), String> {
        if let Some(path) = &self.proof {
            return self.check(path);
        }
        if let Some(target) = &self.prove {
            return self.make_proof(target);
        }
        let key = self.spool_key()?;
        let options = Options {
            roster: self.roster()?,
            anchors: self.anchors,
            from: self.from,
            to: self.to,
            any_order: self.any_order,
        };
        let report = verify(&self.paths, options, key.as_ref()).map_err(|fault| fault.to_string())?;
        let text = match self.format {
            Format::Text => report.text(),
            Format::Json => report.json() + "\n",
        };
        Ok((text, report.verdict() as u8))
    }

    fn make_proof(&self, target: &Target) -> Result<(String, u8), String> {
        let proof = match prove(&self.paths, target, self.roster()?.as_ref(), self.spool_key()?.as_ref()) {
            Err(ProveFault::Verify(fault)) => return Err(fault.to_string()),
            Ok(proof) => proof.to_string(),
            Err(fault) => return Ok((format!("no proof: {fault}\n"), Verdict::Broken as u8)),
        };
        let Some(path) = &self.out else { return Ok((proof, 0)) };
        files::write(path, &proof, PUBLIC, false).map_err(|fault| fault.to_string())?;
        Ok((format!("{}\n", path.display()), 0))
    }

    fn check(&self, path: &Path) -> Result<(String, u8), String> {
        let roster = self.roster()?.ok_or("a proof is checked against keys: give --vkey or --roster")?;
        let mut text = String::new();
        let opened = File::open(path).and_then(|file| file.take(MAX_PROOF_BYTES).read_to_string(&mut text));
        opened.map_err(|fault| format!("{}: {fault}", path.display()))?;
        let proof = TlogProof::parse(&text).map_err(|fault| format!("{}: {fault}", path.display()))?;
        Ok(match check(&proof, &roster) {
            Ok(checkpoint) => {
                let record = String::from_utf8_lossy(&proof.record);
                eprintln!(
                    "PROVED: the record is number {} of the chain {}, of which {} records are signed",
                    proof.index + 1,
                    checkpoint.origin.log_name(),
                    checkpoint.size
                );
                (format!("{record}\n"), 0)
            }
            Err(Disproved::NotInTree(fault)) => (format!("NOT PROVED: {fault}\n"), Verdict::Broken as u8),
            Err(Disproved::Signature(fault)) => (format!("NOT PROVED: {fault}\n"), Verdict::BadSignature as u8),
        })
    }

    fn spool_key(&self) -> Result<Option<WrappingKey>, String> {
        self.key.as_deref().map(WrappingKey::load).transpose().map_err(|fault| fault.to_string())
    }

    fn roster(&self) -> Result<Option<Roster>, String> {
        let Some(path) = &self.roster else {
            return Ok((!self.vkey.is_empty()).then(|| Roster::of_keys(self.vkey.iter().cloned())));
        };
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

fn target(text: &str) -> Result<Target, String> {
    if let Some(id) = RequestId::parse(text) {
        return Ok(Target::Uid(id));
    }
    let number = text.parse().ok().filter(|number| *number > 0).map(Target::Sequence);
    number.ok_or_else(|| "give a record's `metadata.uid`, or its number, counted from 1".to_owned())
}
