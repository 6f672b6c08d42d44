//! `shared:`

use std::time::Duration;

use super::Unbuilt;
use super::address::Url;
use super::decode::{Decoder, Fields};
use crate::policy::fault::{Code, Fault};
use crate::policy::http_address::Origin;
use crate::policy::settings::{CertificateFiles, SharedKind, SharedServers, SharedSettings};
use crate::policy::shape;
use crate::policy::yaml::{Node, Value};

/// Servers that are named; a cluster tells of its others itself.
const MAX_SERVERS: usize = 16;
/// The port of Redis and Valkey.
const PORT: u16 = 6379;
/// Replicas while nobody can be asked, where nothing else is said.
const REPLICAS: u16 = 3;
/// A round trip in one machine room takes well below a millisecond.
const SHORTEST: Duration = Duration::from_millis(5);
/// Later answers tell of another time.
const LONGEST: Duration = Duration::from_secs(5);
/// For an exchange, where nothing else is said.
const USUAL: Duration = Duration::from_millis(100);

/// Decodes the section, and refuses limits that are shared without one.
pub(super) fn shared(d: &mut Decoder<'_>, node: Option<&Node>) -> Option<SharedSettings> {
    let Some(node) = node else {
        for span in std::mem::take(&mut d.shares) {
            let fault = Fault::new(Code::MissingKey, span, "limits.scope: shared without `shared`")
                .label("nothing says where replicas count together");
            let help =
                "`shared: { redis: [\"rediss://redis.example:6379\"], key: certs/shared.key, name: seller-app }`";
            // A policy may be judged before anybody knows where that will be; it does not run so.
            d.fault(fault.help(help).mild_if(d.options.unbuilt == Unbuilt::Warn));
        }
        return None;
    };
    let fields = d.fields(node, &shape::SHARED)?;
    let servers = servers(d, &fields);
    let kind = kind(d, &fields);
    let password = fields.get("password_file").map(|node| d.existing(node, "shared.password_file", "write it there"));
    let make = "`portcullis keys new shared certs/shared.key` makes one; all replicas need the same";
    let key = d.required(&fields, "key").and_then(|node| d.existing(node, "shared.key", make));
    let name = d.required(&fields, "name").and_then(|node| d.name(node, "shared.name"));
    let replicas = fields.get("replicas").and_then(|node| d.number(node, "shared.replicas", 1, 1000));
    let database = fields.get("database").and_then(|node| d.number(node, "shared.database", 0, 255));
    let timeout = fields.get("timeout").and_then(|node| d.duration(node, "shared.timeout", SHORTEST, LONGEST));
    Some(SharedSettings {
        servers: servers?,
        kind: kind?,
        database: database.and_then(|number| u8::try_from(number).ok()).unwrap_or_default(),
        username: fields.get("username").and_then(|node| d.text(node, "shared.username")).map(str::to_owned),
        password: match password {
            Some(path) => Some(path?),
            None => None,
        },
        key: key?,
        name: name?,
        replicas: replicas.and_then(|number| u16::try_from(number).ok()).unwrap_or(REPLICAS),
        timeout: timeout.unwrap_or(USUAL),
    })
}

fn kind(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<SharedKind> {
    let words = &[("single", 0), ("sentinel", 1), ("cluster", 2)];
    let word = match fields.get("kind") {
        Some(node) => d.word(node, "shared.kind", words)?,
        None => 0,
    };
    let master = fields.entry("master");
    match (word, master) {
        (1, Some(entry)) => Some(SharedKind::Sentinel(d.text(&entry.value, "shared.master")?.to_owned())),
        (1, None) => {
            let fault = Fault::new(Code::MissingKey, fields.at, "shared.kind: sentinel without `master`");
            d.fault(fault.help("the name under which the sentinels know the server: `master: portcullis`"));
            None
        }
        (_, Some(entry)) => {
            let fault = Fault::new(Code::MissingKey, entry.key_span, "shared.master without `kind: sentinel`");
            d.fault(fault.label("has no effect").help("only sentinels know servers by such names"));
            None
        }
        (2, None) => Some(SharedKind::Cluster),
        _ => Some(SharedKind::Single),
    }
}

fn servers(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<SharedServers> {
    const FORMS: &str = "`rediss://host:6379`; `redis://127.0.0.1:6379` or `unix:/path` on this machine";
    let ca = fields.get("ca").map(|node| d.existing(node, "shared.ca", "PEM certificates"));
    let client = match (fields.get("certificate"), fields.get("certificate_key")) {
        (None, None) => Some(None),
        (certificate, key) => client(d, fields, certificate, key).map(Some),
    };
    let node = d.required(fields, "redis")?;
    let items = d.filled_list(node, "shared.redis")?;
    if items.len() > MAX_SERVERS {
        d.fault(Fault::new(Code::Bound, node.span, format!("shared.redis names more than {MAX_SERVERS} servers")));
        return None;
    }
    let (mut tls, mut plain, mut unix) = (Vec::new(), Vec::new(), None);
    for item in items {
        let text = d.text(item, "shared.redis")?;
        if let Some(path) = text.strip_prefix("unix:").filter(|path| path.starts_with('/')) {
            unix = Some(path.into());
            continue;
        }
        let Some(url) = Url::parse(text).filter(|url| matches!(url.path, "" | "/")) else {
            d.bad_address(item.span, "shared.redis", FORMS);
            return None;
        };
        let port = url.port.unwrap_or(PORT);
        match (url.scheme, url.loopback()) {
            ("rediss", _) => tls.push(Origin { host: url.host.to_ascii_lowercase(), port }),
            ("redis", Some(address)) => plain.push(Origin { host: address.to_string(), port }),
            ("redis", None) => {
                d.plaintext(item.span, "what replicas count", "use `rediss://`");
                return None;
            }
            _ => {
                d.bad_address(item.span, "shared.redis", FORMS);
                return None;
            }
        }
    }
    let ca = match ca {
        Some(path) => Some(path?),
        None => None,
    };
    let client = client?;
    match (unix, plain.is_empty(), tls.is_empty()) {
        (None, true, false) => Some(SharedServers::Tls { servers: tls, ca, client }),
        (None, false, true) => Some(SharedServers::Loopback(plain)),
        (Some(path), true, true) if items.len() == 1 => Some(SharedServers::Unix(path)),
        _ => {
            let fault = Fault::new(Code::Address, node.span, "shared.redis names servers of several ways");
            d.fault(fault.help("all of them `rediss://`, or all `redis://` on loopback, or one `unix:/path`"));
            None
        }
    }
}

fn client(
    d: &mut Decoder<'_>,
    fields: &Fields<'_>,
    certificate: Option<&Node>,
    key: Option<&Node>,
) -> Option<CertificateFiles> {
    let (Some(certificate), Some(key)) = (certificate, key) else {
        let fault =
            Fault::new(Code::MissingKey, fields.at, "shared.certificate and shared.certificate_key go together");
        d.fault(fault.help("give both, or neither"));
        return None;
    };
    // A list or a map was reported as such.
    let Value::Scalar(_) = &certificate.value else { return None };
    let chain = d.existing(certificate, "shared.certificate", "PEM, leaf first");
    let key = d.existing(key, "shared.certificate_key", "PEM");
    Some(CertificateFiles { certificate: chain?, key: key? })
}
