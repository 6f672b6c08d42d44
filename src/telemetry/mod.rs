//! What the gate says of itself to those who run it.

pub mod log;

pub use log::{LogFormat, LogLevel, init, install_panic_hook, panics};
