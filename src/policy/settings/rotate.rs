//! `audit.sinks[].file.rotate`

use std::time::Duration;

/// When a file of records ends, and how many ended ones stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RotateSettings {
    /// `size`: bytes that no file exceeds.
    pub size: Option<u64>,
    /// `age`: how long a file is written to.
    pub age: Option<Duration>,
    /// `keep`: ended files that stay; `None` for all.
    pub keep: Option<u32>,
}
