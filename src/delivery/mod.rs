//! The trail's ways out: each sink reads the spool at its own pace and gets every record at least once. Nothing here
//! makes a request wait.
//!
//! ```text
//! spool ── cursor ─► batch ─► receiver ══► SIEM
//!             ▲                   │ answer: taken, later, misconfigured, refused, again
//!             └───── moves on, waits, halves, or goes back
//! ```
//!
//! Reading order: `receiver` (what a receiver is given and may answer), `block` and `shelf` (records as they are read,
//! once for all sinks that are near one another), `feed` (from records to batches), `work` (what
//! an answer makes of a batch), `pump` (the task of one sink), `desk` and `place` (how far it has come), `engine` (all of
//! them); `http` (the way of those that speak HTTP), `make` (from settings to a receiver), then one file for each kind; `knock` (whether a
//! sink is there at all).

mod block;
pub mod credential;
mod desk;
pub mod elastic;
mod engine;
mod facets;
mod feed;
mod given;
mod head;
mod herald;
pub mod http;
mod index;
mod knock;
mod lookout;
pub mod make;
mod members;
mod offline;
pub mod otlp;
mod pause;
mod place;
pub mod projection;
mod pump;
pub mod receiver;
mod shelf;
mod source;
pub mod splunk;
mod status;
pub mod syslog;
mod webhook;
mod work;

#[cfg(test)]
mod tests;

pub use engine::{Deliveries, DeliveryFault, Outfit, check};
pub use index::{Index, View};
pub use knock::{Unreached, knock};
pub use make::{MakeFault, Tools};
pub use offline::{Offline, Standing};
pub use place::{Found, Places, Saved};
pub use receiver::{Answer, Batch, Item, Receiver, Sent};
pub use status::{Board, State, Status};
