//! Certificate revocation lists, and chains and names that are wrong in one way or another: real handshakes, on both
//! versions of TLS (classes D 44 to 47 of the attacks on other gates).

use rustls::version::{TLS12, TLS13};

use super::get;
use crate::support::pki::{Authority, DAY, Files, Leaf, terms};
use crate::support::{Client, Gate, Person, Policy, Record, Upstream, answer, assert_refused, credentials, has_tool};

const PICKER: &str = "spiffe://seller/picker";
const TLS: &str = "client_ca: certs/clients-ca.pem }";

fn picker() -> Leaf {
    Leaf::client(&[PICKER])
}

/// A gate that trusts these authorities, with more settings of `gate.tls`.
fn gate(app: &Upstream, files: &Files, authorities: &[&Authority], more: &str) -> Gate {
    let pem: String = authorities.iter().map(|authority| authority.pem.as_str()).collect();
    let path = files.write("clients.pem", &pem);
    Gate::start(&Policy::new(app).swap(TLS, &format!("client_ca: {path}, {more} }}")))
}

/// Shakes hands with a certificate and asks once on both versions of TLS; no answer comes, and the records tell why.
#[track_caller]
fn assert_no_handshake(gate: &Gate, person: &Person, code: &str, what: &str) {
    for version in [&TLS12, &TLS13] {
        let ended = |records: &[Record]| -> Vec<String> {
            let ends = records.iter().filter(|record| record.is_connection());
            ends.map(|record| record.code().to_owned()).collect()
        };
        let before = ended(&gate.records_so_far()).len();
        let terms = terms(&[&credentials::credentials().pki.ca], Some(person), &[version], &["http/1.1"]);
        let mut client = Client::with(gate.address(), terms, "localhost");
        assert!(client.send(get("/open", "")).answer().is_none(), "{what}");
        let records = gate.records_when(what, |records| ended(records).len() > before);
        assert_eq!(ended(&records)[before], code, "{what}");
    }
}

#[test]
fn tls_list_refuses_whom_it_revokes_and_nobody_else() {
    let app = Upstream::start(answer("fine"));
    let (files, ours) = (Files::new(), Authority::new("Clients"));
    let (good, bad) = (ours.issue(&picker()), ours.issue(&picker()));
    let list = ours.list(&[&bad], (-DAY, DAY));
    let pem = files.write("clients.crl", &list.0);
    let der = files.write_bytes("clients.crl.der", &list.1);
    for crl in [format!("crl: {pem}"), format!("crl: [{der}]")] {
        let gate = gate(&app, &files, &[&ours], &crl);
        assert_eq!(gate.connect_as(&good).ask(get("/admin", "")).status, 200);
        assert_no_handshake(&gate, &bad, "tls_client_certificate_revoked", &crl);
        // Who shows no certificate is nobody's to revoke.
        assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
    }
}

#[test]
fn tls_list_must_be_there_of_every_authority_in_the_chain() {
    let app = Upstream::start(answer("fine"));
    let (files, root, other) = (Files::new(), Authority::root("Root"), Authority::new("Other"));
    let middle = root.authority("Middle");
    let leaf = middle.issue(&picker());
    let whole = Person { certificate: format!("{}{}", leaf.certificate, middle.pem), key: leaf.key.clone() };
    let of_root = files.write("root.crl", &root.list(&[], (-DAY, DAY)).0);
    let of_middle = files.write("middle.crl", &middle.list(&[], (-DAY, DAY)).0);
    let partly = gate(&app, &files, &[&root, &other], &format!("crl: [{of_root}]"));
    assert_no_handshake(&partly, &whole, "tls_revocation_unknown", "no list of the intermediate");
    assert_no_handshake(&partly, &other.issue(&picker()), "tls_revocation_unknown", "no list of the other");
    let wholly = gate(&app, &files, &[&root, &other], &format!("crl: [{of_root}, {of_middle}]"));
    assert_eq!(wholly.connect_as(&whole).ask(get("/admin", "")).status, 200);
    // The intermediate itself is revoked.
    let authority = Person { certificate: middle.pem, key: leaf.key };
    let revoked = files.write("root-2.crl", &root.list(&[&authority], (-DAY, DAY)).0);
    let cut = gate(&app, &files, &[&root], &format!("crl: [{revoked}, {of_middle}]"));
    assert_no_handshake(&cut, &whole, "tls_client_certificate_revoked", "the intermediate is revoked");
    // A list in the name of the authority that the authority did not sign says nothing.
    let namesake = Authority::root("Middle");
    let forged = files.write("forged.crl", &namesake.list(&[], (-DAY, DAY)).0);
    let forged = gate(&app, &files, &[&root], &format!("crl: [{of_root}, {forged}]"));
    assert_no_handshake(&forged, &whole, "tls_client_certificate", "a list that somebody else signed");
}

