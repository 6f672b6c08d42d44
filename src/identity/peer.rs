//! The client certificate of a connection: whose it is, and whether it is a device's. Judged after every handshake, also
//! a resumed one, and again when the policy changes.

use std::sync::Arc;

use rustls_pki_types::CertificateDer;

use super::certificate::Leaf;
use super::{Device, Identifier, Identity, IdentityRefusal};
use crate::policy::settings::CertificateSubject;

/// What a connection's verified certificate says.
#[derive(Clone)]
pub struct Peer {
    /// Whose it is. A certificate that is revoked, or names nobody fit, refuses every request.
    pub caller: Result<Option<Arc<Identity>>, IdentityRefusal>,
    /// The device that it belongs to; then it names no caller.
    pub device: Option<Arc<Device>>,
}

/// Whose a certificate is, and whose device's.
type Judged = (Option<Arc<Identity>>, Option<Device>);

impl Peer {
    /// A client without a certificate.
    pub const fn nobody() -> Self {
        Self { caller: Ok(None), device: None }
    }
}

impl Identifier {
    /// Judges the verified chain of a connection; once per connection and policy.
    pub fn peer(&self, chain: &[CertificateDer<'_>]) -> Peer {
        let (caller, device) = match self.judge(chain) {
            Ok((caller, device)) => (Ok(caller), device),
            Err(refusal) => (Err(refusal), None),
        };
        Peer { caller, device: device.map(Arc::new) }
    }

    /// Who an operator is by its verified certificate: by one of these names of it, whatever names callers have.
    pub fn operator(
        &self,
        chain: &[CertificateDer<'_>],
        wanted: &CertificateSubject,
    ) -> Result<Arc<Identity>, IdentityRefusal> {
        let leaf = chain.first().and_then(|der| Leaf::read(der)).ok_or(IdentityRefusal::CertificateName)?;
        let proven = leaf.prove(std::slice::from_ref(wanted)).ok_or(IdentityRefusal::CertificateName)?;
        // It judges by the policy's `revoked:`, too.
        self.maker.make(proven)
    }

    fn judge(&self, chain: &[CertificateDer<'_>]) -> Result<Judged, IdentityRefusal> {
        let Some(der) = chain.first() else { return Ok((None, None)) };
        let Some(leaf) = Leaf::read(der) else { return Err(IdentityRefusal::CertificateName) };
        if leaf.marks.are_revoked(&self.maker.revoked) || self.lists.revoke(&leaf.marks) {
            return Err(IdentityRefusal::CertificateRevoked);
        }
        if let Some(device) = self.devices.as_ref().and_then(|devices| devices.recognise(&leaf, chain)) {
            return Ok((None, Some(device)));
        }
        if self.certificate_subjects.is_empty() {
            return Ok((None, None));
        }
        let proven = leaf.prove(&self.certificate_subjects).ok_or(IdentityRefusal::CertificateName)?;
        Ok((Some(self.maker.make(proven)?), None))
    }
}
