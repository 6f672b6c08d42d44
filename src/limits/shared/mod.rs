//! Limits that all replicas keep together (`scope: shared`). No request waits for the count that they share: each takes
//! off what its replica holds of it, and a task of its own tells the count what was taken and asks for more.
//!
//! ```text
//! request ─ take ─► account (lease, else credit) ─ due ─► exchange, every 10 ms ══► shared count (Redis)
//!                      ▲                                    │ set aside, balance
//!                      └────────────────────────────────────┘
//! ```
//!
//! While the count cannot be reached, each replica keeps its own share of every limit.

mod account;
mod exchange;
mod ledger;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::bucket::Rate;
use crate::clock::Ticks;
pub(super) use account::Rates;
use account::Way;
pub use account::{Ask, Told};
pub use exchange::{Changed, Count, Entry, Exchanger};
pub(super) use ledger::Ledger;
pub use ledger::MAX_SHARED_KEYS;

/// What all shared limits of a gate have in common, over reloads.
pub struct Pool {
    /// The count can be asked.
    linked: AtomicBool,
    /// How many replicas there are, this one included.
    replicas: AtomicU64,
    /// Exchanges with the count that were answered, and that were not.
    exchanges: [AtomicU64; 2],
    /// Somebody has something to tell.
    due: Notify,
    /// Those in use.
    ledgers: Mutex<Vec<Arc<Ledger>>>,
}

impl Pool {
    /// A pool that has not asked yet, of so many replicas.
    pub fn new(replicas: u64) -> Self {
        Self {
            linked: AtomicBool::new(false),
            replicas: AtomicU64::new(replicas.max(1)),
            exchanges: Default::default(),
            due: Notify::new(),
            ledgers: Mutex::default(),
        }
    }

    /// Whether the count answered when it was asked last.
    pub fn is_linked(&self) -> bool {
        self.linked.load(Ordering::Relaxed)
    }

    /// How many replicas there are, this one included.
    pub fn replicas(&self) -> u64 {
        self.replicas.load(Ordering::Relaxed)
    }

    /// Exchanges with the count since the start: those that were answered, and those that failed.
    pub fn exchanges(&self) -> [u64; 2] {
        [&self.exchanges[0], &self.exchanges[1]].map(|count| count.load(Ordering::Relaxed))
    }

    fn rates(&self, all: Rate) -> Rates {
        let replicas = self.replicas();
        Rates { all, share: all.share(replicas), replicas }
    }

    /// The ledger of this name, at this rate; one in use goes on.
    fn ledger(&self, name: String, rate: Rate) -> Arc<Ledger> {
        let mut ledgers = self.ledgers.lock();
        // Those that no policy and no request knows any more.
        ledgers.retain(|ledger| Arc::strong_count(ledger) > 1 || ledger.name == name);
        if let Some(known) = ledgers.iter().find(|ledger| ledger.name == name) {
            known.set_rate(rate);
            return Arc::clone(known);
        }
        let ledger = Arc::new(Ledger::new(name, rate));
        ledgers.push(Arc::clone(&ledger));
        ledger
    }
}

/// A quota that is counted together.
pub(super) struct SharedQuota {
    pool: Arc<Pool>,
    ledger: Arc<Ledger>,
    rate: Rate,
}

impl SharedQuota {
    /// `name` is the limit's name and what it counts: replicas that count under one name count together.
    pub(super) fn new(pool: &Arc<Pool>, name: String, rate: Rate) -> Self {
        Self { pool: Arc::clone(pool), ledger: pool.ledger(name, rate), rate }
    }

    /// Takes one request, or says how long it takes until there is one.
    pub(super) fn take(&self, key: u64, now: Ticks) -> Result<(), Duration> {
        if self.take_up_to(key, 1, now, false) == 1 {
            return Ok(());
        }
        Err(self.room(key, now).err().unwrap_or(Duration::from_millis(1)))
    }

    /// Takes up to `wanted` of an answer on its way.
    pub(super) fn charge(&self, key: u64, wanted: u64, now: Ticks) -> u64 {
        self.take_up_to(key, wanted, now, true)
    }

    fn take_up_to(&self, key: u64, wanted: u64, now: Ticks, passing: bool) -> u64 {
        let way = Way { linked: self.pool.is_linked(), passing };
        let (granted, lists) = self.ledger.take(key, &self.pool.rates(self.rate), wanted, now, way);
        if lists {
            self.pool.due.notify_one();
        }
        granted
    }

    /// Whether something is left; if not, how long until there is.
    pub(super) fn room(&self, key: u64, now: Ticks) -> Result<(), Duration> {
        self.ledger.room(key, &self.pool.rates(self.rate), now, self.pool.is_linked())
    }

    /// How much may be taken at once, how much of it is left, and how long until all of it is back.
    pub(super) fn left(&self, key: u64, now: Ticks) -> (u64, u64, Duration) {
        let (left, full_in) = self.ledger.left(key, &self.pool.rates(self.rate), now, self.pool.is_linked());
        (self.rate.burst(), left, full_in)
    }

    /// Gives back a request that was taken in vain.
    pub(super) fn give_back(&self, key: u64) {
        self.ledger.give_back(key);
    }

    pub(super) fn overflowed(&self) -> u64 {
        self.ledger.overflowed()
    }
}

#[cfg(test)]
mod tests;
