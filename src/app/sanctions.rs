//! Sanctions over a restart: read at the start, written while the gate serves, and swept.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::name;
use crate::audit::Trail;
use crate::audit::spool::directory_name;
use crate::clock::Clock;
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

/// Takes up what was in force before the start. A state that broke is told, set aside and not used.
/// Replicas have the secret by which callers are known in common.
pub(super) fn restore(
    path: Option<&Path>,
    secret: Option<[u8; 16]>,
    clock: &Clock,
    trail: &Trail,
    terms: &Terms,
) -> Arc<Sanctions> {
    let kept = path.map_or_else(Kept::default, |path| {
        Kept::read(path, clock.moment()).unwrap_or_else(|fault| {
            log::error!(
                "sanctions of before the start are lost: their file cannot be used",
                file = path,
                reason = &fault.shown()
            );
            if state::set_aside(path).is_err() {
                log::error!("the broken file could not be set aside", file = path);
            }
            state_lost(trail, clock.wall(), FILE, &terms.policy_record);
            Kept::default()
        })
    });
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
    if path.is_none() && terms.policy.lockout.is_some() {
        log::warn!("sanctions do not survive a restart: there is no audit.spool to keep them in");
    }
    Arc::new(sanctions)
}

/// Keeps the book swept and its file up to date, for as long as the gate serves.
pub(super) async fn keep(sanctions: Arc<Sanctions>, terms: watch::Receiver<Arc<Terms>>, path: Option<PathBuf>) {
    let mut edits = sanctions.edits();
    // What was imposed before this task first ran is not written either.
    edits.mark_changed();
    let mut pause = tokio::time::interval(PAUSE);
    pause.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut crowd = Crowd::default();
    loop {
        pause.tick().await;
        let record = Arc::clone(&terms.borrow().policy_record);
        sanctions.sweep(&record);
        crowd.say(&sanctions);
        let Some(path) = path.clone() else { continue };
        // Without a sender there is nothing left to keep.
        if !edits.has_changed().unwrap_or(false) {
            continue;
        }
        edits.mark_unchanged();
        let state = sanctions.state();
        // A disk that does not answer holds up this task alone.
        if tokio::task::spawn_blocking(move || save(&path, &state)).await.is_err() {
            log::error!("sanctions could not be written");
        }
    }
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
