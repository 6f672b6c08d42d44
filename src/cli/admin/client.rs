//! One call to the operators' API.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::{Map, Value};
use tokio::runtime::Builder;

use super::Reach;
use crate::outbound::{Call, ClientBounds, ClientSettings, OutboundFault};
use crate::policy::http_address::{HttpAddress, HttpAddressFault};
use crate::policy::settings::{AdminSettings, CertificateFiles};
use crate::policy::{LoadOptions, load};

/// The header that no web page sends.
const OWN: HeaderName = HeaderName::from_static("portcullis-admin");
/// A reload of a slow mount is waited for by the gate for half a minute.
const PATIENCE: Duration = Duration::from_secs(40);
/// Longest answer: a thousand sanctions.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// How a gate is reached.
pub(super) struct Client {
    /// `unix:/path:` or `https://host:port`, to which a target is added.
    base: String,
    settings: ClientSettings,
    /// As it is named in complaints.
    shown: String,
}

/// What the gate says.
pub(super) struct Reply {
    status: u16,
    pub body: Value,
}

impl Client {
    /// By the command line, or by the policy that it names.
    pub(super) fn new(reach: &Reach) -> Result<Self, String> {
        let (base, shown) = match (&reach.admin, &reach.policy) {
            (Some(address), _) => by_address(address)?,
            (None, Some(path)) => by_policy(path)?,
            // The command line demands one of them.
            (None, None) => return Err("give --policy or --admin".to_owned()),
        };
        let client = reach.certificate.clone().zip(reach.key.clone());
        if base.starts_with("https:") && client.is_none() {
            return Err(format!("{shown} takes operators by certificate: give --certificate and --key"));
        }
        let named = HttpAddress::parse(&format!("{base}/")).map_err(|fault| unfit(&shown, fault))?;
        let settings = ClientSettings {
            ca: reach.ca.clone(),
            client: client.map(|(certificate, key)| CertificateFiles { certificate, key }),
            named: named.origin().into_iter().collect(),
        };
        Ok(Self { base, settings, shown })
    }

    /// Calls. The complaint says what to do where the gate could not be asked.
    pub(super) fn call(&self, path: &str, body: Option<&Map<String, Value>>) -> Result<Reply, String> {
        let address = HttpAddress::parse(&format!("{}{path}", self.base)).map_err(|fault| unfit(&self.shown, fault))?;
        let mut fields = HeaderMap::new();
        fields.insert(OWN, HeaderValue::from_static("1"));
        let (method, body) = match body {
            None => (Method::GET, Bytes::new()),
            Some(members) => {
                fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                let text = serde_json::to_vec(members).map_err(|error| error.to_string())?;
                (Method::POST, Bytes::from(text))
            }
        };
        let bounds = ClientBounds { time: PATIENCE, body: MAX_ANSWER, calls: 1 };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let client =
            crate::outbound::Client::load(&self.settings, bounds, &provider).map_err(|fault| fault.to_string())?;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
        let reply = runtime
            .block_on(client.call(Call { method, address, fields, body }))
            .map_err(|fault| self.complaint(fault))?;
        let body = serde_json::from_slice(&reply.body)
            .map_err(|_| format!("{} gives no answer of an operators' API; is it a gate's?", self.shown))?;
        Ok(Reply { status: reply.status.as_u16(), body })
    }

    fn complaint(&self, fault: OutboundFault) -> String {
        let shown = &self.shown;
        match fault {
            OutboundFault::Name => format!("{shown}: the host has no address"),
            OutboundFault::Connect => self.unreachable(),
            OutboundFault::Tls => format!(
                "{shown}: its certificate is not one that is trusted for this name; name its authority with --ca"
            ),
            OutboundFault::Certificate => format!(
                "{shown} refuses your certificate: it must be signed by an authority of `admin.tls.client_ca`, and be in \
                 force"
            ),
            OutboundFault::Timeout => format!("{shown} did not answer within {} s", PATIENCE.as_secs()),
            OutboundFault::Malformed | OutboundFault::TooLarge => format!("{shown} gives no answer that can be read"),
            // None of these happens to one call to a place that was named.
            OutboundFault::Inside | OutboundFault::Busy | OutboundFault::Files => format!("{shown} cannot be called"),
        }
    }

    /// What a socket tells of why nobody answers.
    fn unreachable(&self) -> String {
        let shown = &self.shown;
        let Some(path) = shown.strip_prefix("unix:").map(Path::new) else {
            return format!("{shown} does not answer: is the gate running, and is this its `admin.listen`?");
        };
        match std::os::unix::net::UnixStream::connect(path) {
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                format!(
                    "{shown}: you may not use this socket; it is for root and the gate's own user, or roles with `uid:`"
                )
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                format!("{shown}: there is no such socket; the gate is not running, or its `admin.socket` is another")
            }
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                format!("{shown}: nobody listens; the gate that made this socket has ended")
            }
            _ => format!("{shown} closed the connection without an answer"),
        }
    }
}

impl Reply {
    /// Whether it was done.
    pub(super) const fn is_done(&self) -> bool {
        self.status == 200
    }

    /// A text of the answer.
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or("-")
    }

    /// Why it was not done.
    pub(super) fn complaint(&self) -> String {
        let code = self.text("/outcome/code");
        let text = self.text("/outcome/text");
        format!("refused ({code}): {text} Record {}.", self.text("/record"))
    }
}

fn by_address(address: &str) -> Result<(String, String), String> {
    let address = address.trim_end_matches('/');
    if address.starts_with("unix:/") {
        return Ok((format!("{address}:"), address.to_owned()));
    }
    if address.starts_with("https://") {
        return Ok((address.to_owned(), address.to_owned()));
    }
    Err(format!("--admin {address}: it must be unix:/PATH or https://HOST:PORT; plaintext is not spoken"))
}

fn by_policy(path: &Path) -> Result<(String, String), String> {
    let loaded = load(path, &LoadOptions::check()).map_err(|faults| faults.render(false))?;
    match &loaded.policy.admin {
        None => Err(format!("{}: it has no `admin:`, so operators cannot connect", path.display())),
        Some(AdminSettings::Socket(socket)) => {
            let path = std::path::absolute(&socket.path).map_err(|error| error.to_string())?;
            by_address(&format!("unix:{}", path.display()))
        }
        Some(AdminSettings::Tls(settings)) => {
            let (ip, port) = (settings.listen.ip(), settings.listen.port());
            // The name that certificates have; a name of the machine's own would have to be asked for.
            let here = ip.is_loopback() || ip.is_unspecified();
            let host = match ip {
                _ if here => "localhost".to_owned(),
                std::net::IpAddr::V4(four) => four.to_string(),
                std::net::IpAddr::V6(six) => format!("[{six}]"),
            };
            by_address(&format!("https://{host}:{port}"))
        }
    }
}

fn unfit(shown: &str, fault: HttpAddressFault) -> String {
    match fault {
        HttpAddressFault::Form => format!("{shown}: this is no address that can be called"),
        HttpAddressFault::Plaintext => format!("{shown}: plaintext is not spoken"),
    }
}
