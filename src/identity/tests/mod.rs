//! What a hostile client may present, and what must come of it.

mod api_keys;
mod assertions;
mod certificates;
mod key_sets;
mod properties;
mod revocation;
mod round_trip;
mod token_attacks;
mod token_cache;
mod token_claims;
mod token_header;
mod token_shape;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::dev::{self, DevPki, NewApiKey, TokenRequest};
use super::secret_file::pkcs8_from_pem;
use super::{Identifier, Identity, IdentityRefusal, Presented, Providers, Target};
use crate::policy::roles::Roles;
use crate::policy::settings::{
    ApiKeySettings, CallerMethod, CertificateSubject, PathProfile, TokenAlgorithm, TokenSettings,
};
use crate::redact::{CallerForm, Name};

/// A moment that every test calls now: 2026-01-01.
const NOW: u64 = 1_767_225_600;
const ISSUER: &str = "https://idp.example";
const AUDIENCE: &str = "seller-app";

/// A gate's identifier with its files, and the keys to make credentials for it.
struct Gate {
    identifier: Identifier,
    pki: DevPki,
    api_key: NewApiKey,
    directory: tempfile::TempDir,
}

impl Gate {
    /// Certificate by URI, then tokens of one issuer, then API keys.
    fn new() -> Self {
        let pki = dev::dev_pki(&[]).expect("a PKI");
        let api_key = dev::api_key(&name("warehouse-sync"), None, &[name("warehouse")]).expect("a key");
        let directory = tempfile::tempdir().expect("a directory");
        fs::write(directory.path().join("jwks.json"), &pki.idp.jwks).expect("written");
        fs::write(directory.path().join("keys.yaml"), format!("keys:\n{}", api_key.entry)).expect("written");
        let methods = [
            CallerMethod::Certificate(CertificateSubject::SanUri),
            token_method(directory.path().join("jwks.json")),
            CallerMethod::ApiKey(Arc::new(ApiKeySettings {
                header: name("x-api-key"),
                file: directory.path().join("keys.yaml"),
            })),
        ];
        let identifier = identifier(&methods);
        Self { identifier, pki, api_key, directory }
    }

    fn token(&self, subject: &str, groups: &[&str], mfa: bool) -> String {
        let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
        let request = TokenRequest {
            issuer: ISSUER,
            audience: AUDIENCE,
            subject,
            groups: &groups,
            mfa,
            now: NOW,
            lifetime: 3600,
        };
        dev::mint_token(&self.pki.idp.key, &request).expect("a token")
    }

    /// A token of any header and claims, signed with the issuer's true key.
    fn forge(&self, header: &str, claims: &str) -> String {
        sign_es256(&self.pki.idp.key, header, claims)
    }

    /// What becomes of a token with the usual header and these claims, true signature and all.
    fn claims(&self, claims: &Value) -> Result<Arc<Identity>, IdentityRefusal> {
        self.bearer(&self.forge(r#"{"alg":"ES256"}"#, &claims.to_string()), NOW)
    }

    /// What becomes of a token with this header and honest claims, true signature and all.
    fn header(&self, header: &str) -> Result<Arc<Identity>, IdentityRefusal> {
        self.bearer(&self.forge(header, &honest_claims().to_string()), NOW)
    }

    fn bearer(&self, token: &str, now: u64) -> Result<Arc<Identity>, IdentityRefusal> {
        self.identify(&[("authorization", &format!("Bearer {token}"))], now).map(|found| found.expect("a caller"))
    }

    fn identify(&self, headers: &[(&str, &str)], now: u64) -> Result<Option<Arc<Identity>>, IdentityRefusal> {
        self.identifier.identify(&presented(&header_map(headers), None), now)
    }
}

/// A request for `https://gate.example/orders` with these fields.
fn presented<'r>(headers: &'r HeaderMap, certificate: Option<&'r Arc<Identity>>) -> Presented<'r> {
    let target = Target { method: "GET", authority: "gate.example", path: "/orders", profile: PathProfile::Default };
    Presented { headers, certificate, thumbprint: None, target, ahead: None }
}

fn identifier(methods: &[CallerMethod]) -> Identifier {
    let roles = Roles::new([
        (name("fulfilment"), vec!["group:warehouse", "cert:spiffe://seller/picker"]),
        (name("support"), vec!["user:alice@seller.example"]),
    ]);
    Identifier::load(methods, &roles, None, CallerForm::Pseudonym, &Providers::default())
        .unwrap_or_else(|fault| panic!("{fault}"))
}

fn token_method(keys: PathBuf) -> CallerMethod {
    CallerMethod::Token(Arc::new(TokenSettings {
        roles: Some("roles".into()),
        ..TokenSettings::local(ISSUER, AUDIENCE, keys, &[TokenAlgorithm::Es256, TokenAlgorithm::Rs256])
    }))
}

fn honest_claims() -> Value {
    json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": NOW + 3600 })
}

/// Honest claims with one of them changed, or taken away for `None`.
fn with_claim(claim: &str, value: Option<Value>) -> Value {
    let mut claims = honest_claims();
    let members = claims.as_object_mut().expect("an object");
    match value {
        Some(value) => members.insert(claim.into(), value),
        None => members.remove(claim),
    };
    claims
}

/// The signing input and signature of a compact JWS, whatever header and claims are.
fn sign_es256(pem: &str, header: &str, claims: &str) -> String {
    let der = pkcs8_from_pem(pem.as_bytes()).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).expect("a P-256 key");
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("signed");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn header_map(headers: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (header, value) in headers {
        let header = HeaderName::from_bytes(header.as_bytes()).expect("a header name");
        map.append(header, HeaderValue::from_bytes(value.as_bytes()).expect("a header value"));
    }
    map
}

fn name(text: &str) -> Name {
    Name::configured(text).expect("a name")
}

/// Opens a file to everybody.
fn open_to_all(path: &std::path::Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o666)).expect("changed");
}

/// The refusal of a verdict that must be one. `Identity` has no `Debug`, so `unwrap_err` cannot serve.
fn refusal<T>(verdict: Result<T, IdentityRefusal>) -> IdentityRefusal {
    match verdict {
        Ok(_) => panic!("it was accepted"),
        Err(refusal) => refusal,
    }
}
