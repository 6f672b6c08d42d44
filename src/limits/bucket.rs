//! One key's bucket: how much of a quota is spent. It runs dry at the quota's rate. What it holds says nothing of the
//! rate, so a limit whose rate changes keeps its buckets as they are.

use std::time::Duration;

use crate::clock::Ticks;
use crate::policy::settings::Quota;

/// Of a quota that was used up on the way, this part of its burst is owed on top: whoever comes again finds a tenth of
/// it, and not a few bytes that end the next answer as well.
const OWED: u64 = 10;

/// How much is spent, and up to when what came back is taken off. 16 bytes; a million keys pay for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bucket {
    spent: u64,
    /// Nanoseconds of the gate's clock.
    settled: u64,
}

/// A quota as buckets need it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    amount: u64,
    /// Nanoseconds.
    period: u64,
    burst: u64,
}

impl Rate {
    /// The policy's compiler refuses zeros; should one come here, the strictest quota stands in.
    pub(super) fn new(quota: &Quota) -> Self {
        Self {
            amount: quota.amount.max(1),
            period: u64::try_from(quota.period.as_nanos()).unwrap_or(u64::MAX).max(1),
            burst: quota.burst.max(1),
        }
    }

    /// What comes back in some nanoseconds, rounded down.
    fn back_in(&self, elapsed: u64) -> u64 {
        match elapsed.checked_mul(self.amount) {
            Some(product) => product / self.period,
            None => narrow(u128::from(elapsed) * u128::from(self.amount) / u128::from(self.period)),
        }
    }

    /// How many nanoseconds an amount takes to come back, rounded up.
    fn time_for(&self, amount: u64) -> u64 {
        match amount.checked_mul(self.period) {
            Some(product) => product.div_ceil(self.amount),
            None => narrow((u128::from(amount) * u128::from(self.period)).div_ceil(u128::from(self.amount))),
        }
    }
}

fn narrow(wide: u128) -> u64 {
    u64::try_from(wide).unwrap_or(u64::MAX)
}

const fn nanos(now: Ticks) -> u64 {
    now.0.saturating_mul(1000)
}

impl Bucket {
    /// Whether it is as good as a new one.
    pub(super) const fn is_empty(self) -> bool {
        self.spent == 0
    }

    /// Takes off what came back. Workers' moments differ a little; time does not go back for that.
    pub(super) fn settle(&mut self, rate: &Rate, now: Ticks) {
        let now = nanos(now);
        // A burst that was made smaller does not keep anybody waiting for the larger one. What is owed is kept.
        self.spent = self.spent.min(rate.burst.saturating_add(rate.owed()));
        let back = rate.back_in(now.saturating_sub(self.settled));
        if back >= self.spent {
            *self = Self { spent: 0, settled: self.settled.max(now) };
        } else if back > 0 {
            // Only the time of whole units is taken off: the rest counts for the next one.
            self.spent -= back;
            self.settled = self.settled.saturating_add(rate.time_for(back));
        }
    }

    /// The theoretical arrival time of the GCRA, in nanoseconds of the gate's clock; `None` if nothing is spent.
    pub(super) fn arrival(self, rate: &Rate) -> Option<u64> {
        (!self.is_empty()).then(|| self.settled.saturating_add(rate.time_for(self.spent)))
    }

    /// Takes one, whatever is left.
    pub(super) const fn take_one(&mut self) {
        self.take(1);
    }

    /// Takes so much, whatever is left.
    pub(super) const fn take(&mut self, amount: u64) {
        self.spent = self.spent.saturating_add(amount);
    }

    /// How much is spent.
    pub(super) const fn spent(&self) -> u64 {
        self.spent
    }

    /// So much is spent at least.
    pub(super) fn spend_to(&mut self, amount: u64) {
        self.spent = self.spent.max(amount);
    }

    /// Whether at least one is left; if not, how long it takes until there is.
    pub(super) fn room(&self, rate: &Rate, now: Ticks) -> Result<(), Duration> {
        if self.spent < rate.burst {
            return Ok(());
        }
        let missing = self.spent - rate.burst + 1;
        let waited = nanos(now).saturating_sub(self.settled);
        Err(Duration::from_nanos(rate.time_for(missing).saturating_sub(waited).max(1)))
    }

    /// Takes as much as is left of what is wanted, and says how much. Wanting more than is left uses the quota up.
    pub(super) fn take_up_to(&mut self, rate: &Rate, wanted: u64) -> u64 {
        let left = rate.burst.saturating_sub(self.spent);
        if wanted <= left {
            self.spent += wanted;
            return wanted;
        }
        self.spent = self.spent.max(rate.burst.saturating_add(rate.owed()));
        left
    }

    /// Gives back what was taken in vain.
    pub(super) const fn give_back(&mut self, amount: u64) {
        self.spent = self.spent.saturating_sub(amount);
    }

    /// How much is left.
    pub(super) const fn left(&self, rate: &Rate) -> u64 {
        rate.burst.saturating_sub(self.spent)
    }

    /// How long until all is back.
    pub(super) fn full_in(&self, rate: &Rate) -> Duration {
        Duration::from_nanos(rate.time_for(self.spent))
    }
}

impl Rate {
    /// How much may be taken at once.
    pub(super) const fn burst(&self) -> u64 {
        self.burst
    }

    /// What is owed on top of a quota that was used up on the way.
    pub(super) const fn owed(&self) -> u64 {
        self.burst / OWED
    }

    /// What comes back in some microseconds.
    pub(super) fn back_after(&self, micros: u64) -> u64 {
        self.back_in(micros.saturating_mul(1000))
    }

    /// How long an amount takes to come back.
    pub(super) fn duration_of(&self, amount: u64) -> Duration {
        Duration::from_nanos(self.time_for(amount))
    }

    /// One replica's part of it.
    pub(super) fn share(&self, replicas: u64) -> Self {
        let replicas = replicas.max(1);
        // A slower period keeps the part exact where the amount is small.
        Self {
            amount: self.amount,
            period: self.period.saturating_mul(replicas),
            burst: (self.burst / replicas).max(1),
        }
    }

    /// Amount, nanoseconds and burst: how a count elsewhere is told of it.
    pub(super) const fn parts(&self) -> (u64, u64, u64) {
        (self.amount, self.period, self.burst)
    }
}
