//! Headers that try to choose how, or with what, a token is verified.

use aws_lc_rs::hmac;

use super::*;

#[test]
fn token_alg_none_is_refused_in_every_spelling() {
    let gate = Gate::new();
    for alg in ["none", "None", "NONE", "nOnE", "", " none", "none ", "none\\u0000", "n\\u006fne"] {
        let header = format!(r#"{{"alg":"{alg}"}}"#);
        assert_eq!(refusal(gate.header(&header)), IdentityRefusal::TokenAlgorithm, "{alg:?}");
        let unsigned = gate.forge(&header, &honest_claims().to_string());
        let unsigned = &unsigned[..=unsigned.rfind('.').expect("a dot")];
        assert_eq!(refusal(gate.bearer(unsigned, NOW)), IdentityRefusal::TokenAlgorithm, "{alg:?}");
    }
}

#[test]
fn token_alg_in_another_case_or_type_is_refused() {
    let gate = Gate::new();
    for alg in [r#""es256""#, r#""Es256""#, r#""ES256 ""#, r#""ES384""#, r#""PS256""#, "null", "0", "[\"ES256\"]", "{}"]
    {
        assert_eq!(refusal(gate.header(&format!(r#"{{"alg":{alg}}}"#))), IdentityRefusal::TokenAlgorithm, "{alg}");
    }
    assert_eq!(refusal(gate.header("{}")), IdentityRefusal::TokenAlgorithm);
}

#[test]
fn token_signed_by_hmac_with_the_public_key_is_refused() {
    let gate = Gate::new();
    let set: Value = serde_json::from_str(&gate.pki.idp.jwks).expect("JSON");
    let x = set["keys"][0]["x"].as_str().expect("a coordinate").to_owned();
    for (alg, secret) in [("HS256", gate.pki.idp.jwks.clone()), ("HS256", x.clone()), ("ES256", x)] {
        let header = format!(r#"{{"alg":"{alg}"}}"#);
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(honest_claims().to_string()));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), signed.as_bytes());
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag));
        let expected = if alg == "HS256" { IdentityRefusal::TokenAlgorithm } else { IdentityRefusal::TokenSignature };
        assert_eq!(refusal(gate.bearer(&token, NOW)), expected);
    }
}

#[test]
fn token_of_a_pinned_algorithm_without_a_key_is_refused() {
    let gate = Gate::new();
    assert_eq!(refusal(gate.header(r#"{"alg":"RS256"}"#)), IdentityRefusal::TokenKeyUnknown);
    // Known to us, but not among the issuer's.
    assert_eq!(refusal(gate.header(r#"{"alg":"EdDSA"}"#)), IdentityRefusal::TokenAlgorithm);
}

#[test]
fn token_kid_is_compared_and_nothing_else() {
    let gate = Gate::new();
    let set: Value = serde_json::from_str(&gate.pki.idp.jwks).expect("JSON");
    let kid = set["keys"][0]["kid"].as_str().expect("an id");
    assert!(gate.header(&format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#)).is_ok());
    assert_eq!(
        refusal(gate.header(&format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#))),
        IdentityRefusal::TokenAlgorithm,
        "the key of another algorithm"
    );
    for kid in ["null", "0", "[]", "{}", "true"] {
        let header = format!(r#"{{"alg":"ES256","kid":{kid}}}"#);
        assert_eq!(refusal(gate.header(&header)), IdentityRefusal::TokenKeyUnknown, "{kid}");
    }
}

#[test]
fn token_that_brings_its_own_key_is_refused() {
    let gate = Gate::new();
    let own = dev::signing_pair().expect("a pair");
    let set: Value = serde_json::from_str(&own.jwks).expect("JSON");
    let jwk = &set["keys"][0];
    for header in [
        json!({ "alg": "ES256", "jwk": jwk }),
        json!({ "alg": "ES256", "jku": "https://attacker.example/jwks.json" }),
        json!({ "alg": "ES256", "x5u": "https://attacker.example/chain.pem" }),
        json!({ "alg": "ES256", "x5c": ["MIIB"] }),
        json!({ "alg": "ES256", "jwk": null }),
    ] {
        let token = sign_es256(&own.key, &header.to_string(), &honest_claims().to_string());
        assert_eq!(refusal(gate.bearer(&token, NOW)), IdentityRefusal::TokenHeaderForbidden, "{header}");
        // Even under the true key: such a header has no honest reason.
        assert_eq!(refusal(gate.header(&header.to_string())), IdentityRefusal::TokenHeaderForbidden, "{header}");
    }
    let kid = jwk["kid"].as_str().expect("an id");
    let stranger = sign_es256(&own.key, &format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#), &honest_claims().to_string());
    assert_eq!(refusal(gate.bearer(&stranger, NOW)), IdentityRefusal::TokenKeyUnknown);
    let stranger = sign_es256(&own.key, r#"{"alg":"ES256"}"#, &honest_claims().to_string());
    assert_eq!(refusal(gate.bearer(&stranger, NOW)), IdentityRefusal::TokenSignature);
}

#[test]
fn token_crit_is_refused_whatever_it_says() {
    let gate = Gate::new();
    for crit in [r#"["unknown"]"#, "[]", "null", r#"["alg"]"#, r#""b64""#, "0", r#"["b64"],"b64":false"#] {
        let header = format!(r#"{{"alg":"ES256","crit":{crit}}}"#);
        assert_eq!(refusal(gate.header(&header)), IdentityRefusal::TokenHeaderForbidden, "{crit}");
    }
    for other in [r#""b64":false"#, r#""zip":"DEF""#, r#""enc":"A128GCM""#, r#""cty":"JWT""#] {
        let header = format!(r#"{{"alg":"ES256",{other}}}"#);
        assert_eq!(refusal(gate.header(&header)), IdentityRefusal::TokenHeaderForbidden, "{other}");
    }
}

#[test]
fn token_header_members_stand_once() {
    let gate = Gate::new();
    for header in [
        r#"{"alg":"ES256","alg":"none"}"#,
        r#"{"alg":"none","alg":"ES256"}"#,
        r#"{"alg":"ES256","\u0061lg":"ES256"}"#,
        r#"{"alg":"ES256","kid":"a","kid":"b"}"#,
        r#"{"alg":"ES256","x":{"y":1,"y":2}}"#,
    ] {
        assert_eq!(refusal(gate.header(header)), IdentityRefusal::TokenMalformed, "{header}");
    }
}

#[test]
fn token_type_says_what_it_is_for() {
    let gate = Gate::new();
    for typ in ["JWT", "jwt", "at+jwt", "AT+JWT"] {
        assert!(gate.header(&format!(r#"{{"alg":"ES256","typ":"{typ}"}}"#)).is_ok(), "{typ}");
    }
    for typ in
        [r#""logout+jwt""#, r#""dpop+jwt""#, r#""secevent+jwt""#, r#""JOSE""#, r#""""#, "null", "1", r#"["JWT"]"#]
    {
        let header = format!(r#"{{"alg":"ES256","typ":{typ}}}"#);
        assert_eq!(refusal(gate.header(&header)), IdentityRefusal::TokenMalformed, "{typ}");
    }
}
