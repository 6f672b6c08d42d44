//! Whose client certificates are taken: chains to the configured authorities, less what their lists revoke.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, UnixTime};

use super::tls::{Clients as Wanted, TlsFault, chain};
use crate::identity::RevocationLists;
use crate::policy::settings::{StaleList, TlsSettings};
use crate::telemetry::log;

/// How often a list that is past its next update is complained of.
const EVERY: u64 = 3600;

/// The verifier of clients' certificates.
pub(super) fn verifier(
    path: &Path,
    settings: &TlsSettings,
    provider: &Arc<CryptoProvider>,
    wanted: Wanted,
) -> Result<Arc<dyn ClientCertVerifier>, TlsFault> {
    let mut roots = RootCertStore::empty();
    for certificate in chain(path)? {
        let refused = |error| TlsFault::Refused { path: path.display().to_string(), error };
        roots.add(certificate).map_err(refused)?;
    }
    let roots = Arc::new(roots);
    let lists = RevocationLists::load(&settings.crl)?;
    for (path, due) in &lists.due {
        if *due < UnixTime::now().as_secs() {
            say_stale(settings.crl_stale, path);
        }
    }
    let build = |enforced: bool| {
        let builder = WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(provider))
            .with_crls(lists.ders.clone());
        let builder = match wanted {
            Wanted::MayHave => builder.allow_unauthenticated(),
            Wanted::MustHave => builder,
        };
        let builder = if enforced { builder.enforce_revocation_expiration() } else { builder };
        builder.build().map_err(|error| TlsFault::ClientCa { path: path.display().to_string(), error })
    };
    let strict = build(true)?;
    if lists.ders.is_empty() {
        return Ok(strict);
    }
    let lax = match settings.crl_stale {
        StaleList::Refuse => None,
        StaleList::Warn => Some(build(false)?),
    };
    Ok(Arc::new(Clients { strict, lax, said: AtomicU64::new(0) }))
}

fn say_stale(verdict: StaleList, path: &Path) {
    match verdict {
        StaleList::Refuse => {
            log::warn!(
                "a revocation list is past its next update: the certificates that it is about are refused",
                path = path
            );
        }
        StaleList::Warn => {
            log::warn!("a revocation list is past its next update and is used all the same", path = path);
        }
    }
}

/// A verifier that says when a list is past its next update, and as the policy has it, goes on or not.
#[derive(Debug)]
struct Clients {
    strict: Arc<dyn ClientCertVerifier>,
    /// The same for lists of any age.
    lax: Option<Arc<dyn ClientCertVerifier>>,
    /// When it was last said, in Unix seconds.
    said: AtomicU64,
}

impl Clients {
    fn say(&self, now: u64) {
        let last = self.said.load(Ordering::Relaxed);
        let due = last == 0 || now.saturating_sub(last) >= EVERY;
        if due && self.said.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            say_stale(if self.lax.is_some() { StaleList::Warn } else { StaleList::Refuse }, Path::new("gate.tls.crl"));
        }
    }
}

impl ClientCertVerifier for Clients {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.strict.root_hint_subjects()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.strict.client_auth_mandatory()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.strict.verify_client_cert(end_entity, intermediates, now);
        if !verified.as_ref().is_err_and(is_stale) {
            return verified;
        }
        self.say(now.as_secs());
        match &self.lax {
            Some(lax) => lax.verify_client_cert(end_entity, intermediates, now),
            None => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.strict.supported_verify_schemes()
    }
}

/// Whether a certificate was refused because a list is past its next update.
pub(super) const fn is_stale(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(
            CertificateError::ExpiredRevocationList | CertificateError::ExpiredRevocationListContext { .. }
        )
    )
}
