//! The client: a stack of bounds around one exchange on one connection.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::crypto::CryptoProvider;
use tokio_rustls::TlsConnector;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, ServiceBuilder, ServiceExt as _};

use super::OutboundFault;
use super::connect::connect;
use super::trust::{TrustFault, refuses_certificate, terms};
use crate::policy::http_address::{HttpAddress, Origin};
use crate::policy::settings::CertificateFiles;

/// Longest head of a reply: providers behind proxies send some 2 KiB.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// Most fields of a reply.
const MAX_FIELDS: usize = 100;
/// By what the gate is known to those it calls.
const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("portcullis/", env!("CARGO_PKG_VERSION")));

/// Whom a client trusts and where it may go.
#[derive(Clone, Debug, Default)]
pub struct ClientSettings {
    /// CA bundle; the system's authorities if there is none.
    pub ca: Option<PathBuf>,
    /// Certificate of one's own.
    pub client: Option<CertificateFiles>,
    /// Hosts that the policy names, which may lie within the own network.
    pub named: Vec<Origin>,
}

/// What a call may cost.
#[derive(Clone, Copy, Debug)]
pub struct ClientBounds {
    /// From the look-up of the name to the last byte of the reply.
    pub time: Duration,
    /// Bytes of a reply's body.
    pub body: usize,
    /// Calls at once; one more is refused, not queued.
    pub calls: usize,
}

/// A call.
pub struct Call {
    /// `GET` or `POST`.
    pub method: Method,
    /// Where to.
    pub address: HttpAddress,
    /// Fields beside `Host`, `User-Agent` and `Content-Length`.
    pub fields: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
}

impl Call {
    /// `GET`, for JSON.
    pub fn get(address: HttpAddress) -> Self {
        let mut fields = HeaderMap::new();
        fields.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        Self { method: Method::GET, address, fields, body: Bytes::new() }
    }
}

/// What came back, whatever its status. A redirect is a status as any other.
#[derive(Debug)]
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    /// Fields.
    pub fields: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Reply {
    /// The media type without its parameters, in lower case.
    pub fn media_type(&self) -> Option<String> {
        let value = self.fields.get(header::CONTENT_TYPE)?.to_str().ok()?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }
}

/// Makes calls. Cheap to clone; clones share the bounds.
#[derive(Clone)]
pub struct Client(BoxCloneSyncService<Call, Reply, BoxError>);

impl Client {
    /// Reads the files that the settings name.
    pub fn load(
        settings: &ClientSettings,
        bounds: ClientBounds,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, TrustFault> {
        let config = terms(settings.ca.as_deref(), settings.client.as_ref(), &[b"http/1.1"], provider)?;
        let exchange = Exchange(Arc::new(Way {
            tls: TlsConnector::from(Arc::new(config)),
            named: settings.named.clone(),
            max_body: bounds.body,
        }));
        let service =
            ServiceBuilder::new().load_shed().concurrency_limit(bounds.calls).timeout(bounds.time).service(exchange);
        Ok(Self(BoxCloneSyncService::new(service)))
    }

    /// Makes a call.
    pub async fn call(&self, call: Call) -> Result<Reply, OutboundFault> {
        self.0.clone().oneshot(call).await.map_err(|error| fault_of(&error))
    }
}

fn fault_of(error: &BoxError) -> OutboundFault {
    if let Some(fault) = error.downcast_ref::<OutboundFault>() {
        *fault
    } else if error.is::<tower::load_shed::error::Overloaded>() {
        OutboundFault::Busy
    } else {
        // What is left of the stack is its dead-line.
        OutboundFault::Timeout
    }
}

/// One call on a connection of its own: the heart of the stack.
#[derive(Clone)]
struct Exchange(Arc<Way>);

struct Way {
    tls: TlsConnector,
    named: Vec<Origin>,
    max_body: usize,
}

impl tower::Service<Call> for Exchange {
    type Response = Reply;
    type Error = OutboundFault;
    type Future = Pin<Box<dyn Future<Output = Result<Reply, OutboundFault>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OutboundFault>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let way = Arc::clone(&self.0);
        Box::pin(async move { way.exchange(call).await })
    }
}

impl Way {
    async fn exchange(&self, call: Call) -> Result<Reply, OutboundFault> {
        let wire = connect(&call.address, &self.named, &self.tls, None).await?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(MAX_HEAD_BYTES)
            .max_headers(MAX_FIELDS)
            .handshake(TokioIo::new(wire))
            .await
            .map_err(|_| OutboundFault::Connect)?;
        let request = request(call)?;
        let reply = async {
            let response = sender.send_request(request).await.map_err(|error| fault_of_http(&error))?;
            self.read(response).await
        };
        tokio::pin!(reply, connection);
        // The connection has no task of its own: it ends with the call, however that ends.
        tokio::select! {
            biased;
            reply = &mut reply => reply,
            ended = &mut connection => match ended {
                // The last of the reply may be on its way from the connection to us.
                Ok(()) => reply.await,
                Err(error) => Err(fault_of_http(&error)),
            },
        }
    }

    async fn read(&self, response: http::Response<Incoming>) -> Result<Reply, OutboundFault> {
        let (head, body) = response.into_parts();
        // Nothing but plain bytes was asked for, and what unpacks has no bound of its own.
        if head.headers.contains_key(header::CONTENT_ENCODING) {
            return Err(OutboundFault::Malformed);
        }
        if body.size_hint().lower() > self.max_body as u64 {
            return Err(OutboundFault::TooLarge);
        }
        match Limited::new(body, self.max_body).collect().await {
            Ok(whole) => Ok(Reply { status: head.status, fields: head.headers, body: whole.to_bytes() }),
            Err(error) if error.is::<LengthLimitError>() => Err(OutboundFault::TooLarge),
            Err(_) => Err(OutboundFault::Malformed),
        }
    }
}

fn request(call: Call) -> Result<Request<Full<Bytes>>, OutboundFault> {
    let Call { method, address, fields, body } = call;
    let host = address.origin().map_or_else(|| "localhost".to_owned(), |origin| origin.to_string());
    let host = HeaderValue::try_from(host).map_err(|_| OutboundFault::Name)?;
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = address.target.parse().map_err(|_| OutboundFault::Name)?;
    *request.headers_mut() = fields;
    request.headers_mut().insert(header::HOST, host);
    request.headers_mut().insert(header::USER_AGENT, USER_AGENT);
    request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    Ok(request)
}

/// Whether the other side ended it for our certificate. In TLS 1.3 it says so only after our side of the handshake is done.
fn is_about_our_certificate(error: &hyper::Error) -> bool {
    use std::error::Error as _;
    let io = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    let inner = io.and_then(|io| io.get_ref()).and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::AlertReceived(alert)) if refuses_certificate(*alert))
}

fn fault_of_http(error: &hyper::Error) -> OutboundFault {
    if error.is_parse_too_large() {
        OutboundFault::TooLarge
    } else if error.is_parse() {
        OutboundFault::Malformed
    } else if is_about_our_certificate(error) {
        OutboundFault::Certificate
    } else {
        OutboundFault::Connect
    }
}

#[cfg(test)]
mod tests;
