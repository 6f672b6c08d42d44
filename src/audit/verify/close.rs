//! The end of a chain: what is left to say when no further record comes.

use super::finding::{Finding, Findings, Kind, Place};
use super::ledger::{Ledger, SILENCE_MILLIS};
use super::left_out::LeftOut;
use super::parts::{Hole, Totals};
use crate::audit::proof::Hash;
use crate::clock::UnixMillis;

/// A chain, once all of it was seen.
#[derive(Clone, Debug)]
pub struct ChainReport {
    /// `<instance>/<epoch>`.
    pub log_name: String,
    /// The gate.
    pub instance: String,
    /// First and last sequence number.
    pub sequence: (u64, u64),
    /// Times of the first and the last record.
    pub times: (UnixMillis, UnixMillis),
    /// The root over all records; `None` if some are missing.
    pub root: Option<Hash>,
    /// Records that a checkpoint covers.
    pub covered: u64,
    /// Keys of the roster that may sign it.
    pub keys: Vec<String>,
    /// Whether the last record says that the gate stopped.
    pub stopped: bool,
    /// Counts.
    pub totals: Totals,
}

impl Ledger {
    /// No further record comes. `whole_begin` if the first records have to be there.
    pub fn close(mut self, whole_begin: bool, findings: &mut Findings) -> Option<ChainReport> {
        self.flush(findings);
        self.settle(findings);
        let held = self.held.as_ref()?;
        let (last, last_logged, last_place) = (held.sequence, held.logged, held.place);
        self.name_suspects(findings);
        self.name_holes(findings);
        self.name_begin(whole_begin, findings);
        self.name_anchors(last, last_place, findings);
        if self.keys.is_some() && self.totals.signed + self.totals.refused == 0 {
            let text = "no checkpoint of the chain is there: nobody signed these records".to_owned();
            findings.add(self.finding(Kind::Signature, last_place, (self.first, last), last_logged, text));
        }
        let keys = self.keys.iter().flatten().map(|entry| format!("{}+{}", entry.key.name(), entry.key.id_text()));
        Some(ChainReport {
            instance: self.log_name.rsplit_once('/').map_or_else(String::new, |(instance, _)| instance.to_owned()),
            sequence: (self.first, last),
            times: (UnixMillis(self.first_logged), UnixMillis(last_logged)),
            root: self.tree.as_ref().map(crate::audit::proof::Tree::root),
            covered: self.covered,
            keys: keys.collect(),
            stopped: self.stopped,
            totals: self.totals,
            log_name: self.log_name,
        })
    }

    /// Suspects that no checkpoint decided on.
    fn name_suspects(&mut self, findings: &mut Findings) {
        let suspects = std::mem::take(&mut self.suspects);
        for (at, suspect) in suspects.iter().enumerate() {
            // Two in a row: what the second says of the first was changed, and with it the second.
            let next = suspects.get(at + 1).is_some_and(|next| next.sequence == suspect.sequence + 1);
            if !next {
                self.changed(suspect, None, findings);
            }
        }
    }

    fn name_holes(&mut self, findings: &mut Findings) {
        let mut gaps: Vec<_> =
            self.gaps.iter().map(|(gap, at, sequence, place)| (*gap, *at, *sequence, *place)).collect();
        let mut left_out = std::mem::take(&mut self.left_out);
        let purges = joined(self.purges.clone());
        let mut lacking: Option<(u64, Hole)> = None;
        for hole in std::mem::take(&mut self.holes) {
            let count = hole.last - hole.first + 1;
            let purged = purges.iter().any(|(first, last)| *first <= hole.first && hole.last <= *last);
            if purged {
                self.totals.purged += count;
                continue;
            }
            let declared = gaps.iter_mut().find(|(gap, _, sequence, _)| {
                gap.of_sink && *sequence > hole.last && gap.count >= count && overlaps(gap.first, gap.last, &hole)
            });
            if let Some((gap, ..)) = declared {
                gap.count -= count;
                continue;
            }
            if LeftOut::explain(&mut left_out, hole.first, hole.last) {
                lacking = Some((lacking.map_or(0, |(before, _)| before) + count, hole));
                continue;
            }
            let text = format!("{count} records are missing before this place, and no LOG.GAP declares it");
            findings.add(self.finding(Kind::Missing, hole.place, (hole.first, hole.last), hole.between.0, text));
        }
        if let Some((count, hole)) = lacking {
            let text =
                format!("a sink's copy: by the policy, {count} records were left out of it, as LOG.SAMPLED declares");
            findings.add(self.finding(Kind::Gap, hole.place, (hole.first, hole.last), hole.between.0, text));
        }
        for (gap, at, sequence, place) in &self.gaps {
            let text = format!("the gate declares that {} records were lost", gap.count);
            findings.add(self.finding(Kind::Gap, *place, (*sequence, *sequence), at.0, text));
        }
    }

    fn name_begin(&mut self, whole: bool, findings: &mut Findings) {
        let Some(place) = self.first_place.filter(|_| self.first > 1) else { return };
        let missing = self.first - 1;
        let purged = self.purges.iter().map(|(_, last)| *last).max().unwrap_or(0);
        self.totals.purged += purged.min(missing);
        if whole && purged < missing {
            let text = format!("the chain begins here with number {}: what came before is missing", self.first);
            findings.add(self.finding(Kind::Truncated, place, (purged + 1, missing), self.first_logged, text));
        }
    }

    fn name_anchors(&mut self, last: u64, place: Place, findings: &mut Findings) {
        let Some(anchor) = self.anchors.last().filter(|anchor| anchor.size > last) else { return };
        let text = format!(
            "a checkpoint kept elsewhere ({}) is over {} records, and the trail ends with {last}: it was cut or rolled back",
            findings.show(anchor.place),
            anchor.size
        );
        findings.add(Finding {
            kind: Kind::Truncated,
            chain: Some(self.log_name.clone()),
            place: Some(place),
            sequence: Some((last + 1, anchor.size)),
            time: None,
            text,
        });
    }

    fn finding(&self, kind: Kind, place: Place, sequence: (u64, u64), logged: u64, text: String) -> Finding {
        Finding {
            kind,
            chain: Some(self.log_name.clone()),
            place: Some(place),
            sequence: Some(sequence),
            time: Some(UnixMillis(logged)),
            text,
        }
    }
}

/// Whether a gap was declared for about the time of a hole.
fn overlaps(first: u64, last: u64, hole: &Hole) -> bool {
    first <= hole.between.1 + SILENCE_MILLIS && hole.between.0 <= last + SILENCE_MILLIS
}

/// Ranges of what was purged, those that touch made one: segments go one by one, and a sink may lack several.
fn joined(mut purges: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    purges.sort_unstable();
    purges.dedup_by(|next, before| {
        let touches = next.0 <= before.1.saturating_add(1);
        if touches {
            before.1 = before.1.max(next.1);
        }
        touches
    });
    purges
}
