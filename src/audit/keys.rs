//! Which key signs a chain's checkpoints, kept beside its segments (`<spool>/<instance>/signer`), so that a change of it is
//! recorded: whoever verifies copies has to know of the new key.

use std::path::{Path, PathBuf};

use super::ocsf::Own;
use super::proof::VerifierKey;
use super::spool::disk::{self, Disk as _, RealDisk};
use crate::telemetry::log;

/// Longest text of a key: its name is that of an instance.
const MOST_BYTES: u64 = 4096;

/// The key that signed so far, and the one that signs from now on.
pub struct Keys {
    path: PathBuf,
    before: Option<VerifierKey>,
    after: VerifierKey,
    /// The chain has records that no known key signed.
    goes_on: bool,
}

impl Keys {
    /// In the directory of a chain, which `goes_on` or begins.
    pub fn look(chain: &Path, after: VerifierKey, goes_on: bool) -> Self {
        let path = chain.join("signer");
        // What cannot be read is told of as a key that begins.
        let text = disk::read(&RealDisk, &path, 0, MOST_BYTES).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let before = text.and_then(|text| VerifierKey::parse(text.trim_end()).ok());
        Self { path, before, after, goes_on }
    }

    /// What is to be recorded: nothing where the key is the same, or the chain itself is new and its first checkpoint
    /// says all.
    pub fn change(&self) -> Option<Own<'_>> {
        match &self.before {
            Some(before) if *before != self.after => Some(Own::Key { before: Some(before), after: &self.after }),
            None if self.goes_on => Some(Own::Key { before: None, after: &self.after }),
            _ => None,
        }
    }

    /// Keeps the key that signs from now on.
    pub fn keep(&self) {
        if self.before.as_ref() == Some(&self.after) {
            return;
        }
        let kept = disk::put(&RealDisk, &self.path, format!("{}\n", self.after).as_bytes());
        let directory = self.path.parent().unwrap_or(Path::new("."));
        if let Err(fault) = kept.and_then(|()| RealDisk.sync_directory(directory)) {
            log::error!("which key signs the trail cannot be kept; the next start tells of it again", fault = &fault);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> VerifierKey {
        VerifierKey::new("portcullis/gate-0", [byte; 32]).unwrap()
    }

    #[test]
    fn a_key_is_told_of_once_when_it_is_another_one() {
        let home = tempfile::tempdir().unwrap();
        let told = |after: u8, goes_on| {
            let keys = Keys::look(home.path(), key(after), goes_on);
            let told = keys.change().map(|own| match own {
                Own::Key { before, after } => (before.map(|before| before.public()[0]), after.public()[0]),
                other => panic!("{other:?}"),
            });
            keys.keep();
            told
        };
        assert_eq!(told(1, false), None, "a chain that begins");
        assert_eq!(told(1, true), None);
        assert_eq!(told(2, true), Some((Some(1), 2)));
        assert_eq!(told(2, true), None);
        std::fs::remove_file(home.path().join("signer")).unwrap();
        assert_eq!(told(2, true), Some((None, 2)), "nobody knows what signed before");
        std::fs::write(home.path().join("signer"), "torn").unwrap();
        assert_eq!(told(2, true), Some((None, 2)));
        assert_eq!(told(2, true), None);
    }
}
