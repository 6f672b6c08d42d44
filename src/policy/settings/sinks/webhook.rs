//! `audit.sinks[].webhook`

use std::path::PathBuf;

use super::HttpSettings;

/// `webhook:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSettings {
    /// Where to.
    pub http: HttpSettings,
    /// `format`
    pub form: WebhookForm,
    /// `content_type`
    pub content_type: http::HeaderValue,
    /// `hmac_key_file`: signs each body; unsigned without it.
    pub hmac_key: Option<PathBuf>,
    /// `token_file`: sent as `Authorization: Bearer …`.
    pub token: Option<PathBuf>,
}

/// How records stand in a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WebhookForm {
    /// One a line.
    #[default]
    Ndjson,
    /// As a JSON array.
    Array,
}

impl WebhookForm {
    /// The media type that it has where the policy does not say.
    pub const fn content_type(self) -> http::HeaderValue {
        match self {
            Self::Ndjson => http::HeaderValue::from_static("application/x-ndjson"),
            Self::Array => http::HeaderValue::from_static("application/json"),
        }
    }
}
