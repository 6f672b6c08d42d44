//! The way to the end: signals, and the stages that they lead through.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};

use crate::clock::UnixMillis;
use crate::deploy::systemd;
use crate::edge::Edge;
use crate::gate::Stage;
use crate::policy::Policy;
use crate::telemetry::log;

/// What idle clients have for one more request, before the old gate closes their connections: those of a loaded gate ask
/// again at once, and others find a closed connection as after any pause.
const LEAVE: Duration = Duration::from_secs(2);

/// Stops a gate from another thread, as SIGTERM would.
#[derive(Clone, Default)]
pub struct Stopper(Arc<Notify>, Arc<AtomicBool>, Arc<AtomicU64>);

impl Stopper {
    /// Stops the gate, even one that is not running yet.
    pub fn stop(&self) {
        self.0.notify_one();
    }

    /// Another process keeps this gate's files of what is known of callers, from this moment on.
    pub(super) fn leave_state(&self, at: UnixMillis) {
        self.2.store(at.0.max(1), Ordering::Release);
    }

    /// It does not.
    pub(super) fn keep_state(&self) {
        self.2.store(0, Ordering::Release);
    }

    /// Since when another process keeps them, if one does.
    pub(super) fn left_state(&self) -> Option<UnixMillis> {
        Some(UnixMillis(self.2.load(Ordering::Acquire))).filter(|at| at.0 > 0)
    }

    /// Whether another process is the gate.
    pub(super) fn is_for_successor(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }

    /// Stops the gate, once another process is the gate.
    pub(super) fn stop_for_successor(&self) {
        self.1.store(true, Ordering::Relaxed);
        self.stop();
    }
}

/// The signals that stop a gate.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
    reopen: Signal,
    upgrade: Signal,
}

impl Signals {
    /// Listens from now on; also to those which other servers take for a command, and which would end the process at once,
    /// with whatever is open.
    pub fn listen() -> io::Result<(Self, Signal)> {
        let stop = Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            reopen: signal(SignalKind::user_defined1())?,
            upgrade: signal(SignalKind::user_defined2())?,
        };
        Ok((stop, signal(SignalKind::hangup())?))
    }

    /// Waits for the next one.
    async fn next(&mut self) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.quit.recv() => return,
                // In other servers it opens logs again, after they were renamed; here a sink sees that by itself.
                Some(()) = self.reopen.recv() => log::warn!("SIGUSR1: nothing to do, files are opened again by themselves"),
                // In other servers it starts a new binary; this process may start none.
                Some(()) = self.upgrade.recv() => log::warn!("SIGUSR2: run `portcullis upgrade` instead"),
            }
        }
    }
}

/// Waits for a signal, then leads the gate through its stages: it says that it is not ready and serves on for a while, so
/// that whoever sends it connections learns of it; then it takes no more, and what is open ends, or is cut. A second
/// signal cuts at once. `policy` is asked for how long, once that is to be known.
pub(super) async fn until_stopped(
    mut signals: Signals,
    stage: &watch::Sender<Stage>,
    stop: &Stopper,
    edge: &Edge,
    policy: impl Fn() -> Arc<Policy>,
) {
    tokio::select! {
        () = signals.next() => {}
        () = stop.0.notified() => {}
    }
    if stop.is_for_successor() {
        leave(&mut signals, stage, edge).await;
    } else {
        systemd::stopping();
        if !serve_on(&mut signals, stage, policy().drain_delay()).await {
            log::warn!("cutting what is still open", connections = edge.slots.taken());
            stage.send_replace(Stage::Cutting);
            return;
        }
    }
    log::info!("draining", connections = edge.slots.taken());
    stage.send_replace(Stage::Draining);
    tokio::select! {
        () = deserted(edge) => {}
        () = tokio::time::sleep(policy().gate.timeouts.drain) => log::warn!("cutting what is still open", connections = edge.slots.taken()),
        () = signals.next() => {}
    }
    stage.send_replace(Stage::Cutting);
}

/// Leaves the field to another process, without closing a connection on which a request may come.
async fn leave(signals: &mut Signals, stage: &watch::Sender<Stage>, edge: &Edge) {
    log::info!("draining for the new gate", connections = edge.slots.taken());
    stage.send_replace(Stage::Replaced);
    tokio::select! {
        () = deserted(edge) => {}
        () = tokio::time::sleep(LEAVE) => {}
        () = signals.next() => {}
    }
}

/// Serves on for a while, so that what balances load notices; whether no second signal came meanwhile.
async fn serve_on(signals: &mut Signals, stage: &watch::Sender<Stage>, delay: Duration) -> bool {
    if delay == Duration::ZERO {
        return true;
    }
    log::info!("not ready any more; serving on for a while", seconds = delay.as_secs());
    stage.send_replace(Stage::Leaving);
    tokio::select! {
        () = tokio::time::sleep(delay) => true,
        () = signals.next() => false,
    }
}

/// Waits until no connection is left, and none waits for a worker.
async fn deserted(edge: &Edge) {
    while !edge.is_deserted() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
