//! The roster: whose signatures count, and when. It is kept by those who read the trail, not by those who write it.
//!
//! ```text
//! # one key a line: verifier key, from when, until when; `-` for no bound
//! portcullis/gate-0+8dc7bf01+AV… 2026-05-02T00:00:00Z 2027-05-02T00:00:00Z
//! portcullis/*+5a0c11d2+AQ…      2026-05-02T00:00:00Z -
//! ```
//!
//! A key named `portcullis/*` is one that gates share whose names nobody knows beforehand, such as the pods of a
//! Deployment. A roster may be a signed note, whose text are these lines; then the signature of its root key is asked
//! for.

use std::fmt;

use jiff::Timestamp;

use super::note::{Judged, Note, NoteFault, VerifierKey, VerifierKeyFault};
use crate::clock::UnixMillis;

/// Most lines of a roster.
const MOST_LINES: usize = 100_000;

/// Whose signatures count, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    entries: Vec<RosterEntry>,
}

/// One key and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterEntry {
    /// The key.
    pub key: VerifierKey,
    /// It signs nothing before this.
    pub from: Option<UnixMillis>,
    /// It signs nothing from this on.
    pub until: Option<UnixMillis>,
}

/// Why a text is not a roster.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RosterFault {
    /// A line that is none.
    #[error("line {line}: {what}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// Too many.
    #[error("more than 100,000 lines")]
    TooLong,
    /// It should be signed, and is not, or not well.
    #[error("{0}")]
    Signature(&'static str),
    /// It is signed, and cannot be read.
    #[error("{0}")]
    Note(NoteFault),
}

impl Roster {
    /// Reads a roster; with `root`, only one that is a note signed by it.
    pub fn parse(text: &str, root: Option<&VerifierKey>) -> Result<Self, RosterFault> {
        let signed = text.contains("\n\n\u{2014} ");
        let Some(root) = root else {
            // The signatures of a signed roster are passed over: nobody said whose should be under it.
            let lines = if signed { text.rfind("\n\n\u{2014} ").map_or(text, |at| &text[..=at]) } else { text };
            return Self::lines(lines);
        };
        if !signed {
            return Err(RosterFault::Signature("the roster is not signed, and a root key was given"));
        }
        let note = Note::parse(text).map_err(RosterFault::Note)?;
        match note.judge([root]) {
            Judged::Signed(_) => Self::lines(&note.text),
            Judged::Forged(_) => Err(RosterFault::Signature("the roster's signature is wrong: it was changed")),
            Judged::Unknown => Err(RosterFault::Signature("the roster is not signed by the root key that was given")),
        }
    }

    fn lines(text: &str) -> Result<Self, RosterFault> {
        let mut entries = Vec::new();
        for (at, line) in text.lines().enumerate() {
            if at >= MOST_LINES {
                return Err(RosterFault::TooLong);
            }
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                entries.push(RosterEntry::parse(line).map_err(|what| RosterFault::Line { line: at + 1, what })?);
            }
        }
        Ok(Self { entries })
    }

    /// Keys that count at any time.
    pub fn of_keys(keys: impl IntoIterator<Item = VerifierKey>) -> Self {
        let entry = |key| RosterEntry { key, from: None, until: None };
        Self { entries: keys.into_iter().map(entry).collect() }
    }

    /// The keys, in order.
    pub fn entries(&self) -> &[RosterEntry] {
        &self.entries
    }

    /// The entries of a key's name. Shared keys take that name.
    pub fn of(&self, name: &str) -> Vec<RosterEntry> {
        let named = |entry: &RosterEntry| match entry.key.name().strip_suffix('*') {
            None => (entry.key.name() == name).then(|| entry.clone()),
            Some(prefix) if name.starts_with(prefix) => {
                VerifierKey::new(name, *entry.key.public()).map(|key| RosterEntry { key, ..*entry })
            }
            Some(_) => None,
        };
        self.entries.iter().filter_map(named).collect()
    }
}

impl RosterEntry {
    fn parse(line: &str) -> Result<Self, String> {
        let mut parts = line.split_ascii_whitespace();
        let key = parts.next().unwrap_or_default();
        let key = VerifierKey::parse(key).map_err(|fault: VerifierKeyFault| fault.to_string())?;
        let mut time = |which| match parts.next() {
            None | Some("-") => Ok(None),
            Some(text) => {
                parse_time(text).map(Some).ok_or(format!("`{which}` is not a time such as 2026-05-02T00:00:00Z"))
            }
        };
        let (from, until) = (time("from")?, time("until")?);
        if parts.next().is_some() {
            return Err("a line is a verifier key, from when, and until when".to_owned());
        }
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            return Err("the key's time ends before it begins".to_owned());
        }
        Ok(Self { key, from, until })
    }

    /// Whether the key may sign at `time`.
    pub fn covers(&self, time: UnixMillis) -> bool {
        self.from.is_none_or(|from| from <= time) && self.until.is_none_or(|until| time < until)
    }

    /// Whether the key is shared by gates whose names are not known.
    pub fn is_shared(&self) -> bool {
        self.key.name().ends_with('*')
    }
}

/// RFC 3339, or a date for its first moment, UTC.
pub fn parse_time(text: &str) -> Option<UnixMillis> {
    let at = match text.parse::<Timestamp>() {
        Ok(at) => at,
        Err(_) => text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp(),
    };
    u64::try_from(at.as_millisecond()).ok().map(UnixMillis)
}

/// RFC 3339, UTC.
pub fn time_text(time: UnixMillis) -> String {
    let at = i64::try_from(time.0).ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
    at.map_or_else(|| "-".to_owned(), |at| at.to_string())
}

impl fmt::Display for RosterEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |time: Option<UnixMillis>| time.map_or_else(|| "-".to_owned(), time_text);
        write!(f, "{} {} {}", self.key, show(self.from), show(self.until))
    }
}
