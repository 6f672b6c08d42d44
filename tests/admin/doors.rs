//! Who gets in, and who does not: certificates, browsers, plaintext, rights, hosts, bodies.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::json;

use super::{House, because, code, connect, json_of, request};
use crate::support::pki::{DAY, Leaf};
use crate::support::{Person, has_tool, wait_for};

const OWN: &str = "portcullis-admin: 1\r\n";

#[test]
fn admin_rights_of_roles_decide_and_every_call_leaves_one_record() {
    let house = House::start();
    for (count, (who, path, body, status, said)) in [
        ("viewer", "/v1/status", None, 200, "done"),
        ("viewer", "/v1/quarantine", Some(because(json!({ "everything": true }))), 403, "right_missing"),
        ("viewer", "/v1/reload", Some(because(json!({}))), 403, "right_missing"),
        ("sre", "/v1/status", None, 200, "done"),
        ("sre", "/v1/lock", Some(because(json!({ "caller": "user:alice@seller.example" }))), 200, "done"),
        ("nobody", "/v1/status", None, 403, "right_missing"),
        ("nobody", "/v1/no-such-thing", None, 403, "right_missing"),
        ("sre", "/v1/no-such-thing", None, 404, "not_found"),
        ("sre", "/v1/status/", None, 404, "not_found"),
        ("sre", "/V1/status", None, 404, "not_found"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = house.call(who, path, body);
        assert_eq!((answer.status, code(&answer).as_str()), (status, said), "{who} {path}");
        let records = house.calls_when(count + 1);
        let record = &records[count];
        assert_eq!(record.code(), said);
        assert_eq!(record.event(), if status == 200 { "ADMIN.CALL" } else { "ADMIN.DENY" });
        assert_eq!(record.id(), json_of(&answer)["record"], "the answer names its record");
        let who = record.0["actor"]["user"]["uid"].as_str().unwrap();
        assert!(who.starts_with("pii_caller_"), "{who}");
    }
}

#[test]
fn admin_refuses_pages_other_hosts_and_what_is_not_of_the_api() {
    let house = House::start();
    let (sre, reason) = (house.operator("sre"), because(json!({ "everything": true })).to_string());
    let post = |fields: &str| request("/v1/quarantine", "localhost", fields, Some(&reason));
    let get = |host: &str, fields: &str| request("/v1/status", host, fields, None);
    let long = "x".repeat(17 * 1024);
    let cases = [
        (post(""), 403, "header_missing"),
        (post("portcullis-admin: 1\r\nportcullis-admin: 1\r\n"), 403, "header_missing"),
        (post(&format!("{OWN}Origin: https://evil.example\r\n")), 403, "browser"),
        (post(&format!("{OWN}Origin: null\r\n")), 403, "browser"),
        (post(&format!("{OWN}Sec-Fetch-Site: cross-site\r\n")), 403, "browser"),
        (post(&format!("{OWN}Sec-Fetch-Site: same-origin\r\n")), 403, "browser"),
        (get("evil.example", OWN), 421, "host"),
        (get("127.0.0.1.evil.example:9443", OWN), 421, "host"),
        (get("10.1.2.3", OWN), 421, "host"),
        (format!("GET https://localhost/v1/status HTTP/1.1\r\nHost: localhost\r\n{OWN}\r\n"), 400, "malformed"),
        (request("/v1/status?x=1", "localhost", OWN, None), 400, "malformed"),
        (format!("GET /v1/status HTTP/1.0\r\nHost: localhost\r\n{OWN}\r\n"), 400, "malformed"),
        (format!("POST /v1/status HTTP/1.1\r\nHost: localhost\r\n{OWN}Content-Length: 0\r\n\r\n"), 405, "method"),
        (request("/v1/quarantine", "localhost", OWN, None), 405, "method"),
        (format!("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n{OWN}Content-Length: 2\r\n\r\n{{}}"), 400, "body"),
        (post(OWN).replace("application/json", "text/plain"), 415, "media_type"),
        (request("/v1/quarantine", "localhost", OWN, Some(r#"{"everything":true}"#)), 400, "reason_missing"),
        (
            request("/v1/quarantine", "localhost", OWN, Some(r#"{"everything":true,"reason":"  "}"#)),
            400,
            "reason_missing",
        ),
        (
            request("/v1/quarantine", "localhost", OWN, Some(r#"{"everything":true,"reason":"a\nb"}"#)),
            400,
            "reason_missing",
        ),
        (request("/v1/quarantine", "localhost", OWN, Some(r#"{"everything":true,"reason":7}"#)), 400, "body"),
        (request("/v1/quarantine", "localhost", OWN, Some(r#"{"everyting":true,"reason":"x"}"#)), 400, "subject"),
        (
            request("/v1/quarantine", "localhost", OWN, Some(r#"{"everything":true,"mode":"x","reason":"x"}"#)),
            400,
            "body",
        ),
        (
            request("/v1/quarantine", "localhost", OWN, Some(r#"{"everything":true,"route":"open","reason":"x"}"#)),
            400,
            "subject",
        ),
        (
            request("/v1/quarantine", "localhost", OWN, Some(r#"{"route":"no-such","reason":"x"}"#)),
            404,
            "subject_unknown",
        ),
        (request("/v1/quarantine", "localhost", OWN, Some("[]")), 400, "body"),
        (request("/v1/quarantine", "localhost", OWN, Some(&long)), 413, "too_large"),
        (request("/v1/lock", "localhost", OWN, Some(r#"{"everything":true,"reason":"x"}"#)), 400, "subject"),
        (request("/v1/lock", "localhost", OWN, Some(r#"{"address":"not-an-address","reason":"x"}"#)), 400, "subject"),
    ];
    let count = cases.len();
    for (number, (text, status, said)) in cases.into_iter().enumerate() {
        let shown = text.chars().take(200).collect::<String>();
        let answer = connect(house.admin(), Some(&sre)).ask(text);
        assert_eq!((answer.status, code(&answer).as_str()), (status, said), "{shown}");
        assert_eq!(answer.field("cache-control"), Some("no-store"));
        assert_eq!(house.calls_when(number + 1)[number].code(), said, "{shown}");
    }
    let sanctions = json_of(&house.call("sre", "/v1/sanctions", None));
    assert_eq!(sanctions["count"], 0, "nothing was done: {sanctions}");
    house.calls_when(count + 1);
}

/// The records of connections to the operators' listener that carried no call.
fn unheard(house: &House, count: usize) -> Vec<String> {
    let of_admin = || -> Vec<String> {
        let records = house.gate.records_so_far();
        let own = records.iter().filter(|record| record.0["dst_endpoint"]["svc_name"] == "admin");
        own.map(|record| record.code().to_owned()).collect()
    };
    let found = wait_for("records of connections", || Some(of_admin()).filter(|all| all.len() >= count));
    assert_eq!(found.len(), count, "{found:?}");
    found
}

#[test]
fn admin_takes_no_plaintext_and_nobody_without_a_certificate_of_its_operators() {
    let house = House::start();
    let mut plain = TcpStream::connect(house.admin()).unwrap();
    plain.write_all(b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut said = Vec::new();
    // The other end may have reset what it had not read.
    let _ = plain.read_to_end(&mut said);
    assert!(said.is_empty() || said[0] == 21, "an alert of TLS, and not a word of HTTP: {said:?}");
    assert!(!said.starts_with(b"HTTP"));
    assert_eq!(unheard(&house, 1), ["tls_malformed"]);

    let ended = house.operators.issue(&Leaf::client(&["spiffe://seller/sre"]).valid(-2 * DAY, -DAY));
    let ours = Person::picker();
    let callers = Person::named("spiffe://seller/sre", std::time::Duration::from_secs(600));
    for (number, person) in
        [None, Some(&ours), Some(&callers), Some(&Person::stranger()), Some(&ended)].into_iter().enumerate()
    {
        let mut client = connect(house.admin(), person);
        assert!(
            !client.try_send(request("/v1/status", "localhost", OWN, None).as_bytes()) || client.answer().is_none()
        );
        assert_eq!(unheard(&house, number + 2)[number + 1], "tls_client_certificate");
    }
    assert!(house.calls().is_empty());
}

#[test]
fn admin_as_curl_and_openssl_see_it() {
    if !has_tool("curl") || !has_tool("openssl") {
        return;
    }
    let house = House::start();
    let (certificate, key) = house.written("sre", &house.operator("sre"));
    let ca = house.gate.directory().join("certs/ca.pem").display().to_string();
    let url = |scheme: &str, path: &str| format!("{scheme}://localhost:{}{path}", house.admin().port());
    let curl = |more: &[&str], url: &str| {
        let output = Command::new("curl")
            .args(["-sS", "--max-time", "20", "--cacert", &ca])
            .args(more)
            .arg(url)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let own = ["--cert", &certificate, "--key", &key, "-H", "portcullis-admin: 1"];
    let (status, text) = curl(&own, &url("https", "/v1/status"));
    assert_eq!(status, Some(0));
    assert!(text.contains("\"stage\":\"serving\""), "{text}");
    let (_, text) = curl(&own[..4], &url("https", "/v1/status"));
    assert!(text.contains("header_missing"), "{text}");
    let (_, text) = curl(&[&own[..], &["-H", "Origin: https://evil.example"]].concat(), &url("https", "/v1/status"));
    assert!(text.contains("browser"), "{text}");
    // What a page does to find out whether it may: never answered with leave.
    let asked =
        ["-i", "-X", "OPTIONS", "-H", "Origin: https://evil.example", "-H", "Access-Control-Request-Method: POST"];
    let (_, text) = curl(&[&own[..4], &asked].concat(), &url("https", "/v1/quarantine"));
    assert!(text.contains("403") && !text.to_lowercase().contains("access-control"), "{text}");
    for refused in [curl(&[], &url("https", "/v1/status")), curl(&own, &url("http", "/v1/status"))] {
        assert_ne!(refused.0, Some(0));
        assert_eq!(refused.1, "");
    }
    house.calls_when(4);
    unheard(&house, 2);
    for (version, works) in [("-tls1_2", false), ("-tls1_3", true)] {
        let output = Command::new("openssl")
            .args(["s_client", version, "-brief", "-CAfile", &ca, "-cert", &certificate, "-key", &key, "-connect"])
            .arg(house.admin().to_string())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(said.contains("CONNECTION ESTABLISHED"), works, "{version}: {said}");
    }
}

#[test]
fn admin_listener_bounds_who_only_holds_it() {
    let house = House::start();
    let sre = house.operator("sre");
    // As many as one address may have, none of which says a word; the next one is refused and recorded.
    let held: Vec<_> = (0..16).map(|_| TcpStream::connect(house.admin()).unwrap()).collect();
    let mut next = TcpStream::connect(house.admin()).unwrap();
    assert_eq!(next.read(&mut [0; 1]).unwrap_or(0), 0);
    assert_eq!(unheard(&house, 1), ["connections_of_address_exhausted"]);
    // They are cut by the dead-line of the handshake, without anybody's help.
    let mut codes = unheard(&house, 17);
    codes.sort();
    assert_eq!(codes.iter().filter(|code| *code == "handshake_timeout").count(), 16, "{codes:?}");
    drop(held);
    let answer = connect(house.admin(), Some(&sre)).ask(request("/v1/status", "localhost", OWN, None));
    assert_eq!(answer.status, 200);
}

#[test]
fn admin_certificates_and_authorities_change_without_a_restart() {
    let house = House::start();
    assert_eq!(house.call("sre", "/v1/status", None).status, 200);
    let old = house.operator("sre");
    let others = crate::support::pki::Authority::new("Other operators");
    let new = others.issue(&Leaf::client(&["spiffe://seller/sre"]));
    house.files.write("operators.pem", &others.pem);
    house.gate.hang_up();
    let ask = |person: &Person| {
        let mut client = connect(house.admin(), Some(person));
        client.try_send(request("/v1/status", "localhost", OWN, None).as_bytes());
        client.answer().map(|answer| answer.status)
    };
    wait_for("the new authority counts", || (ask(&new) == Some(200)).then_some(()));
    assert_eq!(ask(&old), None);
    // What is no authority changes nothing.
    house.files.write("operators.pem", "no certificate");
    house.gate.hang_up();
    house.gate.says("a change is refused");
    assert_eq!(ask(&new), Some(200));
    let seen = json_of(&connect(house.admin(), Some(&new)).ask(request("/v1/status", "localhost", OWN, None)));
    assert_eq!(seen["reloads"]["last"]["code"], "refused");
    let keys: Vec<_> =
        seen["certificates"].as_array().unwrap().iter().map(|end| end["key"].as_str().unwrap()).collect();
    assert!(keys.contains(&"admin.tls.certificate") && keys.contains(&"admin.tls.client_ca"), "{keys:?}");
}

#[test]
fn admin_revokes_an_operator_by_the_policy() {
    let house = House::start();
    assert_eq!(house.call("viewer", "/v1/status", None).status, 200);
    house.gate.change(
        &house
            .policy
            .clone()
            .top("revoked: [{ caller: \"cert:spiffe://seller/viewer\", reason: left, date: 2026-01-01 }]"),
    );
    house.gate.hang_up();
    let answer = wait_for("the operator is revoked", || {
        Some(house.call("viewer", "/v1/status", None)).filter(|answer| answer.status != 200)
    });
    assert_eq!((answer.status, code(&answer).as_str()), (403, "operator_revoked"));
    assert_eq!(house.call("sre", "/v1/status", None).status, 200);
}
