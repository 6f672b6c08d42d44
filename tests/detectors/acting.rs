//! What follows an alarm: throttled, asked for a second factor, locked, quarantined; in shadow nothing (INC-1, ID-6).

use super::*;

fn digging(then: &str, mode: &str) -> String {
    format!(
        "name: digging, when: {{ count: refusals, over: 3/10m }}, then: [{then}], for: 10m, rate: 1/h, mode: {mode}"
    )
}

/// Refused four times, and after that everything that it may do. Gives the statuses of that.
fn after(then: &str, mode: &str) -> (Gate, Vec<u16>, Record) {
    let app = Upstream::start(answer("ok"));
    let gate = Gate::start(&watching(&app, &[&digging(then, mode)]));
    let robot = format!("X-Api-Key: {}\r\n", credentials().robot.text);
    let mut client = gate.connect();
    for _ in 0..4 {
        assert_eq!(client.ask(get("/admin", &robot)).status, 403);
    }
    let alarm = only_alarm(&gate);
    let statuses = (0..3).map(|_| client.ask(get("/support/a", &robot)).status).collect();
    assert_eq!(gate.connect_as(&Person::picker()).ask(get("/admin", "")).status, 200, "another caller goes on");
    (gate, statuses, alarm)
}

fn actions(alarm: &Record) -> Vec<&str> {
    let actions = alarm.0["unmapped"]["portcullis"]["actions"].as_array();
    actions.map(|actions| actions.iter().filter_map(|action| action.as_str()).collect()).unwrap_or_default()
}

#[test]
fn alarms_lock_throttle_ask_for_a_second_factor_and_quarantine() {
    for (then, statuses) in [
        ("alarm, lock", [423, 423, 423]),
        ("throttle", [200, 429, 429]),
        ("require-mfa", [401, 401, 401]),
        ("quarantine", [403, 403, 403]),
        ("alarm", [200, 200, 200]),
    ] {
        let (gate, found, alarm) = after(then, "enforce");
        assert_eq!(found, statuses, "{then}");
        let expected: Vec<_> = then.split(", ").filter(|action| *action != "alarm").collect();
        assert_eq!(actions(&alarm), expected, "{then}");
        if then != "alarm" {
            wait_for(&format!("a refusal by the alarm's rule: {then}"), || {
                let last = gate.records_so_far().into_iter().rfind(|record| record.status() != 200)?;
                (last.0["unmapped"]["portcullis"]["rule"] == "digging").then_some(())
            });
        }
        assert_eq!(alarms(&gate).len(), 1, "what follows is no further alarm: {then}");
    }
}

#[test]
fn alarms_in_shadow_are_records_and_nothing_else() {
    let (_gate, statuses, alarm) = after("lock, quarantine", "shadow");
    assert_eq!(statuses, [200, 200, 200]);
    assert_eq!((actions(&alarm).len(), &alarm.0["is_alert"]), (0, &serde_json::json!(false)));
    assert_eq!(alarm.0["unmapped"]["portcullis"]["mode"], "shadow");
}

#[test]
fn alarms_by_address_act_on_the_address_and_spare_who_proves_to_be_somebody() {
    let app = Upstream::start(answer("ok"));
    let scanner = "name: scanner, when: { count: unknown-routes, per: address, over: 3/10m }, then: [lock]";
    let gate = Gate::start(&proxied(&app, &[scanner]));
    let mut client = gate.connect();
    let mut ask = |path: &str, address: &str| client.ask(get(path, &from(address))).status;
    for number in 0..4 {
        assert_eq!(ask(&format!("/nowhere/{number}"), "2001:db8:1:2::66"), 403);
    }
    only_alarm(&gate);
    assert_eq!(ask("/open", "2001:db8:1:2::77"), 423, "the same subscriber");
    assert_eq!(ask("/open", "2001:db8:1:3::66"), 200);
    let robot = format!("{}X-Api-Key: {}\r\n", from("2001:db8:1:2::66"), credentials().robot.text);
    assert_eq!(gate.connect().ask(get("/support/a", &robot)).status, 200);
}

#[test]
fn alarms_of_a_crowded_table_are_shared_and_lock_nobody() {
    let app = Upstream::start(answer("ok"));
    let scanner =
        "name: scanner, when: { count: unknown-routes, per: address, over: 3/1d }, then: [lock, throttle], rate: 1/h";
    let gate = Gate::start(&proxied(&app, &[scanner]));
    let mut client = gate.connect();
    let address = |number: u32| format!("2001:db8:{:x}:{:x}::1", number >> 16, number & 0xffff);
    let mut block = String::new();
    let mut sent = 0;
    // One offender, then a crowd that takes all places, then four newcomers and the offender's fourth.
    let crowd = [0, 0, 0].into_iter().chain(1..=16_384).chain(20_000..20_004).chain([0]);
    for number in crowd {
        block.push_str(&get("/nowhere", &from(&address(number))));
        sent += 1;
        if sent % 200 == 0 {
            client.send(std::mem::take(&mut block));
            (0..200).for_each(|_| assert!(client.answer().is_some()));
        }
    }
    client.send(block);
    (0..sent % 200).for_each(|_| assert!(client.answer().is_some()));
    let found = wait_for("two alarms", || {
        Some(alarms(&gate)).filter(|alarms| alarms.iter().filter(|alarm| rule(alarm) == "scanner").count() >= 2)
    });
    let of_scanner: Vec<_> = found.iter().filter(|alarm| rule(alarm) == "scanner").collect();
    let shared = |alarm: &Record| alarm.0["unmapped"]["portcullis"]["shared"] == true;
    assert!(shared(of_scanner[0]) && !shared(of_scanner[1]), "{of_scanner:?}");
    assert_eq!((actions(of_scanner[0]), actions(of_scanner[1])), (vec!["throttle"], vec!["lock", "throttle"]));
    wait_for("the alarm of the crowded table", || {
        alarms(&gate).iter().any(|alarm| rule(alarm) == "detectors").then_some(())
    });
}
