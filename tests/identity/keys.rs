//! Keys that are fetched: found by discovery, followed when they change, used while the provider is away, never waited
//! for where there is one that will do.

use crate::support::credentials::{credentials, now};
use crate::support::{Gate, Upstream, answer, assert_refused, wait_for};
use std::net::TcpListener;

use super::{ALICE, Idp, bearer, get, json_text, with_issuer};

#[test]
fn identity_keys_are_found_by_discovery_and_by_address() {
    let app = Upstream::start(answer("hello"));
    let idp = Idp::start();
    for keys in ["keys: discover".to_owned(), format!("keys: {}/jwks", idp.issuer())] {
        let gate = Gate::start(&idp.policy(&app, &keys, &[]));
        let token = idp.token(ALICE);
        // The start has waited for the first set: no request was told to come again.
        for _ in 0..3 {
            assert_eq!(gate.connect().ask(get("/support/x", &bearer(&token))).status, 200, "{keys}");
        }
        let stranger = crate::support::token(ALICE, &[], false);
        assert_refused(&gate, &gate.connect().ask(get("/support/x", &bearer(&stranger))), 401, "token_issuer");
    }
    assert_eq!(idp.asked("/jwks"), 2, "once for each gate, whatever was asked of it");
    assert_eq!(idp.asked("/.well-known/openid-configuration"), 1);
    let seen = app.requests();
    assert!(seen.iter().all(|request| request.field("x-portcullis-caller") == Some("user:alice@seller.example")));
}

#[test]
fn identity_keys_that_change_are_followed_within_the_request_that_needs_them() {
    let app = Upstream::start(answer("hello"));
    let idp = Idp::start();
    let gate = Gate::start(&idp.policy(&app, "keys: discover", &[]));
    let old = idp.token(ALICE);
    assert_eq!(gate.connect().ask(get("/support/x", &bearer(&old))).status, 200);
    idp.rotate();
    let new = idp.token(ALICE);
    assert_eq!(gate.connect().ask(get("/support/x", &bearer(&new))).status, 200, "{}", gate.log());
    // The old key has gone, and with it what verified under it and was kept.
    assert_refused(&gate, &gate.connect().ask(get("/support/x", &bearer(&old))), 401, "token_key_unknown");
    assert_eq!(idp.asked("/jwks"), 2);
}

#[test]
fn identity_keys_that_nobody_has_are_asked_for_once() {
    let app = Upstream::start(answer("hello"));
    let idp = Idp::start();
    let gate = Gate::start(&idp.policy(&app, "keys: discover", &[]));
    let good = idp.token(ALICE);
    let other = Idp::start();
    for _ in 0..20 {
        // Signed by another provider's key in this one's name.
        let forged = other.token(ALICE);
        let forged = forged.split_once('.').map(|(header, _)| header.to_owned()).expect("a token");
        let rest = good.split_once('.').expect("a token").1;
        let answer = gate.connect().ask(get("/support/x", &bearer(&format!("{forged}.{rest}"))));
        assert_refused(&gate, &answer, 401, "token_key_unknown");
    }
    assert_eq!(idp.asked("/jwks"), 2, "the start's, and one for all of them");
}

#[test]
fn identity_keys_of_a_stalled_provider_delay_nobody_who_has_a_key() {
    let app = Upstream::start(answer("hello"));
    let idp = Idp::start();
    let gate = Gate::start(&idp.policy(&app, "keys: discover", &[]));
    let (good, fresh) = (idp.token(ALICE), idp.token("bob@seller.example"));
    let stalled = idp.stall();
    // Somebody with an unknown key has the set fetched, and waits for it.
    let unknown = crate::identity::bound::with_kid(&good, "unknown");
    let mut waiting = gate.connect();
    waiting.send(get("/support/x", &bearer(&unknown)));
    wait_for("the provider is asked", || (idp.server.requests().len() > 2).then_some(()));
    // Meanwhile everybody else goes on, with tokens that were seen and with those that were not.
    let mut client = gate.connect();
    for token in [&good, &good] {
        assert_eq!(client.ask(get("/support/x", &bearer(token))).status, 200);
    }
    assert_refused(&gate, &client.ask(get("/support/x", &bearer(&fresh))), 403, "role_missing");
    assert_eq!(gate.records_so_far().len(), 3, "the one who waits has no answer yet");
    stalled.open();
    assert_refused(&gate, &waiting.answer().expect("an answer"), 401, "token_key_unknown");
}

