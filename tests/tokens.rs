//! Credentials and what becomes of them: bearer tokens, API keys, certificates beside them (classes B 16 to 18 and
//! E 49 to 56 of the attacks on other gates), and what the app is told of the caller.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::PublicKeyData as _;
use serde_json::Value;

use crate::support::credentials::{credentials, now};
use crate::support::frames::{END_STREAM, Frames, head};
use crate::support::http2::{Http2, Rest};
use crate::support::{Client, Gate, Person, Policy, Upstream, answer, assert_refused, token};

const ALICE: &str = "alice@seller.example";
const PICKER: &str = "spiffe://seller/picker";

fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

/// A sound token's parts.
fn parts() -> [String; 3] {
    let token = token(ALICE, &[], true);
    let parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    parts.try_into().expect("three parts")
}

/// The token with one claim changed and the signature of the sound one.
fn tampered() -> String {
    let [header, claims, signature] = parts();
    let mut claims = decoded(&claims);
    claims["sub"] = "root@seller.example".into();
    format!("{header}.{}.{signature}", encoded(&claims))
}

#[test]
fn token_fields_must_be_one_and_of_one_scheme() {
    let app = Upstream::start(answer("secret"));
    let gate = Gate::start(&Policy::new(&app));
    let good = token(ALICE, &[], true);
    let rows = [
        ("credential_repeated", format!("{}{}", bearer(&good), bearer(&good))),
        ("credential_repeated", format!("Authorization: Bearer {good}, Bearer {good}\r\n")),
        ("credential_repeated", format!("Authorization: Basic YTpi, Bearer {good}\r\n")),
        ("unsupported_scheme", "Authorization: Basic YTpi\r\n".to_owned()),
        ("unsupported_scheme", format!("Authorization: Token {good}\r\n")),
        ("unsupported_scheme", format!("Authorization: Bearer\t{good}\r\n")),
        ("unsupported_scheme", "Authorization: \r\n".to_owned()),
        // White space at a value's end is none of it (RFC 9112 section 5.1): a scheme without a token.
        ("unsupported_scheme", "Authorization: Bearer \r\n".to_owned()),
    ];
    for (code, fields) in &rows {
        let answer = gate.connect().ask(get("/support/x", fields));
        assert_refused(&gate, &answer, 401, code);
        assert_eq!(answer.field("www-authenticate"), Some("Bearer realm=\"portcullis\""), "{code}");
    }
    gate.records(rows.len());
    app.assert_untouched();
}

#[test]
fn token_and_other_credentials_must_prove_the_same_caller() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let picker = Person::picker();
    let robot = format!("X-Api-Key: {}\r\n", credentials().robot.text);
    let alice = bearer(&token(ALICE, &[], true));
    for fields in [alice.clone(), robot.clone(), format!("{alice}{robot}")] {
        let answer = gate.connect_as(&picker).ask(get("/admin/x", &fields));
        assert_refused(&gate, &answer, 401, "credential_conflict");
    }
    let answer = gate.connect().ask(get("/support/x", &format!("{alice}{robot}")));
    assert_refused(&gate, &answer, 401, "credential_conflict");
    let bad = gate.connect_as(&picker).ask(get("/admin/x", &bearer(&tampered())));
    assert_refused(&gate, &bad, 401, "token_signature");
    app.assert_untouched();
    // The same name by both ways: the first way of the policy says what the caller is.
    let agreeing = bearer(&token(PICKER, &[], true));
    assert_eq!(gate.connect_as(&picker).ask(get("/admin/x", &agreeing)).status, 200);
    assert_eq!(app.only_request().field("x-portcullis-caller"), Some("cert:spiffe://seller/picker"));
}

#[test]
fn token_less_callers_may_have_an_api_key() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let all = credentials();
    let mut wrong = all.robot.text.clone();
    wrong.replace_range(10..11, if &wrong[10..11] == "A" { "B" } else { "A" });
    let rows = [
        ("api_key_malformed", wrong),
        ("api_key_malformed", "pcl_".to_owned()),
        ("api_key_malformed", all.robot.text.to_lowercase()),
        ("api_key_malformed", format!("{} ", all.robot.text).repeat(2)),
        ("api_key_expired", all.expired.text.clone()),
        (
            "api_key_unknown",
            portcullis::identity::dev::api_key(
                &portcullis::redact::Name::configured("robot").expect("a name"),
                None,
                &[],
            )
            .expect("a key")
            .key
            .to_string(),
        ),
        ("credential_repeated", format!("{0},{0}", all.robot.text)),
    ];
    for (code, key) in rows {
        let answer = gate.connect().ask(get("/support/x", &format!("X-Api-Key: {key}\r\n")));
        let record = assert_refused(&gate, &answer, 401, code);
        assert!(!gate.trail().contains(key.trim()), "{record:?}");
    }
    app.assert_untouched();
    let answer = gate.connect().ask(get("/support/x", &format!("X-Api-Key: {}\r\n", all.robot.text)));
    assert_eq!(answer.status, 200);
    let request = app.only_request();
    assert_eq!(request.field("x-portcullis-caller"), Some("key:robot"));
    assert!(!request.head.contains("pcl_"), "{}", request.head);
}

