//! What may come of a call: a closed list.

use crate::audit::AdminOutcome;

macro_rules! outcomes {
    ($($(#[$doc:meta])* $name:ident: $status:literal, $code:literal, $text:literal;)*) => {
        $($(#[$doc])* pub(super) const $name: AdminOutcome =
            AdminOutcome { status: $status, code: $code, text: $text, done: $status == 200 };)*
    };
}

outcomes! {
    /// Nobody waited for the end.
    UNKNOWN: 0, "unknown", "The call was not ended; whether it was done is not known.";
    /// Done.
    DONE: 200, "done", "Done.";
    /// It was so already.
    NOTHING: 200, "nothing_to_do", "It was so already; nothing has changed.";
    /// Fault: no HTTP that we take.
    MALFORMED: 400, "malformed", "The request is not one of this API.";
    /// Fault: the body.
    BODY: 400, "body", "The body is not the JSON object that this call takes.";
    /// Fault: no reason.
    REASON: 400, "reason_missing", "A call that changes something needs a reason: 1 to 500 bytes, one line.";
    /// Fault: whom.
    SUBJECT: 400, "subject", "Whom or what it is about is missing, or given twice, or is no such thing.";
    /// Fault: whom.
    UNKNOWN_SUBJECT: 404, "subject_unknown", "The policy in force has no such role or route, or knows no such caller.";
    /// A browser's request.
    BROWSER: 403, "browser", "A web page may not call this API.";
    /// Without the header that no web page sends.
    HEADER: 403, "header_missing", "The header `portcullis-admin: 1` is missing.";
    /// Called by another name.
    HOST: 421, "host", "The host that was called is none of this listener's.";
    /// Nobody that the policy knows.
    OPERATOR: 403, "operator_unknown", "The caller is no operator of this gate.";
    /// Revoked.
    REVOKED: 403, "operator_revoked", "The policy revokes the operator, or its certificate.";
    /// Without the right.
    RIGHT: 403, "right_missing", "None of the operator's roles has the right that this call needs.";
    /// No such call.
    ABSENT: 404, "not_found", "There is no such call.";
    /// Another method.
    METHOD: 405, "method", "This call takes another method.";
    /// Longer than it may be.
    TOO_LARGE: 413, "too_large", "The body is longer than 16 KiB.";
    /// Neither of the type.
    MEDIA: 415, "media_type", "The body's type is not `application/json`.";
    /// Not in time.
    SLOW: 408, "body_timeout", "The body did not come in time.";
    /// A change that is refused.
    REFUSED: 409, "refused", "It is not fit to run; what was in force stays. The gate's own log shows the faults.";
    /// A change that a running gate cannot take up.
    RESTART: 409, "restart_needed", "It takes a restart, or an upgrade; what was in force stays. The gate's own log shows why.";
    /// No room.
    FULL: 503, "no_room", "There is no room for another one; lift what is not needed any more.";
    /// The gate ends.
    ENDING: 409, "ending", "The gate is draining already.";
    /// Not in this gate.
    OFF: 409, "off", "This gate cannot do that: its policy did not come from a file.";
    /// Later.
    BUSY: 503, "busy", "Not now; it is tried again by itself.";
    /// Not ended.
    PENDING: 504, "pending", "It is still under way; its own record will tell what came of it.";
    /// Fault of our own.
    INTERNAL: 500, "internal", "A fault of the gate's own.";
}
