//! The writer's thread: takes all that is queued, renders it into one buffer and gives each sink the whole buffer with
//! one call.
//!
//! After a batch the thread naps, so that under load it wakes some hundreds of times a second rather than once for
//! each record, which matters where gate and writer share a core. When nothing came it says that it sleeps, and the
//! next record wakes it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::event::Event;
use super::ocsf::{Gap, Own, Recovered, Scribe, Tally};
use super::sinks::{Lane, Sink};
use super::trail::{Bounds, Closed, Producer, Shared};

/// Between two batches under load.
const NAP: Duration = Duration::from_millis(2);

/// Longest sleep: sinks that failed are tried again, and a wake-up that was missed costs no more than this.
const SLEEP: Duration = Duration::from_millis(250);

/// A batch is written when it has come to this size; a record is below 16 KiB, so no batch exceeds 256 KiB.
const BATCH_BYTES: usize = 240 * 1024;

/// Tries to write what is left, at the end, before it is counted as lost.
const LAST_TRIES: u32 = 5;

/// The state of the writer's thread.
pub(super) struct Writer {
    shared: Arc<Shared>,
    scribe: Scribe,
    lanes: Vec<Lane>,
    batch: Vec<u8>,
    tally: Tally,
}

impl Writer {
    pub fn new(shared: Arc<Shared>, sinks: Vec<Box<dyn Sink>>, producer: Producer, bounds: Bounds) -> Self {
        Self {
            shared,
            scribe: Scribe::new(producer),
            lanes: sinks.into_iter().map(|sink| Lane::new(sink, bounds.backlog_bytes)).collect(),
            batch: Vec::with_capacity(BATCH_BYTES),
            tally: Tally::default(),
        }
    }

    /// Writes the first record. Done before anything is served: from then on it is known whether the sinks work.
    pub fn begin(&mut self) {
        self.own(Own::Start(Recovered::NEW));
        self.deliver(1);
    }

    /// Until the trail is closed.
    pub fn run(mut self) -> Closed {
        let alive = Alive(Arc::clone(&self.shared));
        loop {
            // Read before the queue is drained: what was written before closing is in the queue by now.
            let closing = self.shared.closing.load(Ordering::SeqCst);
            let came = self.drain();
            if closing {
                break;
            }
            if came {
                thread::sleep(NAP);
            } else {
                self.sleep();
            }
        }
        let closed = self.finish();
        drop(alive);
        closed
    }

    /// Takes and delivers all that is queued. Whether there was anything.
    fn drain(&mut self) -> bool {
        self.retry();
        self.tell_of_losses();
        let logged = self.shared.clock.wall();
        let mut came = false;
        let mut records = 0;
        while let Some(event) = self.shared.queue.pop() {
            came = true;
            records += 1;
            self.scribe.event(&event, logged, &mut self.batch);
            drop::<Event>(event);
            // The place is free once its event is rendered: what sinks cannot take is in their backlog, not here.
            self.shared.held.fetch_sub(1, Ordering::Release);
            if self.batch.len() >= BATCH_BYTES {
                self.deliver(records);
                records = 0;
            }
        }
        self.deliver(records);
        came
    }

    /// Writes a gap record if records were lost and some sink works.
    fn tell_of_losses(&mut self) {
        if self.lanes.iter().any(Lane::is_clear) {
            self.tell_of_losses_to_all();
        }
    }

    fn tell_of_losses_to_all(&mut self) {
        let gap: Option<Gap> = self.shared.losses.lock().take();
        if let Some(gap) = gap {
            self.tally.lost += gap.count;
            self.own(Own::Gap(gap));
            self.deliver(1);
        }
    }

    fn own(&mut self, own: Own<'_>) {
        self.scribe.own(&own, self.shared.clock.wall(), &mut self.batch);
    }

    /// Gives the batch to every sink.
    fn deliver(&mut self, records: u64) {
        if records == 0 {
            return;
        }
        let (ticks, wall) = (self.shared.clock.ticks(), self.shared.clock.wall());
        self.lanes.iter_mut().for_each(|lane| lane.deliver(&self.batch, records, ticks, wall));
        self.tally.written += records;
        self.batch.clear();
        self.judge();
    }

    /// Gives to sinks that failed what they still lack. Done before a batch is begun, so that a gap record comes before
    /// whatever is newer.
    fn retry(&mut self) {
        if self.shared.healthy.load(Ordering::Relaxed) {
            return;
        }
        let ticks = self.shared.clock.ticks();
        for lane in &mut self.lanes {
            lane.retry(ticks);
            if lane.is_clear()
                && let Some(gap) = lane.take_gap()
            {
                self.shared.losses.lock().merge(gap);
            }
        }
        self.judge();
    }

    fn judge(&self) {
        self.shared.healthy.store(self.lanes.iter().all(Lane::is_clear), Ordering::Relaxed);
    }

    fn sleep(&mut self) {
        self.shared.parked.store(true, Ordering::SeqCst);
        // Looked at after `parked` is set: a record that came before it is seen here, one that comes later wakes us.
        if self.shared.queue.is_empty() && !self.shared.closing.load(Ordering::SeqCst) {
            thread::park_timeout(SLEEP);
        }
        self.shared.parked.store(false, Ordering::SeqCst);
    }

    fn finish(&mut self) -> Closed {
        for attempt in 0..LAST_TRIES {
            self.lanes.iter_mut().for_each(Lane::forget_pause);
            self.retry();
            if self.shared.healthy.load(Ordering::Relaxed) {
                break;
            }
            thread::sleep(NAP * 2u32.pow(attempt));
        }
        self.tell_of_losses_to_all();
        // Slots that are still out will find nobody: their records are lost.
        self.tally.lost += self.shared.held.load(Ordering::Acquire) as u64;
        self.tally.withheld = self.scribe.withheld();
        self.own(Own::Stop(self.tally));
        self.deliver(1);
        let left = self.lanes.iter_mut().map(Lane::close).max().unwrap_or(0);
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
