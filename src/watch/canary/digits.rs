//! Spellings of digits and hyphens: order ids. Two bytes of each that is long enough are looked at, and more only where
//! both may belong to one.

use std::collections::{BTreeMap, BTreeSet};

use smallvec::SmallVec;

use super::anchor::{Anchor, MAX_DIGITS};
use super::blocks::{Blocks, Part};
use super::key::{BLOCK, CanaryKey};
use super::marks::Marks;
use super::sketch::block_at;

/// Places that are looked at before it is asked what is at them: a bit for each.
const GROUP: usize = 64;

/// Blocks of which it is noted that something may begin there, before it is looked what.
const NOTES: usize = 256;

/// Largest step.
const MAX_STEP: usize = 16;

/// Patterns of hyphens at most; what has another is looked for at every step.
const MAX_PATTERNS: usize = 32;

/// Where the blocks begin that tell a pattern: so many bytes before the place that is looked at. With the shortest
/// spelling's length, wherever in it the place is, one of them lies in it.
const BACKS_OF_LONG: &[usize] = &[0, 8];
/// Where shorter ones than [`LONG`] are looked for.
const BACKS_OF_SHORT: &[usize] = &[0, 6, 3];

/// Length of a long spelling: it has a byte behind whichever block tells its pattern.
const LONG: usize = 16;

/// The furthest of them.
const FURTHEST: usize = 8;

/// What is looked at around a place.
type Around = [u8; FURTHEST + BLOCK];

/// Bits of a pattern's place in a table of them.
const KIND_BITS: u32 = CanaryKey::KIND_BITS;

/// For each kind of block, the candidates: the place of the first, and how many there are in the lowest eight bits.
type Lists = Box<[u32; 1 << KIND_BITS]>;

/// Parts to a word of the filter.
const DENSE: usize = 6;

/// So many places at which a spelling may begin are too many to look at each: digits without hyphens.
const VAGUE: usize = 3;

/// Length, and where the hyphens are.
type Pattern = (u8, u64);

/// How far before the block that told its pattern a spelling may begin, and its length.
type Candidate = (u8, u8);

/// By the place of a block and its kinds, what may begin there.
type Told = BTreeMap<(usize, usize), SmallVec<[Candidate; 4]>>;

/// Spellings of digits and hyphens.
pub(super) struct Digits {
    patterns: SmallVec<[Pattern; 4]>,
    /// 1 for each two bytes that a pattern has side by side.
    pairs: Box<[u8; 1 << 16]>,
    /// Whether all spellings are.
    is_long: bool,
    lists: [Lists; 3],
    candidates: Vec<Candidate>,
    blocks: Blocks,
    /// Blocks that do not tell where a spelling begins, for there are [`VAGUE`] places and more.
    vague: Blocks,
    step: usize,
}

impl Digits {
    /// Of those spellings that are such, which are given with their lengths.
    pub fn new(key: &CanaryKey, forms: &[(&Marks, u8)]) -> Self {
        let anchors = || forms.iter().map(|(marks, bytes)| (marks.anchor, *bytes));
        let mut patterns: SmallVec<[Pattern; 4]> = SmallVec::new();
        let mut parts = Vec::new();
        for (anchor, bytes) in anchors() {
            let Anchor::Digits { hyphens, digest } = anchor else { continue };
            if !patterns.contains(&(bytes, hyphens)) {
                if patterns.len() == MAX_PATTERNS {
                    continue;
                }
                patterns.push((bytes, hyphens));
            }
            parts.push(Part { digest, offset: 0, bytes, plain: false });
        }
        let shortest = patterns.iter().map(|(bytes, _)| usize::from(*bytes)).min().unwrap_or(MAX_STEP);
        let mut digits = Self {
            pairs: boxed(0),
            is_long: shortest >= LONG,
            lists: [boxed(0), boxed(0), boxed(0)],
            candidates: Vec::new(),
            blocks: Blocks::new(parts, DENSE),
            vague: Blocks::new(Vec::new(), 1),
            step: (shortest - 1).min(MAX_STEP),
            patterns,
        };
        let mut told = Told::new();
        for pattern in digits.patterns.clone() {
            digits.learn(key, pattern, &mut told);
        }
        let vague = told.values().filter(|candidates| candidates.len() >= VAGUE).flatten().collect::<BTreeSet<_>>();
        let digests =
            forms.iter().filter(|(marks, bytes)| digits.holds(marks.anchor, *bytes)).flat_map(|(marks, bytes)| {
                let of = vague.iter().filter(move |(_, length)| length == bytes);
                let part = |digest: &u32| Part { digest: *digest, offset: 0, bytes: 0, plain: false };
                of.filter_map(move |(back, _)| marks.blocks.get(usize::from(*back)).map(part))
            });
        let digests = digests.collect();
        digits.vague = Blocks::new(digests, 1);
        for ((which, kinds), candidates) in told {
            // At most 32 patterns, of 16 places each, of which each is a candidate once.
            let (first, count) = (digits.candidates.len(), candidates.len().min(255));
            digits.lists[which][kinds] = u32::try_from(first << 8 | count).unwrap_or_default();
            digits.candidates.extend(candidates);
        }
        digits
    }

