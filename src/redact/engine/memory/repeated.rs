//! Common forms of lines in which something was found, and what that was.
//!
//! A client's address stands in a hundred lines, a buyer's in ten, each time with another time and another size. Nobody's
//! data are kept for that: forms are known by a hash under a key of this memory's own, and what was found by its places.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use crate::redact::engine::splice::{Span, Spans};
use crate::redact::engine::state::Stats;

/// Places: what one stream repeats within some ten thousand lines, in at most 8 MiB; most lines need a tenth of theirs.
const PLACES: usize = 4096;
/// Most spans of a line that are kept.
const MOST_SPANS: usize = 24;

/// One place for each form; whoever comes later takes it.
pub struct Repeated {
    places: Box<[Option<Place>]>,
    hasher: RandomState,
}

struct Place {
    check: Check,
    /// A text that may begin a secret stands in it.
    literal: bool,
    spans: Vec<Span>,
    levels: [u64; 8],
}

/// What tells forms apart: a hash under a key, so that nobody can make two of them meet, and one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check(u64, u64);

impl Default for Repeated {
    fn default() -> Self {
        Self { places: std::iter::repeat_with(|| None).take(PLACES).collect(), hasher: RandomState::new() }
    }
}

impl Repeated {
    /// What tells `form` from others; `hash` is another hash of it.
    pub fn check(&self, form: &[u8], hash: u64) -> Check {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(form);
        Check(hasher.finish(), hash)
    }

    /// Adds what was found in that form to `spans` and `stats`; `None` if it is not known. Then, whether a text that may
    /// begin a secret stands in it.
    pub fn find(&self, check: Check, spans: &mut Spans, stats: &mut Stats) -> Option<bool> {
        let place = self.places[choose(check)].as_ref().filter(|place| place.check == check)?;
        spans.extend(&place.spans);
        for (sum, count) in stats.levels.iter_mut().zip(place.levels) {
            *sum += count;
        }
        Some(place.literal)
    }

    /// Keeps what was found, if that is little, and all of it stands in the line as it is. `levels`: counts before that.
    pub fn add(&mut self, check: Check, literal: bool, spans: &Spans, levels: [u64; 8], stats: &Stats) {
        let Some(found) = spans.plain(MOST_SPANS) else { return };
        let mut place = self.places[choose(check)].take().map_or_else(Vec::new, |place| place.spans);
        place.clear();
        place.extend_from_slice(found);
        let levels = std::array::from_fn(|level| stats.levels[level] - levels[level]);
        self.places[choose(check)] = Some(Place { check, literal, spans: place, levels });
    }
}

fn choose(check: Check) -> usize {
    usize::try_from(check.0 % PLACES as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::Kind;
    use crate::redact::engine::Quote;

    #[test]
    fn what_was_found_is_found_again() {
        let (mut repeated, mut spans, mut stats) = (Repeated::default(), Spans::default(), Stats::default());
        let check = repeated.check(b"from 203.0.113.9", 7);
        assert_ne!(check, repeated.check(b"from 203.0.113.8", 7));
        assert_ne!(check, repeated.check(b"from 203.0.113.9", 8));
        assert_eq!(repeated.find(check, &mut spans, &mut stats), None);
        spans.add(5, 16, Kind::Address, None, Quote::default());
        stats.levels[0] = 3;
        repeated.add(check, true, &spans, [2, 0, 0, 0, 0, 0, 0, 0], &stats);
        let (mut again, mut counts) = (Spans::default(), Stats::default());
        assert_eq!(repeated.find(check, &mut again, &mut counts), Some(true));
        assert_eq!((again.len(), counts.levels[0]), (1, 1));
        // What had to be decoded is not kept.
        let other = repeated.check(b"x", 1);
        spans.add(20, 30, Kind::Email, Some(b"a@b.example"), Quote::default());
        repeated.add(other, false, &spans, [0; 8], &stats);
        assert_eq!(repeated.find(other, &mut again, &mut counts), None);
    }
}
