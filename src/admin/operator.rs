//! Who calls, and what it may: by its certificate or by the kernel's word, under the policy in force.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use rustls_pki_types::CertificateDer;

use crate::audit::{AdminOutcome, CallerKind, CallerRecord};
use crate::gate::Terms;
use crate::identity::IdentityRefusal;
use crate::policy::rights::Rights;
use crate::policy::roles::{RoleSet, Standing};
use crate::policy::settings::AdminSettings;
use crate::redact::{Part, Redacted};

use super::outcome;

/// The other end of a connection.
pub(super) enum Peer {
    /// Over TLS, with a certificate that our authorities signed.
    Tls {
        chain: Box<[CertificateDer<'static>]>,
        from: SocketAddr,
        /// The address that was called.
        at: IpAddr,
        /// Whether a name is one of our certificate's.
        is_own_name: Box<dyn Fn(&str) -> bool + Send + Sync>,
    },
    /// On the Unix socket.
    Unix { uid: u32, gid: u32 },
}

/// Somebody who proved who it is.
pub(super) struct Operator {
    pub record: CallerRecord,
    pub rights: Rights,
}

impl Peer {
    /// From where it calls, in the policy's form.
    pub(super) fn source(&self, terms: &Terms) -> Option<Redacted> {
        match self {
            Self::Tls { from, .. } => Some(terms.redactor.address(from.ip(), terms.policy.redaction.address)),
            Self::Unix { .. } => None,
        }
    }

    /// Who it is under `terms`.
    pub(super) fn operator(&self, terms: &Terms) -> Result<Operator, AdminOutcome> {
        match (self, &terms.policy.admin) {
            (Self::Tls { chain, .. }, Some(AdminSettings::Tls(settings))) => {
                let identity =
                    terms.identifier.operator(chain, &settings.subject).map_err(|refusal| match refusal {
                        IdentityRefusal::CertificateRevoked | IdentityRefusal::CallerRevoked => outcome::REVOKED,
                        _ => outcome::OPERATOR,
                    })?;
                let record = CallerRecord {
                    record: identity.record.clone(),
                    kind: CallerKind::Certificate,
                    is_mfa: false,
                    mfa_age: None,
                    standing: Arc::clone(&identity.standing),
                    credential: Some(Arc::clone(&identity.credential_record)),
                };
                let rights = terms.policy.roles.rights(identity.roles);
                Ok(Operator { record, rights })
            }
            (Self::Unix { uid, gid }, Some(AdminSettings::Socket(settings))) => {
                let roles = roles_of_peer(terms, *uid, *gid);
                let own = *uid == 0 || *uid == rustix::process::geteuid().as_raw();
                let rights = terms.policy.roles.rights(roles);
                let rights = if own { rights.and(settings.owner) } else { rights };
                let names = roles.iter().filter_map(|role| terms.policy.roles.name(role).cloned());
                let number = usize::try_from(*uid).unwrap_or(usize::MAX);
                let record = CallerRecord {
                    record: Redacted::sentence(&[Part::Text("uid:"), Part::Count(number)]),
                    kind: CallerKind::System,
                    is_mfa: false,
                    mfa_age: None,
                    standing: Arc::new(Standing { roles: names.collect(), groups: Vec::new() }),
                    credential: None,
                };
                Ok(Operator { record, rights })
            }
            // The kind of listener cannot change while the gate runs.
            _ => Err(outcome::OPERATOR),
        }
    }
}

fn roles_of_peer(terms: &Terms, uid: u32, gid: u32) -> RoleSet {
    let mut roles = terms.policy.roles.of_member(&format!("uid:{uid}")).unwrap_or_default();
    roles.extend(&terms.policy.roles.of_member(&format!("gid:{gid}")).unwrap_or_default());
    roles
}
