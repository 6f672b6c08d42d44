//! Attacks on signed tokens, each under its name with the code of its refusal: one list, run against the verifier by its
//! own tests and against a running gate over HTTP. The playbooks of jwt_tool and RFC 8725, and what other gates fell for.
//!
//! Every token is signed by the issuer's true key unless its row says otherwise: what is wrong with it is what it says.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// An issuer whose keys the verifier has; it takes ES256 alone.
pub struct Forge {
    pub key: EcdsaKeyPair,
    /// The key set as everybody can read it.
    pub jwks: String,
    pub issuer: &'static str,
    pub audience: &'static str,
    pub now: u64,
}

/// A token that must not be believed.
pub struct Attack {
    pub name: String,
    /// The code of the refusal.
    pub code: &'static str,
    pub token: String,
}

/// The list, gathered.
struct List<'f> {
    forge: &'f Forge,
    rows: Vec<Attack>,
}

const ES256: &str = r#"{"alg":"ES256"}"#;

impl Forge {
    /// With a P-256 key in PKCS#8 (DER).
    pub fn new(key: &[u8], jwks: &str, issuer: &'static str, audience: &'static str, now: u64) -> Self {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key).expect("a P-256 key");
        Self { key, jwks: jwks.to_owned(), issuer, audience, now }
    }

    fn claims(&self) -> Value {
        json!({ "iss": self.issuer, "aud": self.audience, "sub": "alice@seller.example", "exp": self.now + 600 })
    }

    fn with(&self, claim: &str, value: Value) -> Value {
        let mut claims = self.claims();
        claims[claim] = value;
        claims
    }

    fn without(&self, claim: &str) -> Value {
        let mut claims = self.claims();
        claims.as_object_mut().expect("an object").remove(claim);
        claims
    }

    fn signature(&self, signed: &str) -> Vec<u8> {
        self.key.sign(&SystemRandom::new(), signed.as_bytes()).expect("signed").as_ref().to_vec()
    }

    /// Truly signed, whatever header and claims are.
    fn signed(&self, header: &str, claims: &str) -> String {
        let signed = unsigned(header, claims);
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(self.signature(&signed)))
    }

    /// As an honest issuer makes it.
    pub fn honest(&self) -> String {
        self.signed(ES256, &self.claims().to_string())
    }

    /// Its `kid`.
    fn kid(&self) -> String {
        self.jwk()["kid"].as_str().expect("an id").to_owned()
    }

    fn jwk(&self) -> Value {
        let set: Value = serde_json::from_str(&self.jwks).expect("JSON");
        set["keys"][0].clone()
    }
}

