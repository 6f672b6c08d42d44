//! For any input: nothing but the credential itself is the credential, and no reader panics.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

static GATE: LazyLock<Gate> = LazyLock::new(Gate::new);
static TOKEN: LazyLock<String> = LazyLock::new(|| GATE.token("alice", &["warehouse"], true));

proptest! {
    #[test]
    fn token_with_any_bit_changed_is_refused(place in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = TOKEN.clone().into_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert!(verify(&bytes).is_err());
    }

    #[test]
    fn token_with_any_character_changed_is_refused(place in any::<prop::sample::Index>(), other in "[A-Za-z0-9_.-]") {
        let mut text = TOKEN.clone();
        let place = place.index(text.len());
        prop_assume!(text[place..=place] != other);
        text.replace_range(place..=place, &other);
        prop_assert!(verify(text.as_bytes()).is_err());
    }

    #[test]
    fn token_of_any_bytes_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(verify(&bytes).is_err());
    }

    #[test]
    fn token_of_any_json_is_refused_or_honest(header in "\\PC{0,60}", claims in "\\PC{0,200}") {
        prop_assert!(GATE.bearer(&GATE.forge(&header, &claims), NOW).is_err());
    }

    #[test]
    fn token_claims_of_any_shape_do_not_panic(
        claim in prop::sample::select(vec!["iss", "aud", "sub", "exp", "nbf", "iat", "roles", "amr", "auth_time"]),
        value in json_value(),
    ) {
        let _ = GATE.claims(&with_claim(claim, Some(value)));
    }

    #[test]
    fn key_set_of_any_shape_does_not_panic(value in json_value(), member in "[a-z0-9_]{1,7}") {
        let path = GATE.directory.path().join("any.json");
        let mut key = json!({ "kty": "EC", "crv": "P-256" });
        key[member] = value;
        fs::write(&path, json!({ "keys": [key] }).to_string()).expect("written");
        prop_assert!(Identifier::load(&[token_method(path)], &Roles::default(), None, CallerForm::Id, &Providers::default()).is_err());
    }

    #[test]
    fn api_key_file_of_any_text_does_not_panic(text in "(keys:|  - |caller: |digest: |groups: |[\\[\\]{}&*!#,'\"\\n :a-z-]){0,40}") {
        let _ = crate::identity::api_key_edit::KeyFile::parse(std::path::Path::new("any.yaml"), text);
    }

    #[test]
    fn api_key_of_any_text_is_refused(key in "\\PC{0,80}") {
        if let Ok(value) = HeaderValue::from_bytes(key.as_bytes()) {
            let mut headers = HeaderMap::new();
            headers.insert("x-api-key", value);
            prop_assert!(GATE.identifier.identify(&presented(&headers, None), NOW).is_err());
        }
    }

    #[test]
    fn certificate_with_any_byte_changed_does_not_panic(place in any::<prop::sample::Index>(), other in any::<u8>()) {
        use rustls_pki_types::{CertificateDer, pem::PemObject};
        let leaf = CertificateDer::from_pem_slice(GATE.pki.client.certificate.as_bytes()).expect("a certificate");
        let mut der = leaf.to_vec();
        let place = place.index(der.len());
        der[place] = other;
        let _ = GATE.identifier.certificate(&der);
    }
}

fn verify(token: &[u8]) -> Result<Option<Arc<Identity>>, IdentityRefusal> {
    let Ok(value) = HeaderValue::from_bytes(&[b"Bearer ", token].concat()) else {
        return Err(IdentityRefusal::TokenMalformed);
    };
    let mut headers = HeaderMap::new();
    headers.insert("authorization", value);
    GATE.identifier.identify(&presented(&headers, None), NOW)
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
