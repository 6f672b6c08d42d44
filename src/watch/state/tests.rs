use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::audit::{CallerKind, CallerRecord, PolicyRecord, Trail};
use crate::clock::{Clock, Manual, UnixMillis};
use crate::policy::settings::{Mode, Quota};
use crate::redact::Name;
use crate::watch::{Asked, Author, Held, How, Imposed, Imposition, Kind, Shown, Sort, Subject, Whom};

const START: UnixMillis = UnixMillis(1_700_000_000_000);
const HOUR: Duration = Duration::from_secs(3600);

fn name(text: &str) -> Name {
    Name::configured(text).expect("a name")
}

fn policy() -> Arc<PolicyRecord> {
    Arc::new(PolicyRecord { digest: name("digest"), enforced: true })
}

fn start(wall: UnixMillis) -> (Sanctions, Arc<Manual>) {
    let (clock, hands) = Clock::manual(wall);
    (Sanctions::new(Keys::new([7; 16]), clock, Trail::off()), hands)
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn on(sanctions: &Sanctions, subject: Subject, kind: Kind, lasts: Option<Duration>) -> Imposed {
    let shown = match subject {
        Subject::Caller(_) => Shown::Caller(Box::new(CallerRecord {
            record: Redacted::literal("caller_k1_abc"),
            kind: CallerKind::User,
            is_mfa: false,
            mfa_age: None,
            standing: Arc::default(),
            credential: None,
        })),
        Subject::Address(_) => Shown::Address(Redacted::literal("ip_k1_abc")),
        _ => Shown::Itself,
    };
    sanctions.impose(Imposition {
        subject,
        shown,
        kind,
        until: lasts.map(|lasts| sanctions.moment().ticks.plus(lasts)),
        cause: name("rule"),
        mode: Mode::Enforce,
        spares_proven: false,
        author: Author::Gate,
        failures: 5,
        request: None,
        policy: policy(),
    })
}

fn held(sanctions: &Sanctions, from: &str, route: Option<&Name>) -> Option<Held> {
    let now = sanctions.moment();
    let asked =
        Asked { caller: None, presents: false, address: address(from), role: None, route, wall: now.wall.seconds() };
    sanctions.judge(&asked, now.ticks).map(|judgement| judgement.held)
}

fn again(text: &str, wall: UnixMillis) -> Option<(Sanctions, Arc<Manual>)> {
    let (clock, hands) = Clock::manual(wall);
    let kept = Kept::parse(text, clock.moment())?;
    let sanctions = Sanctions::new(kept.keys(), clock, Trail::off());
    sanctions.restore(kept);
    Some((sanctions, hands))
}

/// ID-6: a restart lets nobody off.
#[test]
fn what_is_in_force_holds_on_after_a_restart_for_as_long_as_it_would_have() {
    let (sanctions, hands) = start(START);
    let one = Subject::Address(sanctions.keys().address(address("192.0.2.1")));
    let alice = Subject::Caller(sanctions.keys().caller_named("user:alice@seller.example"));
    assert_eq!(on(&sanctions, one, Kind::Lock, Some(HOUR)), Imposed::New);
    assert_eq!(on(&sanctions, alice.clone(), Kind::Quarantine, None), Imposed::New);
    let quota = Quota { amount: 1, period: HOUR, burst: 1 };
    assert_eq!(on(&sanctions, Subject::Route(name("orders")), Kind::Throttle(quota), Some(HOUR)), Imposed::New);
    hands.advance(HOUR / 2);
    let text = sanctions.state();
    assert!(!text.contains("192.0.2.1") && !text.contains("alice"), "{text}");

    // A quarter of an hour later.
    let later = UnixMillis(START.0 + 45 * 60 * 1000);
    let (restored, hands) = again(&text, later).expect("sound");
    assert_eq!(restored.list().len(), 3);
    assert_eq!(restored.list()[2].subject, alice);
    let wait = Some(Duration::from_secs(15 * 60));
    assert_eq!(held(&restored, "192.0.2.1", None), Some(Held { whom: Whom::Address, how: How::Locked, wait }));
    let orders = name("orders");
    assert_eq!(held(&restored, "192.0.2.2", Some(&orders)), None, "the first passes");
    assert_eq!(held(&restored, "192.0.2.2", Some(&orders)).map(|held| held.how), Some(How::Throttled));
    hands.advance(HOUR / 4);
    assert_eq!(held(&restored, "192.0.2.1", None), None);
    assert_eq!(restored.list().len(), 1, "a quarantine holds until it is lifted");
    restored.sweep(&policy());
    assert!(restored.lift(&alice, Sort::Quarantine, &Author::Gate, &policy()).is_some());
    assert!(restored.is_quiet());
}

#[test]
fn a_wall_clock_set_back_or_forward_shortens_no_lock_of_a_running_gate_and_lengthens_none_of_a_new_one() {
    let (sanctions, hands) = start(START);
    let one = Subject::Address(sanctions.keys().address(address("192.0.2.1")));
    on(&sanctions, one, Kind::Lock, Some(HOUR));
    hands.set_wall(UnixMillis(START.0 + 86_400_000));
    assert!(held(&sanctions, "192.0.2.1", None).is_some(), "the monotonic clock counts");
    hands.set_wall(START);
    let text = sanctions.state();
    let (restored, _) = again(&text, UnixMillis(START.0 - 86_400_000)).expect("sound");
    assert_eq!(held(&restored, "192.0.2.1", None).and_then(|held| held.wait), Some(HOUR));
}

/// Replicas' clocks differ by a day in both directions; how long ago it was, the server says.
#[test]
fn a_lock_of_another_replica_holds_as_long_whatever_the_two_clocks_say() {
    for day in [-86_400_000, 0, 86_400_000] {
        let (theirs, _) = start(START);
        theirs.share();
        let one = Subject::Address(theirs.keys().address(address("192.0.2.1")));
        on(&theirs, one, Kind::Lock, Some(HOUR));
        let edits = theirs.edits_to_tell(10);
        let [edit] = &edits[..] else { panic!("{edits:?}") };
        let (ours, _) = start(UnixMillis(START.0.saturating_add_signed(day)));
        ours.share();
        assert!(ours.learn(&edit.field, edit.value.as_deref(), 20 * 60 * 1000));
        let left = held(&ours, "192.0.2.1", None).and_then(|held| held.wait);
        assert_eq!(left, Some(HOUR * 2 / 3), "{day}");
        // What has run out since is nothing any more.
        let (late, _) = start(UnixMillis(START.0.saturating_add_signed(day)));
        assert!(late.learn(&edit.field, edit.value.as_deref(), 61 * 60 * 1000));
        assert_eq!(held(&late, "192.0.2.1", None), None, "{day}");
    }
}

/// What another process imposed is added; what is here and stronger stays, and nothing is taken back.
#[test]
fn what_another_process_imposed_last_is_added() {
    let (old, hands) = start(START);
    let by = |address_text: &str| Subject::Address(old.keys().address(address(address_text)));
    on(&old, by("192.0.2.1"), Kind::Lock, Some(HOUR));
    hands.advance(Duration::from_secs(1));
    let left = old.moment().wall;
    on(&old, by("192.0.2.2"), Kind::Lock, Some(HOUR));
    on(&old, by("192.0.2.3"), Kind::Lock, Some(HOUR / 2));
    let text = old.state_since(left);
    let (new, _) = start(left);
    on(&new, by("192.0.2.3"), Kind::Lock, Some(HOUR));
    let mut changes = new.changes();
    changes.mark_unchanged();
    assert_eq!(new.add(Kept::parse(&text, new.moment()).expect("sound")), 1);
    assert!(changes.has_changed().expect("there"), "what is open is looked at");
    assert_eq!(held(&new, "192.0.2.1", None), None, "imposed before, and perhaps lifted since");
    assert!(held(&new, "192.0.2.2", None).is_some());
    assert_eq!(held(&new, "192.0.2.3", None).and_then(|held| held.wait), Some(HOUR));
    // Before it serves, what was read first gives way to what was written last.
    assert_eq!(new.restore_anew(Kept::parse(&old.state(), new.moment()).expect("sound")), 3);
    assert_eq!(held(&new, "192.0.2.3", None).and_then(|held| held.wait), Some(HOUR / 2));
}

#[test]
fn a_file_that_broke_is_not_used() {
    let (sanctions, _) = start(START);
    on(&sanctions, Subject::All, Kind::Quarantine, None);
    let text = sanctions.state();
    assert!(again(&text, START).is_some());
    for place in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[place] ^= 1;
        let broken = String::from_utf8(bytes).expect("ASCII");
        assert!(again(&broken, START).is_none(), "a bit of byte {place}");
        assert!(again(&text[..place], START).is_none(), "the first {place} bytes");
    }
}

