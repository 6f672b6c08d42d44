//! Meanings of keys that a stream has shown: logs repeat a few dozen.

use crate::redact::lexicon::{self, Business, Meaning, Pair, SplitKey};

/// Places: several times the keys of a busy stream, in 180 KiB.
const PLACES: usize = 2048;
/// Longest key and parent together that are kept.
const MOST_BYTES: usize = 60;

/// Meanings by key and parent, two places for each; whoever comes later takes that of the one that was asked for longer
/// ago.
pub struct Known<V> {
    places: Box<[Place<V>]>,
}

#[derive(Clone, Copy)]
struct Place<V> {
    /// Bytes of the key, and of the parent behind it; `u8::MAX` for no parent.
    lengths: (u8, u8),
    check: u32,
    bytes: [u8; MOST_BYTES],
    said: V,
}

/// What the lexicon says of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// What the value under it is.
    pub meaning: Meaning,
    /// It is nothing that the lexicon knows, but it names a person.
    pub person: bool,
    /// Whether what stands within it is about a person, whatever it means itself.
    pub about_person: bool,
    /// Which half of a pair it is.
    pub half: Option<Pair>,
    /// It speaks of a thing.
    pub of_thing: bool,
    /// It says that what is around has this value.
    pub value: bool,
    /// What it speaks of has a number of its own.
    pub numbered: bool,
    /// Articles have it, or programs and machines.
    pub goods: bool,
    /// Messages and calls between two numbers have it.
    pub message: bool,
    /// Parts of the business that it speaks of.
    pub business: Business,
}

impl Default for Known<KeyFacts> {
    fn default() -> Self {
        Self::of(KeyFacts {
            meaning: Meaning::Unknown,
            person: false,
            about_person: false,
            half: None,
            of_thing: false,
            value: false,
            numbered: false,
            goods: false,
            message: false,
            business: Business::default(),
        })
    }
}

impl Default for Known<Meaning> {
    fn default() -> Self {
        Self::of(Meaning::Unknown)
    }
}

impl Known<KeyFacts> {
    /// What the lexicon says.
    pub fn look_up(&mut self, key: &[u8], parent: Option<&[u8]>) -> KeyFacts {
        self.get(key, parent, || facts(key, parent))
    }
}

impl Known<Meaning> {
    /// What several words mean together.
    pub fn meaning(&mut self, words: &[u8]) -> Meaning {
        self.get(words, None, || lexicon::meaning(words, None))
    }
}

impl<V: Copy> Known<V> {
    fn of(said: V) -> Self {
        let empty = Place { lengths: (0, 0), check: 0, bytes: [0; MOST_BYTES], said };
        Self { places: vec![empty; PLACES].into() }
    }

    fn get(&mut self, key: &[u8], parent: Option<&[u8]>, look_up: impl FnOnce() -> V) -> V {
        let around = parent.unwrap_or_default();
        if key.is_empty() || key.len() + around.len() > MOST_BYTES {
            return look_up();
        }
        let check = hash(key, around);
        let lengths = (narrow(key.len()), parent.map_or(u8::MAX, |parent| narrow(parent.len())));
        let index = check as usize % PLACES;
        let (first, second) = (index, index ^ 1);
        let is_it = |place: &Place<V>| {
            place.check == check
                && place.lengths == lengths
                && is_same(&place.bytes[..key.len()], key)
                && is_same(&place.bytes[key.len()..key.len() + around.len()], around)
        };
        if is_it(&self.places[first]) {
            return self.places[first].said;
        }
        self.places.swap(first, second);
        if is_it(&self.places[first]) {
            return self.places[first].said;
        }
        let said = look_up();
        let place = &mut self.places[first];
        (place.lengths, place.check) = (lengths, check);
        place.bytes[..key.len()].copy_from_slice(key);
        place.bytes[key.len()..key.len() + around.len()].copy_from_slice(around);
        place.said = said;
        said
    }
}

fn facts(key: &[u8], parent: Option<&[u8]>) -> KeyFacts {
    let asked = SplitKey::new(key);
    let (meaning, about_person, business) = (asked.meaning(parent), asked.is_person(), asked.business());
    KeyFacts {
        meaning,
        person: meaning == Meaning::Unknown && about_person && !business.has_partner(),
        about_person,
        half: asked.pair(),
        of_thing: asked.is_of_thing(),
        value: asked.is_value(),
        numbered: asked.is_numbered(),
        goods: asked.is_of_goods_or_process(),
        message: asked.is_of_message(),
        business,
    }
}

/// A hash of all bytes of both, of which every bit comes to the lowest ones.
fn hash(key: &[u8], around: &[u8]) -> u32 {
    let lengths = (around.len() as u64) << 8 ^ key.len() as u64;
    let sum = mixed(mixed(lengths, key), around);
    u32::try_from((sum ^ sum >> 29) >> 32).unwrap_or(0)
}

fn mixed(sum: u64, bytes: &[u8]) -> u64 {
    let mix = |sum: u64, next: u64| {
        let sum = (sum ^ next).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        sum ^ sum >> 32
    };
    match bytes.last_chunk::<8>() {
        Some(last) => {
            let (eights, _) = bytes.as_chunks::<8>();
            let all = eights.iter().fold(sum, |sum, eight| mix(sum, u64::from_le_bytes(*eight)));
            mix(all, u64::from_le_bytes(*last))
        }
        None => mix(sum, bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))),
    }
}

/// Equal; both are of the same length. These are a few bytes each, for which a call costs more than it compares.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    match (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        (Some(last), Some(other)) => {
            let eights = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
            last == other && eights.into_iter().all(|(eight, other)| eight == other)
        }
        _ => a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0,
    }
}

/// At most [`MOST_BYTES`].
fn narrow(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_what_the_lexicon_says() {
        let mut known = Known::<KeyFacts>::default();
        let long = "x".repeat(100);
        let keys = ["name", "buyer_email", "sku", "consignee", "", &long];
        for _ in 0..2 {
            for key in keys {
                for parent in [None, Some("buyer"), Some("product"), Some("")] {
                    let parent = parent.map(str::as_bytes);
                    assert_eq!(
                        known.look_up(key.as_bytes(), parent),
                        facts(key.as_bytes(), parent),
                        "{key} in {parent:?}"
                    );
                }
            }
        }
    }
}
