//! The trail's ways out: each sink reads the spool at its own pace and gets every record at least once. Nothing here
//! makes a request wait.
//!
//! ```text
//! spool ── cursor ─► batch ─► receiver ══► SIEM
//!             ▲                   │ answer: taken, later, misconfigured, refused, again
//!             └───── moves on, waits, halves, or goes back
//! ```
//!
//! Reading order: `receiver` (what a receiver is given and may answer), `http` (the way of those that speak HTTP),
//! `make` (from settings to a receiver), then one file for each kind.

pub mod credential;
pub mod http;
pub mod make;
pub mod receiver;
mod webhook;

pub use make::{MakeFault, Tools};
pub use receiver::{Answer, Batch, Item, Receiver, Sent};
