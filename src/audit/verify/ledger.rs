//! One chain, followed from record to record.
//!
//! A record is held until the next one names its leaf. Where the two disagree, the named leaf goes into the tree, and
//! the next checkpoint decides which of them was changed: its signature is over one of the two trees.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::canonical::canonical;
use super::facts::{CheckpointFacts, GapFacts, began_clean, is_stub, leaf_of, purged};
use super::finding::{Finding, Findings, Kind, Place};
use super::left_out::LeftOut;
use super::parts::{Anchor, Found, Held, Hole, Seen, Suspect, Totals};
use crate::audit::proof::{Leaf, Origin, RosterEntry, Tree};
use crate::clock::UnixMillis;

/// Records that may come before one that is missing so far: beyond that, it is missing.
const MOST_AHEAD: usize = 4096;
/// A gate writes a checkpoint at least this often, in milliseconds, even if nothing happens.
pub const HEARTBEAT_MILLIS: u64 = 60_000;
/// Silence that is more than a late heartbeat.
pub const SILENCE_MILLIS: u64 = 3 * HEARTBEAT_MILLIS;
/// Leaves kept since the last good checkpoint, to find out which of two is right.
const MOST_SINCE: usize = 1 << 20;

/// One chain.
pub struct Ledger {
    pub(super) log_name: String,
    pub(super) origin: Option<Origin>,
    /// Keys that may sign it; `None` if there is no roster.
    pub(super) keys: Option<Vec<RosterEntry>>,
    pub(super) first: u64,
    pub(super) first_logged: u64,
    pub(super) first_place: Option<Place>,
    pub(super) held: Option<Held>,
    pub(super) tree: Option<Tree>,
    /// The tree at the last checkpoint that held.
    pub(super) good: Option<Tree>,
    pub(super) since: Vec<Leaf>,
    pub(super) suspects: Vec<Suspect>,
    pub(super) ahead: BTreeMap<u64, (Vec<u8>, Place)>,
    /// Bytes of those.
    waiting: usize,
    pub(super) holes: Vec<Hole>,
    pub(super) gaps: Vec<(GapFacts, UnixMillis, u64, Place)>,
    pub(super) purges: Vec<(u64, u64)>,
    /// What sinks did not get by the policy, by sink: this may be such a sink's copy.
    pub(super) left_out: BTreeMap<String, Vec<LeftOut>>,
    pub(super) seen: Seen,
    pub(super) anchors: Vec<Anchor>,
    pub(super) next_anchor: usize,
    pub(super) any_order: bool,
    pub(super) stopped: bool,
    /// Sequence number of the last record that a good checkpoint covers.
    pub(super) covered: u64,
    pub(super) totals: Totals,
}

impl Ledger {
    pub fn new(log_name: &str, keys: Option<Vec<RosterEntry>>, mut anchors: Vec<Anchor>, any_order: bool) -> Self {
        anchors.sort_by_key(|anchor| anchor.size);
        Self {
            log_name: log_name.to_owned(),
            origin: Origin::of_log_name(log_name),
            keys,
            first: 0,
            first_logged: 0,
            first_place: None,
            held: None,
            tree: None,
            good: None,
            since: Vec::new(),
            suspects: Vec::new(),
            ahead: BTreeMap::new(),
            waiting: 0,
            holes: Vec::new(),
            gaps: Vec::new(),
            purges: Vec::new(),
            left_out: BTreeMap::new(),
            seen: Seen::default(),
            anchors,
            next_anchor: 0,
            any_order,
            stopped: false,
            covered: 0,
            totals: Totals::default(),
        }
    }

    /// Whether lines of this chain are written anew, so that it saves time to bring them back at once.
    pub const fn is_rewritten(&self) -> bool {
        self.totals.rewritten > 0
    }

    /// A line of this chain was brought back to the record's bytes.
    pub const fn was_rewritten(&mut self) {
        self.totals.rewritten += 1;
    }

    /// Bytes of records that wait for those before them.
    pub const fn waiting(&self) -> usize {
        self.waiting
    }

    /// The next record in the order of the source.
    pub fn accept(&mut self, found: &Found<'_>, findings: &mut Findings) {
        if !found.exact && !self.fits(found) {
            // What looks canonical may not be so: the sink may have added a member, or another order is one by chance.
            let Some(bytes) = canonical(found.record) else { return self.unreadable(found.place, findings) };
            let Some(exact) = Found::exact(&bytes, found.place) else {
                return self.unreadable(found.place, findings);
            };
            self.totals.rewritten += u64::from(bytes != found.record);
            self.straighten();
            return self.place(&exact, findings);
        }
        self.place(found, findings);
    }

