//! The handle that the gate holds: room for a record is taken when a visit begins, and the record is handed over when
//! it ends. Neither ever waits.
//!
//! Every event is in exactly one of these places: held by a [`Slot`], in the queue, in a sink, or in a count of lost
//! records that a gap record tells of.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};
use std::{fmt, io, thread};

use crossbeam_queue::SegQueue;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::counts::{Losses, TrailCounts};
use super::event::{Access, Decision, Event, PolicyRecord};
use super::id::RequestId;
use super::means::means;
use super::ocsf::{Own, Recovered, Scribe};
use super::pending::Pending;
use super::proof::SignerFault;
use super::sinks::{self, Sink};
use super::spool::SpoolFault;
use super::undelivered::Undelivered;
use super::writer::{Means, Writer};
use crate::clock::Clock;
use crate::policy::settings::{AuditSettings, OnFailure};
use crate::redact::{Name, Redacted};

/// Longest wait for a record to be durable. A disk that takes longer has failed for those who wait.
const COMMIT_PATIENCE: Duration = Duration::from_secs(5);

/// Why the trail cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum AuditFault {
    /// A sink cannot be opened.
    #[error("audit sink {}: {fault}", path.display())]
    Sink {
        /// Its path, as configured.
        path: PathBuf,
        /// What the system says.
        fault: io::Error,
    },
    /// The spool cannot be opened.
    #[error("{0}")]
    Spool(#[from] SpoolFault),
    /// Checkpoints cannot be signed.
    #[error("audit.signing_key: {0}")]
    Signer(#[from] SignerFault),
    /// The anchor cannot be made.
    #[error("audit.anchor {}: {fault}", path.display())]
    Anchor {
        /// Its path, as configured.
        path: PathBuf,
        /// What the system says.
        fault: io::Error,
    },
    /// The system gives no thread.
    #[error("audit: the writer's thread cannot be started: {0}")]
    Thread(io::Error),
}

/// Bounds of a trail.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Visits in progress and records in the queue, together.
    pub in_flight: usize,
    /// Bytes kept for a sink that cannot be written to.
    pub backlog_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        // 10,000 connections with several HTTP/2 streams each, and a second of records at full load besides: at some
        // 500 bytes each, 32 MiB at worst. The backlog holds some 16,000 records of 2 KB.
        Self { in_flight: 65_536, backlog_bytes: 32 * 1024 * 1024 }
    }
}

/// Who writes: part of every record.
#[derive(Clone, Debug)]
pub struct Producer {
    /// This gate's name among its replicas.
    pub instance: Name,
    /// The chain's begin: this run of the process, or with a spool, the first run on it. Sequence numbers count from
    /// there.
    pub epoch: RequestId,
    /// The policy in force at start.
    pub policy: Arc<PolicyRecord>,
}

impl Producer {
    /// `metadata.log_name`: one sequence of records, `<instance>/<epoch>`.
    pub fn log_name(&self) -> Redacted {
        Redacted::joined(&self.instance, "/", uuid::Uuid::from_u128(self.epoch.bits()))
    }
}

/// The audit trail. Cheap to clone.
#[derive(Clone)]
pub struct Trail(pub(super) Option<Arc<Shared>>);

/// Room for one record.
#[must_use = "a slot that is dropped unwritten counts as a lost record"]
pub struct Slot(Option<Arc<Shared>>);

/// How a trail was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Records that no sink or not every sink has.
    pub lost: u64,
}

/// What the handles and the writer's thread share.
pub(super) struct Shared {
    /// Grows as it fills: there are never more events in it than `held`.
    pub queue: SegQueue<Event>,
    /// Slots in use: given out, or their event not yet taken from the queue.
    pub held: AtomicUsize,
    pub bound: usize,
    pub healthy: AtomicBool,
    /// The writer sleeps until it is unparked.
    pub parked: AtomicBool,
    /// Somebody waits for the writer.
    pub urgent: AtomicBool,
    /// Whether there is a spool, so that somebody can wait for what is durable.
    spooled: bool,
    /// The last sequence number that is durable in the spool.
    pub durable: AtomicU64,
    /// What of the spool is not yet delivered.
    pub undelivered: Mutex<Undelivered>,
    /// Whether all routes are closed while records cannot be kept.
    denies: bool,
    pub closing: AtomicBool,
    pub losses: Mutex<Losses>,
    pub counts: TrailCounts,
    pub clock: Clock,
    writer: Mutex<Option<JoinHandle<Closed>>>,
    /// To unpark; apart from the handle, so that no lock is taken on a request's way.
    thread: OnceLock<Thread>,
}

