//! One key's account with the count that all replicas share.
//!
//! What a request takes comes off a lease first: an amount that the shared count has set aside for this replica. Without
//! one it is taken on credit, as far as the last balance, grown at the limit's rate since, still holds something: at most
//! this replica's part of it, or one. Credit is settled with the next exchange, and a balance that it made negative keeps
//! everybody waiting until the rate has made it good. So over any time the replicas together admit what the limit says,
//! and what they may be ahead of it for a moment is less than a burst.

use std::time::Duration;

use crate::clock::Ticks;
use crate::limits::bucket::{Bucket, Rate};

/// What a lease is to last for: many exchanges, so that a hot key does not need each of them.
const LEASE: u64 = 200_000;
/// Shorter looks at demand tell chance from habit badly, in microseconds.
const SHORTEST_LOOK: u64 = 10_000;
/// What a round trip takes at most while the count is still believed, in microseconds: what comes back meanwhile is there.
const ROUND_TRIP: u64 = 50_000;
/// A lease that nobody used for so long goes back, in microseconds.
const IDLE: u64 = 1_000_000;

/// 112 bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Account {
    /// Set aside for this replica.
    lease: u64,
    /// What was left for all when the count was last asked; negative if more was taken than there was.
    balance: i64,
    /// When that was; `None` if it never was.
    seen: Option<Ticks>,
    /// Taken without a lease and not told yet.
    credit: u64,
    /// The same, told by an exchange whose answer has not come.
    told: u64,
    /// Asked for by requests since the last exchange, granted or not.
    wanted: u64,
    /// When that was: what came once in a minute is no habit of every exchange.
    since: Ticks0,
    /// When it was last used.
    touched: Ticks0,
    /// What is spent of this replica's own share, of what others took a part too: what holds while there is no shared
    /// count.
    own: Bucket,
    /// Something was taken while there was none.
    alone: bool,
    /// It is on its shard's list for the next exchange.
    pub(super) listed: bool,
    /// It is part of an exchange.
    pub(super) asking: bool,
}

/// A moment, the clock's begin if there was none.
#[derive(Clone, Copy, Debug)]
struct Ticks0(Ticks);

impl Default for Ticks0 {
    fn default() -> Self {
        Self(Ticks(0))
    }
}

/// The rates of a quota: that of all replicas together, and one replica's share of it.
#[derive(Clone, Copy, Debug)]
pub(in crate::limits) struct Rates {
    pub all: Rate,
    pub share: Rate,
    pub replicas: u64,
}

/// How something is taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    /// The shared count can be asked.
    pub linked: bool,
    /// It is of an answer on its way, not a request.
    pub passing: bool,
}

/// What an exchange asks of the shared count for one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Taken on credit: comes off, whatever is left.
    pub owed: u64,
    /// To be set aside, as far as there is something.
    pub wanted: u64,
    /// Of an earlier lease, not used.
    pub returned: u64,
    /// What is left for all before that is no more than this, as far as this replica knows: a count that lost its memory
    /// gives nobody a fresh bucket.
    pub most: i64,
}

/// What the shared count answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Set aside.
    pub granted: u64,
    /// What is left for all after that; negative if more was taken than there was.
    pub balance: i64,
}

impl Account {
    /// What is left for all, as far as is known, and how much of it this replica may take on credit.
    fn credit_left(&self, rates: &Rates, now: Ticks) -> (i64, u64) {
        let burst = signed(rates.all.burst());
        let left = match self.seen {
            // Nobody has asked yet: what replicas may take unasked is a burst for all of them together.
            None => burst,
            Some(seen) => self.balance.saturating_add(signed(rates.all.back_after(now.since(seen)))).min(burst),
        };
        let open = self.credit + self.told;
        if left < 1 {
            return (left.saturating_sub(signed(open)), 0);
        }
        let part = (left.unsigned_abs() / rates.replicas.max(1)).max(1);
        (left.saturating_sub(signed(open)), part.saturating_sub(open))
    }

    /// Takes up to `wanted`: how much. What is used up on the way (`passing`) is owed a little on top, so that whoever
    /// comes again finds more than a few bytes.
    pub(super) fn take_up_to(&mut self, rates: &Rates, wanted: u64, now: Ticks, Way { linked, passing }: Way) -> u64 {
        self.touched = Ticks0(now);
        self.wanted = self.wanted.saturating_add(wanted);
        self.own.settle(&rates.share, now);
        let granted = if linked {
            let leased = self.lease.min(wanted);
            self.lease -= leased;
            let credit = self.credit_left(rates, now).1.min(wanted - leased);
            self.credit += credit;
            leased + credit
        } else {
            self.alone = true;
            let own = self.own.left(&rates.share).min(wanted);
            // Told once the count is back; a lease was taken off it already.
            let leased = self.lease.min(own);
            self.lease -= leased;
            self.credit = (self.credit + own - leased).min(rates.all.burst());
            own
        };
        self.own.take(granted);
        if passing && granted < wanted {
            self.credit = (self.credit + rates.all.owed()).min(rates.all.burst());
            self.own.take(rates.share.owed());
        }
        granted
    }

    /// Gives back what a refusal elsewhere took in vain.
    pub(super) fn give_back(&mut self) {
        self.own.give_back(1);
        self.wanted = self.wanted.saturating_sub(1);
        if self.credit > 0 { self.credit -= 1 } else { self.lease += 1 }
    }

