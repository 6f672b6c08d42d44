use bytes::Bytes;

use super::*;
use crate::policy::json_path::JsonPath;
use crate::policy::settings::RecordQuota;

const START: Ticks = Ticks(7_000_000);
const HOUR: Duration = Duration::from_secs(3600);

fn quota(amount: u64, period: Duration, burst: u64) -> Quota {
    Quota { amount, period, burst }
}

fn empty(per: LimitKey) -> Limit {
    let name = Name::configured("limit").expect("a name");
    Limit {
        name,
        index: 0,
        per,
        requests: None,
        bytes: None,
        records: None,
        concurrent: None,
        mode: Mode::Enforce,
        headers: false,
        shared: false,
    }
}

fn limit(per: LimitKey, requests: u64, burst: u64) -> Limit {
    Limit { requests: Some(quota(requests, Duration::from_secs(60), burst)), ..empty(per) }
}

fn bytes(amount: u64) -> Limit {
    Limit { bytes: Some(quota(amount, HOUR, amount)), ..empty(LimitKey::Address) }
}

fn records(amount: u64) -> Limit {
    let at = Arc::new(JsonPath::parse("$.orders[*]").expect("a path"));
    Limit { records: Some(RecordQuota { quota: quota(amount, HOUR, amount), at }), ..empty(LimitKey::Address) }
}

fn policy(limits: impl IntoIterator<Item = Limit>) -> Policy {
    let limits = limits.into_iter().enumerate();
    let limits = limits.map(|(index, limit)| {
        let name = Name::configured(&format!("limit-{index}")).expect("a name");
        Arc::new(Limit { name, index, ..limit })
    });
    Policy { limits: limits.collect(), ..crate::policy::testing::policy([]) }
}

fn subject(address: &str) -> Subject<'static> {
    Subject { caller: None, address: address.parse().expect("an address"), role: None, route: 0 }
}

/// A gate's limits, and all of its policy's as those of a route.
struct Under(Policy, Limits);

impl Under {
    fn new(limits: impl IntoIterator<Item = Limit>) -> Self {
        let policy = policy(limits);
        let limits = Limits::new(&policy);
        Self(policy, limits)
    }

    fn changed(&self, limits: impl IntoIterator<Item = Limit>) -> Self {
        let policy = policy(limits);
        let limits = self.1.renewed(&policy);
        Self(policy, limits)
    }

    fn admit(&self, subject: &Subject<'_>, now: Ticks) -> Result<Grant, Spent> {
        self.1.admit(&self.0.limits, subject, now)
    }

    fn pass(&self, grant: &mut Grant, piece: &str, last: bool, now: Ticks) -> (usize, Result<(), Over>) {
        let mut piece = Bytes::copy_from_slice(piece.as_bytes());
        let ended = grant.pass(&self.1, &mut piece, last, now);
        (piece.len(), ended)
    }
}

#[test]
fn a_burst_passes_and_then_one_for_each_share_of_the_period() {
    let under = Under::new([limit(LimitKey::Caller, 60, 3)]);
    let one = subject("10.0.0.1");
    for _ in 0..3 {
        assert!(under.admit(&one, START).is_ok());
    }
    let spent = under.admit(&one, START).err().expect("used up");
    assert_eq!((spent.limit, spent.measure, spent.wait), (0, Measure::Requests, Duration::from_secs(1)));
    assert!(under.admit(&subject("10.0.0.2"), START).is_ok(), "another one has his own");
    let almost = START.plus(Duration::from_micros(999_999));
    assert_eq!(under.admit(&one, almost).err().expect("not yet").wait, Duration::from_micros(1));
    let then = START.plus(Duration::from_secs(1));
    assert!(under.admit(&one, then).is_ok());
    assert!(under.admit(&one, then).is_err());
}

#[test]
fn a_rate_is_kept_however_often_it_is_asked_for() {
    let under = Under::new([limit(LimitKey::Caller, 7, 1)]);
    let one = subject("10.0.0.1");
    // Ten minutes, asked every 13 ms: 70 and the burst.
    let passed = (0..46_154).filter(|step| under.admit(&one, Ticks(START.0 + step * 13_000)).is_ok()).count();
    assert!((69..=71).contains(&passed), "{passed}");
}

