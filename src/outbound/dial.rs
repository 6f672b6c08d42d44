//! Connections for those who keep them: a sink's. Made to a place that the policy names, and to no other.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::OutboundFault;
use super::connect::{Wire, connect, tls_fault};
use super::trust::{TrustFault, terms};
use crate::policy::http_address::{HttpAddress, HttpPlace};
use crate::policy::settings::CertificateFiles;

/// What an alert about our certificate takes to come back: a way there and back on a slow link.
const AFTER_HANDSHAKE: Duration = Duration::from_millis(500);

/// Makes connections, by the files as they are when it is asked: certificates are renewed while a gate runs.
pub struct Dialer {
    ca: Option<PathBuf>,
    client: Option<CertificateFiles>,
    alpn: &'static [&'static [u8]],
    provider: Arc<CryptoProvider>,
    tls: TlsConnector,
    name: Option<ServerName<'static>>,
    seen: Vec<Option<Stamp>>,
}

/// What tells a file from the one that was there before.
type Stamp = (u64, u64, i64, i64);

impl Dialer {
    /// Reads the files: authorities, the system's without `ca`, and a certificate of one's own.
    pub fn load(
        ca: Option<&Path>,
        client: Option<&CertificateFiles>,
        alpn: &'static [&'static [u8]],
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, TrustFault> {
        let seen = stamps(ca, client);
        let tls = TlsConnector::from(Arc::new(terms(ca, client, alpn, provider)?));
        let (ca, client) = (ca.map(Path::to_owned), client.cloned());
        Ok(Self { ca, client, alpn, provider: Arc::clone(provider), tls, name: None, seen })
    }

    /// Asks for another name in the other side's certificate than that of the place; one that is no name stands for
    /// nothing that a certificate could have.
    pub fn called(&mut self, name: Option<&str>) -> Result<(), OutboundFault> {
        let name = name.map(|name| ServerName::try_from(name.to_owned()));
        self.name = name.transpose().map_err(|_| OutboundFault::Name)?;
        Ok(())
    }

    /// Connects, in TLS unless the place is on this machine.
    pub async fn dial(&mut self, place: &HttpPlace) -> Result<Box<dyn Wire>, OutboundFault> {
        self.renew()?;
        let address = HttpAddress { place: place.clone(), target: "/".to_owned() };
        let named: Vec<_> = address.origin().into_iter().collect();
        connect(&address, &named, &self.tls, self.name.as_ref()).await
    }

    /// Connects as [`Self::dial`] does, sends nothing, and waits a moment: in TLS 1.3, what the other side thinks of our
    /// certificate comes after the handshake.
    pub async fn knock(&mut self, place: &HttpPlace) -> Result<(), OutboundFault> {
        let mut wire = self.dial(place).await?;
        let heard = timeout(AFTER_HANDSHAKE, wire.read_u8()).await;
        // The other side may have gone first.
        let _ = timeout(AFTER_HANDSHAKE, wire.shutdown()).await;
        match heard {
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Err(OutboundFault::Connect),
            // We have said nothing but who we are: an alert is about that.
            Ok(Err(error)) if is_alert(&error) => Err(OutboundFault::Certificate),
            Ok(Err(error)) => Err(tls_fault(&error)),
            Ok(Ok(_)) | Err(_) => Ok(()),
        }
    }

    /// Reads files again that have changed. What cannot be read then is not gone on with: a certificate that was
    /// taken away is not shown any more.
    fn renew(&mut self) -> Result<(), OutboundFault> {
        let seen = stamps(self.ca.as_deref(), self.client.as_ref());
        if seen != self.seen {
            let terms = terms(self.ca.as_deref(), self.client.as_ref(), self.alpn, &self.provider);
            self.tls = TlsConnector::from(Arc::new(terms.map_err(|_| OutboundFault::Files)?));
            self.seen = seen;
        }
        Ok(())
    }
}

fn is_alert(error: &io::Error) -> bool {
    let judged = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(judged, Some(rustls::Error::AlertReceived(_)))
}

fn stamps(ca: Option<&Path>, client: Option<&CertificateFiles>) -> Vec<Option<Stamp>> {
    let own = client.into_iter().flat_map(|files| [&*files.certificate, &*files.key]);
    let stamp = |path: &Path| {
        let file = std::fs::metadata(path).ok()?;
        Some((file.ino(), file.size(), file.mtime(), file.mtime_nsec()))
    };
    ca.into_iter().chain(own).map(stamp).collect()
}