#[test]
fn tls_list_past_its_next_update_refuses_unless_the_policy_says_otherwise() {
    let app = Upstream::start(answer("fine"));
    let (files, ours) = (Files::new(), Authority::new("Clients"));
    let (good, bad) = (ours.issue(&picker()), ours.issue(&picker()));
    let stale = files.write("clients.crl", &ours.list(&[&bad], (-2 * DAY, -60)).0);
    let strict = gate(&app, &files, &[&ours], &format!("crl: {stale}"));
    strict.says("past its next update: the certificates that it is about are refused");
    assert_no_handshake(&strict, &good, "tls_revocation_list_stale", "a stale list");
    assert_eq!(strict.connect().ask(get("/open", "")).status, 200);
    let lax = gate(&app, &files, &[&ours], &format!("crl: {stale}, crl_stale: warn"));
    lax.says("is used all the same");
    assert_eq!(lax.connect_as(&good).ask(get("/admin", "")).status, 200);
    assert_no_handshake(&lax, &bad, "tls_client_certificate_revoked", "revoked by a stale list");
}

#[test]
fn tls_list_that_is_not_in_order_stops_the_start() {
    let app = Upstream::start(answer("fine"));
    let (files, ours) = (Files::new(), Authority::new("Clients"));
    let (pem, der) = ours.list(&[], (-DAY, DAY));
    let rows = [
        ("not there", files.path("nothing.crl").display().to_string()),
        ("empty", files.write("empty.crl", "")),
        ("no list", files.write("no.crl", &ours.pem)),
        ("cut off", files.write("cut.crl", &pem[..pem.len() / 2])),
        ("DER cut off", files.write_bytes("cut.der", &der[..der.len() - 1])),
        ("more behind it", files.write_bytes("more.der", &[&der[..], b"x"].concat())),
        ("no DER", files.write_bytes("no.der", &[0x30; 500])),
    ];
    let trusted = files.write("clients.pem", &ours.pem);
    for (what, path) in rows {
        let policy = Policy::new(&app).swap(TLS, &format!("client_ca: {trusted}, crl: {path} }}"));
        let (status, log) = Gate::refuses_to_start(&policy);
        assert!(!status.success(), "{what}");
        assert!(log.contains(&path), "{what}: {log}");
    }
}

