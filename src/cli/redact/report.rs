//! What was done, in numbers: no value and no key of the input is among them.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use parking_lot::Mutex;
use tokio::signal::unix::{SignalKind, signal};

use crate::redact::engine::Stats;

/// Numbers that the copying side sets and the signal's side shows. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Report(Arc<Mutex<Numbers>>);

#[derive(Default)]
struct Numbers {
    stats: Stats,
    too_long: u64,
    failed: u64,
}

/// Whether somebody asked to stop.
#[derive(Clone, Default)]
pub(super) struct Watch(Arc<AtomicBool>);

impl Watch {
    pub(super) fn stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Report {
    pub(super) fn update(&self, stats: &Stats) {
        self.0.lock().stats.clone_from(stats);
    }

    pub(super) fn too_long(&self) {
        self.0.lock().too_long += 1;
    }

    pub(super) fn failed(&self) {
        self.0.lock().failed += 1;
    }

    /// One line on standard error: `lines=… changed=… … email=…`.
    pub(super) fn show(&self) {
        let numbers = self.0.lock();
        let stats = &numbers.stats;
        let mut line = format!(
            "lines={} changed={} unparsed={} dropped={} too_long={} failed={}",
            stats.lines + numbers.too_long,
            stats.changed,
            stats.unparsed,
            stats.dropped,
            numbers.too_long,
            numbers.failed
        );
        for (kind, count) in stats.by_kind() {
            // Writing to a String cannot fail.
            let _ = write!(line, " {kind}={count}");
        }
        line.push('\n');
        // Nobody may be reading.
        let _ = io::stderr().write_all(line.as_bytes());
    }

    /// Shows the numbers at each SIGUSR1 if `stats`, and notes SIGTERM and SIGINT if `until_stopped`. Where neither is
    /// asked for, signals do what they do to every program.
    pub(super) fn watch(&self, stats: bool, until_stopped: bool) -> io::Result<Watch> {
        let watch = Watch::default();
        if !stats && !until_stopped {
            return Ok(watch);
        }
        let (report, seen) = (self.clone(), watch.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let guard = runtime.enter();
        let mut show = stats.then(|| signal(SignalKind::user_defined1())).transpose()?;
        let mut term = until_stopped.then(|| signal(SignalKind::terminate())).transpose()?;
        let mut int = until_stopped.then(|| signal(SignalKind::interrupt())).transpose()?;
        drop(guard);
        thread::Builder::new().name("signals".into()).spawn(move || {
            runtime.block_on(async {
                loop {
                    tokio::select! {
                        Some(()) = next(&mut show) => report.show(),
                        Some(()) = next(&mut term) => seen.0.store(true, Ordering::Relaxed),
                        Some(()) = next(&mut int) => seen.0.store(true, Ordering::Relaxed),
                        else => return,
                    }
                }
            });
        })?;
        Ok(watch)
    }
}

/// The next signal, or never.
async fn next(signal: &mut Option<tokio::signal::unix::Signal>) -> Option<()> {
    match signal {
        Some(signal) => signal.recv().await,
        None => std::future::pending().await,
    }
}
