#![forbid(unsafe_code)]
//! Portcullis: the gate.

pub mod audit;
pub mod cli;
pub mod clock;
pub mod identity;
pub mod policy;
pub mod redact;
pub mod telemetry;
pub mod upstream;
pub mod wire;
