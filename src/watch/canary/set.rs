//! All canaries of a file, looked for at once.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use smallvec::SmallVec;

use super::blocks::{Blocks, Part};
use super::form::{Kind, MIN_BYTES, folded, is_separator};
use super::found::Found;
use super::key::{BLOCK, CanaryKey};
use super::marks::{MAX_STEP, Marks, blocks_of};
use super::sketch::{Sketches, block_at};
use crate::redact::Name;

/// Blocks that are looked at before the next branch, where there are no sketches.
const TOGETHER: usize = 4;

/// How a file holds the marks of a spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// Digests of blocks, in sight: the first form of files.
    Plain(Marks),
    /// Sealed under the key.
    Sealed(Box<[u8]>),
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
    /// By what it is recognised.
    pub(super) kept: Kept,
    /// Its keyed hash.
    pub hash: [u8; 32],
}

impl Planted {
    /// Hashes a spelling.
    pub fn new(key: &CanaryKey, name: &Name, kind: Kind, form: &str) -> Option<Self> {
        let bytes = u8::try_from(form.len()).ok().filter(|bytes| usize::from(*bytes) >= MIN_BYTES)?;
        let hash = key.hash(form);
        let sealed = key.seal(bytes, &key.marks(form.as_bytes()), &hash);
        Some(Self { name: name.clone(), kind, bytes, kept: Kept::Sealed(sealed.into()), hash })
    }

    /// Whether it stems from the first form of files: then it is found as well, by a longer way.
    pub const fn is_old(&self) -> bool {
        matches!(self.kept, Kept::Plain(_))
    }

    fn marks(&self, key: &CanaryKey) -> Option<Marks> {
        match &self.kept {
            Kept::Plain(marks) => Some(marks.clone()),
            Kept::Sealed(sealed) => key.unseal(self.bytes, sealed, &self.hash),
        }
    }
}

/// An entry that was made under another key, or changed since.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the canary {0} was not hashed under this key, or its entry was changed: add it anew, or give the key back")]
pub struct Foreign(pub Name);

/// All canaries of a file.
pub struct CanarySet {
    key: CanaryKey,
    planted: Vec<Planted>,
    /// None in a file that has entries of the first form, or whose values look like anything else in an answer.
    sketches: Option<Sketches>,
    blocks: Blocks,
    /// Spellings by what is known of all of them.
    wholes: HashMap<u64, SmallVec<[u32; 1]>, BuildHasherDefault<Keyed>>,
    step: usize,
    longest: usize,
}

impl CanarySet {
    /// Makes ready to look.
    pub fn new(key: CanaryKey, planted: Vec<Planted>) -> Result<Self, Foreign> {
        let marks: Result<Vec<Marks>, Foreign> =
            planted.iter().map(|form| form.marks(&key).ok_or_else(|| Foreign(form.name.clone()))).collect();
        let marks = marks?;
        let shortest = planted.iter().map(|form| usize::from(form.bytes)).min().unwrap_or(MIN_BYTES);
        let longest = planted.iter().map(|form| usize::from(form.bytes)).max().unwrap_or(0);
        // Wherever a spelling begins, one of the blocks that are looked at lies in it.
        let step = blocks_of(shortest).max(1);
        let sketches = Sketches::new(&key, marks.iter(), step);
        let mut parts = Vec::with_capacity(planted.len() * step);
        let mut wholes: HashMap<u64, SmallVec<[u32; 1]>, _> = HashMap::default();
        for (place, (form, marks)) in (0..).zip(planted.iter().zip(&marks)) {
            let plain = marks.whole.is_none();
            for (offset, digest) in (0..).zip(marks.blocks.iter().take(step)) {
                parts.push(Part { digest: *digest, offset, bytes: form.bytes, plain });
            }
            wholes.entry(marks.whole.unwrap_or_else(|| of_blocks(&marks.blocks))).or_default().push(place);
        }
        Ok(Self { key, planted, sketches, blocks: Blocks::new(parts), wholes, step, longest })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.planted.is_empty()
    }

    /// How many entries stem from the first form of files: they make the search in answers dearer, for all.
    pub fn old(&self) -> usize {
        self.planted.iter().filter(|form| form.is_old()).count()
    }

    /// How long the longest spelling is.
    pub const fn longest(&self) -> usize {
        self.longest
    }

