//! A certified OpenID Provider (`oidc-provider`, on Node.js) as counterpart: what the gate makes of tokens that nobody
//! here has made. `make providers` installs it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use portcullis::identity::dev;
use serde_json::{Value, json};

use crate::support::credentials::now;
use crate::support::pki::Files;
use crate::support::{Gate, Upstream, answer, assert_refused, has_tool, wait_for};

use super::bound::Prover;
use super::{bearer, get, with_issuer};

/// The provider's process. Killed when dropped.
struct Provider {
    child: Child,
    address: SocketAddr,
}

/// Where `make providers` puts it, if it did. Its absence is a loud skip, or a failure where it must be there.
fn modules() -> Option<PathBuf> {
    if !has_tool("node") {
        return None;
    }
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/oidc-provider/node_modules");
    let found = modules.join("oidc-provider").is_dir();
    let required = std::env::var_os("PORTCULLIS_REQUIRE_SERVICES").is_some_and(|value| value == "1");
    assert!(found || !required, "oidc-provider is required and not there: run `make providers`");
    if !found {
        eprintln!("SKIPPED: oidc-provider is not installed; `make providers` does that");
    }
    found.then_some(modules)
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address")
}

impl Provider {
    fn start(modules: &Path, address: SocketAddr) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/oidc/provider.mjs");
        let mut child = Command::new("node")
            .arg(script)
            .arg(modules)
            .arg(address.port().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let listening = lines.any(|line| line.is_ok_and(|line| line == "listening"));
        assert!(listening, "the provider did not start");
        // Whatever else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A form, posted; the answer's JSON.
    fn post(&self, path: &str, fields: &str, form: &str) -> Value {
        let mut socket = TcpStream::connect(self.address).expect("a connection");
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n{fields}\r\n",
            self.address,
            form.len()
        );
        socket.write_all(format!("{head}{form}").as_bytes()).expect("written");
        let mut reply = String::new();
        socket.read_to_string(&mut reply).expect("a reply");
        let body = reply.split_once("\r\n\r\n").expect("a body").1;
        serde_json::from_str(body).unwrap_or_else(|_| Value::from(reply.clone()))
    }

    /// An access token for a resource, `jwt` or `opaque`; with a proof, a bound one.
    fn token(&self, resource: &str, proof: Option<&str>) -> String {
        let form = format!(
            "grant_type=client_credentials&client_id=alice%40seller.example&client_secret=made-up-for-tests\
             &scope=orders&resource=https://app.seller.example/{resource}"
        );
        let proof = proof.map(|proof| format!("DPoP: {proof}\r\n")).unwrap_or_default();
        let reply = self.post("/token", &proof, &form);
        reply["access_token"].as_str().unwrap_or_else(|| panic!("no token: {reply}")).to_owned()
    }

