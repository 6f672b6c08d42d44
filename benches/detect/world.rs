//! Made-up weeks of a seller's office, from a seed: people in shifts, services that poll, a month's end, a new colleague, a
//! holiday, an outage and the storm of retries after it; and among them those whom detectors are to find. Nothing of it
//! reads a clock, so that a seed gives the same weeks on every machine.

use portcullis::audit::RequestId;
use portcullis::clock::{Ticks, UnixMillis};
use portcullis::policy::settings::detect::Value;
use portcullis::redact::Name;
use portcullis::watch::detect::{Marks, Observation, SeenValue, name_id, value_id};

/// Monday 2026-03-02 at midnight, UTC.
const BEGIN: u64 = 1_772_409_600;
const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
pub const DAY: u64 = 24 * HOUR;
pub const WEEK: u64 = 7 * DAY;

/// Splitmix64 (Steele, Lea and Flood, 2014).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// From `from` up to below `to`.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from).max(1)
    }

    /// So many times of a thousand.
    pub fn hits(&mut self, of_thousand: u64) -> bool {
        self.next() % 1000 < of_thousand
    }
}

pub const fn mix(number: u64) -> u64 {
    let one = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let two = (one ^ (one >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    two ^ (two >> 31)
}

/// What somebody does all day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Packs: reads an order, its items and its address; early or late shift.
    Packer { late: bool },
    /// Answers buyers.
    Support,
    /// Little, and much at a month's end.
    Finance,
    /// Asks for new orders every few minutes, and reads those there are.
    Poller,
    /// Makes labels in batches during the shifts.
    Labels,
    /// Reports at night, and large ones at a month's end.
    Reports,
    /// On Saturdays.
    Saturday,
}

#[derive(Clone, Debug)]
pub struct Person {
    pub key: u64,
    pub work: Work,
    /// The first day.
    pub since: u64,
    /// How fast, of a hundred.
    pace: u64,
    office: u64,
    home: u64,
    /// The program that it uses.
    client: u64,
    /// Whether it is often on the road, by one of a carrier's many networks.
    roams: bool,
}

/// Somebody whom detectors are to find.
#[derive(Clone, Debug)]
pub struct Attack {
    pub name: &'static str,
    pub begin: u64,
    pub end: u64,
    /// Keys that an alarm about it may name.
    pub keys: Vec<u64>,
    /// Whether what all do together shows it.
    pub common: bool,
}

pub struct World {
    pub people: Vec<Person>,
    pub attacks: Vec<Attack>,
    pub weeks: u64,
    chance: Chance,
    order_id: u32,
    path: u32,
    holiday: u64,
    /// From then on the second office has another provider.
    moved: u64,
    outage: u64,
    orders: u64,
}

/// Kinds of attacks, in the order in which they are laid out.
pub const ATTACKS: [&str; 14] = [
    "scraper",
    "credential stuffing",
    "distributed stuffing",
    "slow drip",
    "token theft",
    "theft while away",
    "insider, more",
    "insider, other records",
    "path scanner",
    "enumeration",
    "probing",
    "night visit",
    "enumeration, scattered",
    "token by turns",
];

impl World {
    /// A seller with so many callers over so many weeks; attacks come after the fourth, each on another caller.
    pub fn new(seed: u64, callers: usize, weeks: u64) -> Self {
        let mut chance = Chance::new(seed);
        let kinds = [
            Work::Packer { late: false },
            Work::Packer { late: true },
            Work::Support,
            Work::Poller,
            Work::Packer { late: false },
            Work::Labels,
            Work::Support,
            Work::Finance,
            Work::Packer { late: true },
            Work::Reports,
            Work::Support,
            Work::Poller,
            Work::Packer { late: false },
            Work::Saturday,
            Work::Support,
        ];
        let hire = weeks.saturating_sub(3) * WEEK;
        let people = (0..callers).map(|number| Person {
            key: mix(chance.next()),
            work: kinds[number % kinds.len()],
            since: if number + 1 == callers { hire } else { 0 },
            pace: chance.between(70, 140),
            office: mix(7 + number as u64 % 3),
            home: mix(1000 + chance.next()),
            client: mix(2000 + chance.next() % 4),
            roams: matches!(number % kinds.len(), 7 | 10),
        });
        let people: Vec<_> = people.collect();
        let value = Value::Path(Name::configured("orderId").expect("a name"));
        let mut world = Self {
            order_id: value_id(&value),
            path: value_id(&Value::WholePath),
            holiday: weeks.saturating_sub(2) * 7 + 3,
            moved: (weeks.saturating_sub(3) * 7 + 2) * DAY + 12 * HOUR,
            outage: (weeks.saturating_sub(2) * 7 + 1) * DAY + 10 * HOUR + chance.between(0, 4 * HOUR),
            people,
            attacks: Vec::new(),
            weeks,
            chance,
            orders: 0,
        };
        world.lay_out();
        world
    }

    /// A time of day in the weeks of attacks, on a working day.
    fn moment(&mut self, hours: (u64, u64)) -> u64 {
        let first = 4.min(self.weeks - 1);
        let week = self.chance.between(first, self.weeks);
        let mut day = self.chance.between(0, 5);
        if week * 7 + day == self.holiday {
            day -= 1;
        }
        (week * 7 + day) * DAY + self.chance.between(hours.0 * HOUR, hours.1 * HOUR)
    }

    /// Somebody of a kind of work whom no attack concerns yet.
    fn victim(&mut self, is: impl Fn(Work) -> bool) -> usize {
        let free = |person: &Person, attacks: &[Attack]| {
            person.since == 0 && is(person.work) && !attacks.iter().any(|attack| attack.keys.contains(&person.key))
        };
        let places: Vec<_> = (0..self.people.len()).filter(|place| free(&self.people[*place], &self.attacks)).collect();
        let fallback: Vec<_> = (0..self.people.len()).filter(|place| is(self.people[*place].work)).collect();
        let places = if places.is_empty() { fallback } else { places };
        places[usize::try_from(self.chance.next() % places.len() as u64).expect("small")]
    }

    fn lay_out(&mut self) {
        for name in ATTACKS {
            let is_support = |work| work == Work::Support;
            let (victim, begin, lasts) = match name {
                "scraper" => (Some(self.victim(|work| work == Work::Poller)), self.moment((0, 22)), 2 * HOUR),
                "credential stuffing" | "distributed stuffing" => (None, self.moment((0, 23)), 15 * MINUTE),
                "slow drip" => {
                    let begin = (self.weeks.saturating_sub(3) * 7) * DAY + 8 * HOUR;
                    (Some(self.victim(|work| matches!(work, Work::Packer { .. }))), begin, 10 * DAY)
                }
                "token theft" => {
                    (Some(self.victim(|work| matches!(work, Work::Packer { late: false }))), self.moment((8, 11)), HOUR)
                }
                // By night, or on a day on which its owner does not work; a service's while it rests.
                "theft while away" => {
                    let (hours, is): (_, fn(Work) -> bool) = match self.chance.next() % 4 {
                        0 => ((1, 4), |work| matches!(work, Work::Support | Work::Packer { .. })),
                        1 | 2 => ((10, 16), |work| matches!(work, Work::Support | Work::Packer { .. })),
                        _ => ((13, 20), |work| work == Work::Reports),
                    };
                    (Some(self.victim(is)), self.moment(hours), HOUR)
                }
                "insider, more" => (Some(self.victim(is_support)), self.moment((9, 10)), 7 * HOUR),
                "insider, other records" => (Some(self.victim(is_support)), self.moment((10, 14)), 2 * HOUR),
                "path scanner" => (None, self.moment((0, 23)), 10 * MINUTE),
                "enumeration" => (Some(self.victim(|work| work == Work::Finance)), self.moment((9, 15)), 30 * MINUTE),
                "enumeration, scattered" => (
                    Some(self.victim(|work| matches!(work, Work::Packer { late: true }))),
                    self.moment((14, 18)),
                    2 * HOUR,
                ),
                "token by turns" => {
                    (Some(self.victim(|work| matches!(work, Work::Packer { late: true }))), self.moment((14, 18)), HOUR)
                }
                "probing" => (Some(self.victim(|work| work == Work::Saturday)), self.moment((9, 15)), 20 * MINUTE),
                _ => (Some(self.victim(is_support)), self.moment((1, 4)), HOUR),
            };
            let address = mix(0xbad ^ begin);
            let keys = victim.map_or(vec![address], |victim| {
                let key = self.people[victim].key;
                vec![key, credential(key)]
            });
            let common = matches!(name, "credential stuffing" | "distributed stuffing");
            self.attacks.push(Attack { name, begin, end: begin + lasts, keys, common });
        }
        let (begin, end) = (self.outage, self.outage + 40 * MINUTE);
        self.attacks.push(Attack { name: "outage", begin, end, keys: Vec::new(), common: true });
    }

    /// All requests of a day, in order.
    pub fn day(&mut self, day: u64) -> Vec<Observation> {
        let mut requests = Vec::new();
        for place in 0..self.people.len() {
            self.work(place, day, &mut requests);
        }
        for place in 0..self.attacks.len() {
            self.attack(place, day, &mut requests);
        }
        self.fail(&mut requests);
        requests.sort_by_key(|o| o.at);
        requests
    }

    /// What a person does on a day in the ordinary way.
    fn shift(&mut self, person: &Person, day: u64, works: bool, out: &mut Vec<Observation>) {
        let week_day = day % 7;
        let month_end = day % 30 >= 28;
        let begin = day * DAY;
        match person.work {
            Work::Packer { late } if works => {
                let start = if late { 13 * HOUR } else { 6 * HOUR + 30 * MINUTE } + self.chance.between(0, 20 * MINUTE);
                self.pack(person, (begin + start, begin + start + 8 * HOUR), 25, out);
            }
            Work::Saturday if week_day == 5 || (works && week_day == 2) => {
                self.pack(person, (begin + 8 * HOUR, begin + 13 * HOUR), 20, out);
            }
            Work::Support if works => {
                let start = begin + 8 * HOUR + self.chance.between(0, 90 * MINUTE);
                self.answer(person, (start, start + 8 * HOUR), 9, out);
            }
            Work::Finance if works => {
                let each = if month_end { 30 } else { 6 };
                self.answer(person, (begin + 9 * HOUR, begin + 16 * HOUR), each, out);
            }
            Work::Labels if works => {
                for hour in 7..20 {
                    let at = begin + hour * HOUR + self.chance.between(0, 20 * MINUTE);
                    for number in 0..self.chance.between(20, 60) {
                        out.push(self.request(person, at + number * 3, "shipping-v1-purchase-labels", 80_000));
                    }
                }
            }
            Work::Poller => {
                let mut at = begin + self.chance.between(0, 180);
                while at < begin + DAY {
                    out.push(self.request(person, at, "orders", 4000));
                    let busy = (8..22).contains(&(at % DAY / HOUR));
                    for number in 0..self.chance.between(0, if busy { 5 } else { 2 }) {
                        out.push(self.order(person, at + number, "order", 3000));
                    }
                    at += self.chance.between(150, 210);
                }
            }
            Work::Reports => {
                // A service stays where it is.
                let count = if month_end { 40 } else { 12 };
                for number in 0..count {
                    let at = begin + 2 * HOUR + number * 45 + self.chance.between(0, 20);
                    out.push(self.request(person, at, "report-status", 900));
                    if number % 4 == 0 {
                        out.push(self.request(person, at + 5, "report-create", 400));
                    }
                }
            }
            _ => {}
        }
    }

    fn work(&mut self, place: usize, day: u64, out: &mut Vec<Observation>) {
        let person = self.people[place].clone();
        let week_day = day % 7;
        if day * DAY < person.since {
            return;
        }
        // Of one credential in two places at once there are two: who is stolen from is there.
        let stolen = |attack: &Attack| attack.begin / DAY == day && attack.keys.contains(&person.key);
        let is_off = |attack: &Attack| attack.name == "theft while away" && stolen(attack);
        let off = self.attacks.iter().any(is_off) && person.work != Work::Reports;
        let away = self.chance.hits(40) && !self.attacks.iter().any(stolen) || off;
        let (first, machine, trip) = (out.len(), self.chance.hits(4), self.chance.hits(12));
        let road = (person.roams && self.chance.hits(300)).then(|| mix(0x0ca8 ^ (self.chance.next() % 24)));
        if machine {
            self.people[place].client = mix(self.chance.next());
        }
        let works = week_day < 5 && day != self.holiday && !away;
        self.shift(&person, day, works, out);
        // Insiders are where they work.
        let is_attacked = self
            .attacks
            .iter()
            .any(|attack| attack.keys.contains(&person.key) && (attack.begin / DAY..=attack.end / DAY).contains(&day));
        let is_service = matches!(person.work, Work::Poller | Work::Labels | Work::Reports);
        let elsewhere = road.or(trip.then(|| mix(self.chance.next()))).filter(|_| !is_service && !is_attacked);
        if let Some(network) = elsewhere {
            out[first..].iter_mut().for_each(|o| (o.network, o.address) = (network, network ^ 1));
        }
    }

    /// Reads what is to be packed: three requests for each order, a break at the middle, and now and then a mistake.
    fn pack(&mut self, person: &Person, (from, to): (u64, u64), each_hour: u64, out: &mut Vec<Observation>) {
        let away = self.chance.hits(30);
        let mut at = from;
        while at < to {
            let lunch = from + 4 * HOUR;
            if (lunch..lunch + 40 * MINUTE).contains(&at) {
                at = lunch + 40 * MINUTE;
            }
            let order = self.next_order();
            for (number, (route, bytes)) in
                [("order", 3000), ("order-items", 2500), ("order-address", 700)].into_iter().enumerate()
            {
                let mut o = self.order_of(person, at + number as u64 * 2, route, bytes, order);
                if away && at > lunch {
                    o.network = person.home;
                    o.address = person.home ^ 1;
                }
                if self.chance.hits(6) {
                    o.marks = Marks::of("authz", "role_missing", 403, false);
                }
                out.push(o);
            }
            if self.chance.hits(4) {
                // Over night the token ended: a few tries until there is another.
                for number in 0..self.chance.between(1, 5) {
                    let mut o = self.request(person, at + number, "order", 60);
                    (o.caller, o.credential, o.role) = (None, None, None);
                    o.marks = Marks::of("authn", "token_expired", 401, false);
                    out.push(o);
                }
            }
            let mean = HOUR * 100 / (each_hour * person.pace);
            at += self.chance.between(mean / 3, mean * 5 / 3);
        }
    }

    /// Reads one buyer at a time.
    fn answer(&mut self, person: &Person, (from, to): (u64, u64), each_hour: u64, out: &mut Vec<Observation>) {
        let from_home = self.chance.hits(200);
        let mut at = from;
        while at < to {
            let order = self.next_order();
            for route in ["message-actions", "order-buyer-info", "order-buyer-info"] {
                let mut o = self.order_of(person, at, route, 1200, order);
                if from_home {
                    (o.network, o.address) = (person.home, person.home ^ 1);
                }
                out.push(o);
                at += 7;
            }
            if self.chance.hits(20) {
                out.push(Observation {
                    marks: Marks::of("mfa", "mfa_required", 401, false),
                    ..self.request(person, at, "order-buyer-info", 60)
                });
            }
            let mean = HOUR * 100 / (each_hour * person.pace);
            at += self.chance.between(mean / 3, mean * 5 / 3);
        }
    }

    /// During the outage the app fails, and after it everybody tries again.
    fn fail(&mut self, requests: &mut Vec<Observation>) {
        let (begin, end) = (self.outage, self.outage + 20 * MINUTE);
        let mut more = Vec::new();
        for o in requests.iter_mut() {
            let at = o.at.seconds() - BEGIN;
            if (begin..end).contains(&at) && o.caller.is_some() {
                o.marks = Marks::of("upstream", "upstream_unreachable", 502, false);
            }
            if (begin..end + 15 * MINUTE).contains(&at) {
                for number in 1..4 {
                    let later = o.at.0 + number * 9000;
                    more.push(Observation { at: UnixMillis(later), ticks: ticks(later), ..o.clone() });
                }
            }
        }
        requests.append(&mut more);
    }

    fn attack(&mut self, place: usize, day: u64, out: &mut Vec<Observation>) {
        let attack = self.attacks[place].clone();
        let (from, to) = (attack.begin.max(day * DAY), attack.end.min((day + 1) * DAY));
        // The outage is the app's doing.
        if from >= to || attack.name == "outage" {
            return;
        }
        let person = self.people.iter().find(|person| attack.keys.contains(&person.key)).cloned();
        let nobody = Person {
            key: 0,
            work: Work::Support,
            since: 0,
            pace: 100,
            office: attack.keys.first().copied().unwrap_or(9),
            home: 0,
            client: mix(0xbad),
            roams: false,
        };
        let victim = person.as_ref().unwrap_or(&nobody);
        let mut at = from;
        while at < to {
            let (o, pause) = self.step(&attack, victim, at);
            out.extend(o);
            at += self.chance.between(pause.0, pause.1 + 1);
        }
    }

    /// One request of an attack, and how long it waits for the next, from and to, in seconds.
    fn step(&mut self, attack: &Attack, victim: &Person, at: u64) -> (Option<Observation>, (u64, u64)) {
        let order = self.next_order();
        match attack.name {
            "scraper" => (Some(self.order_of(victim, at, "order", 3000, order)), (2, 4)),
            "credential stuffing" | "distributed stuffing" => {
                let mut o = self.request(victim, at, "order", 60);
                (o.caller, o.credential, o.role, o.route) = (None, None, None, None);
                o.marks = Marks::of("authn", "token_signature", 401, false);
                if attack.name == "distributed stuffing" {
                    o.address = mix(self.chance.between(0, 60));
                    o.network = o.address;
                }
                (Some(o), (1, 5))
            }
            "slow drip" => {
                let hour = at % DAY / HOUR;
                let o = self.order_of(victim, at, "order-address", 700, order);
                // By day among the work, at weekends too; never more than a few in an hour of night.
                (Some(o), if (7..21).contains(&hour) { (40, 70) } else { (300, 900) })
            }
            "token theft" => {
                let mut o = self.order_of(victim, at, "order-address", 700, order);
                o.network = mix(0x7eef ^ attack.begin);
                o.address = o.network ^ 1;
                (Some(o), (60, 200))
            }
            "theft while away" => {
                let route = match victim.work {
                    Work::Packer { .. } => "order-address",
                    Work::Reports => "report-status",
                    _ => "order-buyer-info",
                };
                let mut o = self.order_of(victim, at, route, 700, order);
                o.network = mix(0xa7a4 ^ attack.begin);
                o.address = o.network ^ 1;
                // Half of the thieves pass for the same program.
                o.client = if attack.begin.is_multiple_of(2) { victim.client } else { mix(0xbad ^ attack.begin) };
                (Some(o), (60, 200))
            }
            "insider, more" => (Some(self.order_of(victim, at, "order-buyer-info", 1200, order)), (50, 90)),
            "insider, other records" => (Some(self.request(victim, at, "report-document", 300_000)), (30, 90)),
            "path scanner" => {
                let mut o = self.request(victim, at, "order", 60);
                (o.caller, o.credential, o.role, o.route) = (None, None, None, None);
                o.marks = Marks::of("authz", "no_route", 403, false);
                o.watched = [SeenValue { what: self.path, value: mix(order), next: 0 }].into_iter().collect();
                (Some(o), (2, 8))
            }
            "enumeration" => {
                let number = 5_000_000 + (at - attack.begin) / 15;
                (Some(self.order_of(victim, at, "order-buyer-info", 1200, number)), (15, 30))
            }
            // Backwards, every tenth number, by forty sequences in turn: no number is beside one of the last.
            "enumeration, scattered" => {
                let turn = (at - attack.begin) / 15;
                let number = 9_000_000 + turn % 40 * 100_000 - turn / 40 * 10;
                (Some(self.order_of(victim, at, "order-address", 700, number)), (15, 30))
            }
            // While its owner works, from one of nine networks after the other, with the owner's own program.
            "token by turns" => {
                let mut o = self.order_of(victim, at, "order-address", 700, order);
                o.network = mix(0x7ab5 ^ (at / 100 % 9));
                o.address = o.network ^ 1;
                (Some(o), (90, 240))
            }
            "probing" => {
                let mut o = self.request(victim, at, "report-document", 60);
                o.marks = Marks::of("authz", "role_missing", 403, false);
                o.role = None;
                (Some(o), (8, 30))
            }
            _ => (Some(self.order_of(victim, at, "order-buyer-info", 1200, order)), (40, 100)),
        }
    }

    fn next_order(&mut self) -> u64 {
        self.orders += 1;
        mix(self.orders ^ self.chance.0)
    }

    fn order(&mut self, person: &Person, at: u64, route: &str, bytes: u64) -> Observation {
        let order = self.next_order();
        self.order_of(person, at, route, bytes, order)
    }

    fn order_of(&mut self, person: &Person, at: u64, route: &str, bytes: u64, order: u64) -> Observation {
        let mut o = self.request(person, at, route, bytes);
        let seen = SeenValue { what: self.order_id, value: mix(order ^ 0x5a5a), next: mix((order + 1) ^ 0x5a5a) };
        o.watched.push(seen);
        o
    }

    fn request(&mut self, person: &Person, at: u64, route: &str, bytes: u64) -> Observation {
        let millis = (BEGIN + at) * 1000 + self.chance.between(0, 1000);
        let office = if at >= self.moved && person.office == mix(8) { mix(0x000f_f1ce) } else { person.office };
        Observation {
            id: RequestId::new(UnixMillis(millis)),
            at: UnixMillis(millis),
            ticks: ticks(millis),
            caller: Some(person.key),
            address: office,
            network: office,
            credential: Some(credential(person.key)),
            issuer: None,
            client: person.client,
            role: Some(1),
            route: Some(name_id(route)),
            marks: Marks::PASSED,
            bytes: bytes * self.chance.between(70, 140) / 100,
            records: 1,
            watched: [].into_iter().collect(),
        }
    }
}

/// Seconds since the world's begin.
pub const fn since_begin(at: UnixMillis) -> u64 {
    at.seconds() - BEGIN
}

const fn ticks(millis: u64) -> Ticks {
    Ticks((millis - BEGIN * 1000) * 1000)
}

const fn credential(key: u64) -> u64 {
    mix(key ^ 0xc4ed)
}
