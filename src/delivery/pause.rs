//! How long to wait before the next try: full jitter over a bound that doubles, so that many gates which lost the same
//! receiver do not come back to it together.

use std::time::Duration;

/// The first bound.
const FIRST: Duration = Duration::from_millis(500);
/// The last.
const LONGEST: Duration = Duration::from_secs(60);

/// Gives a number below the one that it is given. A test owns it.
pub type Dice = Box<dyn FnMut(u64) -> u64 + Send>;

/// The system's random numbers.
pub fn dice() -> Dice {
    Box::new(|below| {
        let mut bytes = [0; 8];
        match aws_lc_rs::rand::fill(&mut bytes) {
            // That small numbers are more likely by one in 2^40 matters to nobody.
            Ok(()) => u64::from_le_bytes(bytes) % below.max(1),
            Err(_) => below / 2,
        }
    })
}

/// Pauses after failures in a row.
pub struct Pause {
    bound: Duration,
    dice: Dice,
}

impl Pause {
    /// After no failure so far.
    pub const fn new(dice: Dice) -> Self {
        Self { bound: FIRST, dice }
    }

    /// How long to wait after one more failure; never shorter than the receiver asks for.
    pub fn next(&mut self, asked: Option<Duration>) -> Duration {
        let micros = u64::try_from(self.bound.as_micros()).unwrap_or(u64::MAX);
        let drawn = Duration::from_micros((self.dice)(micros + 1));
        self.bound = (self.bound * 2).min(LONGEST);
        // What was asked of all gates alike is not kept by all of them to the millisecond either.
        asked.map_or(drawn, |asked| asked + drawn.min(asked / 10 + FIRST))
    }

    /// It went well.
    pub const fn reset(&mut self) {
        self.bound = FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_double_and_draws_stay_below_them() {
        let mut pause = Pause::new(Box::new(|below| below - 1));
        let millis: Vec<_> = (0..10).map(|_| pause.next(None).as_millis()).collect();
        assert_eq!(millis, [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
        pause.reset();
        assert_eq!(pause.next(None).as_millis(), 500);
        let mut pause = Pause::new(Box::new(|_| 0));
        assert_eq!(pause.next(None), Duration::ZERO);
        assert_eq!(pause.next(Some(Duration::from_secs(7))), Duration::from_secs(7));
        let mut real = Pause::new(dice());
        assert!((0..1000).all(|_| real.next(None) <= LONGEST));
    }

    #[test]
    fn what_the_receiver_asks_for_is_waited_at_least() {
        let mut pause = Pause::new(dice());
        for _ in 0..100 {
            let waited = pause.next(Some(Duration::from_secs(120)));
            assert!((120.0..=133.0).contains(&waited.as_secs_f64()), "{waited:?}");
        }
    }
}
