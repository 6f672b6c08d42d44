//! `audit.sinks[].otlp`

use std::path::PathBuf;

use super::HttpSettings;

/// `otlp:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtlpSettings {
    /// Where to, with the path: `https://collector.example:4318/v1/logs`.
    pub http: HttpSettings,
    /// `token_file`: sent as `Authorization: Bearer …`.
    pub token: Option<PathBuf>,
}
