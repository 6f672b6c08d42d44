//! OpenTelemetry log records (data model of logs, semantic conventions 1.44): the record itself as body, a string, so that
//! a copy can be verified; beside it what collectors route and search by, as attributes.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs, SeverityNumber};
use opentelemetry_proto::tonic::resource::v1::Resource;

use super::super::members::{Members, first, inner, items, member, number, text};
use super::parts::Parts;

/// The scope that records are of.
pub const SCOPE: &str = "portcullis.audit";
const NANOS: u64 = 1_000_000;

/// A log record, and the gate's name among its replicas.
#[derive(Clone, Debug, PartialEq)]
pub struct Projected {
    /// `service.instance.id` of the resource.
    pub instance: String,
    /// The record.
    pub record: LogRecord,
}

/// The log record of a record's line; `None` if it is no record.
pub fn log_record(line: &[u8]) -> Option<Projected> {
    let parts = Parts::of(line);
    let (mut code, mut chain, mut logged) = (None, None, None);
    let mut attributes = Attributes(Vec::with_capacity(32));
    for (key, value) in Members::of(parts.metadata?) {
        match key {
            b"correlation_uid" => attributes.text("portcullis.request.id", Some(value)),
            b"event_code" => code = text(value),
            b"log_name" => chain = text(value),
            b"logged_time" => logged = number(value),
            b"sequence" => attributes.number("portcullis.sequence", Some(value)),
            b"uid" => attributes.text("log.record.uid", Some(value)),
            _ => {}
        }
    }
    let (code, chain, time) = (code?, chain?, number(parts.time?)?);
    attributes.number("ocsf.class_uid", Some(parts.class?));
    attributes.number("ocsf.type_uid", parts.kind);
    attributes.text("portcullis.chain", parts.metadata.and_then(|metadata| member(metadata, "log_name")));
    attributes.text("portcullis.event.code", parts.metadata.and_then(|metadata| member(metadata, "event_code")));
    let details = inner(parts.unmapped, &["portcullis"]);
    attributes.http(&parts);
    attributes.who(&parts);
    attributes.rule(&parts, details);
    let (severity, word) = severity(parts.severity.and_then(number));
    let instance = chain.rsplit_once('/').map_or(&*chain, |(instance, _)| instance).to_owned();
    let trace = inner(details, &["trace_id"]).and_then(text);
    let record = LogRecord {
        time_unix_nano: time.saturating_mul(NANOS),
        observed_time_unix_nano: logged.unwrap_or(time).saturating_mul(NANOS),
        severity_number: severity.into(),
        severity_text: word.to_owned(),
        body: Some(string(str::from_utf8(line).ok()?.to_owned())),
        attributes: attributes.0,
        trace_id: trace.and_then(|digits| unhex(&digits)).unwrap_or_default(),
        event_name: format!("portcullis.{}", code.to_ascii_lowercase()),
        ..LogRecord::default()
    };
    Some(Projected { instance, record })
}

/// The request's part of a gate: its resource, the scope, and records of it.
pub fn resource_logs(instance: &str, records: Vec<LogRecord>) -> ResourceLogs {
    let mut attributes = Attributes(Vec::with_capacity(3));
    attributes.word("service.instance.id", instance);
    attributes.word("service.name", "portcullis");
    attributes.word("service.version", env!("CARGO_PKG_VERSION"));
    let scope = InstrumentationScope {
        name: SCOPE.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    };
    ResourceLogs {
        resource: Some(Resource { attributes: attributes.0, ..Resource::default() }),
        scope_logs: vec![ScopeLogs { scope: Some(scope), log_records: records, ..ScopeLogs::default() }],
        ..ResourceLogs::default()
    }
}

struct Attributes(Vec<KeyValue>);

impl Attributes {
    fn put(&mut self, key: &str, value: AnyValue) {
        self.0.push(KeyValue { key: key.to_owned(), value: Some(value), ..KeyValue::default() });
    }

    fn word(&mut self, key: &str, word: &str) {
        self.put(key, string(word.to_owned()));
    }

    /// A text of the record.
    fn text(&mut self, key: &str, value: Option<&[u8]>) {
        if let Some(value) = value.and_then(text) {
            self.put(key, string(value.into_owned()));
        }
    }

    /// A number of the record.
    fn number(&mut self, key: &str, value: Option<&[u8]>) {
        if let Some(value) = value.and_then(number).and_then(|value| i64::try_from(value).ok()) {
            self.put(key, AnyValue { value: Some(Value::IntValue(value)) });
        }
    }