    /// Finds canaries in a text, whatever stands around them.
    #[inline]
    pub fn search(&self, text: &[u8], found: &mut Found) {
        if found.is_full() {
            return;
        }
        /// A loop for each step: one that knows its step takes two thirds of the time.
        macro_rules! by_steps_of {
            ($($step:literal)*) => {
                match self.step {
                    $($step => self.steps_of::<$step>(text, found),)*
                    _ => self.steps_of::<1>(text, found),
                }
            };
        }
        by_steps_of!(2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
    }

    fn steps_of<const STEP: usize>(&self, text: &[u8], found: &mut Found) {
        let mut confirm = |at: usize| self.confirm(text, at, found);
        let mut begin = 0;
        if let Some(sketches) = &self.sketches {
            let likely = |at: usize| self.blocks.passes(&self.key, text, at) & 1 != 0;
            begin = sketches.scan::<STEP>(&self.key, text, likely, &mut confirm);
        } else {
            // So many at once, with one branch that is nearly never taken.
            for group in text.windows((TOGETHER - 1) * STEP + BLOCK).step_by(TOGETHER * STEP) {
                let passes = |place| self.blocks.passes(&self.key, group, place * STEP);
                if (0..TOGETHER).fold(0, |any, place| any | passes(place)) & 1 != 0 {
                    (0..TOGETHER).for_each(|place| confirm(begin + place * STEP));
                }
                begin += TOGETHER * STEP;
            }
        }
        while begin < text.len() {
            if self.sketches.as_ref().is_none_or(|sketches| sketches.may(&self.key, text, begin)) {
                confirm(begin);
            }
            begin += STEP;
        }
    }

    /// What is done for a block that is a planted value's is bounded by how many lengths the values with this block have;
    /// how many such values there are does not count.
    #[cold]
    fn confirm(&self, text: &[u8], at: usize, found: &mut Found) {
        if self.blocks.passes(&self.key, text, at) & 1 == 0 {
            return;
        }
        for part in self.blocks.at(&self.key, text, at) {
            let Some(begin) = at.checked_sub(usize::from(part.offset)) else { continue };
            let Some(spelt) = text.get(begin..begin + usize::from(part.bytes)) else { continue };
            let whole = if part.plain { self.blocks_of(spelt) } else { self.key.whole(spelt) };
            let Some(places) = self.wholes.get(&whole) else { continue };
            let forms = places.iter().filter_map(|place| self.planted.get(*place as usize));
            let mut forms = forms.filter(|form| form.bytes == part.bytes && !found.knows(&form.name)).peekable();
            if forms.peek().is_none() {
                continue;
            }
            let Ok(text) = str::from_utf8(spelt) else { continue };
            let hash = self.key.hash(text);
            let names: SmallVec<[&Name; 1]> = forms.filter(|form| form.hash == hash).map(|form| &form.name).collect();
            names.into_iter().for_each(|name| found.add(name));
        }
    }

    /// What is known of all of a spelling in a file's first form.
    fn blocks_of(&self, spelt: &[u8]) -> u64 {
        let blocks: SmallVec<[u32; MAX_STEP]> =
            (0..blocks_of(spelt.len())).map(|place| self.key.digest(block_at(spelt, place))).collect();
        of_blocks(&blocks)
    }

    /// How many entries are looked at for the block at a place.
    #[cfg(test)]
    pub(super) fn parts_at(&self, text: &[u8], at: usize) -> usize {
        self.blocks.at(&self.key, text, at).count()
    }

    /// Finds a value in all its spellings: what a person, a path or a query says.
    pub fn search_value(&self, text: &str, found: &mut Found) {
        let text = folded(text);
        self.search(text.as_bytes(), found);
        // Groups of digits with something else between them.
        let mut last = ' ';
        let grouped: String = text
            .chars()
            .map(|letter| {
                let between = is_separator(letter) && last.is_ascii_digit();
                last = letter;
                if between { '-' } else { letter }
            })
            .collect();
        if grouped != text {
            self.search(grouped.as_bytes(), found);
        }
        // What follows a `+` before an `@` is the sender's own mark.
        if let Some((before, domain)) = text.split_once('@')
            && let Some(plus) = before.rfind('+')
        {
            self.search(format!("{}@{domain}", &before[..plus]).as_bytes(), found);
        }
    }
}

/// Digests of blocks as one number.
fn of_blocks(blocks: &[u32]) -> u64 {
    blocks
        .iter()
        .fold(0, |whole: u64, digest| (whole.rotate_left(25) ^ u64::from(*digest)).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Keys are keyed hashes already.
#[derive(Default)]
struct Keyed(u64);

impl Hasher for Keyed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
