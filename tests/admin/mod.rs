//! The operators' API, from outside: who gets in, what is refused, what is done, and that every call leaves exactly one
//! record.

mod commands;
mod control;
mod doors;
mod health;
mod leave;
mod rooms;

use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::credentials::credentials;
use crate::support::gate::{Record, records_of};
use crate::support::pki::{Authority, Files, Leaf, terms};
use crate::support::{Answer, Client, Gate, Person, Policy, Upstream, answer, wait_for};

/// A gate with operators over TLS, of an authority of their own.
pub struct House {
    pub gate: Gate,
    /// Serves for as long as this does.
    pub upstream: Upstream,
    pub files: Files,
    pub operators: Authority,
    pub policy: Policy,
}

/// Roles of operators, for the standard policy.
pub const ROLES: &str = r#"support: { members: ["user:alice@seller.example", "key:robot"] }
  sre: { members: ["cert:spiffe://seller/sre"], admin: [view, quarantine, unlock, reload, drain, log] }
  viewer: { members: ["cert:spiffe://seller/viewer"], admin: [view] }"#;

/// The line of the standard policy that they stand in for.
pub const STANDARD_ROLE: &str = r#"support: { members: ["user:alice@seller.example", "key:robot"] }"#;

impl House {
    pub fn start() -> Self {
        Self::start_with(|policy| policy)
    }

    /// The same with more in the policy.
    pub fn start_with(more: impl FnOnce(Policy) -> Policy) -> Self {
        Self::start_in(tempfile::tempdir().expect("a directory"), more)
    }

    /// The same in a directory.
    pub fn start_in(directory: tempfile::TempDir, more: impl FnOnce(Policy) -> Policy) -> Self {
        let (app, files, operators) = (Upstream::start(answer("hello")), Files::new(), Authority::new("Operators"));
        let ca = files.write("operators.pem", &operators.pem);
        let tls = format!("{{ certificate: certs/gate.pem, key: certs/gate.key, client_ca: {ca} }}");
        let policy = more(
            Policy::new(&app)
                .swap(STANDARD_ROLE, ROLES)
                .top(&format!("admin: {{ listen: \"127.0.0.1:0\", tls: {tls} }}"))
                .top("health: { listen: \"127.0.0.1:0\" }"),
        );
        let gate = Gate::start_in(directory, &policy);
        Self { gate, upstream: app, files, operators, policy }
    }

    /// The same once more, after `end` ended the gate.
    pub fn again(self, end: impl FnOnce(Gate) -> tempfile::TempDir) -> Self {
        let Self { gate, policy, .. } = self;
        Self { gate: Gate::start_in(end(gate), &policy), policy, ..self }
    }

    /// An operator's certificate.
    pub fn operator(&self, name: &str) -> Person {
        self.operators.issue(&Leaf::client(&[&format!("spiffe://seller/{name}")]))
    }

    pub fn admin(&self) -> SocketAddr {
        listener(&self.gate, "operators connect here")
    }

    pub fn health(&self) -> SocketAddr {
        listener(&self.gate, "health is told here")
    }

    /// A connection of an operator.
    pub fn connect(&self, person: Option<&Person>) -> Client {
        connect(self.admin(), person)
    }

    /// A call; a body makes it a POST.
    pub fn call(&self, name: &str, path: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| body.to_string());
        let request = request(path, "localhost", "portcullis-admin: 1\r\n", body.as_deref());
        self.connect(Some(&self.operator(name))).ask(request)
    }

    /// The records of calls so far.
    pub fn calls(&self) -> Vec<Record> {
        calls(&self.gate)
    }

    /// Waits for so many of them; more are a failure.
    pub fn calls_when(&self, count: usize) -> Vec<Record> {
        calls_when(&self.gate, count)
    }

    /// A path of a certificate and of its key.
    pub fn written(&self, name: &str, person: &Person) -> (String, String) {
        self.files.person(name, person)
    }
}

/// A TLS connection to the operators' listener.
pub fn connect(address: SocketAddr, person: Option<&Person>) -> Client {
    let terms = terms(&[&credentials().pki.ca], person, &[&rustls::version::TLS13], &["http/1.1"]);
    Client::with(address, terms, "localhost")
}

/// A request with these fields beside `Host`.
pub fn request(path: &str, host: &str, fields: &str, body: Option<&str>) -> String {
    match body {
        None => format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"),
        Some(body) => format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\n{fields}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    }
}

/// Where a listener is, as the gate's own log says.
pub fn listener(gate: &Gate, message: &str) -> SocketAddr {
    let line = wait_for(message, || {
        let log = gate.log();
        let mut lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.find(|line| line["message"] == message && line["address"].is_string())
    });
    line["address"].as_str().unwrap().parse().unwrap()
}

/// All records of calls.
pub fn calls(gate: &Gate) -> Vec<Record> {
    records_of(&gate.trail()).into_iter().filter(|record| record.event().starts_with("ADMIN.")).collect()
}

/// Waits for so many of them; more are a failure.
pub fn calls_when(gate: &Gate, count: usize) -> Vec<Record> {
    let found = wait_for(&format!("{count} records of calls"), || Some(calls(gate)).filter(|all| all.len() >= count));
    let codes: Vec<_> = found.iter().map(Record::code).collect();
    assert_eq!(found.len(), count, "{codes:?}");
    found
}

/// An answer's JSON.
pub fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("no JSON: {}", answer.text()))
}

/// The stable code of what came of a call.
pub fn code(answer: &Answer) -> String {
    json_of(answer)["outcome"]["code"].as_str().unwrap_or_default().to_owned()
}

/// A body with a reason.
pub fn because(members: Value) -> Value {
    let mut members = members;
    members["reason"] = json!("ticket INC-42");
    members
}

/// The program.
pub fn portcullis() -> PathBuf {
    env!("CARGO_BIN_EXE_portcullis").into()
}
