//! The whole list of attacks on tokens, over HTTP.

use portcullis::identity::secret_file::pkcs8_from_pem;

use crate::support::credentials::{AUDIENCE, ISSUER, credentials, now};
use crate::support::token_attacks::{Forge, attacks};
use crate::support::{Gate, Policy, Upstream, answer, assert_refused};

use super::{bearer, get};

#[test]
fn identity_token_attacks_are_refused_with_a_challenge_and_never_reach_the_app() {
    let app = Upstream::start(answer("secret"));
    let gate = Gate::start(&Policy::new(&app));
    let idp = &credentials().pki.idp;
    let forge = Forge::new(&pkcs8_from_pem(idp.key.as_bytes()).expect("a key"), &idp.jwks, ISSUER, AUDIENCE, now());
    let rows = attacks(&forge);
    let mut client = gate.connect();
    for (count, attack) in rows.iter().enumerate() {
        // Also where anyone may go: a credential that proves nobody is refused, not passed over.
        let path = if count % 2 == 0 { "/support/x" } else { "/open" };
        let answer = client.ask(get(path, &bearer(&attack.token)));
        assert_eq!(answer.status, 401, "{}", attack.name);
        let record = assert_refused(&gate, &answer, 401, attack.code);
        let expected = match attack.code {
            "credential_repeated" => "Bearer realm=\"portcullis\"",
            _ => "Bearer realm=\"portcullis\", error=\"invalid_token\"",
        };
        assert_eq!(answer.field("www-authenticate"), Some(expected), "{}", attack.name);
        assert!(record.0.get("actor").is_none(), "{}: {record:?}", attack.name);
    }
    gate.records(rows.len());
    app.assert_untouched();
    // The list is one of attacks: what it is made of is believed as it is.
    assert_eq!(client.ask(get("/support/x", &bearer(&forge.honest()))).status, 200);
    let stopped = gate.stop();
    for attack in rows.iter().filter(|attack| attack.token.len() > 40) {
        stopped.assert_never_said(&attack.token[..40]);
    }
}
