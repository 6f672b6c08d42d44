//! `audit.sinks[].elastic`

use std::path::PathBuf;

use super::HttpSettings;

/// `elastic:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElasticSettings {
    /// Where to: the cluster, without a path of an index.
    pub http: HttpSettings,
    /// `token_file`: an API key, sent as `Authorization: ApiKey …`.
    pub token: Option<PathBuf>,
}
