#![forbid(unsafe_code)]
//! Portcullis: the gate.

pub mod audit;
pub mod clock;
pub mod policy;
pub mod redact;
pub mod telemetry;
