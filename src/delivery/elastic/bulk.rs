//! The body of a `_bulk` request, and its answer.
//!
//! ```text
//! {"create":{"_id":"019b76da-…"}}
//! {"@timestamp":"2026-01-01T00:00:00.000Z",…}
//! ```

use http::StatusCode;
use serde_json::Value;

use super::super::http::cause;
use super::super::index::Index;
use super::super::projection::ecs::Record;
use super::super::receiver::{Answer, Batch, Item};

/// So many documents refused at once, and none taken, are no fault of theirs: the index template is missing or another
/// one, and nothing is to be dropped before somebody has looked.
const ALL_REFUSED: usize = 10;

/// Kinds of errors of single documents that are known, whether somebody has to change a setting, and what they are called
/// in records and metrics. OpenSearch and earlier versions call the mapper's otherwise.
const ERRORS: &[(&str, bool, &str)] = &[
    ("document_parsing_exception", false, "mapper"),
    ("mapper_parsing_exception", false, "mapper"),
    ("strict_dynamic_mapping_exception", false, "mapper_strict"),
    ("mapper_exception", false, "mapper"),
    ("illegal_argument_exception", false, "illegal_argument"),
    ("index_closed_exception", true, "index_closed"),
    ("index_not_found_exception", true, "index_not_found"),
    ("cluster_block_exception", true, "index_blocked"),
    ("security_exception", true, "not_allowed"),
    ("ingest_processor_exception", true, "ingest_pipeline"),
    ("es_rejected_execution_exception", false, "queue_full"),
    ("rejected_execution_exception", false, "queue_full"),
    ("circuit_breaking_exception", false, "circuit_breaker"),
    ("unavailable_shards_exception", false, "shards_unavailable"),
];

/// Room behind the last document for what is set aside for one before it is written.
const SLACK: usize = 64 * 1024;

/// Writes bodies for one data stream.
#[derive(Clone, Debug)]
pub struct Body {
    /// `data_stream` of documents: type, dataset and namespace, where the stream's name has them.
    stream: Option<Vec<u8>>,
}

impl Body {
    /// For the data stream `name`.
    pub fn new(name: &str) -> Self {
        let parts: Vec<_> = name.split('-').collect();
        let stream = match parts[..] {
            [kind, dataset, namespace] => {
                let value = serde_json::json!({ "type": kind, "dataset": dataset, "namespace": namespace });
                Some(value.to_string().into_bytes())
            }
            _ => None,
        };
        Self { stream }
    }

    /// Appends the body of a batch, or gives the place of what is no record.
    pub fn write(&self, batch: &Batch, body: &mut Vec<u8>) -> Result<(), usize> {
        // A document has its record and, of what it tells, about as much again.
        body.reserve(batch.bytes() * 5 / 2 + SLACK);
        // Each line is looked at once, and seen twice: as it is, and as the next one.
        let mut indices = [Index::default(), Index::default()];
        if let Some(first) = batch.get(0) {
            indices[0].look(first.line);
        }
        for (at, sent) in batch.iter().enumerate() {
            let [this, next] = &mut indices;
            let following = batch.get(at + 1).and_then(|following| Record::read(next.of(following.line)));
            let record = Record::read(this.view(sent.line)).ok_or(at)?;
            body.extend_from_slice(b"{\"create\":{\"_id\":");
            body.extend_from_slice(record.id());
            body.extend_from_slice(b"}}\n");
            record.document(self.stream.as_deref(), following.as_ref(), body);
            body.push(b'\n');
            indices.swap(0, 1);
        }
        Ok(())
    }
}

