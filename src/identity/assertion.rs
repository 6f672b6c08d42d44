//! The signed assertion to the app: a short-lived JWT (ES256) that says who calls, for apps that would rather verify
//! than trust a header.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use parking_lot::RwLock;
use serde_json::{Value, json};

use super::jwks::public_jwk;
use super::{Identity, IdentityFault, secret_file};
use crate::policy::settings::AssertionSettings;

/// `iss` of every assertion.
const ISSUER: &str = "portcullis";

/// Signs assertions under one key for one audience. Cheap to clone.
#[derive(Clone)]
pub struct AssertionSigner(Arc<Signer>);

struct Signer {
    key: Es256Key,
    audience: String,
    lifetime: u64,
}

/// The assertion that an identity carries along. It lives in the identity, so that no key can mix two callers up.
#[derive(Default)]
pub(super) struct AssertionSlot(RwLock<Option<Signed>>);

struct Signed {
    /// Who signed it: after a reload another signer must not find it. Holding the signer keeps its address its own.
    by: Arc<Signer>,
    from: u64,
    until: u64,
    header: HeaderValue,
}

impl AssertionSigner {
    /// Reads the key.
    pub fn load(settings: &AssertionSettings) -> Result<Self, IdentityFault> {
        let der = secret_file::pkcs8(&settings.key)?;
        let key = Es256Key::from_pkcs8(&der).ok_or_else(|| {
            IdentityFault::file(&settings.key, "is no P-256 key; make one with `portcullis keys new assertion`")
        })?;
        let lifetime = settings.lifetime.as_secs();
        if lifetime == 0 || settings.audience.is_empty() {
            return Err(IdentityFault::setting("an assertion needs an audience and a lifetime of at least one second"));
        }
        Ok(Self(Arc::new(Signer { key, audience: settings.audience.clone(), lifetime })))
    }

    /// The value of `X-Portcullis-Assertion` for this caller. Signed once and used for half its lifetime, so that the
    /// app always gets one with the other half to come. `None` if the machine gives
    /// no random bytes: then the request must not go on without its assertion.
    pub fn header(&self, identity: &Identity, now: u64) -> Option<HeaderValue> {
        if let Some(signed) = &*identity.assertion.0.read()
            && Arc::ptr_eq(&signed.by, &self.0)
            && (signed.from..signed.until).contains(&now)
        {
            return Some(signed.header.clone());
        }
        // Two requests at once may both sign; the later one stays, and both are good.
        let signed = self.sign(identity, now)?;
        let header = signed.header.clone();
        *identity.assertion.0.write() = Some(signed);
        Some(header)
    }

    /// The public key as a JWK set, for the app.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.0.key.jwk] })
    }

    fn sign(&self, identity: &Identity, now: u64) -> Option<Signed> {
        // It must not outlive what the caller came with.
        let expires = now.saturating_add(self.0.lifetime).min(identity.expires.unwrap_or(u64::MAX).max(now + 1));
        let roles: Vec<&str> = identity.standing.roles.iter().map(|name| name.as_str()).collect();
        let token = self.0.key.sign(&json!({
            "iss": ISSUER,
            "aud": self.0.audience,
            "sub": identity.id(),
            "roles": roles,
            "iat": now,
            "exp": expires,
            "jti": random_id()?,
        }))?;
        let mut header = HeaderValue::try_from(token).ok()?;
        header.set_sensitive(true);
        let until = now + (expires - now).div_ceil(2);
        Some(Signed { by: Arc::clone(&self.0), from: now, until, header })
    }
}

/// A P-256 signing key with its public half. No `Debug`.
pub(super) struct Es256Key {
    pair: EcdsaKeyPair,
    header: String,
    pub jwk: Value,
}

impl Es256Key {
    pub fn from_pkcs8(der: &[u8]) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).ok()?;
        let (kid, jwk) = public_jwk(pair.public_key().as_ref())?;
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "ES256", "typ": "JWT", "kid": kid }).to_string());
        Some(Self { pair, header, jwk })
    }

    /// A compact JWS over `claims`.
    pub fn sign(&self, claims: &Value) -> Option<String> {
        let mut token = format!("{}.{}", self.header, URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), token.as_bytes()).ok()?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Some(token)
    }
}

/// 128 random bits, as `jti` (RFC 7519 section 4.1.7).
pub(super) fn random_id() -> Option<String> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}
