//! The detectors' thread, from the first request to the last, and the file that keeps what it learned.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::{Shared, Stopper, instance};
use crate::audit::spool::directory_name;
use crate::policy::settings::AuditSettings;
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

/// Starts the thread. What it learned before is there before the first request.
pub(super) fn start(shared: &Shared, stop: &Stopper) -> io::Result<Running> {
    let terms = shared.terms.borrow();
    let memory = memory(&terms.policy.audit, stop.clone());
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

fn memory(audit: &AuditSettings, stop: Stopper) -> Option<Memory> {
    let AuditSettings::On(trail) = audit else { return None };
    let spool = trail.spool.as_ref()?;
    let directory = spool.path.join(directory_name(instance().as_str()));
    Some(Memory {
        learned: directory.join(LEARNED),
        alarms: directory.join(ALARMS),
        // A successor has read them, and keeps them from then on.
        is_ours: Box::new(move || !stop.is_for_successor()),
    })
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
