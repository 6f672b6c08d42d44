use std::time::Duration;

use jiff::tz::TimeZone;

use super::*;
use crate::clock::Moment;
use crate::policy::settings::detect::{Class, Detector, Every, First, Hours, Measure};
use crate::redact::Name;

/// Monday 2026-11-02 at midnight UTC.
const MONDAY: u64 = 1_793_577_600;
const HOUR: u64 = 3600;
const DAY: u64 = 86_400;
const MINUTES: Duration = Duration::from_secs(600);

fn name(text: &str) -> Name {
    Name::configured(text).expect("a name")
}

fn spec(per: Per, of: Class, pattern: Pattern) -> Spec {
    let detector = Detector { pattern, per, of, routes: Vec::new(), zone: TimeZone::UTC };
    Spec { name: name("rule"), detector }
}

fn count(per: Per, of: Class, over: u64) -> Spec {
    spec(per, of, Pattern::Count { measure: Measure::Requests, over, window: MINUTES, share: None })
}

fn at(seconds: u64) -> Observation {
    Observation {
        id: RequestId::new(UnixMillis(seconds * 1000)),
        at: UnixMillis(seconds * 1000),
        ticks: Ticks((seconds - MONDAY) * 1_000_000),
        caller: Some(mixed(7)),
        address: mixed(1),
        network: mixed(2),
        credential: Some(mixed(3)),
        issuer: None,
        client: mixed(6),
        role: Some(4),
        route: Some(5),
        marks: Marks::PASSED,
        bytes: 1000,
        records: 1,
        watched: SmallVec::new(),
    }
}

struct Core(Detectors);

impl Core {
    fn new(specs: impl IntoIterator<Item = Spec>) -> Self {
        Self(Detectors::new(&specs.into_iter().collect::<Vec<_>>()))
    }

    fn see(&mut self, o: &Observation) -> Vec<Finding> {
        let mut found = Vec::new();
        self.0.observe(o, &mut found);
        found
    }
}

#[test]
fn refusals_are_counted_by_key_and_only_refusals() {
    let mut core = Core::new([count(Per::Caller, Class::Refusals, 20)]);
    let refused = Observation { marks: Marks::REFUSED, ..at(MONDAY) };
    for _ in 0..20 {
        assert!(core.see(&refused).is_empty() && core.see(&at(MONDAY)).is_empty());
    }
    assert!(core.see(&Observation { caller: Some(mixed(8)), ..refused.clone() }).is_empty(), "another one");
    let found = core.see(&refused);
    assert_eq!(found.len(), 1);
    let excess = Excess { observed: 21, allowed: 20, learning: false, signs: Signs::default() };
    assert_eq!((found[0].subject, found[0].excess, found[0].shared), (mixed(7), excess, false));
    core.0.forgive(0, mixed(7));
    assert!(core.see(&refused).is_empty());
}

#[test]
fn a_share_of_few_requests_or_a_small_share_is_not_too_much() {
    let pattern = Pattern::Count { measure: Measure::Requests, over: 10, window: MINUTES, share: Some(20) };
    let mut core = Core::new([spec(Per::Upstream, Class::Errors, pattern)]);
    let failed = Observation { marks: Marks::PASSED.and(Marks::ERROR), ..at(MONDAY) };
    for _ in 0..100 {
        assert!(core.see(&at(MONDAY)).is_empty());
    }
    let first = (1..100).find(|_| !core.see(&failed).is_empty());
    // 26 of 126.
    assert_eq!(first, Some(26));
}

#[test]
fn one_credential_from_two_networks_by_turns_is_found_and_a_move_is_not() {
    let pattern = Pattern::Count { measure: Measure::Moves, over: 3, window: MINUTES, share: None };
    let mut core = Core::new([spec(Per::Credential, Class::Passed, pattern)]);
    let (here, there) = (at(MONDAY), Observation { network: mixed(99), ..at(MONDAY) });
    for _ in 0..50 {
        assert!(core.see(&here).is_empty());
    }
    for _ in 0..50 {
        assert!(core.see(&there).is_empty(), "went home");
    }
    let found: Vec<_> = [&here, &there, &here].into_iter().map(|o| core.see(o).len()).collect();
    assert_eq!(found, [0, 0, 1]);
}