/// Header and claims, encoded.
fn unsigned(header: &str, claims: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

/// All of them.
pub fn attacks(forge: &Forge) -> Vec<Attack> {
    let mut list = List { forge, rows: Vec::new() };
    list.algorithms();
    list.symmetric();
    list.key_ids();
    list.keys_brought_along();
    list.extensions();
    list.encryption();
    list.types();
    list.issuers_and_audiences();
    list.subjects_and_groups();
    list.moments();
    list.repetitions();
    list.shapes();
    list.encodings();
    list.json();
    list.signatures();
    list.bindings();
    list.rows
}

impl List<'_> {
    fn add(&mut self, name: impl Into<String>, code: &'static str, token: String) {
        self.rows.push(Attack { name: name.into(), code, token });
    }

    /// Honest claims under this header.
    fn header(&mut self, name: impl Into<String>, code: &'static str, header: &str) {
        let token = self.forge.signed(header, &self.forge.claims().to_string());
        self.add(name, code, token);
    }

    /// An honest header over these claims.
    fn claims(&mut self, name: impl Into<String>, code: &'static str, claims: &str) {
        let token = self.forge.signed(ES256, claims);
        self.add(name, code, token);
    }

    fn algorithms(&mut self) {
        let claims = self.forge.claims().to_string();
        for alg in ["none", "None", "NONE", "nOnE", "", " none", "none ", "none\\u0000", "n\\u006fne"] {
            let header = format!(r#"{{"alg":"{alg}"}}"#);
            self.add(format!("alg {alg:?}, no signature"), "token_algorithm", unsigned(&header, &claims) + ".");
            self.header(format!("alg {alg:?}, true signature"), "token_algorithm", &header);
        }
        for alg in [r#""es256""#, r#""Es256""#, r#""ES256 ""#, "null", "0", r#"["ES256"]"#, "{}", "true"] {
            self.header(format!("alg {alg}"), "token_algorithm", &format!(r#"{{"alg":{alg}}}"#));
        }
        for alg in ["ES256K", "ES384", "ES512", "PS256", "RS256", "RS512", "EdDSA", "HS256", "dir", "RSA1_5"] {
            self.header(format!("alg {alg} under a P-256 key"), "token_algorithm", &format!(r#"{{"alg":"{alg}"}}"#));
        }
        self.header("no alg", "token_algorithm", "{}");
    }

    /// What everybody can read is no secret (CVE-2015-9235, CVE-2023-48238).
    fn symmetric(&mut self) {
        let (jwk, jwks) = (self.forge.jwk(), self.forge.jwks.clone());
        let x = jwk["x"].as_str().expect("a coordinate").to_owned();
        let point = self.forge.key.public_key().as_ref().to_vec();
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&point));
        let secrets = [
            ("the key set", jwks.into_bytes()),
            ("the key", jwk.to_string().into_bytes()),
            ("a coordinate", x.into_bytes()),
            ("the point", point),
            ("the point in PEM", pem.into_bytes()),
            ("nothing", Vec::new()),
        ];
        for (what, secret) in secrets {
            for (alg, code) in [("HS256", "token_algorithm"), ("ES256", "token_signature")] {
                let signed = unsigned(&format!(r#"{{"alg":"{alg}"}}"#), &self.forge.claims().to_string());
                let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), signed.as_bytes());
                let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag));
                self.add(format!("HMAC under {what}, alg {alg}"), code, token);
            }
        }
    }

    fn key_ids(&mut self) {
        let (kid, long) = (self.forge.kid(), "k".repeat(300));
        let ids = [
            "",
            "../../../../dev/null",
            "/dev/null",
            "/proc/sys/kernel/randomize_va_space",
            "..\\\\..\\\\key",
            "x' UNION SELECT 'secret';--",
            "|/usr/bin/id",
            "$(id)",
            "http://attacker.example/key",
            "file:///etc/passwd",
            "\\u0000",
            &kid.to_uppercase(),
            &format!("{kid} "),
            &format!("{kid}\\u0000"),
            &kid[1..],
            &long,
        ];
        for id in ids {
            let name = format!("kid {}", &id[..id.len().min(40)]);
            self.header(name, "token_key_unknown", &format!(r#"{{"alg":"ES256","kid":"{id}"}}"#));
        }
        for id in ["null", "0", "[]", "{}", "true"] {
            self.header(format!("kid {id}"), "token_key_unknown", &format!(r#"{{"alg":"ES256","kid":{id}}}"#));
        }
    }

    /// The stranger's own key, embedded or linked (CVE-2018-0114).
    fn keys_brought_along(&mut self) {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let own = Forge::new(pkcs8.expect("a key").as_ref(), &self.forge.jwks, "", "", 0);
        let point = own.key.public_key().as_ref().to_vec();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let jwk = json!({ "kty": "EC", "crv": "P-256", "x": part(&point[1..33]), "y": part(&point[33..]) });
        let claims = self.forge.claims().to_string();
        for header in [
            json!({ "alg": "ES256", "jwk": jwk }),
            json!({ "alg": "ES256", "jwk": jwk, "kid": self.forge.kid() }),
            json!({ "alg": "ES256", "jwk": null }),
            json!({ "alg": "ES256", "jku": "https://attacker.example/jwks.json" }),
            json!({ "alg": "ES256", "jku": format!("{}@attacker.example/", self.forge.issuer) }),
            json!({ "alg": "ES256", "x5u": "https://attacker.example/chain.pem" }),
            json!({ "alg": "ES256", "x5u": "http://169.254.169.254/latest/meta-data" }),
            json!({ "alg": "ES256", "x5c": ["MIIB"] }),
        ] {
            let header = header.to_string();
            let name: String = header.chars().take(60).collect();
            self.add(format!("own key, {name}"), "token_header_forbidden", own.signed(&header, &claims));
            // Even under the true key: such a header has no honest reason.
            self.header(format!("true key, {name}"), "token_header_forbidden", &header);
        }
        self.add("own key, not named", "token_signature", own.signed(ES256, &claims));
        let named = json!({ "alg": "ES256", "kid": self.forge.kid() }).to_string();
        self.add("own key, named as the true one", "token_signature", own.signed(&named, &claims));
    }

    fn extensions(&mut self) {
        for crit in [
            r#"["unknown"]"#,
            r#"["exp"]"#,
            r#"["alg"]"#,
            r#"[""]"#,
            "[]",
            "null",
            "{}",
            "0",
            r#""b64""#,
            r#"["b64"],"b64":false"#,
            r#"["b64"],"b64":true"#,
        ] {
            let header = format!(r#"{{"alg":"ES256","crit":{crit}}}"#);
            self.header(format!("crit {crit}"), "token_header_forbidden", &header);
        }
        for b64 in ["false", "true", "null"] {
            let header = format!(r#"{{"alg":"ES256","b64":{b64}}}"#);
            self.header(format!("b64 {b64}"), "token_header_forbidden", &header);
        }
        // RFC 7797: the claims as they are, signed as they are.
        let header = r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#;
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), "claims-as-they-are");
        let signature = URL_SAFE_NO_PAD.encode(self.forge.signature(&signed));
        self.add("claims that are not encoded", "token_malformed", format!("{signed}.{signature}x="));
    }

    fn encryption(&mut self) {
        for parameter in [
            r#""zip":"DEF""#,
            r#""enc":"A128GCM""#,
            r#""epk":{"kty":"EC"}"#,
            r#""apu":"AA""#,
            r#""p2c":2147483647"#,
            r#""p2s":"AA""#,
            r#""iv":"AA""#,
            r#""cty":"JWT""#,
        ] {
            let header = format!(r#"{{"alg":"ES256",{parameter}}}"#);
            self.header(format!("header with {parameter}"), "token_header_forbidden", &header);
        }
        let jwe = r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#;
        self.add("encrypted, five parts", "token_malformed", format!("{}.AA.AA.AA.AA", URL_SAFE_NO_PAD.encode(jwe)));
        let password = r#"{"alg":"PBES2-HS512+A256KW","enc":"A128CBC-HS256","p2c":2147483647,"p2s":"AA"}"#;
        let token = format!("{}.AA.AA.AA.AA", URL_SAFE_NO_PAD.encode(password));
        self.add("encrypted under a password with 2^31 rounds", "token_malformed", token);
        let nested = self.forge.honest();
        self.claims("a token in a token", "token_malformed", &nested);
        self.claims("a token in a token, as text", "token_malformed", &format!("\"{nested}\""));
    }

    /// RFC 8725 section 3.11: a token for something else.
    fn types(&mut self) {
        for typ in [
            r#""logout+jwt""#,
            r#""dpop+jwt""#,
            r#""secevent+jwt""#,
            r#""token-introspection+jwt""#,
            r#""JOSE""#,
            r#""""#,
            "null",
            "1",
            r#"["JWT"]"#,
        ] {
            self.header(format!("typ {typ}"), "token_malformed", &format!(r#"{{"alg":"ES256","typ":{typ}}}"#));
        }
    }

    fn issuers_and_audiences(&mut self) {
        let (issuer, audience) = (self.forge.issuer, self.forge.audience);
        for iss in [
            json!(format!("{issuer}/")),
            json!(issuer.to_uppercase()),
            json!(format!("{issuer}.attacker.example")),
            json!("https://attacker.example"),
            json!(""),
            json!([issuer]),
            json!([issuer, "https://attacker.example"]),
            json!({ "0": issuer }),
            json!(null),
            json!(0),
        ] {
            self.claims(format!("iss {iss}"), "token_issuer", &self.forge.with("iss", iss).to_string());
        }
        self.claims("no iss", "token_issuer", &self.forge.without("iss").to_string());
        for aud in [
            json!("other"),
            json!(format!("{audience} ")),
            json!(audience.to_uppercase()),
            json!(format!("{audience},other")),
            json!("*"),
            json!(""),
            json!([]),
            json!(["other"]),
            json!([[audience]]),
            json!([audience, 1]),
            json!([audience, null]),
            json!({ "aud": audience }),
            json!(null),
            json!(true),
        ] {
            self.claims(format!("aud {aud}"), "token_audience", &self.forge.with("aud", aud).to_string());
        }
        self.claims("no aud", "token_audience", &self.forge.without("aud").to_string());
    }

    fn subjects_and_groups(&mut self) {
        for sub in [
            json!(""),
            json!(" "),
            json!(" alice"),
            json!("alice "),
            json!("alice\u{202e}"),
            json!("alice\u{200b}"),
            json!("alice\n"),
            json!("alice\0"),
            json!("a".repeat(300)),
            json!(null),
            json!(1),
            json!(["alice"]),
            json!({}),
        ] {
            let name: String = format!("sub {sub}").chars().take(40).collect();
            self.claims(name, "token_claims", &self.forge.with("sub", sub).to_string());
        }
        self.claims("no sub", "token_claims", &self.forge.without("sub").to_string());
        let many: Vec<String> = (0..257).map(|number| format!("group-{number}")).collect();
        for roles in
            [json!(null), json!(1), json!({}), json!([1]), json!([null]), json!([["a"]]), json!(["\n"]), json!(many)]
        {
            let name: String = format!("roles {roles}").chars().take(40).collect();
            self.claims(name, "token_claims", &self.forge.with("roles", roles).to_string());
        }
        for amr in [json!("mfa"), json!(null), json!([1]), json!({})] {
            self.claims(format!("amr {amr}"), "token_claims", &self.forge.with("amr", amr).to_string());
        }
    }

    /// A moment of the wrong type is not a moment that is missing (CVE-2026-25537).
    fn moments(&mut self) {
        let Forge { issuer, audience, now, .. } = *self.forge;
        let raw = |moment: &str| {
            format!(r#"{{"iss":"{issuer}","aud":"{audience}","sub":"alice","exp":{},{moment}}}"#, now + 600)
        };
        let exp = |value: &str| raw("").replace(&format!("\"exp\":{},", now + 600), &format!("\"exp\":{value}"));
        for value in [
            "\"9999999999\"",
            "\"\"",
            "null",
            "true",
            "[]",
            "{}",
            "[9999999999]",
            "9999999999.0",
            "9999999999.5",
            "9e9",
            "-1",
            "-9999999999",
            "-0",
            "0",
            "9007199254740992",
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999999",
            "1e18",
        ] {
            self.claims(format!("exp {value}"), "token_claims", &exp(value));
            for claim in ["nbf", "iat"] {
                self.claims(format!("{claim} {value}"), "token_claims", &raw(&format!("\"{claim}\":{value}")));
            }
        }
        for value in ["NaN", "Infinity", "1e999", "+1", "0x7fffffff", "01767229200", ""] {
            self.claims(format!("exp {value}"), "token_malformed", &exp(value));
        }
        self.claims("no exp", "token_claims", &self.forge.without("exp").to_string());
        for past in [1, now - 86_400, now - 60] {
            self.claims(format!("expired at {past}"), "token_expired", &exp(&past.to_string()));
        }
        for claim in ["nbf", "iat"] {
            for future in [now + 120, now + 86_400, 9_007_199_254_740_991] {
                let claims = raw(&format!("\"{claim}\":{future}"));
                self.claims(format!("{claim} {future}"), "token_not_yet_valid", &claims);
            }
        }
    }

    /// Two parsers, two opinions (RFC 8725 section 2.4).
    fn repetitions(&mut self) {
        for header in [
            r#"{"alg":"ES256","alg":"none"}"#,
            r#"{"alg":"none","alg":"ES256"}"#,
            r#"{"alg":"ES256","\u0061lg":"ES256"}"#,
            r#"{"alg":"ES256","kid":"a","kid":"b"}"#,
            r#"{"alg":"ES256","x":{"y":1,"y":2}}"#,
        ] {
            self.header(format!("header {header}"), "token_malformed", header);
        }
        let honest = self.forge.claims().to_string();
        let inner = &honest[1..honest.len() - 1];
        for extra in [
            r#""sub":"admin""#,
            r#""s\u0075b":"admin""#,
            r#""exp":9999999999"#,
            r#""iss":"https://attacker.example""#,
            r#""aud":"other""#,
            r#""x":[{"y":1,"y":2}]"#,
        ] {
            self.claims(format!("claims and {extra}"), "token_malformed", &format!("{{{inner},{extra}}}"));
            self.claims(format!("{extra} and claims"), "token_malformed", &format!("{{{extra},{inner}}}"));
        }
    }

    fn shapes(&mut self) {
        let token = self.forge.honest();
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { panic!("three parts") };
        for (name, bad) in [
            ("a word", "x".to_owned()),
            ("a dot", ".".to_owned()),
            ("two dots", "..".to_owned()),
            ("a header alone", header.to_owned()),
            ("no signature part", format!("{header}.{claims}")),
            ("a dot at the end", format!("{token}.")),
            ("a dot at the start", format!(".{token}")),
            ("a fourth part", format!("{token}.{signature}")),
            ("no claims", format!("{header}..{signature}")),
            ("no header", format!(".{claims}.{signature}")),
            (
                "JSON serialization",
                json!({ "payload": claims, "protected": header, "signature": signature }).to_string(),
            ),
        ] {
            // A comma joins two values of a field, and is refused as such.
            let code = if bad.contains(',') { "credential_repeated" } else { "token_malformed" };
            self.add(name, code, bad);
        }
        self.add("an empty signature", "token_signature", format!("{header}.{claims}."));
        self.add("9,000 bytes", "token_too_large", "a".repeat(9000));
        self.add("a token and 9,000 bytes", "token_too_large", token.clone() + &"A".repeat(9000));
        let long = format!(r#"{{"alg":"ES256","x":"{}"}}"#, "x".repeat(1100));
        self.header("a long header", "token_too_large", &long);
    }

    fn encodings(&mut self) {
        let token = self.forge.honest();
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { panic!("three parts") };
        for (name, bad) in [
            ("padding at the end", format!("{token}==")),
            ("padding of the header", format!("{header}=.{claims}.{signature}")),
            ("padding of the claims", format!("{header}.{claims}=.{signature}")),
            ("white space within", format!("{header}.{claims}. {signature}")),
            ("white space within a part", format!("{header}.{} {}.{signature}", &claims[..4], &claims[4..])),
            ("a tab within", format!("{header}\t.{claims}.{signature}")),
            ("the other alphabet's plus", format!("{header}.{claims}.{signature}+")),
            ("the other alphabet's slash", format!("{header}.{claims}.{}/{}", &signature[..40], &signature[41..])),
            ("an escape", format!("{header}.{claims}.{signature}%3D")),
            ("one character too many", format!("{header}.{claims}.{signature}AAA")),
        ] {
            self.add(name, "token_malformed", bad);
        }
        // 64 bytes leave 4 bits of the last character idle: set, they are another spelling of the same signature.
        let (body, last) = token.split_at(token.len() - 1);
        let idle = match last {
            "A" => "B",
            "Q" => "R",
            "g" => "h",
            _ => "x",
        };
        self.add("idle bits at the end", "token_malformed", format!("{body}{idle}"));
    }

    fn json(&mut self) {
        let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
        for (name, header) in [
            ("an array", "[]"),
            ("a string", "\"ES256\""),
            ("null", "null"),
            ("two objects", r#"{"alg":"ES256"}{"alg":"none"}"#),
            ("something after it", r#"{"alg":"ES256"}x"#),
            ("a comment", r#"{"alg":"ES256"/**/}"#),
            ("single quotes", "{'alg':'ES256'}"),
            ("a comma too many", r#"{"alg":"ES256",}"#),
            ("a byte order mark", "\u{feff}{\"alg\":\"ES256\"}"),
            ("cut short", r#"{"alg":"ES256""#),
        ] {
            self.header(format!("header is {name}"), "token_malformed", header);
        }
        let inner = self.forge.claims().to_string();
        let inner = &inner[1..inner.len() - 1];
        self.claims("claims 500 deep", "token_malformed", &format!(r#"{{{inner},"x":{deep}}}"#));
        let many = (0..200).map(|number| format!(r#","m{number}":1"#)).collect::<Vec<_>>().concat();
        self.claims("claims of 200 names", "token_malformed", &format!("{{{inner}{many}}}"));
        let bytes = [b"{\"sub\":\"".as_slice(), &[0xff, 0xfe], b"\"}"].concat();
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(ES256), URL_SAFE_NO_PAD.encode(bytes));
        let signature = URL_SAFE_NO_PAD.encode(self.forge.signature(&signed));
        self.add("claims that are not UTF-8", "token_malformed", format!("{signed}.{signature}"));
    }

    fn signatures(&mut self) {
        let token = self.forge.honest();
        let (signed, signature) = token.rsplit_once('.').expect("a dot");
        let good = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        let (r, s) = good.split_at(32);
        let zero = [0_u8; 32];
        let mut flipped = good.clone();
        flipped[9] ^= 4;
        let rows: [(&str, Vec<u8>); 15] = [
            ("a byte more", [&good[..], &[0]].concat()),
            ("a byte before", [&[0][..], &good].concat()),
            ("a byte before each half", [&[0][..], r, &[0], s].concat()),
            ("twice", good.repeat(2)),
            ("a byte less", good[..63].to_vec()),
            ("half", r.to_vec()),
            ("r and s zero (CVE-2022-21449)", [zero, zero].concat()),
            ("s zero", [r, &zero].concat()),
            ("r zero", [&zero, s].concat()),
            ("s the group's order", [r, &ORDER].concat()),
            ("r and s the group's order", ORDER.repeat(2)),
            ("halves swapped", [s, r].concat()),
            ("a bit flipped", flipped),
            ("in ASN.1", der(r, s)),
            ("a digest", digest::digest(&digest::SHA512, signed.as_bytes()).as_ref().to_vec()),
        ];
        for (name, bytes) in rows {
            let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes));
            self.add(format!("signature: {name}"), "token_signature", token);
        }
        let other = self.forge.signed(ES256, &self.forge.with("sub", json!("mallory")).to_string());
        let (_, grafted) = other.rsplit_once('.').expect("a dot");
        self.add("signature: another token's", "token_signature", format!("{signed}.{grafted}"));
        let root = unsigned(ES256, &self.forge.with("sub", json!("root@seller.example")).to_string());
        self.add("signature: of other claims", "token_signature", format!("{root}.{signature}"));
    }

    /// What a token is bound to and nobody shows (RFC 7800).
    fn bindings(&mut self) {
        let digest = "A".repeat(43);
        for cnf in [
            json!({ "jkt": digest }),
            json!({ "x5t#S256": digest }),
            json!({ "kid": "x" }),
            json!({ "jwk": {} }),
            json!({ "jku": "https://attacker.example/" }),
            json!({}),
            json!([]),
            json!(null),
            json!("x"),
        ] {
            self.claims(format!("cnf {cnf}"), "token_binding", &self.forge.with("cnf", cnf).to_string());
        }
    }
}

/// n, the order of P-256's group (SEC 2 section 2.4.2): as r or s it is zero in disguise.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// The ASN.1 form of the same signature (RFC 3279 section 2.2.3), which JWS does not use.
pub fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |bytes: &[u8]| {
        let sign = if bytes[0] < 0x80 { &[][..] } else { &[0][..] };
        [&[2, u8::try_from(bytes.len() + sign.len()).expect("short")], sign, bytes].concat()
    };
    let body = [integer(r), integer(s)].concat();
    [&[0x30, u8::try_from(body.len()).expect("short")], &body[..]].concat()
}
