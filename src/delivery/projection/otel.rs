//! OpenTelemetry log records (data model of logs, semantic conventions 1.44): the record itself as body, a string, so that
//! a copy can be verified; beside it what collectors route and search by, as attributes.

use super::super::index::{Path, View};
use super::super::members::{chain, items, member, number, special, text};
use super::parts::{Actor, Source};
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
pub fn log_record(view: &View<'_>, out: &mut Vec<u8>) -> Option<()> {
    let code = text(view.at(Path::MetadataCode)?)?;
    let (_, _, body) = (text(view.at(Path::MetadataChain)?)?, view.at(Path::Class)?, str::from_utf8(view.line).ok()?);
    let time = number(view.at(Path::Time)?)?;
    let (severity, word) = severity(view.at(Path::Severity).and_then(number));
    fixed64(1, time.saturating_mul(NANOS), out);
    numbered(2, severity, out);
    bytes(3, &[word.as_bytes()], out);
    message(5, size_of(body.len()), out, |out| bytes(1, &[body.as_bytes()], out));
    let mut attributes = Attributes { view, out };
    attributes.text("portcullis.request.id", view.at(Path::MetadataCorrelation));
    attributes.number("portcullis.sequence", Path::MetadataSequence);
    attributes.text("log.record.uid", view.at(Path::MetadataUid));
    attributes.number("ocsf.class_uid", Path::Class);
    attributes.number("ocsf.type_uid", Path::Type);
    attributes.text("portcullis.chain", view.at(Path::MetadataChain));
    attributes.text("portcullis.event.code", view.at(Path::MetadataCode));
    attributes.http();
    attributes.who();
    attributes.rule();
    attributes.classified(view.at(Path::MetadataKinds));
    if let Some(trace) = view.at(Path::OursTrace).and_then(text).and_then(|digits| unhex(&digits)) {
        bytes(9, &[&trace], out);
    }
    fixed64(11, view.at(Path::MetadataLogged).and_then(number).unwrap_or(time).saturating_mul(NANOS), out);
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
pub fn scoped(view: &View<'_>, out: &mut Vec<u8>) -> Option<()> {
    message(2, view.line.len() + BESIDE, out, |out| log_record(view, out))
}

struct Attributes<'l, 'o> {
    view: &'o View<'l>,
    out: &'o mut Vec<u8>,
}

impl<'l> Attributes<'l, '_> {
    fn at(&self, path: Path) -> Option<&'l [u8]> {
        self.view.at(path)
    }

    fn word(&mut self, key: &str, word: &str) {
        pair(OF_RECORD, key, word.as_bytes(), self.out);
    }

    /// A text of the record.
    fn text(&mut self, key: &str, value: Option<&[u8]>) {
        let Some(value) = value else { return };
        let plain = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
        match plain.filter(|plain| plain.is_ascii() && special(plain).is_none()) {
            Some(plain) => pair(OF_RECORD, key, plain, self.out),
            None => {
                if let Some(value) = text(value) {
                    pair(OF_RECORD, key, value.as_bytes(), self.out);
                }
            }
        }
    }

    /// A number of the record.
    fn number(&mut self, key: &str, path: Path) {
        if let Some(value) = self.at(path).and_then(number).filter(|value| i64::try_from(*value).is_ok()) {
            count(OF_RECORD, key, value, self.out);
        }
    }

    /// The request, its answer, and the connection.
    fn http(&mut self) {
        let has_url = self.at(Path::RequestUrl).is_some();
        match (self.at(Path::RequestMethod), self.at(Path::ActivityName)) {
            (Some(method), _) => self.text("http.request.method", Some(method)),
            (None, Some(b"\"Patch\"")) if has_url => self.word("http.request.method", "PATCH"),
            (None, Some(_)) if has_url => self.word("http.request.method", "_OTHER"),
            _ => {}
        }
        self.text("http.route", self.at(Path::RequestPath));
        self.number("http.response.status_code", Path::ResponseCode);
        self.number("http.request.body.size", Path::TrafficIn);
        self.number("http.response.body.size", Path::TrafficOut);
        self.text("network.protocol.version", self.at(Path::RequestVersion));
        self.text("server.address", self.at(Path::TlsSni));
        self.text("tls.cipher", self.at(Path::TlsCipher));
        if let Some(version) = self.at(Path::TlsVersion).and_then(text) {
            self.word("tls.protocol.version", version.trim_start_matches("TLSv"));
            self.word("tls.protocol.name", "tls");
        }
        if self.at(Path::Class) == Some(b"4002") {
            self.word("url.scheme", if self.at(Path::Tls).is_some() { "https" } else { "http" });
        }
    }

    /// Who did it, and from where.
    fn who(&mut self) {
        let source = Source::of(self.view);
        self.text("client.address", source.ip.or(source.uid));
        if let Some(port) = source.port.and_then(number) {
            count(OF_RECORD, "client.port", port, self.out);
        }
        let of = self.at(Path::UserUid);
        let is_login = self.at(Path::Class) == Some(b"3002");
        let (acts, target) = if is_login { (of, None) } else { (Actor::of(self.view).uid, of) };
        // A pseudonym stands for somebody whom only the key tells.
        let is_pseudonym = acts.is_some_and(|uid| uid.starts_with(b"\"pii_"));
        self.text(if is_pseudonym { "user.hash" } else { "user.id" }, acts);
        self.text("portcullis.target.id", target);
    }

    /// What it was decided by, and how it ended.
    fn rule(&mut self) {
        self.text("security_rule.category", self.view.either(&[Path::RuleCategory, Path::FindingType]));
        self.text("security_rule.name", self.view.either(&[Path::RuleName, Path::OursRule]));
        self.text("security_rule.uuid", self.at(Path::FindingAnalytic));
        self.text("security_rule.version", self.at(Path::Policy));
        // The status of a finding is how far it has come.
        match self.at(Path::Status).filter(|_| self.at(Path::Finding).is_none()) {
            Some(b"2") => {
                self.word("event.outcome", "failure");
                self.text("error.type", self.at(Path::StatusCode));
            }
            Some(b"1") => self.word("event.outcome", "success"),
            _ => {}
        }
        self.text("portcullis.finding.id", self.at(Path::FindingUid));
        self.text("portcullis.reason", self.at(Path::StatusCode));
        self.text("portcullis.sink", self.at(Path::OursSink));
    }

    /// The kinds of personal data that the route has.
    fn classified(&mut self, found: Option<&[u8]>) {
        let kinds = || found.into_iter().flat_map(items).filter_map(|kind| member(kind, "type").and_then(text));
        let array: usize = kinds().map(|kind| size_of(size_of(kind.len()))).sum();
        if array > 0 {
            key_of(OF_RECORD, "portcullis.pii", size_of(array), self.out);
            message(5, array, self.out, |out| {
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
