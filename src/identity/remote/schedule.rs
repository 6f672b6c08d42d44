//! When a key set is fetched again. Spread by chance, so that a fleet of gates does not come all at once.

use std::time::Duration;

/// The life of a set whose provider says nothing of it.
const USUAL: u64 = 600;
/// Providers that ask to be called more often are not.
const LEAST: u64 = 60;
/// A key that was withdrawn is gone after this time at the latest, where all goes well.
const MOST: u64 = 6 * 3600;
/// Longest wait after a failure.
const MOST_AFTER_FAILURE: u64 = 60;

/// How long until the next fetch, after one that went well: at 70 to 90 of a hundred parts of the set's life.
pub(super) fn refresh_after(max_age: Option<u64>, keys_max_age: Duration) -> Duration {
    within(life(max_age, keys_max_age), 70, chance())
}

/// How long until the next fetch, after so many in a row that failed.
pub(super) fn retry_after(failures: u64) -> Duration {
    let doubled = 1_u64.checked_shl(u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX));
    within(Duration::from_secs(doubled.unwrap_or(u64::MAX).min(MOST_AFTER_FAILURE)), 80, chance())
}

fn life(max_age: Option<u64>, keys_max_age: Duration) -> Duration {
    Duration::from_secs(max_age.unwrap_or(USUAL).clamp(LEAST, MOST)).min(keys_max_age / 2)
}

/// So many hundredths of a duration, and up to twenty more.
fn within(whole: Duration, least: u32, chance: u8) -> Duration {
    whole / 100 * least + whole / 100 * 20 / 255 * u32::from(chance)
}

fn chance() -> u8 {
    let mut byte = [0];
    // Without randomness all come at the same part of the span, which is no fault of the keys.
    let _ = aws_lc_rs::rand::fill(&mut byte);
    byte[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn a_set_is_fetched_before_its_life_ends_and_within_bounds() {
        assert_eq!(life(None, DAY).as_secs(), USUAL);
        assert_eq!(life(Some(0), DAY).as_secs(), LEAST);
        assert_eq!(life(Some(u64::MAX), DAY).as_secs(), MOST);
        assert_eq!(life(Some(3600), Duration::from_secs(300)).as_secs(), 150, "before the last good one is too old");
        for _ in 0..100 {
            let wait = refresh_after(Some(1000), DAY);
            assert!((Duration::from_secs(700)..=Duration::from_secs(900)).contains(&wait), "{wait:?}");
        }
    }

    #[test]
    fn failures_are_retried_soon_and_then_seldom() {
        assert!(retry_after(1) <= Duration::from_secs(1));
        for failures in [7, 64, 65, 1_000_000, u64::MAX] {
            let wait = retry_after(failures);
            assert!((Duration::from_secs(48)..=Duration::from_secs(60)).contains(&wait), "{failures}: {wait:?}");
        }
    }
}
