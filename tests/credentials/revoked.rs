//! `revoked:` by caller, certificate, key and token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{der, get, hex, sha256};
use crate::support::credentials::credentials;
use crate::support::http2::Http2;
use crate::support::pki::Files;
use crate::support::{Gate, Person, Policy, Upstream, answer, assert_refused, token};

const ALICE: &str = "alice@seller.example";

fn entry(what: &str) -> String {
    format!("  - {{ {what}, reason: a laptop was lost, date: 2026-11-21 }}\n")
}

/// The id of an API key, as it follows from the digest in its entry.
fn key_id() -> String {
    let entry = &credentials().robot.entry;
    let digest = entry.split("sha256:").nth(1).expect("a digest");
    format!("key-{}", &digest[..12])
}

fn jti(token: &str) -> String {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("claims")).expect("base64");
    serde_json::from_slice::<Value>(&claims).expect("JSON")["jti"].as_str().expect("an id").to_owned()
}

#[test]
fn revoked_callers_keys_and_tokens_are_refused_and_others_are_not() {
    let app = Upstream::start(answer("fine"));
    let lost = token(ALICE, &[], true);
    let mallory = format!("Authorization: Bearer {}\r\n", token("mallory", &[], true));
    let list = ["caller: \"user:mallory\"".to_owned(), format!("key_id: {}", key_id()), format!("jti: {}", jti(&lost))];
    let list: String = list.iter().map(|what| entry(what)).collect();
    let gate = Gate::start(&Policy::new(&app).top(&format!("revoked:\n{list}")));
    let robot = format!("X-Api-Key: {}\r\n", credentials().robot.text);
    let lost = format!("Authorization: Bearer {lost}\r\n");
    for (fields, code) in [(&mallory, "caller_revoked"), (&robot, "api_key_revoked"), (&lost, "token_revoked")] {
        // Twice: what is kept of a credential that was seen must not let it through.
        for path in ["/support/x", "/open"] {
            let record = assert_refused(&gate, &gate.connect().ask(get(path, fields)), 401, code);
            assert_eq!(record.event(), "HTTP.DENY.AUTHN");
        }
    }
    app.assert_untouched();
    let sound = format!("Authorization: Bearer {}\r\n", token(ALICE, &[], true));
    assert_eq!(gate.connect().ask(get("/support/x", &sound)).status, 200);
    let records = gate.records(7);
    let credential = &records[6].0["unmapped"]["portcullis"]["credential"];
    assert_eq!(credential["kind"], "token");
    assert_eq!(credential["id"].as_str().map(str::len), Some(32));
    assert_eq!(records[6].0["actor"]["session"]["credential_uid"], credential["id"]);
}

#[test]
fn revoked_certificates_are_refused_by_whichever_mark_they_are_named() {
    let app = Upstream::start(answer("fine"));
    let persons: Vec<Person> = (0..5).map(|_| Person::named("spiffe://seller/picker", DAY)).collect();
    let ders: Vec<_> = persons.iter().map(der).collect();
    let parsed: Vec<_> = ders.iter().map(|der| X509Certificate::from_der(der).expect("a certificate").1).collect();
    let serial = |one: usize| hex(parsed[one].raw_serial());
    let list = [
        format!("serial: \"{}\"", parsed[0].raw_serial_as_string()),
        format!("serial: \"{}\", issuer: Clients of the tests", serial(1)),
        format!("certificate_sha256: {}", sha256(&ders[2])),
        format!("spki_sha256: {}", sha256(parsed[3].public_key().raw)),
        format!("serial: \"{}\", issuer: Somebody else", serial(4)),
    ];
    let files = Files::new();
    let list: String = list.iter().map(|what| entry(what)).collect();
    let path = files.write("revoked.yaml", &format!("revoked:\n{list}"));
    let gate = Gate::start(&Policy::new(&app).top(&format!("revoked:\n  - file: {path}")));
    for person in &persons[..4] {
        let mut client = gate.connect_as(person);
        for path in ["/admin", "/open"] {
            assert_refused(&gate, &client.ask(get(path, "")), 401, "certificate_revoked");
        }
        // Nothing else that the client shows makes up for it.
        let alice = format!("Authorization: Bearer {}\r\n", token(ALICE, &[], true));
        assert_refused(&gate, &client.ask(get("/support/x", &alice)), 401, "certificate_revoked");
        assert_refused(&gate, &Http2::connect(&gate, Some(person)).get("/admin"), 401, "certificate_revoked");
    }
    app.assert_untouched();
    assert_eq!(gate.connect_as(&persons[4]).ask(get("/admin", "")).status, 200, "of another issuer");
    let record = gate.records(17).remove(16);
    let credential = &record.0["unmapped"]["portcullis"]["credential"];
    assert_eq!(credential["kind"], "certificate");
    assert_eq!(credential["serial"], serial(4).trim_start_matches("00"));
    assert_eq!(credential["id"], sha256(&ders[4])[..32]);
}

const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

#[test]
fn revoked_certificate_of_a_caller_is_its_caller_whatever_the_certificate() {
    let app = Upstream::start(answer("fine"));
    let list = entry("caller: \"cert:spiffe://seller/picker\"");
    let gate = Gate::start(&Policy::new(&app).top(&format!("revoked:\n{list}")));
    for person in [Person::picker(), Person::named("spiffe://seller/picker", DAY)] {
        assert_refused(&gate, &gate.connect_as(&person).ask(get("/admin", "")), 401, "caller_revoked");
    }
    let other = gate.connect_as(&Person::passer_by()).ask(get("/open", ""));
    assert_eq!(other.status, 200);
}

#[test]
fn revoked_list_that_cannot_be_read_stops_the_start() {
    let app = Upstream::start(answer("fine"));
    let files = Files::new();
    let rows = [
        (files.path("nothing.yaml").display().to_string(), "PC0601"),
        (files.write("broken.yaml", "revoked:\n  - { caller: \"user:bob\" }\n"), "PC0202"),
        (files.write("other.yaml", "revocations: []\n"), "PC0201"),
        (files.write("syntax.yaml", "revoked: [\n"), "PC0101"),
    ];
    for (path, code) in rows {
        let (status, log) = Gate::refuses_to_start(&Policy::new(&app).top(&format!("revoked:\n  - file: {path}")));
        assert!(!status.success());
        assert!(log.contains(code), "{log}");
    }
    let empty = files.write("empty.yaml", "revoked: []\n");
    let gate = Gate::start(&Policy::new(&app).top(&format!("revoked:\n  - file: {empty}")));
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
}

#[test]
fn revoked_names_of_desks_are_refused_unless_they_are_excused() {
    let app = Upstream::start(answer("fine"));
    let members = "\"user:alice@seller.example\", \"key:robot\"";
    let shared = |more: &str| {
        Policy::new(&app)
            .swap(members, "\"user:alice@seller.example\", \"key:robot\", \"user:info@seller.example\"")
            .top(more)
    };
    let (status, log) = Gate::refuses_to_start(&shared(""));
    assert!(!status.success() && log.contains("PC0309") && log.contains("info@seller.example"), "{log}");
    let gate = Gate::start(&shared("excused: { \"user:info@seller.example\": \"returns desk, until 2027-01-31\" }"));
    let info = format!("Authorization: Bearer {}\r\n", token("info@seller.example", &[], true));
    assert_eq!(gate.connect().ask(get("/support/x", &info)).status, 200);
}
