//! Device certificates: who calls proves it by a token or a key, and the connection proves from which device.

use super::get;
use crate::support::credentials::credentials;
use crate::support::http2::Http2;
use crate::support::pki::{Authority, Files, Leaf};
use crate::support::{Gate, Person, Policy, Upstream, answer, assert_refused, token};

const ALICE: &str = "alice@seller.example";
const LAPTOP: &str = "spiffe://seller/device/laptop-17";
const ROUTE: &str = "{ name: at-desk, path: /at-desk, allow: [support], require: { device: true } }";
const BOUND: &str = "bound: [
  { device: \"spiffe://seller/device/laptop-17\", callers: [\"user:alice@seller.example\"] },
  { device: \"spiffe://seller/device/scanner-*\", callers: [\"group:warehouse\", \"key:robot\"] } ]";

fn bearer(subject: &str, groups: &[&str]) -> String {
    format!("Authorization: Bearer {}\r\n", token(subject, groups, true))
}

/// A gate whose devices are known by their names.
fn by_name(app: &Upstream) -> Gate {
    let devices = format!("devices: {{ names: [\"spiffe://seller/device/*\"], {BOUND} }}");
    Gate::start(&Policy::new(app).route(ROUTE).top(&devices))
}

fn device(uri: &str) -> Person {
    Person::named(uri, std::time::Duration::from_secs(86_400))
}

#[test]
fn device_must_be_bound_to_the_caller() {
    let app = Upstream::start(answer("fine"));
    let gate = by_name(&app);
    let (alice, robot) = (bearer(ALICE, &[]), format!("X-Api-Key: {}\r\n", credentials().robot.text));
    let (laptop, scanner) = (device(LAPTOP), device("spiffe://seller/device/scanner-3"));
    let ask = |person: Option<&Person>, fields: &str| match person {
        Some(person) => gate.connect_as(person).ask(get("/at-desk", fields)),
        None => gate.connect().ask(get("/at-desk", fields)),
    };
    assert_eq!(ask(Some(&laptop), &alice).status, 200);
    assert_eq!(ask(Some(&scanner), &robot).status, 200);
    // By a group of hers.
    let in_warehouse = bearer(ALICE, &["warehouse"]);
    assert_eq!(ask(Some(&scanner), &in_warehouse).status, 200);
    let request = http::Request::get("https://localhost/at-desk");
    let request = alice.trim().split_once(": ").map(|(name, value)| request.header(name, value)).expect("a field");
    let over_http2 = Http2::connect(&gate, Some(&laptop)).ask(request.body(()).expect("a request"));
    assert_eq!(over_http2.expect("an answer").status, 200);
    app.requests_when(4);
    assert_refused(&gate, &ask(None, &alice), 403, "device_required");
    assert_refused(&gate, &ask(Some(&scanner), &alice), 403, "device_not_bound");
    assert_refused(&gate, &ask(Some(&laptop), &robot), 403, "device_not_bound");
    let stolen = [
        "spiffe://seller/device/laptop-18",
        "spiffe://seller/device/scanner-",
        "spiffe://seller/device/scanner-3/x",
        "spiffe://seller/device/LAPTOP-17",
    ];
    for uri in stolen {
        let answer = ask(Some(&device(uri)), &robot);
        let record = gate.record_of(&answer.incident());
        assert!(matches!(record.code(), "device_not_bound" | "credential_conflict"), "{uri}: {}", record.code());
    }
    // A caller's certificate is no device's: it names another caller.
    assert_refused(&gate, &ask(Some(&Person::picker()), &alice), 401, "credential_conflict");
    // A device by itself is nobody.
    assert_refused(&gate, &ask(Some(&laptop), ""), 401, "caller_required");
    assert_eq!(gate.connect_as(&laptop).ask(get("/open", "")).status, 200);
    assert_eq!(app.requests_when(5)[4].field("x-portcullis-caller"), None);
}

#[test]
fn device_is_known_by_the_authority_that_signs_for_devices() {
    let app = Upstream::start(answer("fine"));
    let (files, clients, devices) = (Files::new(), Authority::new("Clients"), Authority::new("Devices"));
    let trusted = files.write("clients.pem", &format!("{}{}", clients.pem, devices.pem));
    let issuer = files.write("devices.pem", &devices.pem);
    let policy = Policy::new(&app).swap("certs/clients-ca.pem", &trusted).route(ROUTE);
    let gate = Gate::start(
        &policy.top(&format!("devices: {{ issuer: {issuer}, names: [\"spiffe://seller/device/*\"], {BOUND} }}")),
    );
    let laptop = devices.issue(&Leaf::client(&[LAPTOP]));
    let alice = bearer(ALICE, &[]);
    assert_eq!(gate.connect_as(&laptop).ask(get("/at-desk", &alice)).status, 200);
    // The same name from the authority of callers is a caller.
    let pretended = clients.issue(&Leaf::client(&[LAPTOP]));
    assert_refused(&gate, &gate.connect_as(&pretended).ask(get("/at-desk", &alice)), 401, "credential_conflict");
    // A device without a sound name is bound to nobody, and no caller either.
    for names in [&[][..], &[LAPTOP, "spiffe://seller/device/laptop-18"], &["spiffe://seller/device/laptop-17\0"]] {
        let odd = devices.issue(&Leaf::client(names));
        assert_refused(&gate, &gate.connect_as(&odd).ask(get("/at-desk", &alice)), 403, "device_not_bound");
    }
}

#[test]
fn device_demands_that_nobody_could_meet_stop_the_start() {
    let app = Upstream::start(answer("fine"));
    let (status, log) = Gate::refuses_to_start(&Policy::new(&app).route(ROUTE));
    assert!(!status.success() && log.contains("PC0307"), "{log}");
    let (status, log) = Gate::refuses_to_start(&Policy::new(&app).top(&format!("devices: {{ {BOUND} }}")));
    assert!(!status.success() && log.contains("PC0202"), "{log}");
}

#[test]
fn device_that_is_revoked_opens_nothing() {
    let app = Upstream::start(answer("fine"));
    let laptop = device(LAPTOP);
    let digest = super::sha256(&super::der(&laptop));
    let devices = format!(
        "devices: {{ names: [\"spiffe://seller/device/*\"], {BOUND} }}\nrevoked:\n  \
         - {{ certificate_sha256: {digest}, reason: stolen, date: 2026-11-21 }}"
    );
    let gate = Gate::start(&Policy::new(&app).route(ROUTE).top(&devices));
    let answer = gate.connect_as(&laptop).ask(get("/at-desk", &bearer(ALICE, &[])));
    assert_refused(&gate, &answer, 401, "certificate_revoked");
    app.assert_untouched();
}
