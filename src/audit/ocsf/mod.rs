//! How events are spelt: OCSF 1.5.0, one JSON object without line breaks.
//!
//! Members stand in alphabetical order at every level, all text is ASCII and all numbers are integers below 2^53, so
//! that a record which went through a SIEM can be brought back to the same bytes. Classes and attributes:
//! <https://schema.ocsf.io/1.5.0>. What the schema has no place for is in `unmapped.portcullis`.

mod gate;
mod http;

use std::sync::Arc;

use super::event::{
    Access, Blame, CallerRecord, ConnectionEnd, ConnectionRecord, Event, OutcomeRow, PolicyRecord, RouteRecord,
    TlsRecord,
};
use super::guard;
use super::id::IdText;
use super::json::Json;
use super::trail::Producer;
use crate::clock::UnixMillis;
use crate::redact::Redacted;

/// What stands in place of text that the guard found fault with.
const WITHHELD: Redacted = Redacted::literal("withheld");

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
    id: IdText,
    correlation: IdText,
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
        let start = out.len();
        match event {
            Event::Access(access) => {
                let caller = self.access(access, logged, out);
                if guard::finds_fault(&out[start..], caller.start - start..caller.end - start) {
                    out.truncate(start);
                    self.withheld += 1;
                    self.access(&withhold(access), logged, out);
                }
            }
            Event::Connection(end) => {
                self.connection(end, logged, out);
                if guard::finds_fault(&out[start..], 0..0) {
                    out.truncate(start);
                    self.withheld += 1;
                    let connection = withhold_connection(&end.connection);
                    self.connection(&ConnectionEnd { connection, ..(**end).clone() }, logged, out);
                }
            }
            Event::Change(change) => self.change(change, logged, out),
            Event::Lookup(lookup) => {
                self.lookup(lookup, &lookup.reason, logged, out);
                if guard::finds_fault(&out[start..], 0..0) {
                    out.truncate(start);
                    self.withheld += 1;
                    self.lookup(lookup, &WITHHELD, logged, out);
                }
            }
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

    const fn head(
        &self,
        id: IdText,
        correlation: IdText,
        event_code: &'static str,
        logged: UnixMillis,
        profiles: &'static [&'static str],
    ) -> Head {
        Head { id, correlation, event_code, logged, sequence: self.sequence, profiles }
    }

    fn metadata(&self, json: &mut Json<'_>, head: &Head, classified: Option<&RouteRecord>) {
        json.key("metadata").object(|json| {
            json.key("correlation_uid").id(&head.correlation);
            if let Some(route) = classified {
                data_classifications(json, route);
            }
            json.key("event_code").phrase(head.event_code);
            json.key("log_name").redacted(&self.log_name);
            json.key("log_provider").word("portcullis");
            json.key("logged_time").number(head.logged.0);
            json.key("product").rendered(&self.product);
            json.key("profiles").array(head.profiles, |json, profile| json.word(profile));
            json.key("sequence").number(head.sequence);
            json.key("uid").id(&head.id);
            json.key("version").word("1.5.0");
        });
    }
}

/// The event without any text that came from the request.
fn withhold(access: &Access) -> Access {
    let mut access = access.clone();
    access.query.iter_mut().for_each(|(_, value)| *value = WITHHELD);
    access.client = access.client.map(|_| WITHHELD);
    access.connection = withhold_connection(&access.connection);
    access.caller = access.caller.map(|caller| CallerRecord { record: WITHHELD, credential: None, ..caller });
    access
}

/// The connection without any text that came from the client.
fn withhold_connection(connection: &ConnectionRecord) -> Arc<ConnectionRecord> {
    let tls = connection.tls.clone().map(|tls| TlsRecord { sni: tls.sni.map(|_| WITHHELD), ..tls });
    Arc::new(ConnectionRecord { source: WITHHELD, tls, ..connection.clone() })
}

fn category(json: &mut Json<'_>, category: u8, class: u16) {
    json.key("category_uid").number(category);
    json.key("class_uid").number(class);
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

fn status(json: &mut Json<'_>, row: &OutcomeRow) {
    json.key("status_code").phrase(row.code);
    json.key("status_detail").phrase(row.text);
    json.key("status_id").number(if row.blame == Blame::None { 1u8 } else { 2 });
}

fn unmapped(json: &mut Json<'_>, fill: impl FnOnce(&mut Json<'_>)) {
    json.key("unmapped").object(|json| json.key("portcullis").object(fill));
}
