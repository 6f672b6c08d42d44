//! The whole list of attacks on tokens, against the verifier.

use super::*;

#[path = "../../../tests/support/token_attacks.rs"]
pub(super) mod list;

#[test]
fn token_attacks_are_refused_each_for_its_reason() {
    let gate = Gate::new();
    let der = pkcs8_from_pem(gate.pki.idp.key.as_bytes()).expect("a key");
    let forge = list::Forge::new(&der, &gate.pki.idp.jwks, ISSUER, AUDIENCE, NOW);
    let keys = gate.directory.path().join("jwks.json");
    let settings = TokenSettings {
        roles: Some("roles".into()),
        ..TokenSettings::local(ISSUER, AUDIENCE, keys, &[TokenAlgorithm::Es256])
    };
    let only_es256 = identifier(&[CallerMethod::Token(Arc::new(settings))]);
    let verdict = |token: &str| {
        let headers = header_map(&[("authorization", &format!("Bearer {token}"))]);
        only_es256.identify(&Presented::fields(&headers), NOW)
    };
    let rows = list::attacks(&forge);
    assert!(rows.len() > 250, "{}", rows.len());
    // Twice: what was refused is not remembered as anything better.
    for attack in rows.iter().chain(&rows) {
        let code = verdict(&attack.token).map_or_else(IdentityRefusal::code, |_| "accepted");
        assert_eq!(code, attack.code, "{}: {}", attack.name, &attack.token[..attack.token.len().min(200)]);
    }
    assert!(verdict(&forge.honest()).is_ok());
}
