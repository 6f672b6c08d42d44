//! `callers[].token:` issuers of tokens, and how the gate reaches them.

use std::path::PathBuf;
use std::time::Duration;

use super::CertificateFiles;
use crate::policy::http_address::{HttpAddress, Origin};

/// `callers[].token:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSettings {
    /// `iss`, exactly.
    pub issuer: String,
    /// One of `aud`.
    pub audience: String,
    /// Where the issuer's keys come from; `None` if every token of it is introspected.
    pub keys: Option<KeySource>,
    /// How long the last good set of a provider that cannot be reached is used.
    pub keys_max_age: Duration,
    /// File that keeps the last good set over a restart.
    pub keys_cache: Option<PathBuf>,
    /// The only algorithms that are accepted.
    pub algorithms: Vec<TokenAlgorithm>,
    /// Claim that names the caller.
    pub subject: String,
    /// Claim that lists groups: an array of strings, or one string.
    pub roles: Option<String>,
    /// What a token must be bound to. A bound token is held to its binding all the same where nothing is demanded.
    pub bound: Option<Binding>,
    /// How the provider is reached.
    pub provider: ProviderSettings,
    /// Where opaque tokens are asked about.
    pub introspection: Option<IntrospectionSettings>,
}

impl TokenSettings {
    /// For how long the last good set is used where the policy says nothing: a night and a day, so that somebody has
    /// seen the alarm.
    pub const KEYS_MAX_AGE: Duration = Duration::from_secs(24 * 3600);

    /// An issuer whose keys stand in a file; everything else as a policy without the keys has it.
    pub fn local(issuer: &str, audience: &str, keys: PathBuf, algorithms: &[TokenAlgorithm]) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            keys: Some(KeySource::File(keys)),
            keys_max_age: Self::KEYS_MAX_AGE,
            keys_cache: None,
            algorithms: algorithms.to_vec(),
            subject: "sub".to_owned(),
            roles: None,
            bound: None,
            provider: ProviderSettings::default(),
            introspection: None,
        }
    }
}

/// `callers[].token.keys:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// A JWK set (RFC 7517) on disk.
    File(PathBuf),
    /// The address of a JWK set.
    Address(HttpAddress),
    /// What the issuer's own metadata names (OpenID Connect Discovery, RFC 8414), below this address.
    Discover(HttpAddress),
}

/// `callers[].token.algorithms:` asymmetric only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenAlgorithm {
    /// ECDSA, P-256, SHA-256.
    Es256,
    /// RSASSA-PKCS1-v1_5, SHA-256.
    Rs256,
    /// Ed25519.
    EdDsa,
}

/// `callers[].token.bound:` what a token must be bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// The client certificate of the connection (RFC 8705).
    Certificate,
    /// A key that the client proves to have at every request (RFC 9449).
    Dpop,
    /// One of the two.
    Any,
}

/// `callers[].token.provider:` how the gate reaches an identity provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderSettings {
    /// CA bundle that the provider's certificate must chain to; the system's if there is none.
    pub ca: Option<PathBuf>,
    /// The gate's own certificate to the provider.
    pub client: Option<CertificateFiles>,
    /// Hosts that may have an address within the own network, beside those that the policy's addresses name.
    pub hosts: Vec<Origin>,
}

/// `callers[].token.introspection:` (RFC 7662).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntrospectionSettings {
    /// The end-point.
    pub address: HttpAddress,
    /// The gate's name at the provider.
    pub client_id: String,
    /// File of the gate's secret at the provider; without one, the client certificate of `provider` says who asks.
    pub client_secret: Option<PathBuf>,
    /// The longest time that an answer is used.
    pub cache: Duration,
}

impl IntrospectionSettings {
    /// Where the policy says nothing: a revoked token is good for half a minute at most.
    pub const CACHE: Duration = Duration::from_secs(30);
}
