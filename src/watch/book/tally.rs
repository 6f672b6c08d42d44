//! Sanctions in numbers, and what is taken out of them.

use super::{Book, Sanctions};
use crate::policy::settings::Mode;
use crate::watch::entry::Entry;
use crate::watch::sanction::Sanction;
use crate::watch::subject::{Subject, Whom};

#[cfg(doc)]
use crate::watch::Sort;

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

impl Book {
    pub(super) fn remove(&mut self, subject: &Subject, of: impl Fn(&Sanction) -> bool) -> Vec<Sanction> {
        let Some(entries) = self.entries.get_mut(subject) else { return Vec::new() };
        let mut removed = Vec::new();
        entries.retain(|entry| {
            let goes = of(&entry.sanction);
            if goes {
                removed.push(entry.sanction.clone());
            }
            !goes
        });
        if entries.is_empty() {
            self.entries.remove(subject);
        }
        let count = &mut self.counts[subject.whom() as usize];
        *count = count.saturating_sub(removed.len());
        removed
    }

    pub(super) fn present(&self) -> u8 {
        Whom::ALL.into_iter().filter(|whom| self.counts[*whom as usize] > 0).map(Whom::bit).sum()
    }
}
