//! Where records stay: segments of sealed frames on a local disk, never written again once they were left.
//!
//! ```text
//! <path>/<instance>/<epoch>-<number>.open   written now: header in plain text, then frames
//!                                   .seg    sealed; beside it:
//!                                   .lh     leaf hashes, 32 bytes a record
//!                                   .sum    the footer: size, root, bytes that count
//!                                   .note   signed checkpoint over all up to its last record
//!                                   .dek    the data key under a later key, if keys were rotated
//!                                   .gone   header, footer and note of a segment that retention removed
//!                                   .torn   what a crash left of a segment that never held a promised record
//! ```
//!
//! Reading order: `disk` (what is asked of a disk), `key`, `header`, `frame`, `store` (writing), `scan` and `recover`
//! (after a crash), `keep` (retention, quota, hold), `idle` (chains
//! that nobody writes), `read` and `cursor` (for whoever reads).

mod cursor;
pub mod disk;
mod frame;
mod header;
mod idle;
mod keep;
mod key;
mod read;
mod recover;
mod rewrap;
mod scan;
mod store;

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use crate::redact::Name;

pub use cursor::Cursor;
pub use header::{Closed, Header, SegmentName, Summary};
pub use idle::{Idle, idle, is_idle, may_shrink};
pub use keep::{Fill, Keeper, Purged, hold, is_held, release};
pub use key::WrappingKey;
pub use read::{Segment, State, Traces, chains, segments, traces};
pub use recover::Recovered;
pub use rewrap::{Rewrapped, rewrap};
pub use scan::Scanned;
pub use store::{Group, Limits, Spool};

#[cfg(test)]
mod tests;

/// Why a spool cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum SpoolFault {
    /// The key file.
    #[error("{0}")]
    Key(crate::identity::IdentityFault),
    /// A file or directory.
    #[error("audit spool {}: {fault}", path.display())]
    Disk {
        /// Which.
        path: PathBuf,
        /// What the system says.
        fault: io::Error,
    },
    /// Another gate writes there.
    #[error("audit spool {}: another gate writes there; give each gate a directory of its own", .0.display())]
    Locked(PathBuf),
    /// A segment was sealed with another key.
    #[error(
        "audit spool {}: it is sealed with the key {wanted}, and `audit.spool.key` is {given}; use that key, or rotate \
         with `portcullis audit rotate`",
        path.display()
    )]
    WrongKey {
        /// The segment.
        path: PathBuf,
        /// Id of the key that it wants.
        wanted: String,
        /// Id of the key that was given.
        given: String,
    },
    /// The system's random number generator failed.
    #[error("audit spool: the system gives no random bytes")]
    Random,
}

impl SpoolFault {
    fn disk(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |fault| Self::Disk { path, fault }
    }
}

/// The directory of an instance's chain: its name, with whatever could be a path made harmless.
pub fn directory_name(instance: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '_' };
    let name: String = instance.chars().map(plain).collect();
    if name.starts_with('.') { format!("_{name}") } else { name }
}

/// Chains of one instance at once: its own, and those of predecessors that still drain. With more, upgrades follow one
/// another faster than requests end.
pub const MOST_LANES: usize = 16;

/// The n-th chain of an instance, from 1 on: a gate that takes over from one that still writes keeps its own. Host names
/// have no underscore: no other instance has this name.
pub fn lane(instance: &Name, number: usize) -> Name {
    if number <= 1 {
        return instance.clone();
    }
    Name::configured(&format!("{instance}_{number}")).expect("a name and a number are printable ASCII")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