    /// Whether such a spelling is looked for.
    pub fn holds(&self, anchor: Anchor, bytes: u8) -> bool {
        matches!(anchor, Anchor::Digits { hyphens, .. } if self.patterns.contains(&(bytes, hyphens)))
    }

    /// Which two bytes of a pattern are met, and by which kinds of characters it is told where it begins.
    fn learn(&mut self, key: &CanaryKey, (bytes, hyphens): Pattern, told: &mut Told) {
        let kind = |at: usize| if hyphens >> at & 1 == 1 { b'-' } else { b'0' };
        let spelt: SmallVec<[u8; MAX_DIGITS]> = (0..usize::from(bytes)).map(kind).collect();
        // Wherever it begins, one of its first bytes is looked at.
        for at in 0..self.step {
            let all = |byte: u8| if byte == b'-' { b'-'..=b'-' } else { b'0'..=b'9' };
            for first in all(spelt[at]) {
                for second in all(spelt[at + 1]) {
                    self.pairs[usize::from(u16::from_le_bytes([first, second]))] = 1;
                }
            }
            let within = |back: usize| at.checked_sub(back).filter(|begin| begin + BLOCK <= spelt.len());
            // The nearest to the begin: there, fewer blocks are alike.
            let backs = if self.is_long { BACKS_OF_LONG } else { BACKS_OF_SHORT };
            let places = (0..).zip(backs).filter_map(|(which, back)| Some((within(*back)?, which)));
            let Some((begin, which)) = places.min() else { continue };
            let candidates = told.entry((which, key.kinds(block_at(&spelt, begin)))).or_default();
            let candidate = (u8::try_from(begin).unwrap_or_default(), bytes);
            if !candidates.contains(&candidate) {
                candidates.push(candidate);
            }
        }
    }

    /// Gives what may be in a text, and where it would begin.
    #[inline]
    pub fn scan(&self, key: &CanaryKey, text: &[u8], found: &mut dyn FnMut(usize, Part)) {
        /// A loop for each step: one that knows its step takes two thirds of the time.
        macro_rules! by_steps_of {
            ($($step:literal)*) => {
                match self.step {
                    $($step => self.steps_of::<$step>(key, text, found),)*
                    _ => self.steps_of::<1>(key, text, found),
                }
            };
        }
        if self.blocks.is_empty() {
            return;
        }
        by_steps_of!(9 10 11 12 13 14 15 16);
    }

