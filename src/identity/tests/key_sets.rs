//! Key sets: what is trusted must be beyond doubt when it is read.

use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};

use super::*;

fn load(set: &str) -> Result<Vec<String>, String> {
    load_bytes(set.as_bytes())
}

fn load_bytes(set: &[u8]) -> Result<Vec<String>, String> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("jwks.json");
    fs::write(&path, set).expect("written");
    load_path(path)
}

fn load_path(path: PathBuf) -> Result<Vec<String>, String> {
    let roles = Roles::default();
    match Identifier::load(&[token_method(path)], &roles, None, CallerForm::Pseudonym, &Providers::default()) {
        Ok(made) => Ok(made.warnings()),
        Err(fault) => Err(fault.to_string()),
    }
}

fn jwk() -> Value {
    let set: Value = serde_json::from_str(&dev::signing_pair().expect("a pair").jwks).expect("JSON");
    set["keys"][0].clone()
}

fn changed(name: &str, value: Value) -> String {
    let mut key = jwk();
    key[name] = value;
    json!({ "keys": [key] }).to_string()
}

fn rsa_jwk(pair: &RsaKeyPair, kid: &str) -> Value {
    use x509_parser::prelude::FromDer as _;
    let (_, public) = x509_parser::public_key::RSAPublicKey::from_der(pair.public_key().as_ref()).expect("a key");
    // DER puts a zero before a number whose first bit is set.
    let n = URL_SAFE_NO_PAD.encode(public.modulus.strip_prefix(&[0]).unwrap_or(public.modulus));
    let e = URL_SAFE_NO_PAD.encode(public.exponent);
    json!({ "kty": "RSA", "kid": kid, "n": n, "e": e, "use": "sig" })
}

#[test]
fn token_keys_that_are_missing_or_garbage_are_a_fault_that_names_the_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let fault = load_path(directory.path().join("none.json")).expect_err("refused");
    assert!(fault.contains("none.json") && fault.contains("not there"), "{fault}");
    assert!(load_path(directory.path().to_owned()).expect_err("refused").contains("regular file"));
    for garbage in
        ["", " ", "{}", "[]", "null", "{\"keys\":[]}", "{\"keys\":{}}", "<html>", "{\"keys\":[1]}", "{\"keys\":[{}]}"]
    {
        assert!(load(garbage).expect_err("refused").contains("jwks.json"), "{garbage}");
    }
    assert!(load_bytes(b"\xff\xfe{}").is_err());
    let one = jwk();
    assert!(load(&format!("{{\"keys\":[{one}],\"keys\":[{one}]}}")).is_err(), "keys twice");
    assert!(load(&format!("{{\"keys\":[{one}]}} {{}}")).is_err(), "something after it");
}

#[test]
fn token_keys_that_are_symmetric_or_private_are_a_fault() {
    let honest = jwk();
    let symmetric = json!({ "kty": "oct", "kid": "s", "k": "c2VjcmV0", "alg": "HS256" });
    let fault = load(&json!({ "keys": [honest, symmetric] }).to_string()).expect_err("refused");
    assert!(fault.contains("key 2") && fault.contains("symmetric") && !fault.contains("c2VjcmV0"), "{fault}");
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let fault = load(&changed(member, json!("c2VjcmV0"))).expect_err("refused");
        assert!(fault.contains("private") && !fault.contains("c2VjcmV0"), "{fault}");
    }
}

#[test]
fn token_keys_off_the_curve_or_too_short_are_a_fault() {
    for (member, value) in [
        ("x", json!(URL_SAFE_NO_PAD.encode([1; 32]))),
        ("x", json!(URL_SAFE_NO_PAD.encode([0; 32]))),
        ("x", json!(URL_SAFE_NO_PAD.encode([1; 33]))),
        ("y", json!("")),
        ("y", json!(null)),
        ("y", json!(1)),
        ("kid", json!("")),
        ("kid", json!(1)),
        ("alg", json!(["ES256"])),
    ] {
        assert!(load(&changed(member, value.clone())).is_err(), "{member} {value}");
    }
    let rsa = |n: Vec<u8>, e: &[u8]| {
        load(
            &json!({ "keys": [{ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e) }] })
                .to_string(),
        )
    };
    assert!(rsa([&[0xc1][..], &[0x55; 127]].concat(), &[1, 0, 1]).expect_err("1024 bits").contains("2048"));
    assert!(rsa([&[0x71][..], &[0x55; 255]].concat(), &[1, 0, 1]).expect_err("2047 bits").contains("2048"));
    assert!(rsa([&[0xc1][..], &[0x55; 2047]].concat(), &[1, 0, 1]).expect_err("16384 bits").contains("8192"));
    assert!(rsa([&[0, 0xc1][..], &[0x55; 255]].concat(), &[1, 0, 1]).is_err(), "a leading zero");
    assert!(rsa([&[0xc1][..], &[0x55; 255]].concat(), &[3]).expect_err("e = 3").contains("exponent"));
    assert!(rsa([&[0xc1][..], &[0x55; 255]].concat(), &[1, 0, 0]).expect_err("even").contains("exponent"));
}

