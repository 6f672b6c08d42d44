//! Claims under a true signature that must not be believed all the same.

use super::*;

#[test]
fn token_issuer_is_one_exact_string() {
    let gate = Gate::new();
    for iss in [
        None,
        Some(json!("https://idp.example/")),
        Some(json!("https://IDP.example")),
        Some(json!("https://attacker.example")),
        Some(json!("")),
        Some(json!([ISSUER])),
        Some(json!([ISSUER, "https://attacker.example"])),
        Some(json!({ "0": ISSUER })),
        Some(json!(null)),
        Some(json!(0)),
    ] {
        let claims = with_claim("iss", iss);
        assert_eq!(refusal(gate.claims(&claims)), IdentityRefusal::TokenIssuer, "{claims}");
    }
}

#[test]
fn token_audience_names_us() {
    let gate = Gate::new();
    for aud in [json!(AUDIENCE), json!([AUDIENCE]), json!(["other", AUDIENCE])] {
        assert!(gate.claims(&with_claim("aud", Some(aud.clone()))).is_ok(), "{aud}");
    }
    for aud in [
        None,
        Some(json!("other")),
        Some(json!("seller-app ")),
        Some(json!("Seller-App")),
        Some(json!("seller-app,other")),
        Some(json!("")),
        Some(json!([])),
        Some(json!(["other"])),
        Some(json!([[AUDIENCE]])),
        Some(json!([AUDIENCE, 1])),
        Some(json!([AUDIENCE, null])),
        Some(json!({ "aud": AUDIENCE })),
        Some(json!(null)),
        Some(json!(true)),
    ] {
        let claims = with_claim("aud", aud);
        assert_eq!(refusal(gate.claims(&claims)), IdentityRefusal::TokenAudience, "{claims}");
    }
}

/// What else an expiry may not be stands in the list of attacks.
#[test]
fn token_expiry_is_there_and_as_large_as_a_double_holds() {
    let gate = Gate::new();
    assert_eq!(refusal(gate.claims(&with_claim("exp", None))), IdentityRefusal::TokenClaims);
    assert!(gate.claims(&with_claim("exp", Some(json!(9_007_199_254_740_991_u64)))).is_ok());
}

#[test]
fn token_times_are_judged_with_thirty_seconds_of_leeway() {
    let gate = Gate::new();
    let at = |claim, moment: u64| gate.claims(&with_claim(claim, Some(json!(moment))));
    assert!(at("exp", NOW - 29).is_ok());
    assert_eq!(refusal(at("exp", NOW - 30)), IdentityRefusal::TokenExpired);
    assert_eq!(refusal(at("exp", 1)), IdentityRefusal::TokenExpired);
    for claim in ["nbf", "iat"] {
        assert!(at(claim, NOW + 30).is_ok(), "{claim}");
        assert_eq!(refusal(at(claim, NOW + 31)), IdentityRefusal::TokenNotYetValid, "{claim}");
        for bad in [json!("0"), json!(null), json!(1.5), json!(-1), json!([])] {
            assert_eq!(refusal(gate.claims(&with_claim(claim, Some(bad)))), IdentityRefusal::TokenClaims, "{claim}");
        }
    }
}

