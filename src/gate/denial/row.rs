//! A row of the list, and the short ways to write one.

use http::StatusCode;

use crate::audit::{Blame, OutcomeRow};

/// All that is fixed about a refusal.
#[derive(Debug)]
pub struct Row {
    /// Status of the answer.
    pub status: StatusCode,
    /// What the record says.
    pub outcome: OutcomeRow,
}

/// A passed request.
pub static ALLOWED: OutcomeRow = OutcomeRow {
    code: "allowed",
    event_code: "HTTP.ALLOW",
    category: "authz",
    action_id: 1,
    disposition_id: 1,
    severity_id: 1,
    blame: Blame::None,
    text: "The request was let through.",
};

/// One row: status, code, event code, category, disposition, severity, blame, text. The action is Denied.
macro_rules! row {
    ($status:ident, $code:expr, $event:literal, $category:literal, $disposition:literal, $severity:literal, $blame:ident,
     $text:expr) => {
        const {
            &Row {
                status: http::StatusCode::$status,
                outcome: $crate::audit::OutcomeRow {
                    code: $code,
                    event_code: $event,
                    category: $category,
                    action_id: 2,
                    disposition_id: $disposition,
                    severity_id: $severity,
                    blame: $crate::audit::Blame::$blame,
                    text: $text,
                },
            }
        }
    };
}

/// A request that is refused because it is malformed.
macro_rules! malformed {
    ($status:ident, $code:expr, $text:expr) => {
        row!($status, $code, "HTTP.DENY.PROTOCOL", "protocol", 2, 2, Client, $text)
    };
}

/// A row for each variant of an enum that has `code()`, those of one list all alike but for it.
macro_rules! each {
    ($value:expr, $type:ident, $([$($variant:ident),* $(,)?], |$case:ident| $row:expr),+ $(,)?) => {
        match $value {
            $($($type::$variant => {
                const $case: $type = $type::$variant;
                $row
            })*)+
        }
    };
}

pub(super) use {each, malformed, row};
