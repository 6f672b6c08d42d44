//! What the writer does between two batches: it rests, and from time to time makes checkpoints, turns segments, looks at
//! the room and at what is older than the retention.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::{Came, NAP, SLEEP, SOON, Writer};
use crate::audit::keys::Keys;
use crate::audit::ocsf::{Own, SealedFile};
use crate::audit::sinks::{EndedFile, Lane};
use crate::audit::spool::Closed;
use crate::telemetry::log;

impl Writer {
    /// What is done from time to time: checkpoints, turning segments, a look at the room, retention.
    pub(super) fn look_after(&mut self) {
        let now = self.shared.clock.ticks();
        if self.notary.as_ref().is_some_and(|notary| notary.is_due(self.scribe.chain(), now)) {
            self.checkpoint("its time has come");
        }
        self.tell_of_ended();
        let Some(vault) = &mut self.vault else { return };
        let noticed = vault.look(now);
        let undelivered = *self.shared.undelivered.lock();
        let expired = vault.expired(now, self.shared.clock.wall(), undelivered);
        let due = vault.is_due(now);
        if let Some(fill) = vault.fill() {
            self.shared.counts.spool_bytes.set(fill.used);
            self.shared.counts.spool_capacity.set(fill.capacity);
        }
        if !noticed.is_empty() {
            for notice in &noticed {
                self.own(&notice.own());
            }
            self.judge();
        }
        if due {
            self.turn(Closed::Turned);
        }
        if !expired.is_empty() {
            for notice in &expired {
                self.own(&notice.own());
            }
            // Removed once it is recorded, and not otherwise.
            if self.settle()
                && let Some(vault) = &mut self.vault
            {
                vault.purge(&expired);
            }
        }
    }

    /// Raises an alarm if the last guard found what a redaction rule should have kept out.
    pub(super) fn tell_of_withheld(&mut self) {
        let withheld = self.scribe.withheld() - self.told;
        if withheld > 0 {
            self.own(&Own::Withheld(withheld));
            // Its own record is among them, should the guard ever find fault with that.
            self.told = self.scribe.withheld();
            self.shared.counts.withheld.set(self.told);
            log::error!("text was withheld from records; a redaction rule has a hole", records = withheld);
        }
    }

    /// Records that another key signs from now on.
    pub(super) fn tell_of_keys(&mut self) -> Option<Keys> {
        let keys = self.keys.take();
        if let Some(change) = keys.as_ref().and_then(Keys::change) {
            self.own(&change);
        }
        keys
    }

    /// Kept once it is told, so that a crash in between tells it again.
    pub(super) fn keep_keys(&self, keys: Option<Keys>) {
        if let Some(keys) = keys.filter(|_| self.has_all()) {
            keys.keep();
        }
    }

    /// Records files that sinks have ended.
    pub(super) fn tell_of_ended(&mut self) {
        let ended: Vec<_> = self.lanes.iter_mut().flat_map(Lane::ended).collect();
        for EndedFile { name, bytes, sequences: (first, last) } in ended {
            self.own(&Own::Rotated(&SealedFile { name, bytes, sha256: None, first, last, root: None }));
        }
    }

    /// Waits for more, but not longer than what waits may.
    pub(super) fn rest(&self, came: Came) {
        if came == Came::Part {
            return;
        }
        let now = self.shared.clock.ticks();
        let left = self.due.map(|due| Duration::from_micros(due.since(now)));
        if came == Came::All {
            thread::park_timeout(left.map_or(NAP, |left| left.min(NAP)));
            return;
        }
        self.shared.parked.store(true, Ordering::SeqCst);
        // Looked at after `parked` is set: a record that came before it is seen here, one that comes later wakes us.
        if self.shared.queue.is_empty() && !self.shared.closing.load(Ordering::SeqCst) {
            thread::park_timeout(left.map_or(SLEEP, |left| left.min(SLEEP)));
        }
        self.shared.parked.store(false, Ordering::SeqCst);
    }

    /// Delivers all; whether it is durable, or there is nothing to make it so.
    fn settle(&mut self) -> bool {
        self.deliver();
        self.has_all()
    }

    /// Whether all is durable, or there is nothing to make it so.
    pub(super) fn has_all(&self) -> bool {
        let chain = self.scribe.chain();
        self.vault.as_ref().is_none_or(|vault| vault.is_settled(chain))
    }

    /// Signs the head of the chain. Only what is durable is signed: a checkpoint over records that a crash then takes
    /// back would look like a forgery.
    pub(super) fn checkpoint(&mut self, cause: &'static str) {
        if self.notary.is_none() || !self.settle() {
            return;
        }
        let Some(notary) = &mut self.notary else { return };
        let size = self.scribe.chain().size();
        let wall = self.shared.clock.wall();
        let (note, leaf) = self.scribe.checkpoint(notary.signer(), cause, wall, &mut self.batch);
        notary.keep(size, &note);
        if let Some(vault) = &self.vault {
            vault.note(&note);
        }
        let now = self.shared.clock.ticks();
        notary.made(self.scribe.chain(), now);
        self.wrote(leaf);
        self.expect_within(SOON, now);
    }

    /// Seals the segment under a checkpoint over all that is in it.
    pub(super) fn turn(&mut self, closed: Closed) {
        if closed == Closed::Turned {
            self.checkpoint("a segment is sealed");
        }
        if !self.settle() {
            return;
        }
        let chain = self.scribe.chain();
        let note = self.notary.as_ref().map(|notary| {
            let note = notary.signer().note(chain.size(), chain.root());
            notary.keep(chain.size(), &note);
            note
        });
        let sealed = self.vault.as_mut().and_then(|vault| vault.seal(self.scribe.chain(), note, closed));
        if let Some(sealed) = sealed.filter(|_| closed == Closed::Turned) {
            self.own(&sealed.own());
        }
    }
}
