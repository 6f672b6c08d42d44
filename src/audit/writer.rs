//! The writer's thread: takes all that is queued, renders it, makes it durable where there is a spool, and gives each
//! sink what is durable.
//!
//! Without a spool a batch goes to the sinks as soon as it is rendered. With one, records wait for the next commit: one
//! sync for all of them, at once if somebody waits for it, within 5 ms for most and a second for the rest. Sinks are
//! given what is committed, so that no SIEM holds a record which a crash then takes back.
//!
//! After a batch the thread naps, so that under load it wakes some hundreds of times a second rather than once for
//! each record, which matters where gate and writer share a core. When nothing came it says that it sleeps, and the
//! next record wakes it; a record that somebody waits for wakes it in any case.

mod upkeep;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::event::Event;
use super::keys::Keys;
use super::notary::Notary;
use super::ocsf::{Gap, Own, Scribe, Tally};
use super::pending::Pending;
use super::proof::{Chain, Leaf};
use super::sinks::{Lane, Sink};
use super::spool::{Closed as SegmentClosed, Group};
use super::trail::{Bounds, Closed, Shared};
use super::undelivered::Undelivered;
use super::vault::Vault;
use crate::clock::{Ticks, UnixMillis};
use crate::policy::settings::Commit;

/// Between two batches under load.
const NAP: Duration = Duration::from_millis(2);

/// Longest sleep: sinks that failed are tried again, and a wake-up that was missed costs no more than this.
const SLEEP: Duration = Duration::from_millis(250);

/// A batch is written when it has come to this size; a record is below 16 KiB, so no batch exceeds 256 KiB.
const BATCH_BYTES: usize = 240 * 1024;

/// Records of a batch; a frame counts them in 16 bits.
const BATCH_RECORDS: u64 = 32_768;

/// Tries to write what is left, at the end, before it is counted as lost.
const LAST_TRIES: u32 = 5;

/// Longest time until a record is durable for which nobody waits.
const SOON: Duration = Duration::from_millis(5);

/// So many records of that kind are committed at once.
const SOON_RECORDS: u64 = 128;

/// Longest time until a record is durable that tells of health checks and the like.
const LATER: Duration = Duration::from_secs(1);

/// What is written through, besides the sinks.
pub(super) struct Means {
    pub scribe: Scribe,
    pub vault: Option<Vault>,
    pub notary: Option<Notary>,
    pub undelivered: Undelivered,
    pub keys: Option<Keys>,
}

/// The state of the writer's thread.
pub(super) struct Writer {
    shared: Arc<Shared>,
    scribe: Scribe,
    vault: Option<Vault>,
    notary: Option<Notary>,
    keys: Option<Keys>,
    lanes: Vec<Lane>,
    batch: Vec<u8>,
    /// Records of the batch.
    records: u64,
    /// Their leaves, where there is a spool.
    leaves: Vec<Leaf>,
    /// The chain before the batch.
    mark: Chain,
    /// When what waits is to be durable.
    due: Option<Ticks>,
    /// Records that are to be durable soon.
    soon: u64,
    /// Those who wait for the next commit.
    waiters: Vec<oneshot::Sender<()>>,
    tally: Tally,
    /// Records with text withheld that an alarm told of.
    told: u64,
}

/// What a look at the queue gave.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    Nothing,
    /// All that was there.
    All,
    /// As much as one commit is to hold; there may be more.
    Part,
}

impl Writer {
    pub fn new(shared: Arc<Shared>, sinks: Vec<Box<dyn Sink>>, means: Means, bounds: Bounds) -> Self {
        Self {
            shared,
            mark: means.scribe.chain().clone(),
            leaves: Vec::new(),
            scribe: means.scribe,
            vault: means.vault,
            notary: means.notary,
            keys: means.keys,
            lanes: sinks.into_iter().map(|sink| Lane::new(sink, bounds.backlog_bytes)).collect(),
            batch: Vec::with_capacity(BATCH_BYTES),
            records: 0,
            due: None,
            soon: 0,
            waiters: Vec::new(),
            tally: Tally::default(),
            told: 0,
        }
    }

