//! What a gate knows of callers when another takes its place. It is written before the other one reads it, and kept by the
//! other one from then on: what this one imposes while it drains, it leaves in a file of its own, which the other takes up.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{Shared, Stopper, sanctions};
use crate::audit::spool::{MOST_LANES, lane};
use crate::clock::Clock;
use crate::deploy;
use crate::redact::Name;
use crate::watch::{Lookout, Sanctions};

/// What the detectors have to write what they know: a successor waits 5 s for all of it.
const DETECTORS: Duration = Duration::from_secs(3);

/// The files of a gate's sanctions.
#[derive(Clone)]
pub(super) struct Place {
    /// What is in force.
    pub state: PathBuf,
    /// What is imposed once a successor serves.
    pub late: PathBuf,
    /// The same of gates that this one may have taken over from.
    pub others: Vec<PathBuf>,
}

impl Place {
    /// Beside `state`; `chain` is this gate's own among those of `instance`.
    pub fn new(state: &Path, instance: &Name, chain: &Name) -> Self {
        let late = |chain: &Name| state.with_file_name(format!("sanctions.{chain}.late"));
        let chains = (1..=MOST_LANES).map(|number| lane(instance, number));
        let others = chains.filter(|other| other != chain).map(|other| late(&other)).collect();
        Self { state: state.to_owned(), late: late(chain), others }
    }
}

/// What this gate leaves.
pub(super) struct Estate {
    place: Option<Place>,
    sanctions: Arc<Sanctions>,
    lookout: Arc<Lookout>,
    clock: Clock,
    pub stop: Stopper,
}

impl Estate {
    /// Of a gate that is about to serve.
    pub fn of(shared: &Shared, place: Option<Place>, stop: Stopper) -> Self {
        let (sanctions, lookout) = (Arc::clone(&shared.sanctions), Arc::clone(&shared.lookout));
        Self { place, sanctions, lookout, clock: shared.clock.clone(), stop }
    }
}

impl deploy::Estate for Estate {
    /// The key by which callers are known is in it, without which a successor would know nobody.
    fn write(&self) {
        if let Some(place) = &self.place {
            sanctions::save(&place.state, &self.sanctions.state());
        }
    }

    fn leave(&self) {
        self.lookout.write(DETECTORS);
        self.stop.leave_state(self.clock.wall());
        self.write();
    }

    fn keep(&self) {
        self.stop.keep_state();
        self.write();
    }
}
