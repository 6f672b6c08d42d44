//! What operators impose (INC-1): put in force by a state file, as a restart finds it.

use std::sync::Arc;

use portcullis::audit::spool::directory_name;
use portcullis::audit::{PolicyRecord, Trail};
use portcullis::clock::{Clock, Ticks};
use portcullis::policy::settings::{Mode, Quota};
use portcullis::redact::Name;
use portcullis::watch::{Author, Imposition, Keys, Kind, Sanctions, Shown, Subject};

use super::{SPOOL, get, home, rule};
use crate::support::{Gate, Person, Policy, Upstream, answer, assert_refused, token};

fn name(text: &str) -> Name {
    Name::configured(text).expect("a name")
}

/// A gate that finds these sanctions in force.
fn gate_under(app: &Upstream, imposed: &[(Subject, Kind)], more: &str) -> Gate {
    let sanctions = Sanctions::new(Keys::new([3; 16]), Clock::system(), Trail::off());
    for (subject, kind) in imposed {
        sanctions.impose(Imposition {
            subject: subject.clone(),
            shown: Shown::Itself,
            kind: *kind,
            until: Some(Ticks(3_600_000_000)),
            cause: name("ticket-7"),
            mode: Mode::Enforce,
            spares_proven: false,
            author: Author::Operator(Box::new(portcullis::audit::CallerRecord {
                record: portcullis::redact::Redacted::literal("sre"),
                kind: portcullis::audit::CallerKind::Certificate,
                is_mfa: false,
                mfa_age: None,
                standing: Arc::default(),
                credential: None,
            })),
            failures: 0,
            request: None,
            policy: Arc::new(PolicyRecord { digest: name("digest"), enforced: true }),
        });
    }
    let home = home();
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name");
    let directory = home.path().join("spool").join(directory_name(host.trim()));
    std::fs::create_dir_all(&directory).expect("made");
    std::fs::write(directory.join("sanctions.state"), sanctions.state()).expect("written");
    Gate::start_in(home, &Policy::new(app).swap("audit:\n", SPOOL).top(more))
}

fn keys() -> Keys {
    Keys::new([3; 16])
}

fn alice(mfa: bool) -> String {
    format!("Authorization: Bearer {}\r\n", token("alice@seller.example", &[], mfa))
}

/// INC-1: a caller, a role, a route or everything, at once; also where the policy is in shadow.
#[test]
fn quarantine_of_everything_leaves_nothing() {
    let app = Upstream::start(answer("fine"));
    for mode in ["mode: enforce", "mode: shadow"] {
        let gate = gate_under(&app, &[(Subject::All, Kind::Quarantine)], mode);
        for answer in [
            gate.connect().ask(get("/open", "")),
            gate.connect_as(&Person::picker()).ask(get("/admin", "")),
            gate.connect().ask(get("/nowhere", &alice(true))),
        ] {
            assert_eq!(answer.status, 503);
            let record = gate.record_of(&answer.incident());
            assert_eq!((record.code(), rule(&record)), ("gate_quarantined", "ticket-7"));
            assert!(answer.field("retry-after").is_some());
        }
        gate.records(3);
    }
    app.assert_untouched();
}

#[test]
fn quarantine_of_a_route_a_caller_and_a_role_leaves_all_others() {
    let app = Upstream::start(answer("fine"));
    let picker = keys().caller_named("cert:spiffe://seller/picker");
    let imposed = [
        (Subject::Route(name("open")), Kind::Quarantine),
        (Subject::Caller(picker), Kind::Quarantine),
        (Subject::Role(name("support")), Kind::Quarantine),
    ];
    let gate = gate_under(&app, &imposed, "");
    let refused = [
        (gate.connect().ask(get("/open", "")), 503, "route_quarantined"),
        (gate.connect_as(&Person::picker()).ask(get("/admin", "")), 403, "caller_quarantined"),
        (gate.connect().ask(get("/support/x", &alice(true))), 403, "role_quarantined"),
    ];
    for (answer, status, code) in &refused {
        assert_eq!(answer.status, *status);
        assert_eq!(gate.record_of(&answer.incident()).code(), *code);
    }
    assert_eq!(gate.connect().ask(get("/open/x", "")).status, 200);
    let warehouse = format!("Authorization: Bearer {}\r\n", token("bob@seller.example", &["warehouse"], true));
    assert_eq!(gate.connect().ask(get("/admin", &warehouse)).status, 200);
    gate.records(5);
}

#[test]
fn locks_of_roles_routes_and_everything_are_told_as_such() {
    let app = Upstream::start(answer("fine"));
    for (subject, path, code) in [
        (Subject::Role(name("support")), "/support/x", "role_locked"),
        (Subject::Route(name("support")), "/support/x", "route_locked"),
        (Subject::All, "/open", "gate_locked"),
    ] {
        let gate = gate_under(&app, &[(subject, Kind::Lock)], "");
        assert_refused(&gate, &gate.connect().ask(get(path, &alice(true))), 423, code);
    }
}

#[test]
fn quarantine_of_an_address_spares_nobody() {
    let app = Upstream::start(answer("fine"));
    let here = keys().address("127.0.0.1".parse().expect("an address"));
    let gate = gate_under(&app, &[(Subject::Address(here), Kind::Quarantine)], "");
    let answer = gate.connect().ask(get("/support/x", &alice(true)));
    assert_eq!((answer.status, gate.record_of(&answer.incident()).code()), (403, "address_quarantined"));
}

/// A second factor of before the sanction is none.
#[test]
fn a_second_factor_is_asked_for_anew() {
    let app = Upstream::start(answer("fine"));
    let caller = keys().caller_named("user:alice@seller.example");
    let before = alice(true);
    // Tokens say seconds: what is shown in the second of the sanction is fresh.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let gate = gate_under(&app, &[(Subject::Caller(caller), Kind::RequireMfa)], "");
    let answer = gate.connect().ask(get("/support/x", &before));
    let record = assert_refused(&gate, &answer, 401, "step_up_required");
    assert_eq!(record.event(), "HTTP.DENY.MFA");
    let challenge = answer.field("www-authenticate").expect("a challenge");
    assert!(challenge.contains("insufficient_user_authentication"), "{challenge}");
    assert_refused(&gate, &gate.connect().ask(get("/support/x", &alice(false))), 401, "step_up_required");
    assert_eq!(gate.connect().ask(get("/support/x", &alice(true))).status, 200);
    gate.records(3);
}

#[test]
fn a_throttled_caller_passes_at_its_rate() {
    let app = Upstream::start(answer("fine"));
    let caller = keys().caller_named("user:alice@seller.example");
    let quota = Quota { amount: 1, period: std::time::Duration::from_secs(3600), burst: 2 };
    let gate = gate_under(&app, &[(Subject::Caller(caller), Kind::Throttle(quota))], "");
    // What the policy refuses takes nothing of the rate.
    assert_eq!(gate.connect().ask(get("/admin", &alice(true))).status, 403);
    for _ in 0..2 {
        assert_eq!(gate.connect().ask(get("/support/x", &alice(true))).status, 200);
    }
    let answer = gate.connect().ask(get("/support/x", &alice(true)));
    let record = assert_refused(&gate, &answer, 429, "throttled");
    assert_eq!((record.event(), rule(&record)), ("HTTP.DENY.RATE", "ticket-7"));
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
}
