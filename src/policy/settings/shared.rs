//! `shared:`

use std::path::PathBuf;
use std::time::Duration;

use super::CertificateFiles;
use crate::policy::http_address::Origin;
use crate::redact::Name;

/// Where replicas keep what they count together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedSettings {
    /// `redis`: the servers, all in one way.
    pub servers: SharedServers,
    /// `kind`
    pub kind: SharedKind,
    /// `database` of a single server or of what sentinels watch.
    pub database: u8,
    /// `username`
    pub username: Option<String>,
    /// `password_file`
    pub password: Option<PathBuf>,
    /// `key`: makes the names under which callers are counted.
    pub key: PathBuf,
    /// `name`: what all replicas of one gate have in common.
    pub name: Name,
    /// `replicas`: how many there are while nobody can be asked.
    pub replicas: u16,
    /// `timeout`: for one exchange.
    pub timeout: Duration,
}

/// How the servers are reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharedServers {
    /// `redis://` on loopback.
    Loopback(Vec<Origin>),
    /// `unix:`
    Unix(PathBuf),
    /// `rediss://`
    Tls {
        /// The servers.
        servers: Vec<Origin>,
        /// `ca`; the system's authorities without.
        ca: Option<PathBuf>,
        /// `certificate` and `key_file`: what the gate shows of itself.
        client: Option<CertificateFiles>,
    },
}

/// `shared.kind`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharedKind {
    /// One server.
    Single,
    /// Sentinels, which know the server of this name.
    Sentinel(String),
    /// Nodes of a cluster.
    Cluster,
}
