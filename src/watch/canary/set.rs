//! All canaries of a file, looked for at once.

use aws_lc_rs::hmac;
use smallvec::SmallVec;
use zeroize::Zeroizing;

use super::form::{Kind, MIN_BYTES, folded};
use crate::redact::Name;

/// Bytes of a block that is looked at.
const BLOCK: usize = 8;
/// Largest step between two blocks.
const MAX_STRIDE: usize = 16;
/// Words of the filter: 512 KiB, which stay in a core's own cache. The 200,000 blocks of 10,000 order ids leave three in
/// each; one block in 120 that is none of them passes.
const WORDS: usize = 1 << 16;

/// Blocks that are looked at before the next branch.
const TOGETHER: usize = 4;

/// How many digests a spelling of so many bytes has.
pub(super) const fn blocks_of(bytes: usize) -> usize {
    let places = bytes.saturating_sub(BLOCK - 1);
    if places < MAX_STRIDE { places } else { MAX_STRIDE }
}

/// The key under which canaries are hashed.
pub struct CanaryKey {
    values: hmac::Key,
    /// Of blocks: what is added, and what they are multiplied by.
    mix: [u64; 2],
}

impl CanaryKey {
    /// Derives what hashes need.
    pub fn new(secret: &Zeroizing<[u8; 32]>) -> Self {
        let values = hmac::Key::new(hmac::HMAC_SHA256, &**secret);
        let derived = hmac::sign(&values, b"portcullis-canary-blocks-v1");
        let word = |at: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&derived.as_ref()[at..at + 8]);
            u64::from_le_bytes(bytes)
        };
        Self { values, mix: [word(0), word(8) | 1] }
    }

    /// The keyed hash of a spelling.
    pub fn hash(&self, form: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.values);
        context.update(b"portcullis-canary-v1\0");
        context.update(form.as_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(context.sign().as_ref());
        hash
    }

    /// The digests of a spelling's first blocks, one for each place at which a step may meet it.
    pub fn blocks(&self, form: &str) -> SmallVec<[u32; MAX_STRIDE]> {
        form.as_bytes()
            .windows(BLOCK)
            .take(MAX_STRIDE)
            .filter_map(|block| Some(self.digest(*block.first_chunk()?)))
            .collect()
    }

    /// 32 bits of a block, with the bit that tells lower from upper case set in all letters: the upper half of a product
    /// with a secret. It only has to be unforeseeable to who does not have the key.
    #[inline]
    fn digest(&self, block: [u8; BLOCK]) -> u32 {
        let folded = u64::from_le_bytes(block) | 0x2020_2020_2020_2020;
        ((folded ^ self.mix[0]).wrapping_mul(self.mix[1]) >> 32) as u32
    }
}

/// One spelling of a planted value, as a file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planted {
    /// The canary's name.
    pub name: Name,
    /// What it is.
    pub kind: Kind,
    /// How long the spelling is.
    pub bytes: u8,
    /// The digests of its first blocks.
    pub blocks: SmallVec<[u32; MAX_STRIDE]>,
    /// Its keyed hash.
    pub hash: [u8; 32],
}

impl Planted {
    /// Hashes a spelling.
    pub fn new(key: &CanaryKey, name: &Name, kind: Kind, form: &str) -> Option<Self> {
        let bytes = u8::try_from(form.len()).ok().filter(|bytes| usize::from(*bytes) >= MIN_BYTES)?;
        Some(Self { name: name.clone(), kind, bytes, blocks: key.blocks(form), hash: key.hash(form) })
    }
}

/// All canaries of a file.
pub struct CanarySet {
    key: CanaryKey,
    planted: Vec<Planted>,
    /// Two bits for each digest of a block.
    filter: Box<[u64; WORDS]>,
    /// For each word of the filter, where the parts with bits in it begin; and at last, how many there are.
    begins: Box<[u32]>,
    /// In the order of their digests.
    parts: Box<[Part]>,
    stride: usize,
    longest: usize,
}

/// A block of a spelling.
struct Part {
    digest: u32,
    /// Whose.
    place: u32,
    /// How far it is from the begin.
    offset: u8,
}

impl CanarySet {
    /// Makes ready to look.
    pub fn new(key: CanaryKey, planted: Vec<Planted>) -> Self {
        let shortest = planted.iter().map(|form| usize::from(form.bytes)).min().unwrap_or(MIN_BYTES);
        let longest = planted.iter().map(|form| usize::from(form.bytes)).max().unwrap_or(0);
        // Wherever a spelling begins, one of the blocks that are looked at lies in it.
        let stride = blocks_of(shortest).clamp(1, MAX_STRIDE);
        let mut filter: Box<[u64; WORDS]> =
            vec![0; WORDS].into_boxed_slice().try_into().expect("a box of as many words");
        let mut parts: Vec<Part> = Vec::with_capacity(planted.len() * stride);
        for (place, form) in (0..).zip(&planted) {
            for (offset, digest) in (0..).zip(form.blocks.iter().take(stride)) {
                let (word, bits) = bits(*digest);
                filter[word] |= bits;
                parts.push(Part { digest: *digest, place, offset });
            }
        }
        parts.sort_unstable_by_key(|part| part.digest);
        let mut begins = vec![0_u32; WORDS + 1];
        for part in &parts {
            begins[bits(part.digest).0 + 1] += 1;
        }
        for word in 1..begins.len() {
            begins[word] += begins[word - 1];
        }
        Self { key, planted, filter, begins: begins.into(), parts: parts.into(), stride, longest }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.planted.is_empty()
    }