#[test]
fn token_keys_that_do_not_concern_us_are_left_out_with_a_warning() {
    let mut set = vec![jwk()];
    for (member, value) in [("use", json!("enc")), ("alg", json!("ES384")), ("key_ops", json!(["sign"]))] {
        let mut key = jwk();
        key[member] = value;
        set.push(key);
    }
    set.push(json!({ "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA" }));
    set.push(json!({ "kty": "AKP", "alg": "ML-DSA-65", "pub": "AA" }));
    // Ed25519 is known, but not among the issuer's algorithms.
    set.push(json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode([0x58; 32]) }));
    let warnings = load(&json!({ "keys": set }).to_string()).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(warnings.len(), 6, "{warnings:?}");
    set.remove(0);
    assert!(load(&json!({ "keys": set }).to_string()).expect_err("none is left").contains("no key"));
}

#[test]
fn token_keys_are_few_and_have_names_of_their_own() {
    let one = jwk();
    let mut twin = jwk();
    twin["kid"] = one["kid"].clone();
    assert!(load(&json!({ "keys": [one, twin] }).to_string()).expect_err("refused").contains("kid"));
    let many: Vec<Value> = (0..65).map(|_| jwk()).collect();
    assert!(load(&json!({ "keys": many }).to_string()).expect_err("refused").contains("more than 64"));
    assert!(load(&json!({ "keys": many[1..] }).to_string()).is_ok());
    assert!(load(&" ".repeat(70_000)).expect_err("refused").contains("longer"));
}

#[test]
fn token_keys_that_strangers_can_change_are_a_fault() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("jwks.json");
    fs::write(&path, json!({ "keys": [jwk()] }).to_string()).expect("written");
    assert!(load_path(path.clone()).is_ok());
    open_to_all(&path);
    assert!(load_path(path).expect_err("refused").contains("chmod"));
}

#[test]
fn token_without_kid_needs_the_only_key_of_its_algorithm() {
    let gate = Gate::new();
    let mut set: Value = serde_json::from_str(&gate.pki.idp.jwks).expect("JSON");
    let kid = set["keys"][0]["kid"].as_str().expect("an id").to_owned();
    set["keys"].as_array_mut().expect("keys").push(jwk());
    let path = gate.directory.path().join("jwks.json");
    fs::write(&path, set.to_string()).expect("written");
    let two = identifier(&[token_method(path)]);
    let verdict = |header: &str| {
        let token = gate.forge(header, &honest_claims().to_string());
        two.identify(&Presented::fields(&header_map(&[("authorization", &format!("Bearer {token}"))])), NOW)
    };
    assert_eq!(refusal(verdict(r#"{"alg":"ES256"}"#)), IdentityRefusal::TokenKeyUnknown);
    assert!(verdict(&format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#)).is_ok());
}

#[test]
fn token_of_an_rsa_key_is_verified_as_rs256_alone() {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("jwks.json");
    fs::write(&path, json!({ "keys": [rsa_jwk(&pair, "r"), jwk()] }).to_string()).expect("written");
    let gate = identifier(&[token_method(path)]);
    let verdict = |header: &str, damage: &dyn Fn(&mut Vec<u8>)| {
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(honest_claims().to_string()));
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).expect("signed");
        damage(&mut signature);
        let token = format!("Bearer {signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        gate.identify(&Presented::fields(&header_map(&[("authorization", &token)])), NOW)
    };
    let intact = |_: &mut Vec<u8>| {};
    assert!(verdict(r#"{"alg":"RS256","kid":"r"}"#, &intact).is_ok());
    assert!(verdict(r#"{"alg":"RS256"}"#, &intact).is_ok());
    for alg in ["ES256", "PS256", "RS512", "RS384", "HS256"] {
        let header = format!(r#"{{"alg":"{alg}","kid":"r"}}"#);
        assert_eq!(refusal(verdict(&header, &intact)), IdentityRefusal::TokenAlgorithm, "{alg}");
    }
    let bad = [
        |signature: &mut Vec<u8>| signature.push(0),
        |signature: &mut Vec<u8>| signature.insert(0, 0),
        |signature: &mut Vec<u8>| signature[9] ^= 4,
        |signature: &mut Vec<u8>| signature.fill(0),
    ];
    for damage in bad {
        assert_eq!(refusal(verdict(r#"{"alg":"RS256","kid":"r"}"#, &damage)), IdentityRefusal::TokenSignature);
    }
}

#[test]
fn token_issuers_do_not_share_their_keys() {
    let (first, second) = (Gate::new(), Gate::new());
    let CallerMethod::Token(settings) = token_method(second.directory.path().join("jwks.json")) else {
        panic!("a token method")
    };
    let other = TokenSettings { issuer: "https://second.example".into(), ..(*settings).clone() };
    let methods = [token_method(first.directory.path().join("jwks.json")), CallerMethod::Token(Arc::new(other))];
    let both = identifier(&methods);
    let verdict = |token: String| {
        both.identify(&Presented::fields(&header_map(&[("authorization", &format!("Bearer {token}"))])), NOW)
    };
    let of_second = with_claim("iss", Some(json!("https://second.example"))).to_string();
    let of_first = honest_claims().to_string();
    assert!(verdict(first.forge(r#"{"alg":"ES256"}"#, &of_first)).is_ok());
    assert!(verdict(second.forge(r#"{"alg":"ES256"}"#, &of_second)).is_ok());
    assert_eq!(refusal(verdict(first.forge(r#"{"alg":"ES256"}"#, &of_second))), IdentityRefusal::TokenSignature);
    assert_eq!(refusal(verdict(second.forge(r#"{"alg":"ES256"}"#, &of_first))), IdentityRefusal::TokenSignature);
    let twice = [methods[0].clone(), methods[0].clone()];
    assert!(
        Identifier::load(&twice, &Roles::default(), None, CallerForm::Id, &Providers::default()).is_err(),
        "one issuer twice"
    );
}