#[test]
fn one_ipv6_subscriber_is_one_address() {
    let under = Under::new([limit(LimitKey::Address, 1, 1)]);
    assert!(under.admit(&subject("2001:db8::1"), START).is_ok());
    assert!(under.admit(&subject("2001:db8::2"), START).is_err());
    assert!(under.admit(&subject("2001:db8:0:1::2"), START).is_ok());
    assert!(under.admit(&subject("::ffff:10.0.0.1"), START).is_ok());
    assert!(under.admit(&subject("10.0.0.1"), START).is_err());
}

#[test]
fn a_limit_that_stays_keeps_what_is_spent() {
    let old = Under::new([limit(LimitKey::Caller, 60, 3)]);
    let (one, two) = (subject("10.0.0.1"), subject("10.0.0.2"));
    assert!((0..3).all(|_| old.admit(&one, START).is_ok()) && old.admit(&two, START).is_ok());
    assert!(old.changed([limit(LimitKey::Caller, 60, 3)]).admit(&one, START).is_err());

    // Twice the rate and the burst: of six requests, the three that were spent are still spent.
    let more = old.changed([limit(LimitKey::Caller, 120, 6)]);
    assert_eq!((0..6).filter(|_| more.admit(&one, START).is_ok()).count(), 3);
    assert_eq!((0..6).filter(|_| more.admit(&two, START).is_ok()).count(), 5);

    // A smaller burst is used up at once, and comes back at the new rate.
    let fewer = more.changed([limit(LimitKey::Caller, 30, 2)]);
    assert!(fewer.admit(&one, START).is_err());
    assert!(fewer.admit(&one, START.plus(Duration::from_secs(2))).is_ok());

    let other = fewer.changed([limit(LimitKey::Address, 60, 3)]);
    assert!(other.admit(&one, START).is_ok());
}

#[test]
fn a_refused_request_is_taken_from_no_limit_and_the_longest_wait_is_told() {
    let (slow, strict) = (limit(LimitKey::Address, 1, 1), limit(LimitKey::Route, 60, 2));
    let under = Under::new([strict, slow]);
    let (one, two) = (subject("10.0.0.1"), subject("10.0.0.2"));
    assert!(under.admit(&one, START).is_ok());
    let spent = under.admit(&one, START).err().expect("used up");
    assert_eq!((spent.limit, spent.wait), (1, Duration::from_secs(60)));
    // The refused one did not use up what the route has for others.
    assert!(under.admit(&two, START).is_ok());
    let spent = under.admit(&one, START).err().expect("both used up");
    assert_eq!((spent.limit, spent.wait), (1, Duration::from_secs(60)));
}

#[test]
fn bytes_end_an_answer_where_the_budget_ends_and_a_tenth_later_requests_pass() {
    let under = Under::new([bytes(1000)]);
    let one = subject("2001:db8::1");
    let mut grant = under.admit(&one, START).expect("room");
    assert_eq!(under.pass(&mut grant, &"x".repeat(600), false, START), (600, Ok(())));
    let (passed, ended) = under.pass(&mut grant, &"x".repeat(600), false, START);
    let wait = Duration::from_millis(363_600);
    assert_eq!(passed, 400);
    assert_eq!(ended, Err(Over::Spent(Spent { limit: 0, measure: Measure::Bytes, wait })));
    // The same subscriber, and nobody else, waits a tenth of the period and one byte's time.
    assert_eq!(under.admit(&subject("2001:db8::2"), START).err().expect("used up").wait, wait);
    assert!(under.admit(&subject("2001:db8:1::1"), START).is_ok());
    let then = START.plus(Duration::from_secs(720));
    let mut grant = under.admit(&one, then).expect("room again");
    assert_eq!(under.pass(&mut grant, &"x".repeat(600), true, then).0, 100);
    // Exactly what is left ends nothing.
    let under = Under::new([bytes(1000)]);
    let mut grant = under.admit(&one, START).expect("room");
    assert_eq!(under.pass(&mut grant, &"x".repeat(1000), true, START), (1000, Ok(())));
    assert_eq!(under.admit(&one, START).err().expect("used up").wait, Duration::from_millis(3600));
}

#[test]
fn an_open_answer_counts_for_the_limit_of_a_changed_policy() {
    let old = Under::new([bytes(1000)]);
    let one = subject("10.0.0.1");
    let mut grant = old.admit(&one, START).expect("room");
    let new = old.changed([bytes(500)]);
    assert_eq!(old.pass(&mut grant, &"x".repeat(600), false, START), (600, Ok(())));
    assert!(new.admit(&one, START).is_err());
}

