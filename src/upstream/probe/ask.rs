//! One question to the app. Nothing of its answer goes further than whether it is well.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Version, header};
use http_body_util::{BodyExt as _, Empty, Full, Limited};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use super::{Probe, Way};

/// What apps that leave probes out of their logs look for.
const AGENT: HeaderValue = HeaderValue::from_static("kube-probe/portcullis");
/// An answer of the health service is a few bytes.
const MAX_GRPC: usize = 1024;
/// `HealthCheckResponse.status` (field 1, varint) with `SERVING` (1).
const SERVING: [u8; 2] = [0x08, 0x01];

type Answer = Result<bool, Box<dyn std::error::Error + Send + Sync>>;

/// Asks; true if the app is well.
pub(super) async fn ask(probe: &Probe) -> Answer {
    let stream = connect(probe.port).await?;
    match &probe.way {
        Way::Tcp => Ok(true),
        Way::Http { target, headers } => {
            let mut request = Request::new(Empty::<Bytes>::new());
            *request.uri_mut() = target.clone();
            *request.headers_mut() = headers.clone();
            request.headers_mut().entry(header::USER_AGENT).or_insert(AGENT);
            request.headers_mut().entry(header::ACCEPT).or_insert(HeaderValue::from_static("*/*"));
            request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            let response = beside(connection, sender.send_request(request)).await?;
            // As the kubelet judges.
            Ok((200..400).contains(&response.status().as_u16()))
        }
        Way::Grpc(service) => {
            let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
            let exchange = async {
                let response = sender.send_request(check(probe.port, service)?).await?;
                let is_ok = response.status() == 200;
                let body = Limited::new(response.into_body(), MAX_GRPC).collect().await?.to_bytes();
                Ok(is_ok && is_serving(&body))
            };
            beside(connection, exchange).await
        }
    }
}

/// The app on this machine, by whichever loopback it listens on.
async fn connect(port: u16) -> io::Result<TcpStream> {
    match TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await {
        Ok(stream) => Ok(stream),
        Err(first) => TcpStream::connect(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await.map_err(|_| first),
    }
}

/// Drives a connection until the exchange on it is done.
async fn beside<T, E, C>(connection: C, exchange: impl Future<Output = Result<T, E>>) -> Result<T, E>
where
    C: Future,
{
    let mut exchange = std::pin::pin!(exchange);
    tokio::select! {
        biased;
        done = &mut exchange => return done,
        _ = connection => {}
    }
    // The connection has ended: the answer is there by now, or it never comes.
    exchange.await
}

/// `grpc.health.v1.Health/Check` (gRPC over HTTP/2: a byte that says "not compressed", four of length, the message).
fn check(port: u16, service: &str) -> Result<Request<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let mut message = Vec::new();
    if !service.is_empty() {
        // Field 1, of a length below 2^14 in one or two bytes.
        message.push(0x0a);
        let length = service.len();
        if length >= 1 << 14 {
            return Err("the name is too long".into());
        }
        let (low, high) = (u8::try_from(length & 0x7f)?, u8::try_from(length >> 7)?);
        if high == 0 {
            message.push(low);
        } else {
            message.extend([low | 0x80, high]);
        }
        message.extend(service.as_bytes());
    }
    let mut body = vec![0];
    body.extend(u32::try_from(message.len())?.to_be_bytes());
    body.extend(message);
    let request = Request::builder()
        .method(Method::POST)
        .version(Version::HTTP_2)
        .uri(format!("http://127.0.0.1:{port}/grpc.health.v1.Health/Check"))
        .header(header::CONTENT_TYPE, "application/grpc")
        .header(header::TE, "trailers")
        .header(header::USER_AGENT, AGENT);
    Ok(request.body(Full::new(Bytes::from(body)))?)
}

fn is_serving(body: &[u8]) -> bool {
    body.first() == Some(&0) && body.get(5..).is_some_and(|message| message.starts_with(&SERVING))
}
