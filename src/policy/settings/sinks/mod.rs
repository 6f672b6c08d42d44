//! `audit.sinks[]`: places on the network that the spool is delivered to.

mod elastic;
mod otlp;
mod splunk;
mod syslog;
mod webhook;

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

pub use elastic::{ElasticScheme, ElasticSettings};
pub use otlp::OtlpSettings;
pub use splunk::SplunkSettings;
pub use syslog::{RewindSettings, SyslogFacility, SyslogFormat, SyslogSettings};
pub use webhook::{WebhookForm, WebhookSettings};

use super::CertificateFiles;
use crate::policy::http_address::HttpAddress;
use crate::redact::Name;

/// A sink on the network: what all of them have, and what its kind has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkSink {
    /// `name`: its cursor's, in records and in `portcullis sinks`. Letters, digits, `.`, `_` and `-`, so that it can be
    /// a file's name too.
    pub name: Name,
    /// `from`: where a sink begins that was never delivered to.
    pub from: FromRecord,
    /// `batch`
    pub batch: BatchBounds,
    /// `only`
    pub only: Only,
    /// `sample.allowed`: of so many allowed requests without personal data, one is delivered.
    pub sample: Option<NonZeroU32>,
    /// `alarm`
    pub alarm: SinkAlarm,
    /// What it is.
    pub kind: NetworkKind,
}

/// What a sink speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkKind {
    /// `webhook`
    Webhook(WebhookSettings),
    /// `splunk`
    Splunk(SplunkSettings),
    /// `syslog`
    Syslog(SyslogSettings),
    /// `elastic`
    Elastic(ElasticSettings),
    /// `otlp`
    Otlp(OtlpSettings),
}

impl NetworkKind {
    /// As the policy calls it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Webhook(_) => "webhook",
            Self::Splunk(_) => "splunk",
            Self::Syslog(_) => "syslog",
            Self::Elastic(_) => "elastic",
            Self::Otlp(_) => "otlp",
        }
    }
}

/// `from`: the first record of a sink without a cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FromRecord {
    /// The oldest that the spool keeps.
    #[default]
    Oldest,
    /// The next one that is written.
    Now,
}

/// `batch`: what one exchange carries; the first bound that is reached ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchBounds {
    /// `bytes` of records; a single record may exceed it.
    pub bytes: usize,
    /// `records`
    pub records: usize,
    /// `time` that the first of them waits for company.
    pub time: Duration,
}

impl Default for BatchBounds {
    fn default() -> Self {
        // A MiB is what Splunk's and most proxies' defaults take.
        Self { bytes: 1 << 20, records: 500, time: Duration::from_secs(1) }
    }
}

/// `only`: which records a sink gets. What nothing is said of does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    /// `classes`: OCSF `class_uid`; empty for all.
    pub classes: Vec<u32>,
    /// `severity`: the least OCSF `severity_id`.
    pub severity: u8,
}

impl Only {
    /// Whether a sink gets all.
    pub const fn is_all(&self) -> bool {
        self.classes.is_empty() && self.severity <= 1
    }
}

/// `alarm`: when somebody is told that a sink does not keep up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SinkAlarm {
    /// `lag`: age of the oldest record that it lacks.
    pub lag: Duration,
    /// `records`: how many it lacks.
    pub records: u64,
    /// `held`: how long it takes nothing because of a setting.
    pub held: Duration,
}

impl Default for SinkAlarm {
    fn default() -> Self {
        // A restart of a receiver is no alarm; a wrong token that outlives a minute does not mend itself.
        // A million is a quarter of an hour of a busy gate, and a minute to catch up with.
        Self { lag: Duration::from_secs(300), records: 1_000_000, held: Duration::from_secs(60) }
    }
}

/// What sinks over HTTP have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSettings {
    /// `url`: `https://`, or `http://` on loopback.
    pub address: HttpAddress,
    /// `ca`: authorities that sign the receiver's certificate; the system's without it.
    pub ca: Option<PathBuf>,
    /// `certificate` and `key`: of the gate's own.
    pub client: Option<CertificateFiles>,
    /// `compression`
    pub compression: Compression,
    /// `timeout` of one exchange, from the connection to the answer's last byte.
    pub timeout: Duration,
}

/// `compression` of what is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// None.
    #[default]
    None,
    /// `Content-Encoding: gzip`
    Gzip,
}
