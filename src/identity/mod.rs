//! How a caller proves itself: certificate, token or API key. A credential that is presented and does not hold is
//! refused, never passed over; what it proves is one [`Identity`], made once and shared.
//!
//! ```text
//! certificate ─ one name of the leaf ─────────────┐
//! token ─ cache ─ header ─ key ─ signature ─ claims ├─► Proven ─► roles, record form, headers ─► Identity
//! API key ─ form ─ digest ────────────────────────┘
//! ```
//!
//! A token's key may have to be fetched, and an opaque token's issuer be asked: [`Identifier::look_ahead`] does that
//! before the request is judged, and nothing where no issuer of the policy needs it. What it found is judged like
//! everything else, by [`Identifier::identify`], which waits for nothing.

mod api_key;
pub mod api_key_edit;
mod api_key_file;
mod assertion;
mod binding;
mod cache;
mod caller;
mod certificate;
mod claims;
mod credential;
pub mod dev;
mod device;
mod dpop;
#[cfg(fuzzing)]
pub mod hostile;
mod introspection;
mod json;
mod jwks;
mod jws;
pub mod names;
mod peer;
pub mod pseudonym_keys;
mod recent;
mod refusal;
mod remote;
mod replay;
mod revocation_list;
pub mod secret_file;
mod spiffe;
mod token;

pub use assertion::AssertionSigner;
pub use binding::CertificateThumbprint;
pub use caller::{Identity, group_name};
pub use credential::{CertificateMarks, Credential, CredentialRecord};
pub use device::Device;
pub use peer::Peer;
pub use refusal::{IdentityFault, IdentityRefusal};
pub use remote::{ProviderState, Providers};
pub use revocation_list::RevocationLists;
pub use token::Verdict;

use std::collections::HashSet;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use rustls_pki_types::CertificateDer;

use crate::policy::Policy;
use crate::policy::revocation::Revocations;
use crate::policy::roles::Roles;
use crate::policy::settings::{CallerMethod, CertificateSubject, PathProfile};
use crate::redact::{CallerForm, Redactor};
use api_key::ApiKeys;
use caller::IdentityMaker;
use device::Devices;
use token::{Scheme, TokenVerifier};

/// Headers that carry a token and its proof.
static TOKEN_HEADERS: [HeaderName; 2] = [AUTHORIZATION, dpop::FIELD];

/// Every way of a policy to prove who one is, keys read and checked. Built anew at a reload, so that no verdict of an
/// old key set stays.
pub struct Identifier {
    maker: Arc<IdentityMaker>,
    /// In the policy's order. Token methods are one, at the place of the first: the issuer tells them apart.
    methods: Vec<Method>,
    certificate_subjects: Vec<CertificateSubject>,
    tokens: TokenVerifier,
    devices: Option<Devices>,
    lists: RevocationLists,
}

enum Method {
    Certificate,
    Token,
    ApiKey(ApiKeys),
}

/// What a request presents to say who sent it.
pub struct Presented<'r> {
    /// Its fields.
    pub headers: &'r HeaderMap,
    /// What [`Identifier::certificate`] gave for its connection.
    pub certificate: Option<&'r Arc<Identity>>,
    /// The digest of the connection's client certificate.
    pub thumbprint: Option<&'r CertificateThumbprint>,
    /// What a proof must be made for.
    pub target: Target<'r>,
    /// What [`Identifier::look_ahead`] found.
    pub ahead: Option<Verdict>,
}

impl<'r> Presented<'r> {
    /// Fields alone: of a request for the root of nowhere, over a connection without a certificate.
    pub const fn fields(headers: &'r HeaderMap) -> Self {
        let target = Target { method: "GET", authority: "", path: "/", profile: PathProfile::Default };
        Self { headers, certificate: None, thumbprint: None, target, ahead: None }
    }
}

/// What is asked for, as the gate sees it.
#[derive(Clone, Copy)]
pub struct Target<'r> {
    /// The method.
    pub method: &'r str,
    /// The host that the client named, with its port.
    pub authority: &'r str,
    /// The canonical path.
    pub path: &'r str,
    /// How the app reads a path.
    pub profile: PathProfile,
}

