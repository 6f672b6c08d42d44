//! Policies for tests, built in place.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::Method;

use super::Policy;
use super::roles::{RoleSet, Roles};
use super::route::{Route, RouteTable};
use super::settings::{
    AuditSettings, CertificateFiles, ClientTimeouts, Confinement, ConnectionBounds, Endpoint, GateSettings, Mode,
    NetworkRule, Networks, PathProfile, RedactionSettings, ReloadSettings, RequestBounds, SideDoor, TlsSettings,
    UpstreamProtocol, UpstreamSettings, UpstreamTimeouts,
};
use crate::redact::Name;

pub fn name(text: &str) -> Name {
    Name::configured(text).expect("a name")
}

pub fn networks(texts: &[&str]) -> Networks {
    Networks(texts.iter().map(|text| text.parse().expect("a network")).collect())
}

/// A route that takes every method, and nobody until told otherwise.
pub fn route(route_name: &str, template: &str) -> Route {
    Route {
        name: name(route_name),
        index: 0,
        template: name(template),
        methods: Vec::new(),
        allow: RoleSet::default(),
        anyone: false,
        pii: Vec::new(),
        mfa: None,
        device: false,
        limits: Vec::new(),
        controls: Vec::new(),
        log_query: Vec::new(),
        mode: Mode::Enforce,
        network: NetworkRule::default(),
        keep_encoded_slash: false,
        body: None,
        commit: None,
        upgrades: Vec::new(),
    }
}

impl Route {
    pub fn methods(mut self, methods: &[Method]) -> Self {
        self.methods = methods.to_vec();
        self
    }

    pub fn anyone(mut self) -> Self {
        self.anyone = true;
        self
    }

    pub fn allow(mut self, roles: &Roles, names: &[&str]) -> Self {
        for wanted in names {
            let place = roles.names().iter().position(|name| name.as_str() == *wanted).expect("a role");
            self.allow.insert(super::roles::RoleIndex(u8::try_from(place).expect("a place")));
        }
        self
    }

    pub fn mfa(mut self, max_age: Duration) -> Self {
        self.mfa = Some(max_age);
        self
    }

    pub fn device(mut self) -> Self {
        self.device = true;
        self
    }

    pub fn shadow(mut self) -> Self {
        self.mode = Mode::Shadow;
        self
    }

    pub fn keep_encoded_slash(mut self) -> Self {
        self.keep_encoded_slash = true;
        self
    }

    pub fn network(mut self, allow: &[&str], deny: &[&str]) -> Self {
        self.network = NetworkRule { allow: networks(allow), deny: networks(deny) };
        self
    }
}

pub fn table(routes: impl IntoIterator<Item = Route>) -> RouteTable {
    let numbered = routes.into_iter().enumerate().map(|(index, route)| Arc::new(Route { index, ..route }));
    RouteTable::new(numbered.collect())
}

/// Routes for anyone, named by their templates.
pub fn open_table(templates: &[&str]) -> RouteTable {
    table(templates.iter().map(|template| route(template, template).anyone()))
}

/// `alice` is support, the group `warehouse` is fulfilment.
pub fn roles() -> Roles {
    Roles::new([(name("fulfilment"), vec!["group:warehouse"]), (name("support"), vec!["user:alice@seller.example"])])
}

/// A policy with these routes and nothing else worth a word.
pub fn policy(routes: impl IntoIterator<Item = Route>) -> Policy {
    let loopback = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    Policy {
        digest: name("digest"),
        mode: Mode::Enforce,
        gate: GateSettings {
            listen: loopback,
            tls: TlsSettings {
                certificates: vec![CertificateFiles { certificate: PathBuf::new(), key: PathBuf::new() }],
                allow_tls12: true,
                client_ca: None,
                crl: Vec::new(),
                crl_stale: super::settings::StaleList::Refuse,
            },
            trusted_proxies: Networks::default(),
            proxy_protocol: Networks::default(),
            workers: None,
            hosts: Vec::new(),
            connections: ConnectionBounds::default(),
            timeouts: ClientTimeouts::default(),
            bounds: RequestBounds::default(),
            headers: super::settings::AppHeaders::default(),
            assertion: None,
            handover: None,
        },
        upstream: UpstreamSettings {
            endpoint: Endpoint::Loopback(loopback),
            protocol: UpstreamProtocol::Http1,
            profile: PathProfile::Default,
            timeouts: UpstreamTimeouts::default(),
            idle_connections: 1,
            side_door: SideDoor::Off,
        },
        callers: Vec::new(),
        devices: None,
        roles: roles(),
        excused: std::collections::HashSet::new(),
        revoked: super::revocation::Revocations::default(),
        routes: table(routes),
        limits: Vec::new(),
        shared: None,
        network: NetworkRule::default(),
        lockout: None,
        alarms: Vec::new(),
        redaction: RedactionSettings::default(),
        audit: AuditSettings::Off,
        reload: ReloadSettings::default(),
        sandbox: Confinement::Off,
        admin: None,
        health: None,
        metrics: None,
        traces: None,
        files: Vec::new(),
    }
}
