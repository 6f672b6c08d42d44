#![expect(clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "what a server's script reckons in doubles")]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::*;
use crate::clock::{Clock, Manual, UnixMillis};
use crate::policy::settings::Quota;

/// The shared count as the script on a server does it, by a clock of its own.
#[derive(Clone, Default)]
struct Server {
    now: Rc<Cell<u64>>,
    arrivals: Rc<RefCell<HashMap<String, f64>>>,
    down: Rc<Cell<bool>>,
    asked: Rc<Cell<usize>>,
    replicas: Rc<Cell<u64>>,
}

impl Count for Server {
    type Fault = ();

    async fn ask(&mut self, entries: &[Entry<'_>]) -> Result<Vec<Told>, ()> {
        if self.down.get() {
            return Err(());
        }
        self.asked.set(self.asked.get() + 1);
        let now = self.now.get() as f64;
        let mut arrivals = self.arrivals.borrow_mut();
        Ok(entries
            .iter()
            .map(|entry| {
                let each = entry.period as f64 / 1000.0 / entry.amount as f64;
                let burst = entry.burst as f64;
                let arrival = arrivals.entry(format!("{}:{}", entry.quota, entry.key)).or_insert(now);
                if *arrival <= now {
                    *arrival = now + (burst - (entry.ask.most as f64).min(burst)) * each;
                }
                *arrival = arrival.min(now + 2.0 * burst * each) - entry.ask.returned as f64 * each
                    + entry.ask.owed as f64 * each;
                let left = ((now + burst * each - *arrival) / each + 1e-6).floor();
                let granted = left.min(entry.ask.wanted as f64).max(0.0);
                *arrival += granted * each;
                Told { granted: granted as u64, balance: (left - granted).min(burst) as i64 }
            })
            .collect())
    }

    async fn presence(&mut self) -> Result<u64, ()> {
        if self.down.get() { Err(()) } else { Ok(self.replicas.get()) }
    }
}

struct Replica {
    quota: SharedQuota,
    exchanger: Exchanger<Server>,
    hands: Arc<Manual>,
    clock: Clock,
}

struct House {
    server: Server,
    replicas: Vec<Replica>,
    runtime: tokio::runtime::Runtime,
}

impl House {
    fn new(count: u64, quota: Quota) -> Self {
        let server = Server::default();
        server.replicas.set(count);
        let replicas = (0..count).map(|_| {
            let (clock, hands) = Clock::manual(UnixMillis(1_700_000_000_000));
            let pool = Arc::new(Pool::new(count));
            let quota = SharedQuota::new(&pool, "calm:requests".to_owned(), Rate::new(&quota));
            Replica { quota, exchanger: Exchanger::new(pool, server.clone(), clock.clone()), hands, clock }
        });
        let replicas = replicas.collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        Self { server, replicas, runtime }
    }

    fn advance(&mut self, micros: u64) {
        self.server.now.set(self.server.now.get() + micros);
        for replica in &self.replicas {
            replica.hands.advance(Duration::from_micros(micros));
        }
    }

    fn exchange(&mut self) {
        for replica in &mut self.replicas {
            self.runtime.block_on(replica.exchanger.turn());
        }
    }