    fn fits(&self, found: &Found<'_>) -> bool {
        self.held.as_ref().is_some_and(|held| {
            found.facts.sequence == held.sequence + 1 && found.facts.prev == held.leaf && self.ahead.is_empty()
        })
    }

    /// Makes sure of the held record's leaf.
    fn straighten(&mut self) {
        let Some(held) = self.held.as_mut().filter(|held| !held.exact) else { return };
        if let Some(bytes) = canonical(&held.line) {
            self.totals.rewritten += u64::from(bytes != held.line);
            held.leaf = leaf_of(&bytes);
            self.seen.amend(held.leaf);
        }
        held.exact = true;
    }

    fn unreadable(&self, place: Place, findings: &mut Findings) {
        let text = "this is no record: it cannot be read, or says something twice".to_owned();
        let chain = Some(self.log_name.clone());
        findings.add(Finding { kind: Kind::Unreadable, chain, place: Some(place), sequence: None, time: None, text });
    }

    fn place(&mut self, found: &Found<'_>, findings: &mut Findings) {
        let sequence = found.facts.sequence;
        // Without a record so far, the first one is waited for.
        let next = self.held.as_ref().map_or(1, |held| held.sequence + 1);
        match sequence.cmp(&next) {
            Ordering::Equal => {
                self.late(found, findings);
                self.follow(found, findings);
                self.catch_up(findings);
            }
            Ordering::Less => self.again(found, findings),
            Ordering::Greater if self.ahead.contains_key(&sequence) => self.totals.duplicates += 1,
            Ordering::Greater => {
                self.late(found, findings);
                self.waiting += found.record.len();
                self.ahead.insert(sequence, (found.record.to_vec(), found.place));
                if self.ahead.len() > MOST_AHEAD && !self.any_order {
                    self.jump(findings);
                    self.catch_up(findings);
                }
            }
        }
    }

    fn begin(&mut self, found: &Found<'_>) {
        self.first = found.facts.sequence;
        self.first_logged = found.facts.logged;
        self.first_place = Some(found.place);
        if self.first == 1 {
            self.tree = Some(Tree::new());
            self.good = Some(Tree::new());
        }
    }

    /// Takes what came too early and now follows.
    pub(super) fn catch_up(&mut self, findings: &mut Findings) {
        while let Some(next) = self.held.as_ref().map(|held| held.sequence + 1)
            && let Some((bytes, place)) = self.ahead.remove(&next)
        {
            self.waiting -= bytes.len();
            if let Some(found) = Found::exact(&bytes, place) {
                self.follow(&found, findings);
            }
        }
    }

    /// Gives up on all that is missing so far.
    pub(super) fn flush(&mut self, findings: &mut Findings) {
        while !self.ahead.is_empty() {
            self.jump(findings);
            self.catch_up(findings);
        }
    }

    /// Gives up on what is missing before the earliest record that came too early.
    pub(super) fn jump(&mut self, findings: &mut Findings) {
        let Some((sequence, (bytes, place))) = self.ahead.pop_first() else { return };
        self.waiting -= bytes.len();
        let Some(found) = Found::exact(&bytes, place) else { return };
        let Some(held) = &self.held else { return self.follow(&found, findings) };
        let first = held.sequence + 1;
        if sequence <= first {
            // What was thought to be missing was counted otherwise meanwhile.
            return self.place(&found, findings);
        }
        let between = (held.logged, found.facts.logged);
        self.holes.push(Hole { first, last: sequence - 1, between, place });
        self.settle(findings);
        self.seen.skip_to(sequence);
        if sequence - first == 1 {
            // One record is missing: the next one says which leaf it had.
            self.push(found.facts.prev, findings);
        } else {
            self.tree = None;
            self.good = None;
            self.since.clear();
        }
        self.held = None;
        self.keep(&found, findings);
    }

    /// A record that follows the held one.
    fn follow(&mut self, found: &Found<'_>, findings: &mut Findings) {
        if self.held.as_ref().is_some_and(|held| held.leaf != found.facts.prev) {
            self.straighten();
        }
        if self.held.is_none() {
            self.begin(found);
        }
        if let Some(held) = self.held.take() {
            if held.leaf != found.facts.prev {
                self.suspects.push(Suspect {
                    at: self.since.len(),
                    sequence: held.sequence,
                    found: held.leaf,
                    named: found.facts.prev,
                    place: held.place,
                    logged: held.logged,
                });
            }
            let pause = found.facts.logged.saturating_sub(held.logged);
            self.pause(found, pause, findings);
            if !held.in_tree {
                self.push(found.facts.prev, findings);
            }
        }
        self.keep(found, findings);
    }

