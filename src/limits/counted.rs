//! Who counts a quota: this gate alone, or all replicas together.

use std::sync::Arc;
use std::time::Duration;

use super::SOON;
use super::bucket::Rate;
use super::gcra::Requests;
use super::shared::SharedQuota;
use super::table::Table;
use crate::clock::Ticks;

/// Who counts a quota.
pub(super) enum Counted<T> {
    /// This gate alone.
    Own(T),
    /// All replicas.
    Shared(SharedQuota),
}

/// A quota for each key.
pub(super) struct Quotas {
    pub rate: Rate,
    pub table: Arc<Table>,
}

/// How much may be taken at once, how much of it is left, and how long until all of it is back.
pub(super) type Left = (u64, u64, Duration);

impl<T> Counted<T> {
    /// What this gate counts alone.
    pub fn own(&self) -> Option<&T> {
        match self {
            Self::Own(own) => Some(own),
            Self::Shared(_) => None,
        }
    }
}

impl Counted<Quotas> {
    /// What is left, and whether anything is; if not, how long until there is.
    pub fn look(&self, key: u64, now: Ticks) -> (Left, Result<(), Duration>) {
        match self {
            Self::Own(Quotas { rate, table }) => table.with(key, rate, now, |bucket| {
                ((rate.burst(), bucket.left(rate), bucket.full_in(rate)), bucket.room(rate, now))
            }),
            Self::Shared(quota) => (quota.left(key, now), quota.room(key, now)),
        }
    }

    /// Takes up to `wanted`: how much there was, and how long until there is some again.
    pub fn charge(&self, key: u64, wanted: u64, now: Ticks) -> (u64, Duration) {
        match self {
            Self::Own(Quotas { rate, table }) => table.with(key, rate, now, |bucket| {
                let granted = bucket.take_up_to(rate, wanted);
                (granted, bucket.room(rate, now).err().unwrap_or_default())
            }),
            Self::Shared(quota) => {
                let granted = quota.charge(key, wanted, now);
                (granted, quota.room(key, now).err().unwrap_or_default())
            }
        }
    }

    /// How often a newcomer found the table full.
    pub fn overflowed(&self) -> u64 {
        match self {
            Self::Own(quotas) => quotas.table.overflowed(),
            Self::Shared(quota) => quota.overflowed(),
        }
    }
}

impl Counted<Requests> {
    /// Takes one request, or says how long it takes until there is one.
    pub fn take(&self, key: u64, now: Ticks) -> Result<(), Duration> {
        match self {
            Self::Own(requests) => requests.take(key, now),
            Self::Shared(quota) => quota.take(key, now),
        }
    }

    /// Gives back what a refusal elsewhere took in vain.
    pub fn give_back(&self, key: u64, now: Ticks) {
        match self {
            Self::Own(requests) => requests.give_back(key, now),
            Self::Shared(quota) => quota.give_back(key),
        }
    }

    /// What is left.
    pub fn left(&self, key: u64, now: Ticks) -> Left {
        match self {
            Self::Own(Requests { rate, table, .. }) => {
                table.with(key, rate, now, |bucket| (rate.burst(), bucket.left(rate), bucket.full_in(rate)))
            }
            Self::Shared(quota) => quota.left(key, now),
        }
    }

    /// How often a newcomer found the table full.
    pub fn overflowed(&self) -> u64 {
        match self {
            Self::Own(requests) => requests.table.overflowed(),
            Self::Shared(quota) => quota.overflowed(),
        }
    }
}

/// What nobody counts does not pass.
pub(super) const NOTHING: (u64, Duration) = (0, SOON);