/// What a body that came with status 200 says of `records` documents.
pub fn answer(body: &[u8], records: usize) -> Answer {
    if is_all_taken(body, records) {
        return Answer::Taken;
    }
    let said: Option<Value> = serde_json::from_slice(body).ok();
    let errors = said.as_ref().and_then(|said| said.get("errors")).and_then(Value::as_bool);
    let items = said.as_ref().and_then(|said| said.get("items")).and_then(Value::as_array);
    let (Some(errors), Some(items)) = (errors, items) else {
        // A page of a proxy with a good status has taken nothing.
        return Answer::Misconfigured { cause: "no_cluster" };
    };
    let items: Vec<_> = items.iter().filter_map(item).collect();
    let refused = items.iter().filter(|item| matches!(item, Item::Refused(_))).count();
    match items.first() {
        Some(Item::Refused(cause)) if refused == records && records >= ALL_REFUSED => Answer::Misconfigured { cause },
        _ if !errors && items.len() == records && items.iter().all(|item| *item == Item::Taken) => Answer::Taken,
        // Of another number than was sent, the engine takes none.
        _ => Answer::Each(items),
    }
}

/// Whether it is the usual answer, to the byte: every document was created. Reading each as JSON would take a third as long
/// as making it.
fn is_all_taken(body: &[u8], records: usize) -> bool {
    const BEGIN: &[u8] = br#"{"errors":false,"items":["#;
    const ITEM: &[u8] = br#"{"create":{"status":201}}"#;
    let Some(items) = body.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(b"]}")) else { return false };
    let is_created = |item: &[u8]| matches!(item.strip_prefix(ITEM), Some(b"" | b","));
    items.len() + 1 == records * (ITEM.len() + 1) && items.chunks(ITEM.len() + 1).all(is_created)
}

