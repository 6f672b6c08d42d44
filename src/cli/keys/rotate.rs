//! `portcullis keys rotate`: another generation of the pseudonym key.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use super::super::files::{self, SECRET};
use super::Complaint;
use crate::clock::Clock;
use crate::identity::dev::{self, DevFault, SecretText};
use crate::identity::pseudonym_keys;

/// Add a generation to a directory of pseudonym keys.
///
/// `redaction.key` names the directory. From its start on, and once the gate has reloaded, new pseudonyms are made under
/// the new generation and show its number; older ones stay for `portcullis redact lookup` until their logs are gone,
/// when their files are deleted.
#[derive(Args)]
pub(super) struct Rotate {
    /// The directory; made if it is not there
    directory: PathBuf,
    /// When the generation begins: a time such as 2026-12-01T00:00:00Z; now if it is left out
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
}

impl Rotate {
    pub(super) fn run(self) -> Result<(), Complaint> {
        if self.directory.is_file() {
            let file = self.directory.display();
            return Err(format!(
                "{file} is one key, not a directory of generations; move it into a directory of its own, and name that \
                 here and in `redaction.key`"
            ));
        }
        let from = self.from.map_or_else(now, Ok)?;
        if from.as_second() < 0 {
            return Err("a generation begins after 1970".to_owned());
        }
        let id = pseudonym_keys::next_id(&self.directory).map_err(|fault| fault.to_string())?;
        let key = dev::symmetric_key().map_err(|fault| fault.to_string())?;
        let path = self.directory.join(format!("k{id}.key"));
        files::write(&path, &pseudonym_keys::render(id, from, &key), SECRET, false)
            .map_err(|fault| fault.to_string())?;
        files::say(&path.display().to_string()).map_err(|fault| fault.to_string())
    }
}

/// The first generation, for a file of its own.
pub(super) fn first() -> Result<SecretText, DevFault> {
    let key = dev::symmetric_key()?;
    let from = now().unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(pseudonym_keys::render(1, from, &key))
}

/// Whole seconds, as the file shows them.
fn now() -> Result<Timestamp, Complaint> {
    let seconds = i64::try_from(Clock::system().wall().seconds()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).map_err(|error| format!("the machine's clock cannot be used: {error}"))
}
