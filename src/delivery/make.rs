//! From a sink's settings to its receiver.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

use super::elastic::Elastic;
use super::otlp::Otlp;
use super::receiver::Receiver;
use super::splunk::Splunk;
use super::syslog::Syslog;
use super::webhook::Webhook;
use crate::clock::Clock;
use crate::outbound::TrustFault;
use crate::policy::settings::{NetworkKind, NetworkSink};
use crate::redact::Name;

/// What a receiver may need of the process.
#[derive(Clone)]
pub struct Tools {
    /// Of TLS.
    pub provider: Arc<CryptoProvider>,
    /// Of signatures' times and of `Retry-After`.
    pub clock: Clock,
    /// This gate's name among its replicas.
    pub instance: Name,
}

/// Why there is no receiver.
#[derive(Debug, thiserror::Error)]
pub enum MakeFault {
    /// Files of authorities or of the own certificate.
    #[error("{0}")]
    Trust(#[from] TrustFault),
}

/// The receiver of a sink. Credentials are read when they are first used: until a file is there, records are held.
pub fn receiver(sink: &NetworkSink, tools: &Tools) -> Result<Box<dyn Receiver>, MakeFault> {
    match &sink.kind {
        NetworkKind::Webhook(settings) => Ok(Box::new(Webhook::load(settings, tools)?)),
        NetworkKind::Splunk(settings) => Ok(Box::new(Splunk::load(settings, tools)?)),
        NetworkKind::Syslog(settings) => Ok(Box::new(Syslog::load(settings, tools)?)),
        NetworkKind::Elastic(settings) => Ok(Box::new(Elastic::load(settings, tools)?)),
        NetworkKind::Otlp(settings) => Ok(Box::new(Otlp::load(settings, tools)?)),
    }
}
