//! The second look: digests, in a filter that one of a core's own caches holds, and whose they may be.

/// Words of a filter at most: 512 KiB.
const WORDS: usize = 1 << 16;

/// What is known of a piece of spellings: those of the same length that have it at the same place are one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    /// Of the piece.
    pub digest: u32,
    /// How far it is from the begin.
    pub offset: u8,
    /// How long the spelling is.
    pub bytes: u8,
    /// Whether its other blocks are all that is known of it.
    pub plain: bool,
}

/// Digests of all spellings.
pub(super) struct Blocks {
    /// Two bits for each digest.
    filter: Box<[u64; WORDS]>,
    /// Words of the filter that are used, less one: a small file has a small filter.
    spread: usize,
    /// For each word, where the parts with bits in it begin; and at last, how many there are.
    begins: Box<[u32]>,
    /// In the order of their words.
    parts: Box<[Part]>,
}

impl Blocks {
    /// With so many parts to a word, or up to twice as few: of digests that are none of them, two pass in a hundred where
    /// they are six, and less than one where they are two.
    pub fn new(mut parts: Vec<Part>, to_a_word: usize) -> Self {
        parts.sort_unstable();
        parts.dedup();
        let words = (parts.len() / to_a_word).next_power_of_two().clamp(64, WORDS);
        let spread = words - 1;
        let mut filter: Box<[u64; WORDS]> =
            vec![0; WORDS].into_boxed_slice().try_into().expect("a box of as many words");
        let mut begins = vec![0_u32; words + 1];
        for part in &parts {
            let word = word_of(part.digest, spread);
            filter[word] |= 1 << (part.digest & 63) | 1 << (part.digest >> 6 & 63);
            begins[word + 1] += 1;
        }
        for word in 1..begins.len() {
            begins[word] += begins[word - 1];
        }
        parts.sort_by_key(|part| word_of(part.digest, spread));
        Self { filter, spread, begins: begins.into(), parts: parts.into() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether a digest may be one of those that are looked for: then the lowest bit is set.
    #[inline]
    pub fn passes(&self, digest: u32) -> u64 {
        let word = self.filter[word_of(digest, self.spread) % WORDS];
        word >> (digest & 63) & word >> (digest >> 6 & 63)
    }

    /// Whose a digest is.
    pub fn of(&self, digest: u32) -> impl Iterator<Item = Part> {
        let word = word_of(digest, self.spread);
        let parts = self.begins[word] as usize..self.begins[word + 1] as usize;
        self.parts[parts].iter().copied().filter(move |part| part.digest == digest)
    }
}

/// Where a digest's bits are.
#[inline]
const fn word_of(digest: u32, spread: usize) -> usize {
    (digest >> 16) as usize & spread
}
