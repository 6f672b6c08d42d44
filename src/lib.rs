#![forbid(unsafe_code)]
//! Portcullis: the gate.

pub mod clock;
pub mod policy;
pub mod redact;
pub mod upstream;
pub mod wire;
