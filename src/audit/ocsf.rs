//! How events are spelt: OCSF 1.5.0, one JSON object without line breaks.
//!
//! Members stand in alphabetical order at every level, all text is ASCII and all numbers are integers below 2^53, so
//! that a record which went through a SIEM can be brought back to the same bytes. Classes and attributes:
//! <https://schema.ocsf.io/1.5.0>. What the schema has no place for is in `unmapped.portcullis`.

use std::net::IpAddr;

use super::event::{
    Access, Blame, CallerKind, CallerRecord, Change, ConnectionEnd, ConnectionRecord, Event, MethodWord, Outcome,
    OutcomeRow, PolicyRecord, RouteRecord, Subject,
};
use super::guard;
use super::id::RequestId;
use super::json::Json;
use super::trail::Producer;
use crate::clock::UnixMillis;
use crate::redact::Redacted;

/// What stands in place of text that the guard found fault with.
const WITHHELD: Redacted = Redacted::literal("withheld");

/// OCSF `severity_id` Informational.
const INFORMATIONAL: u8 = 1;
/// OCSF `severity_id` Medium.
const MEDIUM: u8 = 3;
/// OCSF `severity_id` Critical.
const CRITICAL: u8 = 5;

/// Writes records, one after the other, of one producer.
pub struct Scribe {
    product: Vec<u8>,
    log_name: Redacted,
    producer: Producer,
    sequence: u64,
    withheld: u64,
}

/// A record that the writer itself makes.
#[derive(Clone, Copy, Debug)]
pub enum Own {
    /// The trail begins: Application Lifecycle (6002), Start.
    Start,
    /// The trail ends: Application Lifecycle (6002), Stop.
    Stop(Tally),
    /// Records are missing: Event Log Activity (1008), Other.
    Gap(Gap),
}

/// Numbers for the last record.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Records written before this one.
    pub written: u64,
    /// Records lost, gaps included.
    pub lost: u64,
    /// Records in which the last guard withheld text.
    pub withheld: u64,
}

/// Records that are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// How many.
    pub count: u64,
    /// When the first was lost.
    pub first: UnixMillis,
    /// When the last was lost.
    pub last: UnixMillis,
    /// Why, fixed text.
    pub cause: &'static str,
}

/// The head of a record: what is common to all classes.
struct Head {
    id: RequestId,
    correlation: RequestId,
    event_code: &'static str,
    logged: UnixMillis,
    sequence: u64,
    profiles: &'static [&'static str],
}

const PLAIN: &[&str] = &["host"];
const CONTROL: &[&str] = &["host", "security_control"];
const CLASSIFIED: &[&str] = &["data_classification", "host", "security_control"];

impl Scribe {
    /// A scribe whose first record has sequence number 1.
    pub fn new(producer: Producer) -> Self {
        let mut product = Vec::with_capacity(96);
        Json::new(&mut product).object(|json| {
            json.key("name").word("Portcullis");
            json.key("vendor_name").word("Portcullis");
            json.key("version").word(env!("CARGO_PKG_VERSION"));
        });
        Self { product, log_name: producer.log_name(), producer, sequence: 0, withheld: 0 }
    }

    /// Records in which the last guard withheld text.
    pub const fn withheld(&self) -> u64 {
        self.withheld
    }

    /// Appends `event` as one line.
    pub fn event(&mut self, event: &Event, logged: UnixMillis, out: &mut Vec<u8>) {
        self.sequence += 1;
        match event {
            Event::Access(access) => {
                let start = out.len();
                let caller = self.access(access, logged, out);
                if guard::finds_fault(&out[start..], caller.start - start..caller.end - start) {
                    out.truncate(start);
                    self.withheld += 1;
                    self.access(&withhold(access), logged, out);
                }
            }
            Event::Connection(end) => self.connection(end, logged, out),
            Event::Change(change) => self.change(change, logged, out),
        }
        out.push(b'\n');
    }

    /// Appends a record of the writer's own as one line.
    pub fn own(&mut self, own: &Own, now: UnixMillis, out: &mut Vec<u8>) {
        self.sequence += 1;
        match own {
            Own::Start => self.lifecycle(None, now, out),
            Own::Stop(tally) => self.lifecycle(Some(tally), now, out),
            Own::Gap(gap) => self.gap(gap, now, out),
        }
        out.push(b'\n');
    }

