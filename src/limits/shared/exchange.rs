//! The exchange with the shared count: what was taken is told, and leases are asked for.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::account::{Ask, Told};
use super::{Ledger, Pool};
use crate::clock::{Clock, Ticks};

/// Shortest time between two exchanges. What replicas know of each other is this old and a round trip.
const EVERY: Duration = Duration::from_millis(10);
/// Accounts of an exchange: at some 40 bytes each way, 160 KB.
const MOST: usize = 4096;
/// How often leases that nobody uses are looked for.
const LOOK: Duration = Duration::from_millis(500);
/// How often the replicas are counted.
const PRESENCE: Duration = Duration::from_secs(1);

/// One key's part of an exchange, as a shared count sees it.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The limit and what it counts.
    pub quota: &'a str,
    /// The key: a keyed hash.
    pub key: u64,
    /// What comes back in `period` nanoseconds.
    pub amount: u64,
    /// In nanoseconds.
    pub period: u64,
    /// How much may be taken at once.
    pub burst: u64,
    /// What is asked.
    pub ask: Ask,
}

/// A count that replicas share. It decides by its own clock.
pub trait Count {
    /// Why it did not answer.
    type Fault;

    /// Asks for all entries; gives an answer for each, in order.
    fn ask(&mut self, entries: &[Entry<'_>]) -> impl Future<Output = Result<Vec<Told>, Self::Fault>>;

    /// Says that this replica is there; how many there are.
    fn presence(&mut self) -> impl Future<Output = Result<u64, Self::Fault>>;
}

/// What has changed between a pool and its count.
#[derive(Debug, PartialEq, Eq)]
pub enum Changed<F> {
    /// It answers.
    Linked,
    /// It does not: each replica keeps its own share.
    Gone(F),
}

/// Keeps a pool in touch with its count.
pub struct Exchanger<C> {
    pool: Arc<Pool>,
    count: C,
    clock: Clock,
    looked: Ticks,
    counted: Option<Ticks>,
    /// Whether it answered when it was asked last, once it was asked.
    answered: Option<bool>,
}

impl<C: Count> Exchanger<C> {
    /// One for `pool`.
    pub fn new(pool: Arc<Pool>, count: C, clock: Clock) -> Self {
        let looked = clock.ticks();
        Self { pool, count, clock, looked, counted: None, answered: None }
    }

    /// The count that it asks.
    pub const fn count(&mut self) -> &mut C {
        &mut self.count
    }

    /// Waits until there is something to do, at least as long as two exchanges are apart.
    pub async fn rest(&self) {
        tokio::time::sleep(EVERY).await;
        // The replicas are counted whether anybody calls or not.
        let _ = tokio::time::timeout(LOOK, self.pool.due.notified()).await;
    }

    /// One exchange, if there is something to ask. Whether the count answers holds for the pool from then on; gives what
    /// has changed in that, and what the first one came to.
    pub async fn turn(&mut self) -> Option<Changed<C::Fault>> {
        let (linked, changed) = match self.exchange().await {
            Ok(false) => return None,
            Ok(true) => (true, Changed::Linked),
            Err(fault) => (false, Changed::Gone(fault)),
        };
        self.pool.exchanges[usize::from(!linked)].fetch_add(1, Ordering::Relaxed);
        self.pool.linked.store(linked, Ordering::Relaxed);
        (self.answered.replace(linked) != Some(linked)).then_some(changed)
    }

    /// Whether the count was asked.
    async fn exchange(&mut self) -> Result<bool, C::Fault> {
        let now = self.clock.ticks();
        let counts = self.counted.is_none_or(|counted| counted.plus(PRESENCE) <= now) || !self.pool.is_linked();
        if counts {
            self.counted = Some(now);
            let replicas = self.count.presence().await?;
            self.pool.replicas.store(replicas.max(1), Ordering::Relaxed);
        }
        let ledgers: Vec<Arc<Ledger>> = self.pool.ledgers.lock().clone();
        if self.looked.plus(LOOK) <= now {
            self.looked = now;
            for ledger in &ledgers {
                ledger.list_idle(now);
            }
        }
        let asked = self.due(&ledgers, now);
        if asked.is_empty() {
            return Ok(counts);
        }
        let entries: Vec<Entry<'_>> = asked.iter().map(|(ledger, key, ask)| entry(ledger, *key, *ask)).collect();
        let answer = self.count.ask(&entries).await;
        self.settle(&asked, answer.as_deref().unwrap_or_default());
        answer.map(|_| true)
    }

    /// What is to be asked, of which ledger and key.
    fn due<'l>(&self, ledgers: &'l [Arc<Ledger>], now: Ticks) -> Vec<(&'l Ledger, u64, Ask)> {
        let mut all = Vec::new();
        let mut asks = Vec::new();
        for ledger in ledgers {
            let left = MOST.saturating_sub(all.len());
            ledger.asks(&self.pool.rates(ledger.rate()), now, left, &mut asks);
            all.extend(asks.drain(..).map(|(key, ask)| (&**ledger, key, ask)));
        }
        all
    }

    /// Tells the accounts what came of it; without an answer, that none came.
    fn settle(&self, asked: &[(&Ledger, u64, Ask)], told: &[Told]) {
        let now = self.clock.ticks();
        let mut more = false;
        for (place, (ledger, key, _)) in asked.iter().enumerate() {
            let rates = self.pool.rates(ledger.rate());
            more |= ledger.answered(*key, &rates, told.get(place).copied(), now);
        }
        if more {
            self.pool.due.notify_one();
        }
    }
}

fn entry(ledger: &Ledger, key: u64, ask: Ask) -> Entry<'_> {
    let (amount, period, burst) = ledger.rate().parts();
    Entry { quota: &ledger.name, key, amount, period, burst, ask }
}
