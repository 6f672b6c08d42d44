//! What is recorded when something is changed that the gate runs on: OCSF Entity Management (3004).

use super::CallerRecord;
use crate::audit::author::Author;
use crate::audit::id::RequestId;
use crate::clock::UnixMillis;
use crate::redact::{Name, Redacted};

/// A change of what the gate runs on, or its refusal: activity Update.
#[derive(Clone, Debug)]
pub struct Change {
    /// `metadata.uid`.
    pub id: RequestId,
    /// `time`.
    pub at: UnixMillis,
    /// What was changed: `entity.type`.
    pub subject: Subject,
    /// Digest of what was in force: `entity.uid`.
    pub before: Name,
    /// Digest of what is in force now: `entity_result.uid`; `None` if the change was refused and `before` stays.
    pub after: Option<Name>,
    /// Fixed text that says what happened: `status_detail`.
    pub text: &'static str,
    /// Who changed it: `unmapped.portcullis.author`.
    pub author: Author,
    /// What is different, or what was wrong: `unmapped.portcullis.changes`. Of more than [`Change::MOST_LINES`], the rest
    /// is counted.
    pub changes: Vec<Redacted>,
    /// Counts what was put in force since the start, from 1: `unmapped.portcullis.generation`.
    pub generation: u64,
}

impl Change {
    /// Longest list of differences in one record, so that a record stays below 16 KiB.
    pub const MOST_LINES: usize = 24;
    /// Most bytes of them.
    pub const MOST_BYTES: usize = 8 * 1024;
}

/// What a [`Change`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The policy: `CONFIG.POLICY`.
    Policy,
    /// A certificate, its key or a CA: `CONFIG.CERT`.
    Certificate,
    /// Keys by which callers, records or assertions are known: `CONFIG.KEYS`.
    Keys,
}

/// A part of the gate is shut or opened at once, by hand: activity Enable or Disable.
#[derive(Clone, Debug)]
pub struct KillSwitch {
    /// `metadata.uid`.
    pub id: RequestId,
    /// `time`.
    pub at: UnixMillis,
    /// Shut, or opened again.
    pub engaged: bool,
    /// What is shut: `unmapped.portcullis.scope`.
    pub scope: KillScope,
    /// Its name: `entity.uid`; `None` for all there is.
    pub name: Option<Name>,
    /// The operator: `actor`.
    pub by: Option<CallerRecord>,
    /// A ticket's number or the like: `comment`.
    pub reason: Option<Name>,
}

/// What a [`KillSwitch`] shuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KillScope {
    /// Everything.
    Gate,
    /// A route.
    Route,
    /// A role.
    Role,
    /// A caller.
    Caller,
    /// An address.
    Address,
}

impl KillScope {
    /// As `unmapped.portcullis.scope` shows it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Route => "route",
            Self::Role => "role",
            Self::Caller => "caller",
            Self::Address => "address",
        }
    }
}

/// Somebody asked which pseudonyms stand for a datum, to find it in logs: OCSF Entity Management (3004), activity Read.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// `metadata.uid`.
    pub id: RequestId,
    /// `time`.
    pub at: UnixMillis,
    /// What kind of datum it was: `entity.name`.
    pub kind: &'static str,
    /// Its pseudonym under the key in force: `entity.uid`. Who reads logs finds what was asked for, and nobody the
    /// datum.
    pub token: Redacted,
    /// Who asked: the user of the operating system, `actor.user.name`, if it has a name.
    pub user: Option<Name>,
    /// The same by number: `actor.user.uid`.
    pub uid: u32,
    /// By whom the session was begun, whatever `su` and `sudo` did since: `actor.user.uid_alt`, if the system keeps it.
    pub login_uid: Option<u32>,
    /// Why, in the asker's words: `comment`.
    pub reason: Redacted,
}
