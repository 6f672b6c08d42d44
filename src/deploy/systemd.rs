//! The service manager: what it is told (sd_notify(3)). Without one, nobody is told anything.
//!
//! The watchdog is fed by the workers' progress: a worker that stands still for the whole interval lets it run out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::sleep;

use crate::telemetry::log;

/// How often within the watchdog's interval workers show that they live, and the manager is told.
const BEATS: u32 = 4;

/// How often the manager wants to hear from the gate, if at all.
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().filter(|interval| !interval.is_zero())
}

/// The gate serves, or has taken up what changed.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The gate looks for changes; [`ready`] follows.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// The gate drains.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Another process is the gate from now on.
pub fn handed_over(successor: u32) {
    tell(&[NotifyState::MainPid(successor)]);
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(fault) = sd_notify::notify(state) {
        log::warn!("the service manager cannot be told", fault = &fault);
    }
}

/// The workers' pulses.
#[derive(Clone)]
pub struct Pulse {
    interval: Duration,
    workers: Arc<[AtomicU64]>,
}

impl Pulse {
    /// For so many workers; `None` without a watchdog.
    pub fn new(watchdog: Option<Duration>, workers: usize) -> Option<Self> {
        let interval = watchdog? / BEATS;
        Some(Self { interval, workers: (0..workers).map(|_| AtomicU64::new(0)).collect() })
    }

    /// On a worker's own runtime: shows for as long as it runs that it runs.
    pub async fn beat(self, worker: usize) {
        while let Some(count) = self.workers.get(worker) {
            count.fetch_add(1, Ordering::Relaxed);
            sleep(self.interval).await;
        }
    }

    /// Tells the manager whenever every worker has moved on.
    pub async fn feed(self) {
        let mut last = vec![0; self.workers.len()];
        loop {
            if self.moved(&mut last) {
                tell(&[NotifyState::Watchdog]);
            }
            sleep(self.interval).await;
        }
    }

    /// Whether every worker has moved since the last time that all had.
    fn moved(&self, last: &mut [u64]) -> bool {
        let now: Vec<u64> = self.workers.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        let all = now.iter().zip(last.iter()).all(|(now, last)| now != last);
        if all {
            last.copy_from_slice(&now);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_worker_that_stands_still_lets_the_watchdog_run_out() {
        let pulse = Pulse::new(Some(Duration::from_secs(8)), 2).expect("a pulse");
        assert_eq!(pulse.interval, Duration::from_secs(2));
        let (mut last, beat) = (vec![0; 2], |worker: usize| pulse.workers[worker].fetch_add(1, Ordering::Relaxed));
        assert!(!pulse.moved(&mut last));
        beat(0);
        assert!(!pulse.moved(&mut last));
        beat(1);
        assert!(pulse.moved(&mut last) && !pulse.moved(&mut last));
        beat(1);
        assert!(!pulse.moved(&mut last));
    }

    #[test]
    fn without_a_watchdog_there_is_no_pulse() {
        assert!(Pulse::new(None, 2).is_none());
    }
}
