//! Tokens, and headers around them, that are not in the one form there is.

use super::token_attacks::list::der;
use super::*;

fn refused(gate: &Gate, token: &str) -> IdentityRefusal {
    refusal(gate.bearer(token, NOW))
}

#[test]
fn token_has_three_parts() {
    let gate = Gate::new();
    let token = gate.token("alice", &[], false);
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("three parts") };
    for bad in [
        header.to_owned(),
        format!("{header}.{claims}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        format!("{header}..{signature}"),
        format!(".{claims}.{signature}"),
        "..".into(),
        ".".into(),
        String::new(),
    ] {
        assert_eq!(refused(&gate, &bad), IdentityRefusal::TokenMalformed, "{bad}");
    }
    // Without a signature the form may stand; it verifies under nothing.
    assert_eq!(refused(&gate, &format!("{header}.{claims}.")), IdentityRefusal::TokenSignature);
}

#[test]
fn token_parts_are_base64url_in_one_spelling() {
    let gate = Gate::new();
    let token = gate.token("alice", &[], false);
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("three parts") };
    for bad in [
        format!("{header}.{claims}.{signature}=="),
        format!("{header}=.{claims}.{signature}"),
        format!("{header}.{claims}= .{signature}"),
        format!("{header}.{claims}.{signature}\t"),
        format!(" {token}"),
        format!("{token} "),
        format!("{header} .{claims}.{signature}"),
        format!("{header}.{claims}.{signature}+"),
        format!("{header}.{claims}.{signature}%3D"),
        format!("{header}.{claims}.{}/{}", &signature[..40], &signature[41..]),
    ] {
        assert_eq!(refused(&gate, &bad), IdentityRefusal::TokenMalformed, "{bad}");
    }
}

#[test]
fn token_with_idle_bits_at_its_end_is_refused() {
    let gate = Gate::new();
    let token = gate.token("alice", &[], false);
    // 64 bytes leave 4 bits of the last of 86 characters idle. 16 spellings would decode to the same signature.
    let (body, last) = token.split_at(token.len() - 1);
    assert!(matches!(last, "A" | "Q" | "g" | "w"), "the one spelling has them zero");
    for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        if !last.starts_with(other) {
            let refusal = refused(&gate, &format!("{body}{other}"));
            assert!(matches!(refusal, IdentityRefusal::TokenMalformed | IdentityRefusal::TokenSignature), "{other}");
        }
    }
}

#[test]
fn token_signature_has_exactly_its_length_and_is_not_zero() {
    let gate = Gate::new();
    let token = gate.token("alice", &[], false);
    let (signed, signature) = token.rsplit_once('.').expect("a dot");
    let good = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let (r, s) = good.split_at(32);
    let zero = [0u8; 32];
    // n, the order of P-256's group (SEC 2 section 2.4.2): as r or s it is zero in disguise.
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let bad: [Vec<u8>; 12] = [
        [&good[..], &[0]].concat(),
        [&[0][..], &good].concat(),
        [&[0][..], r, &[0], s].concat(),
        [&good[..], &good].concat(),
        good[..63].to_vec(),
        r.to_vec(),
        [zero, zero].concat(),
        [r, &zero].concat(),
        [&zero, s].concat(),
        [r, &order].concat(),
        order.repeat(2),
        der(r, s),
    ];
    for signature in bad {
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature));
        assert_eq!(refused(&gate, &token), IdentityRefusal::TokenSignature, "{signature:?}");
    }
}

#[test]
fn token_signature_belongs_to_its_own_parts() {
    let gate = Gate::new();
    let (alice, mallory) = (gate.token("alice", &[], false), gate.token("mallory", &[], false));
    let (signed, _) = alice.rsplit_once('.').expect("a dot");
    let (_, signature) = mallory.rsplit_once('.').expect("a dot");
    assert_eq!(refused(&gate, &format!("{signed}.{signature}")), IdentityRefusal::TokenSignature);
    for end in 0..alice.len() {
        assert!(gate.bearer(&alice[..end], NOW).is_err(), "cut at {end}");
    }
}

#[test]
fn token_size_is_bounded() {
    let gate = Gate::new();
    let padded = |bytes: usize| with_claim("padding", Some(json!("x".repeat(bytes)))).to_string();
    assert!(gate.bearer(&gate.forge(r#"{"alg":"ES256"}"#, &padded(5_000)), NOW).is_ok());
    assert_eq!(refused(&gate, &gate.forge(r#"{"alg":"ES256"}"#, &padded(7_000))), IdentityRefusal::TokenTooLarge);
    assert_eq!(refused(&gate, &"a".repeat(1 << 20)), IdentityRefusal::TokenTooLarge);
    let header = format!(r#"{{"alg":"ES256","x":"{}"}}"#, "x".repeat(1_100));
    assert_eq!(refusal(gate.header(&header)), IdentityRefusal::TokenTooLarge);
}

#[test]
fn token_scheme_is_bearer_and_one_space() {
    let gate = Gate::new();
    let token = gate.token("alice", &[], false);
    for scheme in ["Bearer ", "bearer ", "BEARER "] {
        assert!(gate.identify(&[("authorization", &format!("{scheme}{token}"))], NOW).is_ok(), "{scheme}");
    }
    for value in [
        "Basic YWxpY2U6c2VjcmV0".to_owned(),
        format!("Token {token}"),
        format!("Bearer\t{token}"),
        format!("Bearer:{token}"),
        token.clone(),
        "Bearer".into(),
        "Negotiate".into(),
        String::new(),
    ] {
        let verdict = gate.identify(&[("authorization", &value)], NOW);
        assert_eq!(refusal(verdict), IdentityRefusal::UnsupportedScheme, "{value}");
    }
    let dpop = gate.identify(&[("authorization", &format!("DPoP {token}"))], NOW);
    assert_eq!(refusal(dpop), IdentityRefusal::TokenBinding, "it is bound to nothing");
    for value in [format!("Bearer  {token}"), "Bearer ".into(), format!("Bearer {token} {token}")] {
        assert_eq!(
            refusal(gate.identify(&[("authorization", &value)], NOW)),
            IdentityRefusal::TokenMalformed,
            "{value}"
        );
    }
}

#[test]
fn token_header_stands_once() {
    let gate = Gate::new();
    let value = format!("Bearer {}", gate.token("alice", &[], false));
    let repeated = [("authorization", &*value), ("authorization", &*value)];
    assert_eq!(refusal(gate.identify(&repeated, NOW)), IdentityRefusal::CredentialRepeated);
    let mixed = [("authorization", "Basic YTpi"), ("authorization", &*value)];
    assert_eq!(refusal(gate.identify(&mixed, NOW)), IdentityRefusal::CredentialRepeated);
    let joined = format!("{value}, {value}");
    assert_eq!(refusal(gate.identify(&[("authorization", &joined)], NOW)), IdentityRefusal::CredentialRepeated);
}

#[test]
fn token_is_nobodys_where_no_token_method_is_configured() {
    let nobody = identifier(&[]);
    let headers = header_map(&[("authorization", "Basic YTpi"), ("authorization", "Bearer x.y.z")]);
    assert!(matches!(nobody.identify(&presented(&headers, None), NOW), Ok(None)));
    assert_eq!(nobody.credential_headers().count(), 0);
}

fn hex(digits: &str) -> Vec<u8> {
    let mut bytes = vec![0; digits.len() / 2];
    super::super::secret_file::decode_hex(digits.as_bytes(), &mut bytes).expect("hexadecimal");
    bytes
}
