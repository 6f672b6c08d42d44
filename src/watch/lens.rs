//! What is looked at in a request for the detectors' sake: keyed hashes of the caller, the address and the values that
//! rules name, and nothing that no rule names.

use std::net::IpAddr;

use http::header::{HeaderMap, HeaderValue, USER_AGENT};
use percent_encoding::percent_decode_str;
use smallvec::SmallVec;

use super::detect::sequence::{LONGEST, follower};
use super::detect::{Spec, name_id, value_id, value_name};
use super::key::Keyed;
use crate::audit::{TlsRecord, Watched};
use crate::identity::{Credential, Identity};
use crate::policy::Policy;
use crate::policy::path::CanonicalPath;
use crate::policy::roles::RoleIndex;
use crate::policy::route::{Part, Template};
use crate::policy::settings::detect::{Class, Pattern, Per, Value};
use crate::policy::settings::{CallerMethod, When};
use crate::redact::{Name, Redactor};

/// What the key of hashes is derived for.
const PURPOSE: &str = "portcullis watch 1";
/// Parameters of a query that are looked through: a longer one is not looked at further.
const MOST_PARAMETERS: usize = 64;
/// Kinds of what is hashed.
const CALLER: u64 = 1;
const ADDRESS: u64 = 2;
const NETWORK: u64 = 3;
const CREDENTIAL: u64 = 4;
const CLIENT: u64 = 5;
/// Bytes of `User-Agent` that are looked at.
const MOST_AGENT: usize = 256;
/// What records call them.
const NETWORK_NAME: &str = "network";
const CLIENT_NAME: &str = "client";
/// What stands for all issuers that are none of the policy's.
const OTHER_ISSUER: &str = "other";

/// What a policy's detectors look at. Made once for each policy.
pub struct Lens {
    keyed: Keyed,
    /// Whether the key outlives the process.
    lasting: bool,
    on: bool,
    routes: Vec<OfRoute>,
    /// What is looked at where no route was found.
    unknown: Vec<Item>,
    roles: Vec<u32>,
    /// Whether records show the network, and the program, as keyed hashes.
    network: Option<(Name, u32)>,
    client: Option<(Name, u32)>,
    /// The policy's issuers of tokens, where a rule counts by them.
    issuers: Option<Issuers>,
}

struct Issuers {
    known: Vec<(String, Name)>,
    other: Name,
}

struct OfRoute {
    id: u32,
    items: Vec<Item>,
}

/// A value to look at.
struct Item {
    name: Name,
    what: u32,
    place: Place,
    /// Whether the value behind it is wanted as well.
    next: bool,
}

enum Place {
    Segment(usize),
    Parameter(Name),
    Path,
}

impl Lens {
    /// What the detectors of a policy look at. Hashes are keyed by the secret of all pseudonyms; without one, by chance:
    /// then what is learned is learned anew after each start.
    pub fn new(policy: &Policy, redactor: &Redactor) -> Self {
        let derived = redactor.derive(PURPOSE);
        let keyed = Keyed::new(derived.unwrap_or_else(|| {
            let mut chance = [0; 16];
            // Without chance hashes can be told from each other all the same.
            let _ = aws_lc_rs::rand::fill(&mut chance);
            chance
        }));
        let specs: Vec<Spec> = specs(policy).map(|(_, spec)| spec).collect();
        let routes = policy.routes.routes().iter();
        let routes = routes.map(|route| OfRoute {
            id: name_id(route.name.as_str()),
            items: items(&specs, Some((&route.name, route.template.as_str()))),
        });
        let any = |is: fn(&Spec) -> bool| specs.iter().any(is);
        let origins = any(|spec| spec.detector.pattern.is_of_origin());
        let networks = origins || any(|spec| spec.detector.pattern.is_of_networks());
        let issuers = any(|spec| spec.detector.per == Per::Issuer).then(|| Issuers::of(policy)).flatten();
        Self {
            network: networks.then(|| named(NETWORK_NAME)).flatten(),
            client: origins.then(|| named(CLIENT_NAME)).flatten(),
            issuers,
            keyed,
            lasting: derived.is_some(),
            on: !specs.is_empty() && !matches!(policy.audit, crate::policy::settings::AuditSettings::Off),
            routes: routes.collect(),
            unknown: items(&specs, None),
            roles: policy.roles.names().iter().map(|name| name_id(name.as_str())).collect(),
        }
    }

