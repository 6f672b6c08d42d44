//! Where a caller calls from, and with what: a stolen credential is used somewhere else. One alone of these signs is
//! everyday life (a journey, a new machine), so a caller who seldom moves is held to one, and who often does to more:
//!
//! | new networks in the four weeks before | what is told of |
//! |---|---|
//! | 0 or 1 | a network that is new |
//! | 2 or 3 | and one further sign |
//! | more | and two further signs |
//!
//! Further signs are: another program, a route that the caller never called, an hour at which it never works. A network is on
//! trial for a week, in which nothing that is done from it becomes usual; then it is one of the caller's own. A network
//! that [`MANY`] callers have is nobody's sign: an office that changes its provider.

use std::collections::HashMap;

use super::Excess;
use super::calendar::WEEK_HOURS;
use super::learned::{Routes, Seen};
use super::store::{Bytes, StoreFault, put};

/// Networks of one caller that are kept: offices, homes and carriers of a year.
const MOST_NETWORKS: usize = 32;
/// Programs of one caller that are kept.
const MOST_CLIENTS: usize = 16;
/// How long a new network is on trial, in seconds.
const TRIAL: u64 = 7 * 86_400;
/// How far back new networks count for how restless a caller is, in seconds.
const RESTLESS: u64 = 28 * 86_400;
/// New networks that are remembered for that.
const NEWS: usize = 4;
/// Callers that make a network familiar to all.
const MANY: usize = 3;
/// Networks of all callers that are looked at for that; beyond them none is familiar, and rather more is told than less.
const MOST_FAMILIAR: usize = 8192;

/// What is new with a network that is new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs(u8);

impl Signs {
    /// None.
    pub const NONE: Self = Self(0);
    const NETWORK: Self = Self(1);
    const CLIENT: Self = Self(2);
    const ROUTE: Self = Self(4);
    const HOUR: Self = Self(8);
    const ALL: [(Self, &'static str); 4] =
        [(Self::NETWORK, "network"), (Self::CLIENT, "client"), (Self::ROUTE, "route"), (Self::HOUR, "hour")];

    const fn add(&mut self, other: Self, is_new: bool) {
        if is_new {
            self.0 |= other.0;
        }
    }

    /// Signs beside the network.
    const fn further(self) -> u32 {
        (self.0 & !Self::NETWORK.0).count_ones()
    }

    /// As records spell them.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().filter(move |(sign, _)| self.0 & sign.0 != 0).map(|(_, word)| word)
    }

    /// As a number, for a file.
    pub(in crate::watch) const fn bits(self) -> u8 {
        self.0
    }

    /// Of a file's number.
    pub(in crate::watch) const fn of_bits(bits: u8) -> Self {
        Self(bits & 15)
    }
}

/// A call.
pub(super) struct Call {
    pub(super) caller: u64,
    pub(super) network: u64,
    /// 0 where it is not known.
    pub(super) client: u64,
    pub(super) route: Option<u32>,
    /// The hour since 1970.
    pub(super) period: u64,
    /// Unix seconds.
    pub(super) now: u64,
    /// Whether all is still usual.
    pub(super) learning: bool,
    /// Whether the network alone is told of.
    pub(super) alone: bool,
}

/// Where one caller comes from: below 2 KB.
#[derive(Clone, Debug)]
pub(super) struct Origins {
    /// When the caller was first seen, in Unix seconds.
    pub(super) since: u64,
    networks: Vec<Network>,
    /// Programs, the one seen last at the end.
    clients: Vec<u32>,
    routes: Routes,
    hours: Seen,
    /// When the last new networks came.
    news: [u64; NEWS],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Network {
    id: u32,
    /// When it was first and last seen, in Unix seconds.
    first: u64,
    last: u64,
    /// Whether it is one of the caller's own.
    own: bool,
    /// What else was new with it.
    signs: Signs,
    /// How many further signs it takes.
    needs: u8,
}

/// Networks, and the first callers that came from each.
#[derive(Clone, Debug, Default)]
pub(super) struct Familiar(HashMap<u32, [u32; MANY]>);

impl Familiar {
    /// Whether enough others came from a network; this caller is one more.
    fn meets(&mut self, network: u32, caller: u32) -> bool {
        if self.0.len() >= MOST_FAMILIAR && !self.0.contains_key(&network) {
            return false;
        }
        let callers = self.0.entry(network).or_default();
        let familiar = callers.iter().all(|known| *known != 0 && *known != caller);
        if !callers.contains(&caller)
            && let Some(free) = callers.iter_mut().find(|known| **known == 0)
        {
            *free = caller;
        }
        familiar
    }
}

impl Origins {
    pub(super) fn new(now: u64) -> Self {
        Self {
            since: now,
            networks: Vec::new(),
            clients: Vec::new(),
            routes: Routes::new(now),
            hours: Seen::new(now),
            news: [0; NEWS],
        }
    }

    /// Takes note of a call, and says whether it is like one with a stolen credential.
    pub(super) fn see(&mut self, call: &Call, familiar: &mut Familiar) -> Option<Excess> {
        let place = self.network(call, familiar);
        let own = self.networks.get(place).is_none_or(|network| network.own);
        let client = high(call.client);
        if own {
            self.learn(call, client);
            return None;
        }
        let mut signs = Signs::NETWORK;
        let new_client = call.client != 0 && !self.clients.is_empty() && !self.clients.contains(&client);
        signs.add(Signs::CLIENT, new_client);
        signs.add(Signs::ROUTE, call.route.is_some_and(|route| !self.routes.knows(route)));
        signs.add(Signs::HOUR, !call.alone && !self.hours.knows(call.period));
        let network = self.networks.get_mut(place)?;
        network.signs.add(signs, true);
        let count = network.signs.further();
        let needs = if call.alone { 0 } else { u32::from(network.needs) };
        (count >= needs).then(|| Excess {
            observed: u64::from(count) + 1,
            allowed: u64::from(needs),
            learning: false,
            signs: network.signs,
        })
    }

