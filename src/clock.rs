//! Time, injected. Tokens are judged by the system clock, limits and dead-lines by the monotonic one, and a test
//! owns both.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01T00:00:00Z, as in OCSF `time`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// Whole seconds, as in a JWT `NumericDate` (RFC 7519 section 2).
    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }
}

/// Microseconds since the clock was made; never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticks(pub u64);

impl Ticks {
    /// Microseconds from `earlier` to `self`, 0 if `earlier` is later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment and `duration` more.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
    }
}

/// Both clocks read together.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The monotonic clock.
    pub ticks: Ticks,
    /// The wall clock.
    pub wall: UnixMillis,
}

impl Moment {
    /// The wall clock at `later`, if nobody has set it since.
    pub const fn wall_at(self, later: Ticks) -> UnixMillis {
        UnixMillis(self.wall.0 + later.since(self.ticks) / 1000)
    }
}

/// The clock that a gate runs on. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clocks.
    System(Instant),
    /// A test's: stands still until told to move.
    Manual(Arc<Manual>),
}

/// The hands of a manual clock.
#[derive(Debug)]
pub struct Manual {
    wall_millis: AtomicU64,
    ticks: AtomicU64,
}

impl Clock {
    /// The machine's clocks.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn system() -> Self {
        Self::System(Instant::now())
    }

    /// A clock that stands at `wall`; move it by [`Manual::advance`].
    pub fn manual(wall: UnixMillis) -> (Self, Arc<Manual>) {
        let hands = Arc::new(Manual { wall_millis: AtomicU64::new(wall.0), ticks: AtomicU64::new(0) });
        (Self::Manual(Arc::clone(&hands)), hands)
    }

    /// The wall clock, for records and tokens.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn wall(&self) -> UnixMillis {
        match self {
            Self::System(_) => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
            }
            Self::Manual(hands) => UnixMillis(hands.wall_millis.load(Ordering::Relaxed)),
        }
    }

    /// Both clocks.
    pub fn moment(&self) -> Moment {
        Moment { ticks: self.ticks(), wall: self.wall() }
    }

    /// The monotonic clock, for durations, limits and dead-lines.
    pub fn ticks(&self) -> Ticks {
        match self {
            Self::System(start) => Ticks(u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX)),
            Self::Manual(hands) => Ticks(hands.ticks.load(Ordering::Relaxed)),
        }
    }
}

impl Manual {
    /// Moves both hands forward.
    pub fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        let micros = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
        self.wall_millis.fetch_add(millis, Ordering::Relaxed);
        self.ticks.fetch_add(micros, Ordering::Relaxed);
    }

    /// Sets the wall clock alone, as an operator or NTP would.
    pub fn set_wall(&self, wall: UnixMillis) {
        self.wall_millis.store(wall.0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_set_back_does_not_move_the_monotonic_one() {
        let (clock, hands) = Clock::manual(UnixMillis(1_000_000));
        hands.advance(Duration::from_secs(5));
        let before = clock.ticks();
        hands.set_wall(UnixMillis(10));
        assert_eq!(clock.wall(), UnixMillis(10));
        assert_eq!(clock.ticks(), before);
    }
}
