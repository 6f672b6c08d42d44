//! Credentials that prove nobody: each is refused with a challenge, never passed over, not even where nobody is needed.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::identity::dev;
use portcullis::redact::Name;

use crate::support::credentials::{credentials, minted, now};
use crate::support::{Gate, Person, Policy, Upstream, answer, assert_refused, token, wait_for};

const ALICE: &str = "alice@seller.example";

/// A sound token of Alice's under another header.
fn under(header: &str) -> String {
    let sound = token(ALICE, &[], true);
    let rest = sound.split_once('.').expect("a token").1;
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
}

/// Alice's signature under what another token claims.
fn grafted() -> String {
    let (one, other) = (token(ALICE, &[], true), token("mallory", &[], true));
    let (_, signature) = one.rsplit_once('.').expect("a token");
    let (claims, _) = other.rsplit_once('.').expect("a token");
    format!("{claims}.{signature}")
}

/// Fields with a credential, and the code of its refusal.
pub(super) fn rows() -> Vec<(String, &'static str)> {
    let bearer = |token: String, code| (format!("Authorization: Bearer {token}\r\n"), code);
    let robot = &credentials().robot.text;
    let unknown = dev::api_key(&Name::configured("x").expect("a name"), None, &[]).expect("a key").key;
    let mut rows = vec![
        bearer("x".into(), "token_malformed"),
        bearer("..".into(), "token_malformed"),
        bearer(format!("{}.a", token(ALICE, &[], true)), "token_malformed"),
        bearer("a".repeat(9000), "token_too_large"),
        bearer(under(r#"{"alg":"none"}"#), "token_algorithm"),
        bearer(under(r#"{"alg":"HS256"}"#), "token_algorithm"),
        bearer(under(r#"{"alg":"es256"}"#), "token_algorithm"),
        bearer(under(r#"{"alg":"RS256"}"#), "token_algorithm"),
        bearer(under(r#"{"alg":"ES256","kid":"nobody"}"#), "token_key_unknown"),
        bearer(under(r#"{"alg":"ES256"}"#), "token_signature"),
        bearer(grafted(), "token_signature"),
        bearer(minted(|r| dev::TokenRequest { issuer: "https://evil", ..r }, ALICE, &[], true), "token_issuer"),
        bearer(minted(|r| dev::TokenRequest { audience: "other", ..r }, ALICE, &[], true), "token_audience"),
        bearer(minted(|r| dev::TokenRequest { now: r.now - 7200, ..r }, ALICE, &[], true), "token_expired"),
        bearer(minted(|r| dev::TokenRequest { now: r.now + 7200, ..r }, ALICE, &[], true), "token_not_yet_valid"),
        bearer(token("", &[], true), "token_claims"),
        ("Authorization: Basic YWxpY2U6c2VjcmV0\r\n".into(), "unsupported_scheme"),
        ("Authorization: Bearer\r\n".into(), "unsupported_scheme"),
        (format!("X-Api-Key: {robot}\r\nX-Api-Key: {robot}\r\n"), "credential_repeated"),
        ("X-Api-Key: x\r\n".into(), "api_key_malformed"),
        ("X-Api-Key:\r\n".into(), "api_key_malformed"),
        (format!("X-Api-Key: {}\r\n", &*unknown), "api_key_unknown"),
        (format!("X-Api-Key: {}\r\n", credentials().expired.text), "api_key_expired"),
    ];
    for parameter in ["jwk", "jku", "x5u", "x5c", "crit", "zip", "b64"] {
        let header = format!(r#"{{"alg":"ES256","{parameter}":"x"}}"#);
        rows.push(bearer(under(&header), "token_header_forbidden"));
    }
    rows
}

#[test]
fn refusal_of_credentials_that_prove_nobody() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let rows = rows();
    for (fields, code) in &rows {
        // On a route for anyone too: a credential that does not hold is a sign of something.
        for target in ["/support/x", "/open"] {
            let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
            let record = assert_refused(&gate, &gate.connect().ask(request), 401, code);
            assert_eq!(record.event(), "HTTP.DENY.AUTHN");
        }
    }
    app.assert_untouched();
    gate.records(2 * rows.len());
    let stopped = gate.stop();
    for (fields, _) in &rows {
        let secret = fields.trim().rsplit(' ').next().unwrap_or_default();
        if secret.len() > 20 {
            stopped.assert_never_said(&secret[..20]);
        }
    }
}

#[test]
fn refusal_of_credentials_that_prove_two_callers() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let alice = token(ALICE, &[], true);
    let ask = |fields: &str| {
        let request = format!("GET /admin HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        gate.connect_as(&Person::picker()).ask(request)
    };
    for fields in [
        format!("Authorization: Bearer {alice}\r\n"),
        format!("X-Api-Key: {}\r\n", credentials().robot.text),
        format!("Authorization: Bearer {alice}\r\nX-Api-Key: {}\r\n", credentials().robot.text),
    ] {
        assert_refused(&gate, &ask(&fields), 401, "credential_conflict");
    }
    // A good certificate does not make up for a bad token.
    assert_refused(&gate, &ask("Authorization: Bearer x\r\n"), 401, "token_malformed");
    app.assert_untouched();
}

#[test]
fn refusal_of_certificates_that_name_nobody() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect_as(&Person::nameless());
    for target in ["/admin", "/open"] {
        let answer = client.ask(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        assert_refused(&gate, &answer, 401, "certificate_name");
    }
    let answer = gate.connect_as(&Person::passer_by()).ask("GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_refused(&gate, &answer, 403, "role_missing");
    app.assert_untouched();
}

#[test]
fn refusal_of_certificates_that_end_while_the_connection_stands() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let person = Person::named("spiffe://seller/picker", Duration::from_secs(2));
    let ends = now() + 2;
    let mut client = gate.connect_as(&person);
    let get = "GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(client.ask(get).status, 200);
    // The gate's clock may be some milliseconds behind ours.
    let refused = wait_for("the certificate ends", || {
        let ended = now() > ends;
        ended.then(|| client.ask(get)).filter(|answer| answer.status != 200)
    });
    assert_refused(&gate, &refused, 401, "certificate_expired");
}
