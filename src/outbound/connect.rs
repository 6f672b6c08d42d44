//! One connection: to an address that was judged, and to no other.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustls_pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;

use super::OutboundFault;
use super::destination::{is_named, resolve};
use crate::policy::http_address::{HttpAddress, HttpPlace, Origin};

/// Silence before the kernel asks whether the other side is there, and how often it then asks: a peer that vanished is
/// known within a minute.
const KEEPALIVE: TcpKeepalive =
    TcpKeepalive::new().with_time(Duration::from_secs(30)).with_interval(Duration::from_secs(10)).with_retries(3);
/// How long sent bytes may stay unacknowledged before the kernel gives the connection up.
const UNACKNOWLEDGED: Duration = Duration::from_secs(60);

/// A connection, whichever it is.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Connects. What the host's name stands for is asked once: what was judged is what is called.
/// The certificate must have `name`, or the host's own where there is none.
pub(super) async fn connect(
    address: &HttpAddress,
    named: &[Origin],
    tls: &TlsConnector,
    name: Option<&ServerName<'static>>,
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
            let name = match name {
                Some(name) => name.clone(),
                None => ServerName::try_from(origin.host.clone()).map_err(|_| OutboundFault::Name)?,
            };
            let stream = tcp(&resolve(origin, may_be_inside).await?).await?;
            let stream = tls.connect(name, stream).await.map_err(|error| tls_fault(&error))?;
            Ok(Box::new(stream))
        }
    }
}

async fn tcp(addresses: &[SocketAddr]) -> Result<TcpStream, OutboundFault> {
    for address in addresses {
        if let Ok(stream) = TcpStream::connect(address).await {
            // A port of this machine that nobody listens on may be given to the very socket that calls it.
            if stream.local_addr().ok() == stream.peer_addr().ok() {
                continue;
            }
            let socket = SockRef::from(&stream);
            // Without it a call is slower, and as good; without the others a peer that vanished is missed later, by the
            // dead-line of what waits for it.
            let _ = stream.set_nodelay(true);
            let _ = socket.set_tcp_keepalive(&KEEPALIVE);
            let _ = socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
            return Ok(stream);
        }
    }
    Err(OutboundFault::Connect)
}

/// A handshake that was broken off is a connection that failed; one that rustls judged is a matter of trust.
pub(super) fn tls_fault(error: &io::Error) -> OutboundFault {
    let judged = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
    if judged { OutboundFault::Tls } else { OutboundFault::Connect }
}
