//! A worker's thread, and the runtime that every thread of the gate has.

use std::io;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, LocalOptions, LocalRuntime};

use super::Shared;
use crate::deploy::systemd::Pulse;
use crate::edge::{self, Edge, Worker};
use crate::gate::{Current, Stage, Tally};
use crate::telemetry::log;

/// What an open request has left after it is cut, to write its record.
const AFTER_CUT: Duration = Duration::from_secs(1);
/// Tasks that run between two looks at the sockets: under load a look then finds more of them ready at once.
const EVENT_INTERVAL: u32 = 127;

/// One worker's life, on its own thread and runtime.
pub(super) fn work(
    worker: Worker,
    shared: Shared,
    tally: Arc<Tally>,
    edge: &Arc<Edge>,
    listener: TcpListener,
    pulse: Option<(Pulse, usize)>,
) {
    let Ok(runtime) = runtime() else {
        log::error!("a worker could not start");
        return;
    };
    runtime.block_on(async {
        if let Some((pulse, number)) = pulse {
            tokio::task::spawn_local(pulse.beat(number));
        }
        let watch = (shared.sanctions, shared.lookout);
        let current = Current::new(shared.terms, shared.trail, watch, shared.clock, tally, shared.stage);
        let mut stage = current.gate().stage.clone();
        if edge::run(Arc::clone(edge), worker, Rc::clone(&current), listener).await.is_err() {
            log::error!("a worker could not accept");
        }
        let all_gone = async {
            while !edge.is_deserted() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            () = all_gone => {}
            () = async {
                // Without a sender there is no gate left to wait for.
                let _ = stage.wait_for(|stage| *stage == Stage::Cutting).await;
                tokio::time::sleep(AFTER_CUT).await;
            } => {}
        }
    });
}

/// A runtime of one thread.
pub(super) fn runtime() -> io::Result<LocalRuntime> {
    Builder::new_current_thread().enable_all().event_interval(EVENT_INTERVAL).build_local(LocalOptions::default())
}
