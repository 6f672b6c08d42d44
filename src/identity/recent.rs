//! Who called lately, by the pseudonym that records show. A pseudonym goes one way only, and an operator who reads one in
//! an alarm has nothing else to shut its caller out by. Held in memory alone, and bounded.

use std::sync::Arc;

use quick_cache::sync::Cache;

use crate::redact::Redacted;

/// Callers that are remembered, as many as may be under a sanction. At some 200 bytes each, 13 MiB at most.
const CAPACITY: usize = 65_536;

/// Callers by their pseudonyms. An entry is made when a credential is first verified, not with each request.
pub struct Recent(Cache<Arc<str>, Arc<str>>);

impl Default for Recent {
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}

impl Recent {
    /// Remembers a caller.
    pub(super) fn note(&self, record: &Redacted, id: &str) {
        if self.0.get(record.as_str()).is_none() {
            self.0.insert(record.as_str().into(), id.into());
        }
    }

    /// The caller's id, `user:alice@seller.example`. For a look-up alone: never for a record, a log line or an answer.
    pub fn id_of(&self, record: &str) -> Option<Arc<str>> {
        self.0.get(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_callers_are_found_and_the_crowd_is_bounded() {
        let recent = Recent::default();
        for number in 0..2 * CAPACITY as u64 {
            recent.note(&Redacted::hex(&number.to_be_bytes()), &format!("user:{number}"));
        }
        assert!(recent.0.len() <= CAPACITY);
        recent.note(&Redacted::literal("pii_caller_k1_x"), "user:alice");
        assert_eq!(recent.id_of("pii_caller_k1_x").as_deref(), Some("user:alice"));
        assert!(recent.id_of("pii_caller_k1_y").is_none());
    }
}
