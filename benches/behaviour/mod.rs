//! What limits, sanctions and the hand-over to the detectors cost a request, and what a shared limit costs beside one of
//! one's own.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderMap, HeaderValue, USER_AGENT};
use portcullis::audit::{PolicyRecord, RequestId, Trail};
use portcullis::clock::{Clock, Ticks, UnixMillis};
use portcullis::identity::{Identifier, Identity, Presented, Providers, dev};
use portcullis::limits::shared::{Count, Entry, Exchanger, Pool, Told};
use portcullis::limits::{Limits, SharedKey, Subject};
use portcullis::policy::Policy;
use portcullis::policy::path::CanonicalPath;
use portcullis::policy::settings::PathProfile;
use portcullis::watch::detect::{Marks, Observation, SeenValue};
use portcullis::watch::{Asked, Brief, Keys, Lens, Lookout, Means, Sanctions, Sighting, Who};
use zeroize::Zeroizing;

use super::{NOW, cpu_of_thread, measure, name, policy, redactor};

const CALLERS: usize = 100;
const AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
/// Sightings of a round: fewer than the detectors' queue holds.
const ROUND: u32 = 10_000;

pub fn run(shipped: &Policy) {
    request(shipped);
    million();
    shared();
}

/// Kilobytes that are resident.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// A million keys of one limit: what they take, and that each has its own bucket still.
fn million() {
    const KEYS: u32 = 1_000_000;
    let text = "version: 1\ngate: { listen: \"127.0.0.1:0\", tls: { certificate: a.pem, key: a.key } }\n\
                upstream: { url: \"http://127.0.0.1:1\" }\naudit: off\nroutes: [{ name: all, path: '/**', allow: [anyone] }]\n\
                limits:\n  - { name: calls, per: address, requests: 1/d }\n";
    let policy = policy(text);
    let held = policy.routes.routes()[0].limits.clone();
    let limits = Limits::new(&policy);
    let subject =
        |number: u32| Subject { caller: None, address: IpAddr::V4(Ipv4Addr::from_bits(number)), role: None, route: 0 };
    let before = resident();
    let admitted = (0..KEYS).filter(|number| limits.admit(&held, &subject(*number), Ticks(1)).is_ok()).count();
    let after = resident();
    let refilled = (0..KEYS).filter(|number| limits.admit(&held, &subject(*number), Ticks(1)).is_ok()).count();
    println!("{:<44} {:>6} kB more resident", "a million keys of one limit", after - before);
    println!("{:<44} {admitted} admitted, {refilled} once more, {} shared a bucket", "", limits.overflowed());
}

fn callers() -> Vec<Arc<Identity>> {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("api-keys.yaml");
    let made: Vec<_> = (0..CALLERS)
        .map(|number| dev::api_key(&name(&format!("sync-{number}")), None, &[name("warehouse")]).expect("a key"))
        .collect();
    let entries: String = made.iter().map(|key| key.entry.as_str()).collect();
    std::fs::write(&file, format!("keys:\n{entries}")).expect("a file");
    let text = format!(
        "version: 1\ngate: {{ listen: \"127.0.0.1:0\", tls: {{ certificate: a.pem, key: a.key }} }}\n\
         upstream: {{ url: \"http://127.0.0.1:1\" }}\naudit: off\n\
         callers: [ api_key: {{ header: x-api-key, file: \"{}\" }} ]\n\
         roles: {{ picker: {{ members: [\"group:warehouse\"] }} }}\n\
         routes: [ {{ name: all, path: /**, allow: [picker] }} ]\n",
        file.display()
    );
    let providers = Providers::default();
    let identifier = Identifier::for_policy(&policy(&text), Arc::new(redactor()), &providers).expect("sound files");
    let identified = made.iter().map(|key| {
        let mut fields = HeaderMap::new();
        fields.insert("x-api-key", HeaderValue::from_str(&key.key).expect("a value"));
        identifier.identify(&Presented::fields(&fields), NOW).map_err(drop).expect("known").expect("a caller")
    });
    identified.collect()
}

