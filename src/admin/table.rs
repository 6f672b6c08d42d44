//! Every call that there is, side by side: path, method, right, and how it is recorded. What is not here is refused.

use http::Method;

use crate::audit::AdminOperation;
use crate::policy::rights::Right;

/// OCSF Entity Management: Read.
const READ: u8 = 2;
/// Update.
const UPDATE: u8 = 3;
/// Enable.
const ENABLE: u8 = 8;
/// Disable.
const DISABLE: u8 = 9;
/// Activate.
const ACTIVATE: u8 = 10;
/// Deactivate.
const DEACTIVATE: u8 = 11;
/// Suspend.
const SUSPEND: u8 = 12;
/// Resume.
const RESUME: u8 = 13;
/// Other.
const OTHER: u8 = 99;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Status,
    Policy,
    Limits,
    Sanctions,
    Alarms,
    Sinks,
    Lock,
    Unlock,
    Quarantine,
    Release,
    Reload,
    Drain,
    Undrain,
    LogLevel,
}

/// A call.
#[derive(Debug)]
pub(super) struct Operation {
    /// As it is recorded.
    pub row: AdminOperation,
    /// Its method; `POST` has a body, and one that changes something a reason.
    pub method: Method,
    /// The right that it needs.
    pub right: Right,
    /// Whether it changes something.
    pub changes: bool,
    pub act: Act,
}

macro_rules! table {
    ($($act:ident: $method:ident $path:literal, $name:literal, $right:ident, $changes:literal, $activity:ident, $severity:literal;)*) => {
        /// All calls.
        pub(super) static TABLE: &[Operation] = &[$(Operation {
            row: AdminOperation {
                name: $name,
                path: $path,
                activity: $activity,
                severity: $severity,
                right: Some(Right::$right.word()),
            },
            method: Method::$method,
            right: Right::$right,
            changes: $changes,
            act: Act::$act,
        },)*];
    };
}

table! {
    Status: GET "/v1/status", "status", View, false, READ, 1;
    Policy: GET "/v1/policy", "policy", View, false, READ, 1;
    Limits: POST "/v1/limits", "limits", View, false, READ, 1;
    Sanctions: GET "/v1/sanctions", "sanctions", View, false, READ, 1;
    Alarms: GET "/v1/alarms", "alarms", View, false, READ, 1;
    Sinks: GET "/v1/sinks", "sinks", View, false, READ, 1;
    Lock: POST "/v1/lock", "lock", Quarantine, true, SUSPEND, 3;
    Unlock: POST "/v1/unlock", "unlock", Unlock, true, RESUME, 3;
    Quarantine: POST "/v1/quarantine", "quarantine", Quarantine, true, ENABLE, 5;
    Release: POST "/v1/release", "release", Quarantine, true, DISABLE, 5;
    Reload: POST "/v1/reload", "reload", Reload, true, UPDATE, 3;
    Drain: POST "/v1/drain", "drain", Drain, true, DEACTIVATE, 4;
    Undrain: POST "/v1/undrain", "undrain", Drain, true, ACTIVATE, 3;
    LogLevel: POST "/v1/log-level", "log-level", Log, true, UPDATE, 3;
}

/// A call of something that there is not; its path is the caller's own text and not recorded.
pub(super) static NOTHING: AdminOperation =
    AdminOperation { name: "unknown", path: "/", activity: OTHER, severity: 3, right: None };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_changes_something_is_no_get_and_needs_more_than_a_look() {
        for operation in TABLE {
            assert_eq!(operation.changes, operation.right != Right::View, "{operation:?}");
            assert!(!operation.changes || operation.method == Method::POST, "{operation:?}");
            assert!(TABLE.iter().filter(|other| other.row.path == operation.row.path).count() == 1);
        }
    }
}