#[test]
fn identity_keys_that_are_not_there_yet_are_503_and_come_by_themselves() {
    let app = Upstream::start(answer("hello"));
    // A port where nobody is yet.
    let place = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let issuer = format!("http://{place}");
    let gate = Gate::start(&with_issuer(&app, &issuer, &format!("keys: {issuer}/jwks"), &[]));
    let request = dev_token(&issuer);
    let refused = gate.connect().ask(get("/support/x", &bearer(&request)));
    let record = assert_refused(&gate, &refused, 503, "keys_unavailable");
    assert_eq!(record.event(), "HTTP.DENY.GATE");
    // Who needs no token is served.
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
    for said in ["a key set could not be fetched", "\"fault\":\"connect\""] {
        wait_for(said, || gate.log().contains(said).then_some(()));
    }
    let listener = TcpListener::bind(place).expect("the port again");
    std::thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            let mut socket = socket;
            let mut head = [0; 4096];
            let _ = std::io::Read::read(&mut socket, &mut head);
            json_text(&mut socket, &credentials().pki.idp.jwks);
        }
    });
    wait_for("the keys come", || {
        (gate.connect().ask(get("/support/x", &bearer(&request))).status == 200).then_some(())
    });
}

#[test]
fn identity_keys_are_kept_over_a_restart_for_as_long_as_allowed() {
    let app = Upstream::start(answer("hello"));
    let files = crate::support::pki::Files::new();
    let cache = files.path("keys.json").display().to_string();
    let idp = Idp::start();
    let more = [format!("keys_cache: {cache}"), "keys_max_age: 1h".to_owned()];
    let policy = idp.policy(&app, "keys: discover", &[&more[0], &more[1]]);
    let token = idp.token(ALICE);
    let gate = Gate::start(&policy);
    assert_eq!(gate.connect().ask(get("/support/x", &bearer(&token))).status, 200);
    drop((gate, idp));
    let gate = Gate::start(&policy);
    assert_eq!(gate.connect().ask(get("/support/x", &bearer(&token))).status, 200, "{}", gate.log());
    drop(gate);
    // The same file an hour and a second later, of another issuer, and open to everybody.
    let kept = std::fs::read_to_string(&cache).expect("a file");
    let mut old: serde_json::Value = serde_json::from_str(&kept).expect("JSON");
    old["fetched"] = (now() - 3601).into();
    let mut foreign: serde_json::Value = serde_json::from_str(&kept).expect("JSON");
    foreign["issuer"] = "https://other.example".into();
    let mut future: serde_json::Value = serde_json::from_str(&kept).expect("JSON");
    future["fetched"] = (now() + 86_400).into();
    for text in [old.to_string(), foreign.to_string(), future.to_string(), "{".to_owned(), String::new()] {
        std::fs::write(&cache, &text).expect("written");
        let gate = Gate::start(&policy);
        let answer = gate.connect().ask(get("/support/x", &bearer(&token)));
        assert_refused(&gate, &answer, 503, "keys_unavailable");
    }
    std::fs::write(&cache, &kept).expect("written");
    std::fs::set_permissions(&cache, std::os::unix::fs::PermissionsExt::from_mode(0o666)).expect("a mode");
    let gate = Gate::start(&policy);
    assert_refused(&gate, &gate.connect().ask(get("/support/x", &bearer(&token))), 503, "keys_unavailable");
}

/// A token of the standard key for an issuer of another name.
fn dev_token(issuer: &str) -> String {
    let request = portcullis::identity::dev::TokenRequest {
        issuer,
        audience: crate::support::credentials::AUDIENCE,
        subject: ALICE,
        groups: &[],
        mfa: false,
        now: now(),
        lifetime: 600,
    };
    portcullis::identity::dev::mint_token(&credentials().pki.idp.key, &request).expect("a token")
}
