//! Headers by which an app hears who calls, under names of the policy's own: none of them comes from a client, in any
//! spelling, on any way (class B 16 of the attacks on other gates).

use super::get;
use crate::cli::portcullis;
use crate::support::frames::{END_STREAM, Fate, Frames, head};
use crate::support::pki::Files;
use crate::support::upstream::raw;
use crate::support::{Gate, Person, Policy, Then, Upstream, answer, assert_all_refused, token};

const HEADERS: &str = "headers: { caller: X-Auth-Caller, user: Remote-User, roles: Remote-Groups, assertion: X-Jwt }";

fn gate(app: &Upstream) -> Gate {
    let policy = Policy::new(app).gate(HEADERS).gate("assertion: { key: certs/assertion.key, audience: app }");
    Gate::start(&policy.route("{ name: all, path: /all/**, allow: [anyone] }"))
}

#[test]
fn header_names_of_the_policy_tell_the_app_who_calls() {
    let app = Upstream::start(answer("fine"));
    let gate = gate(&app);
    let alice = format!("Authorization: Bearer {}\r\n", token("alice@seller.example", &[], true));
    assert_eq!(gate.connect().ask(get("/support/x", &alice)).status, 200);
    assert_eq!(gate.connect_as(&Person::picker()).ask(get("/admin", "")).status, 200);
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
    let [alice, picker, nobody] = <[_; 3]>::try_from(app.requests_when(3)).expect("three requests");
    assert_eq!(alice.field("x-auth-caller"), Some("user:alice@seller.example"));
    assert_eq!(alice.field("remote-user"), Some("alice@seller.example"));
    assert_eq!(alice.field("remote-groups"), Some("support"));
    assert_eq!(alice.field("x-jwt").map(|jwt| jwt.split('.').count()), Some(3));
    assert!(!alice.names().iter().any(|name| name.starts_with("x-portcullis-") && name != "x-portcullis-request-id"));
    // A workload's name is no person's.
    assert_eq!(
        (picker.field("x-auth-caller"), picker.field("remote-user")),
        (Some("cert:spiffe://seller/picker"), None)
    );
    assert!(["x-auth-caller", "remote-user", "remote-groups", "x-jwt"].iter().all(|name| nobody.field(name).is_none()));
}

#[test]
fn header_names_of_the_policy_never_come_from_a_client() {
    let app = Upstream::start(answer("fine"));
    let gate = gate(&app);
    let spellings = ["Remote-User", "REMOTE-USER", "remote-user", "RemoteUser", "Remote--User", "-Remote-User-"];
    let others =
        ["X-Auth-Caller", "XAuthCaller", "Remote-Groups", "remotegroups", "X-Jwt", "XJwt", "X-Portcullis-Caller"];
    let claims: String = spellings.iter().chain(&others).map(|name| format!("{name}: root\r\n")).collect();
    for fields in [claims.clone(), format!("{claims}Connection: X-Auth-Caller, Remote-User\r\n")] {
        assert_eq!(gate.connect().ask(get("/open", &fields)).status, 200);
    }
    assert_eq!(gate.connect_as(&Person::picker()).ask(get("/admin", &claims)).status, 200);
    let chunked = format!(
        "POST /all/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n{claims}X-Sum: 1\r\n\r\n"
    );
    assert_eq!(gate.connect().ask(chunked).status, 200);
    let mut frames = Frames::connect(&gate, None);
    let mut fields = head("GET", "/open");
    fields.extend([("remote-user", "root"), ("remoteuser", "root")]);
    assert!(matches!(frames.headers(1, &fields, END_STREAM).fate(1), Fate::Answered(_)));
    for request in app.requests_when(5) {
        let text = format!("{request:?}").to_ascii_lowercase();
        assert!(!text.contains("root"), "{text}");
    }
    assert_eq!(app.requests()[2].field("x-auth-caller"), Some("cert:spiffe://seller/picker"));
    gate.records(5);
    let rows: Vec<_> = ["Remote_User", "Remote.User", "REMOTE_USER", "X_Auth_Caller", "X.Jwt", "Remote-User."]
        .map(|name| (get("/open", &format!("{name}: root\r\n")), 400, "header_name"))
        .to_vec();
    assert_all_refused(&gate, &rows);
    assert_eq!(app.requests().len(), 5);
}

#[test]
fn header_names_of_the_policy_do_not_go_out_to_clients() {
    let app = Upstream::start(raw(
        "HTTP/1.1 200 OK\r\nRemote-User: alice\r\nXJwt: a\r\nContent-Length: 2\r\n\r\nok",
        Then::Keep,
    ));
    let gate = gate(&app);
    let answer = gate.connect().ask(get("/open", ""));
    assert_eq!((answer.status, answer.field("remote-user"), answer.field("xjwt")), (200, None, None));
}

#[test]
fn header_names_that_mean_something_else_stop_the_start() {
    let app = Upstream::start(answer("fine"));
    for headers in [
        "headers: { user: Authorization }",
        "headers: { user: X-Forwarded-For }",
        "headers: { user: Remote_User }",
        "headers: { user: Remote-User, roles: RemoteUser }",
        "headers: { user: X-Portcullis-Request-Id }",
        "headers: { user: Content-Type }",
        "headers: { user: X-Api-Key }",
    ] {
        let (status, log) = Gate::refuses_to_start(&Policy::new(&app).gate(headers));
        assert!(!status.success() && (log.contains("PC0214") || log.contains("PC0301")), "{headers}: {log}");
    }
}

#[test]
fn header_assertion_verifies_by_the_published_key_set() {
    let app = Upstream::start(answer("fine"));
    let gate = gate(&app);
    assert_eq!(gate.connect_as(&Person::picker()).ask(get("/admin", "")).status, 200);
    let assertion = app.only_request().field("x-jwt").expect("an assertion").to_owned();
    let files = Files::new();
    let next = files.path("next.key");
    assert!(portcullis().args(["keys", "new", "assertion"]).arg(&next).status().expect("it runs").success());
    let set = portcullis().args(["keys", "jwks"]).arg(gate.directory().join("certs/assertion.key")).arg(&next).output();
    let set = set.expect("it runs");
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    let set: serde_json::Value = serde_json::from_slice(&set.stdout).expect("JSON");
    assert_eq!(set["keys"].as_array().map(Vec::len), Some(2));
    assert!(!set.to_string().contains("\"d\""), "no private key");
    super::assert_signed_by(&assertion, &set["keys"][0]);
    let twice = portcullis().args(["keys", "jwks"]).arg(&next).arg(&next).output().expect("it runs");
    assert_eq!(twice.status.code(), Some(1));
}