    /// HTTP Activity. Gives back where the caller's text stands.
    fn access(&self, access: &Access, logged: UnixMillis, out: &mut Vec<u8>) -> std::ops::Range<usize> {
        let row = access.outcome.row;
        let (activity, activity_name, method) = activity(access.method);
        let route = access.route.as_deref();
        let classified = route.filter(|route| row.action_id == 1 && !route.pii.is_empty());
        let mut caller = out.len()..out.len();
        Json::new(out).object(|json| {
            json.key("action_id").number(row.action_id);
            json.key("activity_id").number(activity);
            if let Some(name) = activity_name {
                json.key("activity_name").word(name);
            }
            if let Some(record) = &access.caller {
                json.key("actor");
                caller = actor(json, record);
            }
            if let Some(role) = &access.role {
                json.key("authorizations").array([role], |json, role| {
                    json.object(|json| {
                        json.key("decision").word("allowed");
                        json.key("policy").object(|json| json.key("name").name(role));
                    });
                });
            }
            category(json, 4, 4002);
            connection_info(json, &access.connection);
            json.key("disposition_id").number(row.disposition_id);
            destination(json, &access.connection);
            span(json, access.started, access.duration_micros);
            firewall_rule(json, row, route);
            json.key("http_request").object(|json| {
                if let Some(method) = method {
                    json.key("http_method").word(method);
                }
                json.key("uid").id(access.id);
                if let Some(route) = route {
                    json.key("url").object(|json| json.key("path").name(&route.template));
                }
                json.key("version").word(access.version.word());
            });
            if access.status != 0 {
                json.key("http_response").object(|json| {
                    json.key("code").number(access.status);
                    if let Some(micros) = access.upstream_micros {
                        json.key("latency").number(micros / 1000);
                    }
                });
            }
            let head = self.head(access.id, access.id, row.event_code, logged, CONTROL);
            self.metadata(
                json,
                &Head { profiles: if classified.is_some() { CLASSIFIED } else { CONTROL }, ..head },
                classified,
            );
            policy(json, &access.policy);
            json.key("severity_id").number(row.severity_id);
            source(json, &access.connection, access.client.as_ref());
            json.key("start_time").number(access.started.0);
            status(json, row);
            json.key("time").number(access.started.0);
            tls(json, &access.connection);
            traffic(json, access.bytes_in, access.bytes_out);
            json.key("type_uid").number(400_200 + u64::from(activity));
            unmapped(json, |json| access_extras(json, access));
        });
        caller
    }

    fn connection(&self, end: &ConnectionEnd, logged: UnixMillis, out: &mut Vec<u8>) {
        let row = end.outcome.row;
        Json::new(out).object(|json| {
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
            json.key("http_request").object(|json| json.key("uid").id(end.id));
            if let Some(status) = end.status {
                json.key("http_response").object(|json| json.key("code").number(status));
            }
            self.metadata(json, &self.head(end.id, end.connection.id, row.event_code, logged, CONTROL), None);
            policy(json, &end.policy);
            json.key("severity_id").number(row.severity_id);
            source(json, &end.connection, None);
            json.key("start_time").number(end.started.0);
            status(json, row);
            json.key("time").number(end.started.0);
            tls(json, &end.connection);
            traffic(json, end.bytes_in, end.bytes_out);
            json.key("type_uid").number(400_299u64);
            unmapped(json, |json| {
                json.key("blame").word(row.blame.word());
                client_certificate(json, &end.connection);
                json.key("duration_micros").number(end.duration_micros);
                shadow(json, &end.outcome);
                tls_group(json, &end.connection);
            });
        });
    }