#[test]
fn values_and_their_followers_are_counted_by_the_name_they_have() {
    let order = Value::Path(name("order_id"));
    let distinct = Pattern::Distinct { value: order.clone(), over: 3, window: MINUTES };
    let steps = Pattern::Sequence { value: order.clone(), over: 3, window: MINUTES };
    let mut core = Core::new([spec(Per::Caller, Class::Requests, distinct), spec(Per::Caller, Class::Requests, steps)]);
    let keyed = Keyed::new([1; 16]);
    let hash = |number: u64| keyed.hash(&number.to_le_bytes());
    let read = |number: u64, what: u32| Observation {
        watched: [SeenValue { what, value: hash(number), next: hash(number + 1) }].into_iter().collect(),
        ..at(MONDAY)
    };
    let (ours, other) = (value_id(&order), value_id(&Value::Path(name("item_id"))));
    for number in 0..50 {
        assert!(core.see(&read(number, other)).is_empty());
        assert!(core.see(&read(number % 3, ours)).is_empty());
    }
    assert!(core.see(&at(MONDAY)).is_empty());
    let rules = |found: Vec<Finding>| found.iter().map(|finding| finding.rule).collect::<Vec<_>>();
    assert_eq!(rules(core.see(&read(3, ours))), [0]);
    assert_eq!(rules(core.see(&read(4, ours))), [0, 1]);
}

#[test]
fn a_callers_own_week_is_what_it_is_held_to() {
    let learn = Duration::from_secs(14 * DAY);
    let pattern = Pattern::Baseline { measure: Measure::Requests, times: 4, floor: 60, every: Every::Hour, learn };
    let mut core = Core::new([spec(Per::Caller, Class::Requests, pattern)]);
    let hour = |core: &mut Core, week: u64, day: u64, hour: u64, requests: u64| {
        let begin = MONDAY + week * 7 * DAY + day * DAY + hour * HOUR;
        (0..requests).find_map(|number| core.see(&at(begin + number * 3000 / requests)).first().copied())
    };
    // Not learned yet: four times the floor.
    let early = hour(&mut core, 0, 0, 9, 300).expect("too much for an unknown caller");
    assert_eq!((early.excess.observed, early.excess.learning), (241, true));
    for week in 0..4 {
        for day in (0..5).filter(|day| (week, *day) != (0, 0)) {
            assert_eq!(hour(&mut core, week, day, 9, 100), None);
            assert_eq!(hour(&mut core, week, day, 10, 100), None);
        }
    }
    assert_eq!(hour(&mut core, 4, 0, 9, 250), None);
    let high = hour(&mut core, 4, 1, 9, 1000).expect("ten times as much");
    assert!((400..700).contains(&high.excess.allowed) && !high.excess.learning, "{:?}", high.excess);
    let night = hour(&mut core, 4, 2, 3, 100).expect("never at night");
    assert_eq!(night.excess.allowed, 60);
}

#[test]
fn first_callers_and_first_routes_are_told_after_a_time_of_learning() {
    let learn = Duration::from_secs(7 * DAY);
    let first = |what| spec(Per::Caller, Class::Passed, Pattern::First { what, learn });
    let mut core = Core::new([first(First::Caller), first(First::Route)]);
    let call =
        |seconds, caller: u64, route| Observation { caller: Some(mixed(caller)), route: Some(route), ..at(seconds) };
    assert!(core.see(&call(MONDAY, 1, 1)).is_empty());
    assert!(core.see(&call(MONDAY + DAY, 2, 1)).is_empty());
    let later = MONDAY + 8 * DAY;
    let rules = |found: Vec<Finding>| found.iter().map(|finding| finding.rule).collect::<Vec<_>>();
    assert!(core.see(&call(later, 1, 1)).is_empty());
    assert_eq!(rules(core.see(&call(later, 1, 2))), [1]);
    assert!(core.see(&call(later, 1, 2)).is_empty());
    assert_eq!(rules(core.see(&call(later, 3, 2))), [0], "all routes are new to a new caller");
    assert!(core.see(&Observation { caller: None, ..call(later, 0, 3) }).is_empty());
}

#[test]
fn hours_of_work_are_declared_or_learned() {
    let over = |hours| Pattern::OffHours { hours, over: 2, window: MINUTES };
    let office = Hours::Declared((0..5).map(|day| (day * 1440 + 7 * 60, day * 1440 + 19 * 60)).collect());
    let mut core = Core::new([spec(Per::Caller, Class::Passed, over(office))]);
    assert!((0..50).all(|minute| core.see(&at(MONDAY + 9 * HOUR + minute * 60)).is_empty()));
    assert!(core.see(&at(MONDAY + 19 * HOUR)).is_empty() && core.see(&at(MONDAY + 19 * HOUR)).is_empty());
    assert_eq!(core.see(&at(MONDAY + 19 * HOUR)).len(), 1);

    let learned = Hours::Learned(Duration::from_secs(14 * DAY));
    let mut core = Core::new([spec(Per::Caller, Class::Passed, over(learned))]);
    for day in (0..21).filter(|day| day % 7 < 5) {
        assert!((0..20).all(|minute| core.see(&at(MONDAY + day * DAY + 9 * HOUR + minute * 60)).is_empty()));
    }
    let night = MONDAY + 22 * DAY + 2 * HOUR;
    let found: Vec<_> = (0..4).map(|minute| core.see(&at(night + minute * 60)).len()).collect();
    assert_eq!(found, [0, 0, 1, 1]);
}

