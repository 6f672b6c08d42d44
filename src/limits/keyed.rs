//! Hashes of keys: by a key that chance gives at start, or where replicas count together, by one that they all have.

#[expect(deprecated, reason = "std's SipHash with a key of one's own; its successor takes none")]
use std::hash::SipHasher;
use std::hash::{BuildHasher, Hasher, RandomState};

use zeroize::Zeroizing;

/// The key that all replicas have: 256 bits, of which a hash uses half.
pub struct SharedKey(Zeroizing<[u8; 32]>);

impl SharedKey {
    /// The half of which limits make no use: sanctions know callers by it.
    pub fn other_half(&self) -> [u8; 16] {
        let mut half = [0; 16];
        half.copy_from_slice(&self.0[16..]);
        half
    }

    /// A key of these bits.
    pub const fn new(bits: Zeroizing<[u8; 32]>) -> Self {
        Self(bits)
    }
}

/// Makes hashes that nobody outside can foresee.
#[derive(Clone)]
pub(super) enum Keyed {
    /// Of this process alone.
    Chance(RandomState),
    /// Of all replicas: SipHash-2-4.
    Shared(u64, u64),
}

impl Keyed {
    pub fn by_chance() -> Self {
        Self::Chance(RandomState::new())
    }

    pub fn by(SharedKey(bits): &SharedKey) -> Self {
        let part = |from: usize| bits[from..from + 8].iter().fold(0, |part, byte| part << 8 | u64::from(*byte));
        Self::Shared(part(0), part(8))
    }
}

impl BuildHasher for Keyed {
    type Hasher = KeyedHasher;

    fn build_hasher(&self) -> KeyedHasher {
        match self {
            Self::Chance(state) => KeyedHasher::Chance(state.build_hasher()),
            #[expect(deprecated, reason = "std's SipHash with a key of one's own")]
            Self::Shared(first, second) => KeyedHasher::Shared(SipHasher::new_with_keys(*first, *second)),
        }
    }
}

/// A hash in the making.
pub(super) enum KeyedHasher {
    Chance(std::hash::DefaultHasher),
    #[expect(deprecated, reason = "std's SipHash with a key of one's own")]
    Shared(SipHasher),
}

impl Hasher for KeyedHasher {
    fn finish(&self) -> u64 {
        match self {
            Self::Chance(hasher) => hasher.finish(),
            Self::Shared(hasher) => hasher.finish(),
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        match self {
            Self::Chance(hasher) => hasher.write(bytes),
            Self::Shared(hasher) => hasher.write(bytes),
        }
    }
}
