//! An app that speaks HTTP/2 without TLS, by the `h2` crate.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Response};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// A request as the app got it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub uri: String,
    pub fields: HeaderMap,
    pub body: Vec<u8>,
    pub trailers: Option<HeaderMap>,
    /// Whether the body came to its end.
    pub whole: bool,
}

/// An app on HTTP/2; it answers `fine` with a trailer `grpc-status: 0`.
pub struct UpstreamHttp2 {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    _runtime: Runtime,
}

impl UpstreamHttp2 {
    /// Starts it on loopback.
    pub fn start() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&kept)));
            }
        });
        Self { address, seen, _runtime: runtime }
    }

    /// As `upstream.url` names it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("requests").clone()
    }
}

async fn serve(socket: tokio::net::TcpStream, kept: Arc<Mutex<Vec<Seen>>>) {
    let Ok(mut connection) = h2::server::handshake(socket).await else { return };
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let kept = Arc::clone(&kept);
        tokio::spawn(async move {
            let (head, mut body) = request.into_parts();
            let mut seen = Seen {
                method: head.method.to_string(),
                uri: head.uri.to_string(),
                fields: head.headers,
                body: Vec::new(),
                trailers: None,
                whole: false,
            };
            loop {
                match body.data().await {
                    Some(Ok(piece)) => {
                        let _ = body.flow_control().release_capacity(piece.len());
                        seen.body.extend_from_slice(&piece);
                    }
                    Some(Err(_)) => break,
                    None => {
                        seen.trailers = body.trailers().await.ok().flatten();
                        seen.whole = true;
                        break;
                    }
                }
            }
            kept.lock().expect("requests").push(seen);
            let Ok(mut stream) = respond.send_response(Response::new(()), false) else { return };
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", http::HeaderValue::from_static("0"));
            // The gate may have gone.
            let _ = stream.send_data(Bytes::from_static(b"fine"), false).and_then(|()| stream.send_trailers(trailers));
        });
    }
}
