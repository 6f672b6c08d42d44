//! One connection: to an address that was judged, and to no other.

use std::io;
use std::net::SocketAddr;

use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;

use super::OutboundFault;
use super::destination::{is_named, resolve};
use crate::policy::http_address::{HttpAddress, HttpPlace, Origin};

/// A connection, whichever it is.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Connects. What the host's name stands for is asked once: what was judged is what is called.
pub(super) async fn connect(
    address: &HttpAddress,
    named: &[Origin],
    tls: &TlsConnector,
) -> Result<Box<dyn Wire>, OutboundFault> {
    let may_be_inside = is_named(address, named);
    match &address.place {
        HttpPlace::Unix(path) => {
            let stream = UnixStream::connect(path).await.map_err(|_| OutboundFault::Connect)?;
            Ok(Box::new(stream))
        }
        HttpPlace::Loopback(_) if !may_be_inside => Err(OutboundFault::Inside),
        HttpPlace::Loopback(address) => Ok(Box::new(tcp(&[*address]).await?)),
        HttpPlace::Tls(origin) => {
            let name = ServerName::try_from(origin.host.clone()).map_err(|_| OutboundFault::Name)?;
            let stream = tcp(&resolve(origin, may_be_inside).await?).await?;
            let stream = tls.connect(name, stream).await.map_err(|error| tls_fault(&error))?;
            Ok(Box::new(stream))
        }
    }
}

async fn tcp(addresses: &[SocketAddr]) -> Result<TcpStream, OutboundFault> {
    for address in addresses {
        if let Ok(stream) = TcpStream::connect(address).await {
            // Without it a call is slower, and as good.
            let _ = stream.set_nodelay(true);
            return Ok(stream);
        }
    }
    Err(OutboundFault::Connect)
}

/// A handshake that was broken off is a connection that failed; one that rustls judged is a matter of trust.
fn tls_fault(error: &io::Error) -> OutboundFault {
    let judged = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
    if judged { OutboundFault::Tls } else { OutboundFault::Connect }
}