#[test]
fn token_claims_stand_once() {
    let gate = Gate::new();
    let honest = format!(r#""iss":"{ISSUER}","aud":"{AUDIENCE}","sub":"alice","exp":{}"#, NOW + 60);
    for claims in [
        format!(r#"{{{honest},"sub":"admin"}}"#),
        format!(r#"{{"sub":"admin",{honest}}}"#),
        format!(r#"{{{honest},"s\u0075b":"admin"}}"#),
        format!(r#"{{{honest},"exp":9999999999}}"#),
        format!(r#"{{{honest},"x":[{{"y":1,"y":2}}]}}"#),
    ] {
        let token = gate.forge(r#"{"alg":"ES256"}"#, &claims);
        assert_eq!(refusal(gate.bearer(&token, NOW)), IdentityRefusal::TokenMalformed, "{claims}");
    }
}

#[test]
fn token_claims_are_one_json_object() {
    let gate = Gate::new();
    let honest = honest_claims().to_string();
    for claims in [
        "[]".to_owned(),
        "null".into(),
        "\"text\"".into(),
        format!("[{honest}]"),
        format!("{honest}{honest}"),
        format!("{honest},"),
        format!("\u{feff}{honest}"),
        format!("{honest}\0"),
        honest.replace('"', "'"),
        honest[..honest.len() - 1].to_owned(),
        format!("{}{{}}{}", r#"{"x":"#.repeat(200), "}".repeat(200)),
        format!("// comment\n{honest}"),
        Value::Object((0..129).map(|number| (format!("c{number}"), json!(0))).collect()).to_string(),
    ] {
        let token = gate.forge(r#"{"alg":"ES256"}"#, &claims);
        assert_eq!(refusal(gate.bearer(&token, NOW)), IdentityRefusal::TokenMalformed, "{claims}");
    }
}

#[test]
fn token_subject_is_a_name() {
    let gate = Gate::new();
    for sub in ["zoë", "山田", "alice@seller.example", "a b"] {
        let caller = gate.claims(&with_claim("sub", Some(json!(sub)))).unwrap_or_else(|why| panic!("{}", why.code()));
        assert_eq!(caller.subject(), sub);
        assert!(caller.caller_header.to_str().is_ok_and(|text| text.bytes().all(|byte| byte.is_ascii_graphic())));
    }
    for sub in [
        None,
        Some(json!("")),
        Some(json!(" ")),
        Some(json!("alice ")),
        Some(json!("alice\n")),
        Some(json!("alice\r\nX-Portcullis-Roles: admin")),
        Some(json!("alice\0")),
        Some(json!("alice\u{7f}")),
        Some(json!("alice\u{85}")),
        Some(json!("alice\u{a0}smith")),
        Some(json!("alice\u{3000}smith")),
        Some(json!("alice\u{200b}")),
        Some(json!("alice\u{202e}ecila")),
        Some(json!("alice\u{2028}")),
        Some(json!("alice\u{2066}")),
        Some(json!("alice\u{feff}")),
        Some(json!("a".repeat(257))),
        Some(json!(1)),
        Some(json!(null)),
        Some(json!(["alice"])),
    ] {
        let claims = with_claim("sub", sub);
        assert_eq!(refusal(gate.claims(&claims)), IdentityRefusal::TokenClaims, "{claims}");
    }
}

#[test]
fn token_subject_cannot_be_two_callers_to_the_app() {
    let gate = Gate::new();
    let header = |sub: &str| {
        let caller = gate.claims(&with_claim("sub", Some(json!(sub)))).unwrap_or_else(|why| panic!("{}", why.code()));
        caller.caller_header.clone()
    };
    assert_eq!(header("zoë"), "user:zo%C3%AB");
    assert_eq!(header("zo%C3%AB"), "user:zo%25C3%25AB");
    assert_eq!(header("a,b"), "user:a%2Cb");
}

#[test]
fn token_groups_are_strings() {
    let gate = Gate::new();
    let caller =
        gate.claims(&with_claim("roles", Some(json!("warehouse")))).unwrap_or_else(|why| panic!("{}", why.code()));
    assert_eq!(caller.roles_header, "fulfilment");
    let many: Vec<String> = (0..257).map(|number| format!("g{number}")).collect();
    assert!(gate.claims(&with_claim("roles", Some(json!(many[1..])))).is_ok());
    for roles in [
        json!(many),
        json!(null),
        json!(1),
        json!({ "0": "warehouse" }),
        json!([["warehouse"]]),
        json!(["warehouse", 1]),
        json!(["warehouse", null]),
        json!([""]),
        json!("a".repeat(257)),
        json!(["ware\nhouse"]),
    ] {
        let claims = with_claim("roles", Some(roles));
        assert_eq!(refusal(gate.claims(&claims)), IdentityRefusal::TokenClaims, "{claims}");
    }
    let none = gate.claims(&with_claim("roles", None)).unwrap_or_else(|why| panic!("{}", why.code()));
    assert!(none.roles.is_empty());
}

#[test]
fn token_second_factor_is_another_kind_of_factor() {
    let gate = Gate::new();
    let mfa_at = |amr: Value, auth_time: Value| {
        let mut claims = with_claim("amr", Some(amr));
        if !auth_time.is_null() {
            claims["auth_time"] = auth_time;
        }
        gate.claims(&claims).map(|caller| caller.mfa_at)
    };
    let then = NOW - 600;
    for yes in [
        json!(["mfa"]),
        json!(["pwd", "otp"]),
        json!(["pin", "hwk"]),
        json!(["fpt", "swk"]),
        json!(["geo", "pwd", "sms"]),
    ] {
        assert_eq!(mfa_at(yes.clone(), json!(then)), Ok(Some(then)), "{yes}");
        assert_eq!(mfa_at(yes.clone(), Value::Null), Ok(None), "{yes}: when is not known");
        assert_eq!(mfa_at(yes.clone(), json!(NOW + 31)), Ok(None), "{yes}: it has not come");
    }
    for no in [
        json!([]),
        json!(["pwd"]),
        json!(["pwd", "pin"]),
        json!(["otp", "sms"]),
        json!(["MFA"]),
        json!(["user", "rba", "pwd"]),
    ] {
        assert_eq!(mfa_at(no.clone(), json!(then)), Ok(None), "{no}");
    }
    for bad in [json!("mfa"), json!(null), json!(["mfa", 1]), json!({ "mfa": true }), json!([["mfa"]])] {
        assert_eq!(mfa_at(bad.clone(), json!(then)), Err(IdentityRefusal::TokenClaims), "{bad}");
    }
    for bad in [json!("1767225600"), json!(1.5), json!(-1), json!(0)] {
        assert_eq!(mfa_at(json!(["mfa"]), bad.clone()), Err(IdentityRefusal::TokenClaims), "{bad}");
    }
}
