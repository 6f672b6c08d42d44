//! Words of an operator for a record.

use super::Redacted;
use super::engine::{Engine, State};

/// Longest reason, in bytes: a sentence and the number of a ticket.
const MAX_BYTES: usize = 500;

/// Why a text cannot be a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReasonFault {
    /// Nothing there.
    #[error("says nothing")]
    Empty,
    /// More than 500 bytes.
    #[error("is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// A line break or another control character.
    #[error("holds a line break or another control character")]
    Control,
}

/// A reason as records may hold it: redacted like a line of a log, since people write down whom it is about.
pub fn reason(engine: &Engine, text: &str) -> Result<Redacted, ReasonFault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ReasonFault::Empty);
    }
    if text.len() > MAX_BYTES {
        return Err(ReasonFault::TooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(ReasonFault::Control);
    }
    let mut out = Vec::new();
    engine.line(&mut State::new(), None, text.as_bytes(), &mut out);
    Ok(Redacted::made(String::from_utf8_lossy(&out)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::redact::Redactor;
    use crate::redact::engine::Options;

    #[test]
    fn a_reason_does_not_say_whom_it_is_about() {
        let engine = Engine::new(Arc::new(Redactor::hiding()), Options::default());
        let said = |text: &str| reason(&engine, text).map(|reason| reason.as_str().to_owned());
        assert_eq!(said("ticket SUP-1182").as_deref(), Ok("ticket SUP-1182"));
        assert_eq!(said("asked by zoe@buyer.example").as_deref(), Ok("asked by pii_email_hidden"));
        assert_eq!(said(" "), Err(ReasonFault::Empty));
        assert_eq!(said("a\nb"), Err(ReasonFault::Control));
        assert_eq!(said(&"x".repeat(501)), Err(ReasonFault::TooLong));
    }
}
