//! What a request that was let through still owes: bytes and records of its answer as they pass, and its places among
//! the requests in progress, which it gives back when it is dropped.

use std::time::Duration;

use bytes::Bytes;
use smallvec::SmallVec;

use super::records::Scanner;
use super::slots::Slot;
use super::{Limits, Measure, Standing};
use crate::clock::Ticks;
use crate::policy::settings::Mode;

/// Why limits do not let something through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The limit's place in the policy.
    pub limit: usize,
    /// Which of what it counts is used up.
    pub measure: Measure,
    /// How long until there is some again.
    pub wait: Duration,
}

/// Why an answer may not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// A limit is used up.
    Spent(Spent),
    /// What the limit at this place counts cannot be counted in it.
    Uncountable(usize),
}

/// A request's account with the limits that hold for it.
#[derive(Default)]
pub struct Grant {
    pub(super) meters: SmallVec<[Meter; 1]>,
    pub(super) slots: SmallVec<[Slot; 1]>,
    /// Limits that a request was taken from.
    pub(super) taken: SmallVec<[usize; 4]>,
    pub(super) shadowed: Option<Over>,
    pub(super) standing: Option<Standing>,
}

/// What one limit counts of an answer.
pub(super) struct Meter {
    pub(super) limit: usize,
    pub(super) key: u64,
    pub(super) mode: Mode,
    pub(super) bytes: bool,
    pub(super) records: Option<Box<Scanner>>,
    /// Records that were seen, whether or not they passed; `None` where none are counted.
    pub(super) seen: Option<u64>,
}

impl Grant {
    /// Whether a request was taken from the limit at this place.
    pub(super) fn took(&self, limit: usize) -> bool {
        self.taken.contains(&limit)
    }

    /// What would have been refused first, had its limit been enforced.
    pub const fn shadowed(&self) -> Option<Over> {
        self.shadowed
    }

    /// How the limits stand, if one of them tells callers: of those the one with the least left.
    pub const fn standing(&self) -> Option<Standing> {
        self.standing
    }

    /// Whether something is still to be done with it.
    pub fn is_open(&self) -> bool {
        !self.meters.is_empty() || !self.slots.is_empty() || self.standing.is_some()
    }

    /// Records of the answer, as far as it came; where limits count at several places, the most. `None` where none does.
    pub fn records(&self) -> Option<u64> {
        self.meters.iter().filter_map(|meter| meter.seen).max()
    }

    /// Whether records are counted, for which the answer must be as it is written.
    pub fn counts_records(&self) -> bool {
        self.meters.iter().any(|meter| meter.records.is_some())
    }

    /// The answer is not one in which records could be counted: who minds.
    pub fn not_countable(&mut self) -> Result<(), Over> {
        for meter in &mut self.meters {
            if meter.records.take().is_some() {
                let over = Over::Uncountable(meter.limit);
                match meter.mode {
                    Mode::Enforce => return Err(over),
                    Mode::Shadow => self.shadowed = self.shadowed.or(Some(over)),
                }
            }
        }
        Ok(())
    }

    /// The answer has no records: an error's, say, that is no JSON.
    pub fn has_no_records(&mut self) {
        for meter in &mut self.meters {
            meter.records = None;
        }
    }

    /// Counts a piece of the answer, and shortens it to what may pass. `last` if nothing comes behind it.
    pub fn pass(&mut self, limits: &Limits, piece: &mut Bytes, last: bool, now: Ticks) -> Result<(), Over> {
        // Records first: what they keep back is not counted in bytes.
        for meter in &mut self.meters {
            let Err(over) = meter.records(limits, piece, last, now) else { continue };
            if meter.mode == Mode::Enforce {
                piece.clear();
                return Err(over);
            }
            meter.records = None;
            self.shadowed = self.shadowed.or(Some(over));
        }
        let (granted, ended) = self.pass_bytes(limits, piece.len() as u64, now);
        piece.truncate(usize::try_from(granted).unwrap_or(usize::MAX));
        ended
    }

    /// Counts so many bytes of the answer, and says how many may pass.
    pub fn pass_bytes(&mut self, limits: &Limits, mut wanted: u64, now: Ticks) -> (u64, Result<(), Over>) {
        let mut ended = Ok(());
        for meter in self.meters.iter_mut().filter(|meter| meter.bytes) {
            let (granted, wait) = limits.charge(meter.limit, Measure::Bytes, meter.key, wanted, now);
            if granted == wanted {
                continue;
            }
            let over = Over::Spent(Spent { limit: meter.limit, measure: Measure::Bytes, wait });
            if meter.mode == Mode::Enforce {
                wanted = granted;
                ended = Err(over);
            } else {
                meter.bytes = false;
                self.shadowed = self.shadowed.or(Some(over));
            }
        }
        (wanted, ended)
    }
}

impl Meter {
    fn records(&mut self, limits: &Limits, piece: &[u8], last: bool, now: Ticks) -> Result<(), Over> {
        let Some(scanner) = &mut self.records else { return Ok(()) };
        let uncountable = |_| Over::Uncountable(self.limit);
        // What was seen before a fault is of no use: the piece does not pass.
        let count = scanner.read(piece).map_err(uncountable)?;
        if last {
            scanner.ended().map_err(uncountable)?;
        }
        if count == 0 {
            return Ok(());
        }
        self.seen = self.seen.map(|seen| seen.saturating_add(count));
        let (granted, wait) = limits.charge(self.limit, Measure::Records, self.key, count, now);
        if granted == count {
            return Ok(());
        }
        Err(Over::Spent(Spent { limit: self.limit, measure: Measure::Records, wait }))
    }
}