    /// Holds a record, and takes in what it says.
    fn keep(&mut self, found: &Found<'_>, findings: &mut Findings) {
        if found.facts.sequence == 1 && found.facts.prev != Leaf::NONE {
            self.add(Kind::Modified, found, "the first record names a record before it".to_owned(), findings);
        }
        self.totals.records += 1;
        self.seen.put(found.facts.sequence, found.leaf);
        match found.facts.code {
            _ if is_stub(found.record) => self.stub(found, findings),
            "LOG.CHECKPOINT" => match CheckpointFacts::read(found.record) {
                Some(checkpoint) => self.judge(&checkpoint, found, findings),
                None => self.add(Kind::Modified, found, "the checkpoint's record has no note".to_owned(), findings),
            },
            "LOG.GAP" => {
                if let Some(gap) = GapFacts::read(found.record) {
                    self.totals.lost = self.totals.lost.saturating_add(gap.count);
                    self.gaps.push((gap, UnixMillis(found.facts.logged), found.facts.sequence, found.place));
                }
            }
            "LOG.PURGE" => self.purges.extend(purged(found.record)),
            "LOG.SAMPLED" => {
                let epoch = self.log_name.rsplit_once('/').map(|(_, epoch)| epoch);
                LeftOut::read(found.record, epoch, &mut self.left_out);
            }
            "PROC.STOP" => self.stopped = true,
            "PROC.START" => {
                self.stopped = false;
                if found.facts.sequence > 1 {
                    self.totals.restarts += 1;
                    self.totals.unclean += u64::from(!began_clean(found.record));
                }
            }
            _ => {}
        }
        let line = if found.exact { Vec::new() } else { found.record.to_vec() };
        let (sequence, logged) = (found.facts.sequence, found.facts.logged);
        self.held = Some(Held {
            sequence,
            leaf: found.leaf,
            logged,
            place: found.place,
            line,
            exact: found.exact,
            in_tree: false,
        });
    }

    fn pause(&mut self, found: &Found<'_>, pause: u64, findings: &mut Findings) {
        if self.stopped || found.facts.code == "PROC.START" {
            return;
        }
        self.totals.silence = self.totals.silence.max(pause);
        let beats = self.totals.signed + self.totals.unsigned > 0;
        if beats && pause > SILENCE_MILLIS {
            let text = format!("no record for {} s before this one, though one is due every 60 s", pause / 1000);
            self.add(Kind::Silent, found, text, findings);
        }
    }

    /// Puts the held record's own leaf into the tree.
    pub(super) fn settle(&mut self, findings: &mut Findings) {
        self.straighten();
        if let Some(held) = self.held.as_mut().filter(|held| !held.in_tree) {
            held.in_tree = true;
            let leaf = held.leaf;
            self.push(leaf, findings);
        }
    }

    fn push(&mut self, leaf: Leaf, findings: &mut Findings) {
        let Some(tree) = &mut self.tree else { return };
        tree.push(leaf);
        let size = tree.size();
        if self.since.len() < MOST_SINCE {
            self.since.push(leaf);
        }
        while let Some(anchor) = self.anchors.get(self.next_anchor).filter(|anchor| anchor.size <= size) {
            let root = if anchor.size == size { Some(tree.root()) } else { None };
            if root == Some(anchor.root) || anchor.size == 0 {
                self.totals.anchors += 1;
            } else if root.is_some() {
                let text = format!(
                    "the first {size} records are not those that the checkpoint kept elsewhere was signed over: the \
                     trail was rewritten"
                );
                let chain = Some(self.log_name.clone());
                let (place, sequence) = (Some(anchor.place), Some((1, size)));
                findings.add(Finding { kind: Kind::Modified, chain, place, sequence, time: None, text });
            }
            self.next_anchor += 1;
        }
    }

    /// Adds a finding about a record.
    pub(super) fn add(&self, kind: Kind, found: &Found<'_>, text: String, findings: &mut Findings) {
        findings.add(Finding {
            kind,
            chain: Some(self.log_name.clone()),
            place: Some(found.place),
            sequence: Some((found.facts.sequence, found.facts.sequence)),
            time: Some(UnixMillis(found.facts.logged)),
            text,
        });
    }
}
