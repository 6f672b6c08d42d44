//! What a hostile client may present, and what must come of it.

mod round_trip;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::dev::{self, DevPki, NewApiKey, TokenRequest};
use super::{Identifier, Identity, IdentityRefusal};
use crate::policy::roles::Roles;
use crate::policy::settings::{ApiKeySettings, CallerMethod, CertificateSubject, TokenAlgorithm, TokenSettings};
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

    fn bearer(&self, token: &str, now: u64) -> Result<Arc<Identity>, IdentityRefusal> {
        self.identify(&[("authorization", &format!("Bearer {token}"))], now).map(|found| found.expect("a caller"))
    }

    fn identify(&self, headers: &[(&str, &str)], now: u64) -> Result<Option<Arc<Identity>>, IdentityRefusal> {
        self.identifier.identify(&header_map(headers), None, now)
    }
}

fn identifier(methods: &[CallerMethod]) -> Identifier {
    let roles = Roles::new([
        (name("fulfilment"), vec!["group:warehouse", "cert:spiffe://seller/picker"]),
        (name("support"), vec!["user:alice@seller.example"]),
    ]);
    Identifier::load(methods, &roles, None, CallerForm::Pseudonym).unwrap_or_else(|fault| panic!("{fault}"))
}

fn token_method(keys: PathBuf) -> CallerMethod {
    CallerMethod::Token(Arc::new(TokenSettings {
        issuer: ISSUER.into(),
        audience: AUDIENCE.into(),
        keys,
        algorithms: vec![TokenAlgorithm::Es256, TokenAlgorithm::Rs256],
        subject: "sub".into(),
        roles: Some("roles".into()),
    }))
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
