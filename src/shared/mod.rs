//! What replicas keep together, in a Redis or Valkey: the counts of shared limits.
//!
//! Nothing of a caller is there: keys are names of limits and keyed hashes, values are moments. Whoever empties it gives
//! every caller a burst, and no more.

mod fault;
mod link;
mod reach;

pub use fault::{LinkFault, SharedFault};
pub use link::Link;
pub use reach::{Reach, key};