    /// What is done from a caller's own network is usual.
    fn learn(&mut self, call: &Call, client: u32) {
        self.hours.is_usual(call.period);
        if let Some(route) = call.route {
            self.routes.is_first(route);
        }
        if call.client == 0 || self.clients.last() == Some(&client) {
            return;
        }
        match self.clients.iter().position(|known| *known == client) {
            Some(known) => drop(self.clients.remove(known)),
            None if self.clients.len() >= MOST_CLIENTS => drop(self.clients.remove(0)),
            None => {}
        }
        self.clients.push(client);
    }

    /// The place of a call's network, which may be new.
    fn network(&mut self, call: &Call, familiar: &mut Familiar) -> usize {
        let (id, now) = (high(call.network), call.now);
        if let Some(place) = self.networks.iter().position(|network| network.id == id) {
            if let Some(network) = self.networks.get_mut(place) {
                // A moment that is still to come is of a clock that was put back since.
                network.first = network.first.min(now);
                network.last = network.last.max(now);
                network.own |= now >= network.first.saturating_add(TRIAL);
            }
            return place;
        }
        let common = familiar.meets(id, high(call.caller));
        let is_recent = |news: &&u64| (1..=now).contains(*news) && now < news.saturating_add(RESTLESS);
        let recent = self.news.iter().filter(is_recent).count();
        let needs = match recent {
            0 | 1 => 0,
            NEWS.. => 2,
            _ => 1,
        };
        // The first of all is where a caller is at home.
        if !common && !self.networks.is_empty() {
            self.news.rotate_left(1);
            self.news[NEWS - 1] = now;
        }
        if self.networks.len() >= MOST_NETWORKS {
            // Whoever turns through networks puts out its own, never those of the caller.
            let oldest = self.networks.iter().enumerate().min_by_key(|(_, network)| (network.own, network.last));
            if let Some((place, _)) = oldest {
                self.networks.swap_remove(place);
            }
        }
        let own = call.learning || common || self.networks.is_empty();
        self.networks.push(Network { id, first: now, last: now, own, signs: Signs::default(), needs });
        self.networks.len() - 1
    }

    /// All networks are the caller's own: an operator looked into it.
    pub(super) fn trust(&mut self) {
        self.networks.iter_mut().for_each(|network| network.own = true);
    }

    /// The networks, for what callers have in common.
    pub(super) fn networks(&self) -> Vec<u32> {
        self.networks.iter().map(|network| network.id).collect()
    }

    /// As a store keeps it.
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put(out, self.since);
        self.news.iter().for_each(|news| put(out, *news));
        put(out, self.networks.len() as u64);
        for network in &self.networks {
            put(out, u64::from(network.id));
            put(out, network.first);
            put(out, network.last);
            out.extend_from_slice(&[u8::from(network.own), network.signs.0, network.needs]);
        }
        put(out, self.clients.len() as u64);
        self.clients.iter().for_each(|client| put(out, u64::from(*client)));
        put(out, self.routes.known.len() as u64);
        self.routes.known.iter().for_each(|route| put(out, u64::from(*route)));
        put(out, self.hours.period);
        out.extend_from_slice(&self.hours.week[..]);
    }

    /// What [`Self::put`] wrote.
    pub(super) fn read(bytes: &mut Bytes<'_>) -> Result<Self, StoreFault> {
        let small = |number: u64| u32::try_from(number).map_err(|_| StoreFault::Damaged);
        let mut origins = Self::new(bytes.number()?);
        for news in &mut origins.news {
            *news = bytes.number()?;
        }
        let count = bytes.number()?;
        if count > MOST_NETWORKS as u64 {
            return Err(StoreFault::Damaged);
        }
        for _ in 0..count {
            let (id, first, last) = (small(bytes.number()?)?, bytes.number()?, bytes.number()?);
            let [own, signs, needs] = *bytes.take::<3>()?;
            let signs = Signs::of_bits(signs);
            origins.networks.push(Network { id, first, last, own: own == 1, signs, needs });
        }
        let count = bytes.number()?;
        if count > MOST_CLIENTS as u64 {
            return Err(StoreFault::Damaged);
        }
        for _ in 0..count {
            origins.clients.push(small(bytes.number()?)?);
        }
        for _ in 0..bytes.number()? {
            origins.routes.is_first(small(bytes.number()?)?);
        }
        origins.hours.period = bytes.number()?;
        *origins.hours.week = *bytes.take::<WEEK_HOURS>()?;
        Ok(origins)
    }
}

impl Familiar {
    /// A caller came from these before the start.
    pub(super) fn add(&mut self, caller: u64, networks: &[u32]) {
        for network in networks {
            self.meets(*network, high(caller));
        }
    }
}

/// Never 0, which stands for nobody.
const fn high(hash: u64) -> u32 {
    match (hash >> 32) as u32 {
        0 => 1,
        high => high,
    }
}

#[cfg(test)]
mod tests;