#[test]
fn a_full_table_counts_newcomers_together_and_forgets_no_offender() {
    let mut core = Core::new([count(Per::Address, Class::Refusals, 20)]);
    let refused = |address: u64| Observation { address: mixed(address), marks: Marks::REFUSED, ..at(MONDAY) };
    for _ in 0..20 {
        assert!(core.see(&refused(1)).is_empty());
    }
    for address in 2..=16_384 {
        assert!(core.see(&refused(address)).is_empty());
    }
    let late: Vec<_> = (20_000..20_021).flat_map(|address| core.see(&refused(address))).collect();
    assert!(matches!(late[..], [Finding { shared: true, .. }]), "{late:?}");
    assert_eq!(core.see(&refused(1)).len(), 1, "the first is still known");
    let load = core.0.load();
    assert!(load.full && load.keys == 16_384 && load.overflowed == 21);
    // When the window is over there is room.
    let later = Observation { address: mixed(30_000), marks: Marks::REFUSED, ..at(MONDAY + 2 * HOUR) };
    assert!(core.see(&later).is_empty());
    assert!(!core.0.load().full);
    // Whoever shows no credential has no place among callers.
    let mut core = Core::new([count(Per::Caller, Class::Refusals, 20)]);
    for address in 0..20_000 {
        core.see(&Observation { caller: None, ..refused(address) });
    }
    for _ in 0..20 {
        assert!(core.see(&refused(1)).is_empty());
    }
    assert!(matches!(core.see(&refused(1))[..], [Finding { shared: false, .. }]));
}

#[test]
fn what_is_known_survives_a_change_that_does_not_concern_it() {
    let mut core = Core::new([count(Per::Caller, Class::Refusals, 20)]);
    let refused = Observation { marks: Marks::REFUSED, ..at(MONDAY) };
    (0..20).for_each(|_| drop(core.see(&refused)));
    let other = Spec { name: name("other"), ..count(Per::Caller, Class::Requests, 1000) };
    let now = UnixMillis(MONDAY * 1000);
    let mut core = Core(core.0.renewed(&[other.clone(), count(Per::Caller, Class::Refusals, 15)], now));
    let found = core.see(&refused);
    assert_eq!((found[0].rule, found[0].excess.observed), (1, 21));
    let mut core = Core(core.0.renewed(&[other, count(Per::Caller, Class::Requests, 15)], now));
    assert!(core.see(&refused).is_empty(), "it counts something else now");
}

#[test]
fn what_was_learned_survives_a_restart_and_damage_is_noticed() {
    let learn = Duration::from_secs(DAY);
    let baseline = Pattern::Baseline { measure: Measure::Bytes, times: 4, floor: 60, every: Every::Day, learn };
    let hours = Pattern::OffHours { hours: Hours::Learned(learn), over: 2, window: MINUTES };
    let all = |patterns: Vec<Pattern>| {
        let named = |(number, pattern)| Spec {
            name: name(&format!("rule-{number}")),
            ..spec(Per::Caller, Class::Requests, pattern)
        };
        patterns.into_iter().enumerate().map(named).collect::<Vec<_>>()
    };
    let first = |what| Pattern::First { what, learn };
    let specs = all(vec![baseline, hours, first(First::Caller), first(First::Route)]);
    let mut core = Core::new(specs.clone());
    for day in 0..30 {
        core.see(&at(MONDAY + day * DAY + 9 * HOUR));
    }
    let bytes = core.0.encode();
    let now = Moment { ticks: Ticks(0), wall: UnixMillis((MONDAY + 30 * DAY) * 1000) };
    let mut again = Core::new(specs.clone());
    assert_eq!(again.0.decode(&bytes, now), Ok(4));
    assert_eq!(again.0.encode(), bytes);
    let o = at(MONDAY + 30 * DAY + 9 * HOUR);
    let (mut one, mut other) = (core.see(&o), again.see(&o));
    assert_eq!(one, other);
    let o = Observation { caller: Some(mixed(8)), ..at(MONDAY + 30 * DAY + 9 * HOUR) };
    (one, other) = (core.see(&o), again.see(&o));
    assert_eq!((one.len(), &one), (2, &other));
    for cut in [0, 7, 20, bytes.len() - 1] {
        assert!(Core::new(specs.clone()).0.decode(&bytes[..cut], now).is_err(), "{cut}");
    }
    assert_eq!(Core::new([]).0.decode(&bytes, now), Ok(0));
}