    /// Entity Management, Update.
    fn change(&self, change: &Change, logged: UnixMillis, out: &mut Vec<u8>) {
        let (event_code, type_id, kind) = match change.subject {
            Subject::Policy => ("CONFIG.POLICY", 5u8, "Policy"),
            Subject::Certificate => ("CONFIG.CERT", 99u8, "Certificate"),
        };
        let entity = |json: &mut Json<'_>, digest| {
            json.object(|json| {
                json.key("type").word(kind);
                json.key("type_id").number(type_id);
                json.key("uid").name(digest);
            });
        };
        let accepted = change.after.is_some();
        Json::new(out).object(|json| {
            json.key("activity_id").number(3u8);
            category(json, 3, 3004);
            json.key("entity");
            entity(json, &change.before);
            if let Some(after) = &change.after {
                json.key("entity_result");
                entity(json, after);
            }
            self.metadata(json, &self.head(change.id, change.id, event_code, logged, PLAIN), None);
            json.key("severity_id").number(if accepted { INFORMATIONAL } else { MEDIUM });
            json.key("status_code").word(if accepted { "changed" } else { "change_refused" });
            json.key("status_detail").word(change.text);
            json.key("status_id").number(if accepted { 1u8 } else { 2 });
            json.key("time").number(change.at.0);
            json.key("type_uid").number(300_403u64);
        });
    }

    /// Application Lifecycle: Stop if there is a tally, Start if not.
    fn lifecycle(&self, stop: Option<&Tally>, now: UnixMillis, out: &mut Vec<u8>) {
        let id = RequestId::new(now);
        let (activity, event_code) = if stop.is_some() { (4u8, "PROC.STOP") } else { (3, "PROC.START") };
        Json::new(out).object(|json| {
            json.key("activity_id").number(activity);
            json.key("app").rendered(&self.product);
            category(json, 6, 6002);
            json.key("device").object(|json| {
                json.key("name").name(&self.producer.instance);
                json.key("type_id").number(1u8);
            });
            self.metadata(json, &self.head(id, self.producer.epoch, event_code, now, CONTROL), None);
            policy(json, &self.producer.policy);
            json.key("severity_id").number(INFORMATIONAL);
            json.key("status_id").number(1u8);
            json.key("time").number(now.0);
            json.key("type_uid").number(600_200 + u64::from(activity));
            if let Some(tally) = stop {
                unmapped(json, |json| {
                    json.key("records_lost").number(tally.lost);
                    json.key("records_withheld").number(tally.withheld);
                    json.key("records_written").number(tally.written);
                });
            }
        });
    }

    /// Event Log Activity, Other.
    fn gap(&self, gap: &Gap, now: UnixMillis, out: &mut Vec<u8>) {
        let id = RequestId::new(now);
        Json::new(out).object(|json| {
            json.key("activity_id").number(99u8);
            json.key("activity_name").word("Gap");
            category(json, 1, 1008);
            json.key("count").number(gap.count);
            json.key("end_time").number(gap.last.0);
            json.key("log_name").redacted(&self.log_name);
            self.metadata(json, &self.head(id, self.producer.epoch, "LOG.GAP", now, PLAIN), None);
            json.key("severity_id").number(CRITICAL);
            json.key("start_time").number(gap.first.0);
            json.key("status_code").word("records_lost");
            json.key("status_detail").word(gap.cause);
            json.key("status_id").number(2u8);
            json.key("time").number(now.0);
            json.key("type_uid").number(100_899u64);
        });
    }

    const fn head(
        &self,
        id: RequestId,
        correlation: RequestId,
        event_code: &'static str,
        logged: UnixMillis,
        profiles: &'static [&'static str],
    ) -> Head {
        Head { id, correlation, event_code, logged, sequence: self.sequence, profiles }
    }

    fn metadata(&self, json: &mut Json<'_>, head: &Head, classified: Option<&RouteRecord>) {
        json.key("metadata").object(|json| {
            json.key("correlation_uid").id(head.correlation);
            if let Some(route) = classified {
                data_classifications(json, route);
            }
            json.key("event_code").word(head.event_code);
            json.key("log_name").redacted(&self.log_name);
            json.key("log_provider").word("portcullis");
            json.key("logged_time").number(head.logged.0);
            json.key("product").rendered(&self.product);
            json.key("profiles").array(head.profiles, |json, profile| json.word(profile));
            json.key("sequence").number(head.sequence);
            json.key("uid").id(head.id);
            json.key("version").word("1.5.0");
        });
    }
}

/// The event without any text that came from the request.
fn withhold(access: &Access) -> Access {
    let mut access = access.clone();
    access.query.iter_mut().for_each(|(_, value)| *value = WITHHELD);
    access.client = access.client.map(|_| WITHHELD);
    access.caller = access
        .caller
        .map(|caller| std::sync::Arc::new(CallerRecord { record: WITHHELD, kind: caller.kind, is_mfa: caller.is_mfa }));
    access
}

