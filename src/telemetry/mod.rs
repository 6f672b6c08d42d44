//! What the gate says of itself to those who run it: its own log, numbers, and spans of requests.

pub mod context;
mod level;
pub mod log;
pub mod metrics;
pub mod patient;
pub mod spans;

pub use level::{give_back_level, lend_level};
pub use log::{LogFormat, LogLevel, init, install_panic_hook, level, panics, set_level};
