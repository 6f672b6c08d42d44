//! What a laptop needs to try the gate: a small PKI, an issuer's key pair, tokens, API keys. The demo, the tests and
//! the commands `certs dev` and `keys` call it. Nothing here is called on a request's way.

use std::net::IpAddr;

use super::IdentityFault;
use super::api_key;
use super::api_key_edit::{self, KeyRequest};
use super::api_key_file;
use super::assertion::{Es256Key, random_id};
use super::secret_file::{self, pkcs8_from_pem};
use crate::redact::Name;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType,
};
use serde_json::json;
use zeroize::Zeroizing;

/// How long development certificates live: long enough for a project's week of trying, too short to stay.
const DAYS: i64 = 90;

/// PEM or other text that is wiped when dropped.
pub type SecretText = Zeroizing<String>;

/// Something that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DevFault {
    /// Not a host name, address or URI that a certificate can hold.
    #[error("`{0}` cannot stand in a certificate; give a host name, an address or a URI in ASCII")]
    Name(String),
    /// The library refused to make a key or a certificate.
    #[error("a key or certificate could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The machine gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Randomness,
    /// The key is not the one that a token is signed with.
    #[error(
        "the key is no P-256 key in PKCS#8 PEM; make one with `portcullis certs dev` or `portcullis keys new assertion`"
    )]
    SigningKey,
}

/// A certificate and its key, both PEM.
pub struct Certified {
    /// The certificate.
    pub certificate: String,
    /// Its key, PKCS#8.
    pub key: SecretText,
}

/// A development PKI. The keys of its authorities live in it alone: once it is dropped, nothing can be added.
pub struct DevPki {
    /// The authority that the gate's certificate chains to: what a client trusts.
    pub ca: String,
    /// The authority of client certificates: what the gate trusts. Another one, so that no server is a caller.
    pub clients_ca: String,
    /// The gate's certificate.
    pub gate: Certified,
    /// A client, `spiffe://seller/picker`.
    pub client: Certified,
    /// Another client, `spiffe://seller/sre`.
    pub operator: Certified,
    /// An identity provider's signing key.
    pub idp: SigningPair,
    /// The key of assertions to the app.
    pub assertion_key: SecretText,
    /// The key of pseudonyms.
    pub pseudonym_key: SecretText,
    clients: Issuer<'static, KeyPair>,
}

/// A signing key and its public half.
pub struct SigningPair {
    /// P-256, PKCS#8, PEM.
    pub key: SecretText,
    /// The public half as a JWK set (RFC 7517).
    pub jwks: String,
}

/// Makes a development PKI. The gate's certificate holds `localhost`, both loopback addresses and `names`.
pub fn dev_pki(names: &[String]) -> Result<DevPki, DevFault> {
    let (ca, server_issuer) = authority("Portcullis development CA")?;
    let (clients_ca, clients) = authority("Portcullis development client CA")?;
    let mut all = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    all.extend(names.iter().filter(|name| !all.contains(name)).cloned().collect::<Vec<_>>());
    let alternatives = all.iter().map(|name| server_name(name)).collect::<Result<_, _>>()?;
    Ok(DevPki {
        ca,
        clients_ca,
        gate: leaf("Portcullis gate", alternatives, ExtendedKeyUsagePurpose::ServerAuth, &server_issuer)?,
        client: client(&clients, "spiffe://seller/picker")?,
        operator: client(&clients, "spiffe://seller/sre")?,
        idp: signing_pair()?,
        assertion_key: p256_key()?,
        pseudonym_key: symmetric_key()?,
        clients,
    })
}

impl DevPki {
    /// Another client, by its URI.
    pub fn issue_client(&self, uri: &str) -> Result<Certified, DevFault> {
        client(&self.clients, uri)
    }
}

fn authority(name: &str) -> Result<(String, Issuer<'static, KeyPair>), DevFault> {
    let mut params = parameters(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    Ok((pem, Issuer::new(params, key)))
}

fn client(issuer: &Issuer<'_, KeyPair>, uri: &str) -> Result<Certified, DevFault> {
    let name = SanType::URI(uri.try_into().map_err(|_| DevFault::Name(uri.to_owned()))?);
    leaf("Portcullis development client", vec![name], ExtendedKeyUsagePurpose::ClientAuth, issuer)
}

fn leaf(
    name: &str,
    alternatives: Vec<SanType>,
    usage: ExtendedKeyUsagePurpose,
    issuer: &Issuer<'_, KeyPair>,
) -> Result<Certified, DevFault> {
    let mut params = parameters(name);
    params.subject_alt_names = alternatives;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?.pem();
    Ok(Certified { certificate, key: Zeroizing::new(key.serialize_pem()) })
}

fn parameters(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    // An hour back: a container's clock may run behind its host's.
    #[expect(clippy::disallowed_methods, reason = "a certificate begins at the time of the machine that makes it")]
    let now = std::time::SystemTime::now();
    params.not_before = (now - std::time::Duration::from_secs(3600)).into();
    params.not_after = (now + std::time::Duration::from_secs(DAYS.unsigned_abs() * 86_400)).into();
    params
}

fn server_name(name: &str) -> Result<SanType, DevFault> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'*');
    let fault = || DevFault::Name(name.to_owned());
    if name.is_empty() || !name.bytes().all(plain) {
        return Err(fault());
    }
    Ok(SanType::DnsName(name.try_into().map_err(|_| fault())?))
}