/// `{"create":{"status":400,"error":{"type":"mapper_parsing_exception"}}}`
fn item(item: &Value) -> Option<Item> {
    let (_, item) = item.as_object()?.iter().next()?;
    let status = u16::try_from(item.get("status")?.as_u64()?).ok()?;
    let kind = item.get("error").and_then(|error| error.get("type")).and_then(Value::as_str);
    let known = ERRORS.iter().find(|(known, ..)| Some(*known) == kind);
    let cause = known.map_or_else(|| StatusCode::from_u16(status).map_or("http_status", cause), |(.., cause)| *cause);
    Some(match status {
        // There is a document of this id: this one.
        200 | 201 | 409 => Item::Taken,
        408 | 429 | 500..=599 => Item::Later(cause),
        _ if known.is_some_and(|(_, is_setting, _)| *is_setting) => Item::Misconfigured(cause),
        400 | 413 | 422 => Item::Refused(cause),
        _ => Item::Misconfigured(cause),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::receiver::Sent;
    use super::*;

    fn of(items: &[(u16, &str)]) -> Answer {
        let one = |(status, kind): &(u16, &str)| match *kind {
            "" => json!({ "create": { "status": status } }),
            kind => json!({ "create": { "status": status, "error": { "type": kind } } }),
        };
        let errors = items.iter().any(|(_, kind)| !kind.is_empty());
        let body = json!({ "errors": errors, "items": items.iter().map(one).collect::<Vec<_>>() });
        answer(body.to_string().as_bytes(), items.len())
    }

    #[test]
    fn each_document_has_its_outcome() {
        assert_eq!(of(&[(201, ""), (200, "")]), Answer::Taken);
        let items = [
            (201, "", Item::Taken),
            (409, "version_conflict_engine_exception", Item::Taken),
            (429, "es_rejected_execution_exception", Item::Later("queue_full")),
            (429, "circuit_breaking_exception", Item::Later("circuit_breaker")),
            (503, "unavailable_shards_exception", Item::Later("shards_unavailable")),
            (500, "", Item::Later("http_500")),
            (400, "document_parsing_exception", Item::Refused("mapper")),
            (400, "strict_dynamic_mapping_exception", Item::Refused("mapper_strict")),
            (400, "something_new", Item::Refused("http_400")),
            (400, "index_closed_exception", Item::Misconfigured("index_closed")),
            (401, "security_exception", Item::Misconfigured("not_allowed")),
            (403, "cluster_block_exception", Item::Misconfigured("index_blocked")),
            (404, "index_not_found_exception", Item::Misconfigured("index_not_found")),
            (405, "", Item::Misconfigured("http_405")),
        ];
        let pairs: Vec<_> = items.iter().map(|(status, kind, _)| (*status, *kind)).collect();
        assert_eq!(of(&pairs), Answer::Each(items.iter().map(|(.., item)| *item).collect()));
    }

    #[test]
    fn what_is_no_answer_of_a_cluster_has_taken_nothing() {
        let no_cluster = Answer::Misconfigured { cause: "no_cluster" };
        for body in ["", "<html>", "{}", r#"{"errors":false}"#, r#"{"errors":0,"items":[]}"#, r#"{"items":[]}"#] {
            assert_eq!(answer(body.as_bytes(), 1), no_cluster, "{body}");
        }
        // Fewer than were sent, or one that cannot be read.
        let one = r#"{"errors":false,"items":[{"create":{"status":201}}]}"#;
        assert_eq!(answer(one.as_bytes(), 2), Answer::Each(vec![Item::Taken]));
        let strange = r#"{"errors":false,"items":[{"create":{"status":201}},{"create":{}}]}"#;
        assert_eq!(answer(strange.as_bytes(), 2), Answer::Each(vec![Item::Taken]));
        // Errors are believed, whatever stands in front.
        let lie = r#"{"errors":false,"items":[{"create":{"status":429}}]}"#;
        assert_eq!(answer(lie.as_bytes(), 1), Answer::Each(vec![Item::Later("http_429")]));
    }

    #[test]
    fn the_usual_answer_is_known_as_it_stands_and_nothing_else_is_taken_for_it() {
        let item = r#"{"create":{"status":201}}"#;
        let body = |items: &[&str]| format!(r#"{{"errors":false,"items":[{}]}}"#, items.join(","));
        for records in 1..=3 {
            let usual = body(&vec![item; records]);
            assert!(is_all_taken(usual.as_bytes(), records));
            assert!(!is_all_taken(usual.as_bytes(), records - 1) && !is_all_taken(usual.as_bytes(), records + 1));
            for at in 0..usual.len() {
                let mut other = usual.clone().into_bytes();
                other[at] ^= 1;
                assert!(!is_all_taken(&other, records), "{at}");
            }
        }
        assert!(!is_all_taken(body(&[]).as_bytes(), 0));
        let refused = body(&[item, r#"{"create":{"status":429}}"#]);
        assert_eq!(answer(refused.as_bytes(), 2), Answer::Each(vec![Item::Taken, Item::Later("http_429")]));
    }

    #[test]
    fn where_every_document_is_refused_a_setting_is_at_fault() {
        let refused = (400, "strict_dynamic_mapping_exception");
        assert_eq!(of(&[refused; ALL_REFUSED]), Answer::Misconfigured { cause: "mapper_strict" });
        assert!(matches!(of(&[refused; ALL_REFUSED - 1]), Answer::Each(_)));
        let mut items = [refused; 20];
        items[7] = (201, "");
        assert!(matches!(of(&items), Answer::Each(_)));
    }

    #[test]
    fn a_body_has_two_lines_for_each_record_and_ends_with_one() {
        let line = br#"{"class_uid":1008,"metadata":{"event_code":"LOG.GAP","log_name":"gate-0/e","uid":"0-1"},"severity_id":5,"time":1767225600023}"#;
        let mut batch = Batch::default();
        batch.push(Sent { sequence: 1, line });
        batch.push(Sent { sequence: 2, line });
        let mut body = Vec::new();
        Body::new("logs-portcullis.audit-default").write(&batch, &mut body).unwrap();
        let body = String::from_utf8(body).unwrap();
        let lines: Vec<_> = body.split_terminator('\n').collect();
        assert_eq!((lines.len(), body.ends_with('\n')), (4, true));
        assert_eq!(lines[0], r#"{"create":{"_id":"0-1"}}"#);
        let document: Value = serde_json::from_str(lines[1]).unwrap();
        assert_eq!(document["@timestamp"], "2026-01-01T00:00:00.023Z");
        assert_eq!(
            document["data_stream"],
            json!({"type": "logs", "dataset": "portcullis.audit", "namespace": "default"})
        );
        assert_eq!(document["event"]["original"].as_str().unwrap().as_bytes(), line);
        batch.push(Sent { sequence: 3, line: b"{}" });
        assert_eq!(Body::new("audit").write(&batch, &mut Vec::new()), Err(2));
    }
}
