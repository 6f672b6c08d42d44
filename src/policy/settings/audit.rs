//! `audit:`

use std::path::PathBuf;
use std::time::Duration;

use super::{NetworkSink, RotateSettings};

/// `audit:`
#[derive(Clone, Debug)]
pub enum AuditSettings {
    /// `audit: off`, for measurements.
    Off,
    /// Records are kept.
    On(Box<TrailSettings>),
}

impl AuditSettings {
    /// Records to these sinks and nowhere else.
    pub fn sinks(sinks: Vec<SinkSettings>) -> Self {
        Self::On(Box::new(TrailSettings { sinks, ..TrailSettings::default() }))
    }

    /// The sinks on the network.
    pub fn network(&self) -> impl Iterator<Item = &NetworkSink> {
        let sinks = match self {
            Self::Off => &[][..],
            Self::On(trail) => &trail.sinks[..],
        };
        sinks.iter().filter_map(|sink| match sink {
            SinkSettings::Network(sink) => Some(&**sink),
            _ => None,
        })
    }

    /// The same without the sinks on the network.
    #[must_use]
    pub fn without_network(&self) -> Self {
        let mut rest = self.clone();
        if let Self::On(trail) = &mut rest {
            trail.sinks.retain(|sink| !matches!(sink, SinkSettings::Network(_)));
        }
        rest
    }

    /// `audit.spool`
    pub fn spool(&self) -> Option<&SpoolSettings> {
        match self {
            Self::Off => None,
            Self::On(trail) => trail.spool.as_ref(),
        }
    }

    /// When the records of routes with personal data are durable.
    pub fn commit(&self) -> Commit {
        match self {
            Self::Off => Commit::Relaxed,
            Self::On(trail) => trail.commit,
        }
    }
}

/// Where records go, and what is promised of them.
#[derive(Clone, Debug, Default)]
pub struct TrailSettings {
    /// `audit.sinks`
    pub sinks: Vec<SinkSettings>,
    /// `audit.spool`
    pub spool: Option<SpoolSettings>,
    /// `audit.signing_key`: signs checkpoints; there are none without it.
    pub signing_key: Option<PathBuf>,
    /// `audit.anchor`: a directory into which every checkpoint is put as a file of its own.
    pub anchor: Option<PathBuf>,
    /// `audit.commit`: for routes with personal data that do not say otherwise.
    pub commit: Commit,
    /// `audit.on_failure`
    pub on_failure: OnFailure,
}

/// `audit.spool`
#[derive(Clone, Debug)]
pub struct SpoolSettings {
    /// `path`: each gate makes a directory of its own below it.
    pub path: PathBuf,
    /// `key`: 256 bits that wrap the keys of the segments.
    pub key: PathBuf,
    /// `retention`: how long records stay.
    pub retention: Duration,
    /// `max`: bytes that they may come to.
    pub max: Option<u64>,
}

/// `audit.commit` and `routes[].commit`: when a record is durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Commit {
    /// Before the answer's head goes to the client.
    #[default]
    BeforeResponse,
    /// 5 ms or 128 records after it was written.
    Batched,
    /// A second after it was written.
    Relaxed,
}

/// `audit.on_failure`: what becomes of routes without personal data while the spool cannot be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// They go on; what is lost is told of by a gap record.
    #[default]
    Gap,
    /// They answer 503 too.
    Deny,
}

/// `audit.sinks[]`
#[derive(Clone, Debug)]
pub enum SinkSettings {
    /// JSON lines in a file, 0640, appended.
    File(PathBuf),
    /// The same, in a file that ends when it is full or old.
    Rotated(PathBuf, RotateSettings),
    /// JSON lines on standard output.
    Stdout,
    /// A place on the network, which the spool is delivered to.
    Network(Box<NetworkSink>),
}
