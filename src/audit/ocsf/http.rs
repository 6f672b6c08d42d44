//! HTTP Activity (4002): requests, and connections without one.

use std::net::IpAddr;

use super::{CLASSIFIED, CONTROL, Scribe, actor, category, policy, status, unmapped};
use crate::audit::event::{
    Access, CallerRecord, ConnectionEnd, ConnectionRecord, CredentialRecord, MethodWord, Outcome, OutcomeRow,
    RouteRecord, Stage,
};
use crate::audit::guard::Known;
use crate::audit::id::IdText;
use crate::audit::json::Json;
use crate::clock::UnixMillis;
use crate::policy::roles::Standing;
use crate::redact::{Name, Redacted};

impl Scribe {
    /// A request. Gives back where the caller's text stands.
    pub(super) fn access(&self, access: &Access, logged: UnixMillis, json: &mut Json<'_>) -> Known {
        let row = access.outcome.row;
        let request = access.id.text();
        let (id, event_code) = match access.stage {
            Stage::Whole | Stage::Decided => (request, row.event_code),
            Stage::Ended(id) => (id.text(), "HTTP.END"),
        };
        let ended = access.stage != Stage::Decided;
        let (activity, activity_name, method) = activity(access.method);
        let route = access.route.as_deref();
        let classified = route.filter(|route| row.action_id == 1 && !route.pii.is_empty());
        let profiles = if classified.is_some() { CLASSIFIED } else { CONTROL };
        let mut known = Known::Nothing;
        json.object(|json| {
            json.key("action_id").number(row.action_id);
            json.key("activity_id").number(activity);
            if let Some(name) = activity_name {
                json.key("activity_name").word(name);
            }
            if let Some(record) = &access.caller {
                json.key("actor");
                known = actor(json, record);
            }
            if let Some(role) = &access.role {
                authorizations(json, role);
            }
            category(json, 4, 4002);
            connection_info(json, &access.connection);
            json.key("disposition_id").number(row.disposition_id);
            destination(json, &access.connection);
            if ended {
                span(json, access.started, access.duration_micros);
            }
            firewall_rule(json, row, route);
            http(json, access, &request, method);
            self.metadata(json, &Self::head(id, request, event_code, logged, profiles), classified);
            policy(json, &access.policy);
            json.key("severity_id").number(row.severity_id);
            source(json, &access.connection, access.client.as_ref());
            json.key("start_time").number(access.started.0);
            status(json, row);
            json.key("time").number(access.started.0);
            tls(json, &access.connection);
            if ended {
                traffic(json, access.bytes_in, access.bytes_out);
            }
            json.key("type_uid").number(400_200 + u64::from(activity));
            unmapped(json, |json| self.access_extras(json, access));
        });
        known
    }

    /// A connection that carried no request.
    pub(super) fn connection(&self, end: &ConnectionEnd, logged: UnixMillis, json: &mut Json<'_>) -> Known {
        let row = end.outcome.row;
        let id = end.id.text();
        json.object(|json| {
            json.key("action_id").number(row.action_id);
            json.key("activity_id").number(99u8);
            json.key("activity_name").word("Connection");
            category(json, 4, 4002);
            connection_info(json, &end.connection);
            json.key("disposition_id").number(row.disposition_id);
            destination(json, &end.connection);
            span(json, end.started, end.duration_micros);
            firewall_rule(json, row, None);
            // The class asks for a request or an answer; there was none, so the request has an id and nothing else.
            json.key("http_request").object(|json| json.key("uid").id(&id));
            self.metadata(json, &Self::head(id, end.connection.id.text(), row.event_code, logged, CONTROL), None);
            policy(json, &end.policy);
            json.key("severity_id").number(row.severity_id);
            source(json, &end.connection, None);
            json.key("start_time").number(end.started.0);
            status(json, row);
            json.key("time").number(end.started.0);
            tls(json, &end.connection);
            json.key("type_uid").number(400_299u64);
            unmapped(json, |json| {
                json.key("blame").word(row.blame.word());
                client_certificate(json, &end.connection);
                json.key("duration_micros").number(end.duration_micros);
                self.prev(json);
                shadow(json, &end.outcome);
                tls_group(json, &end.connection);
            });
        });
        Known::Nothing
    }

