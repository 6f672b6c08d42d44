//! The trail's ways out: each sink reads the spool at its own pace and gets every record at least once. Nothing here
//! makes a request wait.
//!
//! ```text
//! spool ── cursor ─► batch ─► receiver ══► SIEM
//!             ▲                   │ answer: taken, later, misconfigured, refused, again
//!             └───── moves on, waits, halves, or goes back
//! ```

mod members;
pub mod projection;
pub mod receiver;
pub mod splunk;
pub mod syslog;

pub use receiver::{Answer, Batch, Item, Receiver, Sent};
