//! Certificate revocation lists (RFC 5280 section 5) as files, PEM or DER. The TLS library checks them in a handshake;
//! here they are an index as well, for sessions that are resumed and connections that stand when a list changes.

use std::collections::HashSet;
use std::path::PathBuf;

use rustls_pki_types::CertificateRevocationListDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::prelude::FromDer as _;
use x509_parser::revocation_list::CertificateRevocationList;

use super::credential::{CertificateMarks, listed};
use super::{IdentityFault, secret_file};
use crate::policy::revocation::{Serial, Sha256};

/// Longest file: lists of public authorities have some 10 MiB and 300,000 entries.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Lists of all files together: one for each authority.
const MAX_LISTS: usize = 256;
/// Entries of all lists together, at some 50 bytes each.
const MAX_ENTRIES: usize = 2_000_000;

/// Revocation lists that were read.
#[derive(Default)]
pub struct RevocationLists {
    /// The lists as they are, for the TLS library, which checks who signed them.
    pub ders: Vec<CertificateRevocationListDer<'static>>,
    /// Files with a list whose next update is due at that moment, in Unix seconds.
    pub due: Vec<(PathBuf, u64)>,
    /// Revoked certificates by issuer and serial number.
    revoked: HashSet<Sha256>,
}

impl RevocationLists {
    /// Reads files of one or more lists. One that is missing, empty or not in order is a fault: without it, whom it
    /// revokes would be let in.
    pub fn load(paths: &[PathBuf]) -> Result<Self, IdentityFault> {
        let mut lists = Self::default();
        for path in paths {
            let fault = |what: String| IdentityFault::file(path, what);
            let bytes = secret_file::read_public(path, MAX_BYTES)?;
            let found = match bytes.first() {
                // A DER sequence; PEM begins with dashes, or with words before them.
                Some(0x30) => vec![CertificateRevocationListDer::from(bytes.to_vec())],
                _ => CertificateRevocationListDer::pem_slice_iter(&bytes)
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(|error| fault(format!("is neither PEM nor DER: {error}")))?,
            };
            if found.is_empty() {
                return Err(fault("holds no revocation list (`-----BEGIN X509 CRL-----`)".to_owned()));
            }
            for der in found {
                let due = lists.index(&der).map_err(|what| fault(what.to_owned()))?;
                lists.due.extend(due.map(|due| (path.clone(), due)));
                lists.ders.push(der);
            }
            if lists.ders.len() > MAX_LISTS || lists.revoked.len() > MAX_ENTRIES {
                return Err(fault(format!("makes it more than {MAX_LISTS} lists or {MAX_ENTRIES} entries")));
            }
        }
        Ok(lists)
    }

    /// Takes up a list's entries; gives the moment of its next update.
    fn index(&mut self, der: &[u8]) -> Result<Option<u64>, &'static str> {
        let Ok((rest, list)) = CertificateRevocationList::from_der(der) else { return Err("is no revocation list") };
        if !rest.is_empty() {
            return Err("has bytes after its revocation list");
        }
        for entry in list.iter_revoked_certificates() {
            let serial = Serial::new(entry.raw_serial()).ok_or("revokes a serial number that none may have")?;
            self.revoked.insert(listed(list.issuer().as_raw(), &serial));
        }
        Ok(list.next_update().and_then(|due| u64::try_from(due.timestamp()).ok()))
    }

    /// Whether one of the lists revokes a certificate.
    pub(super) fn revoke(&self, marks: &CertificateMarks) -> bool {
        !self.revoked.is_empty() && self.revoked.contains(&marks.listed)
    }
}
