//! What a visit hands to the detectors at its end: numbers and keyed hashes of what was seen on the way.

use std::net::IpAddr;
use std::sync::Arc;

use super::visit::Visit;
use crate::audit::Access;
use crate::clock::Ticks;
use crate::identity::Identity;
use crate::policy::path::CanonicalPath;
use crate::policy::roles::RoleIndex;
use crate::policy::route::Route;
use crate::watch::detect::{Marks, Observation, SeenValue};
use crate::watch::{Sighting, Who};

/// What detectors want to know of a request beside its record.
pub(super) struct Sighted {
    pub identity: Option<Arc<Identity>>,
    /// The peer's address, until the client's is known.
    pub address: IpAddr,
    pub route: Option<usize>,
    pub role: Option<RoleIndex>,
}

impl Sighted {
    pub const fn new(address: IpAddr) -> Self {
        Self { identity: None, address, route: None, role: None }
    }
}

impl Visit {
    /// What the request asks for, and from where: what detectors watch of it is kept as keyed hashes.
    pub(super) fn looked_at(
        &mut self,
        address: IpAddr,
        route: Option<&Route>,
        path: &CanonicalPath<'_>,
        query: Option<&str>,
    ) {
        if !self.gate.lens.is_on() {
            return;
        }
        self.sighted.address = address;
        self.sighted.route = route.map(|route| route.index);
        let watched = self.gate.lens.look(self.sighted.route, path, query);
        if let Some((access, _)) = &mut self.record {
            access.watched = watched;
        }
    }

    /// Hands the request to the detectors, as its record tells of it.
    pub(super) fn seen(&mut self, access: &Access, now: Ticks) {
        let gate = &self.gate;
        let lens = &gate.lens;
        if !lens.is_on() {
            return;
        }
        let Sighted { identity, address, route, role } = &mut self.sighted;
        let (address_key, network) = lens.address(*address);
        let identity = identity.take();
        let row = access.outcome.shadow.unwrap_or(access.outcome.row);
        let observation = Observation {
            id: access.id,
            at: gate.lately.get().wall_at(now),
            ticks: now,
            caller: identity.as_deref().map(|identity| lens.caller(identity)),
            address: address_key,
            network,
            credential: identity.as_deref().map(|identity| lens.credential(identity)),
            role: role.and_then(|role| lens.role(role)),
            route: route.and_then(|route| lens.route(route)),
            marks: Marks::of(row.category, row.code, access.status, access.outcome.shadow.is_some()),
            bytes: access.bytes_out,
            records: access.records.unwrap_or(0),
            watched: access
                .watched
                .iter()
                .map(|watched| SeenValue { what: watched.what, value: watched.value, next: watched.next })
                .collect(),
        };
        let who = Who { identity, address: *address, route: access.route.clone() };
        gate.lookout.see(Sighting { observation, who });
    }
}
