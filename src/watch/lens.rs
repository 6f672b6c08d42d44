//! What is looked at in a request for the detectors' sake: keyed hashes of the caller, the address and the values that
//! rules name, and nothing that no rule names.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use smallvec::SmallVec;

use super::detect::sequence::{LONGEST, follower};
use super::detect::{Spec, name_id, value_id, value_name};
use super::key::Keyed;
use crate::audit::Watched;
use crate::identity::{Credential, Identity};
use crate::policy::Policy;
use crate::policy::path::CanonicalPath;
use crate::policy::roles::RoleIndex;
use crate::policy::route::{Part, Template};
use crate::policy::settings::When;
use crate::policy::settings::detect::{Class, Pattern, Value};
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
        Self {
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
    pub fn look(&self, route: Option<usize>, path: &CanonicalPath<'_>, query: Option<&str>) -> SmallVec<[Watched; 2]> {
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

    /// A route, by its place in the policy.
    pub fn route(&self, index: usize) -> Option<u32> {
        self.routes.get(index).map(|route| route.id)
    }

    /// A role.
    pub fn role(&self, role: RoleIndex) -> Option<u32> {
        self.roles.get(usize::from(role.0)).copied()
    }
}

/// The detectors of a policy, with the places of their rules in it.
pub fn specs(policy: &Policy) -> impl Iterator<Item = (usize, Spec)> + '_ {
    policy.alarms.iter().filter_map(|rule| match &rule.when {
        When::Behaviour(detector) => Some((rule.index, Spec { name: rule.name.clone(), detector: detector.clone() })),
        When::Canary(_) => None,
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