#[test]
fn what_holds_is_never_shortened_and_a_milder_word_takes_nothing_back() {
    let (sanctions, hands) = start(START);
    let one = Subject::Address(sanctions.keys().address(address("192.0.2.1")));
    assert_eq!(on(&sanctions, one.clone(), Kind::Lock, Some(HOUR)), Imposed::New);
    assert_eq!(on(&sanctions, one.clone(), Kind::Lock, Some(HOUR / 2)), Imposed::Kept);
    assert_eq!(on(&sanctions, one.clone(), Kind::Lock, Some(HOUR * 2)), Imposed::Longer);
    hands.advance(HOUR * 2);
    assert_eq!(on(&sanctions, one, Kind::Lock, Some(HOUR)), Imposed::New);
}

#[test]
fn one_subscriber_is_one_address() {
    let (sanctions, _) = start(START);
    let one = Subject::Address(sanctions.keys().address(address("2001:db8::1")));
    on(&sanctions, one, Kind::Lock, Some(HOUR));
    assert!(held(&sanctions, "2001:db8::ffff", None).is_some());
    assert!(held(&sanctions, "2001:db8:0:1::1", None).is_none());
    let four = Subject::Address(sanctions.keys().address(address("192.0.2.1")));
    on(&sanctions, four, Kind::Lock, Some(HOUR));
    assert!(held(&sanctions, "::ffff:192.0.2.1", None).is_some());
}

/// DOS-2: a crowd of addresses takes no place from callers, and none from those that are there.
#[test]
fn a_crowd_puts_nobody_out() {
    let (sanctions, _) = start(START);
    let block = |number: u32| IpAddr::from(number.to_be_bytes());
    for number in 0..70_000 {
        let subject = Subject::Address(sanctions.keys().address(block(number)));
        let expected = if number < 65_536 { Imposed::New } else { Imposed::Full };
        assert_eq!(on(&sanctions, subject, Kind::Lock, Some(HOUR)), expected);
    }
    assert_eq!(sanctions.overfull(), 70_000 - 65_536);
    assert!(held(&sanctions, "0.0.0.1", None).is_some());
    let alice = Subject::Caller(sanctions.keys().caller_named("user:alice@seller.example"));
    assert_eq!(on(&sanctions, alice, Kind::Lock, Some(HOUR)), Imposed::New);
}
