//! Canaries: planted records that nobody has a reason to use. Only keyed hashes of them are known here. One that is seen
//! in a request, or in an answer on its way, raises an alarm.
//!
//! ```text
//! text or bytes ─ every `step` bytes: some bits of 8 ─ keyed, 17 bits ─ a small table: mostly nothing
//!                                                        └─ the 8 bytes, letters folded ─ keyed, 32 bits ─ a filter: nearly
//!                                                           always nothing
//!                   a canary ─ HMAC-SHA-256 of the text around it ─ 64 bits of all of it ─ whose may that be ─┘
//! ```
//!
//! `form` says how a planted value may be spelt, `key` hashes it, `marks` is by what it is recognised, and `file` keeps
//! both. `set` looks for all of them at once, by `sketch` and `blocks`, and `scan` does so in an answer that comes in
//! pieces.

mod anchor;
mod beside;
mod blocks;
mod coded;
mod digits;
mod entities;
mod escapes;
mod file;
mod form;
mod found;
mod key;
mod marks;
mod sampled;
mod scan;
mod set;
mod sketch;

pub use coded::{Coding, Reader, Unreadable};
pub use file::{CanaryFault, CanaryFile};
pub use form::{FormFault, Kind, MAX_BYTES, MIN_BYTES, forms};
pub use found::Found;
pub use key::CanaryKey;
pub use scan::Scanner;
pub use set::{CanarySet, Foreign, Planted};

#[cfg(test)]
mod tests;