/// A new P-256 key, PKCS#8 in PEM: for TLS, assertions and tokens.
pub fn p256_key() -> Result<SecretText, DevFault> {
    Ok(Zeroizing::new(KeyPair::generate()?.serialize_pem()))
}

/// A new Ed25519 key, PKCS#8 in PEM: for the signatures of the audit trail.
pub fn ed25519_key() -> Result<SecretText, DevFault> {
    Ok(Zeroizing::new(KeyPair::generate_for(&rcgen::PKCS_ED25519)?.serialize_pem()))
}

/// A new symmetric key: 256 random bits as 64 hexadecimal digits and a line end.
pub fn symmetric_key() -> Result<SecretText, DevFault> {
    use std::fmt::Write as _;
    let mut bytes = Zeroizing::new([0u8; 32]);
    aws_lc_rs::rand::fill(&mut *bytes).map_err(|_| DevFault::Randomness)?;
    let mut text = Zeroizing::new(String::with_capacity(65));
    for byte in *bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\n');
    Ok(text)
}

/// A new P-256 signing key with its JWK set.
pub fn signing_pair() -> Result<SigningPair, DevFault> {
    let key = p256_key()?;
    let jwks = json!({ "keys": [es256(&key)?.jwk] });
    Ok(SigningPair { key, jwks: format!("{jwks:#}\n") })
}

fn es256(pem: &str) -> Result<Es256Key, DevFault> {
    pkcs8_from_pem(pem.as_bytes()).and_then(|der| Es256Key::from_pkcs8(&der)).ok_or(DevFault::SigningKey)
}

/// The public halves of assertion keys, in this order, as a JWK set.
pub fn assertion_key_set(paths: &[std::path::PathBuf]) -> Result<serde_json::Value, IdentityFault> {
    let mut keys: Vec<serde_json::Value> = Vec::new();
    for path in paths {
        let der = secret_file::pkcs8(path)?;
        let key = Es256Key::from_pkcs8(&der).ok_or_else(|| {
            IdentityFault::file(path, "is no P-256 key; make one with `portcullis keys new assertion`")
        })?;
        if keys.contains(&key.jwk) {
            return Err(IdentityFault::file(path, "is the same key as one before it"));
        }
        keys.push(key.jwk);
    }
    Ok(json!({ "keys": keys }))
}

/// What a development token says.
pub struct TokenRequest<'a> {
    /// `iss`
    pub issuer: &'a str,
    /// `aud`
    pub audience: &'a str,
    /// `sub`
    pub subject: &'a str,
    /// `roles`
    pub groups: &'a [String],
    /// Whether a second factor was just passed: `amr` and `auth_time`.
    pub mfa: bool,
    /// Now, in Unix seconds.
    pub now: u64,
    /// Seconds until `exp`.
    pub lifetime: u64,
}

/// Signs a token with an issuer's key (P-256, PKCS#8, PEM).
pub fn mint_token(key_pem: &str, request: &TokenRequest<'_>) -> Result<String, DevFault> {
    let TokenRequest { issuer, audience, subject, groups, mfa, now, lifetime } = *request;
    let methods: &[&str] = if mfa { &["pwd", "otp", "mfa"] } else { &["pwd"] };
    let claims = json!({
        "iss": issuer, "sub": subject, "aud": audience, "iat": now, "exp": now.saturating_add(lifetime),
        "jti": random_id().ok_or(DevFault::Randomness)?, "roles": groups, "amr": methods, "auth_time": now,
    });
    es256(key_pem)?.sign(&claims).ok_or(DevFault::Randomness)
}

/// A new API key and its entry for the file of digests.
pub struct NewApiKey {
    /// The key. Shown once; nobody can make it from the entry.
    pub key: SecretText,
    /// The entry, to stand below `keys:`.
    pub entry: String,
}

/// Makes an API key for `caller`.
pub fn api_key(caller: &Name, expires: Option<jiff::civil::Date>, groups: &[Name]) -> Result<NewApiKey, DevFault> {
    let expires = expires.and_then(midnight);
    api_key_for(&KeyRequest { caller, created: None, expires, groups, roles: &[] })
}

/// Makes an API key.
pub fn api_key_for(request: &KeyRequest<'_>) -> Result<NewApiKey, DevFault> {
    let (key, digest) = api_key::generate().ok_or(DevFault::Randomness)?;
    Ok(NewApiKey { key, entry: api_key_edit::render(request, &digest) })
}

/// Whether a text has the form and the checksum of an API key.
pub fn is_api_key(text: &str) -> bool {
    api_key::digest_if_formed(text.as_bytes()).is_some()
}

/// The first second of a day, UTC.
pub fn midnight(date: jiff::civil::Date) -> Option<u64> {
    api_key_file::midnight(date)
}