#[test]
fn token_holders_are_told_to_the_app_and_their_tokens_are_not() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).gate("assertion: { key: certs/assertion.key, audience: orders-app }"));
    let token = token(ALICE, &["warehouse", "unknown-group"], true);
    assert_eq!(gate.connect().ask(get("/support/x", &bearer(&token))).status, 200);
    assert_eq!(Http2::connect(&gate, None).ask(authorised("/admin/x", &token)).expect("an answer").status, 200);
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
    let requests = app.requests_when(3);
    for request in &requests[..2] {
        assert_eq!(request.field("x-portcullis-caller"), Some("user:alice@seller.example"));
        let mut roles: Vec<_> = request.field("x-portcullis-roles").expect("roles").split(',').map(str::trim).collect();
        roles.sort_unstable();
        assert_eq!(roles, ["fulfilment", "support"]);
        assert!(request.field("authorization").is_none() && !request.head.contains(&token), "{}", request.head);
        let claims = verified(request.field("x-portcullis-assertion").expect("an assertion"));
        assert_eq!(claims["iss"], "portcullis");
        assert_eq!(claims["aud"], "orders-app");
        assert_eq!(claims["sub"], "user:alice@seller.example");
        let (from, until) = (claims["iat"].as_u64().unwrap(), claims["exp"].as_u64().unwrap());
        assert!(from <= now() && until > now() && until - from <= 60, "{claims}");
    }
    let names = requests[2].names();
    assert!(
        !names.iter().any(|name| name.starts_with("x-portcullis-") && name != "x-portcullis-request-id"),
        "{names:?}"
    );
}

fn authorised(path: &str, token: &str) -> http::Request<()> {
    let request = http::Request::get(format!("https://localhost{path}"));
    request.header("authorization", format!("Bearer {token}")).body(()).expect("a request")
}

/// The claims of an assertion whose signature holds.
fn verified(assertion: &str) -> Value {
    let key = rcgen::KeyPair::from_pem(&credentials().pki.assertion_key).expect("a key");
    let (signed, signature) = assertion.rsplit_once('.').expect("three parts");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.der_bytes())
        .verify(signed.as_bytes(), &signature)
        .expect("a signature that holds");
    let (header, claims) = signed.split_once('.').expect("two parts");
    assert_eq!(decoded(header)["alg"], "ES256");
    decoded(claims)
}

/// Spellings of an identity header: those that pass are without it, the rest are refused.
const FORGED: [&str; 16] = [
    "X-Portcullis-Caller",
    "x-portcullis-caller",
    "X-PORTCULLIS-ROLES",
    "X-Portcullis-Assertion",
    "XPortcullisCaller",
    "X--Portcullis--Caller",
    "-X-Portcullis-Caller-",
    "X-Portcullis-Request-Id",
    "X-Portcullis-Anything",
    "X_Portcullis_Caller",
    "X-Portcullis_Caller",
    "X.Portcullis.Caller",
    "X-Portcullis~Caller",
    "X!Portcullis!Caller",
    "X*Portcullis-Caller",
    "X|Portcullis|Caller",
];

#[test]
fn token_claims_cannot_be_forged_by_header_fields() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    for (count, name) in FORGED.iter().enumerate() {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        for connection in ["", "Connection: x-portcullis-caller\r\n"] {
            let answer = gate.connect().ask(get("/open", &format!("{name}: forged\r\n{name}: twice\r\n{connection}")));
            assert_eq!(answer.status, if plain { 200 } else { 400 }, "{name}");
        }
        let mut frames = Frames::connect(&gate, None);
        let name = name.to_ascii_lowercase();
        let mut fields = head("GET", "/open");
        fields.push((&name, "forged"));
        frames.headers(1, &fields, END_STREAM).fate(1);
        gate.records(3 * (count + 1));
    }
    let requests = app.requests();
    assert_eq!(requests.len(), 9 * 3, "the plain spellings pass");
    assert!(requests.iter().all(|request| !request.head.contains("forged") && !request.head.contains("twice")));
}

#[test]
fn token_claims_cannot_be_forged_by_trailers() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let chunked = "POST /open HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTrailer: X-Portcullis-Caller\r\n\
                   \r\n3\r\nabc\r\n0\r\nX-Portcullis-Caller: forged\r\nAuthorization: Bearer forged\r\nX-Sum: 1\r\n\r\n";
    assert_eq!(gate.connect().ask(chunked).status, 200);
    let client = Http2::connect(&gate, None);
    let request = http::Request::post("https://localhost/open").body(()).expect("a request");
    let rest = Rest::of("abc").then("x-portcullis-roles", "forged").then("x-portcullis--caller", "forged");
    assert_eq!(client.ask_with(request, rest).expect("an answer").status, 200);
    for request in app.requests_when(2) {
        let whole = format!("{}{}", request.head, String::from_utf8_lossy(&request.body));
        assert!(!whole.contains("forged"), "{whole}");
        assert_eq!(request.content(), b"abc");
    }
}

#[test]
fn token_of_one_connection_is_nobody_elses() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let mut client: Client = gate.connect();
    let good = bearer(&token(ALICE, &[], true));
    assert_eq!(client.ask(get("/support/x", &good)).status, 200);
    assert_refused(&gate, &client.ask(get("/support/x", "")), 401, "caller_required");
    assert_eq!(client.ask(get("/support/x", &good)).status, 200);
    assert_refused(&gate, &client.ask(get("/support/x", &bearer(&tampered()))), 401, "token_signature");
    app.requests_when(2);
}
