//! `audit.sinks[].elastic`

use std::path::PathBuf;

use super::HttpSettings;

/// `elastic:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElasticSettings {
    /// Where to: the cluster, without a path of an index.
    pub http: HttpSettings,
    /// `data_stream`
    pub data_stream: String,
    /// `token_file`: what the gate proves itself with.
    pub token: Option<PathBuf>,
    /// `scheme`: how it does so.
    pub scheme: ElasticScheme,
}

impl ElasticSettings {
    /// The data stream where the policy names none: type, dataset and namespace, as Elastic's naming scheme has it.
    pub const DATA_STREAM: &str = "logs-portcullis.audit-default";
}

/// `scheme` of `Authorization`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ElasticScheme {
    /// `ApiKey`, and the key in its encoded form.
    #[default]
    ApiKey,
    /// `Basic`, of `<user>:<password>`.
    Basic,
    /// `Bearer`, and a token.
    Bearer,
}
