//! The network: the port, the app, whoever else is called, and the side door.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::header;
use rustls::crypto::CryptoProvider;
use tokio::runtime::Builder;

use super::Finding;
use crate::clock::Clock;
use crate::delivery::{Unreached, knock};
use crate::deploy::handover::runs;
use crate::deploy::side_door::{self, Tables, speaks};
use crate::edge;
use crate::outbound::{Call, Client, ClientBounds, ClientSettings, OutboundFault};
use crate::policy::Policy;
use crate::policy::http_address::HttpAddress;
use crate::policy::settings::{CallerMethod, Endpoint, KeySource, NetworkSink, SharedSettings, TokenSettings};
use crate::shared::{self, LinkFault, Unlinked};

/// For one exchange with somebody far away.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a provider's answer: sets of keys are some kilobytes.
const MOST_BYTES: usize = 1 << 20;
/// Seconds by which a provider's clock and ours may differ: tokens of a minute must still hold.
const MOST_SKEW: u64 = 5;

pub(super) fn look(policy: &Policy, provider: &Arc<CryptoProvider>, clock: &Clock) -> Vec<Finding> {
    let tables = Tables::open();
    let mut findings = vec![port(policy, &tables)];
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else {
        findings.push(Finding::wrong("network", "no sockets can be waited for", "raise the limit of open files"));
        return findings;
    };
    runtime.block_on(async {
        findings.push(app(policy, provider).await);
        findings.extend(doors(policy, &tables, provider).await);
        for method in &policy.callers {
            if let CallerMethod::Token(token) = method {
                findings.extend(identity(token, provider, clock).await);
            }
        }
        for sink in policy.audit.network() {
            findings.push(receiver(sink, provider).await);
        }
        if let Some(settings) = &policy.shared {
            findings.push(replicas(settings, clock).await);
        }
    });
    findings
}

fn port(policy: &Policy, tables: &Tables) -> Finding {
    const CHECK: &str = "port";
    let listen = policy.gate.listen;
    let is_gate = policy.gate.handover.as_ref().is_some_and(|path| runs(path, "/proc/self/exe".as_ref()).is_ok());
    match edge::listen(listen) {
        Ok(_) => Finding::well(CHECK, format!("{listen} is free")),
        Err(_) if is_gate => Finding::well(CHECK, format!("{listen} is held by a running gate")),
        Err(fault) if fault.kind() == io::ErrorKind::AddrInUse => {
            let holders = tables.holders(listen.port());
            let what = format!("{listen} is in use ({holders} sockets listen on this port)");
            Finding::unknown(CHECK, what, "by a running gate, or by somebody else? `ss -ltnp` shows it")
        }
        Err(fault) if fault.kind() == io::ErrorKind::PermissionDenied => Finding::wrong(
            CHECK,
            format!("{listen} may not be bound by this user"),
            "a port of 1024 or more, socket activation, or `AmbientCapabilities=CAP_NET_BIND_SERVICE`",
        ),
        Err(fault) => {
            Finding::wrong(CHECK, format!("{listen} cannot be bound: {}", fault.kind()), "mend `gate.listen`")
        }
    }
}

async fn app(policy: &Policy, provider: &Arc<CryptoProvider>) -> Finding {
    const CHECK: &str = "app";
    let place = match &policy.upstream.endpoint {
        Endpoint::Loopback(address) => address.to_string(),
        Endpoint::Unix(path) => path.display().to_string(),
        Endpoint::Tls(endpoint) => format!("{}:{}", endpoint.host, endpoint.port),
    };
    match speaks(&policy.upstream, provider).await {
        Ok(true) => Finding::well(CHECK, format!("{place} answers as `upstream.protocol` says")),
        Ok(false) => Finding::wrong(
            CHECK,
            format!("{place} answers, and not in the protocol of `upstream.protocol`"),
            "`http1` or `http2`, as the app speaks it on this port",
        ),
        Err(fault) => {
            let what = format!("{place} does not answer: {}", fault.kind());
            Finding::wrong(CHECK, what, "start the app, or mend `upstream.url` and `upstream.tls`")
        }
    }
}

async fn doors(policy: &Policy, tables: &Tables, provider: &Arc<CryptoProvider>) -> Vec<Finding> {
    const CHECK: &str = "side door";
    let doors = side_door::look(policy, tables, provider).await;
    if doors.is_empty() {
        return vec![Finding::well(CHECK, "no way to the app past the gate was found")];
    }
    doors.iter().map(|door| Finding::wrong(CHECK, door.to_string(), door.advice())).collect()
}

