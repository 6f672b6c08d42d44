//! Making a connection to the app.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::policy::settings::{Endpoint, TlsEndpoint, UpstreamProtocol, UpstreamSettings};
use crate::wire::{Single, spare_loopback};

/// Why the way to the app cannot be set up: the policy's files are not what they should be.
#[derive(Debug, thiserror::Error)]
pub enum ConnectFault {
    /// A file could not be read as PEM.
    #[error("{path}: {problem}; it must hold {wanted}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
        /// What it should hold.
        wanted: &'static str,
    },
    /// Certificate and key do not belong together, or rustls refuses what is in the file.
    #[error("{path}: {error}")]
    Refused {
        /// The certificate's or bundle's file.
        path: String,
        /// Why.
        error: rustls::Error,
    },
    /// rustls refuses the whole.
    #[error("TLS to the app cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// Not a DNS name or an address.
    #[error("upstream.tls.server_name {0:?} is neither a DNS name nor an address")]
    ServerName(String),
}

/// Makes connections to the app. Cheap to clone.
#[derive(Clone)]
pub struct Connector(Arc<Way>);

enum Way {
    Plain(Endpoint),
    Tls { endpoint: TlsEndpoint, connector: TlsConnector, name: ServerName<'static>, needs_http2: bool },
}

impl Connector {
    /// Reads what a policy names; fails if a file is missing or empty, never widening trust to other roots.
    pub fn load(settings: &UpstreamSettings, provider: &Arc<CryptoProvider>) -> Result<Self, ConnectFault> {
        let Endpoint::Tls(endpoint) = &settings.endpoint else {
            return Ok(Self(Arc::new(Way::Plain(settings.endpoint.clone()))));
        };
        let mut roots = RootCertStore::empty();
        for certificate in certificates(&endpoint.ca)? {
            roots.add(certificate).map_err(|error| refused(&endpoint.ca, error))?;
        }
        let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(provider))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots);
        let mut config = match &endpoint.client {
            None => builder.with_no_client_auth(),
            Some(files) => {
                let key = PrivateKeyDer::from_pem_file(&files.key)
                    .map_err(|error| file_fault(&files.key, &error, "one PEM private key"))?;
                let chain = certificates(&files.certificate)?;
                builder.with_client_auth_cert(chain, key).map_err(|error| refused(&files.certificate, error))?
            }
        };
        let needs_http2 = settings.protocol == UpstreamProtocol::Http2;
        config.alpn_protocols = vec![if needs_http2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
        let name = ServerName::try_from(endpoint.server_name.clone())
            .map_err(|_| ConnectFault::ServerName(endpoint.server_name.clone()))?;
        let connector = TlsConnector::from(Arc::new(config));
        Ok(Self(Arc::new(Way::Tls { endpoint: endpoint.clone(), connector, name, needs_http2 })))
    }

    /// The app's authority for HTTP/2 requests, and its scheme.
    pub fn scheme(&self) -> http::uri::Scheme {
        match &*self.0 {
            Way::Plain(_) => http::uri::Scheme::HTTP,
            Way::Tls { .. } => http::uri::Scheme::HTTPS,
        }
    }

    /// Whether both are one: made of the same settings and files.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    async fn connect(self) -> io::Result<Stream> {
        match &*self.0 {
            Way::Plain(Endpoint::Unix(path)) => Ok(Stream::Unix(UnixStream::connect(path).await?)),
            Way::Plain(Endpoint::Loopback(address)) => {
                let stream = tcp(TcpStream::connect(address).await?)?;
                spare_loopback(&stream.0);
                Ok(Stream::Tcp(stream))
            }
            // `load` puts a TLS end-point into the other variant.
            Way::Plain(Endpoint::Tls(_)) => Err(io::Error::from(io::ErrorKind::InvalidInput)),
            Way::Tls { endpoint, connector, name, needs_http2 } => {
                let stream = tcp(TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?)?;
                let stream = connector.connect(name.clone(), stream).await?;
                if *needs_http2 && stream.get_ref().1.alpn_protocol() != Some(b"h2") {
                    return Err(io::Error::from(io::ErrorKind::Unsupported));
                }
                Ok(Stream::Tls(Box::new(stream)))
            }
        }
    }
}

impl tower::Service<()> for Connector {
    type Response = Stream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream>>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, (): ()) -> Self::Future {
        Box::pin(self.clone().connect())
    }
}

fn tcp(stream: TcpStream) -> io::Result<Single<TcpStream>> {
    stream.set_nodelay(true)?;
    Ok(Single(stream))
}

fn certificates(path: &std::path::Path) -> Result<Vec<CertificateDer<'static>>, ConnectFault> {
    const WANTED: &str = "one or more PEM certificates";
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| file_fault(path, &error, WANTED))?;
    if found.is_empty() {
        let problem = "there is no certificate in it".to_owned();
        return Err(ConnectFault::File { path: path.display().to_string(), problem, wanted: WANTED });
    }
    Ok(found)
}

fn refused(path: &std::path::Path, error: rustls::Error) -> ConnectFault {
    ConnectFault::Refused { path: path.display().to_string(), error }
}

fn file_fault(path: &std::path::Path, error: &rustls_pki_types::pem::Error, wanted: &'static str) -> ConnectFault {
    ConnectFault::File { path: path.display().to_string(), problem: error.to_string(), wanted }
}

/// A connection to the app.
#[derive(Debug)]
pub enum Stream {
    /// Loopback.
    Tcp(Single<TcpStream>),
    /// A Unix socket.
    Unix(UnixStream),
    /// Verified TLS.
    Tls(Box<TlsStream<Single<TcpStream>>>),
}

/// Calls a method on whichever stream it is.
macro_rules! each {
    ($stream:expr, $inner:ident => $call:expr) => {
        match $stream {
            Stream::Tcp($inner) => $call,
            Stream::Unix($inner) => $call,
            Stream::Tls($inner) => $call,
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_read(cx, out))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        each!(self, stream => stream.is_write_vectored())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_shutdown(cx))
    }
}
