//! Stubs: what a sink sent in place of a record that was too long for it.

use super::facts::untruncated;
use super::finding::{Findings, Kind};
use super::ledger::Ledger;
use super::parts::Found;

/// A record this long is sent whole by every sink: 8,000 bytes go through syslog, heads included.
const SENT_WHOLE: u64 = 6_500;

impl Ledger {
    /// A stub stands for its record by the leaf that it names, which the next record and the checkpoint confirm. What else
    /// it says is confirmed by nobody, so that nothing is believed of it: the records from which a verification learns
    /// are all short.
    pub(super) fn stub(&mut self, found: &Found<'_>, findings: &mut Findings) {
        const TOLD: [&str; 6] = ["LOG.CHECKPOINT", "LOG.GAP", "LOG.PURGE", "LOG.ROTATE", "PROC.START", "PROC.STOP"];
        self.totals.stubs += 1;
        self.stopped = false;
        let size = untruncated(found.record).unwrap_or(0);
        let text = if TOLD.contains(&found.facts.code) {
            format!("a stub stands in place of a {}, which is never too long for a sink", found.facts.code)
        } else if size < SENT_WHOLE {
            format!("a stub stands in place of a record of {size} bytes, which no sink cuts")
        } else {
            return;
        };
        self.add(Kind::Modified, found, text, findings);
    }
}
