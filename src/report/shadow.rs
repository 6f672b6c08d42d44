//! What shadow mode let through: requests that would have been refused, had the policy been enforced.

use super::record::Past;
use super::source::{Counts, Records, SourceFault};
use super::{Tallies, Tally, tally};

/// What shadow mode let through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was read.
    pub counts: Counts,
    /// All of it.
    pub total: Tally,
    /// By route, `none` where none was found.
    pub routes: Tallies,
    /// By the code of the refusal that did not come.
    pub reasons: Tallies,
    /// By caller, as the records show it.
    pub callers: Tallies,
    /// By the limit that would have refused.
    pub limits: Tallies,
}

impl Report {
    /// Reads all records.
    pub fn of(records: &Records) -> Result<Self, SourceFault> {
        let (parts, counts) = records.read(Self::default, Self::see)?;
        let mut whole = Self { counts, ..Self::default() };
        for part in &parts {
            whole.total.add(&part.total);
            for (tables, of) in [
                (&mut whole.routes, &part.routes),
                (&mut whole.reasons, &part.reasons),
                (&mut whole.callers, &part.callers),
                (&mut whole.limits, &part.limits),
            ] {
                for (name, count) in of {
                    tally(tables, name, count);
                }
            }
        }
        Ok(whole)
    }

    fn see(&mut self, past: &Past<'_>) {
        let Some(code) = past.shadow else { return };
        let count = Tally::of(past);
        self.total.add(&count);
        tally(&mut self.routes, past.route.map_or("none", |(name, _)| name), &count);
        tally(&mut self.reasons, code, &count);
        tally(&mut self.callers, past.caller.as_ref().map_or("anonymous", |caller| caller.uid), &count);
        if let Some(limit) = past.limit {
            tally(&mut self.limits, limit, &count);
        }
    }
}
