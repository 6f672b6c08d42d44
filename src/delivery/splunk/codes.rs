//! What the collector's codes mean for a batch ("Possible error codes", in Splunk's "Troubleshoot HTTP Event Collector").
//! The collector says them beside a status, and the code tells more.

use std::time::Duration;

use http::StatusCode;

use super::super::http::cause;
use super::super::receiver::Answer;

/// How long a collector is left in peace that says that it is nearly full (24, 25) or full (26, 27) and not for how
/// long.
const PAUSE: Duration = Duration::from_secs(5);

/// What becomes of a batch, by one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// The collector has it.
    Taken,
    /// It has it, and is nearly full.
    TakenSlower,
    /// The same batch later.
    Later,
    /// Somebody has to change a setting.
    Misconfigured,
    /// It will never take one of the events, and says which.
    Refused,
}

/// Code, class, and its stable name in records and metrics.
const CODES: &[(u64, Class, &str)] = &[
    (0, Class::Taken, "success"),
    (1, Class::Misconfigured, "token_disabled"),
    (2, Class::Misconfigured, "token_required"),
    (3, Class::Misconfigured, "authorization_invalid"),
    (4, Class::Misconfigured, "token_invalid"),
    (5, Class::Refused, "no_data"),
    (6, Class::Refused, "data_format"),
    (7, Class::Misconfigured, "index_incorrect"),
    (8, Class::Later, "internal_error"),
    (9, Class::Later, "server_busy"),
    (10, Class::Misconfigured, "channel_missing"),
    (11, Class::Misconfigured, "channel_invalid"),
    (12, Class::Refused, "event_required"),
    (13, Class::Refused, "event_blank"),
    (14, Class::Misconfigured, "acks_disabled"),
    (15, Class::Refused, "indexed_fields"),
    (16, Class::Misconfigured, "query_authorization"),
    (17, Class::Taken, "healthy"),
    (18, Class::Later, "queues_full"),
    (19, Class::Later, "acks_unavailable"),
    (20, Class::Later, "queues_full_acks_unavailable"),
    (21, Class::Misconfigured, "token_invalid"),
    (22, Class::Misconfigured, "token_disabled"),
    (23, Class::Later, "shutting_down"),
    (24, Class::TakenSlower, "queue_nearly_full"),
    (25, Class::TakenSlower, "acks_nearly_full"),
    (26, Class::Later, "queue_full"),
    (27, Class::Later, "acks_full"),
];

/// What the collector answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It has the batch, in memory at least.
    Taken {
        /// What to ask for (`ackId`), where acknowledgements are on.
        ack: Option<u64>,
        /// How long it wants to be left in peace before the next batch.
        pause: Option<Duration>,
    },
    /// It has not, or not all of it.
    Not(Answer),
}

/// Reads an answer to `records` events. `after` is its `Retry-After`.
pub fn reply(status: u16, body: &[u8], after: Option<Duration>, records: usize) -> Reply {
    let said: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let number = |key: &str| said.as_ref().and_then(|said| said.get(key)).and_then(serde_json::Value::as_u64);
    let known = number("code").and_then(|code| CODES.iter().find(|(known, ..)| *known == code));
    let taken = |pause| Reply::Taken { ack: number("ackId"), pause };
    let good = (200..300).contains(&status);
    match known {
        // A proxy's answer may repeat what the collector said before: only a good status takes.
        Some((_, Class::Taken, _)) if good => taken(None),
        Some((_, Class::TakenSlower, _)) if good => taken(Some(after.unwrap_or(PAUSE))),
        Some((_, Class::Later, cause)) => Reply::Not(Answer::Later { after: after.or(pause(status)), cause }),
        Some((_, Class::Misconfigured, cause)) => Reply::Not(Answer::Misconfigured { cause }),
        Some((_, Class::Refused, cause)) => {
            let at = number("invalid-event-number").and_then(|at| usize::try_from(at).ok());
            // One beyond the last has been seen in answers: then the batch is halved until the record is found.
            Reply::Not(Answer::Refused { at: at.filter(|at| *at < records), cause })
        }
        _ => Reply::Not(by_status(status, after)),
    }
}

fn pause(status: u16) -> Option<Duration> {
    (status == 429).then_some(PAUSE)
}

/// Without a code that is known: a proxy in between, a load balancer, a collector of tomorrow.
fn by_status(status: u16, after: Option<Duration>) -> Answer {
    let cause = StatusCode::from_u16(status).map_or("http_status", cause);
    match status {
        // A page of a proxy with a good status has taken nothing.
        200..=299 => Answer::Misconfigured { cause: "no_collector" },
        413 => Answer::TooLarge,
        429 => Answer::Later { after: after.or(Some(PAUSE)), cause },
        408 | 425 | 500..=599 => Answer::Later { after, cause },
        400 | 409 | 422 | 431 => Answer::Refused { at: None, cause },
        _ => Answer::Misconfigured { cause },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Reply {
        reply(status, body.as_bytes(), None, 10)
    }

    #[test]
    fn every_documented_code_is_in_its_class() {
        for (code, class, cause) in CODES {
            let body = format!(r#"{{"text":"x","code":{code},"ackId":5,"invalid-event-number":3}}"#);
            let status = match class {
                Class::Taken | Class::TakenSlower => 200,
                Class::Later => 503,
                Class::Misconfigured => 403,
                Class::Refused => 400,
            };
            let expected = match class {
                Class::Taken => Reply::Taken { ack: Some(5), pause: None },
                Class::TakenSlower => Reply::Taken { ack: Some(5), pause: Some(PAUSE) },
                Class::Later => Reply::Not(Answer::Later { after: None, cause }),
                Class::Misconfigured => Reply::Not(Answer::Misconfigured { cause }),
                Class::Refused => Reply::Not(Answer::Refused { at: Some(3), cause }),
            };
            assert_eq!(of(status, &body), expected, "{code}");
        }
        assert!(CODES.iter().zip(0u64..).all(|((code, ..), expected)| *code == expected));
    }

    #[test]
    fn only_a_collector_that_says_so_has_taken_anything() {
        for (status, body) in [
            (200, ""),
            (200, "<html>"),
            (200, r#"{"code":99}"#),
            (204, ""),
            (302, r#"{"code":0}"#),
            (502, r#"{"code":0}"#),
        ] {
            assert!(matches!(of(status, body), Reply::Not(_)), "{status} {body}");
        }
    }

    #[test]
    fn a_place_beyond_the_batch_is_no_place() {
        let refused = |at| Reply::Not(Answer::Refused { at, cause: "data_format" });
        assert_eq!(of(400, r#"{"code":6,"invalid-event-number":9}"#), refused(Some(9)));
        assert_eq!(of(400, r#"{"code":6,"invalid-event-number":10}"#), refused(None));
        assert_eq!(of(400, r#"{"code":6}"#), refused(None));
    }

    #[test]
    fn a_collector_that_is_full_says_for_how_long() {
        let minute = Some(Duration::from_secs(60));
        let later = |after, cause| Reply::Not(Answer::Later { after, cause });
        assert_eq!(reply(429, br#"{"code":26}"#, minute, 1), later(minute, "queue_full"));
        assert_eq!(of(429, r#"{"code":27}"#), later(Some(PAUSE), "acks_full"));
        assert_eq!(reply(429, b"", minute, 1), later(minute, "http_429"));
        assert_eq!(reply(503, b"", minute, 1), later(minute, "http_503"));
        assert_eq!(of(413, ""), Reply::Not(Answer::TooLarge));
    }
}
