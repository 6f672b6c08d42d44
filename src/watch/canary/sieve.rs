//! The first look at a text, 64 bytes at once by the widest instructions that the processor has: where a planted value may
//! be, told by what is rare in it.

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x16, u8x64, u32x16};

/// Bytes that are looked at together: a bit of a word for each.
const BLOCK: usize = 64;

/// Bytes that are looked at for words of four bytes together: a bit of a word for each of these.
const GROUP: usize = 4 * BLOCK;

/// Blocks of a window, 16 KiB: it stays in a core's first cache for all looks, and in the second for what encrypts it
/// afterwards.
const BLOCKS: usize = 256;

/// Bytes that two windows have in common: more than the longest spelling.
pub(super) const COMMON: usize = 8 * BLOCK;

/// Bytes of a window.
pub(super) const WINDOW: usize = BLOCKS * BLOCK;

/// What escapes begin with, each at the place that its low half says; the first is nothing's, for its low half is another.
const ESCAPES: [u8; 16] = [1, 0, 0, 0, 0, b'%', b'&', 0, 0, 0, 0, 0, b'\\', 0, 0, 0];

/// Bytes that are looked at before a word, to find its run's begin.
const BEFORE: u32 = 24;

/// Runs of a window: a word in every eight bytes may be one's first.
const RUNS: usize = WINDOW / 8;

/// What is looked for.
pub(super) struct Sieve {
    level: Level,
    ats: bool,
    spaces: bool,
    runs: Option<Wanted>,
}

/// Which runs of digits and hyphens count: by their words, which are four or eight bytes from a multiple of that on.
#[derive(Clone, Copy, Default)]
struct Wanted {
    /// Length of the shortest.
    shortest: u32,
    /// Length of the longest that is told as a whole.
    longest: u32,
    /// How many words of four bytes come before the one that ends a word.
    more: u32,
    /// The words of four bytes in a block with which a word begins.
    begins: u64,
}

/// What a window has.
pub(super) struct Sifted {
    /// Whether an escape may begin in it.
    pub escapes: bool,
    /// Places of `@`.
    pub ats: Places,
    /// Places of spaces that neither a space nor a quote follows.
    pub spaces: Places,
    words: Places,
    runs: [Run; RUNS],
    count: usize,
}

/// A run of digits and hyphens; full stops and slashes count as such here.
#[derive(Clone, Copy)]
pub(super) struct Run {
    /// Where it begins; if it is too long, a place in it.
    pub begin: u32,
    /// In bytes; 0 if it is too long.
    pub length: u32,
    /// A bit for each of its bytes that is a hyphen.
    pub hyphens: u64,
}

/// Places in a window.
pub(super) struct Places {
    /// A bit for each, of the blocks that have any.
    bits: [u64; BLOCKS],
    /// Where these blocks begin.
    begins: [u32; BLOCKS],
    count: usize,
}

impl Sieve {
    /// For spellings that have an `@` or a space, and for runs from the shortest on; longer ones than the second are not
    /// told as a whole.
    pub fn new(ats: bool, spaces: bool, runs: Option<(u32, u32)>) -> Self {
        let runs = runs.map(|(shortest, longest)| {
            // Wherever a run begins, one of its words begins at a multiple of a word's length.
            let (more, begins) = if shortest >= 15 { (1, 0x5555_5555_5555_5555) } else { (0, u64::MAX) };
            Wanted { shortest, longest, more, begins }
        });
        Self { level: Level::new(), ats, spaces, runs }
    }