impl Identifier {
    /// For a policy: see [`Self::load`].
    pub fn for_policy(policy: &Policy, redactor: Arc<Redactor>, providers: &Providers) -> Result<Self, IdentityFault> {
        let maker = IdentityMaker {
            roles: policy.roles.clone(),
            redactor: Some(redactor),
            form: policy.redaction.caller,
            revoked: policy.revoked.clone(),
            excused: policy.excused.clone(),
            recent: providers.recent(),
        };
        let mut made = Self::with(maker, &policy.callers, providers)?;
        made.lists = RevocationLists::load(&policy.gate.tls.crl)?;
        // The TLS library has its own copy of what was read.
        made.lists.ders.clear();
        made.devices = policy.devices.as_ref().map(Devices::load).transpose()?;
        Ok(made)
    }

    /// Reads every key file that the methods name. A file that is missing, empty, open to strangers or not in order
    /// is a fault; there is no default in its place. Key sets of `providers` are those that they have already, or are
    /// fetched once [`Providers::keep`] runs.
    pub fn load(
        methods: &[CallerMethod],
        roles: &Roles,
        redactor: Option<Arc<Redactor>>,
        form: CallerForm,
        providers: &Providers,
    ) -> Result<Self, IdentityFault> {
        let (revoked, excused) = (Revocations::default(), HashSet::new());
        let recent = providers.recent();
        Self::with(IdentityMaker { roles: roles.clone(), redactor, form, revoked, excused, recent }, methods, providers)
    }

    fn with(maker: IdentityMaker, methods: &[CallerMethod], providers: &Providers) -> Result<Self, IdentityFault> {
        let mut made = Self {
            maker: Arc::new(maker),
            methods: Vec::new(),
            certificate_subjects: Vec::new(),
            tokens: TokenVerifier::new(providers),
            devices: None,
            lists: RevocationLists::default(),
        };
        for method in methods {
            made.add(method, providers)?;
        }
        Ok(made)
    }

    fn add(&mut self, method: &CallerMethod, providers: &Providers) -> Result<(), IdentityFault> {
        match method {
            CallerMethod::Certificate(subject) => {
                if self.certificate_subjects.is_empty() {
                    self.methods.push(Method::Certificate);
                }
                self.certificate_subjects.push(subject.clone());
            }
            CallerMethod::Token(settings) => {
                if self.tokens.is_empty() {
                    self.methods.push(Method::Token);
                }
                self.tokens.add(settings, providers)?;
            }
            CallerMethod::ApiKey(settings) => {
                let keys = ApiKeys::load(settings, &self.maker)?;
                if self.api_keys().any(|other| other.header == keys.header) {
                    return Err(IdentityFault::setting(format!(
                        "the API key header `{}` is configured twice; join the two files",
                        keys.header
                    )));
                }
                self.methods.push(Method::ApiKey(keys));
            }
        }
        Ok(())
    }

    /// Who has this pseudonym, if it called lately.
    pub fn recent(&self, record: &str) -> Option<Arc<str>> {
        self.maker.recent.id_of(record)
    }

    /// What was left out of the key sets, for the start-up log.
    pub fn warnings(&self) -> Vec<String> {
        self.tokens.warnings().collect()
    }

    /// Headers that carry a credential for the gate, which the app must not see.
    pub fn credential_headers(&self) -> impl Iterator<Item = &HeaderName> {
        let tokens: &[HeaderName] = if self.tokens.is_empty() { &[] } else { &TOKEN_HEADERS };
        tokens.iter().chain(self.api_keys().map(|keys| &keys.header))
    }

    /// Whether [`Self::look_ahead`] can have something to do.
    pub fn looks_ahead(&self) -> bool {
        self.tokens.may_need()
    }

    /// Judges a token whose key may have to be fetched, or whose issuer may have to be asked; `None` where there is no
    /// token in the one form that it may have. Waits for seconds at most.
    pub async fn look_ahead(&self, headers: &HeaderMap, now: u64) -> Option<Verdict> {
        let (_, token) = credential(headers).ok().flatten()?;
        Some(self.tokens.verify_ahead(token, &self.maker, now).await)
    }

    /// The issuer that a token says it is of, if it is one of the policy's; an opaque one is of the issuer that is asked
    /// about such. Nothing of it is verified: for counting, and for nothing else.
    pub fn named_issuer(&self, headers: &HeaderMap) -> Option<&str> {
        let (_, token) = credential(headers).ok().flatten()?;
        self.tokens.named_issuer(token)
    }