/// Whether records would come to a sink: none is sent.
async fn receiver(sink: &NetworkSink, provider: &Arc<CryptoProvider>) -> Finding {
    const CHECK: &str = "sink";
    let (name, kind) = (&sink.name, sink.kind.word());
    let fault = match knock(sink, provider).await {
        Ok(()) => return Finding::well(CHECK, format!("{name} ({kind}) can be reached; no record was sent")),
        Err(fault) => fault,
    };
    let advice = match &fault {
        Unreached::Trust(_) | Unreached::Way(OutboundFault::Files) => {
            "mend what `ca`, `certificate` and `key` of the sink name"
        }
        Unreached::Credential(_) => "put the token or key there, mode 0600, owned by the gate's user",
        Unreached::Way(OutboundFault::Tls) => {
            "see whether `ca` is the authority of its certificate, and whether that is for this host"
        }
        Unreached::Way(OutboundFault::Certificate) => "give the sink a `certificate` and `key` that its receiver takes",
        Unreached::Way(OutboundFault::Name) => "see whether the host's name is right and can be looked up here",
        Unreached::Way(_) => {
            "start the receiver, mend the address, or let a firewall lead there; records wait meanwhile"
        }
    };
    Finding::wrong(CHECK, format!("{name} ({kind}) cannot be reached: {fault}"), advice)
}

/// Whether replicas could count together.
async fn replicas(settings: &SharedSettings, clock: &Clock) -> Finding {
    const CHECK: &str = "shared state";
    let name = &settings.name;
    let fault = match shared::knock(settings, clock).await {
        Ok(()) => return Finding::well(CHECK, format!("{name}: the servers count as limits ask them to")),
        Err(fault) => fault,
    };
    let advice = match &fault {
        Unlinked::Settings(_) => "mend what `shared.key`, `password_file`, `ca`, `certificate` and `key_file` name",
        Unlinked::Link(LinkFault::Connect) => {
            "start the server, mend `shared.redis`, or see whether `ca` is the authority of its certificate and that is for \
             this host; meanwhile each replica keeps its own share"
        }
        Unlinked::Link(LinkFault::Timeout) => {
            "see what the server and the network to it are busy with, or raise `shared.timeout`; meanwhile each replica \
             keeps its own share"
        }
        Unlinked::Link(LinkFault::Refused) => {
            "mend `shared.username` and `password_file`, and let that user run EVALSHA, EVAL, TIME, GET, SET, DEL and the \
             commands of hashes on keys that begin with `shared.name`"
        }
        Unlinked::Link(LinkFault::Unready) => {
            "name the server that takes writes, not a copy of it; while it loads or fails over, look again in a minute"
        }
        Unlinked::Link(LinkFault::Malformed) => "see whether a Redis or Valkey answers there, as `shared.kind` says",
    };
    Finding::wrong(CHECK, format!("{name}: replicas cannot count together: {fault}"), advice)
}

/// Every address of a provider, once; and its clock, if it shows one.
async fn identity(token: &TokenSettings, provider: &Arc<CryptoProvider>, clock: &Clock) -> Vec<Finding> {
    const CHECK: &str = "provider";
    let mut addresses = Vec::new();
    if let Some(KeySource::Address(address) | KeySource::Discover(address)) = &token.keys {
        addresses.push(address);
    }
    addresses.extend(token.introspection.as_ref().map(|introspection| &introspection.address));
    let mut named = token.provider.hosts.clone();
    named.extend(addresses.iter().filter_map(|address| address.origin()));
    let settings = ClientSettings { ca: token.provider.ca.clone(), client: token.provider.client.clone(), named };
    let bounds = ClientBounds { time: PATIENCE, body: MOST_BYTES, calls: 1 };
    let client = match Client::load(&settings, bounds, provider) {
        Ok(client) => client,
        Err(_) if addresses.is_empty() => return Vec::new(),
        Err(fault) => return vec![Finding::wrong(CHECK, fault.to_string(), "mend what `provider` names")],
    };
    let mut findings = Vec::new();
    for address in addresses {
        findings.push(call(&client, address, clock).await);
    }
    findings
}

async fn call(client: &Client, address: &HttpAddress, clock: &Clock) -> Finding {
    const CHECK: &str = "provider";
    let place = address.origin().map_or_else(|| "its socket".to_owned(), |origin| origin.to_string());
    match client.call(Call::get(address.clone())).await {
        Err(fault) => Finding::wrong(
            CHECK,
            format!("{place} cannot be reached: {fault}"),
            "see whether the address, its name and its authority (`provider.ca`) are right",
        ),
        Ok(reply) => {
            let said = reply.fields.get(header::DATE).and_then(|date| date.to_str().ok()).and_then(seconds);
            let skew = said.map(|said| said.abs_diff(clock.wall().seconds()));
            match skew {
                Some(skew) if skew > MOST_SKEW => Finding::wrong(
                    CHECK,
                    format!("{place} answers, and its clock and ours differ by {skew} s"),
                    "run an NTP client on both: tokens are judged by the clock",
                ),
                _ => Finding::well(CHECK, format!("{place} answers")),
            }
        }
    }
}

/// Seconds since the epoch of an HTTP date (RFC 9110 section 5.6.7), in its preferred form.
fn seconds(date: &str) -> Option<u64> {
    let civil = jiff::fmt::strtime::parse("%a, %d %b %Y %H:%M:%S GMT", date).ok()?.to_datetime().ok()?;
    u64::try_from(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_http_are_read() {
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("yesterday"), None);
    }
}
