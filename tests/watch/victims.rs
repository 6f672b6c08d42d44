//! Nobody locks out a victim without presenting that victim's credential (ID-6).

use super::{events, get};
use crate::support::client::{tcp, terms};
use crate::support::credentials::credentials;
use crate::support::{Client, Gate, Person, Policy, Upstream, answer, token};
use std::io::Write as _;

const LOCKOUT: &str = "lockout: { after: 2 failures/10m, for: 15m }";

fn alice() -> String {
    format!("Authorization: Bearer {}\r\n", token("alice@seller.example", &[], true))
}

/// A certificate with the victim's name, of an authority that the gate does not trust.
#[test]
fn victims_are_not_locked_by_certificates_of_another_authority() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app).top(LOCKOUT));
    for _ in 0..4 {
        assert!(gate.connect_as(&Person::stranger()).send(get("/admin", "")).answer().is_none());
    }
    assert_eq!(gate.connect_as(&Person::picker()).ask(get("/admin", "")).status, 200);
    gate.records(5);
    let locked = gate.trail().matches("ACCOUNT.LOCK").count();
    assert!(locked <= 1, "the stranger's address at most");
}

/// Keys and tokens that name the victim and do not hold: whoever shows them fails on its own account.
#[test]
fn victims_are_not_locked_by_credentials_that_only_name_them() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app).top(LOCKOUT).gate("trusted_proxies: [127.0.0.0/8]"));
    let from = |fields: &str, address: &str| format!("{fields}X-Forwarded-For: {address}\r\n");
    let robot = &credentials().robot.text;
    let wrong = format!("{}{}", &robot[..robot.len() - 1], if robot.ends_with('a') { 'b' } else { 'a' });
    let sound = token("alice@seller.example", &[], true);
    let parts: Vec<&str> = sound.split('.').collect();
    let shown = [
        format!("X-Api-Key: {wrong}\r\n"),
        format!("X-Api-Key: {}\r\n", &robot[..robot.len() / 2]),
        format!("Authorization: Bearer {}.{}.\r\n", parts[0], parts[1]),
        format!("Authorization: Bearer {}.{}.{}\r\n", parts[0], parts[1], "A".repeat(parts[2].len())),
        format!("Authorization: Bearer {}..{}\r\n", parts[0], parts[2]),
        // A sound one, with another that is not.
        format!("Authorization: Bearer {sound}\r\nX-Api-Key: {wrong}\r\n"),
    ];
    for (number, fields) in shown.iter().enumerate() {
        for _ in 0..3 {
            let status = gate.connect().ask(get("/support/x", &from(fields, &format!("198.51.100.{number}")))).status;
            assert!([400, 401, 423].contains(&status), "{fields}: {status}");
        }
    }
    // From their own addresses, from the forgers', and from one that was made up in front of them.
    for address in ["192.0.2.1", "198.51.100.0", "192.0.2.1, 198.51.100.3"] {
        assert_eq!(gate.connect().ask(get("/support/x", &from(&alice(), address))).status, 200, "{address}");
        let key = format!("X-Api-Key: {robot}\r\n");
        assert_eq!(gate.connect().ask(get("/support/x", &from(&key, address))).status, 200, "{address}");
    }
    let locks = super::super::support::gate::records_of(&gate.trail());
    let locks = locks.iter().filter(|record| record.event() == "ACCOUNT.LOCK");
    assert!(locks.into_iter().all(|lock| lock.0["user"]["type"] == "Address"));
}

/// A victim's address is not the forger's to name: neither in fields nor in a PROXY header.
#[test]
fn victims_addresses_are_not_locked_by_who_only_names_them() {
    let app = Upstream::start(answer("fine"));
    let forged = format!("Authorization: Bearer {}AAAA\r\n", &alice()[22..alice().len() - 6]);
    // Straight to the gate: fields are not read.
    let gate = Gate::start(&Policy::new(&app).top(LOCKOUT));
    for _ in 0..2 {
        let named = "X-Forwarded-For: 192.0.2.7\r\nForwarded: for=192.0.2.7\r\nX-Real-Ip: 192.0.2.7\r\n";
        assert_eq!(gate.connect().ask(get("/open", &format!("{forged}{named}"))).status, 401);
    }
    let lock = events(&gate, "ACCOUNT.LOCK", 1).remove(0);
    let socket = lock.0["user"].clone();
    assert_eq!(gate.connect().ask(get("/open", "")).status, 423, "it is the forger's own");
    // Through a proxy: only who the proxy saw.
    let gate = Gate::start(&Policy::new(&app).top(LOCKOUT).gate("trusted_proxies: [127.0.0.0/8]"));
    let from = |address: &str| format!("X-Forwarded-For: {address}\r\n");
    for _ in 0..2 {
        let fields = format!("{forged}{}", from("192.0.2.7, 203.0.113.9"));
        assert_eq!(gate.connect().ask(get("/open", &fields)).status, 401);
    }
    assert_ne!(events(&gate, "ACCOUNT.LOCK", 1).remove(0).0["user"], socket);
    assert_eq!(gate.connect().ask(get("/open", &from("203.0.113.9"))).status, 423);
    for victim in ["192.0.2.7", "203.0.113.10"] {
        assert_eq!(gate.connect().ask(get("/open", &from(victim))).status, 200, "{victim}");
    }
    // In a PROXY header of the balancer, and then in a field as well.
    let gate = Gate::start(&Policy::new(&app).top(LOCKOUT).gate("proxy_protocol: { from: [127.0.0.1/32] }"));
    let ask = |address: &str, fields: &str| {
        let mut socket = tcp(gate.address());
        socket.write_all(format!("PROXY TCP4 {address} 127.0.0.1 4711 443\r\n").as_bytes()).expect("sent");
        let mut client = Client::over(socket, terms(None, &["http/1.1"]), "localhost");
        client.send(get("/open", fields)).answer().expect("an answer").status
    };
    for _ in 0..2 {
        assert_eq!(ask("203.0.113.9", &format!("{forged}{}", from("192.0.2.7"))), 401);
    }
    events(&gate, "ACCOUNT.LOCK", 1);
    assert_eq!((ask("203.0.113.9", ""), ask("192.0.2.7", ""), ask("192.0.2.7", &from("203.0.113.9"))), (423, 200, 200));
}
