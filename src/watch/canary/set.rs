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
const MAX_STRIDE: usize = 8;
/// Bits of a block's keyed digest.
const DIGEST_BITS: u32 = 24;
/// Words of the bitmap: 2 million bits, 256 KiB, which stay in a core's own cache. 80,000 blocks of 10,000 canaries set
/// one in 25.
const WORDS: usize = 1 << 15;

/// The key under which canaries are hashed.
pub struct CanaryKey {
    values: hmac::Key,
    /// Of blocks: before, between and after their mixing.
    mix: [u64; 3],
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
        Self { values, mix: [word(0), word(8) | 1, word(16) | 1] }
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
            .filter_map(|block| Some(self.digest(block.first_chunk()?)))
            .collect()
    }

    /// 24 bits of a block, with the bit that tells lower from upper case set in all letters. Mixing under a secret, no
    /// more: it only has to be unforeseeable to who does not have the key.
    #[inline]
    fn digest(&self, block: &[u8; BLOCK]) -> u32 {
        let folded = u64::from_le_bytes(*block) | 0x2020_2020_2020_2020;
        let mixed = (folded ^ self.mix[0]).wrapping_mul(self.mix[1]);
        let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(self.mix[2]);
        (mixed >> (64 - DIGEST_BITS)) as u32
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
    /// A bit for each digest of a block.
    bitmap: Box<[u64; WORDS]>,
    /// Whose blocks have a digest, and how far they are from the begin.
    index: HashMap<u32, SmallVec<[(u32, u8); 2]>>,
    stride: usize,
    longest: usize,
}

impl CanarySet {
    /// Makes ready to look.
    pub fn new(key: CanaryKey, planted: Vec<Planted>) -> Self {
        let mut bitmap: Box<[u64; WORDS]> = Box::new([0; WORDS]);
        let mut index: HashMap<u32, SmallVec<[(u32, u8); 2]>> = HashMap::new();
        let shortest = planted.iter().map(|form| usize::from(form.bytes)).min().unwrap_or(MIN_BYTES);
        let longest = planted.iter().map(|form| usize::from(form.bytes)).max().unwrap_or(0);
        // Wherever a spelling begins, one of the blocks that are looked at lies in it.
        let stride = [8, 4, 2].into_iter().find(|stride| stride + BLOCK - 1 <= shortest).unwrap_or(1);
        for (place, form) in (0..).zip(&planted) {
            for (offset, digest) in (0..).zip(form.blocks.iter().take(stride)) {
                let (word, bit) = bit(*digest);
                bitmap[word] |= bit;
                index.entry(*digest).or_default().push((place, offset));
            }
        }
        Self { key, planted, bitmap, index, stride, longest }
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
            let digest = self.key.digest(block);
            let (word, bit) = bit(digest);
            if self.bitmap[word] & bit != 0 {
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

/// Where a digest's bit is.
#[inline]
const fn bit(digest: u32) -> (usize, u64) {
    ((digest >> 6) as usize % WORDS, 1 << (digest & 63))
}
