//! Providers that lie, stall, flood or send us elsewhere: whatever they do, there are no keys, token callers are told to
//! come again, everybody else is served, and nothing is called that must not be.

use std::time::Duration;

use crate::support::pki::{Authority, DAY, Files, Leaf};
use crate::support::upstream::{Wire, say};
use crate::support::{Gate, Request, Then, Upstream, answer, assert_refused, wait_for};

use super::{ALICE, Idp, bearer, get, json_text, with_issuer};

type Script = Box<dyn Fn(&Request, &mut dyn Wire) -> Then + Send + Sync>;

const METADATA: &str = "/.well-known/openid-configuration";

/// Metadata with a `jwks_uri` of the liar's choice; `{base}` is its own address.
fn pointing_to(address: &'static str) -> Script {
    metadata(format!(r#"{{"issuer":"{{base}}","jwks_uri":"{address}"}}"#))
}

fn metadata(text: impl Into<String>) -> Script {
    let text = text.into();
    Box::new(move |request, wire| {
        let base = format!("http://{}", request.field("host").unwrap_or_default());
        match request.target() {
            METADATA => json_text(wire, &text.replace("{base}", &base)),
            _ => json_text(wire, r#"{"keys":[]}"#),
        }
        Then::Close
    })
}

/// Sound metadata, and this for a key set.
fn key_set(reply: impl Fn(&mut dyn Wire) + Send + Sync + 'static) -> Script {
    let sound = pointing_to("{base}/jwks");
    Box::new(move |request, wire| {
        if request.target() == METADATA {
            return sound(request, wire);
        }
        reply(wire);
        Then::Close
    })
}

fn text(text: &'static str) -> Script {
    key_set(move |wire| json_text(wire, text))
}

fn bytes(bytes: &'static str) -> Script {
    key_set(move |wire| say(wire, bytes))
}

/// What each liar does, and what the log calls it.
fn liars() -> Vec<(&'static str, Script, &'static str)> {
    vec![
        (
            "metadata of another issuer",
            metadata(r#"{"issuer":"https://evil.example","jwks_uri":"{base}/jwks"}"#),
            "metadata_of_another_issuer",
        ),
        (
            "its own name with a slash",
            metadata(r#"{"issuer":"{base}/","jwks_uri":"{base}/jwks"}"#),
            "metadata_of_another_issuer",
        ),
        (
            "two issuers",
            metadata(r#"{"issuer":"{base}","issuer":"https://evil.example","jwks_uri":"{base}/jwks"}"#),
            "metadata",
        ),
        ("no issuer", metadata(r#"{"jwks_uri":"{base}/jwks"}"#), "metadata"),
        ("no address", metadata(r#"{"issuer":"{base}"}"#), "metadata"),
        ("addresses in a list", metadata(r#"{"issuer":"{base}","jwks_uri":["{base}/jwks"]}"#), "metadata"),
        ("metadata that is a page", metadata("<html>Welcome</html>"), "metadata"),
        ("keys without encryption", pointing_to("http://idp.example/jwks"), "address"),
        ("keys in a file", pointing_to("file:///etc/passwd"), "address"),
        ("keys on a socket of ours", pointing_to("unix:/run/docker.sock:/keys"), "address"),
        ("keys at a user's", pointing_to("https://user:word@idp.example/jwks"), "address"),
        ("keys at the metadata of a cloud", pointing_to("https://169.254.169.254/jwks"), "destination_refused"),
        ("keys in the own network", pointing_to("https://10.0.0.1/jwks"), "destination_refused"),
        ("keys on this machine", pointing_to("https://127.0.0.1/jwks"), "destination_refused"),
        ("keys on this machine by name", pointing_to("https://localhost/jwks"), "destination_refused"),
        (
            "keys on this machine by another number",
            pointing_to("https://[::ffff:127.0.0.1]/jwks"),
            "destination_refused",
        ),
        ("keys at another port of this machine", pointing_to("http://127.0.0.1:1/jwks"), "destination_refused"),
        (
            "a redirect inside",
            bytes("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
            "status",
        ),
        ("a fault", bytes("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"), "status"),
        ("no content", bytes("HTTP/1.1 204 None\r\n\r\n"), "status"),
        ("no HTTP", bytes("hello\r\n\r\n"), "malformed"),
        ("half a body", bytes("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), "malformed"),
        ("packed", bytes("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"), "malformed"),
        ("no keys", text(r#"{"keys":[]}"#), "key_set"),
        ("a page", text("<html></html>"), "key_set"),
        ("two sets", text(r#"{"keys":[],"keys":[]}"#), "key_set"),
        ("a symmetric key", text(r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#), "key_set"),
        ("an announced 100 MB", bytes("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n{"), "too_large"),
        ("a 100 MB body", key_set(flood), "too_large"),
        ("a head without end", key_set(long_head), "too_large"),
    ]
}

fn flood(wire: &mut dyn Wire) {
    say(wire, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x1_0000));
    for _ in 0..1600 {
        if wire.write_all(chunk.as_bytes()).is_err() {
            return;
        }
    }
}

fn long_head(wire: &mut dyn Wire) {
    say(wire, format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n", "x".repeat(200_000)));
}

#[test]
fn identity_providers_that_lie_are_not_believed() {
    let app = Upstream::start(answer("hello"));
    for (what, script, code) in liars() {
        let idp = Upstream::start(script);
        let issuer = idp.url();
        let gate = Gate::start(&with_issuer(&app, &issuer, "keys: discover", &[]));
        let expected = format!("\"fault\":\"{code}\"");
        wait_for(&format!("{what} is {code}: {}", gate.log()), || gate.log().contains(&expected).then_some(()));
        let token = Idp::start().token(ALICE);
        let token = crate::identity::bound::with_claim(&token, "iss", &issuer);
        let answer = gate.connect().ask(get("/support/x", &bearer(&token)));
        assert_refused(&gate, &answer, 503, "keys_unavailable");
        assert_eq!(gate.connect().ask(get("/open", "")).status, 200, "{what}");
    }
}

#[test]
fn identity_providers_that_drip_do_not_hold_up_the_start() {
    let app = Upstream::start(answer("hello"));
    let idp = Upstream::start(key_set(|wire| {
        say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        // A byte a while, for longer than anybody has patience; the gate leaves first.
        while wire.write_all(b" ").and_then(|()| wire.flush()).is_ok() {
            std::thread::sleep(Duration::from_millis(100));
        }
    }));
    let gate = Gate::start(&with_issuer(&app, &idp.url(), "keys: discover", &[]));
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
    wait_for("the dead-line of the whole call", || gate.log().contains("\"fault\":\"timeout\"").then_some(()));
}

#[test]
fn identity_providers_prove_who_they_are() {
    let app = Upstream::start(answer("hello"));
    let (files, ours, theirs) = (Files::new(), Authority::new("Ours"), Authority::new("Ours"));
    let ca = files.write("ca.pem", &ours.pem);
    let sound = || Leaf::server(&["localhost"]);
    let jwks = crate::support::credentials::credentials().pki.idp.jwks.clone();
    for (what, person, good) in [
        ("sound", ours.issue(&sound()), true),
        ("expired", ours.issue(&sound().valid(-2 * DAY, -60)), false),
        ("of tomorrow", ours.issue(&sound().valid(60, DAY)), false),
        ("of another authority", theirs.issue(&sound()), false),
        ("of another name", ours.issue(&Leaf::server(&["idp.example"])), false),
    ] {
        let jwks = jwks.clone();
        let idp = Upstream::tls(person.serves(None, &["http/1.1"]), move |_, wire| {
            json_text(wire, &jwks);
            Then::Close
        });
        let (keys, provider) = (format!("keys: {}/jwks", idp.url()), format!("provider: {{ ca: {ca} }}"));
        let gate = Gate::start(&with_issuer(&app, "https://idp.example", &keys, &[&provider]));
        let answer = gate.connect().ask(get("/support/x", &bearer(&crate::support::token(ALICE, &[], false))));
        if good {
            assert_eq!(answer.status, 200, "{what}: {}", gate.log());
        } else {
            assert_refused(&gate, &answer, 503, "keys_unavailable");
            wait_for(what, || gate.log().contains("\"fault\":\"tls\"").then_some(()));
            idp.assert_untouched();
        }
    }
    // Without a bundle the system's authorities decide, and ours is none of them.
    let idp = Upstream::tls(ours.issue(&sound()).serves(None, &["http/1.1"]), answer("{}"));
    let keys = format!("keys: {}/jwks", idp.url());
    let gate = Gate::start(&with_issuer(&app, "https://idp.example", &keys, &[]));
    wait_for("a stranger", || gate.log().contains("\"fault\":\"tls\"").then_some(()));
    idp.assert_untouched();
}