    fn access_extras(&self, json: &mut Json<'_>, access: &Access) {
        let ended = access.stage != Stage::Decided;
        json.key("blame").word(access.outcome.row.blame.word());
        if let Some(caller) = &access.caller {
            standing(json, caller);
        }
        client_certificate(json, &access.connection);
        if let Some(route) = access.route.as_deref().filter(|route| !route.controls.is_empty()) {
            json.key("controls").array(&route.controls, |json, control| json.name(control));
        }
        if let Some(credential) = access.caller.as_ref().and_then(|caller| caller.credential.as_deref()) {
            self::credential(json, credential);
        }
        if let Some(row) = access.cut {
            json.key("cut").phrase(row.code);
        }
        if ended {
            json.key("duration_micros").number(access.duration_micros);
            json.key("end").word(access.end.word());
        }
        json.key("hidden_parameters").number(access.hidden_parameters);
        if let Some(issuer) = &access.issuer {
            json.key("issuer").name(issuer);
        }
        if let Some(limit) = &access.limit {
            json.key("limit").name(limit);
        }
        self.prev(json);
        if !access.query.is_empty() {
            json.key("query").array(&access.query, |json, (name, value)| {
                json.object(|json| {
                    json.key("name").name(name);
                    json.key("value").redacted(value);
                });
            });
        }
        if let Some(records) = access.records.filter(|_| ended) {
            json.key("records").number(records);
        }
        if let Some(rule) = &access.rule {
            json.key("rule").name(rule);
        }
        shadow(json, &access.outcome);
        match access.stage {
            Stage::Whole => {}
            Stage::Decided => json.key("stage").word("decided"),
            Stage::Ended(_) => json.key("stage").word("ended"),
        }
        tls_group(json, &access.connection);
        if let Some(trace) = access.trace {
            json.key("trace_id").hex(&trace.hex());
        }
        if let Some(micros) = access.upstream_micros.filter(|_| ended) {
            json.key("upstream_micros").number(micros);
        }
        watched(json, access);
    }
}

/// What detectors watch in it, as keyed hashes.
fn watched(json: &mut Json<'_>, access: &Access) {
    if access.watched.is_empty() {
        return;
    }
    json.key("watched").array(&access.watched, |json, watched| {
        json.object(|json| {
            json.key("name").name(&watched.name);
            if watched.next != 0 {
                json.key("next").keyed(watched.next);
            }
            json.key("value").keyed(watched.value);
        });
    });
}

/// Activity, its name where the class has none, and the method where `http_method` knows it. OCSF 1.5.0 knows no PATCH.
pub(super) const fn activity(method: MethodWord) -> (u8, Option<&'static str>, Option<&'static str>) {
    match method {
        MethodWord::Connect => (1, None, Some("CONNECT")),
        MethodWord::Delete => (2, None, Some("DELETE")),
        MethodWord::Get => (3, None, Some("GET")),
        MethodWord::Head => (4, None, Some("HEAD")),
        MethodWord::Options => (5, None, Some("OPTIONS")),
        MethodWord::Post => (6, None, Some("POST")),
        MethodWord::Put => (7, None, Some("PUT")),
        MethodWord::Trace => (8, None, Some("TRACE")),
        MethodWord::Patch => (99, Some("Patch"), None),
        MethodWord::Other => (99, Some("Other"), None),
    }
}

/// The role that let the request through.
fn authorizations(json: &mut Json<'_>, role: &Name) {
    json.key("authorizations").array([role], |json, role| {
        json.object(|json| {
            json.key("decision").word("allowed");
            json.key("policy").object(|json| json.key("name").name(role));
        });
    });
}

/// `http_request`, with the route's template as path, and `http_response` if an answer was begun.
fn http(json: &mut Json<'_>, access: &Access, id: &IdText, method: Option<&'static str>) {
    json.key("http_request").object(|json| {
        if let Some(method) = method {
            json.key("http_method").word(method);
        }
        json.key("uid").id(id);
        if let Some(route) = &access.route {
            json.key("url").object(|json| json.key("path").name(&route.template));
        }
        json.key("version").word(access.version.word());
    });
    if access.status != 0 && access.stage != Stage::Decided {
        json.key("http_response").object(|json| {
            json.key("code").number(access.status);
            if let Some(micros) = access.upstream_micros {
                json.key("latency").number(micros / 1000);
            }
        });
    }
}

fn connection_info(json: &mut Json<'_>, connection: &ConnectionRecord) {
    json.key("connection_info").object(|json| {
        json.key("direction_id").number(1u8);
        json.key("uid").id(&connection.id.text());
    });
}

