//! What the gate says of itself to those who run it.

mod level;
pub mod log;

pub use level::{give_back_level, lend_level, level, set_level};
pub use log::{LogFormat, LogLevel, init, install_panic_hook, panics};