impl Trail {
    /// `audit: off`: takes everything and keeps nothing.
    pub const fn off() -> Self {
        Self(None)
    }

    /// Opens the sinks and the spool and starts the writer's thread, whose first record is PROC.START.
    pub fn start(settings: &AuditSettings, clock: Clock, producer: Producer) -> Result<Self, AuditFault> {
        Self::start_bounded(settings, clock, producer, Bounds::default())
    }

    /// The same, for fewer records.
    pub fn start_bounded(
        settings: &AuditSettings,
        clock: Clock,
        producer: Producer,
        bounds: Bounds,
    ) -> Result<Self, AuditFault> {
        match settings {
            AuditSettings::Off => Ok(Self::off()),
            AuditSettings::On(trail) => {
                let open = |sink| sinks::open(sink, &clock, trail.spool.is_some()).transpose();
                let sinks = trail.sinks.iter().filter_map(open).collect::<Result<Vec<_>, _>>()?;
                let (means, first, aborted) = means(trail, &clock, producer, bounds)?;
                let denies = trail.on_failure == OnFailure::Deny;
                Self::launch(sinks, clock, means, bounds, denies, |writer| writer.begin(&first, aborted))
            }
        }
    }

    /// A trail to sinks that are open already.
    pub fn with_sinks(
        sinks: Vec<Box<dyn Sink>>,
        clock: Clock,
        producer: Producer,
        bounds: Bounds,
    ) -> Result<Self, AuditFault> {
        let scribe = Scribe::new(producer);
        let means = Means { scribe, vault: None, notary: None, undelivered: Undelivered::Nothing, keys: None };
        Self::launch(sinks, clock, means, bounds, false, |writer| {
            writer.begin(&[Own::Start(Recovered::NEW)], Pending::default());
        })
    }

    fn launch(
        sinks: Vec<Box<dyn Sink>>,
        clock: Clock,
        means: Means,
        bounds: Bounds,
        denies: bool,
        begin: impl FnOnce(&mut Writer),
    ) -> Result<Self, AuditFault> {
        let shared = Arc::new(Shared {
            queue: SegQueue::new(),
            held: AtomicUsize::new(0),
            bound: bounds.in_flight.max(1),
            healthy: AtomicBool::new(true),
            parked: AtomicBool::new(false),
            urgent: AtomicBool::new(false),
            spooled: means.vault.is_some(),
            durable: AtomicU64::new(0),
            undelivered: Mutex::new(means.undelivered),
            denies,
            closing: AtomicBool::new(false),
            losses: Mutex::default(),
            counts: TrailCounts::default(),
            clock,
            writer: Mutex::new(None),
            thread: OnceLock::new(),
        });
        let mut writer = Writer::new(Arc::clone(&shared), sinks, means, bounds);
        begin(&mut writer);
        let handle =
            thread::Builder::new().name("audit".into()).spawn(move || writer.run()).map_err(AuditFault::Thread)?;
        let _ = shared.thread.set(handle.thread().clone());
        *shared.writer.lock() = Some(handle);
        Ok(Self(Some(shared)))
    }

    /// Room for one record; `None` if all places are taken or the trail is closed, which counts as a lost record.
    pub fn reserve(&self) -> Option<Slot> {
        let Some(shared) = &self.0 else { return Some(Slot(None)) };
        if shared.held.fetch_add(1, Ordering::Relaxed) < shared.bound && !shared.closing.load(Ordering::Relaxed) {
            return Some(Slot(Some(Arc::clone(shared))));
        }
        shared.held.fetch_sub(1, Ordering::Relaxed);
        shared.losses.lock().add(1, shared.clock.wall(), "the queue was full");
        None
    }

    /// Records `event` at once; `false` if there is no room, which counts as a lost record.
    pub fn record(&self, event: Event) -> bool {
        self.reserve().map(|slot| slot.write(event)).is_some()
    }

    /// Records that a request is let through, and gives a wait for that to be durable; `None` if there is no room,
    /// which counts as a lost record.
    pub fn decide(&self, access: Access) -> Option<Decided> {
        let mut slot = self.reserve()?;
        let (durable, wait) = oneshot::channel();
        let Some(shared) = slot.0.take() else { return Some(Decided(None)) };
        shared.push(Event::Decision(Box::new(Decision { access, durable })));
        shared.hurry();
        Some(Decided(Some(wait)))
    }

