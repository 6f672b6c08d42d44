//! Certificates, keys and authorities that change.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::GET;
use crate::support::credentials::credentials;
use crate::support::pki::{Authority, DAY, Files, Leaf, terms};
use crate::support::upstream::raw;
use crate::support::{Client, Gate, Person, Policy, Then, Upstream, answer};

const ADMIN: &str = "GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n";
const ALL: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];

/// A gate whose certificate is of an authority of ours.
fn gate(app: &Upstream, files: &Files, person: &Person) -> Gate {
    let (certificate, key) = files.person("gate", person);
    let tls = format!("tls: {{ certificate: {certificate}, key: {key}, client_ca: certs/clients-ca.pem }}");
    let standard = "tls: { certificate: certs/gate.pem, key: certs/gate.key, client_ca: certs/clients-ca.pem }";
    Gate::start(&Policy::new(app).swap(standard, &tls))
}

/// The certificate that a new connection sees, and its status.
fn shown(gate: &Gate, authority: &Authority) -> Vec<u8> {
    let mut client = Client::with(gate.address(), terms(&[&authority.pem], None, ALL, &["http/1.1"]), "localhost");
    assert_eq!(client.ask(GET).status, 200);
    client.tls().peer_certificates().expect("a certificate")[0].to_vec()
}

fn der(person: &Person) -> Vec<u8> {
    CertificateDer::from_pem_slice(person.certificate.as_bytes()).expect("PEM").to_vec()
}

#[test]
fn reload_shows_a_new_certificate_to_new_connections_and_keeps_old_ones() {
    let (app, files, ours) = (Upstream::start(answer("hello")), Files::new(), Authority::new("Ours"));
    let [first, second] = [(); 2].map(|()| ours.issue(&Leaf::server(&["localhost"])));
    let gate = gate(&app, &files, &first);
    let mut old = Client::with(gate.address(), terms(&[&ours.pem], None, ALL, &["http/1.1"]), "localhost");
    assert_eq!(old.ask(GET).status, 200);
    assert_eq!(shown(&gate, &ours), der(&first));
    files.person("gate", &second);
    let change = gate.changes(1).into_iter().find(|change| change.code() == "changed");
    let change = change.unwrap_or_else(|| gate.changes(2).remove(1));
    assert_eq!((change.event(), change.code()), ("CONFIG.CERT", "changed"));
    assert_eq!(shown(&gate, &ours), der(&second));
    assert_eq!(old.ask(GET).status, 200);
}

#[test]
fn reload_of_a_certificate_that_is_not_its_keys_or_has_ended_keeps_the_old_one() {
    let (app, files, ours) = (Upstream::start(answer("hello")), Files::new(), Authority::new("Ours"));
    let [first, second] = [(); 2].map(|()| ours.issue(&Leaf::server(&["localhost"])));
    let gate = gate(&app, &files, &first);
    files.write("gate.pem", &second.certificate);
    let change = gate.changes(1).remove(0);
    assert_eq!((change.event(), change.code()), ("CONFIG.CERT", "change_refused"));
    assert_eq!(shown(&gate, &ours), der(&first));
    gate.says("A certificate and its key do not belong together");
    let mut leaf = Leaf::server(&["localhost"]);
    leaf.valid = (-2 * DAY, -DAY);
    files.person("gate", &ours.issue(&leaf));
    gate.says("A certificate has ended");
    assert_eq!(shown(&gate, &ours), der(&first));
    files.write("gate.pem", "garbage");
    gate.says("is not a PEM file");
    assert_eq!(shown(&gate, &ours), der(&first));
    // The key of the second certificate makes the pair whole.
    files.person("gate", &second);
    gate.says("a change is in force");
    assert_eq!(shown(&gate, &ours), der(&second));
}

#[test]
fn reload_warns_of_a_certificate_that_ends_soon() {
    let (app, files, ours) = (Upstream::start(answer("hello")), Files::new(), Authority::new("Ours"));
    let mut leaf = Leaf::server(&["localhost"]);
    leaf.valid = (-DAY, 5 * DAY);
    let gate = gate(&app, &files, &ours.issue(&leaf));
    gate.says("a certificate ends soon");
    gate.says("\"days\":5");
}

#[test]
fn reload_of_the_clients_authorities_holds_for_connections_that_stand() {
    let app = Upstream::start(raw(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        Then::Echo,
    ));
    let gate = Gate::start(&Policy::new(&app).workers(2));
    let upgrade = "GET /open HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    // One by `certs dev`'s authority, one by that of the tests; only the first is trusted after the change.
    let (mut stays, mut goes) = (gate.connect_as(&Person::picker()), gate.connect_as(&Person::passer_by()));
    let mut idle = gate.connect_as(&Person::passer_by());
    idle.handshake().expect("a handshake");
    for client in [&mut stays, &mut goes] {
        assert_eq!(client.ask(upgrade).status, 101);
    }
    gate.put("certs/clients-ca.pem", &credentials().pki.clients_ca);
    let change = gate.changes(1).remove(0);
    assert_eq!((change.event(), change.code()), ("CONFIG.CERT", "changed"));
    assert!(goes.is_closed() && idle.is_closed());
    assert_eq!(stays.send("abc").take(3).as_deref(), Some(&b"abc"[..]));
    let records = gate.records_when("both ends", |records| records.len() >= 2);
    let cut = records.iter().find(|record| record.end() == "revoked").expect("a cut stream");
    assert_eq!(cut.0["unmapped"]["portcullis"]["cut"], "credential_withdrawn");
    assert!(records.iter().any(|record| record.code() == "tls_client_certificate"));
    let mut again = gate.connect_as(&Person::passer_by());
    assert!(again.send(ADMIN).answer().is_none(), "who is not trusted does not come in again");
}
