//! A strict HTTP event collector: what the documentation of Splunk's allows and nothing else, with indexers behind it that
//! a test slows down, stops or lets forget.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response};
use http_body_util::Full;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Person;
use super::https::{HungUp, Said, field, says, serve};

/// A token; made up.
pub const TOKEN: &str = "11111111-2222-3333-4444-555555555555";

/// What becomes of the next request for events.
#[derive(Clone, Debug)]
pub enum Next {
    /// This status and code, and nothing is taken.
    Refuse(u16, u64, Option<&'static str>),
    /// It is taken, and the collector says that it is nearly full.
    NearlyFull,
    /// Status, and a body that is not the collector's.
    Strange(u16, &'static str),
    /// The event of this sequence number is invalid: those before it are taken. Of as many requests as have it.
    Invalid(u64),
    /// Everything is taken, and the connection ends before the answer.
    HalfClosed,
}

/// What the collector has.
#[derive(Default)]
pub struct Collected {
    next: VecDeque<Next>,
    invalid: Option<u64>,
    /// Acknowledgements that are not asked for in vain: how often each question is answered with `false` first.
    pub ack_delay: u32,
    /// The next acknowledgements are of events that no indexer gets.
    pub lose: u32,
    asked: BTreeMap<u64, u32>,
    waiting: BTreeMap<u64, Vec<(u64, String)>>,
    lost: BTreeSet<u64>,
    last_ack: u64,
    /// Events that the indexers have: sequence number, and the event as it was written.
    pub indexed: Vec<(u64, String)>,
    /// Requests for events.
    pub requests: u64,
    /// Bytes of the largest body, unpacked.
    pub largest: usize,
    /// What no client may do.
    pub faults: Vec<String>,
    token: String,
    acks: bool,
    index: Option<String>,
}

/// A collector.
pub struct Hec {
    pub address: SocketAddr,
    pub state: Arc<Mutex<Collected>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    time: f64,
    host: String,
    source: String,
    sourcetype: String,
    index: Option<String>,
    #[serde(borrow)]
    event: &'a RawValue,
    fields: BTreeMap<String, String>,
}

impl Hec {
    /// Starts one; with `acks`, it gives a number for each request, and events are indexed when it is asked for.
    pub fn start(server: &Person, acks: bool) -> Self {
        let state = Arc::new(Mutex::new(Collected { token: TOKEN.to_owned(), acks, ..Collected::default() }));
        let address = serve(server, &state, answer);
        Self { address, state }
    }

    /// What becomes of the next requests.
    pub fn then(&self, next: impl IntoIterator<Item = Next>) {
        self.state.lock().unwrap().next.extend(next);
    }

    /// The token that is good from now on.
    pub fn token(&self, token: &str) {
        token.clone_into(&mut self.state.lock().unwrap().token);
    }

    /// Sequence numbers of what the indexers have.
    pub fn indexed(&self) -> Vec<u64> {
        self.state.lock().unwrap().indexed.iter().map(|(sequence, _)| *sequence).collect()
    }

    /// Panics if a client did what none may.
    pub fn assert_kept(&self) {
        let state = self.state.lock().unwrap();
        assert!(state.faults.is_empty(), "{:?}", state.faults);
        assert!(state.largest <= 1 << 20, "{} bytes", state.largest);
    }
}

fn code(status: u16, code: u64, text: &str) -> Response<Full<Bytes>> {
    says(status, json!({ "text": text, "code": code }).to_string(), None)
}

fn answer(state: &mut Collected, head: &Parts, body: Option<&[u8]>) -> Said {
    let (field, acks) = (|name: &str| field(head, name), state.acks);
    let Some(bytes) = body else { return Ok(code(400, 6, "Invalid data format")) };
    if head.method != Method::POST || head.uri.query().is_some() {
        state.faults.push(format!("{} {}", head.method, head.uri));
    }
    let Some(token) = field("authorization").strip_prefix("Splunk ") else {
        return Ok(code(401, 3, "Invalid authorization"));
    };
    if token != state.token {
        return Ok(code(403, 4, "Invalid token"));
    }
    if uuid::Uuid::try_parse(field("x-splunk-request-channel")).is_err() {
        return Ok(code(400, 10, "Data channel is missing"));
    }
    match head.uri.path() {
        "/services/collector/event" => state.events(bytes, acks),
        "/services/collector/ack" if !acks => Ok(code(400, 14, "ACK is disabled")),
        "/services/collector/ack" => Ok(state.acknowledge(bytes)),
        other => {
            state.faults.push(other.to_owned());
            Ok(says(404, "", None))
        }
    }
}

impl Collected {
    fn events(&mut self, body: &[u8], acks: bool) -> Said {
        self.requests += 1;
        self.largest = self.largest.max(body.len());
        let events = match self.read(body) {
            Ok(events) => events,
            Err(fault) => {
                self.faults.push(fault);
                return Ok(code(400, 6, "Invalid data format"));
            }
        };
        let invalid = |number: u64| events.iter().position(|(sequence, _)| *sequence == number);
        if let Some(at) = self.invalid.and_then(invalid) {
            self.indexed.extend_from_slice(&events[..at]);
            let said = json!({ "text": "Invalid data format", "code": 6, "invalid-event-number": at });
            return Ok(says(400, said.to_string(), None));
        }
        let mut said = 0;
        match self.next.pop_front() {
            Some(Next::Refuse(status, code, after)) => {
                return Ok(says(status, json!({ "text": "no", "code": code }).to_string(), after));
            }
            Some(Next::Strange(status, body)) => return Ok(says(status, body, None)),
            Some(Next::Invalid(number)) => {
                self.invalid = Some(number);
                self.requests -= 1;
                return self.events(body, acks);
            }
            Some(Next::HalfClosed) => {
                self.indexed.extend(events);
                return Err(HungUp);
            }
            Some(Next::NearlyFull) => said = 24,
            None => {}
        }
        if !acks {
            self.indexed.extend(events);
            return Ok(code(200, said, "Success"));
        }
        self.last_ack += 1;
        let ack = self.last_ack;
        if self.lose > 0 {
            self.lose -= 1;
            self.lost.insert(ack);
        } else {
            self.waiting.insert(ack, events);
        }
        Ok(says(200, json!({ "text": "Success", "code": said, "ackId": ack }).to_string(), None))
    }

    /// Events of a body: envelopes one behind the other.
    fn read(&self, body: &[u8]) -> Result<Vec<(u64, String)>, String> {
        let mut events = Vec::new();
        for envelope in serde_json::Deserializer::from_slice(body).into_iter::<Envelope<'_>>() {
            let envelope = envelope.map_err(|fault| fault.to_string())?;
            let event: Value = serde_json::from_str(envelope.event.get()).map_err(|fault| fault.to_string())?;
            let sequence = event["metadata"]["sequence"].as_u64().ok_or("no sequence number")?;
            let text = |path: &str| event.pointer(path).map(|value| value.to_string().replace('"', ""));
            let expected = [
                ("pc_chain", text("/metadata/log_name")),
                ("pc_class", text("/class_uid")),
                ("pc_code", text("/metadata/event_code")),
                ("pc_sequence", Some(sequence.to_string())),
                ("pc_severity", text("/severity_id")),
            ];
            let found = envelope.fields.iter().map(|(name, value)| (name.as_str(), Some(value.clone())));
            let host = text("/metadata/log_name").and_then(|chain| Some(chain.rsplit_once('/')?.0.to_owned()));
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century")]
            let time = event["time"].as_u64().unwrap_or_default() as f64 / 1000.0;
            let sound = found.eq(expected)
                && Some(envelope.host) == host
                && (envelope.time - time).abs() < 0.000_1
                && envelope.source == "portcullis"
                && envelope.sourcetype == "portcullis:ocsf"
                && envelope.index == self.index;
            if !sound {
                return Err(format!("an envelope that does not fit its event {sequence}"));
            }
            events.push((sequence, envelope.event.get().to_owned()));
        }
        if events.is_empty() { Err("no data".to_owned()) } else { Ok(events) }
    }

    fn acknowledge(&mut self, body: &[u8]) -> Response<Full<Bytes>> {
        let question: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(acks) = question["acks"].as_array() else { return code(400, 6, "Invalid data format") };
        let mut said = serde_json::Map::new();
        for ack in acks.iter().filter_map(Value::as_u64) {
            let asked = self.asked.entry(ack).or_default();
            *asked += 1;
            let ready = *asked > self.ack_delay && !self.lost.contains(&ack);
            if ready && let Some(events) = self.waiting.remove(&ack) {
                self.indexed.extend(events);
                said.insert(ack.to_string(), true.into());
            } else {
                // Not yet, never heard of, or said before: an acknowledgement is given once.
                said.insert(ack.to_string(), false.into());
            }
        }
        says(200, json!({ "acks": said }).to_string(), None)
    }
}

/// Expected by whoever configures an index.
impl Hec {
    /// Takes events of this index alone.
    pub fn index(&self, index: &str) {
        self.state.lock().unwrap().index = Some(index.to_owned());
    }
}
