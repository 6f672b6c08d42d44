//! Keys: one of the gate that wraps (`audit.spool.key`), and one of each segment that seals its frames.

use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

use super::SpoolFault;
use crate::identity::secret_file;

/// Bytes that sealing adds.
pub const TAG_BYTES: usize = 16;
/// Bytes of a nonce.
const NONCE_BYTES: usize = 12;
/// Bytes of a data key.
const KEY_BYTES: usize = 32;
/// Bytes of a wrapped data key: nonce, key and tag.
pub const WRAPPED_BYTES: usize = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/// The key that wraps the data keys. It has no `Debug`: it is a secret.
pub struct WrappingKey {
    id: String,
    key: LessSafeKey,
}

/// A segment's own key, random. It has no `Debug`: it is a secret.
pub struct DataKey(LessSafeKey);

impl WrappingKey {
    /// The key in a file that `portcullis keys new audit` made.
    pub fn load(path: &Path) -> Result<Self, SpoolFault> {
        let bytes = secret_file::symmetric(path).map_err(SpoolFault::Key)?;
        Self::new(&bytes).ok_or(SpoolFault::Random)
    }

    /// A key of 256 bits.
    pub fn new(bytes: &[u8; KEY_BYTES]) -> Option<Self> {
        let mut named = Zeroizing::new(b"portcullis audit spool key\0".to_vec());
        named.extend_from_slice(bytes);
        let id = super::hex(&digest(&SHA256, &named).as_ref()[..8]);
        UnboundKey::new(&AES_256_GCM, bytes).ok().map(|key| Self { id, key: LessSafeKey::new(key) })
    }

    /// Sixteen hexadecimal digits that tell keys apart and say nothing of them.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Makes a data key, and its wrapped form, which holds for `purpose` alone.
    pub(super) fn make(&self, purpose: &[u8]) -> Option<(DataKey, [u8; WRAPPED_BYTES])> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        aws_lc_rs::rand::fill(&mut *bytes).ok()?;
        let wrapped = self.wrap(&bytes, purpose)?;
        Some((DataKey::new(&bytes)?, wrapped))
    }

    /// Wraps a data key. The nonce is random: far fewer than 2^32 segments are made under one key.
    fn wrap(&self, bytes: &[u8; KEY_BYTES], purpose: &[u8]) -> Option<[u8; WRAPPED_BYTES]> {
        let mut wrapped = [0; WRAPPED_BYTES];
        let mut nonce = [0; NONCE_BYTES];
        aws_lc_rs::rand::fill(&mut nonce).ok()?;
        wrapped[..NONCE_BYTES].copy_from_slice(&nonce);
        let mut key = Zeroizing::new(*bytes);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.key.seal_in_place_separate_tag(nonce, Aad::from(purpose), &mut *key).ok()?;
        wrapped[NONCE_BYTES..NONCE_BYTES + KEY_BYTES].copy_from_slice(&*key);
        wrapped[NONCE_BYTES + KEY_BYTES..].copy_from_slice(tag.as_ref());
        Some(wrapped)
    }

    /// Unwraps a data key; `None` if this key did not wrap it for `purpose`.
    fn unwrap(&self, wrapped: &[u8; WRAPPED_BYTES], purpose: &[u8]) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
        let (nonce, sealed) = wrapped.split_at(NONCE_BYTES);
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = Zeroizing::new(<[u8; KEY_BYTES + TAG_BYTES]>::try_from(sealed).ok()?);
        let opened = self.key.open_in_place(nonce, Aad::from(purpose), &mut *sealed).ok()?;
        opened.try_into().ok().map(Zeroizing::new)
    }

    /// Opens a wrapped data key.
    pub(super) fn open(&self, wrapped: &[u8; WRAPPED_BYTES], purpose: &[u8]) -> Option<DataKey> {
        DataKey::new(&*self.unwrap(wrapped, purpose)?)
    }

    /// Wraps under `new` what is wrapped under this key.
    pub(super) fn rewrap(
        &self,
        new: &Self,
        wrapped: &[u8; WRAPPED_BYTES],
        purpose: &[u8],
    ) -> Option<[u8; WRAPPED_BYTES]> {
        new.wrap(&*self.unwrap(wrapped, purpose)?, purpose)
    }
}

impl DataKey {
    fn new(bytes: &[u8; KEY_BYTES]) -> Option<Self> {
        UnboundKey::new(&AES_256_GCM, bytes).ok().map(|key| Self(LessSafeKey::new(key)))
    }

    /// Seals `bytes` from `from` on and puts the tag behind them. `number` must not come twice under one key.
    pub(super) fn seal(&self, number: u32, aad: &[u8], bytes: &mut Vec<u8>, from: usize) -> Option<()> {
        let tag = self.0.seal_in_place_separate_tag(nonce(number), Aad::from(aad), &mut bytes[from..]).ok()?;
        bytes.extend_from_slice(tag.as_ref());
        Some(())
    }

    /// Opens what was sealed.
    pub(super) fn open<'b>(&self, number: u32, aad: &[u8], bytes: &'b mut [u8]) -> Option<&'b [u8]> {
        self.0.open_in_place(nonce(number), Aad::from(aad), bytes).ok().map(|opened| &*opened)
    }
}

/// The frame's number: a data key seals one segment, and a segment is never taken up again after it was left.
fn nonce(number: u32) -> Nonce {
    let mut bytes = [0; NONCE_BYTES];
    bytes[NONCE_BYTES - 4..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}
