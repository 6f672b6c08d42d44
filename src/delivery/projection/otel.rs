//! OpenTelemetry log records (data model of logs, semantic conventions 1.44): the record itself as body, a string, so that
//! a copy can be verified; beside it what collectors route and search by, as attributes.

use super::super::members::{chain, first, inner, items, member, members, number, special, text};
use super::parts::{Details, Parts, of};
use super::protobuf::{bytes, count, fixed64, key_of, message, number as numbered, pair, size_of};

/// The scope that records are of.
pub const SCOPE: &str = "portcullis.audit";
const NANOS: u64 = 1_000_000;

/// Bytes that a log record has beside its body, about.
const BESIDE: usize = 1_000;
/// `LogRecord.attributes`
const OF_RECORD: u8 = 6;
/// `Resource.attributes`
const OF_RESOURCE: u8 = 1;

/// The gate's name among its replicas (`service.instance.id`), without characters that need escapes; `None` if `line` is
/// no record.
pub fn instance(line: &[u8]) -> Option<&str> {
    let chain = str::from_utf8(chain(line)?).ok()?;
    Some(chain.rsplit_once('/').map_or(chain, |(instance, _)| instance))
}

/// Appends the log record of a record's line (`opentelemetry.proto.logs.v1.LogRecord`); `None` if it is no record, and
/// then there may be a part of one.
pub fn log_record(line: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let parts: Parts<'_> = of(line);
    let metadata = parts.metadata?;
    let details = parts.unmapped.and_then(|unmapped| unmapped.portcullis).unwrap_or_default();
    let code = text(metadata.code?)?;
    let (_, _, body) = (text(metadata.chain?)?, parts.class?, str::from_utf8(line).ok()?);
    let time = number(parts.time?)?;
    let (severity, word) = severity(parts.severity.and_then(number));
    fixed64(1, time.saturating_mul(NANOS), out);
    numbered(2, severity, out);
    bytes(3, &[word.as_bytes()], out);
    message(5, size_of(body.len()), out, |out| bytes(1, &[body.as_bytes()], out));
    let mut attributes = Attributes(out);
    attributes.text("portcullis.request.id", metadata.correlation);
    attributes.number("portcullis.sequence", metadata.sequence);
    attributes.text("log.record.uid", metadata.uid);
    attributes.number("ocsf.class_uid", parts.class);
    attributes.number("ocsf.type_uid", parts.kind);
    attributes.text("portcullis.chain", metadata.chain);
    attributes.text("portcullis.event.code", metadata.code);
    attributes.http(&parts);
    attributes.who(&parts);
    attributes.rule(&parts, &details);
    attributes.classified(metadata.classifications);
    if let Some(trace) = details.trace_id.and_then(text).and_then(|digits| unhex(&digits)) {
        bytes(9, &[&trace], out);
    }
    fixed64(11, metadata.logged.and_then(number).unwrap_or(time).saturating_mul(NANOS), out);
    bytes(12, &[b"portcullis.", code.to_ascii_lowercase().as_bytes()], out);
    Some(())
}

/// Appends the part of a gate (`ResourceLogs`) to a request: its resource, the scope, and what `records` writes, about
/// `guess` bytes of log records.
pub fn resource_logs<T>(instance: &str, guess: usize, out: &mut Vec<u8>, records: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    const VERSION: &[u8] = env!("CARGO_PKG_VERSION").as_bytes();
    message(1, guess, out, |out| {
        message(1, BESIDE, out, |out| {
            pair(OF_RESOURCE, "service.instance.id", instance.as_bytes(), out);
            pair(OF_RESOURCE, "service.name", b"portcullis", out);
            pair(OF_RESOURCE, "service.version", VERSION, out);
        });
        message(2, guess, out, |out| {
            message(1, 0, out, |out| {
                bytes(1, &[SCOPE.as_bytes()], out);
                bytes(2, &[VERSION], out);
            });
            records(out)
        })
    })
}

/// Appends one of `ScopeLogs`'s log records.
pub fn scoped(line: &[u8], out: &mut Vec<u8>) -> Option<()> {
    message(2, line.len() + BESIDE, out, |out| log_record(line, out))
}

