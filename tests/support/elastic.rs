//! A strict cluster that takes `_bulk` into one data stream: what Elasticsearch and OpenSearch both allow and nothing else,
//! with the mappings that are shipped. It sends no field that names its product, as OpenSearch does not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response};
use http_body_util::Full;
use serde_json::{Value, json};

use super::Person;
use super::https::{HungUp, Said, field, says, serve};

/// An API key; made up.
pub const API_KEY: &str = "bWFkZS11cDpub3QtYS1rZXk=";
/// The data stream where the policy names none.
pub const STREAM: &str = "logs-portcullis.audit-default";

/// What becomes of the next request.
#[derive(Clone, Debug)]
pub enum Next {
    /// This status and body, with `Retry-After`, and nothing is taken.
    Say(u16, &'static str, Option<&'static str>),
    /// Everything is taken, and the connection ends before the answer.
    HalfClosed,
    /// Of as many documents, each this many-th has this status and kind of error, from the first on.
    Items(usize, u16, &'static str),
}

/// Fields that a template maps, by their dotted names, and their types.
pub type Mapped = BTreeMap<String, String>;

/// What the cluster has.
#[derive(Default)]
pub struct Clustered {
    next: VecDeque<Next>,
    /// Sequence numbers that the mapper refuses, whenever they come.
    pub poison: BTreeSet<u64>,
    /// Longest body that is taken.
    pub most_bytes: Option<usize>,
    ids: BTreeSet<String>,
    /// Documents in the order in which they were created.
    pub documents: Vec<Value>,
    /// How often a document was there already.
    pub conflicts: u64,
    /// Requests that were read.
    pub requests: u64,
    /// What no client may do.
    pub faults: Vec<String>,
    authorization: String,
    path: String,
    mapped: Mapped,
}

/// A cluster.
pub struct Cluster {
    pub address: SocketAddr,
    pub state: Arc<Mutex<Clustered>>,
}

impl Cluster {
    /// Starts one, with the shipped mappings.
    pub fn start(server: &Person) -> Self {
        let state = Clustered {
            authorization: format!("ApiKey {API_KEY}"),
            path: format!("/{STREAM}/_bulk"),
            mapped: shipped_mappings(),
            ..Clustered::default()
        };
        let state = Arc::new(Mutex::new(state));
        let address = serve(server, &state, answer);
        Self { address, state }
    }

    /// What becomes of the next requests.
    pub fn then(&self, next: impl IntoIterator<Item = Next>) {
        self.state.lock().unwrap().next.extend(next);
    }

    /// `Authorization` that is good from now on.
    pub fn authorization(&self, value: &str) {
        value.clone_into(&mut self.state.lock().unwrap().authorization);
    }

    /// Path of the only data stream.
    pub fn path(&self, path: &str) {
        path.clone_into(&mut self.state.lock().unwrap().path);
    }

    /// Sequence numbers of the documents, in the order in which they were created.
    pub fn sequences(&self) -> Vec<u64> {
        let state = self.state.lock().unwrap();
        state.documents.iter().map(|document| document["event"]["sequence"].as_u64().unwrap()).collect()
    }

    /// The records, as an export of `event.original` has them.
    pub fn originals(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.documents.iter().map(|document| document["event"]["original"].as_str().unwrap().to_owned()).collect()
    }

    /// Panics if a client did what none may.
    pub fn assert_kept(&self) {
        let state = self.state.lock().unwrap();
        assert!(state.faults.is_empty(), "{:?}", state.faults);
    }
}

fn error(status: u16, kind: &str) -> Response<Full<Bytes>> {
    says(status, json!({ "error": { "type": kind, "reason": "no" }, "status": status }).to_string(), None)
}

fn answer(state: &mut Clustered, head: &Parts, body: Option<&[u8]>) -> Said {
    let (field, bytes) = (|name: &str| field(head, name), body.expect("gzip"));
    if field("authorization") != state.authorization {
        return Ok(error(401, "security_exception"));
    }
    if head.uri.path() != state.path {
        return Ok(error(404, "index_not_found_exception"));
    }
    if head.method != Method::POST || field("content-type") != "application/x-ndjson" {
        state.faults.push(format!("{} {}", head.method, field("content-type")));
        return Ok(error(406, "media_type_header_exception"));
    }
    if head.uri.query() != Some("filter_path=errors,items.*.status,items.*.error.type") {
        state.faults.push(format!("{:?}", head.uri.query()));
    }
    if state.most_bytes.is_some_and(|most| bytes.len() > most) {
        return Ok(says(413, "", None));
    }
    state.bulk(bytes)
}

impl Clustered {
    fn bulk(&mut self, body: &[u8]) -> Said {
        self.requests += 1;
        let pairs = match pairs(body) {
            Ok(pairs) => pairs,
            Err(fault) => {
                self.faults.push(fault);
                return Ok(error(400, "illegal_argument_exception"));
            }
        };
        let next = self.next.pop_front();
        if let Some(Next::Say(status, body, after)) = next {
            return Ok(says(status, body, after));
        }
        let mut items = Vec::new();
        for (at, (id, document)) in pairs.into_iter().enumerate() {
            let (status, kind) = match next {
                Some(Next::Items(each, status, kind)) if at % each == 0 => (status, kind),
                _ => self.create(id, document),
            };
            items.push(match kind {
                "" => json!({ "create": { "status": status } }),
                kind => json!({ "create": { "status": status, "error": { "type": kind } } }),
            });
        }
        if matches!(next, Some(Next::HalfClosed)) {
            return Err(HungUp);
        }
        let errors = items.iter().any(|item| item["create"].get("error").is_some());
        Ok(says(200, json!({ "errors": errors, "items": items }).to_string(), None))
    }