#[test]
fn tls_session_of_a_revoked_certificate_is_not_resumed() {
    if !has_tool("openssl") {
        return;
    }
    let app = Upstream::start(answer("fine"));
    let (files, ours) = (Files::new(), Authority::new("Clients"));
    let person = ours.issue(&picker());
    let (certificate, key) = files.person("client", &person);
    let before =
        gate(&app, &files, &[&ours], &format!("crl: {}", files.write("a.crl", &ours.list(&[], (-DAY, DAY)).0)));
    let revoked = files.write("b.crl", &ours.list(&[&person], (-DAY, DAY)).0);
    let after = gate(&app, &files, &[&ours], &format!("crl: {revoked}"));
    for version in ["-tls1_2", "-tls1_3"] {
        let session = files.path(version).display().to_string();
        let request = files.write("request", "GET /admin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let ask = |gate: &Gate, sessions: &str| {
            let shell = format!(
                "openssl s_client -connect {} -servername localhost {version} -cert {certificate} -key {key} {sessions} \
                 -ign_eof < {request}",
                gate.address()
            );
            let said = std::process::Command::new("sh").args(["-c", &shell]).output().expect("openssl runs");
            String::from_utf8_lossy(&said.stdout).into_owned()
        };
        let first = ask(&before, &format!("-sess_out {session}"));
        assert!(first.contains("HTTP/1.1 200"), "{first}");
        let sessions = if files.path(version).exists() { format!("-sess_in {session}") } else { String::new() };
        let again = ask(&after, &sessions);
        assert!(!again.contains("HTTP/1.1 ") && !again.contains("Reused, "), "{again}");
    }
    assert!(after.records(2).iter().all(|record| record.code() == "tls_client_certificate_revoked"));
}

#[test]
fn tls_chains_without_end_are_refused_and_cost_little() {
    let app = Upstream::start(answer("fine"));
    let (files, root) = (Files::new(), Authority::root("Root"));
    let gate = gate(&app, &files, &[&root], "crl_stale: refuse");
    let strangers = Authority::root("Strangers");
    let middle = strangers.authority("Middle");
    let leaf = middle.issue(&picker());
    // As many as a handshake message takes, all of one name: every one of them might be the leaf's issuer.
    let wide = Person { certificate: format!("{}{}", leaf.certificate, middle.pem.repeat(100)), key: leaf.key.clone() };
    assert_no_handshake(&gate, &wide, "tls_client_certificate", "a hundred issuers");
    let endless = Person { certificate: format!("{}{}", leaf.certificate, middle.pem.repeat(10_000)), key: leaf.key };
    let terms = terms(&[&credentials::credentials().pki.ca], Some(&endless), &[&TLS13], &["http/1.1"]);
    let mut client = Client::with(gate.address(), terms, "localhost");
    assert!(client.send(get("/open", "")).answer().is_none());
    let records = gate.records(3);
    assert!(matches!(records[2].code(), "tls_malformed" | "tls_alert" | "handshake_aborted"), "{}", records[2].code());
    assert_eq!(gate.connect_as(&root.issue(&picker())).ask(get("/admin", "")).status, 200, "it serves on");
}

#[test]
fn tls_spiffe_ids_are_taken_to_the_letter() {
    let app = Upstream::start(answer("fine"));
    let (files, ours) = (Files::new(), Authority::new("Clients"));
    let trusted = files.write("clients.pem", &ours.pem);
    let policy = Policy::new(&app)
        .swap("certs/clients-ca.pem", &trusted)
        .swap("certificate: { subject: san_uri }", "certificate: { subject: spiffe, trust_domains: [seller] }");
    let gate = Gate::start(&policy);
    assert_eq!(gate.connect_as(&ours.issue(&picker())).ask(get("/admin", "")).status, 200);
    app.requests_when(1);
    let rows: [&[&str]; 12] = [
        &["spiffe://other/picker"],
        &["spiffe://seller.evil.example/picker"],
        &["spiffe://seller"],
        &["spiffe://seller/"],
        &["spiffe://seller/picker/"],
        &["spiffe://seller/./picker"],
        &["spiffe://seller/picker?a=b"],
        &["spiffe://seller/picker#a"],
        &["spiffe://seller:443/picker"],
        &["spiffe://picker@seller/picker"],
        &["SPIFFE://seller/picker"],
        &[PICKER, "spiffe://seller/sre"],
    ];
    for names in rows {
        let person = ours.issue(&Leaf::client(names));
        let refused = gate.connect_as(&person).ask(get("/open", ""));
        assert_refused(&gate, &refused, 401, "certificate_name");
    }
    assert_eq!(app.requests().len(), 1);
}
