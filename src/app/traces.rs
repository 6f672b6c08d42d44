//! The way of spans to their receiver: the exporter of the `opentelemetry-otlp` crate over the gate's own client. It runs
//! on the exporter's thread, with a small runtime of its own, so that a receiver that hangs holds up nothing else.
//!
//! Where spans go, and under which fields, the policy alone says. The crate below reads `OTEL_EXPORTER_OTLP_*`; of the
//! request that it makes, only the body and its type are taken.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use parking_lot::Mutex;
use rustls::crypto::CryptoProvider;
use tokio::runtime::{Builder, Runtime};

use super::AppFault;
use crate::identity::secret_file;
use crate::outbound::{Call, Client, ClientBounds, ClientSettings, OutboundFault};
use crate::policy::Policy;
use crate::policy::http_address::HttpAddress;
use crate::policy::settings::{Endpoint, TraceSettings};
use crate::telemetry::log;
use crate::telemetry::spans::{Exporter, Place, Tracing};

/// What one export may cost.
const EXPORTING: ClientBounds = ClientBounds { time: Duration::from_secs(10), body: 64 * 1024, calls: 1 };
/// Longest file of header fields, and most fields in it: an API key, a tenant.
const MOST_FIELD_BYTES: usize = 8 * 1024;
const MOST_FIELDS: usize = 16;

/// What a policy says of traces, with the exporter that runs already, if there is one.
pub(super) fn tracing(
    policy: &Policy,
    running: Option<&Arc<Exporter>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Tracing>, AppFault> {
    let Some(settings) = &policy.traces else { return Ok(None) };
    let exporter = match running {
        Some(running) => Arc::clone(running),
        None => Exporter::start(sender(settings, provider)?, &super::instance()),
    };
    let (app, app_port) = match &policy.upstream.endpoint {
        Endpoint::Loopback(address) => (address.ip().to_string(), Some(address.port())),
        Endpoint::Tls(endpoint) => (endpoint.host.clone(), Some(endpoint.port)),
        Endpoint::Unix(path) => (path.display().to_string(), None),
    };
    let place = Place { app, app_port, port: policy.gate.listen.port() };
    Ok(Some(Tracing::new(settings.one_in, settings.honour, exporter, place)))
}

fn sender(settings: &TraceSettings, provider: &Arc<CryptoProvider>) -> Result<SpanExporter, AppFault> {
    let way = Way {
        runtime: Mutex::new(Builder::new_current_thread().enable_all().build()?),
        client: Mutex::new(client(settings, provider)?),
        settings: settings.clone(),
        provider: Arc::clone(provider),
        failing: AtomicBool::new(false),
    };
    if let Some(path) = &settings.headers_file {
        fields_of(path).map_err(|what| AppFault::Headers(path.clone(), what))?;
    }
    // The endpoint is never called by the crate; given here, no variable of the environment is parsed for it.
    let sender = SpanExporter::builder()
        .with_http()
        .with_http_client(way)
        .with_endpoint("http://127.0.0.1/v1/traces")
        .with_timeout(EXPORTING.time)
        .build();
    sender.map_err(|fault| AppFault::System(std::io::Error::other(fault)))
}

fn client(settings: &TraceSettings, provider: &Arc<CryptoProvider>) -> Result<Client, crate::outbound::TrustFault> {
    let named = settings.endpoint.origin().into_iter().collect();
    let client = ClientSettings { ca: settings.ca.clone(), client: None, named };
    Client::load(&client, EXPORTING, provider)
}

/// The fields of a file, one `Name: value` a line; lines that begin with `#` are none.
fn fields_of(path: &Path) -> Result<HeaderMap, &'static str> {
    let bytes = secret_file::read(path, MOST_FIELD_BYTES)
        .map_err(|_| "cannot be read, is too long, or is open to every user of this machine")?;
    let text = std::str::from_utf8(&bytes).map_err(|_| "is not text")?;
    let mut fields = HeaderMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, value) = line.split_once(':').ok_or("holds a line that is not `Name: value`")?;
        let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| "holds a name that is none")?;
        let mut value = HeaderValue::from_str(value.trim()).map_err(|_| "holds a value that is none")?;
        value.set_sensitive(true);
        let own = [header::HOST, header::CONTENT_LENGTH, header::CONTENT_TYPE, header::CONNECTION];
        if own.contains(&name) || fields.len() >= MOST_FIELDS {
            return Err("holds too many fields, or one that is the gate's to set");
        }
        fields.append(name, value);
    }
    Ok(fields)
}

/// One receiver.
struct Way {
    runtime: Mutex<Runtime>,
    client: Mutex<Client>,
    settings: TraceSettings,
    provider: Arc<CryptoProvider>,
    failing: AtomicBool,
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Way")
    }
}

#[async_trait]
impl HttpClient for Way {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.send(request);
        let code = match &sent {
            Ok(reply) if reply.status().is_success() => None,
            Ok(_) => Some("refused"),
            Err(fault) => Some(fault.code()),
        };
        // Said once, and once when it works again.
        match code {
            Some(code) if !self.failing.swap(true, Ordering::Relaxed) => {
                log::warn!("spans cannot be sent; they are dropped and counted", cause = code);
            }
            None if self.failing.swap(false, Ordering::Relaxed) => log::info!("spans can be sent again"),
            _ => {}
        }
        Ok(sent?)
    }
}

impl Way {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, OutboundFault> {
        let (head, body) = request.into_parts();
        let mut fields = match &self.settings.headers_file {
            Some(path) => fields_of(path).map_err(|_| OutboundFault::Malformed)?,
            None => HeaderMap::new(),
        };
        for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING] {
            if let Some(value) = head.headers.get(&name) {
                fields.insert(name, value.clone());
            }
        }
        let address: HttpAddress = self.settings.endpoint.clone();
        let client = self.client.lock().clone();
        // This is the exporter's own thread, which waits for this and for nothing else.
        let call = client.call(Call { method: Method::POST, address, fields, body });
        let reply = self.runtime.lock().block_on(call);
        if matches!(reply, Err(OutboundFault::Tls))
            && let Ok(fresh) = self::client(&self.settings, &self.provider)
        {
            // Authorities may have been put in place of others: the next export is made with those.
            *self.client.lock() = fresh;
        }
        let reply = reply?;
        let mut response = Response::new(reply.body);
        *response.status_mut() = reply.status;
        if let Some(after) = reply.fields.get(header::RETRY_AFTER) {
            response.headers_mut().insert(header::RETRY_AFTER, after.clone());
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn fields_are_read_strictly() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("headers");
        let read = |text: &str, mode: u32| {
            std::fs::write(&path, text).expect("written");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("a mode");
            fields_of(&path).map(|fields| fields.len())
        };
        assert_eq!(read("# a tenant\nX-Tenant: a\n\nAuthorization: Bearer b\n", 0o600), Ok(2));
        assert!(read("X-Tenant: a", 0o644).is_err(), "open to everybody");
        for bad in ["nonsense", "a b: c", "Host: elsewhere.example", "Content-Length: 3", &"A: b\n".repeat(17)] {
            assert!(read(bad, 0o600).is_err(), "{bad}");
        }
    }
}