struct Attributes<'o>(&'o mut Vec<u8>);

impl Attributes<'_> {
    fn word(&mut self, key: &str, word: &str) {
        pair(OF_RECORD, key, word.as_bytes(), self.0);
    }

    /// A text of the record.
    fn text(&mut self, key: &str, value: Option<&[u8]>) {
        let Some(value) = value else { return };
        let plain = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
        match plain.filter(|plain| plain.is_ascii() && special(plain).is_none()) {
            Some(plain) => pair(OF_RECORD, key, plain, self.0),
            None => {
                if let Some(value) = text(value) {
                    pair(OF_RECORD, key, value.as_bytes(), self.0);
                }
            }
        }
    }

    /// A number of the record.
    fn number(&mut self, key: &str, value: Option<&[u8]>) {
        if let Some(value) = value.and_then(number).filter(|value| i64::try_from(*value).is_ok()) {
            count(OF_RECORD, key, value, self.0);
        }
    }

    /// The request, its answer, and the connection.
    fn http(&mut self, parts: &Parts<'_>) {
        let request = parts.request.unwrap_or_default();
        let (url, method) = (request.url, request.method);
        let tls = parts.tls.unwrap_or_default();
        let [bytes_in, bytes_out] = members(parts.traffic, ["bytes_in", "bytes_out"]);
        match (method, parts.activity_name) {
            (Some(_), _) => self.text("http.request.method", method),
            (None, Some(b"\"Patch\"")) if url.is_some() => self.word("http.request.method", "PATCH"),
            (None, Some(_)) if url.is_some() => self.word("http.request.method", "_OTHER"),
            _ => {}
        }
        self.text("http.route", inner(url, &["path"]));
        self.number("http.response.status_code", inner(parts.response, &["code"]));
        self.number("http.request.body.size", bytes_in);
        self.number("http.response.body.size", bytes_out);
        self.text("network.protocol.version", request.version);
        self.text("server.address", tls.sni);
        self.text("tls.cipher", tls.cipher);
        if let Some(version) = tls.version.and_then(text) {
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
        let seen = || inner(evidence, &["src_endpoint"]).map(of);
        let source = parts.source.or_else(seen).unwrap_or_default();
        self.text("client.address", source.ip.or(source.uid));
        self.number("client.port", source.port);
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
    fn rule(&mut self, parts: &Parts<'_>, details: &Details<'_>) {
        let analytic = inner(parts.finding, &["analytic"]);
        let [category, name] = members(parts.rule, ["category", "name"]);
        self.text("security_rule.category", category.or_else(|| inner(analytic, &["type"])));
        self.text("security_rule.name", name.or(details.rule));
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
        self.text("portcullis.sink", details.sink);
    }

    /// The kinds of personal data that the route has.
    fn classified(&mut self, classifications: Option<&[u8]>) {
        let kinds = || {
            let found = classifications.and_then(first).and_then(|item| member(item, "discovery_details"));
            found.into_iter().flat_map(items).filter_map(|kind| member(kind, "type").and_then(text))
        };
        let array: usize = kinds().map(|kind| size_of(size_of(kind.len()))).sum();
        if array > 0 {
            key_of(OF_RECORD, "portcullis.pii", size_of(array), self.0);
            message(5, array, self.0, |out| {
                kinds().for_each(|kind| message(1, size_of(kind.len()), out, |out| bytes(1, &[kind.as_bytes()], out)));
            });
        }
    }
}

/// From OCSF's six to the four that the data model names for them, and OCSF's own word.
const fn severity(id: Option<u64>) -> (u64, &'static str) {
    match id {
        Some(1) => (9, "Informational"), // INFO
        Some(2) => (9, "Low"),
        Some(3) => (13, "Medium"),   // WARN
        Some(4) => (17, "High"),     // ERROR
        Some(5) => (21, "Critical"), // FATAL
        Some(6) => (21, "Fatal"),
        _ => (0, "Unknown"),
    }
}

/// The sixteen bytes of a trace's id.
fn unhex(digits: &str) -> Option<Vec<u8>> {
    if digits.len() != 32 || !digits.is_ascii() {
        return None;
    }
    (0..16).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()).collect()
}
