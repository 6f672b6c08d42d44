//! The PROXY protocol (versions 1 and 2), from named senders only: they must send it, nobody else may.

use std::net::{IpAddr, SocketAddr};

use ppp::{HeaderResult, v1, v2};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The longest header of version 1, by its specification.
const MAX_V1: usize = 107;
/// The fixed part of version 2.
const FIXED_V2: usize = 16;
/// Addresses and extensions of version 2: an authority, a certificate's names and a checksum fit well.
const MAX_V2: usize = 4096;

/// The header is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadHeader;

/// Reads a header and nothing beyond it; the address that it gives, or `None` if the sender speaks for itself
/// (`LOCAL`, `UNKNOWN`).
pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<SocketAddr>, BadHeader> {
    let mut header = vec![0; FIXED_V2];
    // No header of version 1 is shorter: `PROXY UNKNOWN CR LF` has 15 bytes, so it is read byte by byte from there.
    stream.read_exact(&mut header[..1]).await.map_err(|_| BadHeader)?;
    match header[0] {
        b'P' => {
            header.truncate(1);
            while !header.ends_with(b"\r\n") {
                if header.len() >= MAX_V1 {
                    return Err(BadHeader);
                }
                header.push(stream.read_u8().await.map_err(|_| BadHeader)?);
            }
        }
        b'\r' => {
            stream.read_exact(&mut header[1..]).await.map_err(|_| BadHeader)?;
            let length = usize::from(u16::from_be_bytes([header[14], header[15]]));
            if length > MAX_V2 {
                return Err(BadHeader);
            }
            header.resize(FIXED_V2 + length, 0);
            stream.read_exact(&mut header[FIXED_V2..]).await.map_err(|_| BadHeader)?;
        }
        _ => return Err(BadHeader),
    }
    source(&header)
}

fn source(header: &[u8]) -> Result<Option<SocketAddr>, BadHeader> {
    let address = |ip: IpAddr, port| Ok(Some(SocketAddr::new(ip, port)));
    match HeaderResult::parse(header) {
        HeaderResult::V1(Ok(parsed)) => match parsed.addresses {
            v1::Addresses::Tcp4(tcp) => address(tcp.source_address.into(), tcp.source_port),
            v1::Addresses::Tcp6(tcp) => address(tcp.source_address.into(), tcp.source_port),
            v1::Addresses::Unknown => Ok(None),
        },
        HeaderResult::V2(Ok(parsed)) => {
            // Extensions whose lengths contradict the header's are a way to hide bytes.
            if parsed.tlvs().any(|extension| extension.is_err()) {
                return Err(BadHeader);
            }
            match (parsed.command, parsed.addresses) {
                (v2::Command::Local, _) => Ok(None),
                (v2::Command::Proxy, v2::Addresses::IPv4(ip)) => address(ip.source_address.into(), ip.source_port),
                (v2::Command::Proxy, v2::Addresses::IPv6(ip)) => address(ip.source_address.into(), ip.source_port),
                (v2::Command::Proxy, v2::Addresses::Unix(_) | v2::Addresses::Unspecified) => Err(BadHeader),
            }
        }
        HeaderResult::V1(Err(_)) | HeaderResult::V2(Err(_)) => Err(BadHeader),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn parse(bytes: &[u8]) -> (Result<Option<SocketAddr>, BadHeader>, Vec<u8>) {
        let mut stream = bytes;
        let parsed = read(&mut stream).await;
        (parsed, stream.to_vec())
    }

    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let mut header = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
        header.extend([0x20 | command, family]);
        header.extend(u16::try_from(rest.len()).expect("short").to_be_bytes());
        header.extend(rest);
        header
    }

    #[tokio::test]
    async fn tls_proxy_headers_give_the_client_and_leave_what_follows() {
        let (parsed, rest) = parse(b"PROXY TCP4 203.0.113.9 10.0.0.1 4711 443\r\n\x16\x03").await;
        assert_eq!(parsed, Ok(Some("203.0.113.9:4711".parse().expect("an address"))));
        assert_eq!(rest, b"\x16\x03");
        let addresses = [203, 0, 113, 9, 10, 0, 0, 1, 0x12, 0x67, 0x01, 0xbb];
        let (parsed, rest) = parse(&[&v2(1, 0x11, &addresses)[..], b"\x16"].concat()).await;
        assert_eq!(parsed, Ok(Some("203.0.113.9:4711".parse().expect("an address"))));
        assert_eq!(rest, b"\x16");
        assert_eq!(parse(&v2(0, 0, &[])).await.0, Ok(None));
        assert_eq!(parse(b"PROXY UNKNOWN\r\n").await.0, Ok(None));
    }

    #[tokio::test]
    async fn tls_proxy_headers_that_are_none_are_refused() {
        let addresses = [203, 0, 113, 9, 10, 0, 0, 1, 0x12, 0x67, 0x01, 0xbb];
        // An extension that says it is longer than the header has room for.
        let overlong = [&addresses[..], &[0x04, 0xff, 0xff, 1]].concat();
        for bytes in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            b"\x16\x03\x01",
            b"PROXY TCP4 203.0.113.9 10.0.0.1 4711\r\n",
            b"PROXY TCP4 203.0.113.999 10.0.0.1 4711 443\r\n",
            b"PROXY TCP4 ",
            &[&b"PROXY TCP4 "[..], &[b' '; 200][..]].concat(),
            &v2(1, 0x11, &addresses[..8]),
            &v2(1, 0x11, &overlong),
            &v2(1, 0x31, &[0; 216]),
            &v2(1, 0x11, &[0; 5000]),
            &v2(3, 0x11, &addresses),
        ] {
            assert_eq!(parse(bytes).await.0, Err(BadHeader), "{bytes:?}");
        }
    }
}