    /// Whether there is a spool, so that somebody can wait until a record is durable.
    pub fn is_spooled(&self) -> bool {
        self.0.as_ref().is_some_and(|shared| shared.spooled)
    }

    /// The last sequence number that is durable in the spool: how far a cursor may read.
    pub fn durable(&self) -> u64 {
        self.0.as_ref().map_or(0, |shared| shared.durable.load(Ordering::Acquire))
    }

    /// Says what of the spool is not yet delivered.
    pub fn keep_undelivered(&self, undelivered: Undelivered) {
        if let Some(shared) = &self.0 {
            *shared.undelivered.lock() = undelivered;
        }
    }

    /// Whether routes without personal data answer 503 too while records cannot be kept.
    pub fn denies_all(&self) -> bool {
        self.0.as_ref().is_some_and(|shared| shared.denies)
    }

    /// Whether records are kept: with a spool, whether that can be written and has room, without one, whether every
    /// sink took all that it was given. Routes with personal data answer 503 while it is `false`.
    pub fn healthy(&self) -> bool {
        self.0.as_ref().is_none_or(|shared| shared.healthy.load(Ordering::Relaxed))
    }

    /// Whether nothing is kept (`audit: off`).
    pub const fn is_off(&self) -> bool {
        self.0.is_none()
    }

    /// Waits until all that holds a slot has written, or until `patience` is at its end; writes PROC.STOP and syncs.
    /// Blocks its thread. From the second call on nothing is done.
    #[expect(clippy::disallowed_methods, reason = "waits for a thread, which a manual clock does not move")]
    pub fn close(&self, patience: Duration) -> Closed {
        let Some(shared) = &self.0 else { return Closed { lost: 0 } };
        let Some(handle) = shared.writer.lock().take() else { return Closed { lost: 0 } };
        let deadline = Instant::now() + patience;
        while shared.held.load(Ordering::Acquire) > 0 && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
        shared.closing.store(true, Ordering::SeqCst);
        handle.thread().unpark();
        // A writer that panicked has lost what nobody can count any more.
        handle.join().unwrap_or(Closed { lost: u64::MAX })
    }
}

impl Slot {
    /// Hands `event` over to the writer.
    pub fn write(mut self, event: Event) {
        let Some(shared) = self.0.take() else { return };
        shared.push(event);
        shared.wake();
    }

    /// Gives the room back: there is nothing to record (a connection whose requests told all).
    pub fn release(mut self) {
        if let Some(shared) = self.0.take() {
            shared.held.fetch_sub(1, Ordering::Release);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(shared) = self.0.take() {
            shared.give_up("a visit ended without a record");
        }
    }
}

impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_off() { "Trail(off)" } else { "Trail" })
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot")
    }
}

/// A wait for a record to be durable.
#[must_use = "an answer that goes out before its record is durable breaks a promise"]
pub struct Decided(Option<oneshot::Receiver<()>>);

impl Decided {
    /// Waits. `false` if the record cannot be made durable, or not in time.
    pub async fn durable(self) -> bool {
        let Some(mut wait) = self.0 else { return true };
        // The app's answer mostly takes longer than the commit: then there is nothing to wait for, and no timer.
        match wait.try_recv() {
            Ok(()) => true,
            Err(oneshot::error::TryRecvError::Closed) => false,
            Err(oneshot::error::TryRecvError::Empty) => {
                matches!(tokio::time::timeout(COMMIT_PATIENCE, wait).await, Ok(Ok(())))
            }
        }
    }
}

impl Shared {
    /// Puts an event whose place was reserved into the queue.
    fn push(&self, event: Event) {
        self.queue.push(event);
    }

    /// Wakes the writer even from its nap: somebody waits. One wake-up serves all that come before it is up.
    fn hurry(&self) {
        if !self.urgent.swap(true, Ordering::SeqCst)
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
    }

    /// Wakes the writer if it sleeps. Its nap after a batch is left alone: what comes meanwhile makes the next batch.
    fn wake(&self) {
        if self.parked.load(Ordering::SeqCst)
            && self.parked.swap(false, Ordering::SeqCst)
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
    }

    fn give_up(&self, cause: &'static str) {
        self.losses.lock().add(1, self.clock.wall(), cause);
        self.held.fetch_sub(1, Ordering::Release);
    }
}
