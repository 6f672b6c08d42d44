//! The accounts of one quota, by key: a bounded table as that of a quota of one's own, and the list of those that the next
//! exchange is to tell of.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use super::account::{Account, Ask, Rates, Told, Way};
use crate::clock::Ticks;
use crate::limits::bucket::{Bucket, Rate};
use crate::limits::table::{Hashed, SHARDS, shard_of};

/// Keys of a part: what a hash map of 4,096 places takes before it grows.
const SHARD_KEYS: usize = 3_584;
/// Keys of a ledger. At 137 bytes a place, 36 MiB.
pub const MAX_SHARED_KEYS: usize = SHARDS * SHARD_KEYS;
/// A full part is looked through at most once in this many microseconds.
const SWEEP_EVERY: u64 = 1_000_000;

/// One quota's accounts.
pub(in crate::limits) struct Ledger {
    /// As the shared count knows the quota: the limit's name and what it counts.
    pub(super) name: String,
    /// The quota now; a request that began under another goes on with that.
    rate: Mutex<Rate>,
    shards: [Mutex<Shard>; SHARDS],
    overflowed: AtomicU64,
}

#[derive(Default)]
struct Shard {
    accounts: HashMap<u64, Account, BuildHasherDefault<Hashed>>,
    /// Keys of which the next exchange tells.
    due: Vec<u64>,
    /// Whom newcomers share while the shard is full, by this replica's share.
    penalty: Bucket,
    swept: Option<Ticks>,
}

impl Ledger {
    pub(super) fn new(name: String, rate: Rate) -> Self {
        Self {
            name,
            rate: Mutex::new(rate),
            shards: std::array::from_fn(|_| Mutex::default()),
            overflowed: AtomicU64::new(0),
        }
    }

    pub(super) fn rate(&self) -> Rate {
        *self.rate.lock()
    }

    pub(super) fn set_rate(&self, rate: Rate) {
        *self.rate.lock() = rate;
    }

    /// Takes up to `wanted` for `key`: how much, and whether the count should hear of it.
    pub(super) fn take(&self, key: u64, rates: &Rates, wanted: u64, now: Ticks, way: Way) -> (u64, bool) {
        self.with(key, rates, now, |found| match found {
            Found::Account(account) => account.take_up_to(rates, wanted, now, way),
            Found::Penalty(bucket) => bucket.take_up_to(&rates.share, wanted),
        })
    }

    /// Whether something is left for `key`.
    pub(super) fn room(&self, key: u64, rates: &Rates, now: Ticks, linked: bool) -> Result<(), Duration> {
        self.with(key, rates, now, |found| match found {
            Found::Account(account) => account.room(rates, now, linked),
            Found::Penalty(bucket) => bucket.room(&rates.share, now),
        })
        .0
    }

    /// How much is left for `key`, and how long until all of it is back.
    pub(super) fn left(&self, key: u64, rates: &Rates, now: Ticks, linked: bool) -> (u64, Duration) {
        self.with(key, rates, now, |found| match found {
            Found::Account(account) => account.left(rates, now, linked),
            Found::Penalty(bucket) => (bucket.left(&rates.share), bucket.full_in(&rates.share)),
        })
        .0
    }

    /// Gives back one that was taken in vain.
    pub(super) fn give_back(&self, key: u64) {
        if let Some(account) = self.shards[shard_of(key)].lock().accounts.get_mut(&key) {
            account.give_back();
        }
    }

    fn with<T>(&self, key: u64, rates: &Rates, now: Ticks, f: impl FnOnce(Found<'_>) -> T) -> (T, bool) {
        let mut shard = self.shards[shard_of(key)].lock();
        let Shard { accounts, due, .. } = &mut *shard;
        if !accounts.contains_key(&key) && accounts.len() >= SHARD_KEYS {
            shard.sweep(rates, now);
            if shard.accounts.len() >= SHARD_KEYS {
                self.overflowed.fetch_add(1, Ordering::Relaxed);
                shard.penalty.settle(&rates.share, now);
                return (f(Found::Penalty(&mut shard.penalty)), false);
            }
            drop(shard);
            return self.with(key, rates, now, f);
        }
        let account = accounts.entry(key).or_default();
        let answer = f(Found::Account(account));
        let lists = !account.listed && !account.asking && account.needs_exchange();
        if lists {
            account.listed = true;
            due.push(key);
        }
        (answer, lists)
    }

    /// Takes up to `most` accounts into an exchange.
    pub(super) fn asks(&self, rates: &Rates, now: Ticks, most: usize, asks: &mut Vec<(u64, Ask)>) {
        let enough = asks.len() + most;
        for shard in &self.shards {
            let mut shard = shard.lock();
            let Shard { accounts, due, .. } = &mut *shard;
            while asks.len() < enough
                && let Some(key) = due.pop()
            {
                let Some(account) = accounts.get_mut(&key) else { continue };
                asks.push((key, account.ask(rates, now)));
            }
            if asks.len() >= enough {
                return;
            }
        }
    }

    /// Puts accounts with an idle lease on the lists; looked at from time to time. Whether there is any.
    pub(super) fn list_idle(&self, now: Ticks) -> bool {
        let mut any = false;
        for shard in &self.shards {
            let mut shard = shard.lock();
            let Shard { accounts, due, .. } = &mut *shard;
            for (key, account) in accounts.iter_mut().filter(|(_, account)| !account.listed && account.is_idle(now)) {
                account.listed = true;
                due.push(*key);
                any = true;
            }
        }
        any
    }

    /// What the exchange brought for `key`; whether there is more to tell already.
    pub(super) fn answered(&self, key: u64, rates: &Rates, told: Option<Told>, now: Ticks) -> bool {
        let mut shard = self.shards[shard_of(key)].lock();
        let Shard { accounts, due, .. } = &mut *shard;
        let Some(account) = accounts.get_mut(&key) else { return false };
        match told {
            Some(told) => account.answered(rates, told, now),
            None => account.unanswered(rates),
        }
        let lists = !account.listed && account.needs_exchange();
        if lists {
            account.listed = true;
            due.push(key);
        }
        lists
    }

    /// How often a newcomer found its part full.
    pub(super) fn overflowed(&self) -> u64 {
        self.overflowed.load(Ordering::Relaxed)
    }
}

enum Found<'a> {
    Account(&'a mut Account),
    Penalty(&'a mut Bucket),
}

impl Shard {
    /// Takes out accounts that are as good as new.
    fn sweep(&mut self, rates: &Rates, now: Ticks) {
        if self.swept.is_some_and(|swept| now.since(swept) < SWEEP_EVERY) {
            return;
        }
        self.swept = Some(now);
        self.accounts.retain(|_, account| account.listed || !account.is_spare(rates, now));
    }
}