    fn steps_of<const STEP: usize>(&self, key: &CanaryKey, text: &[u8], found: &mut dyn FnMut(usize, Part)) {
        let mut notes = Notes { notes: [0; NOTES], count: 0 };
        let (steps, rest) = text.as_chunks::<STEP>();
        let (groups, steps) = steps.as_chunks::<GROUP>();
        let may = |step: &[u8; STEP]| self.may(step, 0);
        let mut begin = 0;
        for group in groups {
            // Four sums side by side: one alone would wait for itself.
            let (quarters, _) = group.as_chunks::<{ GROUP / 4 }>();
            let mut sums = [0; 4];
            for place in (0..GROUP / 4).rev() {
                for (sum, quarter) in sums.iter_mut().zip(quarters) {
                    *sum = *sum + *sum + may(&quarter[place]);
                }
            }
            let mut bits = sums.into_iter().rev().fold(0, |bits, sum| bits << (GROUP / 4) | sum);
            while bits != 0 {
                self.note(key, text, begin + bits.trailing_zeros() as usize * STEP, &mut notes);
                bits &= bits - 1;
            }
            begin += GROUP * STEP;
            if notes.count > NOTES - BACKS_OF_SHORT.len() * GROUP {
                self.look_at(key, text, &mut notes, found);
            }
        }
        let last = (begin..).step_by(STEP).take(steps.len() + usize::from(rest.len() > 1));
        last.for_each(|at| self.note(key, text, at, &mut notes));
        self.look_at(key, text, &mut notes, found);
    }

    /// 1 if two bytes may stand in a spelling.
    #[inline(always)]
    fn may(&self, text: &[u8], at: usize) -> u64 {
        let pair = text.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        u64::from(self.pairs[usize::from(u16::from_le_bytes(pair))])
    }

    /// Notes what may begin around a place, by the kinds of the characters there.
    #[inline(always)]
    fn note(&self, key: &CanaryKey, text: &[u8], at: usize, notes: &mut Notes) {
        let around = at.checked_sub(FURTHEST).and_then(|begin| text.get(begin..)?.first_chunk());
        match around {
            Some(around) => self.note_around(key, around, at, notes),
            None => self.note_around(key, &edge_of(text, at), at, notes),
        }
    }

    #[inline(always)]
    fn note_around(&self, key: &CanaryKey, around: &Around, at: usize, notes: &mut Notes) {
        let mut note = |which: usize, back: usize| {
            let mut block = [0; BLOCK];
            block.copy_from_slice(&around[FURTHEST - back..][..BLOCK]);
            let list = self.lists[which][key.kinds(block) % (1 << KIND_BITS)];
            notes.notes[notes.count % NOTES] = (at.wrapping_sub(back) as u64) << 32 | u64::from(list);
            notes.count += usize::from(list != 0);
        };
        note(0, 0);
        if self.is_long {
            note(1, 8);
        } else {
            note(1, 6);
            note(2, 3);
        }
    }

    /// Looks at what may begin around some blocks.
    fn look_at(&self, key: &CanaryKey, text: &[u8], notes: &mut Notes, found: &mut dyn FnMut(usize, Part)) {
        for note in notes.notes.iter().take(notes.count) {
            let (block, first, count) =
                ((note >> 32) as usize, (note >> 8 & 0xff_ffff) as usize, (note & 0xff) as usize);
            // Of a long spelling, what follows the block belongs to it as well.
            if self.is_long && self.may(text, block + BLOCK - 1) == 0 {
                continue;
            }
            if count >= VAGUE && self.vague.passes(key.digest(block_at(text, block))) & 1 == 0 {
                continue;
            }
            for (back, bytes) in self.candidates.get(first..first + count).unwrap_or_default() {
                let begin = block.wrapping_sub(usize::from(*back));
                let last = begin.wrapping_add(usize::from(*bytes)).wrapping_sub(BLOCK);
                let digest = key.digest_of_two(block_at(text, begin), block_at(text, last));
                if self.blocks.passes(digest) & 1 != 0 {
                    let parts = self.blocks.of(digest).filter(|part| part.bytes == *bytes);
                    parts.for_each(|part| found(begin, part));
                }
            }
        }
        notes.count = 0;
    }
}

/// What is around a place near a text's begin or end.
#[cold]
#[inline(never)]
fn edge_of(text: &[u8], at: usize) -> Around {
    let byte = |place: usize| (at + place).checked_sub(FURTHEST).and_then(|at| text.get(at)).copied();
    std::array::from_fn(|place| byte(place).unwrap_or_default())
}

/// Blocks that told a pattern, and what may begin there.
struct Notes {
    notes: [u64; NOTES],
    count: usize,
}

fn boxed<T: Clone + Copy, const COUNT: usize>(value: T) -> Box<[T; COUNT]> {
    vec![value; COUNT].into_boxed_slice().try_into().unwrap_or_else(|_| Box::new([value; COUNT]))
}
