//! What a verification finds, and where.

use std::path::PathBuf;

use crate::audit::proof::time_text;
use crate::clock::UnixMillis;

/// Most findings that are listed; the rest is counted.
const MOST_FINDINGS: usize = 1000;

/// What is wrong, by what an auditor makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Records are missing, and the trail itself says so.
    Gap,
    /// A gate that should write is not there, or was silent.
    Silent,
    /// The begin or the end of a chain is missing.
    Truncated,
    /// Records within a chain are missing, and nothing says why.
    Missing,
    /// A record stands in another place than it was written in.
    Reordered,
    /// What should be a record is none.
    Unreadable,
    /// A record is not the one that was written.
    Modified,
    /// A checkpoint's signature is wrong, or that of nobody who may sign.
    Signature,
}

impl Kind {
    /// The word for machines.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Silent => "silent",
            Self::Truncated => "truncated",
            Self::Missing => "missing",
            Self::Reordered => "reordered",
            Self::Unreadable => "unreadable",
            Self::Modified => "modified",
            Self::Signature => "signature",
        }
    }
}

/// What a verification comes to. The numbers are the command's exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All there is to hold holds.
    Whole = 0,
    /// Modified, reordered, unreadable, or missing in between without a word.
    Broken = 1,
    /// The begin or the end of a chain is missing.
    Truncated = 3,
    /// A signature is wrong.
    BadSignature = 4,
    /// Whole but for gaps that the trail itself declares.
    DeclaredGap = 5,
    /// A gate is missing or was silent.
    MissingReplica = 6,
}

impl Verdict {
    /// As the report's last line shows it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Whole => "WHOLE",
            Self::Broken => "BROKEN",
            Self::Truncated => "TRUNCATED",
            Self::BadSignature => "BAD SIGNATURE",
            Self::DeclaredGap => "COMPLETE BUT FOR DECLARED GAPS",
            Self::MissingReplica => "A REPLICA IS MISSING OR WAS SILENT",
        }
    }
}

/// Where something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which of the report's files.
    pub file: usize,
    /// Its line, counted from 1; 0 where there are no lines.
    pub line: u64,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// The chain, `<instance>/<epoch>`.
    pub chain: Option<String>,
    /// Where.
    pub place: Option<Place>,
    /// First and last sequence number that it is about.
    pub sequence: Option<(u64, u64)>,
    /// When, as the records say: what lies outside the time that was asked for is left out.
    pub time: Option<UnixMillis>,
    /// A sentence. It repeats nothing of what a record says but names and numbers of the trail.
    pub text: String,
}

/// All findings, up to a bound, and the files that they speak of.
#[derive(Debug, Default)]
pub struct Findings {
    /// Files, as they were named.
    pub files: Vec<PathBuf>,
    list: Vec<Finding>,
    more: u64,
    worst: Option<Verdict>,
    window: (Option<UnixMillis>, Option<UnixMillis>),
}

impl Findings {
    /// Leaves out what is not of this time.
    pub fn within(from: Option<UnixMillis>, to: Option<UnixMillis>) -> Self {
        Self { window: (from, to), ..Self::default() }
    }

    /// A file that findings may speak of.
    pub fn file(&mut self, path: PathBuf) -> usize {
        self.files.push(path);
        self.files.len() - 1
    }

    /// Adds one.
    pub fn add(&mut self, finding: Finding) {
        let (from, to) = self.window;
        let outside =
            finding.time.is_some_and(|time| from.is_some_and(|from| time < from) || to.is_some_and(|to| to < time));
        if outside {
            return;
        }
        let verdict = match finding.kind {
            Kind::Gap => Verdict::DeclaredGap,
            Kind::Silent => Verdict::MissingReplica,
            Kind::Truncated => Verdict::Truncated,
            Kind::Signature => Verdict::BadSignature,
            Kind::Missing | Kind::Reordered | Kind::Unreadable | Kind::Modified => Verdict::Broken,
        };
        if self.worst.is_none_or(|worst| rank(worst) < rank(verdict)) {
            self.worst = Some(verdict);
        }
        if self.list.len() < MOST_FINDINGS {
            self.list.push(finding);
        } else {
            self.more += 1;
        }
    }

    /// All that are listed.
    pub fn list(&self) -> &[Finding] {
        &self.list
    }

    /// How many there are beyond the list.
    pub const fn more(&self) -> u64 {
        self.more
    }

    /// What they come to: the worst of them.
    pub fn verdict(&self) -> Verdict {
        self.worst.unwrap_or(Verdict::Whole)
    }

    /// `file:line`.
    pub fn show(&self, place: Place) -> String {
        let file = self.files.get(place.file).map(|file| file.display().to_string()).unwrap_or_default();
        if place.line == 0 { file } else { format!("{file}:{}", place.line) }
    }

    /// The finding on one line.
    pub fn sentence(&self, finding: &Finding) -> String {
        let mut parts = vec![finding.kind.word().to_uppercase()];
        parts.extend(finding.chain.as_ref().map(|chain| format!("chain {chain}")));
        parts.extend(finding.sequence.map(|(first, last)| {
            if first == last { format!("seq {first}") } else { format!("seq {first}..{last} ({})", last - first + 1) }
        }));
        parts.extend(finding.time.map(time_text));
        parts.extend(finding.place.map(|place| format!("at {}", self.show(place))));
        format!("{}: {}", parts.join("  "), finding.text)
    }
}

const fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Whole => 0,
        Verdict::DeclaredGap => 1,
        Verdict::MissingReplica => 2,
        Verdict::Truncated => 3,
        Verdict::Broken => 4,
        Verdict::BadSignature => 5,
    }
}
