//! What every refusal has in common, whatever it is for.

use super::{Answer, Gate, Record};

/// Fields that the answer to a refused request may have, whatever the status.
const ALLOWED: [&str; 6] =
    ["cache-control", "connection", "content-length", "content-type", "date", "strict-transport-security"];

/// Panics unless the answer is a refusal with this status, says nothing but the incident's id, and the record of that
/// id tells this code and status.
#[track_caller]
pub fn assert_refused(gate: &Gate, answer: &Answer, status: u16, code: &str) -> Record {
    assert_eq!(answer.status, status, "for {code}: {answer:?}");
    let extra = match status {
        401 => "www-authenticate",
        405 => "allow",
        423 | 429 => "retry-after",
        _ => "",
    };
    for (name, value) in &answer.fields {
        let left = status == 429 && name.starts_with("ratelimit");
        assert!(ALLOWED.contains(&name.as_str()) || name == extra || left, "{code}: {name}: {value}");
    }
    assert_eq!(answer.field("content-type"), Some("application/json"), "{code}");
    assert_eq!(answer.field("cache-control"), Some("no-store"), "{code}");
    assert!(extra.is_empty() || answer.field(extra).is_some(), "{code}: no {extra}");
    assert!(answer.whole, "{code}: {answer:?}");
    let record = gate.record_of(&answer.incident());
    assert_eq!((record.code(), record.status()), (code, u64::from(status)), "{record:?}");
    assert!(record.event().starts_with("HTTP.DENY") || record.event() == "HTTP.FAIL.UPSTREAM", "{record:?}");
    record
}

/// Sends each request on a connection of its own and has it refused; then there are as many records as requests.
#[track_caller]
pub fn assert_all_refused(gate: &Gate, rows: &[(impl AsRef<[u8]>, u16, &str)]) {
    let before = gate.records_so_far().len();
    for (request, status, code) in rows {
        let shown = String::from_utf8_lossy(request.as_ref());
        let answer = gate.connect().send(request).answer();
        let answer = answer.unwrap_or_else(|| panic!("{code}: no answer to {:?}", &shown[..shown.len().min(300)]));
        assert_eq!(answer.status, status.to_owned(), "{code}: {answer:?} to {:?}", &shown[..shown.len().min(300)]);
        assert_refused(gate, &answer, *status, code);
    }
    gate.records(before + rows.len());
}
