//! Tokens that are bound to a certificate (RFC 8705) or to a key (RFC 9449).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::identity::dev;
use portcullis::identity::secret_file::pkcs8_from_pem;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};

use crate::support::credentials::{AUDIENCE, ISSUER, credentials, now};
use crate::support::{Gate, Person, Policy, Upstream, answer, assert_refused};

use super::{ALICE, bearer, get};

/// Signs any header and claims with a P-256 key.
pub fn sign(pem: &str, header: &Value, claims: &Value) -> String {
    let der = pkcs8_from_pem(pem.as_bytes()).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).expect("a P-256 key");
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("signed");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn part(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

/// A token under another `kid`, its signature as it was.
pub fn with_kid(token: &str, kid: &str) -> String {
    let mut header = part(token, 0);
    header["kid"] = kid.into();
    let rest = token.split_once('.').expect("a token").1;
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

/// A token with another claim, its signature as it was.
pub fn with_claim(token: &str, claim: &str, value: &str) -> String {
    let mut claims = part(token, 1);
    claims[claim] = value.into();
    let parts: Vec<&str> = token.split('.').collect();
    format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims.to_string()), parts[2])
}

/// A token of the standard issuer that is bound to something.
fn bound_to(cnf: Option<Value>) -> String {
    let mut claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": ALICE, "iat": now(), "exp": now() + 600 });
    if let Some(cnf) = cnf {
        claims["cnf"] = cnf;
    }
    sign(&credentials().pki.idp.key, &json!({ "alg": "ES256" }), &claims)
}

fn thumbprint(person: &Person) -> String {
    let der = CertificateDer::from_pem_slice(person.certificate.as_bytes()).expect("a certificate");
    URL_SAFE_NO_PAD.encode(digest(&SHA256, &der))
}

/// A policy whose tokens must be bound like this.
fn demanding(app: &Upstream, bound: &str) -> Policy {
    Policy::new(app).swap("      roles: roles\n", &format!("      roles: roles\n      bound: {bound}\n"))
}

#[test]
fn identity_tokens_bound_to_a_certificate_need_its_connection() {
    let app = Upstream::start(answer("hello"));
    // Neither names a caller of its own, so that the token alone says who calls.
    let policy = || Policy::new(&app).swap("  - certificate: { subject: san_uri }\n", "");
    let gate = Gate::start(&policy().swap("\"cert:spiffe://seller/picker\", ", ""));
    let (holder, other) = (Person::picker(), Person::passer_by());
    let token = bound_to(Some(json!({ "x5t#S256": thumbprint(&holder) })));
    assert_eq!(gate.connect_as(&holder).ask(get("/support/x", &bearer(&token))).status, 200, "{}", gate.log());
    for mut client in [gate.connect(), gate.connect_as(&other)] {
        let answer = client.ask(get("/support/x", &bearer(&token)));
        assert_refused(&gate, &answer, 401, "token_binding");
        assert_eq!(answer.field("www-authenticate"), Some("Bearer realm=\"portcullis\", error=\"invalid_token\""));
    }
    for cnf in [
        json!({}),
        json!(null),
        json!("x"),
        json!({ "x5t#S256": 1 }),
        json!({ "x5t#S256": "" }),
        json!({ "x5t#S256": format!("{}=", thumbprint(&holder)) }),
        json!({ "x5t": thumbprint(&holder) }),
        json!({ "x5t#S256": thumbprint(&holder), "jwk": {} }),
        json!({ "x5t#S256": thumbprint(&holder), "jkt": "A".repeat(43) }),
    ] {
        let token = bound_to(Some(cnf.clone()));
        let answer = gate.connect_as(&holder).ask(get("/support/x", &bearer(&token)));
        assert_eq!(answer.status, 401, "{cnf}");
        assert_refused(&gate, &answer, 401, "token_binding");
    }
}

#[test]
fn identity_tokens_must_be_bound_where_the_policy_says_so() {
    let app = Upstream::start(answer("hello"));
    let holder = Person::passer_by();
    let free = bound_to(None);
    let to_certificate = bound_to(Some(json!({ "x5t#S256": thumbprint(&holder) })));
    let prover = Prover::new();
    let to_key = bound_to(Some(json!({ "jkt": prover.thumbprint() })));
    // Which of the three pass: unbound, bound to a certificate, bound to a key.
    for (demand, passes) in
        [("certificate", [false, true, false]), ("dpop", [false, false, true]), ("any", [false, true, true])]
    {
        let policy = demanding(&app, demand)
            .swap("  - certificate: { subject: san_uri }\n", "")
            .swap("\"cert:spiffe://seller/picker\", ", "");
        let gate = Gate::start(&policy);
        let proven = format!("Authorization: DPoP {to_key}\r\nDPoP: {}\r\n", prover.proof(&to_key, |_, _| {}));
        for (fields, passes) in [bearer(&free), bearer(&to_certificate), proven].iter().zip(passes) {
            let answer = gate.connect_as(&holder).ask(get("/support/x", fields));
            if passes {
                assert_eq!(answer.status, 200, "{demand}: {fields} {}", gate.log());
            } else {
                assert_refused(&gate, &answer, 401, "token_binding");
            }
        }
    }
}

