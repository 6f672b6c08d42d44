//! Tokens that verified, by the digest of their bytes: an ECDSA verification takes some 50 µs, a look-up well below
//! one. Only what verified is kept, and every hit is judged anew by the clock.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use quick_cache::sync::Cache;

use super::Identity;
use super::binding::Confirmation;

/// Tokens that are kept: at some 1 KiB each about 10 MiB, and more than the callers of one gate in a token's life.
const CAPACITY: usize = 10_000;

/// The SHA-256 of a whole token, signature included: two tokens that share it are the same bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct TokenDigest(pub [u8; 32]);

/// A token that verified.
#[derive(Clone)]
pub struct VerifiedToken {
    pub(super) identity: Arc<Identity>,
    pub(super) not_before: u64,
    pub(super) expires: u64,
    /// The place of its issuer among the policy's.
    pub(super) issuer: usize,
    /// The key set that it verified under: once that has gone, it has to verify anew.
    pub(super) generation: u64,
    /// What the token is bound to.
    pub(super) confirmation: Option<Arc<Confirmation>>,
}

pub(super) struct TokenCache(Cache<TokenDigest, VerifiedToken, quick_cache::UnitWeighter, DigestHasher>);

impl TokenDigest {
    pub fn of(token: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, token).as_ref());
        Self(bytes)
    }
}

impl TokenCache {
    pub fn new() -> Self {
        let weighter = quick_cache::UnitWeighter;
        Self(Cache::with(CAPACITY, CAPACITY as u64, weighter, DigestHasher::default(), Default::default()))
    }

    pub fn get(&self, digest: &TokenDigest) -> Option<VerifiedToken> {
        self.0.get(digest)
    }

    pub fn insert(&self, digest: TokenDigest, token: VerifiedToken) {
        self.0.insert(digest, token);
    }

    pub fn remove(&self, digest: &TokenDigest) {
        self.0.remove(digest);
    }
}

impl Hash for TokenDigest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Equality compares all 32 bytes; for the table's place 8 of them are as good as any hash of them.
        let mut word = [0; 8];
        word.copy_from_slice(&self.0[..8]);
        state.write_u64(u64::from_le_bytes(word));
    }
}

/// Passes a digest's word through. Nobody fills one bucket at will: only tokens that an issuer signed get here, and
/// finding many of them with equal first words is as hard as breaking SHA-256 that far.
#[derive(Clone, Default)]
pub(super) struct DigestHasher(u64);

impl BuildHasher for DigestHasher {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        Self::default()
    }
}

impl Hasher for DigestHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }
}
