//! Tokens that were made lately. A buyer's address stands in ten lines in a row, and hashing costs more than all else
//! that is done for it.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use super::super::Kind;

/// Pairs of places: what one stream repeats within a thousand lines, in 128 KiB.
const PAIRS: usize = 1024;
/// Longest token: `pii_postcode_k65535_` and 16 digits.
pub(super) const MOST_TOKEN_BYTES: usize = 40;

/// Tokens by value, two places for each; whoever comes later takes that of the one that was asked for longer ago. Values
/// themselves are not kept: they are told apart by as many bits as a token has, under a key of this cache's own, so that
/// nobody can make two of them meet.
pub struct TokenCache {
    pairs: Box<[[Option<Place>; 2]]>,
    hasher: RandomState,
}

#[derive(Clone, Copy)]
struct Place {
    check: u64,
    length: u8,
    token: [u8; MOST_TOKEN_BYTES],
}

impl TokenCache {
    /// An empty cache, for one thread and one set of keys.
    pub fn new() -> Self {
        Self { pairs: vec![[None; 2]; PAIRS].into(), hasher: RandomState::new() }
    }

    /// Appends the token of `value`, made by `make` if it is not known.
    pub(super) fn append(&mut self, kind: Kind, value: &[u8], out: &mut Vec<u8>, make: impl FnOnce(&mut Vec<u8>)) {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u8(kind as u8);
        hasher.write(value);
        let check = hasher.finish();
        let pair = &mut self.pairs[usize::try_from(check % PAIRS as u64).unwrap_or(0)];
        let is_it = |place: &Option<Place>| place.as_ref().is_some_and(|place| place.check == check);
        if !is_it(&pair[0]) && is_it(&pair[1]) {
            pair.swap(0, 1);
        }
        if let Some(place) = pair[0].as_ref().filter(|place| place.check == check) {
            return out.extend_from_slice(&place.token[..usize::from(place.length)]);
        }
        let start = out.len();
        make(out);
        let made = &out[start..];
        let mut token = [0; MOST_TOKEN_BYTES];
        if let (Some(room), Ok(length)) = (token.get_mut(..made.len()), u8::try_from(made.len())) {
            room.copy_from_slice(made);
            pair[1] = pair[0].replace(Place { check, length, token });
        }
    }
}

impl Default for TokenCache {
    fn default() -> Self {
        Self::new()
    }
}