    /// Whether there are detectors. With `audit: off` there are none: an alarm would have no way out.
    pub const fn is_on(&self) -> bool {
        self.on
    }

    /// Whether hashes are the same after the next start.
    pub const fn is_lasting(&self) -> bool {
        self.lasting
    }

    /// What tells under which key hashes were made.
    pub(super) fn check(&self) -> u64 {
        self.keyed.hash(PURPOSE.as_bytes())
    }

    /// What rules watch of a request on a route, or on none.
    pub fn look(&self, route: Option<usize>, path: &CanonicalPath<'_>, query: Option<&str>) -> SmallVec<[Watched; 4]> {
        let items = match route {
            Some(index) => self.routes.get(index).map(|route| &route.items),
            None => Some(&self.unknown),
        };
        let mut seen = SmallVec::new();
        for item in items.into_iter().flatten() {
            match &item.place {
                Place::Path => seen.push(self.watched(item, path.as_str().as_bytes())),
                Place::Segment(place) => {
                    seen.extend(path.segments().nth(*place).map(|text| self.watched(item, text.as_bytes())));
                }
                Place::Parameter(name) => {
                    let values = query.unwrap_or_default().split(['&', ';']).take(MOST_PARAMETERS);
                    let value =
                        values.filter_map(|part| part.split_once('=')).find(|(called, _)| *called == name.as_str());
                    seen.extend(value.map(|(_, value)| match value.contains('%') {
                        true => self.watched(item, &percent_decode_str(value).collect::<Vec<u8>>()),
                        false => self.watched(item, value.as_bytes()),
                    }));
                }
            }
        }
        seen
    }

    fn watched(&self, item: &Item, text: &[u8]) -> Watched {
        let hash = |text: &[u8]| self.keyed.of(u64::from(item.what) << 8, text);
        let mut buffer = [0; LONGEST];
        let next = if item.next { follower(text, &mut buffer).map_or(0, |next| hash(next).max(1)) } else { 0 };
        Watched { name: item.name.clone(), what: item.what, value: hash(text).max(1), next }
    }

    /// A caller.
    pub fn caller(&self, identity: &Identity) -> u64 {
        self.keyed.of(CALLER, identity.id().as_bytes())
    }

    /// What proved a caller; a token without an id is told by who shows it.
    pub fn credential(&self, identity: &Identity) -> u64 {
        match &identity.credential {
            Credential::Certificate(marks) => self.keyed.of(CREDENTIAL, &marks.certificate),
            Credential::Token { id: Some(id), .. } => self.keyed.of(CREDENTIAL, id),
            Credential::Token { id: None, .. } => self.keyed.of(CREDENTIAL, identity.id().as_bytes()),
            Credential::ApiKey { digest, .. } => self.keyed.of(CREDENTIAL, digest),
        }
    }

