//! One sanction in force, and whether it holds a request.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Asked;
use super::sanction::{Held, How, Kind, Sanction};
use crate::clock::Ticks;
use crate::policy::settings::{Mode, Quota};

/// How far an issuer's clock may be ahead, in seconds: as in a decision on a second factor.
const SKEW: u64 = 60;

/// What of the sanctions is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Those that let nothing pass.
    Shut,
    /// All of them.
    Whole,
    /// Those that end what is open.
    Open,
}

/// A sanction, and what it counts.
pub(super) struct Entry {
    pub sanction: Sanction,
    /// Theoretical arrival time of the next request of a throttled one, in nanoseconds of the monotonic clock.
    next: AtomicU64,
}

impl Entry {
    pub(super) fn new(sanction: Sanction) -> Self {
        Self { sanction, next: AtomicU64::new(0) }
    }

    /// Why it holds a request, if it does.
    pub(super) fn hold(&self, asked: &Asked<'_>, now: Ticks, depth: Depth) -> Option<Held> {
        let sanction = &self.sanction;
        let left = sanction.until.map(|until| Duration::from_micros(until.since(now)));
        let (how, wait) = match sanction.kind {
            Kind::Quarantine => (How::Quarantined, left),
            Kind::Lock => (How::Locked, left),
            Kind::RequireMfa | Kind::Throttle(_) if depth == Depth::Shut => return None,
            Kind::RequireMfa => {
                let since = sanction.since.seconds();
                let shown = asked.caller.and_then(|caller| caller.mfa_at);
                if shown.is_some_and(|at| at >= since && at <= asked.wall.saturating_add(SKEW)) {
                    return None;
                }
                (How::StepUp(Duration::from_secs(asked.wall.saturating_sub(since))), None)
            }
            Kind::Throttle(quota) if depth == Depth::Whole => (How::Throttled, Some(self.take(&quota, now).err()?)),
            Kind::Throttle(_) => return None,
        };
        Some(Held { whom: sanction.subject.whom(), how, wait })
    }

    /// Takes one request at a rate (GCRA), or says how long until there is one.
    fn take(&self, quota: &Quota, now: Ticks) -> Result<(), Duration> {
        let nanos = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let step = (nanos(quota.period) / quota.amount.max(1)).max(1);
        let ahead = step.saturating_mul(quota.burst.saturating_sub(1));
        let now = now.0.saturating_mul(1000);
        let taken = self.next.fetch_update(Ordering::AcqRel, Ordering::Acquire, |next| {
            (next <= now.saturating_add(ahead)).then(|| next.max(now).saturating_add(step))
        });
        taken.map(|_| ()).map_err(|next| Duration::from_nanos(next.saturating_sub(now.saturating_add(ahead))))
    }
}

/// Whether what is in force holds at least as long as what is to be imposed, and as strictly.
pub(super) fn is_stronger(known: &Sanction, new: &Sanction) -> bool {
    let longer = match (known.until, new.until) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(known), Some(new)) => known >= new,
    };
    longer && (known.mode == Mode::Enforce || new.mode == Mode::Shadow)
}

/// Whether it is on this request at all.
pub(super) fn applies(sanction: &Sanction, asked: &Asked<'_>, now: Ticks) -> bool {
    let spared = sanction.spares_proven && (asked.caller.is_some() || asked.presents);
    sanction.until.is_none_or(|until| until > now) && !spared
}
