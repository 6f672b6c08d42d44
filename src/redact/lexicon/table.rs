//! Look-up of words: a table with one probe for most, and a filter that says of most keys that no word of theirs is in
//! it.

use std::sync::LazyLock;

use super::classes::{CLASSES, Class};
use super::delivery_notes;
use super::more_languages;
use super::split;
use super::words::{SENSES, Sense};
use super::words_to;

/// Places of a table: a power of two, more than twice the words, so that most look-ups end at the first place.
const PLACES: usize = 16384;
/// Bits of the filter: 8 KiB.
const BITS: usize = 65536;

struct Table<V: 'static> {
    places: Vec<Option<(&'static str, V)>>,
}

/// What a word says of the value under it.
pub(super) fn sense(word: &str) -> Option<Sense> {
    static TABLE: LazyLock<Table<Sense>> = LazyLock::new(|| Table::new(&[SENSES, more_languages::SENSES]));
    TABLE.get(word)
}

/// What a word does to those around it.
pub(super) fn class(word: &str) -> Option<Class> {
    static TABLE: LazyLock<Table<Class>> = LazyLock::new(|| Table::new(&[CLASSES]));
    TABLE.get(word)
}

impl<V: Copy> Table<V> {
    /// The first group that has a word keeps it.
    fn new(lists: &[&[(V, &'static str)]]) -> Self {
        let mut table = Self { places: vec![None; PLACES] };
        for (value, words) in lists.iter().copied().flatten() {
            for word in words.split_ascii_whitespace() {
                table.add(word, *value);
            }
        }
        table
    }

    fn add(&mut self, word: &'static str, value: V) {
        let mut place = hash(word.as_bytes()) % PLACES;
        while let Some((known, _)) = &self.places[place] {
            if *known == word {
                return;
            }
            place = (place + 1) % PLACES;
        }
        self.places[place] = Some((word, value));
    }

    fn get(&self, word: &str) -> Option<V> {
        let mut place = hash(word.as_bytes()) % PLACES;
        while let Some((known, value)) = &self.places[place] {
            if *known == word {
                return Some(*value);
            }
            place = (place + 1) % PLACES;
        }
        None
    }
}

/// FNV-1a with a final mix; the words are ours, so nobody can choose what collides among them.
fn hash(bytes: &[u8]) -> usize {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for &byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    usize::try_from((hash ^ hash >> 29) & 0xffff_ffff).unwrap_or(0)
}

/// `false` if no word of the lexicon can be the end of `key`, so that its meaning is unknown. Cheap: a few bits for the
/// last bytes. It may say `true` of any key, and does of those whose last four bytes are not all ASCII letters.
pub(super) fn may_end(key: &[u8]) -> bool {
    static FILTER: LazyLock<Vec<u64>> = LazyLock::new(filter);
    let Some(end) = key.last_chunk::<4>() else { return true };
    if !end.iter().all(u8::is_ascii_alphabetic) || end[3].is_ascii_uppercase() && end[2].is_ascii_lowercase() {
        return true;
    }
    let filter = &*FILTER;
    let has = |end: u32| {
        let bit = hashed(end);
        filter[bit / 64] & 1 << (bit % 64) != 0
    };
    // The last four, three and two, as `folded` has them.
    let any = |four: u32| has(four) || has(3 << 24 | four & 0xff_ffff) || has(2 << 16 | four & 0xffff);
    let four = u32::from_be_bytes(*end) | 0x2020_2020;
    if any(four) {
        return true;
    }
    if end[3] | 0x20 != b's' {
        return false;
    }
    let stem = &key[..key.len() - 1];
    match stem.last_chunk::<4>() {
        Some(end) => any(u32::from_be_bytes(*end) | 0x2020_2020),
        None => has(folded(stem)) || has(folded(&stem[1..])),
    }
}

/// A word of two or three letters is found by these alone, a longer one by its last four, for a separator may stand
/// in a key where none stands in the word: then the last word of it is long or short enough by itself.
fn filter() -> Vec<u64> {
    let mut filter = vec![0_u64; BITS / 64];
    let mut add = |end: &[u8]| {
        let bit = bit(end);
        filter[bit / 64] |= 1 << (bit % 64);
    };
    let all = SENSES
        .iter()
        .chain(more_languages::SENSES)
        .map(|(_, words)| *words)
        .chain(CLASSES.iter().map(|(_, words)| *words))
        .chain([words_to::ENDS])
        .flat_map(str::split_ascii_whitespace)
        .chain(delivery_notes::NOTES.words().iter().copied())
        .chain(delivery_notes::DELIVERIES.words().iter().copied());
    for word in all {
        let bytes = split::last(word.as_bytes());
        let bytes = bytes.joined().as_bytes();
        if bytes.last().is_some_and(u8::is_ascii_alphabetic) {
            add(&bytes[bytes.len().saturating_sub(4)..]);
            if bytes.len() == 2 || bytes.len() == 3 {
                add(bytes);
            }
        }
    }
    filter
}

fn bit(end: &[u8]) -> usize {
    hashed(folded(end))
}

/// The length and the bytes, without what tells small letters from capitals.
fn folded(end: &[u8]) -> u32 {
    end.iter().fold(u32::try_from(end.len()).unwrap_or(0), |sum, byte| sum << 8 | u32::from(byte | 0x20))
}

fn hashed(folded: u32) -> usize {
    (folded.wrapping_mul(0x9E37_79B1) >> 16) as usize % BITS
}
