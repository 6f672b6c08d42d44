//! Checkpoints (C2SP `tlog-checkpoint`): a tree's size and root under the name of its chain, signed by its gate.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::note::VerifierKey;
use super::signer::{NoteSigner, SignerFault};
use super::tree::Hash;
use crate::audit::id::RequestId;
use crate::redact::Name;

/// What every origin begins with.
const PRODUCT: &str = "portcullis/";

/// The name of a chain among all: `portcullis/<instance>/<epoch>`, of which the part from the instance on is the
/// records' `metadata.log_name`. Keys are named `portcullis/<instance>`: they outlive an epoch.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(String);

/// A tree's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which chain.
    pub origin: Origin,
    /// How many records.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Why a note's text is not a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointFault {
    /// Not three lines.
    #[error("a checkpoint is three lines: origin, size, root")]
    Lines,
    /// The origin is no chain of a gate.
    #[error("the checkpoint's origin is not `portcullis/<instance>/<epoch>`")]
    Origin,
    /// The size is not a number as it should be written.
    #[error("the checkpoint's size is not a decimal number without leading zeroes")]
    Size,
    /// The root is not the base64 of 32 bytes.
    #[error("the checkpoint's root is not the base64 of 32 bytes")]
    Root,
}

impl Origin {
    /// The chain of a gate's epoch.
    pub fn new(instance: &Name, epoch: RequestId) -> Self {
        Self(format!("{PRODUCT}{instance}/{epoch}"))
    }

    /// The chain that a record's `metadata.log_name` names.
    pub fn of_log_name(log_name: &str) -> Option<Self> {
        Self::parse(&format!("{PRODUCT}{log_name}"))
    }

    /// Reads an origin.
    pub fn parse(text: &str) -> Option<Self> {
        let (instance, epoch) = text.strip_prefix(PRODUCT)?.rsplit_once('/')?;
        let known = Name::configured(instance).is_ok_and(|name| !name.as_str().contains('+'));
        (known && RequestId::parse(epoch).is_some()).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `metadata.log_name` of the chain's records.
    pub fn log_name(&self) -> &str {
        &self.0[PRODUCT.len()..]
    }

    /// The name of the keys that sign the chain: `portcullis/<instance>`.
    pub fn key_name(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(name, _)| name)
    }

    /// The epoch; always there, for nothing else is read or made.
    pub fn epoch(&self) -> Option<RequestId> {
        self.0.rsplit_once('/').and_then(|(_, epoch)| RequestId::parse(epoch))
    }

    /// The gate whose chain it is.
    pub fn instance(&self) -> &str {
        &self.key_name()[PRODUCT.len()..]
    }
}

impl Checkpoint {
    /// Reads a note's text. Lines after the third are refused: no gate writes them, and nobody could audit them.
    pub fn parse(text: &str) -> Result<Self, CheckpointFault> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointFault::Lines)?.split('\n');
        let (Some(origin), Some(size), Some(root), None) = (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointFault::Lines);
        };
        let origin = Origin::parse(origin).ok_or(CheckpointFault::Origin)?;
        let size = decimal(size).ok_or(CheckpointFault::Size)?;
        let root = STANDARD.decode(root).ok().and_then(|bytes| bytes.try_into().ok()).map(Hash);
        Ok(Self { origin, size, root: root.ok_or(CheckpointFault::Root)? })
    }
}

impl fmt::Display for Checkpoint {
    /// The text that is signed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root.0))
    }
}

/// Signs the checkpoints of one chain.
pub struct CheckpointSigner {
    origin: Origin,
    signer: NoteSigner,
}

impl CheckpointSigner {
    /// With the key of a PEM file that `portcullis keys new signing` made.
    pub fn load(path: &Path, origin: Origin) -> Result<Self, SignerFault> {
        Ok(Self { signer: NoteSigner::load(path, origin.key_name())?, origin })
    }

    /// With a key in PKCS#8; `None` if it is not an Ed25519 key.
    pub fn from_pkcs8(der: &[u8], origin: Origin) -> Option<Self> {
        Some(Self { signer: NoteSigner::from_pkcs8(der, origin.key_name())?, origin })
    }

    /// The signed checkpoint of a tree.
    pub fn note(&self, size: u64, root: Hash) -> String {
        let text = Checkpoint { origin: self.origin.clone(), size, root }.to_string();
        self.signer.sign(text).to_string()
    }

    /// The chain.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The public key, for the roster.
    pub const fn public(&self) -> &VerifierKey {
        self.signer.public()
    }
}

/// A decimal number, written the one way that there is.
pub(super) fn decimal(text: &str) -> Option<u64> {
    let plain = text == "0" || !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