/// Activity, its name where the class has none, and the method where `http_method` knows it. OCSF 1.5.0 knows no PATCH.
const fn activity(method: MethodWord) -> (u8, Option<&'static str>, Option<&'static str>) {
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

fn category(json: &mut Json<'_>, category: u8, class: u16) {
    json.key("category_uid").number(category);
    json.key("class_uid").number(class);
}

/// The caller; gives back where its text stands.
fn actor(json: &mut Json<'_>, caller: &CallerRecord) -> std::ops::Range<usize> {
    let mut range = 0..0;
    json.object(|json| {
        json.key("session").object(|json| json.key("is_mfa").boolean(caller.is_mfa));
        json.key("user").object(|json| {
            let (kind, type_id) = match caller.kind {
                CallerKind::User => ("User", 1u8),
                CallerKind::Certificate => ("Certificate", 99),
                CallerKind::Key => ("Key", 99),
            };
            json.key("type").word(kind);
            json.key("type_id").number(type_id);
            json.key("uid");
            let start = json.position();
            json.redacted(&caller.record);
            range = start..json.position();
        });
    });
    range
}

fn connection_info(json: &mut Json<'_>, connection: &ConnectionRecord) {
    json.key("connection_info").object(|json| {
        json.key("direction_id").number(1u8);
        json.key("uid").id(connection.id);
    });
}

fn destination(json: &mut Json<'_>, connection: &ConnectionRecord) {
    json.key("dst_endpoint").object(|json| json.key("svc_name").name(&connection.listener));
}

/// `duration` and `end_time`.
fn span(json: &mut Json<'_>, started: UnixMillis, micros: u64) {
    json.key("duration").number(micros / 1000);
    json.key("end_time").number(started.0 + micros / 1000);
}

fn firewall_rule(json: &mut Json<'_>, row: &OutcomeRow, route: Option<&RouteRecord>) {
    json.key("firewall_rule").object(|json| {
        json.key("category").word(row.category);
        if let Some(route) = route {
            json.key("name").name(&route.name);
        }
        json.key("uid").word(row.code);
    });
}

/// Category 1 is Personal, confidentiality 2 is Confidential.
fn data_classifications(json: &mut Json<'_>, route: &RouteRecord) {
    json.key("data_classifications").array([route], |json, route| {
        json.object(|json| {
            json.key("category_id").number(1u8);
            json.key("confidentiality_id").number(2u8);
            json.key("discovery_details").array(&route.pii, |json, kind| {
                json.object(|json| json.key("type").name(kind));
            });
        });
    });
}

fn policy(json: &mut Json<'_>, policy: &PolicyRecord) {
    json.key("policy").object(|json| {
        json.key("is_applied").boolean(policy.enforced);
        json.key("uid").name(&policy.digest);
    });
}

/// The client; behind a trusted proxy, the client that the proxy named, and the proxy.
fn source(json: &mut Json<'_>, connection: &ConnectionRecord, client: Option<&Redacted>) {
    json.key("src_endpoint").object(|json| match client {
        Some(client) => {
            let is_ip = client.as_str().parse::<IpAddr>().is_ok();
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

/// The address as `ip` only where it is one: a pseudonym or a network is a `uid`.
fn peer(json: &mut Json<'_>, connection: &ConnectionRecord) {
    let is_ip = connection.source.as_str().parse::<IpAddr>().is_ok();
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

fn status(json: &mut Json<'_>, row: &OutcomeRow) {
    json.key("status_code").word(row.code);
    json.key("status_detail").word(row.text);
    json.key("status_id").number(if row.blame == Blame::None { 1u8 } else { 2 });
}

fn tls(json: &mut Json<'_>, connection: &ConnectionRecord) {
    let Some(tls) = &connection.tls else { return };
    json.key("tls").object(|json| {
        json.key("cipher").word(tls.cipher);
        if let Some(sni) = &tls.sni {
            json.key("sni").redacted(sni);
        }
        json.key("version").word(tls.version);
    });
}

fn traffic(json: &mut Json<'_>, bytes_in: u64, bytes_out: u64) {
    json.key("traffic").object(|json| {
        json.key("bytes_in").number(bytes_in);
        json.key("bytes_out").number(bytes_out);
    });
}

fn unmapped(json: &mut Json<'_>, fill: impl FnOnce(&mut Json<'_>)) {
    json.key("unmapped").object(|json| json.key("portcullis").object(fill));
}

fn access_extras(json: &mut Json<'_>, access: &Access) {
    json.key("blame").word(access.outcome.row.blame.word());
    client_certificate(json, &access.connection);
    if let Some(route) = access.route.as_deref().filter(|route| !route.controls.is_empty()) {
        json.key("controls").array(&route.controls, |json, control| json.name(control));
    }
    json.key("duration_micros").number(access.duration_micros);
    json.key("end").word(access.end.word());
    json.key("hidden_parameters").number(access.hidden_parameters);
    if !access.query.is_empty() {
        json.key("query").array(&access.query, |json, (name, value)| {
            json.object(|json| {
                json.key("name").name(name);
                json.key("value").redacted(value);
            });
        });
    }
    shadow(json, &access.outcome);
    tls_group(json, &access.connection);
    if let Some(micros) = access.upstream_micros {
        json.key("upstream_micros").number(micros);
    }
}

fn client_certificate(json: &mut Json<'_>, connection: &ConnectionRecord) {
    if let Some(tls) = &connection.tls {
        json.key("client_certificate").boolean(tls.client_certificate);
    }
}

fn tls_group(json: &mut Json<'_>, connection: &ConnectionRecord) {
    if let Some(tls) = &connection.tls {
        json.key("tls_group").word(tls.group);
    }
}

fn shadow(json: &mut Json<'_>, outcome: &Outcome) {
    let Some(row) = outcome.shadow else { return };
    json.key("shadow").object(|json| {
        json.key("category").word(row.category);
        json.key("event_code").word(row.event_code);
        json.key("status_code").word(row.code);
    });
}
