//! Sanctions in numbers.

use super::Sanctions;
use crate::policy::settings::Mode;
use crate::watch::entry::Entry;

#[cfg(doc)]
use crate::watch::{Sort, Whom};

impl Sanctions {
    /// How many are in force, by [`Sort`], [`Whom`], and whether in shadow. Looks at each, and copies none.
    pub fn tally(&self) -> [[[u64; 2]; 5]; 4] {
        let now = self.clock.ticks();
        let mut counts = [[[0; 2]; 5]; 4];
        for Entry { sanction, .. } in self.book.read().entries.values().flatten() {
            if sanction.until.is_none_or(|until| until > now) {
                let (sort, whom) = (sanction.kind.sort() as usize, sanction.subject.whom() as usize);
                counts[sort][whom][usize::from(sanction.mode == Mode::Shadow)] += 1;
            }
        }
        counts
    }
}