    /// An address, IPv6 by /64, and its network: IPv4 by /24, IPv6 by /48.
    pub fn address(&self, address: IpAddr) -> (u64, u64) {
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                let octets = v4.octets();
                (self.keyed.of(ADDRESS, &octets), self.keyed.of(NETWORK, &octets[..3]))
            }
            IpAddr::V6(v6) => {
                let octets = v6.octets();
                (self.keyed.of(ADDRESS, &octets[..8]), self.keyed.of(NETWORK, &octets[..6]))
            }
        }
    }

    /// What records show of where a request comes from, and of its program, for the rules that look at them.
    pub fn origin(&self, network: u64, client: u64) -> impl Iterator<Item = Watched> {
        let seen = |item: &Option<(Name, u32)>, value: u64| {
            item.as_ref().map(|(name, what)| Watched { name: name.clone(), what: *what, value: value.max(1), next: 0 })
        };
        seen(&self.network, network).into_iter().chain(seen(&self.client, client))
    }

    /// The program that a request was sent with, as far as it shows: the words of its `User-Agent` without numbers, so that
    /// an update is no other program, and what its TLS came to; 0 where no rule wants to know. Whoever steals a
    /// credential can name another's program, and seldom speaks TLS as it does.
    pub fn client(&self, fields: &HeaderMap, tls: Option<&TlsRecord>) -> u64 {
        if self.client.is_none() {
            return 0;
        }
        let mut words: SmallVec<[u8; 256]> = SmallVec::new();
        let named = fields.get(USER_AGENT).map(HeaderValue::as_bytes).unwrap_or_default();
        let named = named.get(..MOST_AGENT).unwrap_or(named);
        for piece in named.split(|byte| byte.is_ascii_digit() || *byte == b'.') {
            words.extend_from_slice(piece);
        }
        for part in tls.iter().flat_map(|tls| [tls.version, tls.cipher]) {
            words.push(0);
            words.extend_from_slice(part.as_bytes());
        }
        self.keyed.of(CLIENT, &words).max(1)
    }

    /// Whether a rule counts by issuer.
    pub const fn is_by_issuer(&self) -> bool {
        self.issuers.is_some()
    }

    /// An issuer of the policy by its name, and for every other one what stands for them.
    pub fn issuer(&self, named: Option<&str>) -> Option<Name> {
        let issuers = self.issuers.as_ref()?;
        let known = named.and_then(|named| issuers.known.iter().find(|(issuer, _)| issuer == named));
        Some(known.map_or_else(|| issuers.other.clone(), |(_, name)| name.clone()))
    }

    /// A route, by its place in the policy.
    pub fn route(&self, index: usize) -> Option<u32> {
        self.routes.get(index).map(|route| route.id)
    }

    /// A role.
    pub fn role(&self, role: RoleIndex) -> Option<u32> {
        self.roles.get(usize::from(role.0)).copied()
    }
}

fn named(name: &str) -> Option<(Name, u32)> {
    Name::configured(name).ok().map(|configured| (configured, name_id(name)))
}

impl Issuers {
    fn of(policy: &Policy) -> Option<Self> {
        let issuers = policy.callers.iter().filter_map(|method| match method {
            CallerMethod::Token(settings) => Some(settings.issuer.as_str()),
            CallerMethod::Certificate(_) | CallerMethod::ApiKey(_) => None,
        });
        let known = issuers.filter_map(|issuer| Some((issuer.to_owned(), Name::configured(issuer).ok()?)));
        Some(Self { known: known.collect(), other: Name::configured(OTHER_ISSUER).ok()? })
    }
}

/// The detectors of a policy, with the places of their rules in it.
pub fn specs(policy: &Policy) -> impl Iterator<Item = (usize, Spec)> + '_ {
    policy.alarms.iter().filter_map(|rule| match &rule.when {
        When::Behaviour(detector) => Some((rule.index, Spec { name: rule.name.clone(), detector: detector.clone() })),
        When::Canary { .. } => None,
    })
}

/// What rules watch on a route, each value once.
fn items(specs: &[Spec], route: Option<(&Name, &str)>) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for Spec { detector, .. } in specs {
        let Some(value) = detector.pattern.watched() else { continue };
        let on = match route {
            // Of requests on a route, a rule for unknown routes wants nothing.
            Some(_) if detector.of == Class::UnknownRoutes => false,
            Some((name, _)) => detector.routes.is_empty() || detector.routes.contains(name),
            None => detector.routes.is_empty(),
        };
        let Some(place) = place(value, route.map(|(_, template)| template)).filter(|_| on) else { continue };
        let what = value_id(value);
        let next = matches!(detector.pattern, Pattern::Sequence { .. });
        match items.iter_mut().find(|item| item.what == what) {
            Some(item) => item.next |= next,
            None => {
                let Ok(name) = Name::configured(&value_name(value)) else { continue };
                items.push(Item { name, what, place, next });
            }
        }
    }
    items
}

fn place(value: &Value, template: Option<&str>) -> Option<Place> {
    match value {
        Value::WholePath => Some(Place::Path),
        Value::Query(name) => template.map(|_| Place::Parameter(name.clone())),
        Value::Path(name) => {
            let template = Template::parse(template?).ok()?;
            let is = |part: &Part<'_>| matches!(part, Part::Named(named) if *named == name.as_str());
            template.parts().iter().position(is).map(Place::Segment)
        }
        Value::Address | Value::Network => None,
    }
}