#[test]
fn records_are_counted_and_what_cannot_be_counted_does_not_pass() {
    let under = Under::new([records(3)]);
    let one = subject("10.0.0.1");
    let mut grant = under.admit(&one, START).expect("room");
    assert_eq!(under.pass(&mut grant, r#"{"orders":[{"a":1},{"#, false, START), (20, Ok(())));
    assert_eq!(under.pass(&mut grant, r#""b":2}]}"#, true, START), (8, Ok(())));
    // A piece with more records than are left does not pass.
    let mut grant = under.admit(&one, START).expect("one is left");
    let (passed, ended) = under.pass(&mut grant, r#"{"orders":[1,2]}"#, true, START);
    assert!(passed == 0 && matches!(ended, Err(Over::Spent(Spent { measure: Measure::Records, .. }))), "{ended:?}");
    assert!(under.admit(&one, START).is_err());
    for (piece, last) in [("{]", false), (r#"{"orders":["#, true), ("{} {}", false), ("\u{feff}{}", false)] {
        let mut grant = under.admit(&subject("10.0.0.2"), START).expect("room");
        assert_eq!(under.pass(&mut grant, piece, last, START), (0, Err(Over::Uncountable(0))), "{piece}");
    }
}

#[test]
fn places_come_back_when_a_request_ends_and_stay_taken_over_a_change() {
    let concurrent = |most| Limit { concurrent: Some(most), ..empty(LimitKey::Caller) };
    let under = Under::new([concurrent(2)]);
    let one = subject("10.0.0.1");
    let (first, second) = (under.admit(&one, START).expect("one"), under.admit(&one, START).expect("two"));
    let spent = under.admit(&one, START).err().expect("no third");
    assert_eq!((spent.measure, spent.wait), (Measure::Concurrent, SOON));
    assert!(under.admit(&subject("10.0.0.2"), START).is_ok());
    let changed = under.changed([concurrent(3)]);
    let third = changed.admit(&one, START).expect("a third now");
    assert!(changed.admit(&one, START).is_err());
    drop(first);
    assert!(changed.admit(&one, START).is_ok());
    drop((second, third));
    // A panic gives a place back as well.
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _grant = under.admit(&one, START).expect("a place");
        panic!("on the way");
    }));
    assert!(unwound.is_err());
    assert!((0..2).map(|_| under.admit(&one, START)).collect::<Vec<_>>().iter().all(Result::is_ok));
}

#[test]
fn a_limit_in_shadow_refuses_nothing_and_says_what_it_would_have_refused() {
    let shadow = |limit| Limit { mode: Mode::Shadow, ..limit };
    let one = subject("10.0.0.1");
    let under = Under::new([shadow(limit(LimitKey::Caller, 1, 1))]);
    assert_eq!(under.admit(&one, START).expect("room").shadowed(), None);
    let over = under.admit(&one, START).expect("in shadow").shadowed();
    assert!(matches!(over, Some(Over::Spent(Spent { limit: 0, measure: Measure::Requests, .. }))));

    let under = Under::new([shadow(bytes(10)), shadow(records(1))]);
    let mut grant = under.admit(&one, START).expect("room");
    let answer = r#"{"orders":[1,2,3]}"#;
    assert_eq!(under.pass(&mut grant, answer, true, START), (answer.len(), Ok(())));
    assert!(matches!(grant.shadowed(), Some(Over::Spent(Spent { limit: 1, measure: Measure::Records, .. }))));
    let grant = under.admit(&one, START).expect("in shadow");
    assert!(matches!(grant.shadowed(), Some(Over::Spent(Spent { limit: 0, measure: Measure::Bytes, .. }))));
}

#[test]
fn of_limits_that_tell_callers_the_one_with_the_least_left_is_told() {
    let told = |limit| Limit { headers: true, ..limit };
    let under = Under::new([told(limit(LimitKey::Caller, 60, 10)), told(bytes(1000)), limit(LimitKey::Route, 2, 2)]);
    let standing = under.admit(&subject("10.0.0.1"), START).expect("room").standing().expect("told");
    assert_eq!((standing.limit, standing.measure, standing.most, standing.left), (0, Measure::Requests, 10, 9));
    assert_eq!(standing.full_in, Duration::from_secs(1));
}
