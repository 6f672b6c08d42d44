//! What is recorded of a call to the operators' API: OCSF Entity Management (3004). Every call has one record, also one
//! that only looks, and one that is refused.

use super::{CallerRecord, MethodWord};
use crate::audit::id::RequestId;
use crate::clock::UnixMillis;
use crate::redact::Redacted;

/// A call of an operator.
#[derive(Clone, Debug)]
pub struct AdminCall {
    /// `metadata.uid`, `metadata.correlation_uid` and `http_request.uid`.
    pub id: RequestId,
    /// `time` and `start_time`.
    pub at: UnixMillis,
    /// `duration` (there in milliseconds).
    pub duration_micros: u64,
    /// `http_request.http_method`.
    pub method: MethodWord,
    /// What was called.
    pub operation: &'static AdminOperation,
    /// Who called, if it is an operator or somebody who says so: `actor`.
    pub by: Option<CallerRecord>,
    /// From where, in the policy's form: `src_endpoint`; `None` on the Unix socket.
    pub source: Option<Redacted>,
    /// Whom or what it is about: `entity.uid`.
    pub subject: Option<Redacted>,
    /// Why, in the operator's words: `comment`.
    pub reason: Option<Redacted>,
    /// What came of it.
    pub outcome: AdminOutcome,
}

/// What can be called; a table of the API's own.
#[derive(Debug, PartialEq, Eq)]
pub struct AdminOperation {
    /// `entity.name`: `quarantine`.
    pub name: &'static str,
    /// Its path: `http_request.url.path`.
    pub path: &'static str,
    /// OCSF `activity_id` of the class: 2 Read, 3 Update, 8 Enable, 9 Disable, 10 Activate, 11 Deactivate, 12 Suspend, 13
    /// Resume; 99 for a call of something that there is not.
    pub activity: u8,
    /// OCSF `severity_id` where it is done.
    pub severity: u8,
    /// The right that it needs: `unmapped.portcullis.right`.
    pub right: Option<&'static str>,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminOutcome {
    /// `http_response.code`; 0 if no answer was begun.
    pub status: u16,
    /// Stable code: `status_code`.
    pub code: &'static str,
    /// Fixed text for people: `status_detail`.
    pub text: &'static str,
    /// Whether it was done; then `metadata.event_code` is `ADMIN.CALL`, otherwise `ADMIN.DENY`.
    pub done: bool,
}