    /// How long the longest spelling is.
    pub const fn longest(&self) -> usize {
        self.longest
    }

    /// Finds canaries in a text, whatever stands around them; `found` is told the place of each in the file.
    #[inline]
    pub fn search(&self, text: &[u8], mut found: impl FnMut(&Planted)) {
        let found: &mut dyn FnMut(&Planted) = &mut found;
        /// A loop for each step: one that knows its step takes two thirds of the time.
        macro_rules! by_steps_of {
            ($($stride:literal)*) => {
                match self.stride {
                    $($stride => self.step::<$stride>(text, found),)*
                    _ => self.step::<1>(text, found),
                }
            };
        }
        by_steps_of!(2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
    }

    fn step<const STRIDE: usize>(&self, text: &[u8], found: &mut dyn FnMut(&Planted)) {
        let mut begin = 0;
        // So many at once, with one branch that is nearly never taken.
        for group in text.windows((TOGETHER - 1) * STRIDE + BLOCK).step_by(TOGETHER * STRIDE) {
            let any = (0..TOGETHER).fold(0, |any, place| any | self.passes(block_at(group, place * STRIDE)));
            if any & 1 != 0 {
                (0..TOGETHER).for_each(|place| self.confirm(text, begin + place * STRIDE, found));
            }
            begin += TOGETHER * STRIDE;
        }
        while begin + BLOCK <= text.len() {
            self.confirm(text, begin, found);
            begin += STRIDE;
        }
    }

    /// Whether a block may be one of those that are looked for: then the lowest bit is set.
    #[inline]
    fn passes(&self, block: [u8; BLOCK]) -> u64 {
        let digest = self.key.digest(block);
        let word = self.filter[(digest >> 16) as usize % WORDS];
        word >> (digest & 63) & word >> (digest >> 6 & 63)
    }

    #[cold]
    fn confirm(&self, text: &[u8], at: usize, found: &mut dyn FnMut(&Planted)) {
        let block = block_at(text, at);
        if self.passes(block) & 1 == 0 {
            return;
        }
        let digest = self.key.digest(block);
        let (word, _) = bits(digest);
        let parts = self.begins[word] as usize..self.begins[word + 1] as usize;
        for part in self.parts[parts].iter().filter(|part| part.digest == digest) {
            let Some(form) = self.planted.get(part.place as usize) else { continue };
            let Some(begin) = at.checked_sub(usize::from(part.offset)) else { continue };
            let Some(spelt) = text.get(begin..begin + usize::from(form.bytes)) else { continue };
            if self.is_likely(spelt, form)
                && str::from_utf8(spelt).is_ok_and(|spelt| self.key.hash(&folded(spelt)) == form.hash)
            {
                found(form);
            }
        }
    }

    /// Whether the other blocks are those of the spelling too. Thousands of canaries may share a first name or a domain,
    /// and answers be full of it: a keyed hash for each of them would be dear. What folding may change otherwise than by
    /// one bit is likely.
    fn is_likely(&self, spelt: &[u8], form: &Planted) -> bool {
        if !spelt.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            return true;
        }
        // The last first: what begins alike mostly ends otherwise.
        (0..form.blocks.len()).rev().all(|place| self.key.digest(block_at(spelt, place)) == form.blocks[place])
    }

    /// Finds a value in all its spellings: what a person, a path or a query says.
    pub fn search_value(&self, text: &str, mut found: impl FnMut(&Planted)) {
        let text = folded(text);
        self.search(text.as_bytes(), &mut found);
        // Groups of digits with something else between them.
        let mut last = ' ';
        let grouped: String = text
            .chars()
            .map(|letter| {
                let between = super::form::is_separator(letter) && last.is_ascii_digit();
                last = letter;
                if between { '-' } else { letter }
            })
            .collect();
        if grouped != text {
            self.search(grouped.as_bytes(), &mut found);
        }
        // What follows a `+` before an `@` is the sender's own mark.
        if let Some((before, domain)) = text.split_once('@')
            && let Some(plus) = before.rfind('+')
        {
            self.search(format!("{}@{domain}", &before[..plus]).as_bytes(), &mut found);
        }
    }
}

/// The block that begins at `at`; one that reaches beyond the end is nothing's.
#[inline]
fn block_at(text: &[u8], at: usize) -> [u8; BLOCK] {
    text.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
}

/// Where a digest's bits are, in which word.
#[inline]
const fn bits(digest: u32) -> (usize, u64) {
    ((digest >> 16) as usize % WORDS, 1 << (digest & 63) | 1 << (digest >> 6 & 63))
}
