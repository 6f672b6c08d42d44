//! Lockout after failures (ID-6): who is locked, for how long, and that nobody locks out anybody else.

use super::{SPOOL, events, get, home, rule};
use crate::support::http2::Http2;
use crate::support::upstream::{raw, say};
use crate::support::{Gate, Latch, Person, Policy, Then, Upstream, answer, assert_refused, token, wait_for};

const RULE: &str = "lockout: { after: 3 failures/10m, for: 15m, grow: 2x, max: 24h";

fn policy(app: &Upstream, more: &str) -> Policy {
    Policy::new(app).top(&format!("{RULE}{more} }}"))
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// A token that names alice, under a signature that is none.
fn forged() -> String {
    let sound = token("alice@seller.example", &[], true);
    let (signed, signature) = sound.rsplit_once('.').expect("three parts");
    let other = if signature.as_bytes()[20] == b'A' { "B" } else { "A" };
    format!("{signed}.{}{other}{}", &signature[..20], &signature[21..])
}

fn alice() -> String {
    bearer(&token("alice@seller.example", &[], true))
}

/// Without presenting a victim's credential nobody can lock that victim out: not even from the victim's own address.
#[test]
fn lockout_of_a_victim_by_forged_tokens_locks_the_forger_alone() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&policy(&app, ""));
    for _ in 0..3 {
        assert_refused(&gate, &gate.connect().ask(get("/support/x", &bearer(&forged()))), 401, "token_signature");
    }
    let lock = events(&gate, "ACCOUNT.LOCK", 1).remove(0);
    assert_eq!((rule(&lock), lock.0["count"].as_u64()), ("lockout", Some(3)));
    assert_eq!(lock.0["user"]["type"], "Address");
    assert!(!lock.0.to_string().contains("127.0.0.1"), "{lock:?}");
    // Who shows no credential is not even looked at, and another forged one is told the same.
    for fields in [String::new(), bearer(&forged())] {
        let answer = gate.connect().ask(get("/open", &fields));
        let record = assert_refused(&gate, &answer, 423, "address_locked");
        assert_eq!((record.event(), rule(&record)), ("HTTP.DENY.LOCKOUT", "lockout"));
        let wait: u64 = answer.field("retry-after").expect("a time").parse().expect("seconds");
        assert!((880..=901).contains(&wait), "{wait}");
    }
    assert_refused(&gate, &Http2::connect(&gate, None).get("/open"), 423, "address_locked");
    // Alice, and a certificate, pass from the same address.
    assert_eq!(gate.connect().ask(get("/support/x", &alice())).status, 200);
    assert_eq!(gate.connect_as(&Person::picker()).ask(get("/admin", "")).status, 200);
    gate.records(8);
    events(&gate, "ACCOUNT.LOCK", 1);
}

#[test]
fn lockout_of_an_address_shuts_out_proven_callers_where_the_policy_says_so() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&policy(&app, ", proven: refuse"));
    for _ in 0..3 {
        gate.connect().ask(get("/support/x", &bearer(&forged())));
    }
    assert_refused(&gate, &gate.connect().ask(get("/support/x", &alice())), 423, "address_locked");
    assert_eq!(app.requests().len(), 0);
}

#[test]
fn lockout_of_a_caller_follows_its_credential_and_cuts_what_it_has_open() {
    let latch = Latch::new();
    let held = latch.clone();
    let app = Upstream::start(move |request, wire| {
        if request.target() == "/support/slow" {
            say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
            held.wait();
            say(wire, "world");
        } else {
            say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
        }
        Then::Keep
    });
    let gate = Gate::start(&policy(&app, "").workers(2));
    let mut open = gate.connect();
    open.send(get("/support/slow", &alice()));
    app.requests_when(1);
    let mut begun = open.read_some();
    while !begun.ends_with(b"hello") {
        begun.extend(open.read_some());
    }
    for _ in 0..3 {
        assert_refused(&gate, &gate.connect().ask(get("/admin", &alice())), 403, "role_missing");
    }
    let lock = events(&gate, "ACCOUNT.LOCK", 1).remove(0);
    assert_ne!(lock.0["user"]["type"], "Address");
    assert!(!lock.0.to_string().contains("alice"), "{lock:?}");
    // What it has open is cut, on another worker as well; the app did not end it.
    assert!(open.is_closed());
    let cut = gate.records_when("the open answer is cut", |records| records.iter().any(|one| one.end() == "revoked"));
    let cut = cut.iter().find(|record| record.end() == "revoked").expect("cut");
    assert_eq!(cut.0["unmapped"]["portcullis"]["cut"], "caller_locked");
    latch.open();
    // The route that it may use is closed to it, with every credential of its; all others go on.
    let record = assert_refused(&gate, &gate.connect().ask(get("/support/x", &alice())), 423, "caller_locked");
    assert_eq!(record.route(), "support", "the record says what was asked for");
    assert_eq!(gate.connect_as(&Person::picker()).ask(get("/admin", "")).status, 200);
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
    gate.records(7);
}

