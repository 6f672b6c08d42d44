//! The key under which canaries are hashed, and what it makes of a spelling.

use aws_lc_rs::hmac;
use smallvec::SmallVec;
use zeroize::Zeroizing;

use super::anchor::Anchor;
use super::form::folded;
use super::marks::{MASKS, MAX_STEP, Marks};

/// Bytes of a block.
pub(super) const BLOCK: usize = 8;

/// The bit that tells lower from upper case, in each of eight letters.
const CASE: u64 = 0x2020_2020_2020_2020;

/// The key under which canaries are hashed.
pub struct CanaryKey {
    values: hmac::Key,
    /// Of blocks: what is added, and what they are multiplied by.
    mix: [u64; 2],
    /// What a sketch is multiplied by.
    sketch: u64,
    /// What a whole spelling is multiplied by.
    whole: u64,
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
        Self { values, mix: [word(0), word(8) | 1], sketch: word(16) | 1, whole: word(24) | 1 }
    }

    /// The keyed hash of a spelling, letters folded.
    pub fn hash(&self, form: &str) -> [u8; 32] {
        self.sign(b"portcullis-canary-v1\0", &[folded(form).as_bytes()])
    }

    fn sign(&self, what: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.values);
        context.update(what);
        for part in parts {
            context.update(part);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(context.sign().as_ref());
        hash
    }

    /// By what a spelling is recognised before its hash is asked.
    pub(super) fn marks(&self, form: &[u8]) -> Marks {
        let blocks = || form.windows(BLOCK).take(MAX_STEP).filter_map(|block| block.first_chunk().copied());
        Marks {
            whole: Some(self.whole(form)),
            blocks: blocks().map(|block| self.digest(block)).collect(),
            sketches: MASKS.map(|mask| blocks().map(|block| self.sketch(block, mask)).collect()),
            anchor: Anchor::of(self, form),
        }
    }

    /// 32 bits of a block, with the bit that tells lower from upper case set in all letters: the upper half of a product
    /// with a secret. It only has to be unforeseeable to who does not have the key.
    #[inline]
    pub(super) const fn digest(&self, block: [u8; BLOCK]) -> u32 {
        let folded = u64::from_le_bytes(block) | CASE;
        ((folded ^ self.mix[0]).wrapping_mul(self.mix[1]) >> 32) as u32
    }

    /// 32 bits of two blocks.
    #[inline]
    pub(super) const fn digest_of_two(&self, first: [u8; BLOCK], last: [u8; BLOCK]) -> u32 {
        let both = (u64::from_le_bytes(first) ^ self.mix[0]).wrapping_add(u64::from_le_bytes(last).rotate_left(29));
        (both.wrapping_mul(self.mix[1]) >> 32) as u32
    }

    /// 17 bits of some bits of a block. No mask has the bit that tells lower from upper case.
    #[inline]
    pub(super) const fn sketch(&self, block: [u8; BLOCK], mask: u64) -> u32 {
        ((u64::from_le_bytes(block) & mask).wrapping_mul(self.sketch) >> 47) as u32
    }

    /// 64 bits of a whole spelling, letters folded as in blocks.
    pub(super) fn whole(&self, spelt: &[u8]) -> u64 {
        spelt.chunks(BLOCK).fold(self.mix[0] ^ spelt.len() as u64, |hash, chunk| {
            let mut block = [0; BLOCK];
            block[..chunk.len()].copy_from_slice(chunk);
            let product = (hash ^ (u64::from_le_bytes(block) | CASE)).wrapping_mul(self.whole);
            product ^ product >> 29
        })
    }

    /// Marks as a file keeps them: nobody without the key sees more than how many there are.
    pub(super) fn seal(&self, bytes: u8, marks: &Marks, hash: &[u8; 32]) -> Vec<u8> {
        let mut sealed = marks.bytes();
        let tag = self.tag(bytes, &sealed, hash, marks.anchor.is_known());
        self.cover(hash, tag, &mut sealed);
        sealed.extend_from_slice(&tag);
        sealed
    }

    /// Marks that were sealed under this key for this entry, with an anchor or without.
    pub(super) fn unseal(&self, bytes: u8, sealed: &[u8], hash: &[u8; 32], anchored: bool) -> Option<Marks> {
        let (covered, tag) = sealed.split_last_chunk::<TAG>()?;
        let mut plain = covered.to_vec();
        self.cover(hash, *tag, &mut plain);
        if self.tag(bytes, &plain, hash, anchored) != *tag {
            return None;
        }
        Marks::read(&plain, bytes, anchored)
    }

    /// Tells that an entry is whole and of this key.
    fn tag(&self, bytes: u8, marks: &[u8], hash: &[u8; 32], anchored: bool) -> [u8; TAG] {
        let what: &[u8] = if anchored { b"portcullis-canary-entry-v2\0" } else { b"portcullis-canary-entry-v1\0" };
        let signed = self.sign(what, &[&[bytes], hash, marks]);
        let mut tag = [0; TAG];
        tag.copy_from_slice(&signed[..TAG]);
        tag
    }

    /// HMAC-SHA-256 as a stream of its own for each entry: the tag hangs on all that is covered (as in RFC 5297).
    fn cover(&self, hash: &[u8; 32], tag: [u8; TAG], bytes: &mut [u8]) {
        for (number, chunk) in (0_u32..).zip(bytes.chunks_mut(32)) {
            let stream = self.sign(b"portcullis-canary-seal-v1\0", &[hash, &tag, &number.to_le_bytes()]);
            chunk.iter_mut().zip(stream).for_each(|(byte, mask)| *byte ^= mask);
        }
    }
}

/// Bytes of an entry's tag.
pub(super) const TAG: usize = 8;

/// Digests of blocks.
pub(super) type Digests = SmallVec<[u32; MAX_STEP]>;
