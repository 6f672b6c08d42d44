//! The way to the end: signals, and the stages that they lead through.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};

use crate::edge::Slots;
use crate::gate::Stage;
use crate::policy::Policy;
use crate::telemetry::log;

/// Stops a gate from another thread, as SIGTERM would.
#[derive(Clone, Default)]
pub struct Stopper(Arc<Notify>);

impl Stopper {
    /// Stops the gate, even one that is not running yet.
    pub fn stop(&self) {
        self.0.notify_one();
    }
}

/// The signals that stop a gate.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from now on; to SIGHUP as well, which would end the process otherwise.
    pub fn listen() -> io::Result<(Self, Signal)> {
        let stop = Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? };
        Ok((stop, signal(SignalKind::hangup())?))
    }

    /// Waits for the next one.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
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
    slots: &Slots,
    policy: impl Fn() -> Arc<Policy>,
) {
    tokio::select! {
        () = signals.next() => {}
        () = stop.0.notified() => {}
    }
    let delay = policy().drain_delay();
    if delay > Duration::ZERO {
        log::info!("not ready any more; serving on for a while", seconds = delay.as_secs());
        stage.send_replace(Stage::Leaving);
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = signals.next() => {
                log::warn!("cutting what is still open", connections = slots.taken());
                stage.send_replace(Stage::Cutting);
                return;
            }
        }
    }
    log::info!("draining", connections = slots.taken());
    stage.send_replace(Stage::Draining);
    let empty = async {
        while slots.taken() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        () = empty => {}
        () = tokio::time::sleep(policy().gate.timeouts.drain) => log::warn!("cutting what is still open", connections = slots.taken()),
        () = signals.next() => {}
    }
    stage.send_replace(Stage::Cutting);
}
