//! `audit.sinks[].splunk`

use std::path::PathBuf;

use super::HttpSettings;

/// `splunk:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplunkSettings {
    /// Where to.
    pub http: HttpSettings,
    /// `token_file`: the collector's token.
    pub token: PathBuf,
    /// `index`: the token's own without it.
    pub index: Option<String>,
    /// `acks`: a batch is delivered once the indexers say so.
    pub acks: bool,
}
