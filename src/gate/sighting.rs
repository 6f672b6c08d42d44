//! What a visit hands to the detectors at its end: numbers and keyed hashes of what was seen on the way.

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;

use super::identify::Caller;
use super::visit::Visit;
use crate::audit::Access;
use crate::clock::Ticks;
use crate::identity::{Credential, Identity};
use crate::policy::path::CanonicalPath;
use crate::policy::roles::RoleIndex;
use crate::policy::route::Route;
use crate::redact::Name;
use crate::watch::detect::{Marks, Observation, SeenValue, name_id};
use crate::watch::{Sighting, Who};

/// What detectors want to know of a request beside its record.
pub(super) struct Sighted {
    pub identity: Option<Arc<Identity>>,
    /// The peer's address, until the client's is known.
    pub address: IpAddr,
    pub route: Option<usize>,
    pub role: Option<RoleIndex>,
    /// The program, as a keyed hash; 0 where nobody wants to know.
    pub client: u64,
    pub issuer: Option<Name>,
}

impl Sighted {
    pub const fn new(address: IpAddr) -> Self {
        Self { identity: None, address, route: None, role: None, client: 0, issuer: None }
    }
}

impl Visit {
    /// What the request was sent with, and whose token it shows.
    pub(super) fn sent_with(&mut self, fields: &HeaderMap, caller: &Caller) {
        let gate = &self.gate;
        let lens = &gate.lens;
        if !lens.is_on() {
            return;
        }
        let connection = self.connection.record();
        self.sighted.client = lens.client(fields, connection.tls.as_ref());
        if !lens.is_by_issuer() {
            return;
        }
        let issuer = match &caller.proven {
            Ok(Some(identity)) => match &identity.credential {
                Credential::Token { issuer, .. } => lens.issuer(Some(issuer)),
                Credential::Certificate(_) | Credential::ApiKey { .. } => None,
            },
            Ok(None) => None,
            // Nothing of such a token is proved: what it says picks one of the policy's own names.
            Err(refusal) if refusal.is_of_token() => lens.issuer(gate.identifier.named_issuer(fields)),
            Err(_) => None,
        };
        self.sighted.issuer.clone_from(&issuer);
        self.note(|access| access.issuer = issuer);
    }

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
        let lens = &self.gate.lens;
        let mut watched = lens.look(self.sighted.route, path, query);
        watched.extend(lens.origin(lens.address(address).1, self.sighted.client));
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
        let Sighted { identity, address, route, role, client, issuer } = &mut self.sighted;
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
            issuer: issuer.as_ref().map(|issuer| name_id(issuer.as_str())),
            client: *client,
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
        let who = Who { identity, address: *address, route: access.route.clone(), issuer: issuer.take() };
        gate.lookout.see(Sighting { observation, who });
    }
}
