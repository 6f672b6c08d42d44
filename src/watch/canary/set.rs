//! All canaries of a file, looked for at once.

use std::collections::HashMap;

use aws_lc_rs::hmac;
use smallvec::SmallVec;
use zeroize::Zeroizing;

use super::form::{Kind, MIN_BYTES, folded};
use crate::redact::Name;

/// Bytes of a block that is looked at.
const BLOCK: usize = 8;
/// Largest step between two blocks.
pub(super) const MAX_STRIDE: usize = 16;
/// Words of the filter: 512 KiB, which stay in a core's own cache. The 200,000 blocks of 10,000 order ids leave three in
/// each; one block in 120 that is none of them passes.
const WORDS: usize = 1 << 16;

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
    filter: Box<[u64]>,
    /// Whose blocks have a digest, and how far they are from the begin.
    index: HashMap<u32, SmallVec<[(u32, u8); 2]>>,
    stride: usize,
    longest: usize,
}

impl CanarySet {
    /// Makes ready to look.
    pub fn new(key: CanaryKey, planted: Vec<Planted>) -> Self {
        let mut filter: Box<[u64]> = vec![0; WORDS].into_boxed_slice();
        let mut index: HashMap<u32, SmallVec<[(u32, u8); 2]>> = HashMap::new();
        let shortest = planted.iter().map(|form| usize::from(form.bytes)).min().unwrap_or(MIN_BYTES);
        let longest = planted.iter().map(|form| usize::from(form.bytes)).max().unwrap_or(0);
        // Wherever a spelling begins, one of the blocks that are looked at lies in it.
        let stride = blocks_of(shortest).max(1);
        for (place, form) in (0..).zip(&planted) {
            for (offset, digest) in (0..).zip(form.blocks.iter().take(stride)) {
                let (word, bits) = bits(*digest);
                filter[word] |= bits;
                index.entry(*digest).or_default().push((place, offset));
            }
        }
        Self { key, planted, filter, index, stride, longest }
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
        let mut at = 0;
        while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
            let digest = self.key.digest(*block);
            let (word, bits) = bits(digest);
            if self.filter[word] & bits == bits {
                self.confirm(text, at, digest, &mut found);
            }
            at += self.stride;
        }
    }

    #[cold]
    fn confirm(&self, text: &[u8], at: usize, digest: u32, found: &mut impl FnMut(&Planted)) {
        for (place, offset) in self.index.get(&digest).into_iter().flatten() {
            let Some(form) = self.planted.get(*place as usize) else { continue };
            let Some(begin) = at.checked_sub(usize::from(*offset)) else { continue };
            let Some(spelt) = text.get(begin..begin + usize::from(form.bytes)) else { continue };
            if str::from_utf8(spelt).is_ok_and(|spelt| self.key.hash(&folded(spelt)) == form.hash) {
                found(form);
            }
        }
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

/// Where a digest's bits are, in which word.
#[inline]
const fn bits(digest: u32) -> (usize, u64) {
    ((digest >> 16) as usize % WORDS, 1 << (digest & 63) | 1 << (digest >> 6 & 63))
}
