//! Meanings of keys that a stream has shown: logs repeat a few dozen.

use crate::redact::lexicon::{self, Meaning, Pair};

/// Places: several times the keys of a busy stream, in 80 KiB.
const PLACES: usize = 1024;
/// Longest key and parent together that are kept.
const MOST_BYTES: usize = 60;

/// Meanings by key and parent, one place for each pair; whoever comes later takes it.
pub struct Known {
    places: Box<[Place]>,
}

#[derive(Clone, Copy)]
struct Place {
    /// Bytes of the key, and of the parent behind it; `u8::MAX` for no parent.
    lengths: (u8, u8),
    check: u32,
    bytes: [u8; MOST_BYTES],
    said: Said,
}

/// What the lexicon says of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
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
    /// What it speaks of has a number of its own.
    pub numbered: bool,
}

impl Default for Known {
    fn default() -> Self {
        let said = Said {
            meaning: Meaning::Unknown,
            person: false,
            about_person: false,
            half: None,
            of_thing: false,
            numbered: false,
        };
        let empty = Place { lengths: (0, 0), check: 0, bytes: [0; MOST_BYTES], said };
        Self { places: vec![empty; PLACES].into() }
    }
}

impl Known {
    /// What the lexicon says.
    pub fn say(&mut self, key: &[u8], parent: Option<&[u8]>) -> Said {
        let around = parent.unwrap_or_default();
        if key.is_empty() || key.len() + around.len() > MOST_BYTES {
            return look_up(key, parent);
        }
        let check = hash(key, around);
        let lengths = (narrow(key.len()), parent.map_or(u8::MAX, |parent| narrow(parent.len())));
        let place = &mut self.places[check as usize % PLACES];
        let end = key.len() + around.len();
        if place.check == check
            && place.lengths == lengths
            && is_same(&place.bytes[..key.len()], key)
            && is_same(&place.bytes[key.len()..end], around)
        {
            return place.said;
        }
        let said = look_up(key, parent);
        (place.lengths, place.check) = (lengths, check);
        place.bytes[..key.len()].copy_from_slice(key);
        place.bytes[key.len()..end].copy_from_slice(around);
        place.said = said;
        said
    }
}

fn look_up(key: &[u8], parent: Option<&[u8]>) -> Said {
    let meaning = lexicon::meaning(key, parent);
    let about_person = lexicon::is_person(key);
    Said {
        meaning,
        person: meaning == Meaning::Unknown && about_person,
        about_person,
        half: lexicon::pair(key),
        of_thing: lexicon::is_of_thing(key),
        numbered: lexicon::is_numbered(key),
    }
}

/// Ends, lengths and first bytes: keys that agree in all of these take turns in one place.
fn hash(key: &[u8], around: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let lengths = (around.len() as u64) << 8 ^ key.len() as u64;
    let mixed = ends(key).wrapping_mul(FACTOR) ^ ends(around).wrapping_mul(FACTOR).rotate_left(17) ^ lengths;
    // Every bit of either comes to the uppermost ones, then to the lowest.
    let mixed = (mixed ^ mixed >> 32).wrapping_mul(FACTOR);
    u32::try_from((mixed ^ mixed >> 29) >> 32).unwrap_or(0)
}

fn ends(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            u64::from_le_bytes(*first).wrapping_mul(0x0100_0000_01b3) ^ u64::from_le_bytes(*last)
        }
        _ => bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    }
}

/// Equal, by a loop: these are a few bytes each, for which a call costs more than it compares.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
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
        let mut known = Known::default();
        let long = "x".repeat(100);
        let keys = ["name", "buyer_email", "sku", "consignee", "", &long];
        for _ in 0..2 {
            for key in keys {
                for parent in [None, Some("buyer"), Some("product"), Some("")] {
                    let parent = parent.map(str::as_bytes);
                    assert_eq!(
                        known.say(key.as_bytes(), parent),
                        look_up(key.as_bytes(), parent),
                        "{key} in {parent:?}"
                    );
                }
            }
        }
    }
}
