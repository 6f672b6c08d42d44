//! The policy of the tests from outside, and the places where a test changes it.

use super::Upstream;

/// A policy's text. `{dir}` is the gate's directory.
#[derive(Clone)]
pub struct Policy {
    upstream: String,
    workers: usize,
    gate: String,
    app: String,
    routes: String,
    sinks: String,
    more: String,
    whole: Option<String>,
    swaps: Vec<(String, String)>,
}

impl Policy {
    /// The standard policy in front of an app.
    pub fn new(app: &Upstream) -> Self {
        Self::at(&app.url())
    }

    /// The standard policy in front of whatever is, or is not, at an address.
    pub fn at(url: &str) -> Self {
        Self {
            upstream: url.to_owned(),
            workers: 1,
            gate: String::new(),
            app: String::new(),
            routes: String::new(),
            sinks: String::new(),
            more: String::new(),
            whole: None,
            swaps: Vec::new(),
        }
    }

    /// A policy of one's own, with the placeholders `{dir}` and `{upstream}`.
    pub fn whole(text: &str, app: &Upstream) -> Self {
        Self { whole: Some(text.to_owned()), ..Self::new(app) }
    }

    /// Another line under `gate:`, such as `timeouts: { header: 300ms }`.
    #[must_use]
    pub fn gate(mut self, line: &str) -> Self {
        self.gate.push_str(&format!("  {line}\n"));
        self
    }

    /// Another line under `upstream:`.
    #[must_use]
    pub fn upstream(mut self, line: &str) -> Self {
        self.app.push_str(&format!("  {line}\n"));
        self
    }

    /// Instead of a port of its own.
    #[must_use]
    pub fn listening_on(mut self, address: std::net::SocketAddr) -> Self {
        self.whole = Some(self.text().replace("127.0.0.1:0\"", &format!("{address}\"")));
        self
    }

    /// With so many workers instead of one.
    #[must_use]
    pub fn workers(mut self, count: usize) -> Self {
        self.workers = count;
        self
    }

    /// With no TLS below 1.3.
    #[must_use]
    pub fn only_tls13(mut self) -> Self {
        self.whole = Some(self.text().replace("  tls: {", "  tls: { min_version: \"1.3\","));
        self
    }

    /// Another route, such as `{ name: all, path: /**, allow: [anyone] }`.
    #[must_use]
    pub fn route(mut self, route: &str) -> Self {
        self.routes.push_str(&format!("  - {route}\n"));
        self
    }

    /// Another sink beside the file that records are read from, such as `file: { path: /dev/full }`.
    #[must_use]
    pub fn sink(mut self, sink: &str) -> Self {
        self.sinks.push_str(&format!("    - {sink}\n"));
        self
    }

    /// Another line at the top, such as `network: { deny: [10.0.0.0/8] }`.
    #[must_use]
    pub fn top(mut self, line: &str) -> Self {
        self.more.push_str(line);
        self.more.push('\n');
        self
    }

    /// Something of the standard policy in other words, such as the line of `tls:`.
    #[must_use]
    pub fn swap(mut self, from: &str, to: &str) -> Self {
        assert!(STANDARD.contains(from), "the standard policy has no {from:?}");
        self.swaps.push((from.to_owned(), to.to_owned()));
        self
    }

    /// Everything above except the placeholder `{dir}`.
    pub fn text(&self) -> String {
        let standard = || {
            let parts = [
                ("#gate\n", &self.gate),
                ("#app\n", &self.app),
                ("#routes\n", &self.routes),
                ("#sinks\n", &self.sinks),
            ];
            let text = STANDARD.replace("#workers", &self.workers.to_string());
            let text = self.swaps.iter().fold(text, |text, (from, to)| text.replace(from, to));
            parts.iter().fold(text, |text, (mark, part)| text.replace(mark, part)) + &self.more
        };
        self.whole.clone().unwrap_or_else(standard).replace("{upstream}", &self.upstream)
    }
}

/// Routes for everything that a gate may say yes or no to.
const STANDARD: &str = r#"
version: 1
gate:
  listen: "127.0.0.1:0"
  tls: { certificate: certs/gate.pem, key: certs/gate.key, client_ca: certs/clients-ca.pem }
  workers: #workers
#gate
upstream:
  url: {upstream}
#app
callers:
  - certificate: { subject: san_uri }
  - token:
      issuer: https://idp.example
      audience: seller-app
      keys: certs/jwks.json
      algorithms: [ES256]
      roles: roles
  - api_key: { header: x-api-key, file: api-keys.yaml }
roles:
  fulfilment: { members: ["cert:spiffe://seller/picker", "group:warehouse"] }
  support: { members: ["user:alice@seller.example", "key:robot"] }
routes:
  - { name: open, path: /open, allow: [anyone] }
  - { name: open-below, path: /open/**, allow: [anyone] }
  - { name: root, path: /, allow: [anyone] }
  - { name: public, path: /public/**, methods: [GET, POST], allow: [anyone] }
  - { name: admin, path: /admin, allow: [fulfilment] }
  - { name: admin-below, path: /admin/**, allow: [fulfilment] }
  - { name: support, path: /support/**, allow: [support] }
  - { name: files, path: "/files/{name}", allow: [anyone], encoded_slash: keep }
  - { name: folders, path: "/folders/{name}", allow: [anyone] }
  - { name: dotted, path: /a.b, allow: [anyone] }
  - { name: small, path: /small, allow: [anyone], body: 16B }
  - { name: once, path: /once, allow: [anyone], limits: [once] }
  - { name: inside, path: /inside, allow: [anyone], network: { deny: [127.0.0.0/8] } }
  - { name: second-factor, path: /second-factor, allow: [support], require: { mfa: { max_age: 15m } } }
  - { name: no-upgrade, path: /no-upgrade, allow: [anyone], upgrade: [] }
  - name: address
    path: "/orders/{order_id}/address"
    methods: [GET]
    allow: [fulfilment]
    pii: [name, address]
    log: { query: [page] }
#routes
limits:
  - { name: once, per: address, requests: 1/m }
redaction: { key: certs/pseudonym.key }
audit:
  sinks:
    - file: { path: "{dir}/audit.jsonl" }
#sinks
"#;
