#![forbid(unsafe_code)]
//! Portcullis: the gate.

pub mod cli;
pub mod clock;
pub mod policy;
pub mod redact;
