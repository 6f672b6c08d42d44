//! `limits[]`

use std::sync::Arc;
use std::time::Duration;

use super::Mode;
use crate::policy::json_path::JsonPath;
use crate::redact::Name;

/// What a limit counts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKey {
    /// The caller; anonymous callers by address.
    Caller,
    /// The client address (IPv6 by /64).
    Address,
    /// The role that let the request through.
    Role,
    /// The route.
    Route,
    /// Caller and route together.
    CallerRoute,
}

/// An amount in each period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How much comes back in each period: never 0.
    pub amount: u64,
    /// The period: never 0.
    pub period: Duration,
    /// How much may be taken at once: never 0.
    pub burst: u64,
}

/// Records in answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordQuota {
    /// How many.
    pub quota: Quota,
    /// Where they are.
    pub at: Arc<JsonPath>,
}

/// One limit; at least one of what it may count is there.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Its name, as routes refer to it and refusals report it.
    pub name: Name,
    /// Place in the policy's list.
    pub index: usize,
    /// What it counts by.
    pub per: LimitKey,
    /// Requests.
    pub requests: Option<Quota>,
    /// Bytes of answers.
    pub bytes: Option<Quota>,
    /// Records in answers.
    pub records: Option<RecordQuota>,
    /// Requests in progress.
    pub concurrent: Option<u32>,
    /// Whether it refuses, or only records what it would have refused.
    pub mode: Mode,
    /// Whether answers that pass say what is left.
    pub headers: bool,
    /// Whether all replicas count together.
    pub shared: bool,
}