    /// Writes the first records. Done before anything is served: from then on it is known whether the sinks work.
    pub fn begin(&mut self, first: &[Own<'_>], mut aborted: Pending) {
        for own in first {
            self.own(own);
        }
        let keys = self.tell_of_keys();
        for aborted in aborted.take() {
            self.own(&Own::Aborted(aborted));
            if self.batch.len() >= BATCH_BYTES {
                self.end_batch();
                if self.has_plenty() {
                    self.deliver();
                }
            }
        }
        self.deliver();
        self.keep_keys(keys);
    }

    /// Until the trail is closed.
    pub fn run(mut self) -> Closed {
        let alive = Alive(Arc::clone(&self.shared));
        // Here, since a start need not wait for it.
        self.checkpoint("the trail begins or goes on");
        loop {
            // Read before the queue is drained: what was written before closing is in the queue by now.
            let closing = self.shared.closing.load(Ordering::SeqCst);
            let came = self.drain();
            if closing && came != Came::Part {
                break;
            }
            self.look_after();
            self.rest(came);
        }
        let closed = self.finish();
        drop(alive);
        closed
    }

    /// Takes what is queued, at most as much as one commit is to hold, and delivers what is due.
    fn drain(&mut self) -> Came {
        // Before the queue is looked at: who comes later sets it again, and is not waited for in vain.
        self.shared.urgent.store(false, Ordering::SeqCst);
        self.retry();
        self.tell_of_losses();
        let logged = self.shared.clock.wall();
        let now = self.shared.clock.ticks();
        let mut came = Came::Nothing;
        while let Some(event) = self.shared.queue.pop() {
            came = Came::All;
            self.take(event, logged, now);
            // The place is free once its event is rendered: what cannot be written is in a backlog, not here.
            self.shared.held.fetch_sub(1, Ordering::Release);
            if self.batch.len() >= BATCH_BYTES || self.records >= BATCH_RECORDS {
                self.end_batch();
                // A queue that is full, or fills as fast as it is drained, holds more than may wait.
                if self.has_plenty() {
                    came = Came::Part;
                    break;
                }
            }
        }
        self.tell_of_withheld();
        if came == Came::Part || self.is_due(now) {
            self.deliver();
        }
        came
    }

    fn has_plenty(&self) -> bool {
        self.vault.as_ref().is_some_and(Vault::has_plenty)
    }

    fn take(&mut self, event: Event, logged: UnixMillis, now: Ticks) {
        if self.vault.as_ref().is_some_and(|vault| !vault.has_room()) {
            // It never gets a sequence number: the chain has no holes, and a gap record counts what it lacks. Whoever
            // waits is told so by the drop.
            self.shared.losses.lock().add(1, logged, "the spool could not be written to");
            return;
        }
        let leaf = self.scribe.event(&event, logged, &mut self.batch);
        self.wrote(leaf);
        let within = match event {
            Event::Decision(decision) => {
                self.waiters.push(decision.durable);
                Duration::ZERO
            }
            Event::Access(access) => match access.route.as_ref().map(|route| route.commit) {
                Some(Commit::Relaxed) => LATER,
                _ => SOON,
            },
            _ => SOON,
        };
        self.expect_within(within, now);
    }

    fn wrote(&mut self, leaf: Leaf) {
        self.records += 1;
        if self.vault.is_some() {
            self.leaves.push(leaf);
        }
    }

    fn expect_within(&mut self, within: Duration, now: Ticks) {
        self.soon += u64::from(within <= SOON);
        let due = if self.soon >= SOON_RECORDS { now } else { now.plus(within) };
        self.due = Some(self.due.map_or(due, |earlier| earlier.min(due)));
    }

    /// Without a spool, whatever there is is due.
    fn is_due(&self, now: Ticks) -> bool {
        (self.records > 0 && self.vault.is_none()) || self.due.is_some_and(|due| due <= now)
    }

    /// Writes a gap record if records were lost and there is where to.
    fn tell_of_losses(&mut self) {
        let works = match &self.vault {
            Some(vault) => vault.has_room() && vault.is_writable(),
            None => self.lanes.iter().any(Lane::is_clear),
        };
        if works {
            self.tell_of_losses_to_all();
        }
    }

    fn tell_of_losses_to_all(&mut self) {
        let gap: Option<Gap> = self.shared.losses.lock().take();
        if let Some(gap) = gap {
            self.tally.lost += gap.count;
            self.own(&Own::Gap(gap));
            self.deliver();
        }
    }

    fn own(&mut self, own: &Own<'_>) {
        let leaf = self.scribe.own(own, self.shared.clock.wall(), &mut self.batch);
        self.wrote(leaf);
        self.expect_within(SOON, self.shared.clock.ticks());
    }

    /// Gives the batch to the sinks, or where there is a spool, to that.
    fn end_batch(&mut self) {
        if self.records == 0 {
            return;
        }
        let (ticks, wall) = (self.shared.clock.ticks(), self.shared.clock.wall());
        match &mut self.vault {
            None => {
                self.lanes.iter_mut().for_each(|lane| lane.deliver(&self.batch, self.records, ticks, wall));
                self.batch.clear();
            }
            Some(vault) => {
                let lines = std::mem::replace(&mut self.batch, Vec::with_capacity(4096));
                let leaves = std::mem::take(&mut self.leaves);
                let before = std::mem::replace(&mut self.mark, self.scribe.chain().clone());
                vault.add(Group { lines, before, leaves, at: Some(wall) });
            }
        }
        self.tally.written += self.records;
        self.shared.counts.written.add(self.records);
        self.records = 0;
    }

    /// Delivers the batch and all that waits, durably where there is a spool.
    fn deliver(&mut self) {
        self.end_batch();
        (self.due, self.soon) = (None, 0);
        let (ticks, wall) = (self.shared.clock.ticks(), self.shared.clock.wall());
        if let Some(vault) = &mut self.vault {
            let some = vault.lacking() > 0;
            let committed = vault.commit(ticks, wall);
            let failed = vault.lacking() > 0;
            if some {
                self.shared.counts.commits.observe(self.shared.clock.ticks().since(ticks));
                self.shared.counts.lacking.set(vault.lacking());
            }
            self.shared.durable.store(vault.durable(), Ordering::Release);
            for waiter in self.waiters.drain(..) {
                if failed {
                    drop(waiter);
                } else {
                    // Whoever went away meanwhile needs no answer.
                    let _ = waiter.send(());
                }
            }
            for group in committed {
                let count = group.leaves.len() as u64;
                self.lanes.iter_mut().for_each(|lane| lane.deliver(&group.lines, count, ticks, wall));
            }
        } else {
            // Without a spool nothing is durable, and nobody is promised so.
            self.waiters.clear();
        }
        self.judge();
    }

    /// Gives to sinks that failed what they still lack. Done before a batch is begun, so that a gap record comes before
    /// whatever is newer.
    fn retry(&mut self) {
        let ticks = self.shared.clock.ticks();
        if let Some(vault) = &self.vault
            && vault.lacking() > 0
            && !vault.is_resting(ticks)
        {
            self.deliver();
        }
        if self.lanes.iter().all(Lane::is_clear) {
            return;
        }
        for lane in &mut self.lanes {
            lane.retry(ticks);
            if lane.is_clear()
                && let Some(gap) = lane.take_gap()
                && self.vault.is_none()
            {
                self.shared.losses.lock().merge(gap);
            }
        }
        self.judge();
    }

    /// With a spool, that alone decides: what a sink lacks can be sent again.
    fn judge(&self) {
        let sound = match &self.vault {
            Some(vault) => vault.is_sound(),
            None => self.lanes.iter().all(Lane::is_clear),
        };
        self.shared.healthy.store(sound, Ordering::Relaxed);
    }

    fn finish(&mut self) -> Closed {
        for attempt in 0..LAST_TRIES {
            self.lanes.iter_mut().for_each(Lane::forget_pause);
            if let Some(vault) = &mut self.vault {
                vault.forget_pause();
            }
            self.retry();
            let clear = self.lanes.iter().all(Lane::is_clear);
            if clear && self.vault.as_ref().is_none_or(|vault| vault.lacking() == 0) {
                break;
            }
            thread::sleep(NAP * 2u32.pow(attempt));
        }
        self.tell_of_losses_to_all();
        self.tell_of_ended();
        // Slots that are still out will find nobody: their records are lost.
        self.tally.lost += self.shared.held.load(Ordering::Acquire) as u64;
        self.tally.withheld = self.scribe.withheld();
        let mut tally = self.tally;
        tally.written += self.records;
        self.own(&Own::Stop(tally));
        // Behind the last record, so that it is signed too.
        self.checkpoint("the trail ends");
        self.deliver();
        self.turn(SegmentClosed::Stopped);
        let left = self.lanes.iter_mut().map(Lane::close).max().unwrap_or(0);
        let left = self.vault.as_ref().map_or(left, Vault::lacking);
        Closed { lost: self.tally.lost + left }
    }
}

/// Turns the trail unhealthy when the thread ends, by whatever way.
struct Alive(Arc<Shared>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.healthy.store(false, Ordering::Relaxed);
    }
}
