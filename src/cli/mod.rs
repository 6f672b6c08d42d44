//! One thin file for each command: arguments in, an exit code out.

pub mod explain;
