//! What the keeper tells others: how the last look ended, and how long certificates hold.

use std::path::PathBuf;

use parking_lot::Mutex;

use super::Outcome;
use crate::clock::UnixMillis;
use crate::redact::Redacted;

/// Told by the keeper, read by whoever asks.
#[derive(Default)]
pub struct Board(Mutex<Told>);

#[derive(Default)]
struct Told {
    last: Option<LastLook>,
    certificates: Vec<CertificateSpan>,
}

/// A look at what lies on disk that somebody asked for, or that found something.
#[derive(Clone, Debug)]
pub struct LastLook {
    /// When.
    pub at: UnixMillis,
    /// What came of it.
    pub outcome: Outcome,
    /// Who asked; `None` if a file was seen to be another.
    pub author: Option<Redacted>,
}

/// How long the certificates of one file hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateSpan {
    /// The policy's key that names the file.
    pub key: String,
    /// The file.
    pub path: PathBuf,
    /// The last second in which all of them hold, since 1970.
    pub until: u64,
}

impl Board {
    /// The last look.
    pub fn last(&self) -> Option<LastLook> {
        self.0.lock().last.clone()
    }

    /// The certificates that the policy in force names.
    pub fn certificates(&self) -> Vec<CertificateSpan> {
        self.0.lock().certificates.clone()
    }

    pub(super) fn looked(&self, at: UnixMillis, outcome: Outcome, author: Option<Redacted>) {
        let mut told = self.0.lock();
        // What is refused at every look is told once.
        let again = author.is_none() && told.last.as_ref().is_some_and(|last| last.outcome == outcome);
        if !again || matches!(outcome, Outcome::Changed(_)) {
            told.last = Some(LastLook { at, outcome, author });
        }
    }

    pub(super) fn set_certificates(&self, certificates: Vec<CertificateSpan>) {
        self.0.lock().certificates = certificates;
    }
}
