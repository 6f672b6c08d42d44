#![forbid(unsafe_code)]
//! Portcullis: the gate.

pub mod app;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod edge;
pub mod gate;
pub mod identity;
pub mod limits;
pub mod policy;
pub mod redact;
pub mod telemetry;
pub mod upstream;
pub mod wire;
