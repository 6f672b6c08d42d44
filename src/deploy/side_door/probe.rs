//! Trying the door: a connection to the app as a stranger would make it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::ServiceExt as _;

use crate::policy::settings::{Endpoint, TlsEndpoint, UpstreamProtocol, UpstreamSettings};
use crate::upstream::Connector;

/// An own address answers at once, or is filtered.
const CONNECT: Duration = Duration::from_millis(500);
/// A whole exchange with an app that may be far away.
const EXCHANGE: Duration = Duration::from_secs(2);
/// Bytes of an answer that are looked at: its first line.
const ENOUGH: usize = 32;

/// Whether somebody accepts connections there.
pub(super) async fn answers(address: SocketAddr) -> bool {
    matches!(timeout(CONNECT, TcpStream::connect(address)).await, Ok(Ok(_)))
}

/// Whether the app answers a request without the gate's certificate as if it had one. An app that refuses the handshake,
/// cuts the connection, or answers that a certificate is missing, does not.
pub(super) async fn serves_anybody(
    upstream: &UpstreamSettings,
    endpoint: &TlsEndpoint,
    provider: &Arc<CryptoProvider>,
) -> bool {
    let stranger = Endpoint::Tls(TlsEndpoint { client: None, ..endpoint.clone() });
    let settings = UpstreamSettings { endpoint: stranger, ..upstream.clone() };
    // Files that cannot be read are judged where they are needed.
    let Ok(connector) = Connector::load(&settings, provider) else { return false };
    matches!(timeout(EXCHANGE, exchange(connector, upstream.protocol, &endpoint.server_name)).await, Ok(Some(true)))
}

async fn exchange(connector: Connector, protocol: UpstreamProtocol, host: &str) -> Option<bool> {
    let mut stream = connector.oneshot(()).await.ok()?;
    let hello = match protocol {
        UpstreamProtocol::Http1 => format!("OPTIONS * HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
        // The connection preface (RFC 9113 section 3.4) and empty SETTINGS.
        UpstreamProtocol::Http2 => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_owned(),
    };
    stream.write_all(hello.as_bytes()).await.ok()?;
    stream.flush().await.ok()?;
    let mut answer = [0; ENOUGH];
    let mut length = 0;
    while length < ENOUGH {
        match stream.read(&mut answer[length..]).await.ok()? {
            0 => break,
            count => length += count,
        }
    }
    Some(is_served(protocol, &answer[..length]))
}

/// A refusal by status is a refusal: 400 is nginx's, 403 Apache's and Envoy's, 401 and 496 those of others.
fn is_served(protocol: UpstreamProtocol, answer: &[u8]) -> bool {
    match protocol {
        UpstreamProtocol::Http1 => {
            let status = answer.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2..5));
            status.is_some_and(|status| !matches!(status, b"400" | b"401" | b"403" | b"421" | b"495" | b"496"))
        }
        // The server's own SETTINGS: the handshake was enough for it.
        UpstreamProtocol::Http2 => answer.get(3) == Some(&4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_and_answers_are_told_apart() {
        let http1 = |answer: &[u8]| is_served(UpstreamProtocol::Http1, answer);
        assert!(http1(b"HTTP/1.1 200 OK\r\n") && http1(b"HTTP/1.1 404 Not Found\r\n") && http1(b"HTTP/1.0 405 "));
        assert!(
            !http1(b"HTTP/1.1 400 Bad Request") && !http1(b"HTTP/1.1 403 Forbidden") && !http1(b"") && !http1(b"x")
        );
        assert!(is_served(UpstreamProtocol::Http2, b"\0\0\x06\x04\0\0\0\0\0"));
        assert!(
            !is_served(UpstreamProtocol::Http2, b"\0\0\x06\x07\0\0\0\0\0") && !is_served(UpstreamProtocol::Http2, b"")
        );
    }
}
