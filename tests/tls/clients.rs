//! Certificates of clients, good and bad, and what is never resumed.

use rustls::HandshakeKind;
use rustls::version::{TLS12, TLS13};

use super::s_client;
use crate::support::pki::{Authority, DAY, Files, Leaf, terms};
use crate::support::{Client, Gate, Person, Policy, Upstream, answer, assert_refused, credentials, has_tool};

const PICKER: &str = "spiffe://seller/picker";

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

/// A gate that trusts one authority of clients, and that authority.
fn gate_and_authority(app: &Upstream) -> (Gate, Authority, Files) {
    let (files, ours) = (Files::new(), Authority::new("Clients"));
    let path = files.write("clients.pem", &ours.pem);
    (Gate::start(&Policy::new(app).swap("certs/clients-ca.pem", &path)), ours, files)
}

#[test]
fn tls_client_certificates_are_asked_for_and_needed_where_a_route_says_so() {
    let app = Upstream::start(answer("hello"));
    let (gate, ours, _files) = gate_and_authority(&app);
    assert_eq!(gate.connect().ask(get("/open")).status, 200);
    assert_refused(&gate, &gate.connect().ask(get("/admin/x")), 401, "caller_required");
    let picker = ours.issue(&Leaf::client(&[PICKER]));
    assert_eq!(gate.connect_as(&picker).ask(get("/admin/x")).status, 200);
    let other = ours.issue(&Leaf::client(&["spiffe://seller/other"]));
    assert_refused(&gate, &gate.connect_as(&other).ask(get("/admin/x")), 403, "role_missing");
    let shown: Vec<_> =
        gate.records(4).iter().map(|record| record.0["unmapped"]["portcullis"]["client_certificate"].clone()).collect();
    assert_eq!(shown, [false, false, true, true]);
    assert_eq!(gate.records(4)[2].0["actor"]["user"]["type"], "Certificate");
    assert_eq!(app.requests_when(2)[1].field("x-portcullis-caller"), Some("cert:spiffe://seller/picker"));
}

#[test]
fn tls_client_certificates_that_do_not_hold_end_the_handshake() {
    let app = Upstream::start(answer("hello"));
    let (gate, ours, _files) = gate_and_authority(&app);
    let strangers = Authority::new("Clients");
    let sound = || Leaf::client(&[PICKER]);
    let rows = [
        ("of a namesake of our authority", strangers.issue(&sound())),
        ("expired", ours.issue(&sound().valid(-2 * DAY, -60))),
        ("not yet valid", ours.issue(&sound().valid(60 * 60, DAY))),
        ("a server's", ours.issue(&Leaf { usage: rcgen::ExtendedKeyUsagePurpose::ServerAuth, ..sound() })),
    ];
    let mut ended = 0;
    for (what, person) in &rows {
        for version in [&TLS12, &TLS13] {
            let authority = credentials::credentials().pki.ca.as_str();
            let terms = terms(&[authority], Some(person), &[version], &["http/1.1"]);
            let mut client = Client::with(gate.address(), terms, "localhost");
            assert!(client.send(get("/open")).answer().is_none(), "{what}: even where nobody needs to be known");
            ended += 1;
            assert_eq!(gate.records(ended)[ended - 1].code(), "tls_client_certificate", "{what}");
        }
    }
    app.assert_untouched();
}

#[test]
fn tls_client_certificates_name_one_caller_or_nobody() {
    let app = Upstream::start(answer("hello"));
    let (gate, ours, _files) = gate_and_authority(&app);
    let rows: [&[&str]; 6] = [
        &[PICKER, "spiffe://seller/sre"],
        &[PICKER, PICKER],
        &["spiffe://seller/picker\0.evil.example"],
        &["spiffe://seller/picker "],
        &["picker"],
        &[],
    ];
    for names in rows {
        let person = ours.issue(&Leaf::client(names));
        for path in ["/admin/x", "/open"] {
            let answer = gate.connect_as(&person).send(get(path)).answer();
            match answer {
                Some(answer) => drop(assert_refused(&gate, &answer, 401, "certificate_name")),
                None => panic!("{names:?}: {:?}", gate.records_so_far()),
            }
        }
    }
    // What another kind of name says is not what the policy asks for.
    let mut leaf = Leaf::server(&["picker.example"]);
    leaf.usage = rcgen::ExtendedKeyUsagePurpose::ClientAuth;
    leaf.common_name = PICKER.to_owned();
    let answer = gate.connect_as(&ours.issue(&leaf)).ask(get("/admin/x"));
    assert_refused(&gate, &answer, 401, "certificate_name");
    app.assert_untouched();
}

/// Two connections by the same terms; how the second one shook hands.
fn second(gate: &Gate, person: Option<&Person>, version: &'static rustls::SupportedProtocolVersion) -> HandshakeKind {
    let terms = terms(&[&credentials::credentials().pki.ca], person, &[version], &["http/1.1"]);
    for _ in 0..2 {
        let mut client = Client::with(gate.address(), terms.clone(), "localhost");
        assert_eq!(client.ask(get("/open")).status, 200);
        if client.tls().handshake_kind() == Some(HandshakeKind::Resumed) {
            return HandshakeKind::Resumed;
        }
        client.finish();
        assert!(client.is_closed());
    }
    HandshakeKind::Full
}

const OWN_ONLY: &str = "tls: { certificate: certs/gate.pem, key: certs/gate.key, client_ca: certs/clients-ca.pem }";

/// The standard policy without certificates of clients.
fn without_clients(app: &Upstream) -> Policy {
    Policy::new(app)
        .swap(OWN_ONLY, "tls: { certificate: certs/gate.pem, key: certs/gate.key }")
        .swap("  - certificate: { subject: san_uri }\n", "")
        .swap("\"cert:spiffe://seller/picker\", ", "")
}

#[test]
fn tls_sessions_are_resumed_only_where_no_certificate_is_asked_for() {
    let app = Upstream::start(answer("hello"));
    let asking = Gate::start(&Policy::new(&app));
    let open = Gate::start(&without_clients(&app));
    for version in [&TLS12, &TLS13] {
        assert_eq!(second(&asking, None, version), HandshakeKind::Full);
        assert_eq!(second(&asking, Some(&Person::picker()), version), HandshakeKind::Full);
        assert_eq!(second(&open, None, version), HandshakeKind::Resumed);
    }
}

#[test]
fn tls_tickets_of_an_open_gate_open_no_other() {
    if !has_tool("openssl") {
        return;
    }
    let app = Upstream::start(answer("hello"));
    let asking = Gate::start(&Policy::new(&app));
    let open = Gate::start(&without_clients(&app));
    let files = Files::new();
    for version in ["-tls1_2", "-tls1_3"] {
        let session = files.path(version).display().to_string();
        // TLS 1.3 sends tickets after the handshake: the client stays until it has read one.
        let request = files.write("request", "GET /open HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let shell = format!(
            "openssl s_client -connect {} -servername localhost {version} -sess_out {session} -ign_eof < {request}",
            open.address()
        );
        let said = std::process::Command::new("sh").args(["-c", &shell]).output().expect("openssl runs");
        assert!(files.path(version).exists(), "no session: {}", String::from_utf8_lossy(&said.stderr));
        let (_, own) = s_client(&open, &[version, "-sess_in", &session]);
        assert!(own.contains("Reused, "), "{own}");
        let (_, other) = s_client(&asking, &[version, "-sess_in", &session]);
        assert!(other.contains("New, ") && !other.contains("Reused, "), "{other}");
    }
}
