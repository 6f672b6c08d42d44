//! Opaque tokens, whose issuer is asked (RFC 7662).

use serde_json::{Value, json};

use crate::support::credentials::now;
use crate::support::pki::Files;
use crate::support::{Gate, Policy, Upstream, answer, assert_refused, wait_for};

use super::{ALICE, Idp, bearer, get};

const SECRET: &str = "for the tests alone";

/// A policy whose opaque tokens `idp` is asked about, and the files that it names.
fn policy(idp: &Idp, app: &Upstream, keys: &str) -> (Policy, Files) {
    let files = Files::new();
    let secret = files.write("introspection.secret", &format!("{SECRET}\n"));
    let asked = format!(
        "introspection: {{ url: {}/introspect, client_id: gate, client_secret_file: {secret}, cache: 10m }}",
        idp.issuer()
    );
    let policy = idp.policy(app, &format!("{asked}\n      {keys}"), &[]);
    (if keys.is_empty() { policy.swap("      algorithms: [ES256]\n", "") } else { policy }, files)
}

fn sound(idp: &Idp) -> Value {
    json!({ "active": true, "iss": idp.issuer(), "aud": "seller-app", "sub": ALICE, "exp": now() + 600 })
}

#[test]
fn identity_introspection_says_whose_a_token_is_and_is_asked_once() {
    let app = Upstream::start(answer("hello"));
    let idp = Idp::start();
    let (policy, _files) = policy(&idp, &app, "");
    let gate = Gate::start(&policy);
    idp.knows("opaque-1", sound(&idp));
    for _ in 0..5 {
        assert_eq!(gate.connect().ask(get("/support/x", &bearer("opaque-1"))).status, 200, "{}", gate.log());
    }
    assert_eq!(app.requests()[0].field("x-portcullis-caller"), Some("user:alice@seller.example"));
    assert!(app.requests().iter().all(|request| !request.head.contains("opaque-1")));
    let asked = idp.server.requests();
    assert_eq!(asked.len(), 1, "the other answers were kept");
    assert_eq!(asked[0].line(), "POST /introspect HTTP/1.1");
    // `gate` and the secret, each as in a form, in base64.
    assert_eq!(asked[0].field("authorization"), Some("Basic Z2F0ZTpmb3IlMjB0aGUlMjB0ZXN0cyUyMGFsb25l"));
    assert_eq!(asked[0].content(), b"token=opaque-1&token_type_hint=access_token");
    for _ in 0..5 {
        assert_refused(&gate, &gate.connect().ask(get("/support/x", &bearer("opaque-2"))), 401, "token_inactive");
    }
    assert_eq!(idp.asked("/introspect"), 2, "a token that is not good is not asked about at every request either");
    // What is no token at all is asked about at no time.
    for token in ["opaque 1", "opaque{1}", "=", "a.b", "a.b.c.d"] {
        assert_refused(&gate, &gate.connect().ask(get("/support/x", &bearer(token))), 401, "token_malformed");
    }
    assert_eq!(idp.asked("/introspect"), 2);
    gate.stop().assert_never_said("opaque-1");
}

