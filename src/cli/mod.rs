//! One thin file per command: arguments in, an exit code out. 0 done, 1 the answer is no, 2 usage.

pub mod certs;
pub mod check;
mod files;
pub mod keys;