/// What is changed of a proof's header and claims.
type Change = dyn Fn(&mut Value, &mut Value);

/// A client with a key of its own.
pub struct Prover {
    pair: dev::SigningPair,
}

impl Prover {
    pub fn new() -> Self {
        Self { pair: dev::signing_pair().expect("a pair") }
    }

    fn jwk(&self) -> Value {
        let set: Value = serde_json::from_str(&self.pair.jwks).expect("JSON");
        let key = &set["keys"][0];
        json!({ "kty": "EC", "crv": "P-256", "x": key["x"], "y": key["y"] })
    }

    pub fn thumbprint(&self) -> String {
        let set: Value = serde_json::from_str(&self.pair.jwks).expect("JSON");
        set["keys"][0]["kid"].as_str().expect("a thumbprint").to_owned()
    }

    /// A proof for `GET https://localhost/support/x` with a token, changed before it is signed.
    pub fn proof(&self, token: &str, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let (mut header, mut claims) = self.sound(token);
        change(&mut header, &mut claims);
        sign(&self.pair.key, &header, &claims)
    }

    /// A proof that says just this.
    pub fn signed(&self, claims: &Value) -> String {
        sign(&self.pair.key, &json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() }), claims)
    }

    fn sound(&self, token: &str) -> (Value, Value) {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() });
        let claims = json!({
            "jti": format!("proof-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed)),
            "htm": "GET",
            "htu": "https://localhost/support/x",
            "iat": now(),
            "ath": URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes())),
        });
        (header, claims)
    }
}

fn ask(gate: &Gate, token: &str, proof: &str) -> crate::support::Answer {
    gate.connect().ask(get("/support/x", &format!("Authorization: DPoP {token}\r\nDPoP: {proof}\r\n")))
}

#[test]
fn identity_proofs_open_what_their_token_opens() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let prover = Prover::new();
    let token = bound_to(Some(json!({ "jkt": prover.thumbprint() })));
    let sound: [(&str, &Change); 6] = [
        ("as it is", &|_, _| {}),
        ("with a query", &|_, claims| claims["htu"] = "https://localhost/support/x?a=b#c".into()),
        ("with the port", &|_, claims| claims["htu"] = "https://localhost:443/support/x".into()),
        ("in another case", &|_, claims| claims["htu"] = "HTTPS://LOCALHOST/support/x".into()),
        ("escaped", &|_, claims| claims["htu"] = "https://localhost/support/%78".into()),
        ("of half a minute ago", &|_, claims| claims["iat"] = (now() - 30).into()),
    ];
    for (what, change) in sound {
        let answer = ask(&gate, &token, &prover.proof(&token, change));
        assert_eq!(answer.status, 200, "{what}: {:?}", gate.records_so_far().last());
    }
    let requests = app.requests();
    assert!(requests.iter().all(|request| request.field("dpop").is_none() && request.field("authorization").is_none()));
}

