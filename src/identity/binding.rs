//! What a token is bound to (RFC 7800): a client certificate (RFC 8705) or a key that signs every request (RFC 9449).
//! A binding that is there is held, whatever the policy demands; one that cannot be held refuses the token.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::IdentityRefusal;
use super::json::Members;
use crate::policy::settings::Binding;

/// The `cnf` claim of a token.
#[derive(PartialEq, Eq)]
pub(super) struct Confirmation {
    /// `x5t#S256`: SHA-256 of the client certificate (RFC 8705 section 3.1).
    pub certificate: Option<[u8; 32]>,
    /// `jkt`: SHA-256 thumbprint of the key (RFC 9449 section 6.1).
    pub key: Option<[u8; 32]>,
}

/// SHA-256 of the certificate that a client showed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CertificateThumbprint([u8; 32]);

impl CertificateThumbprint {
    /// Of a certificate in DER; once per connection.
    pub fn of(certificate: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, certificate).as_ref());
        Self(bytes)
    }
}

impl Confirmation {
    /// Reads `cnf`; none for a bearer token. A method that is not known binds the token to something that nobody here
    /// can see.
    pub fn read(claims: &Members) -> Result<Option<Arc<Self>>, IdentityRefusal> {
        let Some(claim) = claims.get("cnf") else { return Ok(None) };
        let methods = claim.as_object().filter(|methods| !methods.is_empty()).ok_or(IdentityRefusal::TokenBinding)?;
        let mut read = Self { certificate: None, key: None };
        for (method, value) in methods {
            let place = match method.as_str() {
                "x5t#S256" => &mut read.certificate,
                "jkt" => &mut read.key,
                _ => return Err(IdentityRefusal::TokenBinding),
            };
            *place = Some(sha256(value).ok_or(IdentityRefusal::TokenBinding)?);
        }
        Ok(Some(Arc::new(read)))
    }

    /// Whether a token with this confirmation, or none, is as bound as the policy demands.
    pub fn satisfies(confirmation: Option<&Self>, demanded: Option<Binding>) -> bool {
        let certificate = confirmation.is_some_and(|it| it.certificate.is_some());
        let key = confirmation.is_some_and(|it| it.key.is_some());
        match demanded {
            None => true,
            Some(Binding::Certificate) => certificate,
            Some(Binding::Dpop) => key,
            Some(Binding::Any) => certificate || key,
        }
    }

    /// Whether the connection's certificate is the one of the token, if the token names one.
    pub fn admits(&self, shown: Option<&CertificateThumbprint>) -> bool {
        self.certificate.is_none_or(|bound| shown.is_some_and(|shown| shown.0 == bound))
    }
}

/// A SHA-256 in base64url, in the one spelling that it has.
pub(super) fn sha256(value: &Value) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(value.as_str()?).ok()?.try_into().ok()
}
