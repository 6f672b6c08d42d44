//! Trying the door: a connection to the app as a stranger would make it.

use std::io;
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
/// Of these, what must be there to judge: a status, or the head of a frame.
const LEAST: usize = 12;

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
    let answer = timeout(EXCHANGE, exchange(connector, upstream.protocol, &endpoint.server_name)).await;
    answer.is_ok_and(|answer| answer.is_ok_and(|answer| is_served(upstream.protocol, &answer)))
}

/// Whether the app answers the gate in the protocol that the policy says.
pub async fn speaks(upstream: &UpstreamSettings, provider: &Arc<CryptoProvider>) -> io::Result<bool> {
    let connector = Connector::load(upstream, provider).map_err(io::Error::other)?;
    let host = match &upstream.endpoint {
        Endpoint::Tls(endpoint) => &endpoint.server_name,
        Endpoint::Loopback(_) | Endpoint::Unix(_) => "localhost",
    };
    let answer = timeout(EXCHANGE, exchange(connector, upstream.protocol, host)).await??;
    Ok(match upstream.protocol {
        UpstreamProtocol::Http1 => answer.starts_with(b"HTTP/1."),
        UpstreamProtocol::Http2 => is_served(UpstreamProtocol::Http2, &answer),
    })
}

async fn exchange(connector: Connector, protocol: UpstreamProtocol, host: &str) -> io::Result<Vec<u8>> {
    let mut stream = connector.oneshot(()).await?;
    let hello = match protocol {
        UpstreamProtocol::Http1 => format!("OPTIONS * HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
        // The connection preface (RFC 9113 section 3.4) and empty SETTINGS.
        UpstreamProtocol::Http2 => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_owned(),
    };
    stream.write_all(hello.as_bytes()).await?;
    stream.flush().await?;
    let mut answer = vec![0; ENOUGH];
    let mut length = 0;
    while length < LEAST {
        match stream.read(&mut answer[length..]).await? {
            0 => break,
            count => length += count,
        }
    }
    answer.truncate(length);
    Ok(answer)
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
