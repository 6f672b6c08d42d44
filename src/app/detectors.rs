//! The detectors' thread, from the first request to the last, and the file that keeps what it learned.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::{Shared, Stopper};
use crate::telemetry::log;
use crate::watch::{Lookout, Means, Memory};

/// The files' names, beside the segments of the gate's own trail.
const LEARNED: &str = "detectors.state";
const ALARMS: &str = "alarms.state";

/// The thread.
pub(super) struct Running {
    lookout: Arc<Lookout>,
    thread: JoinHandle<()>,
}

/// Starts the thread, which keeps what it knows beside `state`. What it learned before is there before the first request.
pub(super) fn start(shared: &Shared, state: Option<&Path>, stop: &Stopper) -> io::Result<Running> {
    let terms = shared.terms.borrow();
    let memory = state.map(|state| memory(state, stop.clone()));
    if terms.lens.is_on() && memory.is_none() {
        log::warn!("what is usual is learned anew after each start: there is no audit.spool to keep it in");
    }
    let mut published = shared.terms.clone();
    published.mark_changed();
    // An error means that nobody can swap any more.
    let next = move || {
        let is_new = published.has_changed().unwrap_or(false);
        is_new.then(|| Arc::clone(&published.borrow_and_update().brief))
    };
    let lookout = Arc::clone(&shared.lookout);
    let means = Means {
        clock: shared.clock.clone(),
        trail: shared.trail.clone(),
        sanctions: Arc::clone(&shared.sanctions),
        memory,
        next: Box::new(next),
    };
    let thread = lookout.start(means)?;
    Ok(Running { lookout, thread })
}

/// Beside `state`: the machine's name cannot be asked for again once the process is confined.
fn memory(state: &Path, stop: Stopper) -> Memory {
    Memory {
        learned: state.with_file_name(LEARNED),
        alarms: state.with_file_name(ALARMS),
        // A successor has read them, and keeps them from then on.
        is_ours: Box::new(move || stop.left_state().is_none()),
    }
}

impl Running {
    /// Has it look at what waits, write what it learned, and end.
    pub(super) fn end(self) {
        self.lookout.stop();
        if self.thread.join().is_err() {
            log::error!("the detectors' thread ended early");
        }
        let lost = self.lookout.counts().lost;
        if lost > 0 {
            log::warn!("detectors could not keep up", requests = lost);
        }
    }
}