#[test]
fn identity_introspection_must_say_all_that_a_token_would() {
    let app = Upstream::start(answer("hello"));
    let idp = Idp::start();
    let (policy, _files) = policy(&idp, &app, "");
    let gate = Gate::start(&policy);
    let rows: Vec<(&str, &str, Value, u16, &str)> = vec![
        ("another issuer", "iss", json!("https://evil.example"), 401, "token_issuer"),
        ("issuers in a list", "iss", json!([idp.issuer()]), 401, "token_issuer"),
        ("another audience", "aud", json!("other-app"), 401, "token_audience"),
        ("no audience", "aud", json!(null), 401, "token_audience"),
        ("no subject", "sub", json!(null), 401, "token_claims"),
        ("no end", "exp", json!(null), 401, "token_claims"),
        ("an end as text", "exp", json!("9999999999"), 401, "token_claims"),
        ("ended", "exp", json!(now() - 60), 401, "token_expired"),
        ("not begun", "nbf", json!(now() + 600), 401, "token_not_yet_valid"),
        ("bound to a key", "cnf", json!({ "jkt": "A".repeat(43) }), 401, "token_binding"),
        ("bound to something else", "cnf", json!({ "kid": "x" }), 401, "token_binding"),
        ("active as text", "active", json!("true"), 503, "introspection_unavailable"),
        ("active as a number", "active", json!(1), 503, "introspection_unavailable"),
        ("not said to be active", "active", json!(null), 503, "introspection_unavailable"),
    ];
    for (number, (what, claim, value, status, code)) in rows.into_iter().enumerate() {
        let token = format!("token-{number}");
        let mut claims = sound(&idp);
        claims[claim] = value;
        idp.knows(&token, claims);
        let answer = gate.connect().ask(get("/support/x", &bearer(&token)));
        assert_eq!(answer.status, status, "{what}");
        assert_refused(&gate, &answer, status, code);
    }
    app.assert_untouched();
}

#[test]
fn identity_introspection_of_one_token_is_one_call_for_all_who_wait() {
    let app = Upstream::start(answer("hello"));
    let idp = Idp::start();
    let (policy, _files) = policy(&idp, &app, "");
    let gate = Gate::start(&policy.workers(2));
    idp.knows("shared", sound(&idp));
    let stalled = idp.stall();
    let mut clients: Vec<_> = (0..10).map(|_| gate.connect()).collect();
    for client in &mut clients {
        client.send(get("/support/x", &bearer("shared")));
    }
    wait_for("the provider is asked", || (idp.server.requests().len() == 1).then_some(()));
    // The one who came first leaves; the others get their answer all the same.
    drop(clients.remove(0));
    // Who needs nobody's word does not wait.
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
    stalled.open();
    for client in &mut clients {
        assert_eq!(client.answer().expect("an answer").status, 200);
    }
    assert_eq!(idp.asked("/introspect"), 1);
}

#[test]
fn identity_introspection_that_fails_is_503_and_is_not_kept() {
    let app = Upstream::start(answer("hello"));
    let broken = Upstream::start(crate::support::upstream::raw(
        "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        crate::support::Then::Close,
    ));
    let files = Files::new();
    let secret = files.write("introspection.secret", SECRET);
    for (url, fault) in [(broken.url(), "status"), ("http://127.0.0.1:1".to_owned(), "connect")] {
        let asked = format!("introspection: {{ url: {url}/x, client_id: gate, client_secret_file: {secret} }}");
        let policy = super::with_issuer(&app, "https://idp.example", &asked, &["keys: certs/jwks.json"]);
        let gate = Gate::start(&policy);
        for _ in 0..2 {
            let answer = gate.connect().ask(get("/support/x", &bearer("opaque")));
            assert_refused(&gate, &answer, 503, "introspection_unavailable");
        }
        let said = format!("\"fault\":\"{fault}\"");
        wait_for(&said, || gate.log().contains(&said).then_some(()));
        // The issuer's signed tokens are judged here, and need nobody.
        let signed = crate::support::token(ALICE, &[], false);
        assert_eq!(gate.connect().ask(get("/support/x", &bearer(&signed))).status, 200);
    }
    assert_eq!(broken.requests().len(), 2, "an outage is not remembered as an answer");
}

#[test]
fn identity_introspection_is_refused_without_a_secret_or_where_two_are_asked() {
    let app = Upstream::start(answer("hello"));
    let asked = "introspection: { url: \"https://idp.example/x\", client_id: gate }";
    let policy = super::with_issuer(&app, "https://idp.example", asked, &["keys: certs/jwks.json"]);
    let (status, said) = Gate::refuses_to_start(&policy);
    assert!(!status.success() && said.contains("client_secret_file"), "{said}");
}
