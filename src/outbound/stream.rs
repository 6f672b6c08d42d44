//! A connection that stays: what speaks a protocol of its own, such as syslog, over TLS or on this machine.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls_pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;

use super::OutboundFault;
use super::client::ClientSettings;
use super::connect::{Wire, tcp, tls_fault};
use super::destination::resolve;
use super::trust::{TrustFault, terms};
use crate::policy::http_address::HttpPlace;

/// Silence before the kernel asks whether the other side is there, and how often it then asks: a peer that vanished is
/// known within a minute.
const KEEPALIVE: TcpKeepalive =
    TcpKeepalive::new().with_time(Duration::from_secs(30)).with_interval(Duration::from_secs(10)).with_retries(3);
/// How long sent bytes may stay unacknowledged before the kernel gives the connection up.
const UNACKNOWLEDGED: Duration = Duration::from_secs(60);

/// Makes connections to one place.
pub struct StreamClient {
    place: HttpPlace,
    /// The name that the other side's certificate must have; the host's own without one.
    name: Option<String>,
    settings: ClientSettings,
    provider: Arc<CryptoProvider>,
    /// As the files said when they were last whole.
    terms: Mutex<Arc<ClientConfig>>,
}

/// A connection in both directions.
pub type Stream = Box<dyn Wire>;

impl StreamClient {
    /// Reads the files that the settings name.
    pub fn load(
        place: HttpPlace,
        name: Option<String>,
        settings: ClientSettings,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, TrustFault> {
        let config = stream_terms(&settings, provider)?;
        Ok(Self { place, name, settings, provider: Arc::clone(provider), terms: Mutex::new(config) })
    }

    /// Connects. Files are read anew each time, so that a renewed certificate is shown at the next connection; where one
    /// of them cannot be used any more, the last good ones stay.
    pub async fn connect(&self) -> Result<Stream, OutboundFault> {
        match &self.place {
            HttpPlace::Unix(path) => {
                let stream = UnixStream::connect(path).await.map_err(|_| OutboundFault::Connect)?;
                Ok(Box::new(stream))
            }
            HttpPlace::Loopback(address) => Ok(Box::new(kept(tcp(&[*address]).await?)?)),
            HttpPlace::Tls(origin) => {
                let name = self.name.as_ref().unwrap_or(&origin.host);
                let name = ServerName::try_from(name.clone()).map_err(|_| OutboundFault::Name)?;
                // The policy names it: it may be within the own network.
                let stream = kept(tcp(&resolve(origin, true).await?).await?)?;
                let tls = TlsConnector::from(self.terms());
                let stream = tls.connect(name, stream).await.map_err(|error| tls_fault(&error))?;
                Ok(Box::new(stream))
            }
        }
    }

    fn terms(&self) -> Arc<ClientConfig> {
        let mut terms = self.terms.lock();
        // The system's authorities are read once: they are hundreds.
        if (self.settings.ca.is_some() || self.settings.client.is_some())
            && let Ok(read) = stream_terms(&self.settings, &self.provider)
        {
            *terms = read;
        }
        Arc::clone(&terms)
    }
}

fn stream_terms(settings: &ClientSettings, provider: &Arc<CryptoProvider>) -> Result<Arc<ClientConfig>, TrustFault> {
    let mut config = terms(settings.ca.as_deref(), settings.client.as_ref(), provider)?;
    config.alpn_protocols.clear();
    Ok(Arc::new(config))
}

/// Sees to it that a peer which vanished is missed.
fn kept(stream: TcpStream) -> Result<TcpStream, OutboundFault> {
    // A port of this machine that nobody listens on may be given to the very socket that calls it.
    if stream.local_addr().ok() == stream.peer_addr().ok() {
        return Err(OutboundFault::Connect);
    }
    let socket = SockRef::from(&stream);
    // Without them a vanished peer is missed later, by the dead-line of a write.
    let _ = socket.set_tcp_keepalive(&KEEPALIVE);
    let _ = socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
    Ok(stream)
}
