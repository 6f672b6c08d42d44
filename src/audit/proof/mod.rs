//! What makes the trail evidence: a Merkle tree over its records (RFC 6962), and its head as a signed note that others
//! keep (C2SP `signed-note` and `tlog-checkpoint`).
//!
//! ```text
//! record bytes ─► Leaf ─► Tree ─► root ─► Checkpoint ─► CheckpointSigner ─► note ─► sinks, anchors
//! ```
//!
//! Nothing here reads records or knows where they lie: `audit::verify` does.

mod chain;
mod checkpoint;
mod note;
mod path;
mod roster;
mod signer;
mod tlog_proof;
mod tree;

pub use chain::Chain;
pub use checkpoint::{Checkpoint, CheckpointFault, CheckpointSigner, Origin};
pub use note::{Judged, Note, NoteFault, Signature, VerifierKey, VerifierKeyFault};
pub use path::{PathBuilder, consistency, inclusion, verify_consistency, verify_inclusion};
pub use roster::{Roster, RosterEntry, RosterFault, parse_time, time_text};
pub use signer::{NoteSigner, SignerFault};
pub use tlog_proof::{TlogProof, TlogProofFault};
pub use tree::{Hash, Leaf, Tree};

#[cfg(test)]
mod tests;
