//! Sinks as their files tell of them, without the gate: for `portcullis sinks`.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::facets::logged;
use super::place::{Found, Places, Saved};
use super::source::{epochs, lacking};
use crate::audit::RequestId;
use crate::audit::spool::disk::{Disk as _, RealDisk};
use crate::audit::spool::{Cursor, MOST_LANES, SpoolFault, WrappingKey, directory_name, lane};
use crate::clock::UnixMillis;
use crate::policy::settings::{NetworkSink, SpoolSettings};
use crate::redact::Name;

/// A chain's directory, looked at from outside.
pub struct Offline {
    directory: PathBuf,
    key: Arc<WrappingKey>,
    places: Places,
    epochs: Vec<(RequestId, u64, u64)>,
}

/// How a sink stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What its cursor's file says; `None` before the first delivery, or if it was lost.
    pub saved: Option<Saved>,
    /// Records that it lacks.
    pub lag_records: u64,
    /// Age of the oldest of them, in seconds.
    pub lag_seconds: u64,
    /// A request to deliver again that was not taken up yet.
    pub asked: Option<u64>,
}

impl Offline {
    /// Looks at all chains of an instance, by name: its own, and those that upgrades left.
    pub fn look_at_all(spool: &SpoolSettings, instance: &Name) -> Result<Vec<(Name, Self)>, SpoolFault> {
        let chains = (1..=MOST_LANES).map(|number| lane(instance, number));
        let there =
            chains.filter(|chain| *chain == *instance || spool.path.join(directory_name(chain.as_str())).is_dir());
        there.map(|chain| Self::look(spool, &chain).map(|offline| (chain, offline))).collect()
    }

    /// Looks at the spool of a gate.
    pub fn look(spool: &SpoolSettings, instance: &Name) -> Result<Self, SpoolFault> {
        let directory = spool.path.join(directory_name(instance.as_str()));
        let key = Arc::new(WrappingKey::load(&spool.key)?);
        let mut epochs = epochs(&directory)?;
        if let Some((epoch, _, last)) = epochs.last_mut() {
            // The segment that is written has no footer: it is counted.
            let mut open = Cursor::new(directory.clone(), Arc::clone(&key), Some(*epoch), *last + 1);
            while open.read_some(u64::MAX, 1 << 20, |sequence, _| *last = sequence)? > 0 {}
        }
        Ok(Self { places: Places::new(&directory), directory, key, epochs })
    }

    /// Whether a gate runs on it.
    pub fn is_running(&self) -> bool {
        matches!(RealDisk.lock(&self.directory.join("lock")), Err(fault) if fault.kind() == io::ErrorKind::WouldBlock)
    }

    /// How a sink stands.
    pub fn standing(&self, sink: &NetworkSink, now: UnixMillis) -> Result<Standing, SpoolFault> {
        let fault = |fault| SpoolFault::Disk { path: self.directory.join("sinks"), fault };
        let saved = match self.places.load(sink).map_err(fault)? {
            Found::Saved(saved) => Some(saved),
            Found::None | Found::Lost(_) => None,
        };
        let (epoch, next) = saved.as_ref().map_or((None, 0), |saved| (saved.epoch, saved.next));
        let lag_records = lacking(&self.epochs, 0, epoch, next);
        let mut oldest = None;
        if lag_records > 0 {
            let mut cursor = Cursor::new(self.directory.clone(), Arc::clone(&self.key), epoch, next);
            cursor.read_some(u64::MAX, 1, |_, line| oldest = oldest.or_else(|| logged(line)))?;
        }
        let lag_seconds = oldest.map_or(0, |oldest| now.0.saturating_sub(oldest.0) / 1000);
        Ok(Standing { saved, lag_records, lag_seconds, asked: self.places.asked(sink).map_err(fault)? })
    }

    /// The first and the last record of an epoch that the spool keeps.
    pub fn kept(&self, epoch: RequestId) -> Option<(u64, u64)> {
        self.epochs.iter().find(|(one, ..)| *one == epoch).map(|(_, first, last)| (*first, *last))
    }

    /// Where requests are put.
    pub const fn places(&self) -> &Places {
        &self.places
    }
}
