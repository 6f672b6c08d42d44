//! Places for connections: so many in all, so many for one address. A place is given back when it is dropped.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::policy::settings::ConnectionBounds;

/// The gate's places, shared by its workers.
pub struct Slots {
    taken: Mutex<Taken>,
}

struct Taken {
    bounds: ConnectionBounds,
    all: usize,
    /// Bounded by `all`: an address without a connection is not in it.
    by_address: HashMap<u128, usize>,
}

/// One taken place.
pub struct Place {
    slots: Arc<Slots>,
    subscriber: u128,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// All are taken.
    All,
    /// All of this address are taken.
    Address,
}

impl Slots {
    /// Places within `bounds`.
    pub fn new(bounds: ConnectionBounds) -> Arc<Self> {
        Arc::new(Self { taken: Mutex::new(Taken { bounds, all: 0, by_address: HashMap::new() }) })
    }

    /// Other bounds, for those who come from now on.
    pub fn set_bounds(&self, bounds: ConnectionBounds) {
        self.taken.lock().bounds = bounds;
    }

    /// Takes a place for `address`.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Result<Place, NoPlace> {
        let subscriber = subscriber(address);
        let mut taken = self.taken.lock();
        let bounds = taken.bounds;
        if taken.all >= bounds.max {
            return Err(NoPlace::All);
        }
        let of_address = taken.by_address.entry(subscriber).or_insert(0);
        if *of_address >= bounds.per_address {
            return Err(NoPlace::Address);
        }
        *of_address += 1;
        taken.all += 1;
        drop(taken);
        Ok(Place { slots: Arc::clone(self), subscriber })
    }

    /// How many places there are.
    pub fn most(&self) -> usize {
        self.taken.lock().bounds.max
    }

    /// How many places are taken.
    pub fn taken(&self) -> usize {
        self.taken.lock().all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.slots.taken.lock();
        taken.all = taken.all.saturating_sub(1);
        if let Some(left) = taken.by_address.get_mut(&self.subscriber) {
            *left = left.saturating_sub(1);
            if *left == 0 {
                taken.by_address.remove(&self.subscriber);
            }
        }
    }
}

/// IPv4 by address, IPv6 by the /64 that one subscriber has.
fn subscriber(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits() & !u128::from(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_in_all_and_by_address_and_come_back() {
        let slots = Slots::new(ConnectionBounds { max: 3, per_address: 2 });
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let one = slots.take(address("10.0.0.1")).expect("a place");
        let two = slots.take(address("::ffff:10.0.0.1")).expect("a place");
        assert_eq!(slots.take(address("10.0.0.1")).err(), Some(NoPlace::Address));
        let three = slots.take(address("2001:db8::1")).expect("a place");
        assert_eq!(slots.take(address("10.0.0.2")).err(), Some(NoPlace::All));
        drop((one, two, three));
        assert_eq!(slots.taken(), 0);
        assert!(slots.taken.lock().by_address.is_empty());
    }

    #[test]
    fn one_ipv6_subscriber_shares_its_places() {
        let slots = Slots::new(ConnectionBounds { max: 9, per_address: 1 });
        let _one = slots.take("2001:db8::1".parse().expect("an address")).expect("a place");
        assert!(slots.take("2001:db8::2".parse().expect("an address")).is_err());
    }
}