pub(super) fn destination(json: &mut Json<'_>, connection: &ConnectionRecord) {
    json.key("dst_endpoint").object(|json| json.key("svc_name").name(&connection.listener));
}

/// `duration` and `end_time`.
fn span(json: &mut Json<'_>, started: UnixMillis, micros: u64) {
    json.key("duration").number(micros / 1000);
    json.key("end_time").number(started.0 + micros / 1000);
}

fn firewall_rule(json: &mut Json<'_>, row: &OutcomeRow, route: Option<&RouteRecord>) {
    json.key("firewall_rule").object(|json| {
        json.key("category").phrase(row.category);
        if let Some(route) = route {
            json.key("name").name(&route.name);
        }
        json.key("uid").phrase(row.code);
    });
}

/// The client; behind a trusted proxy, the client that the proxy named, and the proxy.
pub(super) fn source(json: &mut Json<'_>, connection: &ConnectionRecord, client: Option<&Redacted>) {
    json.key("src_endpoint").object(|json| match client {
        Some(client) => {
            let is_ip = is_ip(json, client);
            if is_ip {
                json.key("ip").redacted(client);
            }
            json.key("proxy_endpoint").object(|json| peer(json, connection));
            if !is_ip {
                json.key("uid").redacted(client);
            }
        }
        None => peer(json, connection),
    });
}

/// Whether what is written of an address is one.
fn is_ip(json: &Json<'_>, address: &Redacted) -> bool {
    json.shows_requests() && address.as_str().parse::<IpAddr>().is_ok()
}

/// An endpoint of which only the address is known.
pub(super) fn endpoint(json: &mut Json<'_>, address: &Redacted) {
    let member = if is_ip(json, address) { "ip" } else { "uid" };
    json.key("src_endpoint").object(|json| json.key(member).redacted(address));
}

/// The address as `ip` only where it is one: a pseudonym or a network is a `uid`.
fn peer(json: &mut Json<'_>, connection: &ConnectionRecord) {
    let is_ip = is_ip(json, &connection.source);
    if is_ip {
        json.key("ip").redacted(&connection.source);
    }
    if let Some(port) = connection.source_port {
        json.key("port").number(port);
    }
    if !is_ip {
        json.key("uid").redacted(&connection.source);
    }
}

fn tls(json: &mut Json<'_>, connection: &ConnectionRecord) {
    let Some(tls) = &connection.tls else { return };
    json.key("tls").object(|json| {
        json.key("cipher").phrase(tls.cipher);
        if let Some(sni) = &tls.sni {
            json.key("sni").redacted(sni);
        }
        json.key("version").phrase(tls.version);
    });
}

fn traffic(json: &mut Json<'_>, bytes_in: u64, bytes_out: u64) {
    json.key("traffic").object(|json| {
        json.key("bytes_in").number(bytes_in);
        json.key("bytes_out").number(bytes_out);
    });
}

/// What a replay needs to know of a caller: all of it is the policy's own words.
fn standing(json: &mut Json<'_>, caller: &CallerRecord) {
    let Standing { roles, groups } = &*caller.standing;
    json.key("caller").object(|json| {
        if !groups.is_empty() {
            json.key("groups").array(groups, |json, group| json.name(group));
        }
        if let Some(age) = caller.mfa_age {
            json.key("mfa_age_seconds").number(age);
        }
        json.key("roles").array(roles, |json, role| json.name(role));
    });
}

fn credential(json: &mut Json<'_>, credential: &CredentialRecord) {
    json.key("credential").object(|json| {
        if let Some(id) = &credential.id {
            json.key("id").redacted(id);
        }
        json.key("kind").word(credential.kind);
        if let Some(serial) = &credential.serial {
            json.key("serial").redacted(serial);
        }
    });
}

fn client_certificate(json: &mut Json<'_>, connection: &ConnectionRecord) {
    if let Some(tls) = &connection.tls {
        json.key("client_certificate").boolean(tls.client_certificate);
    }
}

fn tls_group(json: &mut Json<'_>, connection: &ConnectionRecord) {
    if let Some(tls) = &connection.tls {
        json.key("tls_group").phrase(tls.group);
    }
}

fn shadow(json: &mut Json<'_>, outcome: &Outcome) {
    let Some(row) = outcome.shadow else { return };
    json.key("shadow").object(|json| {
        json.key("category").phrase(row.category);
        json.key("event_code").phrase(row.event_code);
        json.key("status_code").phrase(row.code);
    });
}