    fn take(&self, replica: usize, key: u64) -> bool {
        let replica = &self.replicas[replica];
        replica.quota.take(key, replica.clock.ticks()).is_ok()
    }
}

fn quota(amount: u64, seconds: u64, burst: u64) -> Quota {
    Quota { amount, period: Duration::from_secs(seconds), burst }
}

/// Well spread, as a keyed hash is.
fn key(number: u64) -> u64 {
    (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Calls at `per_second` for each caller, spread over the replicas by `route`; how many were admitted of each caller.
fn drive(house: &mut House, callers: u64, per_second: u64, seconds: u64, route: impl Fn(u64) -> usize) -> Vec<u64> {
    const STEP: u64 = 10_000;
    let mut admitted = vec![0; callers as usize];
    let mut sent = vec![0_u64; callers as usize];
    for step in 0..seconds * 1_000_000 / STEP {
        for caller in 0..callers {
            let due = (step + 1) * STEP * per_second / 1_000_000;
            while sent[caller as usize] < due {
                let replica = route(sent[caller as usize] * 7 + caller);
                sent[caller as usize] += 1;
                admitted[caller as usize] += u64::from(house.take(replica, key(caller)));
            }
        }
        house.exchange();
        house.advance(STEP);
    }
    admitted
}

#[test]
fn three_replicas_and_a_hundred_callers_at_twice_the_limit_stay_within_two_in_a_hundred() {
    for (rate, burst, seconds) in [(50, 50, 40), (20, 20, 60), (200, 400, 20)] {
        let mut house = House::new(3, quota(rate, 1, burst));
        house.exchange();
        let admitted = drive(&mut house, 100, 2 * rate, seconds, |call| (call % 3) as usize);
        let allowed = burst + rate * seconds;
        for count in admitted {
            let off = (count as f64 - allowed as f64) / allowed as f64;
            assert!((-0.02..=0.02).contains(&off), "{count} of {allowed}");
        }
    }
}

#[test]
fn a_caller_within_its_limit_is_never_refused_wherever_it_calls() {
    for spread in [1, 3] {
        let mut house = House::new(3, quota(50, 1, 50));
        house.exchange();
        let admitted = drive(&mut house, 20, 45, 30, |call| (call % spread) as usize);
        assert!(admitted.iter().all(|count| *count == 45 * 30), "{admitted:?}");
    }
    // Slow limits too: a call a second where one a second is allowed.
    let mut house = House::new(3, quota(60, 60, 5));
    house.exchange();
    let admitted = drive(&mut house, 5, 1, 120, |call| (call % 3) as usize);
    assert!(admitted.iter().all(|count| *count >= 119), "{admitted:?}");
}

/// Calls of some callers, each so many milliseconds after its last, give or take a fiftieth, to one replica after the
/// other; how many were admitted of each.
fn drive_slowly(house: &mut House, every: u64, seconds: u64, calls: &mut [(u64, u64)]) -> Vec<u64> {
    let step = (every * 20).clamp(10_000, 1_000_000);
    let mut admitted = vec![0; calls.len()];
    let end = house.server.now.get() + seconds * 1_000_000;
    while house.server.now.get() < end {
        let now = house.server.now.get();
        for (caller, (next, turn)) in calls.iter_mut().enumerate().filter(|(_, (next, _))| *next <= now) {
            admitted[caller] += u64::from(house.take((*turn % 3) as usize, key(caller as u64)));
            *turn += 1;
            *next = now + every * (980 + key(*turn * 100 + caller as u64) % 40);
        }
        house.exchange();
        house.advance(step);
    }
    admitted
}

#[test]
fn slow_limits_are_kept_within_two_in_a_hundred_and_let_all_pass_that_is_within_them() {
    for (amount, period, burst, every, seconds) in
        [(1, 1, 2, 500, 120), (1, 1, 6, 500, 120), (30, 60, 5, 1000, 300), (100, 86_400, 100, 432_000, 5 * 86_400)]
    {
        let mut house = House::new(3, quota(amount, period, burst));
        house.exchange();
        let mut calls: Vec<(u64, u64)> = (0..20).map(|caller| (caller * every * 50, caller)).collect();
        let admitted = drive_slowly(&mut house, every, seconds, &mut calls);
        let allowed = (burst + amount * seconds / period) as f64;
        let sum = admitted.iter().sum::<u64>() as f64 / 20.0;
        assert!((-0.02..=0.02).contains(&(sum / allowed - 1.0)), "{amount} in {period} s: {sum} of {allowed}");
        let behind = admitted.iter().map(|count| allowed - *count as f64).fold(0.0, f64::max);
        assert!(behind < 3.0, "{amount} in {period} s: {behind} behind");
    }
    // As much as the burst and the rate allow, and not a call more: all of it passes.
    let mut house = House::new(3, quota(30, 60, 30));
    house.exchange();
    let admitted = drive(&mut house, 20, 1, 59, |call| (call % 3) as usize);
    assert!(admitted.iter().all(|count| *count == 59), "{admitted:?}");
}

#[test]
fn a_burst_is_had_once_whether_the_count_comes_or_goes() {
    for (lost, (amount, period, burst, every, away)) in [false, true]
        .into_iter()
        .flat_map(|lost| [(1, 1, 6, 500, 15), (1, 1, 6, 500, 3), (10, 1, 20, 50, 10)].map(|limit| (lost, limit)))
    {
        let mut house = House::new(3, quota(amount, period, burst));
        house.exchange();
        let mut calls: Vec<(u64, u64)> = (0..20).map(|caller| (caller * every * 50, caller)).collect();
        let (mut sum, mut seconds) = (0.0, 0);
        for (part, more) in [("with it", 30), ("without", away), ("with it again", 30)] {
            house.server.down.set(part == "without");
            if lost && part == "with it again" {
                house.server.arrivals.borrow_mut().clear();
            }
            sum += drive_slowly(&mut house, every, more, &mut calls).iter().sum::<u64>() as f64 / 20.0;
            seconds += more;
            let allowed = (burst + amount * seconds / period) as f64;
            // Before, it was as many bursts more as the count went away.
            assert!((allowed - 3.0..=allowed + 3.0).contains(&sum), "{part}: {sum} of {allowed}");
        }
    }
}

#[test]
fn a_burst_is_spent_once_however_it_is_spread() {
    let mut house = House::new(3, quota(1, 3600, 300));
    house.exchange();
    let mut admitted = 0;
    for round in 0..200 {
        for replica in 0..3 {
            admitted += (0..10).filter(|_| house.take(replica, key(1))).count();
        }
        house.exchange();
        house.advance(10_000);
        if round == 0 {
            assert!(admitted >= 30, "nobody waits for the count");
        }
    }
    assert!((290..=300).contains(&admitted), "{admitted}");
    // What is left here and there as leases is given back, and can be had.
    house.advance(2_000_000);
    house.exchange();
    house.exchange();
    let more = (0..20).filter(|_| house.take(0, key(1))).count();
    house.exchange();
    assert!(admitted + more <= 301, "{admitted} and {more}");
}

#[test]
fn a_newcomer_replica_is_ahead_by_less_than_a_burst_and_pays_for_it() {
    let mut house = House::new(2, quota(60, 60, 100));
    house.exchange();
    let mut first = 0;
    for _ in 0..100 {
        first += (0..10).filter(|_| house.take(0, key(1))).count();
        house.runtime.block_on(house.replicas[0].exchanger.turn());
        house.advance(10_000);
    }
    assert!((100..=102).contains(&first), "{first}");
    // The other one has not heard of this caller: its part of a burst is on credit.
    let second = (0..100).filter(|_| house.take(1, key(1))).count();
    assert_eq!(second, 50);
    house.exchange();
    // Both are refused until the rate has made it good: in the end they had what the limit says.
    let mut more = 0;
    for _ in 0..1_200 {
        more += u64::from(house.take(0, key(1))) + u64::from(house.take(1, key(1)));
        house.exchange();
        house.advance(100_000);
    }
    let had = first as u64 + second as u64 + more;
    assert!((218..=224).contains(&had), "{had} of 100 and one for each of 121 seconds");
}

#[test]
fn without_the_count_each_replica_keeps_its_share_and_what_it_took_is_told_later() {
    let mut house = House::new(3, quota(30, 1, 30));
    house.exchange();
    house.server.down.set(true);
    assert!(house.take(0, key(1)));
    house.exchange();
    assert!(!house.replicas[0].quota.pool.is_linked());
    let admitted = drive(&mut house, 10, 60, 20, |call| (call % 3) as usize);
    for count in admitted {
        assert!((600..=640).contains(&count), "{count} of 600 and the bursts");
    }
    // All at one replica: that one's share and no more.
    let admitted = drive(&mut house, 1, 60, 20, |_| 0);
    assert!((190..=212).contains(&admitted[0]), "{admitted:?}");
    house.server.down.set(false);
    house.exchange();
    assert!(house.replicas[0].quota.pool.is_linked());
    let admitted = drive(&mut house, 10, 60, 20, |call| (call % 3) as usize);
    for count in admitted {
        assert!((595..=631).contains(&count), "{count} of 600 and a burst");
    }
}

/// A server that is started again without its memory, or whose clock is set: nobody has a fresh bucket, and nobody waits for
/// an hour that has passed already.
#[test]
fn a_count_that_forgets_or_whose_clock_is_set_refills_no_bucket_and_holds_nobody() {
    fn by(house: &House, hours: i64) {
        let now = house.server.now.get();
        house.server.now.set(now.saturating_add_signed(hours * 3_600_000_000));
    }
    type Spoil = fn(&House);
    let spoilt: [(&str, Spoil); 4] = [
        ("it forgets", |house| house.server.arrivals.borrow_mut().clear()),
        ("a day ahead", |house| by(house, 24)),
        ("an hour back", |house| by(house, -1)),
        ("a day ahead and back", |house| {
            by(house, 24);
            by(house, -24);
        }),
    ];
    for (what, spoil) in spoilt {
        let (rate, burst, seconds) = (20, 100, 30);
        let mut house = House::new(3, quota(rate, 1, burst));
        house.server.now.set(1_700_000_000_000_000);
        house.exchange();
        let mut admitted = vec![0; 50];
        for _ in 0..4 {
            let some = drive(&mut house, 50, 2 * rate, seconds, |call| (call % 3) as usize);
            admitted.iter_mut().zip(some).for_each(|(sum, some)| *sum += some);
            spoil(&house);
        }
        let allowed = burst + 4 * rate * seconds;
        for count in admitted {
            // Three times; before, each of them was a burst.
            assert!((allowed - 3 * burst..=allowed + 3 * burst / 20).contains(&count), "{what}: {count} of {allowed}");
        }
    }
}

/// What is taken while an answer is under way is not had a second time from what it brings.
#[test]
fn what_was_taken_on_credit_comes_off_what_is_set_aside() {
    let mut house = House::new(1, quota(1, 3600, 30));
    house.exchange();
    let rates = house.replicas[0].quota.pool.rates(Rate::new(&quota(1, 3600, 30)));
    let mut account = account::Account::default();
    let (now, way) = (house.replicas[0].clock.ticks(), Way { linked: true, passing: false });
    assert_eq!(account.take_up_to(&rates, 1, now, way), 1);
    let asked = account.ask(&rates, now);
    assert_eq!((asked.owed, asked.wanted), (1, 20));
    assert_eq!((0..19).map(|_| account.take_up_to(&rates, 1, now, way)).sum::<u64>(), 19);
    account.answered(&rates, Told { granted: 20, balance: 9 }, now);
    let more: u64 = (0..30).map(|_| account.take_up_to(&rates, 1, now, way)).sum();
    assert_eq!(more, 10, "thirty in all");
    let asked = account.ask(&rates, now);
    assert_eq!(asked.owed, 9);
}

#[test]
fn a_hot_key_is_not_asked_for_at_every_call() {
    let mut house = House::new(1, quota(10_000, 1, 10_000));
    house.exchange();
    let before = house.server.asked.get();
    let admitted = drive(&mut house, 1, 5_000, 10, |_| 0);
    assert_eq!(admitted, [50_000]);
    let asked = house.server.asked.get() - before;
    assert!(asked <= 1_000, "{asked} exchanges for 50,000 calls");
}

#[test]
fn a_crowd_finds_a_full_ledger_and_shares_a_bucket() {
    let house = House::new(1, quota(1, 3600, 1));
    let fresh = (0..MAX_SHARED_KEYS as u64 + 50_000).filter(|number| house.take(0, key(*number))).count();
    assert!(fresh <= MAX_SHARED_KEYS + 64, "{fresh}");
    assert!(house.replicas[0].quota.overflowed() > 0);
    assert!(!house.take(0, key(0)), "the first one still has used up its own");
}
