//! Who would rather not be found: other spellings, other programs, other credentials, numbers out of order (LOG-6).

use super::{alarms, data, from, get, kind, only_alarm, proxied, rule, settle, watching};
use crate::support::credentials::credentials;
use crate::support::{Gate, Upstream, answer, token};

const SCANNER: &str =
    "name: scanner, when: { distinct: path, per: address, over: 5/10m, of: unknown-routes }, then: [alarm]";

#[test]
fn detectors_find_a_scanner_by_address_whatever_it_says_of_itself() {
    let app = Upstream::start(answer("ok"));
    let gate = Gate::start(&watching(&app, &[SCANNER]));
    let targets = ["/scan1", "/%73can2", "/scan3?x=1", "/SCAN4", "/sc%61n%35", "/scan6/"];
    for (number, target) in targets.iter().enumerate() {
        let fields = format!(
            "User-Agent: agent/{number}\r\nX-Forwarded-For: 192.0.2.{number}\r\nX-Api-Key: made-up-{number}\r\n\
             Authorization: Basic {number}\r\n"
        );
        let fields = if number % 2 == 0 { String::new() } else { fields };
        let status = gate.connect().ask(get(target, &fields)).status;
        assert!([400, 401, 403].contains(&status), "{target}: {status}");
        gate.connect().ask(get(target, ""));
    }
    let alarm = only_alarm(&gate);
    assert_eq!((rule(&alarm), kind(&alarm), data(&alarm, "observed")), ("scanner", "ALARM.SCAN", 6));
}

/// One path is one, however it is written: nobody is taken for a scanner for that.
#[test]
fn detectors_count_a_path_once_in_all_its_spellings() {
    let app = Upstream::start(answer("ok"));
    let gate = Gate::start(&watching(&app, &[SCANNER]));
    for target in ["/scan", "/%73can", "/s%63an", "/sc%61n", "/sca%6E", "/sca%6e?x=1", "/scan?y=2", "/%73%63%61%6e"] {
        assert_eq!(gate.connect().ask(get(target, "")).status, 403, "{target}");
    }
    settle(&gate, 1);
    assert!(alarms(&gate).is_empty(), "{:?}", alarms(&gate));
}

/// Backwards, in turns between two sequences, from two addresses, with a fresh token for each: it is one caller's doing.
#[test]
fn detectors_find_an_enumeration_in_whatever_order_and_with_whatever_credential() {
    let app = Upstream::start(answer("ok"));
    let rule_of = "name: digging, when: { sequence: path.id, over: 12/10m }, then: [alarm]";
    let policy = proxied(&app, &[rule_of]).route("{ name: numbered, path: \"/numbered/{id}\", allow: [support] }");
    let gate = Gate::start(&policy);
    for step in 0..8_u32 {
        for number in [5000 - step, 90_000 + step] {
            let fields = format!(
                "Authorization: Bearer {}\r\n{}",
                token("alice@seller.example", &[], step % 2 == 0),
                from(&format!("192.0.2.{}", step % 2))
            );
            assert_eq!(gate.connect().ask(get(&format!("/numbered/{number}"), &fields)).status, 200);
        }
    }
    // Another caller's numbers in between are its own.
    let robot = format!("X-Api-Key: {}\r\n", credentials().robot.text);
    for number in [1, 40, 77, 300] {
        assert_eq!(gate.connect().ask(get(&format!("/numbered/{number}"), &robot)).status, 200);
    }
    let alarm = only_alarm(&gate);
    assert_eq!((rule(&alarm), data(&alarm, "allowed")), ("digging", 12));
}