    /// Who sent a request, at `now` in Unix seconds. `Ok(None)` if no credential was presented.
    pub fn identify(&self, presented: &Presented<'_>, now: u64) -> Result<Option<Arc<Identity>>, IdentityRefusal> {
        let headers = presented.headers;
        let mut winner: Option<Arc<Identity>> = None;
        for method in &self.methods {
            let proven = match method {
                Method::Certificate => Self::still_valid(presented.certificate, now)?,
                Method::Token => self.token(presented, now)?,
                Method::ApiKey(keys) => match single(headers, &keys.header)? {
                    Some(presented) => Some(keys.verify(presented, now)?),
                    None => None,
                },
            };
            match (&winner, proven) {
                (Some(first), Some(other)) if first.subject() != other.subject() => {
                    return Err(IdentityRefusal::CredentialConflict);
                }
                (None, Some(first)) => winner = Some(first),
                (_, _) => {}
            }
        }
        Ok(winner)
    }

    /// Who a connection's verified leaf certificate is; once per connection. `Ok(None)` if certificates name nobody
    /// in this policy.
    pub fn certificate(&self, leaf: &[u8]) -> Result<Option<Arc<Identity>>, IdentityRefusal> {
        self.peer(&[CertificateDer::from(leaf)]).caller
    }

    /// Who a caller is in this policy, which was identified by another one: with this policy's roles, unless it revokes
    /// the caller or what proved it, or does not accept it any more. For streams that outlive a change of the policy.
    pub fn again(&self, identity: &Identity) -> Result<Arc<Identity>, IdentityRefusal> {
        let accepted = match &identity.credential {
            // A key has its roles from its file: what stands there now counts.
            Credential::ApiKey { digest, .. } => {
                let known = self.api_keys().find_map(|keys| keys.known(digest));
                return known.unwrap_or(Err(IdentityRefusal::ApiKeyUnknown));
            }
            Credential::Token { issuer, .. } => self.tokens.accepts(issuer),
            Credential::Certificate(_) => !self.certificate_subjects.is_empty(),
        };
        if !accepted {
            return Err(IdentityRefusal::CredentialWithdrawn);
        }
        if let Credential::Certificate(marks) = &identity.credential
            && self.lists.revoke(marks)
        {
            return Err(IdentityRefusal::CertificateRevoked);
        }
        self.maker.make(identity.proven())
    }

    /// The handshake judged the certificate once; a connection may stand for days after.
    fn still_valid(certificate: Option<&Arc<Identity>>, now: u64) -> Result<Option<Arc<Identity>>, IdentityRefusal> {
        match certificate {
            Some(identity) if identity.expires.is_some_and(|expires| now > expires) => {
                Err(IdentityRefusal::CertificateExpired)
            }
            certificate => Ok(certificate.cloned()),
        }
    }

    fn token(&self, presented: &Presented<'_>, now: u64) -> Result<Option<Arc<Identity>>, IdentityRefusal> {
        let Some((scheme, token)) = credential(presented.headers)? else { return Ok(None) };
        let verified = match &presented.ahead {
            Some(verdict) => verdict.clone()?,
            None => self.tokens.verify(token, &self.maker, now)?,
        };
        self.tokens.hold_binding(scheme, token, &verified, presented, now)?;
        Ok(Some(verified.identity))
    }

    fn api_keys(&self) -> impl Iterator<Item = &ApiKeys> {
        self.methods.iter().filter_map(|method| match method {
            Method::ApiKey(keys) => Some(keys),
            Method::Certificate | Method::Token => None,
        })
    }
}

/// `Authorization: Bearer <token>` (RFC 6750 section 2.1) or `DPoP <token>` (RFC 9449 section 7.1); the scheme in any
/// case (RFC 9110 section 11.1), and one space.
fn credential(headers: &HeaderMap) -> Result<Option<(Scheme, &[u8])>, IdentityRefusal> {
    let Some(value) = single(headers, &AUTHORIZATION)? else { return Ok(None) };
    for (name, scheme) in [(&b"bearer "[..], Scheme::Bearer), (&b"dpop "[..], Scheme::Dpop)] {
        if let Some((start, token)) = value.split_at_checked(name.len())
            && start.eq_ignore_ascii_case(name)
        {
            return Ok(Some((scheme, token)));
        }
    }
    Err(IdentityRefusal::UnsupportedScheme)
}

/// The one value of a header. Two of them are two opinions of who calls, and a comma may join two; neither a token nor
/// a key holds one.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a [u8]>, IdentityRefusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() || memchr::memchr(b',', value.as_bytes()).is_some() {
        return Err(IdentityRefusal::CredentialRepeated);
    }
    Ok(Some(value.as_bytes()))
}

#[cfg(test)]
mod tests;
