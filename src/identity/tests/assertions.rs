//! The assertion to the app: true, short, and nobody else's.

use std::time::Duration;

use super::*;
use crate::identity::AssertionSigner;
use crate::policy::settings::AssertionSettings;

fn signer(gate: &Gate) -> AssertionSigner {
    let key = gate.directory.path().join("assertion.key");
    fs::write(&key, gate.pki.assertion_key.as_bytes()).expect("written");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("changed");
    let settings = AssertionSettings { key, audience: "app".into(), lifetime: Duration::from_secs(60) };
    AssertionSigner::load(&settings).unwrap_or_else(|fault| panic!("{fault}"))
}

fn caller(gate: &Gate, subject: &str) -> Arc<Identity> {
    let token = gate.token(subject, &["warehouse"], false);
    gate.bearer(&token, NOW).unwrap_or_else(|refusal| panic!("{}", refusal.code()))
}

fn claims(header: &HeaderValue) -> Value {
    let text = header.to_str().expect("ASCII");
    let claims = text.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64url")).expect("JSON")
}

#[test]
fn an_assertion_verifies_under_the_key_that_is_shown_to_the_app() {
    let gate = Gate::new();
    let signer = signer(&gate);
    let header = signer.header(&caller(&gate, "alice"), NOW).expect("signed");
    assert!(header.is_sensitive());
    let said = claims(&header);
    assert_eq!(said["sub"], "user:alice");
    assert_eq!(said["roles"], json!(["fulfilment"]));
    assert_eq!((&said["iat"], &said["exp"]), (&json!(NOW), &json!(NOW + 60)));
    // The gate's own verifier stands in for the app.
    let path = gate.directory.path().join("app.json");
    fs::write(&path, signer.jwks().to_string()).expect("written");
    let app = TokenSettings {
        roles: Some("roles".into()),
        ..TokenSettings::local("portcullis", "app", path, &[TokenAlgorithm::Es256])
    };
    let app = identifier(&[CallerMethod::Token(Arc::new(app))]);
    let bearer = format!("Bearer {}", header.to_str().expect("ASCII"));
    let seen = app.identify(&Presented::fields(&header_map(&[("authorization", &bearer)])), NOW);
    assert!(seen.is_ok_and(|seen| seen.is_some_and(|seen| seen.subject() == "user:alice")));
}

#[test]
fn an_assertion_is_signed_once_in_half_its_life_and_never_for_another() {
    let gate = Gate::new();
    let signer = signer(&gate);
    let (alice, bob) = (caller(&gate, "alice"), caller(&gate, "bob"));
    let first = signer.header(&alice, NOW).expect("signed");
    assert_eq!(claims(&signer.header(&bob, NOW).expect("signed"))["sub"], "user:bob");
    assert_eq!(signer.header(&alice, NOW + 29).expect("signed"), first);
    let second = signer.header(&alice, NOW + 30).expect("signed");
    assert_ne!(second, first);
    assert_eq!(claims(&second)["exp"], NOW + 90);
    // A clock that goes back finds no assertion from its future.
    assert_eq!(claims(&signer.header(&alice, NOW).expect("signed"))["iat"], NOW);
}

#[test]
fn an_assertion_of_another_signer_is_not_reused() {
    let gate = Gate::new();
    let (one, two) = (signer(&gate), signer(&gate));
    let alice = caller(&gate, "alice");
    let first = one.header(&alice, NOW).expect("signed");
    assert_ne!(two.header(&alice, NOW).expect("signed"), first);
}

#[test]
fn an_assertion_does_not_outlive_the_token_that_it_speaks_for() {
    let gate = Gate::new();
    let alice = caller(&gate, "alice");
    let header = signer(&gate).header(&alice, NOW + 3590).expect("signed");
    assert_eq!(claims(&header)["exp"], NOW + 3600);
}

#[test]
fn an_assertion_key_must_be_one_and_closed_to_strangers() {
    let gate = Gate::new();
    let key = gate.directory.path().join("assertion.key");
    let load = |contents: &str, mode: u32| {
        fs::write(&key, contents).expect("written");
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).expect("changed");
        let settings =
            AssertionSettings { key: key.clone(), audience: "app".into(), lifetime: Duration::from_secs(60) };
        AssertionSigner::load(&settings).map(|_| ()).map_err(|fault| fault.to_string())
    };
    let good: &str = &gate.pki.assertion_key;
    for mode in [0o400, 0o440, 0o600, 0o640] {
        assert_eq!(load(good, mode), Ok(()), "{mode:o}");
    }
    for mode in [0o644, 0o604, 0o602, 0o601, 0o666, 0o777] {
        assert!(load(good, mode).expect_err("refused").contains("chmod o="), "{mode:o}");
    }
    let ed25519 = dev::ed25519_key().expect("a key");
    let twice = format!("{good}{good}");
    let public = &gate.pki.gate.certificate;
    for bad in ["", "garbage", &ed25519, &twice, public, &good[..100], &good.replace("PRIVATE KEY", "EC PRIVATE KEY")] {
        let fault = load(bad, 0o600).expect_err("refused");
        assert!(fault.contains("assertion.key") && !fault.contains("MIG"), "{fault}");
    }
}
