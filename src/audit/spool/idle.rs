//! A chain that no process writes: what a gate that has ended left in it.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::disk::{Disk as _, RealDisk};
use super::keep::is_held;
use super::read::{State, segments};
use super::{SpoolFault, directory_name};
use crate::clock::UnixMillis;
use crate::redact::Name;

/// What is left to do with a chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Idle {
    /// Its gate did not end in order: a segment is to be closed.
    pub open: bool,
    /// A segment is older than the retention, and no legal hold stands. The newest one goes once there is a newer one.
    pub expired: bool,
}

/// Whether there is a chain of this name below a spool's path, and no process writes it.
pub fn is_idle(path: &Path, chain: &Name) -> Result<bool, SpoolFault> {
    let directory = path.join(directory_name(chain.as_str()));
    if !directory.is_dir() {
        return Ok(false);
    }
    match RealDisk.lock(&directory.join("lock")) {
        Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(fault) => Err(SpoolFault::Disk { path: directory, fault }),
        // Let go of at once: this only looks.
        Ok(lock) => {
            drop(lock);
            Ok(true)
        }
    }
}

/// What is left to do with a chain. Reads the head of each of its segments.
pub fn idle(path: &Path, chain: &Name, retention: Duration, now: UnixMillis) -> Result<Idle, SpoolFault> {
    let directory = path.join(directory_name(chain.as_str()));
    let old = old(&directory, retention, now)?;
    let open = segments(&directory)?.iter().any(|segment| segment.state == State::Open);
    Ok(Idle { open, expired: !old.is_empty() && !is_held(path) })
}

/// Whether something of a chain is older than the retention and can go: the newest sealed segment never does.
pub fn may_shrink(path: &Path, chain: &Name, retention: Duration, now: UnixMillis) -> Result<bool, SpoolFault> {
    let old = old(&path.join(directory_name(chain.as_str())), retention, now)?;
    Ok(old.iter().any(|is_newest| !is_newest) && !is_held(path))
}

/// For each sealed segment that is older than the retention, whether it is the newest.
fn old(directory: &Path, retention: Duration, now: UnixMillis) -> Result<Vec<bool>, SpoolFault> {
    let age = u64::try_from(retention.as_millis()).unwrap_or(u64::MAX);
    let segments = segments(directory)?;
    let sealed: Vec<_> = segments.iter().filter(|segment| segment.state == State::Sealed).collect();
    let newest = sealed.last().map(|segment| segment.name);
    let is_old = |last: UnixMillis| last.0.saturating_add(age) < now.0;
    let old = sealed.iter().filter(|one| one.summary.as_ref().is_some_and(|summary| is_old(summary.last)));
    Ok(old.map(|segment| Some(segment.name) == newest).collect())
}
