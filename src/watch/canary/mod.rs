//! Canaries: planted records that nobody has a reason to use. Only keyed hashes of them are known here. One that is seen
//! in a request, or in an answer on its way, raises an alarm.
//!
//! ```text
//! text or bytes ─ every `stride` bytes: a block of 8, letters folded ─ keyed, 32 bits ─ a filter: nearly always nothing
//!                                                                        └─ whose part may that be: HMAC-SHA-256 of the
//!                                                                           text around it ─ a canary
//! ```
//!
//! `form` says how a planted value may be spelt, `file` how the hashes are kept, `set` looks for all of them at once, and
//! `scan` does so in an answer that comes in pieces.

mod file;
mod form;
mod scan;
mod set;

pub use file::{CanaryFault, CanaryFile};
pub use form::{FormFault, Kind, MAX_BYTES, MIN_BYTES, forms};
pub use scan::Scanner;
pub use set::{CanaryKey, CanarySet, Planted};

#[cfg(test)]
mod tests;