    /// The request, its answer, and the connection.
    fn http(&mut self, parts: &Parts<'_>) {
        let url = inner(parts.request, &["url"]);
        let method = inner(parts.request, &["http_method"]);
        match (method, parts.activity_name) {
            (Some(_), _) => self.text("http.request.method", method),
            (None, Some(b"\"Patch\"")) if url.is_some() => self.word("http.request.method", "PATCH"),
            (None, Some(_)) if url.is_some() => self.word("http.request.method", "_OTHER"),
            _ => {}
        }
        self.text("http.route", inner(url, &["path"]));
        self.number("http.response.status_code", inner(parts.response, &["code"]));
        self.number("http.request.body.size", inner(parts.traffic, &["bytes_in"]));
        self.number("http.response.body.size", inner(parts.traffic, &["bytes_out"]));
        self.text("network.protocol.version", inner(parts.request, &["version"]));
        self.text("server.address", inner(parts.tls, &["sni"]));
        self.text("tls.cipher", inner(parts.tls, &["cipher"]));
        if let Some(version) = inner(parts.tls, &["version"]).and_then(text) {
            self.word("tls.protocol.version", version.trim_start_matches("TLSv"));
            self.word("tls.protocol.name", "tls");
        }
        if parts.class == Some(b"4002") {
            self.word("url.scheme", if parts.tls.is_some() { "https" } else { "http" });
        }
    }

    /// Who did it, and from where.
    fn who(&mut self, parts: &Parts<'_>) {
        let evidence = parts.evidences.and_then(first);
        let source = parts.source.or_else(|| inner(evidence, &["src_endpoint"]));
        self.text("client.address", inner(source, &["ip"]).or_else(|| inner(source, &["uid"])));
        self.number("client.port", inner(source, &["port"]));
        let actor = parts.actor.or_else(|| inner(evidence, &["actor"]));
        let acts = inner(actor, &["user", "uid"]);
        let of = parts.user.and_then(|user| member(user, "uid"));
        let (acts, target) = if parts.class == Some(b"3002") { (of, None) } else { (acts, of) };
        // A pseudonym stands for somebody whom only the key tells.
        let is_pseudonym = acts.is_some_and(|uid| uid.starts_with(b"\"pii_"));
        self.text(if is_pseudonym { "user.hash" } else { "user.id" }, acts);
        self.text("portcullis.target.id", target);
    }

    /// What it was decided by, and how it ended.
    fn rule(&mut self, parts: &Parts<'_>, details: Option<&[u8]>) {
        let analytic = inner(parts.finding, &["analytic"]);
        self.text("security_rule.category", inner(parts.rule, &["category"]).or_else(|| inner(analytic, &["type"])));
        self.text("security_rule.name", inner(parts.rule, &["name"]).or_else(|| inner(details, &["rule"])));
        self.text("security_rule.uuid", inner(analytic, &["uid"]));
        self.text("security_rule.version", inner(parts.policy, &["uid"]));
        // The status of a finding is how far it has come.
        match parts.status.filter(|_| parts.finding.is_none()) {
            Some(b"2") => {
                self.word("event.outcome", "failure");
                self.text("error.type", parts.code);
            }
            Some(b"1") => self.word("event.outcome", "success"),
            _ => {}
        }
        self.text("portcullis.finding.id", inner(parts.finding, &["uid"]));
        self.text("portcullis.reason", parts.code);
        self.text("portcullis.sink", inner(details, &["sink"]));
        let kinds = parts.metadata.and_then(|metadata| member(metadata, "data_classifications"));
        let kinds = kinds.and_then(first).and_then(|item| member(item, "discovery_details"));
        let kinds: Vec<_> = kinds
            .into_iter()
            .flat_map(items)
            .filter_map(|kind| member(kind, "type").and_then(text))
            .map(|kind| string(kind.into_owned()))
            .collect();
        if !kinds.is_empty() {
            let values = opentelemetry_proto::tonic::common::v1::ArrayValue { values: kinds };
            self.put("portcullis.pii", AnyValue { value: Some(Value::ArrayValue(values)) });
        }
    }
}

fn string(text: String) -> AnyValue {
    AnyValue { value: Some(Value::StringValue(text)) }
}

/// From OCSF's six to the four that the data model names for them, and OCSF's own word.
const fn severity(id: Option<u64>) -> (SeverityNumber, &'static str) {
    match id {
        Some(1) => (SeverityNumber::Info, "Informational"),
        Some(2) => (SeverityNumber::Info, "Low"),
        Some(3) => (SeverityNumber::Warn, "Medium"),
        Some(4) => (SeverityNumber::Error, "High"),
        Some(5) => (SeverityNumber::Fatal, "Critical"),
        Some(6) => (SeverityNumber::Fatal, "Fatal"),
        _ => (SeverityNumber::Unspecified, "Unknown"),
    }
}

/// The sixteen bytes of a trace's id.
fn unhex(digits: &str) -> Option<Vec<u8>> {
    if digits.len() != 32 || !digits.is_ascii() {
        return None;
    }
    (0..16).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()).collect()
}