    fn create(&mut self, id: String, document: Value) -> (u16, &'static str) {
        let sequence = document["event"]["sequence"].as_u64().unwrap_or_default();
        if self.poison.contains(&sequence) {
            return (400, "document_parsing_exception");
        }
        let faults = unmapped(&self.mapped, &document);
        if !faults.is_empty() {
            self.faults.extend(faults);
            return (400, "document_parsing_exception");
        }
        if document["event"]["id"] != id.as_str() {
            self.faults.push(format!("{id} is not the id of its event"));
        }
        if !self.ids.insert(id) {
            self.conflicts += 1;
            return (409, "version_conflict_engine_exception");
        }
        self.documents.push(document);
        (201, "")
    }
}

/// Lines of a body: what to do, and what with.
fn pairs(body: &[u8]) -> Result<Vec<(String, Value)>, String> {
    let text = str::from_utf8(body).map_err(|fault| fault.to_string())?;
    let Some(text) = text.strip_suffix('\n') else { return Err("the last line has no end".to_owned()) };
    let lines: Vec<_> = text.split('\n').collect();
    if lines.len() % 2 != 0 {
        return Err("a line without its pair".to_owned());
    }
    lines
        .chunks(2)
        .map(|pair| {
            let action: Value = serde_json::from_str(pair[0]).map_err(|fault| fault.to_string())?;
            let document: Value = serde_json::from_str(pair[1]).map_err(|fault| fault.to_string())?;
            let id = action["create"]["_id"].as_str().unwrap_or_default().to_owned();
            // Data streams take nothing but this.
            if action != json!({ "create": { "_id": id } }) || id.is_empty() || id.len() > 512 {
                return Err(format!("the action {action}"));
            }
            if document["@timestamp"].is_string() { Ok((id, document)) } else { Err("no @timestamp".to_owned()) }
        })
        .collect()
}

/// The fields of the shipped component template.
pub fn shipped_mappings() -> Mapped {
    fn walk(value: &Value, name: &str, mapped: &mut Mapped) {
        for (key, field) in value["properties"].as_object().expect("properties") {
            let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            match field["type"].as_str() {
                Some(kind) => _ = mapped.insert(name, kind.to_owned()),
                None => walk(field, &name, mapped),
            }
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/siem/elastic/component-mappings.json");
    let template: Value = serde_json::from_slice(&std::fs::read(path).expect("the template")).expect("JSON");
    let mut mapped = Mapped::new();
    walk(&template["template"]["mappings"], "", &mut mapped);
    mapped
}

/// Fields of a document that are not mapped, or have another type, each with what is wrong.
pub fn unmapped(mapped: &Mapped, document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, value) in leaves(document) {
        let fits = match mapped.get(&name).map(String::as_str) {
            Some("keyword" | "text") => value.is_string(),
            Some("long") => value.as_i64().is_some(),
            Some("boolean") => value.is_boolean(),
            Some("ip") => value.as_str().is_some_and(|text| text.parse::<IpAddr>().is_ok()),
            Some("date") => is_date(&value),
            _ => false,
        };
        if !fits {
            faults.push(format!("{name} is {value}, mapped as {:?}", mapped.get(&name)));
        }
    }
    faults
}

/// `strict_date_optional_time||epoch_millis`, as dates are read where a mapping does not say how.
fn is_date(value: &Value) -> bool {
    value.is_u64() || value.as_str().is_some_and(|text| text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok())
}

/// Values of a document by their dotted names; items of arrays have the array's.
pub fn leaves(document: &Value) -> Vec<(String, Value)> {
    fn walk(value: &Value, name: &str, leaves: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(key, value)| {
                walk(value, &if name.is_empty() { key.clone() } else { format!("{name}.{key}") }, leaves);
            }),
            Value::Array(items) => items.iter().for_each(|item| walk(item, name, leaves)),
            value => leaves.push((name.to_owned(), value.clone())),
        }
    }
    let mut all = Vec::new();
    walk(document, "", &mut all);
    all
}
