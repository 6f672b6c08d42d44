//! Signing notes.

use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use super::note::{Note, Signature, VerifierKey};
use crate::identity::{IdentityFault, secret_file};

/// Why notes cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignerFault {
    /// The file cannot be used.
    #[error("{0}")]
    File(IdentityFault),
    /// The file's key is of another kind, or the name is none for a key.
    #[error("{} is not an Ed25519 key; make one with `portcullis keys new signing`", .0.display())]
    Kind(PathBuf),
}

/// Signs notes with one key under one name. It has no `Debug`: it holds a private key.
pub struct NoteSigner {
    key: Ed25519KeyPair,
    public: VerifierKey,
}

impl NoteSigner {
    /// With the key of a PEM file that `portcullis keys new signing` made.
    pub fn load(path: &Path, name: &str) -> Result<Self, SignerFault> {
        let der = secret_file::pkcs8(path).map_err(SignerFault::File)?;
        Self::from_pkcs8(&der, name).ok_or_else(|| SignerFault::Kind(path.to_owned()))
    }

    /// With a key in PKCS#8; `None` if it is not an Ed25519 key, or the name is none for a key.
    pub fn from_pkcs8(der: &[u8], name: &str) -> Option<Self> {
        let key = Ed25519KeyPair::from_pkcs8(der).ok()?;
        let public = VerifierKey::new(name, key.public_key().as_ref().try_into().ok()?)?;
        Some(Self { key, public })
    }

    /// Signs a text, which ends with a line's end.
    pub fn sign(&self, text: String) -> Note {
        let bytes = self.key.sign(text.as_bytes()).as_ref().to_vec();
        let signature = Signature { name: self.public.name().to_owned(), id: self.public.id(), bytes };
        Note { text, signatures: vec![signature] }
    }

    /// The public key.
    pub const fn public(&self) -> &VerifierKey {
        &self.public
    }
}
