//! What replicas keep together, in a Redis or Valkey: the counts of shared limits, and
//! sanctions.
//!
//! Nobody is named there: keys are names of limits and keyed hashes, values are moments, and what records would show. Whoever empties it gives
//! every caller a burst, and no more.

mod call;
mod fault;
mod knock;
mod link;
mod notices;
mod reach;

pub use fault::{LinkFault, SharedFault};
pub use knock::{Unlinked, knock};
pub use link::Link;
pub use notices::{Heard, MOST};
pub use reach::{Reach, key};
