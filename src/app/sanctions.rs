//! Sanctions over a restart: read at the start, written while the gate serves, and swept.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::estate::Place;
use super::{Shared, Stopper, name};
use crate::audit::Trail;
use crate::audit::spool::directory_name;
use crate::clock::{Clock, UnixMillis};
use crate::gate::Terms;
use crate::policy::settings::AuditSettings;
use crate::redact::Name;
use crate::telemetry::log;
use crate::watch::state::{self, Kept};
use crate::watch::{Keys, Sanctions, state_lost};

/// Between two looks for what has run out, and at least between two writes of the state.
const PAUSE: Duration = Duration::from_secs(1);

/// The state file's name, beside the segments of the gate's own trail.
const FILE: &str = "sanctions.state";

/// The key of the policy that replicas have in common.
const SHARED: &str = "shared.key";

/// Where the state is kept: nowhere without a spool.
pub(super) fn path(audit: &AuditSettings, instance: &Name) -> Option<PathBuf> {
    let AuditSettings::On(trail) = audit else { return None };
    let spool = trail.spool.as_ref()?;
    Some(spool.path.join(directory_name(instance.as_str())).join(FILE))
}

/// Reads a state. One that broke is told, set aside and not used.
fn read(path: &Path, clock: &Clock, trail: &Trail, terms: &Terms) -> Option<Kept> {
    let fault = match Kept::read(path, clock.moment()) {
        Ok(kept) => return Some(kept),
        Err(fault) => fault,
    };
    log::error!(
        "sanctions of before the start are lost: their file cannot be used",
        file = path,
        reason = &fault.shown()
    );
    if state::set_aside(path).is_err() {
        log::error!("the broken file could not be set aside", file = path);
    }
    state_lost(trail, clock.wall(), FILE, &terms.policy_record);
    None
}

/// Takes up what was in force before the start. Replicas have the secret by which callers are known in common.
pub(super) fn restore(
    place: Option<&Place>,
    secret: Option<[u8; 16]>,
    clock: &Clock,
    trail: &Trail,
    terms: &Terms,
) -> Arc<Sanctions> {
    let kept = place.and_then(|place| read(&place.state, clock, trail, terms)).unwrap_or_default();
    let kept = if kept.is_of(secret) {
        kept
    } else {
        log::warn!(
            "sanctions of before the start are lost: callers are known by another key since",
            key = &name(SHARED)
        );
        Kept::default()
    };
    let keys = secret.map_or_else(|| kept.keys(), Keys::new);
    let sanctions = Sanctions::new(keys, clock.clone(), trail.clone());
    let count = sanctions.restore(kept);
    if count > 0 {
        log::info!("sanctions of before the start hold on", count = count);
    }
    if place.is_none() && terms.policy.lockout.is_some() {
        log::warn!("sanctions do not survive a restart: there is no audit.spool to keep them in");
    }
    Arc::new(sanctions)
}

/// Takes up what the old gate wrote last, now that it writes no more: what it imposed since this one read it counts too.
pub(super) fn take_over(place: &Place, shared: &Shared) {
    let Shared { sanctions, clock, trail, terms, .. } = shared;
    let Some(kept) = read(&place.state, clock, trail, &terms.borrow()) else { return };
    // Of another key there is nothing that could be understood: it was told of before.
    if kept.is_of(Some(*sanctions.keys().secret())) {
        sanctions.restore_anew(kept);
    }
}

/// Keeps the book swept and its file up to date, for as long as the gate serves.
pub(super) async fn keep(
    sanctions: Arc<Sanctions>,
    terms: watch::Receiver<Arc<Terms>>,
    place: Option<Place>,
    stop: Stopper,
) {
    let mut edits = sanctions.edits();
    // What was imposed before this task first ran is not written either.
    edits.mark_changed();
    let mut pause = tokio::time::interval(PAUSE);
    pause.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut crowd = Crowd::default();
    loop {
        pause.tick().await;
        crowd.say(&sanctions);
        let left = stop.left_state();
        if left.is_none() {
            let record = Arc::clone(&terms.borrow().policy_record);
            sanctions.sweep(&record);
        } else if !stop.is_for_successor() {
            // It is being decided which of the two goes on.
            continue;
        }
        let Some(place) = place.clone() else { continue };
        // Without a sender there is nothing left to keep.
        let changed = edits.has_changed().unwrap_or(false);
        edits.mark_unchanged();
        let sanctions = Arc::clone(&sanctions);
        // A disk that does not answer holds up this task alone.
        let written = tokio::task::spawn_blocking(move || {
            if left.is_none() {
                take_up_late(&place, &sanctions);
            }
            if changed {
                write(&place, &sanctions, left);
            }
        });
        if written.await.is_err() {
            log::error!("sanctions could not be written");
        }
    }
}

/// Takes up what gates imposed while they drained, which this one took over from.
fn take_up_late(place: &Place, sanctions: &Sanctions) {
    for path in place.others.iter().filter(|path| path.exists()) {
        let count = match Kept::read(path, sanctions.moment()) {
            Ok(kept) if kept.is_of(Some(*sanctions.keys().secret())) => sanctions.add(kept),
            Ok(_) => 0,
            Err(fault) => {
                log::error!("what the old gate imposed last is lost", file = &**path, reason = &fault.shown());
                0
            }
        };
        if count > 0 {
            log::info!("sanctions of the old gate hold on", count = count);
        }
        if std::fs::remove_file(path).is_err() {
            log::error!("what the old gate imposed last is read, and cannot be removed", file = &**path);
        }
    }
}

/// Writes what is in force where it belongs: once another gate keeps the state, beside it.
fn write(place: &Place, sanctions: &Sanctions, left: Option<UnixMillis>) {
    match left {
        None => save(&place.state, &sanctions.state()),
        Some(since) if sanctions.list().iter().any(|sanction| sanction.since >= since) => {
            save(&place.late, &sanctions.state_since(since));
        }
        Some(_) => {}
    }
}

/// Writes for the last time.
pub(super) fn save_last(place: &Place, sanctions: &Sanctions, stop: &Stopper) {
    write(place, sanctions, stop.left_state());
}

/// Writes the state.
pub(super) fn save(path: &Path, text: &str) {
    if let Err(fault) = state::write(path, text.as_bytes()) {
        log::error!("sanctions could not be written and would not survive a restart", file = path, reason = &fault);
    }
}

/// What was said of tables that are full.
#[derive(Default)]
struct Crowd {
    overfull: u64,
    crowded: u64,
}

impl Crowd {
    fn say(&mut self, sanctions: &Sanctions) {
        let (overfull, crowded) = (sanctions.overfull(), sanctions.crowded());
        if overfull > self.overfull {
            log::error!("there is no room for more sanctions: some were not imposed", count = overfull - self.overfull);
        }
        if crowded > self.crowded {
            log::warn!(
                "the table of failures is full, and newcomers share a record",
                failures = crowded - self.crowded
            );
        }
        *self = Self { overfull, crowded };
    }
}
