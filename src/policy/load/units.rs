//! Durations, sizes and rates, as people write them.

use std::time::Duration;

/// A count in a period: `50/s`, `200/10m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// How many.
    pub(super) count: u64,
    /// In how long.
    pub(super) period: Duration,
}

/// `500ms`, `2s`, `15m`, `1h`, `400d`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (count, unit) = split(text)?;
    if unit == "ms" {
        return Some(Duration::from_millis(count));
    }
    Some(Duration::from_secs(count.checked_mul(seconds_in(unit)?)?))
}

/// `1048576`, `16MiB`, `20MB`: bytes; kB, MB, GB by 1000, KiB, MiB, GiB by 1024.
pub(super) fn size(text: &str) -> Option<u64> {
    let (count, unit) = split(text)?;
    let factor = match unit {
        "" | "B" => 1,
        "kB" | "KB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    count.checked_mul(factor)
}

/// `50/s`, `60/m`, `500/d`, `200/10m`.
pub(super) fn rate(text: &str) -> Option<Rate> {
    rate_of(text, |count| split(count).and_then(|(count, unit)| unit.is_empty().then_some(count)))
}

/// `20MB/h`.
pub(super) fn byte_rate(text: &str) -> Option<Rate> {
    rate_of(text, size)
}

/// `20%`: 0 to 100.
pub(super) fn percent(text: &str) -> Option<u8> {
    let (points, unit) = split(text)?;
    u8::try_from(points).ok().filter(|points| unit == "%" && *points <= 100)
}

/// `5 failures/10m`.
pub(super) fn failure_rate(text: &str) -> Option<Rate> {
    let (count, period) = text.split_once('/')?;
    let count = count.trim_end();
    let count = count.strip_suffix("failures").or_else(|| count.strip_suffix("failure"))?;
    rate(&format!("{}/{period}", count.trim_end()))
}

fn rate_of(text: &str, count: impl Fn(&str) -> Option<u64>) -> Option<Rate> {
    let (amount, period) = text.split_once('/')?;
    let period = match seconds_in(period) {
        Some(seconds) => Duration::from_secs(seconds),
        None => duration(period)?,
    };
    let rate = Rate { count: count(amount)?, period };
    (rate.count > 0 && !rate.period.is_zero()).then_some(rate)
}

fn seconds_in(unit: &str) -> Option<u64> {
    match unit {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(86_400),
        _ => None,
    }
}

/// Leading digits and the rest. No sign, no fraction, no space.
fn split(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.split_at(digits);
    Some((count.parse().ok()?, unit))
}

/// A duration in the policy's own notation, the largest unit that keeps it whole.
pub(super) fn show(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if duration.subsec_nanos() != 0 {
        return format!("{}ms", duration.as_millis());
    }
    for (factor, unit) in [(86_400, "d"), (3600, "h"), (60, "m")] {
        if seconds != 0 && seconds.is_multiple_of(factor) {
            return format!("{}{unit}", seconds / factor);
        }
    }
    format!("{seconds}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_nothing_is_guessed() {
        assert_eq!(duration("15m"), Some(Duration::from_secs(900)));
        assert_eq!(duration("400d").map(show), Some("400d".to_owned()));
        assert_eq!(duration("500ms").map(show), Some("500ms".to_owned()));
        for bad in ["", "5", "5 s", "-5s", "1.5h", "5M", "99999999999999999999s", "9999999999999999999d", "s"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
        assert_eq!(size("20MB"), Some(20_000_000));
        assert_eq!(size("16MiB"), Some(16 << 20));
        assert_eq!(size("42"), Some(42));
        for bad in ["", "MB", "1 MB", "1mb", "1TB", "99999999999GiB"] {
            assert_eq!(size(bad), None, "{bad}");
        }
    }

    #[test]
    fn rates_have_a_count_and_a_period() {
        assert_eq!(rate("50/s"), Some(Rate { count: 50, period: Duration::from_secs(1) }));
        assert_eq!(rate("200/10m"), Some(Rate { count: 200, period: Duration::from_secs(600) }));
        assert_eq!(byte_rate("20MB/h"), Some(Rate { count: 20_000_000, period: Duration::from_secs(3600) }));
        assert_eq!(failure_rate("5 failures/10m"), rate("5/10m"));
        for bad in ["50", "0/s", "50/0s", "50/", "/s", "50/w", "5MB/s", "50/s/s"] {
            assert_eq!(rate(bad), None, "{bad}");
        }
    }
}