    fn revoke(&self, token: &str) {
        let form = format!("token={token}&client_id=alice%40seller.example&client_secret=made-up-for-tests");
        self.post("/token/revocation", "", &form);
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const SUBJECT: &str = "subject: client_id";

#[test]
fn identity_provider_that_is_certified_is_understood_and_followed() {
    let Some(modules) = modules() else { return };
    let app = Upstream::start(answer("hello"));
    let place = free_port();
    let provider = Provider::start(&modules, place);
    let gate = Gate::start(&with_issuer(&app, &provider.issuer(), "keys: discover", &[SUBJECT]));
    let old = provider.token("jwt", None);
    assert_eq!(gate.connect().ask(get("/support/x", &bearer(&old))).status, 200, "{}", gate.log());
    assert_eq!(app.requests()[0].field("x-portcullis-caller"), Some("user:alice@seller.example"));
    let opaque = provider.token("opaque", None);
    assert_refused(&gate, &gate.connect().ask(get("/support/x", &bearer(&opaque))), 401, "token_malformed");
    // It goes away: who has a key goes on.
    drop(provider);
    assert_eq!(gate.connect().ask(get("/support/x", &bearer(&old))).status, 200);
    // It comes back with another key: the first token under it is what makes the gate ask.
    let provider = Provider::start(&modules, place);
    let new = provider.token("jwt", None);
    assert_eq!(gate.connect().ask(get("/support/x", &bearer(&new))).status, 200, "{}", gate.log());
    assert_refused(&gate, &gate.connect().ask(get("/support/x", &bearer(&old))), 401, "token_key_unknown");
}

#[test]
fn identity_provider_that_is_certified_is_asked_about_its_opaque_tokens() {
    let Some(modules) = modules() else { return };
    let app = Upstream::start(answer("hello"));
    let provider = Provider::start(&modules, free_port());
    let files = Files::new();
    let secret = files.write("introspection.secret", "made up for tests\n");
    let asked = format!(
        "introspection: {{ url: {}/token/introspection, client_id: gate, client_secret_file: {secret}, cache: 1s }}",
        provider.issuer()
    );
    let gate = Gate::start(&with_issuer(&app, &provider.issuer(), "keys: discover", &[SUBJECT, &asked]));
    let opaque = provider.token("opaque", None);
    for token in [&opaque, &provider.token("jwt", None)] {
        assert_eq!(gate.connect().ask(get("/support/x", &bearer(token))).status, 200, "{}", gate.log());
    }
    assert_refused(&gate, &gate.connect().ask(get("/support/x", &bearer("made-up"))), 401, "token_inactive");
    provider.revoke(&opaque);
    let refused = wait_for("the revocation is seen", || {
        Some(gate.connect().ask(get("/support/x", &bearer(&opaque)))).filter(|answer| answer.status != 200)
    });
    assert_refused(&gate, &refused, 401, "token_inactive");
    // A token that nobody has asked about, and nobody to ask.
    let fresh = provider.token("opaque", None);
    drop(provider);
    let answer = gate.connect().ask(get("/support/x", &bearer(&fresh)));
    assert_refused(&gate, &answer, 503, "introspection_unavailable");
}

#[test]
fn identity_provider_that_is_certified_binds_tokens_to_keys() {
    let Some(modules) = modules() else { return };
    let app = Upstream::start(answer("hello"));
    let provider = Provider::start(&modules, free_port());
    let bound = [SUBJECT, "bound: dpop"];
    let gate = Gate::start(&with_issuer(&app, &provider.issuer(), "keys: discover", &bound));
    let prover = Prover::new();
    let token = provider.token("jwt", Some(&to_the_provider(&prover, &provider)));
    let proof = prover.proof(&token, |_, _| {});
    let ask = |fields: &str| gate.connect().ask(get("/support/x", fields));
    assert_eq!(ask(&format!("Authorization: DPoP {token}\r\nDPoP: {proof}\r\n")).status, 200, "{}", gate.log());
    let again = ask(&format!("Authorization: DPoP {token}\r\nDPoP: {proof}\r\n"));
    assert_refused(&gate, &again, 401, "dpop_replayed");
    assert_refused(&gate, &ask(&bearer(&token)), 401, "token_binding");
    let thief = Prover::new().proof(&token, |_, _| {});
    let stolen = ask(&format!("Authorization: DPoP {token}\r\nDPoP: {thief}\r\n"));
    assert_refused(&gate, &stolen, 401, "dpop_binding");
    assert_refused(&gate, &ask(&bearer(&provider.token("jwt", None))), 401, "token_binding");
}

/// A proof for the provider's own token end-point, which comes before there is a token.
fn to_the_provider(prover: &Prover, provider: &Provider) -> String {
    let random = dev::symmetric_key().expect("random digits");
    prover.signed(&json!({
        "jti": random.trim(),
        "htm": "POST",
        "htu": format!("{}/token", provider.issuer()),
        "iat": now(),
    }))
}
