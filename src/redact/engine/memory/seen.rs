//! Forms of lines that a stream has shown, and what was found in each.
//!
//! A service writes a few hundred lines over and over, a client's address stands in a hundred of them. Nobody's data are
//! kept for that: forms are known by a hash under a key of this memory's own, what was found by its places, and what had to
//! be decoded by the pseudonym that stood for it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use super::check::{Check, Checker};
use crate::redact::engine::carry::Opened;
use crate::redact::engine::splice::{Kept, Spans};

/// Forms of one generation: what one stream repeats within a hundred thousand lines, in 4 MiB.
const MOST_FORMS: usize = 56 * 1024;
/// Bytes that one generation keeps of what was found in its forms.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Forms that were seen once, of which two bytes are kept: several times those of one generation.
const ONCE: usize = 128 * 1024;

/// What was found, by form. There are two generations: when one is full, the one before it is forgotten but for what was
/// asked for meanwhile.
pub struct Seen {
    young: Generation,
    old: Generation,
    /// Two bytes of what tells each form from others, by some of the rest of it.
    once: Box<[u16]>,
    checker: Checker,
    /// Forms of one generation.
    most: usize,
    /// Bytes that one generation keeps of what was found.
    most_bytes: usize,
    /// Nothing is found again, for tests of what that changes.
    #[cfg(test)]
    forgets: bool,
}

#[derive(Default)]
struct Generation {
    forms: HashMap<Check, Fate, BuildHasherDefault<Chosen>>,
    bytes: usize,
}

/// A hash that was made already.
#[derive(Default)]
struct Chosen(u64);

impl Hasher for Chosen {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// What became of a form.
#[derive(Clone, Debug)]
pub enum Fate {
    /// More than the form decides: each line of it is searched as it is.
    ByLine,
    /// All that the search of it did.
    Searched(Outcome),
}

/// All that a search did.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// A text that may begin a secret stands in it.
    pub literal: bool,
    /// What goes on in the next lines.
    pub opened: Opened,
    /// Bytes that were searched.
    pub work: u32,
    /// What was found, if anything was.
    pub found: Option<Box<Found>>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Places, with what stands there from now on.
    pub kept: Kept,
    /// How many at each level of decoding.
    pub levels: [u64; 8],
}

impl Default for Seen {
    fn default() -> Self {
        Self::new(MOST_FORMS, MOST_BYTES)
    }
}

impl Seen {
    /// A memory of two generations, each of so many forms and so many bytes of what was found in them.
    pub fn new(most: usize, most_bytes: usize) -> Self {
        Self {
            young: Generation::default(),
            old: Generation::default(),
            once: vec![0; ONCE].into(),
            checker: Checker::default(),
            most,
            most_bytes,
            #[cfg(test)]
            forgets: false,
        }
    }

    /// What tells a form from others, in which `spans` were found before and guesses are not asked at the places `quiet`.
    /// `sum` says where the form may differ from its line.
    pub fn check(&self, form: &[u8], sum: u64, spans: &Spans, quiet: &[(usize, usize)]) -> Check {
        self.checker.check(form, sum, spans, quiet)
    }

    /// What became of that form; `None` if it is not known.
    pub fn find(&mut self, check: Check) -> Option<&Fate> {
        #[cfg(test)]
        if self.forgets {
            return None;
        }
        match self.young.forms.entry(check) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(place) => {
                let fate = self.old.forms.remove(&check)?;
                // The other generation has the less.
                self.young.bytes += fate.bytes();
                Some(place.insert(fate))
            }
        }
    }

    /// Whether that form was seen before, most likely; now it was. A line of people who are not named again is not worth
    /// keeping.
    pub fn comes_again(&mut self, check: Check) -> bool {
        let (place, mark) = check.mark();
        let place = &mut self.once[place % ONCE];
        std::mem::replace(place, mark) == mark
    }

    /// Never finds anything again.
    #[cfg(test)]
    pub fn forget(&mut self) {
        self.forgets = true;
    }

    /// Keeps what became of that form.
    pub fn add(&mut self, check: Check, fate: Fate) {
        let bytes = fate.bytes();
        if bytes > self.most_bytes / 8 {
            return;
        }
        if self.young.forms.len() >= self.most || self.young.bytes + bytes > self.most_bytes {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.forms.clear();
            self.young.bytes = 0;
        }
        self.young.bytes += bytes;
        self.young.forms.insert(check, fate);
    }
}

impl Fate {
    /// Bytes that it takes beside its place.
    fn bytes(&self) -> usize {
        match self {
            Self::Searched(Outcome { found: Some(found), .. }) => size_of::<Found>() + found.kept.bytes(),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::Kind;
    use crate::redact::engine::Quote;

    const CALM: Outcome = Outcome { literal: false, opened: Opened::NOTHING, work: 7, found: None };

    #[test]
    fn only_what_is_alike_in_all_is_known() {
        let mut seen = Seen::new(1000, 1000);
        let (none, mut some) = (Spans::default(), Spans::default());
        some.add(0, 3, Kind::Email, None, Quote::default());
        let checks = [
            seen.check(b"from 203.0.113.9", 7, &none, &[]),
            seen.check(b"from 203.0.113.8", 7, &none, &[]),
            seen.check(b"from 203.0.113.9", 8, &none, &[]),
            seen.check(b"from 203.0.113.9", 7, &some, &[]),
            seen.check(b"from 203.0.113.9", 7, &none, &[(0, 3)]),
        ];
        for check in checks {
            assert!(seen.find(check).is_none());
            seen.add(check, Fate::Searched(CALM));
            assert!(matches!(seen.find(check), Some(Fate::Searched(_))));
        }
    }

    #[test]
    fn a_form_comes_again_the_second_time() {
        let mut seen = Seen::default();
        for again in [false, true] {
            for number in 1..100 {
                assert_eq!(seen.comes_again(Check::of(number)), again, "{number}");
            }
        }
    }

    #[test]
    fn what_is_asked_for_outlives_what_is_not() {
        let mut seen = Seen::new(1000, 1000);
        let check = Check::of;
        for number in 0..3000 {
            seen.add(check(number), Fate::ByLine);
            assert!(seen.find(check(0)).is_some(), "{number}");
        }
        assert!(seen.find(check(1)).is_none());
        assert!(seen.young.forms.len() + seen.old.forms.len() <= 2000);
    }
}