/// IPv6 rotation: one subscriber's addresses are one, and a site's subscribers come to one as well.
#[test]
fn lockout_counts_an_ipv6_subscriber_as_one_and_never_a_trusted_proxy() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&policy(&app, "").gate("trusted_proxies: [127.0.0.0/8]"));
    let from = |address: &str| format!("X-Forwarded-For: {address}\r\n");
    let forge = |address: &str| gate.connect().ask(get("/open", &(from(address) + &bearer(&forged())))).status;
    for host in 1..=3 {
        assert_eq!(forge(&format!("2001:db8:1:1::{host:x}")), 401);
    }
    let mut client = gate.connect();
    assert_refused(&gate, &client.ask(get("/open", &from("2001:db8:1:1::ffff"))), 423, "address_locked");
    assert_eq!(gate.connect().ask(get("/open", &from("2001:db8:1:2::1"))).status, 200);
    // Thirty failures of one site, none of its subscribers with more than two.
    for subscriber in 2..=28 {
        forge(&format!("2001:db8:1:{subscriber:x}::1"));
    }
    assert_refused(&gate, &gate.connect().ask(get("/open", &from("2001:db8:1:ffff::1"))), 423, "address_locked");
    assert_eq!(gate.connect().ask(get("/open", &from("2001:db8:2::1"))).status, 200);
    // The proxy itself, whatever it sends on its own account.
    for _ in 0..4 {
        assert_eq!(gate.connect().ask(get("/open", &bearer(&forged()))).status, 401);
    }
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
}

#[test]
fn lockout_takes_no_notice_of_what_honest_clients_meet() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&policy(&app, ""));
    for _ in 0..5 {
        assert_eq!(gate.connect().ask(get("/nowhere", "")).status, 403);
        assert_eq!(gate.connect().ask(get("/admin", "")).status, 401);
        let without = token("alice@seller.example", &[], false);
        assert_eq!(gate.connect().ask(get("/second-factor", &bearer(&without))).status, 401);
    }
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
    gate.records(16);
    events(&gate, "ACCOUNT.LOCK", 0);
}

#[test]
fn lockout_ends_by_itself_and_the_next_one_is_longer() {
    let app = Upstream::start(answer("fine"));
    let line = "lockout: { after: 1 failure/10m, for: 1s, grow: 10x, max: 24h }";
    let gate = Gate::start(&Policy::new(&app).top(line));
    let mut client = gate.connect();
    client.ask(get("/open", &bearer(&forged())));
    let wait = |answer: &crate::support::Answer| answer.field("retry-after").expect("a time").parse::<u64>().unwrap();
    assert!(wait(&gate.connect().ask(get("/open", ""))) <= 2);
    wait_for("the lock's end", || (gate.connect().ask(get("/open", "")).status == 200).then_some(()));
    let unlock = events(&gate, "ACCOUNT.UNLOCK", 1).remove(0);
    assert_eq!(rule(&unlock), "lockout");
    gate.connect().ask(get("/open", &bearer(&forged())));
    assert!((5..=11).contains(&wait(&gate.connect().ask(get("/open", "")))));
}

#[test]
fn lockout_in_shadow_locks_nobody_and_says_who_would_be() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&policy(&app, ", mode: shadow"));
    for _ in 0..3 {
        gate.connect().ask(get("/open", &bearer(&forged())));
    }
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
    let record = gate.records(4).pop().expect("four");
    assert_eq!(record.code(), "allowed");
    assert_eq!(record.0["unmapped"]["portcullis"]["shadow"]["status_code"], "address_locked");
    assert_eq!(rule(&record), "lockout");
}

/// ID-6: a restart, however the gate ended, lets nobody off.
#[test]
fn lockout_survives_a_restart_and_a_broken_state_file_raises_an_alarm() {
    let app = Upstream::start(answer("fine"));
    let policy = policy(&app, "").swap("audit:\n", SPOOL);
    let gate = Gate::start_in(home(), &policy);
    for _ in 0..3 {
        assert_eq!(gate.connect().ask(get("/open", &bearer(&forged()))).status, 401);
    }
    assert_refused(&gate, &gate.connect().ask(get("/open", "")), 423, "address_locked");
    let state = wait_for("the state file", || {
        let mut chains = std::fs::read_dir(gate.directory().join("spool")).ok()?.flatten();
        let path = chains.find_map(|chain| Some(chain.path().join("sanctions.state")).filter(|path| path.exists()))?;
        std::fs::read_to_string(&path).ok()?.contains("\nsanction ").then_some(path)
    });
    let text = std::fs::read_to_string(&state).expect("a state");
    assert!(!text.contains("127.0.0.1"), "{text}");
    let name = state.strip_prefix(gate.directory()).expect("below").to_owned();
    let gate = Gate::start_in(gate.kill(), &policy);
    assert_refused(&gate, &gate.connect().ask(get("/open", "")), 423, "address_locked");

    // Half of it is none.
    let directory = gate.kill();
    std::fs::write(directory.path().join(&name), &text[..text.len() / 2]).expect("written");
    let gate = Gate::start_in(directory, &policy);
    events(&gate, "ALARM.STATE_LOST", 1);
    gate.says("sanctions of before the start are lost");
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
    assert!(gate.directory().join(name.with_extension("broken")).exists());
}

#[test]
fn lockout_of_an_upgraded_stream_cuts_it() {
    let app = Upstream::start(raw(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        Then::Echo,
    ));
    let gate = Gate::start(&policy(&app, ""));
    let mut open = gate.connect();
    let ask = get("/support/x", &format!("Upgrade: websocket\r\nConnection: Upgrade\r\n{}", alice()));
    assert_eq!(open.ask(ask).status, 101);
    assert_eq!(open.send("abc").take(3).as_deref(), Some(&b"abc"[..]));
    for _ in 0..3 {
        gate.connect().ask(get("/admin", &alice()));
    }
    assert!(open.is_closed());
}
