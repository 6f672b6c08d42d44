//! Canaries: planted records that nobody has a reason to use. Only keyed hashes of them are known here. One that is seen
//! in a request, or in an answer on its way, raises an alarm.
//!
//! ```text
//! bytes ─┬─ as they are ──────────────────────────────────────────┬─ sieve, 64 bytes at once ─┬─ digits: what a run may be
//!        ├─ behind escapes, and escapes within these (`escapes`) ──┤                           └─ beside `@` and space: a block
//!        └─ of requests, read loosely too (`scan`) ────────────────┴─ sampled: a block in every step
//!                                                                        └─ a digest, in a filter: nearly always nothing
//!                      a canary ─ HMAC-SHA-256 of all of it ─ 64 bits of all of it ─ whose may that be ─┘
//! ```
//!
//! `form` says how a planted value may be spelt, `key` hashes it, `marks` and `anchor` are by what it is recognised, and
//! `file` keeps all that. `set` looks for all of them at once, by `sieve` with `digits` and `beside`, and by `sampled` (with
//! `sketch`), which ask `blocks`. `scan` does so in a text that comes in pieces, and `coded` in one that may be compressed.

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
mod sieve;
mod sketch;

pub use coded::{Coding, Reader, Unreadable};
pub use file::{CanaryFault, CanaryFile};
pub use form::{FormFault, Kind, MAX_BYTES, MIN_BYTES, forms};
pub use found::Found;
pub use key::CanaryKey;
pub use scan::{Scanner, search_request};
pub use set::{CanarySet, Foreign, Planted};

#[cfg(test)]
mod tests;
