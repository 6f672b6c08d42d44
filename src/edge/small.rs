//! A listener for few: scrapers, operators. HTTP/1.1 alone, few connections at once, small heads, short dead-lines; in
//! plaintext or under TLS 1.3.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body::Body as _;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use super::tls::TlsTerms;
use crate::policy::settings::TlsSettings;
use crate::telemetry::log;

/// Connections at once: a pair of scrapers and some people. More wait in the kernel.
const MOST: usize = 16;
/// From accept to the end of the TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// From an answer, or the connection's begin, to the end of the next head.
const HEAD: Duration = Duration::from_secs(5);
/// A connection's whole life: whoever reads an answer more slowly than this is cut.
const LIFE: Duration = Duration::from_secs(60);
/// Bytes of a head: the least that hyper takes.
const MOST_HEAD_BYTES: usize = 8 * 1024;

/// A bound listener.
pub struct SmallListener {
    socket: std::net::TcpListener,
    tls: Option<Tls>,
}

struct Tls {
    settings: TlsSettings,
    provider: Arc<CryptoProvider>,
    config: ArcSwap<ServerConfig>,
}

impl SmallListener {
    /// Takes a socket that listens, and reads the certificates where there are any.
    pub fn over(
        socket: std::net::TcpListener,
        tls: Option<TlsSettings>,
        provider: &Arc<CryptoProvider>,
    ) -> io::Result<Self> {
        let tls = match tls {
            None => None,
            Some(settings) => {
                let config = config(&settings, provider).map_err(io::Error::other)?;
                Some(Tls { settings, provider: Arc::clone(provider), config: ArcSwap::new(config) })
            }
        };
        Ok(Self { socket, tls })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Reads the certificates again, off this thread. Those that were there stay if the new ones are not in order.
    pub async fn renew(&self) {
        let Some(tls) = &self.tls else { return };
        let (settings, provider) = (tls.settings.clone(), Arc::clone(&tls.provider));
        match tokio::task::spawn_blocking(move || config(&settings, &provider)).await {
            Ok(Ok(fresh)) => tls.config.store(fresh),
            Ok(Err(fault)) => log::error!("a listener's certificates stay as they were", fault = fault.what()),
            // A panic in there has been told of.
            Err(_) => {}
        }
    }

    /// Serves until it is dropped. Requests with a body are answered, and their connection ends.
    pub async fn serve<A, F>(self: Rc<Self>, answer: A)
    where
        A: Fn(Request<Incoming>) -> F + Clone + 'static,
        F: Future<Output = Response<Bytes>> + 'static,
    {
        let Ok(listener) = self.socket.try_clone().and_then(TcpListener::from_std) else {
            log::error!("a listener could not be started");
            return;
        };
        let places = Arc::new(Semaphore::new(MOST));
        loop {
            // The semaphore is never closed.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            let (listener, answer) = (Rc::clone(&self), answer.clone());
            tokio::task::spawn_local(async move {
                let served = async {
                    match &listener.tls {
                        None => one(stream, answer).await,
                        Some(tls) => {
                            let acceptor = TlsAcceptor::from(tls.config.load_full());
                            // The verifier judges a certificate that is shown; that one is shown is asked for here.
                            let asked = tls.settings.client_ca.is_some();
                            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await
                                && (!asked || stream.get_ref().1.peer_certificates().is_some())
                            {
                                one(stream, answer).await;
                            }
                        }
                    }
                };
                // Whoever takes longer is cut.
                let _ = tokio::time::timeout(LIFE, served).await;
                drop(place);
            });
        }
    }
}

/// Serves one connection.
async fn one<A, F>(stream: impl AsyncRead + AsyncWrite + Unpin, answer: A)
where
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<Bytes>>,
{
    let service = service_fn(|request: Request<Incoming>| {
        let close = !request.body().is_end_stream();
        let answered = answer(request);
        async move {
            let mut response = answered.await.map(Full::new);
            if close {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response)
        }
    });
    // How it ended is nobody's business: there is no record of scrapes.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(MOST_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// TLS for HTTP/1.1 alone.
fn config(settings: &TlsSettings, provider: &Arc<CryptoProvider>) -> Result<Arc<ServerConfig>, super::TlsFault> {
    let terms = TlsTerms::load(settings, provider)?;
    let mut config = ServerConfig::clone(&terms.config);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
