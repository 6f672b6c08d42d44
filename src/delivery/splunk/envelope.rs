//! What Splunk's event collector is given: JSON objects one behind the other, each with one record as its event.
//!
//! ```json
//! {"time":1767225600.123,"host":"gate-0","source":"portcullis","sourcetype":"portcullis:ocsf","event":{…},
//!  "fields":{"pc_chain":"gate-0/…","pc_class":"4002","pc_code":"HTTP.ALLOW","pc_sequence":"7","pc_severity":"1"}}
//! ```
//!
//! The record stands there byte for byte, so that its copy can be verified. `fields` are indexed fields: what searches
//! for gaps and classes ask for is found without opening an event. Their names are none of the record's own: Splunk would
//! show such a field twice.

use super::super::head::Head;
use super::super::members::member;
use super::super::receiver::Sent;

/// `sourcetype`, by which the shipped `props.conf` knows records.
pub const SOURCETYPE: &str = "portcullis:ocsf";

/// Bytes of an envelope beside all that is of a record or of the settings, at most.
const BESIDE: usize = 200;

/// Writes envelopes.
#[derive(Clone, Debug)]
pub struct Enveloper {
    /// `","source":"portcullis",…,"event":`
    middle: Vec<u8>,
}

impl Enveloper {
    /// For the index `index`, or the token's own.
    pub fn new(index: Option<&str>) -> Self {
        let mut middle = format!(",\"source\":\"portcullis\",\"sourcetype\":\"{SOURCETYPE}\"").into_bytes();
        if let Some(index) = index {
            middle.extend_from_slice(format!(",\"index\":{}", serde_json::Value::from(index)).as_bytes());
        }
        middle.extend_from_slice(b",\"event\":");
        Self { middle }
    }

    /// Appends the envelope of a record; `false` if it is no record.
    pub fn envelope(&self, record: Sent<'_>, out: &mut Vec<u8>) -> bool {
        let begin = out.len();
        let written = self.write(record, out).is_some();
        if !written {
            out.truncate(begin);
        }
        written
    }

    fn write(&self, record: Sent<'_>, out: &mut Vec<u8>) -> Option<()> {
        let head = Head::of(record.line)?;
        let time = head.time;
        // Room for all of it at once.
        out.reserve(record.line.len() + self.middle.len() + 2 * head.chain.len() + BESIDE);
        out.extend_from_slice(b"{\"time\":");
        out.extend_from_slice(itoa::Buffer::new().format(time / 1000).as_bytes());
        out.push(b'.');
        for digit in [time / 100 % 10, time / 10 % 10, time % 10] {
            out.push(b'0' + u8::try_from(digit).unwrap_or(0));
        }
        out.extend_from_slice(b",\"host\":\"");
        out.extend_from_slice(head.instance());
        out.push(b'"');
        out.extend_from_slice(&self.middle);
        out.extend_from_slice(record.line);
        out.extend_from_slice(b",\"fields\":{\"pc_chain\":");
        out.extend_from_slice(head.chain);
        out.extend_from_slice(b",\"pc_class\":\"");
        out.extend_from_slice(head.class);
        out.extend_from_slice(b"\",\"pc_code\":");
        out.extend_from_slice(head.code);
        out.extend_from_slice(b",\"pc_sequence\":\"");
        out.extend_from_slice(itoa::Buffer::new().format(record.sequence).as_bytes());
        out.extend_from_slice(b"\",\"pc_severity\":\"");
        out.extend_from_slice(head.severity);
        out.extend_from_slice(b"\"}}");
        Some(())
    }
}

/// The acknowledgements that are asked for: `{"acks":[1,2]}`.
pub fn question(acks: &[u64]) -> Vec<u8> {
    serde_json::json!({ "acks": acks }).to_string().into_bytes()
}

/// Those of `acks` that an answer `{"acks":{"1":true,"2":false}}` does not say yes to; `None` if it is no such answer.
/// A `false` may be "not yet" or "never heard of".
pub fn open(acks: &[u64], answer: &[u8]) -> Option<Vec<u64>> {
    let object = member(answer.trim_ascii(), "acks").map(<[u8]>::to_vec).or_else(|| {
        let answer: serde_json::Value = serde_json::from_slice(answer).ok()?;
        serde_json::to_vec(answer.get("acks")?).ok()
    })?;
    let said: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&object).ok()?;
    let is_open = |ack: &u64| said.get(&ack.to_string()).and_then(serde_json::Value::as_bool) != Some(true);
    Some(acks.iter().copied().filter(is_open).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_holds_the_record_byte_for_byte() {
        let line = br#"{"class_uid":1008,"metadata":{"event_code":"LOG.GAP","log_name":"gate-0/e"},"severity_id":5,"time":1767225600023}"#;
        let mut out = Vec::new();
        assert!(Enveloper::new(Some("audit")).envelope(Sent { sequence: 9, line }, &mut out));
        assert!(memchr::memmem::find(&out, line).is_some());
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(memchr::memmem::find(&out, b"{\"time\":1767225600.023,\"host\":\"gate-0\","), Some(0));
        assert_eq!(value["index"], "audit");
        let fields = serde_json::json!({
            "pc_chain": "gate-0/e", "pc_class": "1008", "pc_code": "LOG.GAP", "pc_sequence": "9", "pc_severity": "5"
        });
        assert_eq!(value["fields"], fields);
        let before = out.clone();
        assert!(!Enveloper::new(None).envelope(Sent { sequence: 9, line: b"{\"time\":5}" }, &mut out));
        assert_eq!(out, before);
    }

    #[test]
    fn what_is_not_said_yes_to_is_open() {
        assert_eq!(question(&[1, 7]), b"{\"acks\":[1,7]}");
        assert_eq!(open(&[1, 7, 8], br#"{"acks":{"1":true,"7":false}}"#), Some(vec![7, 8]));
        assert_eq!(open(&[1], b" { \"acks\" : { \"1\" : true } } "), Some(vec![]));
        for bad in ["", "[]", "{}", r#"{"acks":[1]}"#, "<html>"] {
            assert_eq!(open(&[1], bad.as_bytes()), None, "{bad}");
        }
    }
}
