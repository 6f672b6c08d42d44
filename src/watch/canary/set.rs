//! All canaries of a file, looked for at once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use smallvec::SmallVec;

use super::beside::Beside;
use super::blocks::{Blocks, Part};
use super::digits::Digits;
use super::form::{Kind, MIN_BYTES, folded, is_separator};
use super::found::Found;
use super::key::CanaryKey;
use super::marks::{MAX_STEP, Marks, blocks_of};
use super::sampled::Sampled;
use super::sieve::{Sieve, Sifted};
use super::sketch::block_at;
use crate::redact::Name;

/// Spellings to a word of the filter of them.
const DENSE: usize = 3;

/// How a file holds the marks of a spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// Digests of blocks, in sight: the first form of files.
    Plain(Box<Marks>),
    /// Sealed under the key, without an anchor: the second form.
    Sealed(Box<[u8]>),
    /// Sealed under the key, with an anchor.
    Anchored(Box<[u8]>),
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
        Some(Self { name: name.clone(), kind, bytes, kept: Kept::Anchored(sealed.into()), hash })
    }

    /// Whether it stems from an older form of files: then it is found as well, by a longer way.
    pub const fn is_old(&self) -> bool {
        matches!(self.kept, Kept::Plain(_) | Kept::Sealed(_))
    }

    fn marks(&self, key: &CanaryKey) -> Option<Marks> {
        match &self.kept {
            Kept::Plain(marks) => Some(Marks::clone(marks)),
            Kept::Sealed(sealed) => key.unseal(self.bytes, sealed, &self.hash, false),
            Kept::Anchored(sealed) => key.unseal(self.bytes, sealed, &self.hash, true),
        }
    }
}

/// An entry that was made under another key, or changed since.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the canary {0} was not hashed under this key, or its entry was changed: add it anew, or give the key back")]
pub struct Foreign(pub Name);

thread_local! {
    /// Room for what the first look finds.
    static SIFTED: RefCell<Sifted> = const { RefCell::new(Sifted::new()) };
}

/// All canaries of a file.
pub struct CanarySet {
    key: CanaryKey,
    planted: Vec<Planted>,
    sieve: Sieve,
    digits: Digits,
    ats: Beside,
    spaces: Beside,
    /// All other spellings.
    sampled: Sampled,
    /// Spellings by what is known of all of them.
    wholes: HashMap<u64, SmallVec<[u32; 1]>, BuildHasherDefault<Keyed>>,
    /// Of the same, in a core's second cache: what shares a block with a spelling is most often none.
    known: Blocks,
    longest: usize,
}

impl CanarySet {
    /// Makes ready to look.
    pub fn new(key: CanaryKey, planted: Vec<Planted>) -> Result<Self, Foreign> {
        let marks: Result<Vec<Marks>, Foreign> =
            planted.iter().map(|form| form.marks(&key).ok_or_else(|| Foreign(form.name.clone()))).collect();
        let marks = marks?;
        let longest = planted.iter().map(|form| usize::from(form.bytes)).max().unwrap_or(0);
        let both = || marks.iter().zip(planted.iter().map(|form| form.bytes));
        let anchors = || both().map(|(marks, bytes)| (marks.anchor, bytes));
        let forms: Vec<_> = both().collect();
        let digits = Digits::new(&forms);
        let (ats, spaces) = (Beside::new(b'@', anchors()), Beside::new(b' ', anchors()));
        let sieve = Sieve::new(!ats.is_empty(), !spaces.is_empty(), digits.runs());
        let rest = both().filter(|(marks, _)| !Digits::holds(marks.anchor) && !Beside::holds(marks.anchor));
        let sampled = Sampled::new(&key, &rest.collect::<Vec<_>>());
        let mut wholes: HashMap<u64, SmallVec<[u32; 1]>, _> = HashMap::default();
        for (place, marks) in (0..).zip(&marks) {
            wholes.entry(marks.whole.unwrap_or_else(|| of_blocks(&marks.blocks))).or_default().push(place);
        }
        let known = wholes.keys().map(|whole| Part { digest: part_of(*whole), offset: 0, bytes: 0, plain: false });
        let known = Blocks::new(known.collect(), DENSE);
        Ok(Self { key, planted, sieve, digits, ats, spaces, sampled, wholes, known, longest })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.planted.is_empty()
    }

    /// How many entries stem from older forms of files: they make the search in answers dearer, for all.
    pub fn old(&self) -> usize {
        self.planted.iter().filter(|form| form.is_old()).count()
    }

    /// How long the longest spelling is.
    pub const fn longest(&self) -> usize {
        self.longest
    }

    /// Finds canaries in a text, whatever stands around them. Gives whether an escape may begin in it.
    pub fn search(&self, text: &[u8], found: &mut Found) -> bool {
        if found.is_full() {
            return false;
        }
        self.candidates(text, &mut |text, begin, part| self.confirm(text, begin, part, found))
    }

    /// Gives what may be in a text, and where it would begin.
    fn candidates(&self, text: &[u8], found: &mut dyn FnMut(&[u8], usize, Part)) -> bool {
        let mut escapes = false;
        SIFTED.with_borrow_mut(|sifted| {
            self.sieve.sift(text, sifted, |window, sifted| {
                let mut found = |begin, part| found(window, begin, part);
                escapes |= sifted.escapes;
                if !sifted.runs().is_empty() {
                    self.digits.look(&self.key, window, sifted.runs(), &mut found);
                }
                for (beside, places) in [(&self.ats, &sifted.ats), (&self.spaces, &sifted.spaces)] {
                    if !places.is_empty() {
                        beside.look(&self.key, window, places, &mut found);
                    }
                }
            });
        });
        self.sampled.scan(&self.key, text, &mut |begin, part| found(text, begin, part));
        escapes
    }

    /// What is done for a piece that is a planted value's is bounded by how many lengths the values with this piece have;
    /// how many such values there are does not count.
    #[cold]
    fn confirm(&self, text: &[u8], begin: usize, part: Part, found: &mut Found) {
        let Some(spelt) = text.get(begin..begin.saturating_add(usize::from(part.bytes))) else { return };
        let whole = if part.plain { self.blocks_of(spelt) } else { self.key.whole(spelt) };
        if self.known.passes(part_of(whole)) & 1 == 0 {
            return;
        }
        let Some(places) = self.wholes.get(&whole) else { return };
        let forms = places.iter().filter_map(|place| self.planted.get(*place as usize));
        let mut forms = forms.filter(|form| form.bytes == part.bytes && !found.knows(&form.name)).peekable();
        if forms.peek().is_none() {
            return;
        }
        let Ok(text) = str::from_utf8(spelt) else { return };
        let hash = self.key.hash(text);
        let names: SmallVec<[&Name; 1]> = forms.filter(|form| form.hash == hash).map(|form| &form.name).collect();
        names.into_iter().for_each(|name| found.add(name));
    }

    /// What is known of all of a spelling in a file's first form.
    fn blocks_of(&self, spelt: &[u8]) -> u64 {
        let blocks: SmallVec<[u32; MAX_STEP]> =
            (0..blocks_of(spelt.len())).map(|place| self.key.digest(block_at(spelt, place))).collect();
        of_blocks(&blocks)
    }

    /// How many entries are looked at in a text.
    #[cfg(test)]
    pub(super) fn parts_in(&self, text: &[u8]) -> usize {
        let mut count = 0;
        self.candidates(text, &mut |_, _, _| count += 1);
        count
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

/// As many bits of what is known of a whole spelling as a filter takes.
const fn part_of(whole: u64) -> u32 {
    (whole >> 32) as u32
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
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
