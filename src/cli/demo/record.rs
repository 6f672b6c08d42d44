//! Records as the gate wrote them, followed as they come and shown in few words.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

use serde_json::Value;

/// The file of records, read as far as it was written.
pub(super) struct Follower {
    file: BufReader<File>,
    /// A line whose end has not been written yet.
    begun: String,
}

impl Follower {
    /// Begins at the first record.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: BufReader::new(File::open(path)?), begun: String::new() })
    }

    /// The next record, if one is there.
    pub fn next(&mut self) -> io::Result<Option<Record>> {
        self.file.read_line(&mut self.begun)?;
        if !self.begun.ends_with('\n') {
            return Ok(None);
        }
        let record = serde_json::from_str(&self.begun)?;
        self.begun.clear();
        Ok(Some(Record(record)))
    }
}

/// One record: OCSF, as a SIEM reads it.
pub(super) struct Record(Value);

impl Record {
    /// Text at a place: `/http_request/url/path`.
    pub fn text(&self, place: &str) -> Option<&str> {
        self.0.pointer(place).and_then(Value::as_str)
    }

    /// A number at a place, 0 if there is none.
    pub fn number(&self, place: &str) -> u64 {
        self.0.pointer(place).and_then(Value::as_u64).unwrap_or(0)
    }

    /// Whether it is the end of a request, and not its begin, nor of a connection or of the gate.
    pub fn is_request(&self) -> bool {
        self.number("/class_uid") == 4002 && !self.is_aside() && self.text("/activity_name") != Some("Connection")
    }

    /// Whether it tells of a request's begin, whose end follows, or of the trail itself.
    pub fn is_aside(&self) -> bool {
        self.text("/unmapped/portcullis/stage") == Some("decided") || self.number("/class_uid") == 1008
    }

    /// What was decided: `allowed`, or the code of the refusal.
    pub fn decision(&self) -> &str {
        self.text("/status_code").unwrap_or("none")
    }

    /// Query parameters that are not shown.
    pub fn hidden(&self) -> u64 {
        self.number("/unmapped/portcullis/hidden_parameters")
    }

    /// Query parameters that are shown: `name=value`.
    pub fn shown(&self) -> Vec<String> {
        let list = self.0.pointer("/unmapped/portcullis/query").and_then(Value::as_array);
        let pair = |entry: &Value| Some(format!("{}={}", entry.get("name")?.as_str()?, entry.get("value")?.as_str()?));
        list.into_iter().flatten().filter_map(pair).collect()
    }

    /// A few lines: who, what, by which rule, how much.
    pub fn block(&self) -> String {
        let who = match self.text("/actor/user/type") {
            Some(kind) => format!("{} ({kind})", self.who()),
            None => self.who().to_owned(),
        };
        let rule = self.text("/firewall_rule/name").unwrap_or("none");
        let role = self.text("/authorizations/0/policy/name");
        let role = role.map(|role| format!(" for the role {role}")).unwrap_or_default();
        let shown = self.shown().join(", ");
        let shown = if shown.is_empty() { "none shown".to_owned() } else { shown };
        [
            ("who", who),
            ("route", self.route()),
            ("rule", format!("{rule}: {}{role}", self.decision())),
            (
                "bytes",
                format!("{} in, {} out; query: {shown}, {} hidden", self.bytes("in"), self.bytes("out"), self.hidden()),
            ),
        ]
        .map(|(name, value)| format!("   | {name:<5}  {value}"))
        .join("\n")
    }

    /// One line.
    pub fn line(&self) -> String {
        let millis = i64::try_from(self.number("/time")).unwrap_or(0);
        let time = jiff::Timestamp::from_millisecond(millis).unwrap_or_default().strftime("%H:%M:%S");
        if !self.is_request() {
            let code = self.text("/metadata/event_code").unwrap_or("record");
            return format!("{time}     {} ({code})", self.decision());
        }
        let (status, decision) = (self.number("/http_response/code"), self.decision());
        let bytes = self.bytes("in") + self.bytes("out");
        let hidden = if self.hidden() == 0 { String::new() } else { format!(", {} hidden", self.hidden()) };
        format!("{time} {status} {decision}  {}  {}  {bytes} B{hidden}", self.route(), self.who())
    }

    fn who(&self) -> &str {
        self.text("/actor/user/uid").unwrap_or("nobody")
    }

    fn bytes(&self, way: &str) -> u64 {
        self.number(&format!("/traffic/bytes_{way}"))
    }

    /// The method and the template of the route; the path itself is not recorded.
    fn route(&self) -> String {
        let method = self.text("/http_request/http_method").unwrap_or("?");
        format!("{method} {}", self.text("/http_request/url/path").unwrap_or("(no route)"))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const ACCESS: &str = include_str!("../../../tests/golden/access.json");

    #[test]
    fn a_record_is_shown_in_few_words() {
        let record = Record(serde_json::from_str(ACCESS).expect("JSON"));
        assert!(record.is_request());
        let block = [
            "   | who    pii_caller_k1_50f44529dcbda063 (User)",
            "   | route  GET /orders/v0/orders/{order_id}/address",
            "   | rule   order-address: allowed for the role fulfilment",
            "   | bytes  0 in, 4096 out; query: MarketplaceIds=ATVPDKIKX0DER, 1 hidden",
        ];
        assert_eq!(record.block(), block.join("\n"));
        let line = "00:00:00 200 allowed  GET /orders/v0/orders/{order_id}/address  \
                    pii_caller_k1_50f44529dcbda063  4096 B, 1 hidden";
        assert_eq!(record.line(), line);
    }

    #[test]
    fn a_line_is_read_when_its_end_is_there() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("records");
        let mut file = File::create(&path).expect("made");
        let mut follower = Follower::open(&path).expect("opened");
        file.write_all(b"{\"status_code\":").expect("written");
        assert!(follower.next().expect("read").is_none());
        file.write_all(b"\"allowed\"}\n{").expect("written");
        assert_eq!(follower.next().expect("read").expect("whole").decision(), "allowed");
        assert!(follower.next().expect("read").is_none());
    }
}
