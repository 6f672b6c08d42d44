//! `reload:` how a changed policy comes into force, and how it goes again.

use std::path::PathBuf;
use std::time::Duration;

/// `reload:`
#[derive(Clone, Debug)]
pub struct ReloadSettings {
    /// How often the contents of all files are compared, beside what the kernel tells: network mounts tell nothing.
    pub poll: Duration,
    /// Where the last good policy is kept, if anywhere.
    pub last_good: Option<LastGoodSettings>,
    /// When a change takes itself back, if ever.
    pub rollback: Option<RollbackSettings>,
}

impl Default for ReloadSettings {
    fn default() -> Self {
        Self { poll: Duration::from_secs(30), last_good: None, rollback: None }
    }
}

/// `reload.last_good:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastGoodSettings {
    /// The file that holds the last good policy.
    pub path: PathBuf,
    /// 32 bytes that authenticate it.
    pub key: PathBuf,
    /// A start whose policy is at fault takes this one instead.
    pub start: bool,
}

/// `reload.rollback:`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollbackSettings {
    /// How long a change is watched, and how long before it is what it is compared with.
    pub window: Duration,
    /// By how many points of a hundred the share of refused requests may rise.
    pub refusals: u8,
    /// By how many points of a hundred the share of answers 500 to 599 may rise.
    pub errors: u8,
    /// Requests after the change before its shares say anything.
    pub least: u64,
}

/// A file that a policy names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// The key that names it: `gate.tls.certificate`.
    pub key: String,
    /// Where it is.
    pub path: PathBuf,
}

impl NamedFile {
    /// The key of a file whose content stands in the policy by `!file`.
    pub const INCLUDED: &'static str = "!file";

    /// Whether it is a certificate, the key of one, or an authority.
    pub fn is_certificate(&self) -> bool {
        ["gate.tls.", "upstream.tls.", "admin.tls.", "metrics.tls."].iter().any(|tls| self.key.starts_with(tls))
    }

    /// Whether it is the key of a certificate.
    pub fn is_private_key(&self) -> bool {
        self.is_certificate() && self.key.rsplit('.').next() == Some("key")
    }

    /// Whether its text is part of the policy and of its digest.
    pub fn is_policy(&self) -> bool {
        self.key.starts_with("revoked.") || self.key == Self::INCLUDED
    }

    /// Whether a running gate takes a new content of it; what the trail writes with is opened once.
    pub fn is_reloadable(&self) -> bool {
        let fixed = self.key.starts_with("audit.") && !self.key.starts_with("audit.sinks.");
        !fixed && !self.key.starts_with("reload.")
    }
}
