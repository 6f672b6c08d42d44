//! What tells texts apart: a hash of a hundred and twenty-eight bits under a key, cheaper than reading the text once.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use crate::redact::engine::splice::Spans;

/// Bytes of a text that have keys of their own: the longest form.
const MOST_BYTES: usize = 4096;
/// Two words for each sixteen bytes, and four for what is not text.
const KEYS: usize = MOST_BYTES / 16 + 2;

/// What tells a text from others: nobody can make two of them meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check(u64, u64);

impl Hash for Check {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mixed = self.mixed();
        state.write_u64(mixed ^ mixed >> 32);
    }
}

impl Check {
    /// A place for it in a table of any size, and two bytes that are none of the place's.
    pub fn mark(self) -> (usize, u16) {
        let mixed = self.mixed();
        (usize::try_from(mixed >> 32).unwrap_or(0), (mixed >> 16 & 0xffff) as u16)
    }

    /// The lowest bits of a sum of products are not evenly spread.
    fn mixed(self) -> u64 {
        (self.0 ^ self.1.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    /// That of a number, for tests.
    #[cfg(test)]
    pub fn of(number: u64) -> Self {
        Self(number, number)
    }
}

/// Makes [`Check`]s: NH, the hash of UMAC (RFC 4418, section 5.2.2), with words of 64 bits. Under keys that nobody knows
/// two texts meet with a chance of 2^-64, whoever chose them.
pub struct Checker {
    keys: Box<[[u64; 2]; KEYS]>,
    /// For what is seldom there, and what is longer.
    rest: RandomState,
}

impl Default for Checker {
    fn default() -> Self {
        let (source, mut next) = (RandomState::new(), 0_u64);
        let mut key = || {
            next += 1;
            source.hash_one(next)
        };
        Self { keys: Box::new(std::array::from_fn(|_| [key(), key()])), rest: RandomState::new() }
    }
}

impl Checker {
    /// What tells a text from others, in which `spans` were found before and guesses are not asked at the places `quiet`.
    /// `sum` tells texts apart that are the same.
    pub fn check(&self, text: &[u8], sum: u64, spans: &Spans, quiet: &[(usize, usize)]) -> Check {
        let (known, rest) = text.split_at(text.len().min(MOST_BYTES));
        let beside =
            if rest.is_empty() && spans.is_empty() && quiet.is_empty() { 0 } else { self.beside(rest, spans, quiet) };
        let (pairs, last) = known.as_chunks::<16>();
        let mut padded = [0; 16];
        padded[..last.len()].copy_from_slice(last);
        let [first, second, keys @ ..] = &*self.keys;
        let head = product([text.len() as u64, sum], *first).wrapping_add(product([beside, 0], *second));
        let whole = pairs.iter().chain([&padded]).zip(keys).fold(head, |whole, (pair, key)| {
            let (words, _) = pair.as_chunks::<8>();
            whole.wrapping_add(product([u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])], *key))
        });
        let bytes = whole.to_le_bytes();
        let (halves, _) = bytes.as_chunks::<8>();
        Check(u64::from_le_bytes(halves[0]), u64::from_le_bytes(halves[1]))
    }

    #[cold]
    fn beside(&self, rest: &[u8], spans: &Spans, quiet: &[(usize, usize)]) -> u64 {
        let mut hasher = self.rest.build_hasher();
        hasher.write(rest);
        spans.tell(&mut hasher);
        for (start, end) in quiet {
            hasher.write_usize(*start);
            hasher.write_usize(*end);
        }
        hasher.finish()
    }
}

#[inline(always)]
fn product(words: [u64; 2], key: [u64; 2]) -> u128 {
    u128::from(words[0].wrapping_add(key[0])) * u128::from(words[1].wrapping_add(key[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_anywhere_are_told_apart() {
        let checker = Checker::default();
        let none = Spans::default();
        let mut seen = Vec::new();
        for length in [0, 1, 15, 16, 17, 31, 32, 100, 4095, 4096, 4097, 5000] {
            let text = vec![0; length];
            seen.push(checker.check(&text, 0, &none, &[]));
            for place in [0, 7, 8, 15, 16, 99, 4095, 4096, 4999] {
                if let Some(mut other) = (place < length).then(|| text.clone()) {
                    other[place] = 1;
                    seen.push(checker.check(&other, 0, &none, &[]));
                }
            }
        }
        for (index, check) in seen.iter().enumerate() {
            assert!(!seen[..index].contains(check), "{index}");
        }
    }

    #[test]
    fn the_same_text_under_another_key_is_another() {
        let check = || Checker::default().check(b"from 203.0.113.9", 7, &Spans::default(), &[]);
        assert_ne!(check(), check());
    }
}
