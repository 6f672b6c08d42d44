//! One thin file per command.
//! One thin file for each command.

pub mod check;
//! One thin file per command: arguments in, an exit code out. 0 done, 1 the answer is no, 2 usage.

pub mod certs;
mod files;
pub mod keys;
