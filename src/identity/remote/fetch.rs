//! One fetch of a key set: by its address, or by what the issuer's metadata says (OpenID Connect Discovery 1.0 section
//! 4, RFC 8414 section 3). The metadata must be the issuer's own word on itself.

use bytes::Bytes;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::super::json::Members;
use super::super::jwks::KeySet;
use crate::outbound::{Call, Client, OutboundFault, Reply};
use crate::policy::http_address::{HttpAddress, HttpPlace};
use crate::policy::settings::{KeySource, TokenSettings};

/// A set that was fetched.
pub(super) struct Fetched {
    pub set: KeySet,
    pub text: Bytes,
    /// For how many seconds the provider calls it fresh.
    pub max_age: Option<u64>,
}

/// Why there is no set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FetchFault {
    /// The call failed.
    Outbound(OutboundFault),
    /// Another status than 200; a redirect is one.
    Status,
    /// The metadata is no JSON object with what is needed.
    Metadata,
    /// The metadata is another issuer's.
    Issuer,
    /// The metadata names an address that is none, or not encrypted.
    Address,
    /// The set is none, has a key that it must not have, or none that it must.
    KeySet,
}

impl FetchFault {
    /// The stable code, for the log.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Outbound(fault) => fault.code(),
            Self::Status => "status",
            Self::Metadata => "metadata",
            Self::Issuer => "metadata_of_another_issuer",
            Self::Address => "address",
            Self::KeySet => "key_set",
        }
    }
}

/// Fetches an issuer's set.
pub(super) async fn fetch(
    client: &Client,
    source: &KeySource,
    settings: &TokenSettings,
) -> Result<Fetched, FetchFault> {
    let address = match source {
        KeySource::Address(address) => address.clone(),
        KeySource::Discover(base) => discover(client, base, &settings.issuer).await?,
        // Files are read where they are loaded.
        KeySource::File(_) => return Err(FetchFault::Address),
    };
    let reply = sound(get(client, address).await?)?;
    let set = KeySet::parse(&reply.body, &settings.algorithms).map_err(|_| FetchFault::KeySet)?;
    Ok(Fetched { set, max_age: max_age(&reply.fields), text: reply.body })
}

/// What the issuer's metadata calls the address of its keys.
async fn discover(client: &Client, base: &HttpAddress, issuer: &str) -> Result<HttpAddress, FetchFault> {
    let path = base.target.trim_end_matches('/');
    let mut reply = get(client, base.with_target(format!("{path}/.well-known/openid-configuration"))).await?;
    if reply.status == StatusCode::NOT_FOUND {
        reply = get(client, base.with_target(format!("/.well-known/oauth-authorization-server{path}"))).await?;
    }
    address_of_keys(&sound(reply)?.body, base, issuer)
}

/// What metadata that came from `base` calls the address of the issuer's keys.
pub(super) fn address_of_keys(metadata: &[u8], base: &HttpAddress, issuer: &str) -> Result<HttpAddress, FetchFault> {
    let metadata = Members::parse(metadata).ok_or(FetchFault::Metadata)?;
    let text = |name: &str| metadata.get(name).and_then(Value::as_str).ok_or(FetchFault::Metadata);
    if text("issuer")? != issuer {
        return Err(FetchFault::Issuer);
    }
    let address = HttpAddress::parse(text("jwks_uri")?).map_err(|_| FetchFault::Address)?;
    // Another's word does not open our sockets, nor does it take away the encryption that the policy asked for.
    match (&base.place, &address.place) {
        (_, HttpPlace::Tls(_)) | (HttpPlace::Loopback(_), HttpPlace::Loopback(_)) => Ok(address),
        (_, HttpPlace::Loopback(_) | HttpPlace::Unix(_)) => Err(FetchFault::Address),
    }
}

async fn get(client: &Client, address: HttpAddress) -> Result<Reply, FetchFault> {
    client.call(Call::get(address)).await.map_err(FetchFault::Outbound)
}

fn sound(reply: Reply) -> Result<Reply, FetchFault> {
    if reply.status == StatusCode::OK { Ok(reply) } else { Err(FetchFault::Status) }
}

/// `max-age` of `Cache-Control` (RFC 9111 section 5.2.2.1); none where the reply is not to be kept, which for keys means
/// as short as the bounds allow.
fn max_age(fields: &HeaderMap) -> Option<u64> {
    let directives = fields.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut directives = directives.flat_map(|value| value.split(',')).map(str::trim);
    directives.find_map(|directive| match directive.split_once('=') {
        Some((name, seconds)) if name.eq_ignore_ascii_case("max-age") => seconds.trim_matches('"').parse().ok(),
        None if directive.eq_ignore_ascii_case("no-store") || directive.eq_ignore_ascii_case("no-cache") => Some(0),
        _ => None,
    })
}
