//! Requests with a mark in every place: sound, refused, malformed, and broken off.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderValue;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};

use super::marks::{Marked, STEM, mark};
use crate::support::credentials::{AUDIENCE, ISSUER, credentials, now};
use crate::support::frames::{END_HEADERS, END_STREAM, Frames, GOAWAY, HEADERS, head};
use crate::support::http2::{Http2, Rest};
use crate::support::pki::{Leaf, terms};
use crate::support::{Client, Person, client};

/// A token with these claims beside the sound ones.
fn token(more: &Value) -> String {
    let key = rcgen::KeyPair::from_pem(&credentials().pki.idp.key).expect("a key");
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.serialize_der()).expect("a key");
    let mut claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "exp": now() + 600, "sub": mark("sub") });
    for (name, value) in more.as_object().expect("claims") {
        claims[name] = value.clone();
    }
    let signed = [json!({ "alg": "ES256", "typ": "JWT" }), claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = signed.join(".");
    let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Fields that hold a mark each, and pass.
fn fields() -> String {
    let names = [
        "User-Agent",
        "Referer",
        "Origin",
        "Cookie",
        "Accept-Language",
        "If-None-Match",
        "X-Custom",
        "Via",
        "Traceparent",
        "Tracestate",
        "Baggage",
    ];
    let marked: String = names.iter().map(|name| format!("{name}: {}\r\n", mark(name))).collect();
    format!("{marked}{}-Name: 1\r\nCookie: session={}\r\n", mark("x"), mark("session"))
}

/// Values of the kinds that must never stand in a record, as parameters.
fn query() -> String {
    let values = [
        format!("{STEM}@buyer.example"),
        format!("{STEM}%40buyer.example"),
        format!("{STEM}%2540buyer.example"),
        format!("Jane%20{STEM}"),
        format!("Jane+{STEM}"),
        format!("{STEM}\u{25}0d\u{25}0aevil"),
        format!("%1b[31m{STEM}"),
        format!("{STEM}%E2%80%A8"),
        format!("{STEM}4f5e6d7c8b9a0f1e2d3c"),
        format!("\"}},{{{STEM}"),
    ];
    let page: String = values.iter().map(|value| format!("page={}&", value.replace(['"', '{', '}'], "%22"))).collect();
    format!("{page}{STEM}name=1&email={STEM}@buyer.example&{STEM}")
}

fn get(target: &str, fields: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

/// Credentials, good and bad, with a mark each.
fn credential_fields() -> Vec<String> {
    let claims = [
        json!({ "email": mark("email"), "name": mark("name"), "roles": [mark("group"), "warehouse"] }),
        json!({ "sub": format!("{STEM}@buyer.example"), "roles": mark("single") }),
        json!({ "sub": format!("{STEM}\u{2028}\u{1b}[31m") }),
        json!({ "sub": "alice@seller.example", "address": { "street": mark("street") } }),
        json!({ "iss": format!("https://{STEM}.example") }),
        json!({ "aud": mark("aud") }),
        json!({ "exp": mark("exp") }),
        json!({ "exp": 1, "jti": mark("jti") }),
        json!({ "amr": mark("amr") }),
    ];
    let mut all: Vec<_> = claims.iter().map(|claims| format!("Authorization: Bearer {}\r\n", token(claims))).collect();
    let basic = STANDARD.encode(format!("{STEM}:{STEM}"));
    all.extend([
        format!("Authorization: Basic {basic}\r\n"),
        format!("Authorization: {STEM} {STEM}\r\n"),
        format!("Authorization: Bearer {STEM}.{STEM}.{STEM}\r\n"),
        format!("Proxy-Authorization: Basic {basic}\r\n"),
        format!("X-Api-Key: {STEM}\r\n"),
        format!("X-Api-Key: {}\r\n", credentials().robot.text),
        format!("X-Api-Key: {}\r\n", credentials().expired.text),
        format!("X-Api-Key: {}\r\nX-Api-Key: {STEM}\r\n", credentials().robot.text),
    ]);
    all
}

/// Heads and bodies that are refused, each for something with a mark in it.
fn malformed() -> Vec<String> {
    let post = |fields: &str, body: &str| format!("POST /any/x HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n{body}");
    let chunked = |body: &str| post("Transfer-Encoding: chunked\r\n", body);
    let upper = STEM.to_uppercase();
    vec![
        format!("{upper} / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        format!("{STEM} / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        format!("{STEM}\r\n\r\n"),
        format!("GET / HTTP/9.{STEM}\r\n\r\n"),
        format!("GET /any/{STEM}#{STEM} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        format!("CONNECT {STEM}.example:443 HTTP/1.1\r\nHost: {STEM}.example\r\n\r\n"),
        format!("GET http://{STEM}.example/ HTTP/1.1\r\nHost: {STEM}.example\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {STEM}.example\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {STEM}@localhost\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-{STEM}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\nX_{STEM}: 1\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-A: {STEM}\n{STEM}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-A: \u{1b}[31m{STEM}\u{0}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\n {STEM}\r\n\r\n"),
        get(&format!("/any/{STEM}/../x"), ""),
        get(&format!("/any/{STEM}%2f"), ""),
        get(&format!("/any/{STEM}%00"), ""),
        get(&format!("/any/{STEM}%zz"), ""),
        get(&format!("/any/x?{STEM}\u{7f}"), ""),
        get(&format!("/{STEM}"), &fields()),
        get(&format!("/any/x?{}", "z".repeat(9000)), &fields()),
        get("/any/x", &format!("X-Long: {STEM}{}\r\n", "z".repeat(40_000))),
        get("/any/x", &format!("Expect: {STEM}\r\n")),
        get("/any/x", &format!("Upgrade: {STEM}\r\nConnection: upgrade, {STEM}\r\n")),
        get("/any/x", &format!("X-Forwarded-For: {STEM}\r\n")),
        get("/any/x", &format!("Forwarded: for={STEM};host={STEM}\r\n")),
        post(&format!("Content-Length: {STEM}\r\n"), ""),
        post(&format!("Transfer-Encoding: {STEM}\r\n"), ""),
        post("Content-Length: 99\r\n", STEM),
        chunked(&format!("{STEM}\r\n{STEM}\r\n")),
        chunked(&format!("3\r\nabc{STEM}\r\n")),
        chunked(&format!("3;{STEM}={STEM}\r\nabc\r\n0\r\nX-{STEM}: {STEM}\r\n\r\n")),
        chunked(&format!("3\r\nabc\r\n0\r\nX_{STEM}: \u{1b}{STEM}\r\n\r\n")),
    ]
}

pub fn over_http1(marked: &Marked<'_>) {
    let gate = marked.gate;
    // What becomes of each is for other tests; here only what is said of it.
    let ask = |client: &mut Client, request: &str| drop(client.send(request).answer());
    let query = query();
    for route in ["/open", "/admin", "/support", "/any", "/trial", "/orders"] {
        let target = format!("{route}/{STEM}path?{query}");
        ask(&mut gate.connect(), &get(&target, &fields()));
        let body = format!("{{\"buyer\":\"{STEM}body\"}}");
        let length = format!("{}Content-Length: {}\r\n", fields(), body.len());
        ask(&mut gate.connect(), &(get(&target, &length).replacen("GET", "POST", 1) + &body));
    }
    for ill in ["garbage", "bad-field", "reason", "broken", "location", "trailer"] {
        ask(&mut gate.connect(), &get(&format!("/any/{ill}/{STEM}?{query}"), &fields()));
    }
    for credential in credential_fields() {
        let mut client = gate.connect();
        for path in ["/support/x", "/admin/x", "/any/x", "/trial/x"] {
            ask(&mut client, &get(&format!("{path}{STEM}"), &credential));
        }
    }
    for request in malformed() {
        let mut client = gate.connect();
        client.send(request).answer();
        client.finish().read_to_end();
    }
    // Broken off within a head, and within a body.
    gate.connect().send(format!("GET /any/{STEM} HTTP/1.1\r\nX-{STEM}: {STEM}")).finish();
    gate.connect().send(get("/any/x", "Content-Length: 100\r\n") + STEM).finish();
    // Another protocol's bytes.
    let upgrade = get("/any/x", &format!("Upgrade: websocket\r\nConnection: upgrade\r\nX-A: {STEM}\r\n"));
    ask(gate.connect().send(upgrade + STEM), "");
}

pub fn over_http2(marked: &Marked<'_>) {
    let gate = marked.gate;
    let client = Http2::connect(gate, None);
    for path in ["/open", "/admin/x", "/any/x", "/nowhere"] {
        for credential in credential_fields() {
            let mut request =
                http::Request::post(format!("https://localhost{path}?a={STEM}&page={STEM}@buyer.example"));
            for line in (credential + &fields()).lines() {
                let (name, value) = line.split_once(": ").expect("a field");
                request = request.header(name.to_ascii_lowercase(), HeaderValue::from_str(value).expect("a value"));
            }
            let mut rest = Rest::of(mark("body"));
            rest.trailers.get_or_insert_default().append("x-mark", HeaderValue::from_static(STEM));
            // A refusal may come as a reset of what is still being sent.
            drop(client.ask_with(request.body(()).expect("a request"), rest));
        }
    }
    let marked_path = format!("/any/{STEM}");
    let authority = format!("{STEM}.example");
    let spoilt: [Vec<(&str, &str)>; 6] = [
        [head("GET", &marked_path), vec![("X-Upper", STEM)]].concat(),
        [head("GET", &marked_path), vec![("x_under", STEM), (STEM, STEM)]].concat(),
        [head("GET", &marked_path), vec![("te", STEM), ("connection", STEM)]].concat(),
        [head("GET", &marked_path), vec![(":path", &marked_path), (":mark", STEM)]].concat(),
        vec![(":method", STEM), (":scheme", STEM), (":authority", &authority), (":path", STEM)],
        vec![(":method", "GET"), (":scheme", "https"), (":authority", &authority), (":path", &marked_path)],
    ];
    for fields in spoilt {
        let mut frames = Frames::connect(gate, None);
        frames.headers(1, &fields, END_STREAM).fate(1);
    }
    // Text where HTTP/2 has room for it: in farewells, and in a block that is none.
    Frames::connect(gate, None).frame(GOAWAY, 0, 0, &[&[0; 8], STEM.as_bytes()].concat()).fate(1);
    Frames::connect(gate, None).frame(HEADERS, END_HEADERS | END_STREAM, 1, STEM.as_bytes()).fate(1);
    Frames::connect(gate, None).client().send(STEM).finish().read_to_end();
}

pub fn in_handshakes(marked: &Marked<'_>) {
    let (gate, clients) = (marked.gate, marked.clients);
    let trusted = [marked.servers.pem.as_str(), &credentials().pki.ca];
    for version in [&TLS12, &TLS13] {
        let with = |name: &str, person: Option<&Person>, protocol: &str, host: &str| {
            let terms = terms(&trusted, person, &[version], &[protocol]);
            let mut client = Client::with(gate.address(), terms, name);
            client.send(format!("GET /any/x HTTP/1.1\r\nHost: {host}\r\n\r\n")).answer();
        };
        let wild = format!("{STEM}.wild.test");
        with(&wild, None, "http/1.1", &wild);
        with(&wild, None, "http/1.1", "localhost");
        with(&format!("{STEM}.unknown.test"), None, "http/1.1", "localhost");
        with("localhost", None, STEM, "localhost");
        for uri in [format!("spiffe://seller/{STEM}"), format!("{STEM}\u{1b}[31m"), format!("{STEM}\0x")] {
            let mut leaf = Leaf::client(&[&uri]);
            leaf.common_name = format!("{STEM} common \u{2028} name");
            with("localhost", Some(&clients.issue(&leaf)), "http/1.1", "localhost");
            // Of nobody that the gate trusts.
            with("localhost", Some(&marked.servers.issue(&leaf)), "http/1.1", "localhost");
        }
    }
    let mut plain = client::tcp(gate.address());
    let _ = std::io::Write::write_all(&mut plain, format!("GET /{STEM} HTTP/1.1\r\nHost: {STEM}\r\n\r\n").as_bytes());
    let _ = std::io::Read::read_to_end(&mut plain, &mut Vec::new());
}
