//! One thin file per command.
//! One thin file for each command.

pub mod check;