    /// Whether there is something to take; if not, how long until there is.
    pub(super) fn room(&mut self, rates: &Rates, now: Ticks, linked: bool) -> Result<(), Duration> {
        self.touched = Ticks0(now);
        self.own.settle(&rates.share, now);
        if !linked {
            return self.own.room(&rates.share, now);
        }
        let (left, credit) = self.credit_left(rates, now);
        if self.lease > 0 || credit > 0 {
            return Ok(());
        }
        let lacking = 1_i64.saturating_sub(left).max(1).unsigned_abs();
        Err(rates.all.duration_of(lacking))
    }

    /// How much is left for all, and how long until all of it is back.
    pub(super) fn left(&self, rates: &Rates, now: Ticks, linked: bool) -> (u64, Duration) {
        if !linked {
            return (self.own.left(&rates.share), self.own.full_in(&rates.share));
        }
        let left = self.credit_left(rates, now).0.saturating_add(signed(self.lease));
        let left = left.clamp(0, signed(rates.all.burst())).unsigned_abs();
        (left, rates.all.duration_of(rates.all.burst() - left))
    }

    /// Whether the next exchange should tell of it: something is owed, was refused, or runs out.
    pub(super) const fn needs_exchange(&self) -> bool {
        self.credit > 0 || self.lease == 0 && self.wanted > 0 || self.wanted > self.lease
    }

    /// Whether a lease has lain unused for long.
    pub(super) const fn is_idle(&self, now: Ticks) -> bool {
        self.lease > 0 && !self.asking && now.since(self.touched.0) > IDLE
    }

    /// Whether it is as good as a new one.
    pub(super) fn is_spare(&mut self, rates: &Rates, now: Ticks) -> bool {
        self.own.settle(&rates.share, now);
        let busy = self.asking || self.lease > 0 || self.credit > 0 || self.told > 0;
        let idle = now.since(self.touched.0) > IDLE;
        !busy && idle && self.own.is_empty() && self.credit_left(rates, now).0 >= signed(rates.all.burst())
    }

    /// What is left for all at most. The count tells whole ones, so that there may be almost one more. What other replicas
    /// give back of their leases comes on top: for a moment, it is not seen.
    fn most(&self, rates: &Rates, now: Ticks) -> i64 {
        let burst = signed(rates.all.burst());
        self.seen.map_or(burst, |seen| {
            let back = rates.all.back_after(now.since(seen).saturating_add(ROUND_TRIP)).saturating_add(1);
            self.balance.saturating_add(signed(back)).min(burst)
        })
    }

    /// What is to be asked now; the account is part of an exchange from here on.
    pub(super) fn ask(&mut self, rates: &Rates, now: Ticks) -> Ask {
        self.listed = false;
        self.asking = true;
        if std::mem::take(&mut self.alone) {
            // The rate has made good the rest of what was taken, here as in the shared count.
            self.own.settle(&rates.share, now);
            self.credit = self.credit.min(self.own.spent());
        }
        let known = self.most(rates, now);
        let elapsed = now.since(self.since.0).max(SHORTEST_LOOK);
        self.since = Ticks0(now);
        if self.is_idle_for_good(now) {
            let returned = std::mem::take(&mut self.lease);
            self.told = std::mem::take(&mut self.credit);
            self.wanted = 0;
            return Ask { owed: self.told, wanted: 0, returned, most: known };
        }
        let demand = u128::from(self.wanted) * u128::from(LEASE) / u128::from(elapsed);
        // More than its part would be idle here and missed elsewhere.
        let most = (rates.all.burst() / rates.replicas.max(1)).max(1);
        // Where the last ones were refused, one is worth asking for.
        let least = u64::from(self.wanted > self.credit && self.lease == 0);
        let target = u64::try_from(demand).unwrap_or(most).min(most).max(least);
        self.told = std::mem::take(&mut self.credit);
        self.wanted = 0;
        Ask { owed: self.told, wanted: target.saturating_sub(self.lease), returned: 0, most: known }
    }

    const fn is_idle_for_good(&self, now: Ticks) -> bool {
        self.lease > 0 && now.since(self.touched.0) > IDLE
    }

    /// The exchange came to its end.
    pub(super) fn answered(&mut self, rates: &Rates, told: Told, now: Ticks) {
        self.asking = false;
        self.told = 0;
        // What was taken on credit while the answer was under way comes off what is set aside: it is not had twice.
        let lease = self.lease.saturating_add(told.granted);
        let settled = lease.min(self.credit);
        (self.lease, self.credit) = (lease - settled, self.credit - settled);
        self.balance = told.balance;
        self.seen = Some(now);
        // Should the count go away now, what is left for all is had once, in as many parts as there are replicas.
        let replicas = rates.replicas.max(1);
        let part = (told.balance.max(0).unsigned_abs() + replicas / 2) / replicas;
        self.own.settle(&rates.share, now);
        self.own.spend_to(rates.share.burst().saturating_sub(part + self.lease));
    }

    /// It did not: what was told may not have come over, and is told again. A lease that was given back is gone.
    pub(super) fn unanswered(&mut self, rates: &Rates) {
        self.asking = false;
        self.credit = (self.credit + std::mem::take(&mut self.told)).min(rates.all.burst());
    }
}

fn signed(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}
