//! Device certificates: a second factor of the connection, beside the caller's own credential (ID-8). Whether a
//! certificate is a device's, and who may call from it, is found once per connection.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, UnixTime};

use super::certificate::Leaf;
use super::{Identity, IdentityFault, secret_file};
use crate::policy::decide::DeviceFact;
use crate::policy::settings::DeviceSettings;

/// Longest bundle of authorities: some hundred of them.
const MAX_BUNDLE_BYTES: usize = 1024 * 1024;

/// What makes a certificate a device's.
pub(super) struct Devices {
    settings: Arc<DeviceSettings>,
    issuer: Option<Arc<dyn ClientCertVerifier>>,
}

/// The device that a connection comes from.
pub struct Device {
    /// Members that may call from it: `user:…`, `group:…`, `key:…`.
    callers: HashSet<Box<str>>,
    /// When its certificate ends, in Unix seconds.
    expires: u64,
}

impl Devices {
    /// Reads the authorities.
    pub fn load(settings: &Arc<DeviceSettings>) -> Result<Self, IdentityFault> {
        let issuer = settings.issuer.as_deref().map(verifier).transpose()?;
        Ok(Self { settings: Arc::clone(settings), issuer })
    }

    /// The device that a connection's verified chain belongs to; `None` if its leaf is no device's.
    pub fn recognise(&self, leaf: &Leaf<'_>, chain: &[CertificateDer<'_>]) -> Option<Device> {
        let name = leaf.name(&self.settings.subject);
        let name = name.as_deref().filter(|name| self.settings.names.iter().any(|pattern| pattern.matches(name)));
        match &self.issuer {
            Some(issuer) => {
                let (end, intermediates) = chain.split_first()?;
                issuer.verify_client_cert(end, intermediates, UnixTime::now()).ok()?;
            }
            None if name.is_none() => return None,
            None => {}
        }
        // By another name than devices have it is a device all the same, and bound to nobody.
        let mut callers = HashSet::new();
        for binding in &self.settings.bound {
            if name.is_some_and(|name| binding.device.matches(name)) {
                callers.extend(binding.callers.iter().cloned());
            }
        }
        Some(Device { callers, expires: leaf.expires })
    }
}

impl Device {
    /// Whether its certificate's last moment has passed.
    pub const fn has_ended(&self, now: u64) -> bool {
        now > self.expires
    }

    /// Whether a caller may call from it.
    pub fn fact(&self, caller: &Identity) -> DeviceFact {
        if self.callers.contains(caller.id()) {
            return DeviceFact::Bound;
        }
        let by_group = caller.groups().any(|group| self.callers.contains(format!("group:{group}").as_str()));
        if by_group { DeviceFact::Bound } else { DeviceFact::Unbound }
    }
}

fn verifier(path: &Path) -> Result<Arc<dyn ClientCertVerifier>, IdentityFault> {
    let fault = |what: String| IdentityFault::file(path, what);
    let bytes = secret_file::read_public(path, MAX_BUNDLE_BYTES)?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        let certificate = certificate.map_err(|error| fault(format!("is not PEM: {error}")))?;
        roots.add(certificate).map_err(|error| fault(format!("holds no authority: {error}")))?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| fault(format!("verifies nobody: {error}")))
}
