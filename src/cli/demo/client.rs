//! The demo's caller: HTTPS to the gate, one connection for each call, trusting the demo's authority and nobody else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;

use super::Complaint;
use crate::identity::dev::DevPki;

/// Longest answer that is read; the sample app's have a few hundred bytes.
const MOST_BYTES: usize = 64 * 1024;
/// What a call may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(10);

/// The caller.
pub(super) struct Client {
    gate: SocketAddr,
    tls: TlsConnector,
    runtime: Runtime,
}

/// What came back.
pub(super) struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Bytes,
}

impl Client {
    /// A caller of the gate at `gate`.
    pub fn new(pki: &DevPki, gate: SocketAddr) -> Result<Self, Complaint> {
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_slice(pki.ca.as_bytes()).map_err(|fault| fault.to_string())?;
        roots.add(authority).map_err(|fault| fault.to_string())?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|fault| fault.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
        Ok(Self { gate, tls: TlsConnector::from(Arc::new(config)), runtime })
    }

    /// `GET target`, with a token.
    pub fn get(&self, target: &str, token: &str) -> Result<Answer, Complaint> {
        let called = async { tokio::time::timeout(PATIENCE, self.call(target, token)).await };
        match self.runtime.block_on(called) {
            Ok(answer) => answer.map_err(|fault| format!("GET {target} failed: {fault}")),
            Err(_) => Err(format!("GET {target} had no answer within {} seconds", PATIENCE.as_secs())),
        }
    }

    async fn call(&self, target: &str, token: &str) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
        let stream = TcpStream::connect(self.gate).await?;
        let stream = self.tls.connect(ServerName::try_from("localhost")?, stream).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let request = Request::get(target)
            .header(header::HOST, format!("localhost:{}", self.gate.port()))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Empty::<Bytes>::new())?;
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, MOST_BYTES).collect().await?.to_bytes();
        drop(sender);
        // The answer is whole; how the connection ends after it is of no interest.
        let _ = connection.await;
        Ok(Answer { status: head.status, body })
    }
}
