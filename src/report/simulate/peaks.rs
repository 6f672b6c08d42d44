//! What keys came to at their most in each window, and the thresholds that follow from it.

use std::collections::HashMap;

/// Keys and windows of one rule or quota: at some 40 bytes, 40 MB. Further ones count for nothing.
const MOST: usize = 1_000_000;

/// Of each key and window the most.
#[derive(Default)]
pub(super) struct Peaks(HashMap<(u64, u64), u64>);

/// Of what each key came to at its most in each window, so many of a hundred are at most this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantiles {
    /// 50 of a hundred.
    pub p50: u64,
    /// 90.
    pub p90: u64,
    /// 99.
    pub p99: u64,
    /// 99.9.
    pub p999: u64,
    /// All of them.
    pub most: u64,
}

impl Peaks {
    fn entry(&mut self, key: u64, window: u64) -> Option<&mut u64> {
        let room = self.0.len() < MOST || self.0.contains_key(&(key, window));
        room.then(|| self.0.entry((key, window)).or_default())
    }

    /// So much more in a window.
    pub(super) fn add(&mut self, key: u64, window: u64, amount: u64) {
        if let Some(sum) = self.entry(key, window) {
            *sum = sum.saturating_add(amount);
        }
    }

    /// So much at once.
    pub(super) fn reach(&mut self, key: u64, window: u64, amount: u64) {
        if let Some(most) = self.entry(key, window) {
            *most = (*most).max(amount);
        }
    }

    /// Of all keys and windows in which there was anything.
    pub(super) fn quantiles(&self) -> Option<Quantiles> {
        let mut all: Vec<u64> = self.0.values().copied().collect();
        all.sort_unstable();
        let most = *all.last()?;
        let at = |thousandth: usize| all.get((all.len() * thousandth / 1000).min(all.len() - 1)).copied();
        Some(Quantiles { p50: at(500)?, p90: at(900)?, p99: at(990)?, p999: at(999)?, most })
    }
}

impl Quantiles {
    /// Half as much again as 999 of 1000 came to: what is beyond is not everyday work.
    pub const fn suggested(&self) -> u64 {
        let more = self.p999.saturating_add(self.p999.div_ceil(2));
        if more == 0 { 1 } else { more }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_most_of_each_key_and_window() {
        let mut peaks = Peaks::default();
        assert_eq!(peaks.quantiles(), None);
        for key in 0..1000 {
            peaks.add(key, 0, key);
            peaks.add(key, 0, 1);
        }
        let found = peaks.quantiles().expect("some");
        assert_eq!(found, Quantiles { p50: 501, p90: 901, p99: 991, p999: 1000, most: 1000 });
        assert_eq!(found.suggested(), 1500);
        peaks.reach(7, 1, 5000);
        peaks.reach(7, 1, 3);
        assert_eq!(peaks.quantiles().expect("some").most, 5000);
    }
}
