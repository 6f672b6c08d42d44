//! Whether the servers do what limits ask of them, found out without touching anybody's count: for `portcullis doctor`.

use super::fault::{LinkFault, SharedFault};
use super::link::Link;
use super::reach::Reach;
use crate::clock::Clock;
use crate::limits::shared::{Ask, Count as _, Entry};
use crate::policy::settings::SharedSettings;

/// No limit has this name: names of the policy have no space.
const QUOTA: &str = "portcullis doctor";
/// What comes back in a millisecond, in which the key is gone again.
const AMOUNT: u64 = 1000;
/// That millisecond, in nanoseconds.
const PERIOD: u64 = 1_000_000;

/// Why replicas could not count together.
#[derive(Debug, thiserror::Error)]
pub enum Unlinked {
    /// The files, or the addresses.
    #[error("{0}")]
    Settings(#[from] SharedFault),
    /// The servers.
    #[error("{0}")]
    Link(#[from] LinkFault),
}

/// Connects as a gate does, with the same files and dead-lines, and has each part of the keys count once: the user needs
/// the same rights, and the server must take writes. The keys are named after nobody and gone within milliseconds.
pub async fn knock(settings: &SharedSettings, clock: &Clock) -> Result<(), Unlinked> {
    super::key(settings)?;
    let reach = Reach::load(settings)?;
    let parts = reach.parts;
    let mut link = Link::new(reach, String::new(), clock.clone());
    let ask = Ask { owed: 0, wanted: 1, returned: 0, most: i64::MAX };
    let entry = |key| Entry { quota: QUOTA, key, amount: AMOUNT, period: PERIOD, burst: AMOUNT, ask };
    let entries: Vec<_> = (0..parts).map(entry).collect();
    link.ask(&entries).await?;
    Ok(())
}