/// The worker's part of a request for one order's address, by 100 callers in turn; the detectors' thread runs beside it,
/// and its time is its own.
#[expect(clippy::too_many_lines, reason = "a request, step by step")]
fn request(policy: &Policy) {
    let callers = callers();
    let redactor = Arc::new(redactor());
    let path = CanonicalPath::parse("/orders/v0/orders/902-3159896-1390916/address", PathProfile::Default).ok();
    let path = path.expect("a path");
    let mut routes = policy.routes.routes().iter();
    let route = routes.find(|route| route.template.as_str().ends_with("{orderId}/address")).expect("a route");
    let limits = Limits::new(policy);
    let (clock, trail) = (Clock::system(), Trail::off());
    let sanctions = Arc::new(Sanctions::new(Keys::random(), clock.clone(), trail.clone()));
    let lens = Arc::new(Lens::new(policy, &redactor));
    let record = Arc::new(PolicyRecord { digest: name("bench"), enforced: true });
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    let mut brief = Some(Arc::new(Brief::new(policy, Arc::clone(&lens), record, Vec::new(), redactor)));
    let lookout = Lookout::new();
    let means =
        Means { clock, trail, sanctions: Arc::clone(&sanctions), memory: None, next: Box::new(move || brief.take()) };
    let thread = lookout.start(means).expect("a thread");
    let admit = |number: u32, now: Ticks| {
        let identity = &callers[number as usize % CALLERS];
        let address = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 | (number % 1000)));
        let subject = Subject { caller: Some(identity), address, role: None, route: route.index };
        black_box(limits.admit(&route.limits, &subject, now).map_err(drop).expect("room"));
    };
    let judge = |number: u32, now: Ticks| {
        let identity = &callers[number as usize % CALLERS];
        let address = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 | (number % 1000)));
        let mut asked =
            Asked { caller: None, presents: true, address, role: None, route: Some(&route.name), wall: NOW };
        black_box(sanctions.shuts_out(&asked, now).is_none());
        asked.caller = Some(identity);
        black_box(sanctions.judge(&asked, now).is_none());
    };
    let see = |number: u32, now: Ticks| {
        let identity = &callers[number as usize % CALLERS];
        let address = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 | (number % 1000)));
        let mut watched = lens.look(Some(route.index), &path, None);
        let (address_key, network) = lens.address(address);
        let client = lens.client(&headers, None);
        watched.extend(lens.origin(network, client));
        let at = UnixMillis(NOW * 1000 + now.0 / 1000);
        let observation = Observation {
            id: RequestId::new(at),
            at,
            ticks: now,
            caller: Some(lens.caller(identity)),
            address: address_key,
            network,
            credential: Some(lens.credential(identity)),
            issuer: None,
            client,
            role: None,
            route: lens.route(route.index),
            marks: Marks::of("authz", "allowed", 200, false),
            bytes: 2_000,
            records: 0,
            watched: watched
                .iter()
                .map(|watched| SeenValue { what: watched.what, value: watched.value, next: watched.next })
                .collect(),
        };
        let who = Who { identity: Some(Arc::clone(identity)), address, route: None, issuer: None };
        lookout.see(Sighting { observation, who });
    };
    let (mut number, mut handed) = (0_u32, 0_u64);
    let mut rounds = |what: &str, step: &dyn Fn(u32, Ticks), sees: bool| {
        let mut best = Duration::MAX;
        for _ in 0..50 {
            let start = cpu_of_thread();
            for _ in 0..ROUND {
                number += 1;
                // A second for each request: of 100 callers, none comes near a limit.
                step(number, Ticks(u64::from(number) * 1_000_000));
            }
            best = best.min(cpu_of_thread().saturating_sub(start));
            handed += if sees { u64::from(ROUND) } else { 0 };
            while lookout.counts().seen + lookout.counts().lost < handed {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        println!("{what:<44} {:>6} ns", best.as_nanos() / u128::from(ROUND));
    };
    println!("{:<44} {:>6} limits, {} detectors", "sp-api.yaml, an order's address", route.limits.len(), {
        portcullis::watch::specs(policy).count()
    });
    rounds("    limits", &admit, false);
    rounds("    sanctions, none imposed", &judge, false);
    rounds("    the hand-over to the detectors", &see, true);
    let all = |number: u32, now: Ticks| {
        judge(number, now);
        admit(number, now);
        see(number, now);
    };
    rounds("    all of them", &all, true);
    println!("{:<44} {:>6} of {handed}", "    sightings lost", lookout.counts().lost);
    lookout.stop();
    thread.join().expect("ended");
}

/// A shared count that has room for everybody.
struct Plenty;

impl Count for Plenty {
    type Fault = ();

    async fn ask(&mut self, entries: &[Entry<'_>]) -> Result<Vec<Told>, ()> {
        Ok(entries.iter().map(|entry| Told { granted: entry.ask.wanted, balance: 1_000_000_000 }).collect())
    }

    async fn presence(&mut self) -> Result<u64, ()> {
        Ok(3)
    }
}

fn shared() {
    const KEYS: u32 = 10_000;
    let text = "version: 1\ngate: { listen: \"127.0.0.1:0\", tls: { certificate: a.pem, key: a.key } }\n\
                upstream: { url: \"http://127.0.0.1:1\" }\naudit: off\nroutes: [{ name: all, path: '/**', allow: [anyone] }]\n\
                limits:\n  - { name: calls, per: address, scope: local, requests: 1000000000/s }\n";
    let (own, together) = (policy(text), policy(&text.replace("scope: local", "scope: shared")));
    let pool = Arc::new(Pool::new(3));
    let key = SharedKey::new(Zeroizing::new([3; 32]));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut exchanger = Exchanger::new(Arc::clone(&pool), Plenty, Clock::system());
    let clock = Clock::system();
    let held = own.routes.routes()[0].limits.clone();
    let shared_held = together.routes.routes()[0].limits.clone();
    let (own, together) = (Limits::new(&own), Limits::sharing(&together, Some((Arc::clone(&pool), &key))));
    let mut number = 0_u32;
    let mut subject = || {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let address = IpAddr::V4(Ipv4Addr::from_bits(number % KEYS));
        Subject { caller: None, address, role: None, route: 0 }
    };
    measure("one limit of requests, 10,000 keys, own", || {
        black_box(own.admit(&held, &subject(), clock.ticks()).is_ok());
    });
    measure("the same, shared, no count to ask", || {
        black_box(together.admit(&shared_held, &subject(), clock.ticks()).is_ok());
    });
    let mut taken = |exchanges: bool| {
        let mut best = Duration::MAX;
        for _ in 0..50 {
            let mut used = Duration::ZERO;
            for _ in 0..20 {
                let start = cpu_of_thread();
                for _ in 0..1000 {
                    black_box(together.admit(&shared_held, &subject(), clock.ticks()).is_ok());
                }
                let after = cpu_of_thread();
                // At 100,000 requests a second, an exchange for each thousand.
                runtime.block_on(exchanger.turn());
                used += if exchanges { cpu_of_thread() } else { after }.saturating_sub(start);
            }
            best = best.min(used);
        }
        best.as_nanos() / 20_000
    };
    println!("{:<44} {:>6} ns", "the same, shared, a count every 1,000", taken(false));
    println!("{:<44} {:>6} ns", "    with the exchanges' own time", taken(true));
    assert!(pool.is_linked());
}
