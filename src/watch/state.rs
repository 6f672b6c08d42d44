//! The state file: what is in force, and who was locked how often, so that a restart lets nobody off. Callers and addresses
//! stand in it as keyed hashes, and as records show them.
//!
//! Text, a line each, words separated by one space; `-` stands for nothing:
//!
//! ```text
//! portcullis-sanctions-v1 KEY WRITTEN
//! sanction WHOM ID SORT RATE SINCE UNTIL LEFT MODE SPARES AUTHOR FAILURES CAUSE KIND SHOWN
//! offender WHOM ID LOCKS AGO
//! sha256 DIGEST
//! ```
//!
//! Times are milliseconds of Unix time, and of durations. The digest is over all lines before it: it tells of a file that
//! broke. Who may write the file may write all of it.

pub(super) mod line;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};

use super::Sanctions;
use super::failures::Offender;
use super::sanction::Sanction;
use super::subject::Keys;
use crate::clock::{Moment, Ticks, UnixMillis};
use crate::redact::Redacted;
use line::{hex, offender, sanction};

const MARK: &str = "portcullis-sanctions-v1";
/// A line is below 1 KiB; both tables full, and both of offenders, come to some 40 MiB.
const MAX_BYTES: u64 = 128 * 1024 * 1024;

/// What a state file says.
#[derive(Default)]
pub struct Kept {
    /// The key of callers and addresses.
    secret: Option<[u8; 16]>,
    sanctions: Vec<Sanction>,
    offenders: Vec<(Offender, u8, Ticks)>,
}

/// Why a state file is not used.
#[derive(Debug, thiserror::Error)]
pub enum StateFault {
    /// The system.
    #[error("{0}")]
    System(#[from] io::Error),
    /// Not what was written.
    #[error("it is not whole, or was changed")]
    Broken,
}

impl StateFault {
    /// What is wrong, without a word of what was read.
    pub const fn shown(&self) -> Redacted {
        Redacted::literal(match self {
            Self::System(_) => "the system does not let it be read",
            Self::Broken => "it is not whole, or was changed",
        })
    }
}

impl Kept {
    /// Reads a state file; nothing if there is none.
    pub fn read(path: &Path, now: Moment) -> Result<Self, StateFault> {
        let file = match File::open(path) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            file => file?,
        };
        let mut text = String::new();
        if file.take(MAX_BYTES).read_to_string(&mut text).is_err_and(|fault| fault.kind() != io::ErrorKind::InvalidData)
        {
            return Err(StateFault::System(io::Error::other("it cannot be read")));
        }
        Self::parse(&text, now).ok_or(StateFault::Broken)
    }

    fn parse(text: &str, now: Moment) -> Option<Self> {
        let (lines, sealed) = text.strip_suffix('\n')?.rsplit_once('\n')?;
        let whole = &text[..=lines.len()];
        let expected = sealed.strip_prefix("sha256 ")?;
        if Redacted::hex(digest(&SHA256, whole.as_bytes()).as_ref()).as_str() != expected {
            return None;
        }
        let mut lines = lines.lines();
        let mut first = lines.next()?.split(' ');
        if first.next()? != MARK {
            return None;
        }
        let secret = u128::from_str_radix(first.next()?, 16).ok()?.to_be_bytes();
        let written = first.next()?.parse().ok()?;
        let mut kept = Self { secret: Some(secret), ..Self::default() };
        for text in lines {
            let words: Vec<&str> = text.split(' ').collect();
            match words.split_first()? {
                (&"sanction", words) => kept.sanctions.push(sanction(words, written, now)?),
                (&"offender", words) => kept.offenders.push(offender(words, written, now)?),
                _ => return None,
            }
        }
        Some(kept)
    }

    /// Whether what it says is of callers known by this secret; without one, by any.
    pub fn is_of(&self, secret: Option<[u8; 16]>) -> bool {
        self.secret.is_none() || secret.is_none() || self.secret == secret
    }

    /// How callers and addresses are known: as before, so that sanctions find whom they are on.
    pub fn keys(&self) -> Keys {
        self.secret.map_or_else(Keys::random, Keys::new)
    }
}

impl Sanctions {
    /// Takes up what was in force before the start: how many there are.
    pub fn restore(&self, kept: Kept) -> usize {
        for (offender, locks, last) in kept.offenders {
            self.failures.remember(offender, locks, last);
        }
        kept.sanctions.into_iter().filter(|sanction| self.enter_again(sanction.clone())).count()
    }

    /// Takes up, in place of what was read before, what another process wrote since: how many there are.
    pub fn restore_anew(&self, kept: Kept) -> usize {
        self.empty();
        self.restore(kept)
    }

    /// Adds what another process imposed: how many there are. What is here and stronger stays.
    pub fn add(&self, kept: Kept) -> usize {
        let added = kept.sanctions.into_iter().filter(|sanction| {
            let added = self.replace(sanction.clone());
            if added {
                self.woken(true);
            }
            added
        });
        added.count()
    }

    /// What was imposed from this moment on, as a state file says it.
    pub fn state_since(&self, since: UnixMillis) -> String {
        let now = self.moment();
        let mut text = self.head(now);
        for sanction in self.list().iter().filter(|sanction| sanction.since >= since) {
            line::write_sanction(&mut text, sanction, now);
        }
        sealed(text)
    }

    fn head(&self, now: Moment) -> String {
        format!("{MARK} {} {}\n", hex(self.keys().secret()), now.wall.0)
    }

    /// What the state file is to say now.
    pub fn state(&self) -> String {
        let now = self.moment();
        let mut text = self.head(now);
        for sanction in self.list() {
            line::write_sanction(&mut text, &sanction, now);
        }
        let (callers, addresses) = self.failures.remembered();
        for (key, locks, last) in callers {
            line::write_offender(&mut text, "caller", key.0, locks, last, now);
        }
        for (key, locks, last) in addresses {
            line::write_offender(&mut text, "address", key.0, locks, last, now);
        }
        sealed(text)
    }
}

fn sealed(mut text: String) -> String {
    let seal = Redacted::hex(digest(&SHA256, text.as_bytes()).as_ref());
    text.push_str("sha256 ");
    text.push_str(seal.as_str());
    text.push('\n');
    text
}

/// Puts a state into the place of the old one, so that there is always a whole one.
pub fn write(path: &Path, state: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(state)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

/// Puts a state file that is not used out of the way, for somebody to look at.
pub fn set_aside(path: &Path) -> io::Result<()> {
    fs::rename(path, path.with_extension("broken"))
}

#[cfg(test)]
mod tests;
