//! Callers whose word comes from elsewhere: identity providers that are fetched from, asked, that are away or that lie;
//! and tokens that are bound to a certificate or to a key.

mod attacks;
mod bound;
mod introspection;
mod keys;
mod lies;
mod provider;

use std::sync::{Arc, Mutex};

use portcullis::identity::dev::{self, SigningPair, TokenRequest};
use serde_json::{Value, json};

use crate::support::credentials::{AUDIENCE, now};
use crate::support::upstream::{Wire, say};
use crate::support::{Latch, Policy, Request, Then, Upstream};

/// Codes of refusals that these tests see, each over HTTP.
pub const CODES: [&str; 11] = [
    "token_binding",
    "token_inactive",
    "dpop_missing",
    "dpop_malformed",
    "dpop_signature",
    "dpop_binding",
    "dpop_target",
    "dpop_time",
    "dpop_replayed",
    "keys_unavailable",
    "introspection_unavailable",
];

pub const ALICE: &str = "alice@seller.example";

/// An identity provider of the tests' own: metadata, a key set, introspection. It does as its state says.
pub struct Idp {
    pub server: Upstream,
    state: Arc<Mutex<State>>,
}

struct State {
    pair: SigningPair,
    /// What `/introspect` says of each token; of others, that it is not active.
    active: Vec<(String, Value)>,
    /// Stops every answer until it is let go.
    stalled: Option<Latch>,
}

impl Idp {
    /// Starts one with a key of its own.
    pub fn start() -> Self {
        let pair = dev::signing_pair().expect("a pair");
        let state = Arc::new(Mutex::new(State { pair, active: Vec::new(), stalled: None }));
        let shared = Arc::clone(&state);
        let server = Upstream::start(move |request, wire| {
            let stalled = shared.lock().expect("a state").stalled.clone();
            if let Some(latch) = stalled {
                latch.wait();
            }
            serve(request, wire, &shared.lock().expect("a state"))
        });
        Self { server, state }
    }

    /// Its name.
    pub fn issuer(&self) -> String {
        self.server.url()
    }

    /// Has another key from now on, and the old one no more.
    pub fn rotate(&self) {
        self.state.lock().expect("a state").pair = dev::signing_pair().expect("a pair");
    }

    /// Answers nothing until the latch is opened.
    pub fn stall(&self) -> Latch {
        let latch = Latch::new();
        self.state.lock().expect("a state").stalled = Some(latch.clone());
        latch
    }

    /// Says of a token what it proves.
    pub fn knows(&self, token: &str, claims: Value) {
        let mut state = self.state.lock().expect("a state");
        state.active.retain(|(known, _)| known != token);
        state.active.push((token.to_owned(), claims));
    }

    /// A token of its present key.
    pub fn token(&self, subject: &str) -> String {
        let issuer = self.issuer();
        let request = TokenRequest {
            issuer: &issuer,
            audience: AUDIENCE,
            subject,
            groups: &[],
            mfa: false,
            now: now(),
            lifetime: 600,
        };
        dev::mint_token(&self.state.lock().expect("a state").pair.key, &request).expect("a token")
    }

    /// Requests for one path so far.
    pub fn asked(&self, path: &str) -> usize {
        self.server.requests().iter().filter(|request| request.target() == path).count()
    }

    /// The standard policy with this issuer, its keys by `keys:`, and more lines of `token:`.
    pub fn policy(&self, app: &Upstream, keys: &str, more: &[&str]) -> Policy {
        with_issuer(app, &self.issuer(), keys, more)
    }
}

/// The standard policy with another issuer; `keys` and `more` are lines of `token:`.
pub fn with_issuer(app: &Upstream, issuer: &str, keys: &str, more: &[&str]) -> Policy {
    let more: String = more.iter().map(|line| format!("\n      {line}")).collect();
    Policy::new(app)
        .swap("issuer: https://idp.example", &format!("issuer: {issuer}"))
        .swap("keys: certs/jwks.json", &format!("{keys}{more}"))
}

fn serve(request: &Request, wire: &mut dyn Wire, state: &State) -> Then {
    let base = format!("http://{}", request.field("host").unwrap_or_default());
    match request.target() {
        "/.well-known/openid-configuration" => {
            json_of(wire, &json!({ "issuer": base, "jwks_uri": format!("{base}/jwks") }));
        }
        "/jwks" => json_text(wire, &state.pair.jwks),
        "/introspect" => {
            let body = String::from_utf8_lossy(&request.content()).into_owned();
            let asked = body.split('&').find_map(|pair| pair.strip_prefix("token=")).unwrap_or_default();
            let known = state.active.iter().find(|(token, _)| token == asked);
            json_of(wire, &known.map_or_else(|| json!({ "active": false }), |(_, claims)| claims.clone()));
        }
        _ => say(wire, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    }
    Then::Close
}

pub fn json_of(wire: &mut dyn Wire, value: &Value) {
    json_text(wire, &value.to_string());
}

pub fn json_text(wire: &mut dyn Wire, text: &str) {
    let length = text.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
    say(wire, format!("{head}{text}"));
}

pub fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

pub fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}