    /// By these instructions.
    #[cfg(test)]
    pub fn at(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// Looks at a text, a window after the other: whatever is not longer than [`COMMON`] lies in one of them.
    pub fn sift<'a>(&self, mut text: &'a [u8], sifted: &mut Sifted, mut look: impl FnMut(&'a [u8], &Sifted)) {
        loop {
            let window = &text[..text.len().min(WINDOW)];
            self.window(window, sifted);
            look(window, sifted);
            if text.len() <= WINDOW {
                return;
            }
            text = &text[WINDOW - COMMON..];
        }
    }

    fn window(&self, text: &[u8], sifted: &mut Sifted) {
        let wanted = self.runs.unwrap_or_default();
        /// A loop for each case: what does not count costs nothing.
        macro_rules! by_what_counts {
            ($(($ats:literal, $spaces:literal, $runs:literal))*) => {
                match (self.ats, self.spaces, self.runs.is_some()) {
                    $(($ats, $spaces, $runs) => dispatch!(self.level, simd => {
                        window::<_, $ats, $spaces, $runs>(simd, text, wanted, sifted);
                    }),)*
                }
            };
        }
        by_what_counts!((false, false, false)(false, false, true)(false, true, false)(false, true, true)(
            true, false, false
        )(true, false, true)(true, true, false)(true, true, true));
    }
}

#[inline(always)]
fn window<S: Simd, const ATS: bool, const SPACES: bool, const RUNS: bool>(
    simd: S,
    text: &[u8],
    wanted: Wanted,
    sifted: &mut Sifted,
) {
    sifted.count = 0;
    let mut way = Way { wanted, least: u8x64::splat(simd, 1), ats: 0, spaces: 0, words: 0 };
    let (groups, rest) = text.as_chunks::<GROUP>();
    let mut begins = (0..).step_by(GROUP);
    for (group, begin) in groups.iter().zip(begins.by_ref()) {
        way.look::<ATS, SPACES, RUNS>(simd, group, begin, sifted);
    }
    if !rest.is_empty() {
        let mut last = [0; GROUP];
        last[..rest.len()].copy_from_slice(rest);
        way.look::<ATS, SPACES, RUNS>(simd, &last, begins.next().unwrap_or_default(), sifted);
    }
    (sifted.ats.count, sifted.spaces.count, sifted.words.count) = (way.ats, way.spaces, way.words);
    sifted.escapes = way.least.simd_eq(0).to_bitmask() != 0;
    if RUNS {
        runs(simd, text, wanted, sifted);
    }
}

/// The way through a window.
struct Way<S: Simd> {
    wanted: Wanted,
    /// Zero where an escape began.
    least: u8x64<S>,
    /// How many blocks have an `@`, a space, and a word.
    ats: usize,
    spaces: usize,
    words: usize,
}

impl<S: Simd> Way<S> {
    #[inline(always)]
    fn look<const ATS: bool, const SPACES: bool, const RUNS: bool>(
        &mut self,
        simd: S,
        group: &[u8; GROUP],
        begin: u32,
        sifted: &mut Sifted,
    ) {
        let escapes = u8x64::block_splat(u8x16::load_array(simd, ESCAPES));
        let mut words = 0;
        for (place, block) in (0..).step_by(BLOCK).zip(group.as_chunks::<BLOCK>().0) {
            let bytes = u8x64::load_array_ref(simd, block);
            self.least = self.least.min(escapes.swizzle_dyn_within_blocks(bytes & 15) ^ bytes);
            if ATS {
                let ats = bytes.simd_eq(b'@').to_bitmask();
                sifted.ats.note(self.ats, ats, begin + place);
                self.ats += usize::from(ats != 0);
            }
            if SPACES {
                let spaces = bytes.simd_eq(b' ').to_bitmask();
                let spaces = spaces & !((spaces | bytes.simd_eq(b'"').to_bitmask()) >> 1);
                sifted.spaces.note(self.spaces, spaces, begin + place);
                self.spaces += usize::from(spaces != 0);
            }
            if RUNS {
                // Zero in each byte of digits and hyphens, and where words of four bytes have nothing else.
                let others: u32x16<S> = (bytes - b'-').saturating_sub(b'9' - b'-').bitcast();
                words |= others.simd_eq(0).to_bitmask() << (place / 4);
            }
        }
        if RUNS {
            let words = words & words >> self.wanted.more & self.wanted.begins;
            // Of those side by side, the first.
            let words = words & !(words << self.wanted.more << 1);
            sifted.words.note(self.words, words, begin);
            self.words += usize::from(words != 0);
        }
    }
}

/// Tells the runs that have the words.
#[inline(always)]
fn runs<S: Simd>(simd: S, text: &[u8], wanted: Wanted, sifted: &mut Sifted) {
    let Sifted { words, runs, count, .. } = sifted;
    let mut done = 0;
    let mut next = words.first();
    while let Some((at, after)) = words.at(next, 4) {
        next = after;
        let around: Option<&[u8; BLOCK]> =
            at.checked_sub(BEFORE).and_then(|begin| text.get(begin as usize..)?.first_chunk());
        let edge;
        let bytes = match around {
            Some(around) => u8x64::load_array_ref(simd, around),
            None => {
                edge = edge_of(text, at);
                u8x64::load_array_ref(simd, &edge)
            }
        };
        let digits = (bytes - b'-').simd_lt(b'9' - b'-' + 1).to_bitmask();
        let before = (digits << (u64::BITS - BEFORE)).leading_ones();
        let behind = (digits >> BEFORE).trailing_ones();
        let length = before + behind;
        let is_whole = before < BEFORE && behind < u64::BITS - BEFORE && length <= wanted.longest;
        let hyphens = bytes.simd_eq(b'-').to_bitmask() >> (BEFORE - before) & !(u64::MAX << (length % 64));
        runs[*count % RUNS] = match is_whole {
            true => Run { begin: at - before, length, hyphens },
            false => Run { begin: at, length: 0, hyphens: 0 },
        };
        *count += usize::from((at >= done) & (length >= wanted.shortest));
        done = done.max(at + behind);
    }
}

/// What is around a place near a text's begin or end.
#[cold]
#[inline(never)]
fn edge_of(text: &[u8], at: u32) -> [u8; BLOCK] {
    let byte = |place: usize| (at as usize + place).checked_sub(BEFORE as usize).and_then(|at| text.get(at)).copied();
    std::array::from_fn(|place| byte(place).unwrap_or_default())
}

impl Sifted {
    /// Room for what a window may have.
    #[expect(clippy::large_stack_arrays, reason = "it is what a static of each thread begins as")]
    pub const fn new() -> Self {
        let none = Run { begin: 0, length: 0, hyphens: 0 };
        Self {
            escapes: false,
            ats: Places::new(),
            spaces: Places::new(),
            words: Places::new(),
            runs: [none; RUNS],
            count: 0,
        }
    }

