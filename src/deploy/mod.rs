//! What the gate is to the machine that it runs on: what it was given at its start, what it may do from then on, and
//! whether the app behind it is as closed as the gate assumes.
//!
//! ```text
//! Host ─ sockets from systemd or from a predecessor ─► bind the rest ─► sandbox ─► serve ─► hand over, or drain
//!                                                                         side door: looked at now and again
//! ```
//!
//! Reading order: `host` (what a start was given), `needs` and `sandbox`, `side_door`, `systemd`, `handover`, `doctor`.

pub mod doctor;
mod handover;
mod host;
mod needs;
pub mod sandbox;
pub mod side_door;
pub mod systemd;

pub use handover::{Estate, Handover, HandoverFault, Predecessor, TOLD, runs};
pub use host::Host;
pub use needs::{Beyond, Needs};
