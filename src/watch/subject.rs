//! Whom a sanction is on. Callers and addresses are known by keyed hashes: a table or a state file that gets into wrong
//! hands names nobody.

use std::hash::Hasher as _;
#[expect(
    deprecated,
    reason = "SipHash 2-4 under a key of our own, which outlives the process; std has no other name"
)]
use std::hash::SipHasher;
use std::net::{IpAddr, Ipv6Addr};

use crate::audit::CallerRecord;
use crate::identity::Identity;
use crate::redact::{Name, Redacted};

/// A caller's id under the gate's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallerKey(pub(super) u64);

/// An address under the gate's key: IPv4 as it is, IPv6 by /64, or a wider network of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressKey(pub(super) u64);

/// Whom or what a sanction is on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A caller, whatever credential it shows.
    Caller(CallerKey),
    /// An address, whoever calls from it.
    Address(AddressKey),
    /// Whoever is let through by this role.
    Role(Name),
    /// A route.
    Route(Name),
    /// Everything.
    All,
}

/// The same without the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Whom {
    /// A caller.
    Caller,
    /// An address.
    Address,
    /// A role.
    Role,
    /// A route.
    Route,
    /// Everything.
    All,
}

impl Whom {
    /// All of them, each at its place.
    pub const ALL: [Self; 5] = [Self::Caller, Self::Address, Self::Role, Self::Route, Self::All];

    /// As lists and the state file show it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Address => "address",
            Self::Role => "role",
            Self::Route => "route",
            Self::All => "everything",
        }
    }

    pub(super) const fn bit(self) -> u8 {
        match self {
            Self::Caller => 1,
            Self::Address => 2,
            Self::Role => 4,
            Self::Route => 8,
            Self::All => 16,
        }
    }
}

impl Subject {
    /// What it is.
    pub const fn whom(&self) -> Whom {
        match self {
            Self::Caller(_) => Whom::Caller,
            Self::Address(_) => Whom::Address,
            Self::Role(_) => Whom::Role,
            Self::Route(_) => Whom::Route,
            Self::All => Whom::All,
        }
    }
}

/// How a subject stands in records and lists.
#[derive(Clone, Debug)]
pub enum Shown {
    /// A caller, as its requests' records show it.
    Caller(Box<CallerRecord>),
    /// An address in the policy's form.
    Address(Redacted),
    /// A role or a route, by its own name; everything.
    Itself,
}

/// What callers and addresses are hashed with.
#[expect(deprecated, reason = "see the import")]
pub struct Keys {
    secret: [u8; 16],
    caller: SipHasher,
    address: SipHasher,
}

/// IPv6 prefixes by which addresses are known: a subscriber's, and a site's (RFC 6177).
const SUBSCRIBER: u32 = 64;
const SITE: u32 = 48;

impl Keys {
    /// Hashes under a secret.
    #[expect(deprecated, reason = "see the import")]
    pub fn new(secret: [u8; 16]) -> Self {
        let [low, high] = [0, 8].map(|from| {
            let mut half = [0; 8];
            half.copy_from_slice(&secret[from..from + 8]);
            u64::from_le_bytes(half)
        });
        let begun = |kind: u8| {
            let mut hasher = SipHasher::new_with_keys(low, high);
            hasher.write(&[kind]);
            hasher
        };
        Self { secret, caller: begun(1), address: begun(2) }
    }

    /// Hashes under a secret of this moment.
    pub fn random() -> Self {
        let mut secret = [0; 16];
        // Without chance the key is known, and a table of hashes says who is in it; it still tells one from another.
        let _ = aws_lc_rs::rand::fill(&mut secret);
        Self::new(secret)
    }

    /// What callers and addresses are hashed with.
    pub const fn secret(&self) -> &[u8; 16] {
        &self.secret
    }

    /// The key of a caller that proved itself.
    pub fn caller(&self, identity: &Identity) -> CallerKey {
        self.caller_named(identity.id())
    }

    /// The key of a caller by its id: `user:alice@seller.example`.
    pub fn caller_named(&self, id: &str) -> CallerKey {
        let mut hasher = self.caller.clone();
        hasher.write(id.as_bytes());
        CallerKey(hasher.finish())
    }

    /// The key of an address: all of an IPv6 /64 has one.
    pub fn address(&self, address: IpAddr) -> AddressKey {
        self.network(address.to_canonical(), SUBSCRIBER)
    }

    /// The key of the site that an IPv6 address is in, its /48; IPv4 has no such thing.
    pub fn site(&self, address: IpAddr) -> Option<AddressKey> {
        let address = address.to_canonical();
        address.is_ipv6().then(|| self.network(address, SITE))
    }

    fn network(&self, address: IpAddr, prefix: u32) -> AddressKey {
        let mut hasher = self.address.clone();
        match address {
            IpAddr::V4(v4) => hasher.write(&v4.octets()),
            IpAddr::V6(v6) => {
                let masked = Ipv6Addr::from_bits(v6.to_bits() >> (128 - prefix) << (128 - prefix));
                hasher.write(&masked.octets());
                hasher.write_u32(prefix);
            }
        }
        AddressKey(hasher.finish())
    }
}