    /// Runs of digits and hyphens that are long enough.
    pub fn runs(&self) -> &[Run] {
        self.runs.get(..self.count).unwrap_or_default()
    }
}

/// Where one is in a list of places: its block, that block's begin, and what is left of its bits.
type Next = (usize, u32, u64);

impl Places {
    const fn new() -> Self {
        Self { bits: [0; BLOCKS], begins: [0; BLOCKS], count: 0 }
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    #[inline(always)]
    fn note(&mut self, at: usize, bits: u64, begin: u32) {
        self.bits[at % BLOCKS] = bits;
        self.begins[at % BLOCKS] = begin;
    }

    #[inline(always)]
    fn first(&self) -> Next {
        (0, self.begins[0], self.bits[0])
    }

    /// A place, and the one behind it. One loop over all places foresees its branches better than a loop for each block.
    #[inline(always)]
    fn at(&self, (block, begin, bits): Next, bytes: u32) -> Option<(u32, Next)> {
        if block >= self.count {
            return None;
        }
        let at = begin + bytes * bits.trailing_zeros();
        let rest = bits & bits.wrapping_sub(1);
        let next = (block + 1) % BLOCKS;
        let next = match rest == 0 {
            true => (block + 1, self.begins[next], self.bits[next]),
            false => (block, begin, rest),
        };
        Some((at, next))
    }

    /// Goes through all of them.
    #[inline(always)]
    pub fn each(&self, mut look: impl FnMut(usize)) {
        let mut next = self.first();
        while let Some((at, after)) = self.at(next, 1) {
            next = after;
            look(at as usize);
        }
    }
}
