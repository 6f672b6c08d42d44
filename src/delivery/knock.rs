//! Whether a sink can be reached, asked without giving it a record: for `portcullis doctor`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use tokio::time::timeout;

use super::credential::Credential;
use crate::outbound::{Dialer, OutboundFault, TrustFault};
use crate::policy::http_address::HttpPlace;
use crate::policy::settings::{HttpSettings, NetworkKind, NetworkSink};

/// Why a sink cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum Unreached {
    /// Files of authorities or of the own certificate.
    #[error("{0}")]
    Trust(#[from] TrustFault),
    /// The file of its token or key.
    #[error("{}: it is not there, is empty, or may be read by others", .0.display())]
    Credential(PathBuf),
    /// The way to it.
    #[error("{0}")]
    Way(#[from] OutboundFault),
}

/// Connects as delivery does: the same files, the same name, the same protocols, the same dead-line. Nothing is sent; what
/// proves the gate within an exchange, a token or a signature, is read and not shown.
pub async fn knock(sink: &NetworkSink, provider: &Arc<CryptoProvider>) -> Result<(), Unreached> {
    for path in credentials(&sink.kind) {
        let readable = Credential::new(path.to_owned()).current().is_ok();
        if !readable {
            return Err(Unreached::Credential(path.to_owned()));
        }
    }
    let (mut dialer, place, patience) = match &sink.kind {
        NetworkKind::Syslog(settings) => {
            let mut dialer = Dialer::load(settings.ca.as_deref(), settings.client.as_ref(), &[], provider)?;
            dialer.called(settings.server_name.as_deref())?;
            (dialer, &settings.place, settings.timeout)
        }
        NetworkKind::Webhook(settings) => over_http(&settings.http, provider)?,
        NetworkKind::Splunk(settings) => over_http(&settings.http, provider)?,
        NetworkKind::Elastic(settings) => over_http(&settings.http, provider)?,
        NetworkKind::Otlp(settings) => over_http(&settings.http, provider)?,
    };
    Ok(timeout(patience, dialer.knock(place)).await.unwrap_or(Err(OutboundFault::Timeout))?)
}

type Way<'s> = (Dialer, &'s HttpPlace, std::time::Duration);

fn over_http<'s>(settings: &'s HttpSettings, provider: &Arc<CryptoProvider>) -> Result<Way<'s>, TrustFault> {
    let dialer = Dialer::load(settings.ca.as_deref(), settings.client.as_ref(), super::http::ALPN, provider)?;
    Ok((dialer, &settings.address.place, settings.timeout))
}

fn credentials(kind: &NetworkKind) -> Vec<&Path> {
    match kind {
        NetworkKind::Webhook(settings) => {
            [&settings.hmac_key, &settings.token].into_iter().flatten().map(|path| &**path).collect()
        }
        NetworkKind::Splunk(settings) => vec![&settings.token],
        NetworkKind::Elastic(settings) => settings.token.iter().map(|path| &**path).collect(),
        NetworkKind::Otlp(settings) => settings.token.iter().map(|path| &**path).collect(),
        NetworkKind::Syslog(_) => Vec::new(),
    }
}
