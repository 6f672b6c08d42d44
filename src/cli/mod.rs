//! One thin file for each command.

pub mod check;
