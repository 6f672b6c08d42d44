//! Tokens that were made lately. A buyer's address stands in ten lines in a row, and hashing costs more than all else
//! that is done for it.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use super::super::Kind;

/// Places: what one stream repeats within a few hundred lines, in 32 KiB.
const PLACES: usize = 512;
/// Longest token: `pii_postcode_k65535_` and 16 digits.
pub(super) const MOST_TOKEN_BYTES: usize = 40;

/// Tokens by value, one place for each; whoever comes later takes it. Values themselves are not kept: they are told
/// apart by 128 bits under keys of this cache's own, so that nobody can make two of them meet.
pub struct TokenCache {
    places: Box<[Option<Place>]>,
    hashers: (RandomState, RandomState),
}

#[derive(Clone, Copy)]
struct Place {
    check: (u64, u64),
    length: u8,
    token: [u8; MOST_TOKEN_BYTES],
}

impl TokenCache {
    /// An empty cache, for one thread and one set of keys.
    pub fn new() -> Self {
        Self { places: vec![None; PLACES].into(), hashers: (RandomState::new(), RandomState::new()) }
    }

    /// Appends the token of `value`, made by `make` if it is not known.
    pub(super) fn append(&mut self, kind: Kind, value: &[u8], out: &mut Vec<u8>, make: impl FnOnce(&mut Vec<u8>)) {
        let hash = |state: &RandomState| {
            let mut hasher = state.build_hasher();
            hasher.write_u8(kind as u8);
            hasher.write(value);
            hasher.finish()
        };
        let check = (hash(&self.hashers.0), hash(&self.hashers.1));
        let index = usize::try_from(check.0 % PLACES as u64).unwrap_or(0);
        if let Some(place) = self.places[index].filter(|place| place.check == check) {
            return out.extend_from_slice(&place.token[..usize::from(place.length)]);
        }
        let start = out.len();
        make(out);
        let made = &out[start..];
        let mut token = [0; MOST_TOKEN_BYTES];
        if let (Some(room), Ok(length)) = (token.get_mut(..made.len()), u8::try_from(made.len())) {
            room.copy_from_slice(made);
            self.places[index] = Some(Place { check, length, token });
        }
    }
}

impl Default for TokenCache {
    fn default() -> Self {
        Self::new()
    }
}
