//! A server over TLS for receivers that a test writes: one request after the other, answered from a shared state.

use std::fmt;
use std::io::Read as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::runtime::Builder;
use tokio_rustls::TlsAcceptor;

use super::Person;

/// A fault that ends the connection without an answer.
#[derive(Debug)]
pub struct HungUp;

impl fmt::Display for HungUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hung up")
    }
}

impl std::error::Error for HungUp {}

/// An answer, or none.
pub type Said = Result<Response<Full<Bytes>>, HungUp>;

/// What answers a request with this head and unpacked body; `None` for a body that could not be unpacked.
pub type Answers<S> = fn(&mut S, &Parts, Option<&[u8]>) -> Said;

/// Starts a server.
pub fn serve<S: Send + 'static>(server: &Person, state: &Arc<Mutex<S>>, answers: Answers<S>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket option");
    let address = listener.local_addr().expect("an address");
    let (state, acceptor) = (Arc::clone(state), TlsAcceptor::from(Arc::new(server.serves(None, &["http/1.1"]))));
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            while let Ok((socket, _)) = listener.accept().await {
                let (state, acceptor) = (Arc::clone(&state), acceptor.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(socket).await else { return };
                    let served = hyper::server::conn::http1::Builder::new()
                        .half_close(true)
                        .serve_connection(
                            TokioIo::new(stream),
                            service_fn(|request| answer(Arc::clone(&state), answers, request)),
                        )
                        .without_shutdown();
                    if let Ok(parts) = served.await {
                        let _ = parts.io.into_inner().shutdown().await;
                    }
                });
            }
        });
    });
    address
}

async fn answer<S>(state: Arc<Mutex<S>>, answers: Answers<S>, request: Request<Incoming>) -> Said {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return Err(HungUp) };
    let bytes = body.to_bytes();
    let mut plain = Vec::new();
    let body = if field(&head, "content-encoding") == "gzip" {
        flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut plain).is_ok().then_some(&plain[..])
    } else {
        Some(&bytes[..])
    };
    answers(&mut state.lock().unwrap(), &head, body)
}

/// A field's value; empty if there is none.
pub fn field<'p>(head: &'p Parts, name: &str) -> &'p str {
    head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// An answer in JSON, with `Retry-After`.
pub fn says(status: u16, body: impl Into<Bytes>, after: Option<&str>) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(status).header("content-type", "application/json");
    if let Some(after) = after {
        response = response.header("retry-after", after);
    }
    response.body(Full::new(body.into())).expect("a response")
}