#[test]
fn identity_proofs_that_prove_something_else_are_refused() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let (prover, thief) = (Prover::new(), Prover::new());
    let token = bound_to(Some(json!({ "jkt": prover.thumbprint() })));
    let other = bound_to(Some(json!({ "jkt": prover.thumbprint() })));
    let rows: Vec<(&str, String, &str)> = vec![
        ("of another key", thief.proof(&token, |_, _| {}), "dpop_binding"),
        ("for another token", prover.proof(&format!("{other}x"), |_, _| {}), "dpop_binding"),
        ("for no token", prover.proof(&token, |_, claims| claims["ath"] = Value::Null), "dpop_binding"),
        ("for another method", prover.proof(&token, |_, claims| claims["htm"] = "POST".into()), "dpop_target"),
        ("for a method in lower case", prover.proof(&token, |_, claims| claims["htm"] = "get".into()), "dpop_target"),
        (
            "for another path",
            prover.proof(&token, |_, c| c["htu"] = "https://localhost/support/y".into()),
            "dpop_target",
        ),
        (
            "for a path that climbs",
            prover.proof(&token, |_, c| c["htu"] = "https://localhost/a/../support/x".into()),
            "dpop_target",
        ),
        (
            "for another host",
            prover.proof(&token, |_, c| c["htu"] = "https://evil.example/support/x".into()),
            "dpop_target",
        ),
        (
            "for a user's host",
            prover.proof(&token, |_, c| c["htu"] = "https://localhost@evil.example/support/x".into()),
            "dpop_target",
        ),
        (
            "without encryption",
            prover.proof(&token, |_, c| c["htu"] = "http://localhost/support/x".into()),
            "dpop_target",
        ),
        ("of an hour ago", prover.proof(&token, |_, c| c["iat"] = (now() - 3600).into()), "dpop_time"),
        ("of tomorrow", prover.proof(&token, |_, c| c["iat"] = (now() + 3600).into()), "dpop_time"),
        ("of no time", prover.proof(&token, |_, c| c["iat"] = Value::Null), "dpop_malformed"),
        ("of a time as text", prover.proof(&token, |_, c| c["iat"] = now().to_string().into()), "dpop_malformed"),
        ("without a name", prover.proof(&token, |_, c| c["jti"] = "".into()), "dpop_malformed"),
        ("with a long name", prover.proof(&token, |_, c| c["jti"] = "x".repeat(200).into()), "dpop_malformed"),
        ("of another type", prover.proof(&token, |h, _| h["typ"] = "JWT".into()), "dpop_malformed"),
        ("of no type", prover.proof(&token, |h, _| drop(h.as_object_mut().unwrap().remove("typ"))), "dpop_malformed"),
        (
            "without a key",
            prover.proof(&token, |h, _| drop(h.as_object_mut().unwrap().remove("jwk"))),
            "dpop_malformed",
        ),
        ("with a private key", prover.proof(&token, |h, _| h["jwk"]["d"] = "AAAA".into()), "dpop_malformed"),
        (
            "with a symmetric key",
            prover.proof(&token, |h, _| h["jwk"] = json!({ "kty": "oct", "k": "AAAA" })),
            "dpop_malformed",
        ),
        (
            "with a key elsewhere",
            prover.proof(&token, |h, _| h["jku"] = "https://evil.example/".into()),
            "dpop_malformed",
        ),
        ("with crit", prover.proof(&token, |h, _| h["crit"] = json!(["b64"])), "dpop_malformed"),
        ("by no algorithm", prover.proof(&token, |h, _| h["alg"] = "none".into()), "dpop_malformed"),
        ("by another algorithm", prover.proof(&token, |h, _| h["alg"] = "RS256".into()), "dpop_malformed"),
        ("with another's key", prover.proof(&token, |h, _| h["jwk"] = thief.jwk()), "dpop_signature"),
        ("cut short", prover.proof(&token, |_, _| {})[..200].to_owned(), "dpop_malformed"),
        ("an access token", token.clone(), "dpop_malformed"),
        ("nothing", String::new(), "dpop_malformed"),
        ("very long", "x".repeat(7000), "dpop_malformed"),
    ];
    for (what, proof, code) in rows {
        let answer = ask(&gate, &token, &proof);
        let challenge = answer.field("www-authenticate").unwrap_or_default().to_owned();
        let record = assert_refused(&gate, &answer, 401, code);
        assert_eq!(record.code(), code, "{what}");
        assert!(
            challenge.starts_with("DPoP ") && challenge.contains("error=\"invalid_dpop_proof\""),
            "{what}: {challenge}"
        );
    }
    app.assert_untouched();
}

#[test]
fn identity_proofs_are_good_once_and_for_the_whole_gate() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).workers(2));
    let prover = Prover::new();
    let token = bound_to(Some(json!({ "jkt": prover.thumbprint() })));
    let proof = prover.proof(&token, |_, _| {});
    assert_eq!(ask(&gate, &token, &proof).status, 200);
    for _ in 0..4 {
        assert_refused(&gate, &ask(&gate, &token, &proof), 401, "dpop_replayed");
    }
    // The same name by another client is another proof.
    let thief = Prover::new();
    let theirs = bound_to(Some(json!({ "jkt": thief.thumbprint() })));
    let name = part(&proof, 1)["jti"].clone();
    assert_eq!(ask(&gate, &theirs, &thief.proof(&theirs, |_, claims| claims["jti"] = name)).status, 200);
}

#[test]
fn identity_proofs_cannot_be_left_out() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let prover = Prover::new();
    let token = bound_to(Some(json!({ "jkt": prover.thumbprint() })));
    let proof = || prover.proof(&token, |_, _| {});
    let rows = [
        ("as a bearer token", bearer(&token), "token_binding"),
        ("as a bearer token with a proof", format!("{}DPoP: {}\r\n", bearer(&token), proof()), "token_binding"),
        ("without a proof", format!("Authorization: DPoP {token}\r\n"), "dpop_missing"),
        (
            "with two proofs",
            format!("Authorization: DPoP {token}\r\nDPoP: {}\r\nDPoP: {}\r\n", proof(), proof()),
            "credential_repeated",
        ),
        (
            "a token that is not bound",
            format!("Authorization: DPoP {}\r\nDPoP: {}\r\n", bound_to(None), proof()),
            "token_binding",
        ),
    ];
    for (what, fields, code) in rows {
        let answer = gate.connect().ask(get("/support/x", &fields));
        assert_eq!(answer.status, 401, "{what}");
        assert_refused(&gate, &answer, 401, code);
    }
    app.assert_untouched();
}
