//! How events are spelt: OCSF 1.5.0, one JSON object without line breaks.
//!
//! Members stand in alphabetical order at every level, all text is ASCII and all numbers are integers below 2^53, so
//! that a record which went through a SIEM can be brought back to the same bytes. Classes and attributes:
//! <https://schema.ocsf.io/1.5.0>. What the schema has no place for is in `unmapped.portcullis`.

mod account;
mod alarm;
mod call;
mod change;
mod detected;
mod http;
mod log;
mod own;
mod sinks;

use super::event::{Blame, CallerKind, CallerRecord, Event, OutcomeRow, PolicyRecord, RouteRecord};
use super::guard::{self, Known};
use super::id::{IdText, RequestId};
use super::json::{Json, Withheld};
use super::proof::{Chain, CheckpointSigner, Leaf};
use super::trail::Producer;
use crate::clock::UnixMillis;
use crate::redact::Redacted;

pub use own::{Aborted, Exported, Gap, Own, Recovered, SealedFile, Space, Tally};

/// Writes records, one after the other, of one producer, as one chain.
pub struct Scribe {
    product: Vec<u8>,
    log_name: Redacted,
    producer: Producer,
    chain: Chain,
    withheld: u64,
}

/// The head of a record: what is common to all classes.
struct Head {
    id: IdText,
    correlation: IdText,
    event_code: &'static str,
    logged: UnixMillis,
    profiles: &'static [&'static str],
}

const PLAIN: &[&str] = &["host"];
const CONTROL: &[&str] = &["host", "security_control"];
const CLASSIFIED: &[&str] = &["data_classification", "host", "security_control"];

/// OCSF `severity_id` Informational.
const INFORMATIONAL: u8 = 1;
/// OCSF `severity_id` Low.
const LOW: u8 = 2;
/// OCSF `severity_id` Medium.
const MEDIUM: u8 = 3;
/// OCSF `severity_id` High.
const HIGH: u8 = 4;
/// OCSF `severity_id` Critical.
const CRITICAL: u8 = 5;

impl Scribe {
    /// A scribe of a new chain, whose first record has sequence number 1.
    pub fn new(producer: Producer) -> Self {
        Self::resume(producer, Chain::new())
    }

    /// A scribe that goes on with a chain.
    pub fn resume(producer: Producer, chain: Chain) -> Self {
        let mut product = Vec::with_capacity(96);
        Json::new(&mut product).object(|json| {
            json.key("name").word("Portcullis");
            json.key("vendor_name").word("Portcullis");
            json.key("version").word(env!("CARGO_PKG_VERSION"));
        });
        Self { product, log_name: producer.log_name(), producer, chain, withheld: 0 }
    }

    /// Records in which the last guard withheld text.
    pub const fn withheld(&self) -> u64 {
        self.withheld
    }

    /// The chain up to the last record.
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Appends `event` as one line; gives back its leaf.
    pub fn event(&mut self, event: &Event, logged: UnixMillis, out: &mut Vec<u8>) -> Leaf {
        match event {
            Event::Access(access) => self.write(out, |scribe, json| scribe.access(access, logged, json)),
            Event::Decision(decision) => self.write(out, |scribe, json| scribe.access(&decision.access, logged, json)),
            Event::Connection(end) => self.write(out, |scribe, json| scribe.connection(end, logged, json)),
            Event::Change(change) => self.write(out, |scribe, json| scribe.change(change, logged, json)),
            Event::AdminCall(call) => self.write(out, |scribe, json| scribe.admin_call(call, logged, json)),
            Event::Authentication(attempt) => {
                self.write(out, |scribe, json| scribe.authentication(attempt, logged, json))
            }
            Event::Lookup(lookup) => self.write(out, |scribe, json| scribe.lookup(lookup, logged, json)),
            Event::Lockout(lockout) => self.write(out, |scribe, json| scribe.lockout(lockout, logged, json)),
            Event::Alarm(alarm) => self.write(out, |scribe, json| scribe.alarm(alarm, logged, json)),
            Event::Detected(detected) => self.write(out, |scribe, json| scribe.detected(detected, logged, json)),
            Event::Sink(sink) => self.write(out, |scribe, json| scribe.sink(sink, logged, json)),
            Event::KillSwitch(switch) => self.write(out, |scribe, json| scribe.kill_switch(switch, logged, json)),
        }
    }

    /// Appends a record of the writer's own as one line; gives back its leaf.
    pub fn own(&mut self, own: &Own<'_>, now: UnixMillis, out: &mut Vec<u8>) -> Leaf {
        // Made once: a record that is written anew by the guard keeps its id.
        let id = RequestId::new(now);
        self.write(out, |scribe, json| scribe.own_record(own, id, now, json))
    }

    /// Signs the chain as it is and appends the checkpoint's record, LOG.CHECKPOINT, as one line; gives back the note
    /// and the record's leaf.
    pub fn checkpoint(
        &mut self,
        signer: &CheckpointSigner,
        cause: &'static str,
        now: UnixMillis,
        out: &mut Vec<u8>,
    ) -> (String, Leaf) {
        let note = signer.note(self.chain.size(), self.chain.root());
        let id = RequestId::new(now);
        let leaf = self.write(out, |scribe, json| scribe.checkpoint_record(&note, cause, id, now, json));
        (note, leaf)
    }

    /// Appends what `write` writes, and if the last guard finds fault with it, what it writes without the text that may
    /// be at fault.
    fn write(&mut self, out: &mut Vec<u8>, write: impl Fn(&Self, &mut Json<'_>) -> Known) -> Leaf {
        let start = out.len();
        for withheld in [Withheld::Nothing, Withheld::OfRequests, Withheld::All] {
            out.truncate(start);
            let known = write(self, &mut Json::without(out, withheld)).from(start);
            if withheld == Withheld::All || !guard::finds_fault(&out[start..], &known) {
                break;
            }
            self.withheld += u64::from(withheld == Withheld::Nothing);
        }
        let leaf = self.chain.push(&out[start..]);
        out.push(b'\n');
        leaf
    }

    fn head(
        id: IdText,
        correlation: IdText,
        event_code: &'static str,
        logged: UnixMillis,
        profiles: &'static [&'static str],
    ) -> Head {
        Head { id, correlation, event_code, logged, profiles }
    }

    fn metadata(&self, json: &mut Json<'_>, head: &Head, classified: Option<&RouteRecord>) {
        json.key("metadata").object(|json| {
            json.key("correlation_uid").id(&head.correlation);
            if let Some(route) = classified {
                data_classifications(json, route);
            }
            json.key("event_code").phrase(head.event_code);
            json.key("log_name").own(self.log_name.as_str());
            json.key("log_provider").word("portcullis");
            json.key("logged_time").number(head.logged.0);
            json.key("product").rendered(&self.product);
            json.key("profiles").array(head.profiles, |json, profile| json.word(profile));
            json.key("sequence").number(self.chain.size() + 1);
            json.key("uid").id(&head.id);
            json.key("version").word("1.5.0");
        });
    }

    /// `unmapped.portcullis.prev`: every record has it, at its place in the alphabet.
    fn prev(&self, json: &mut Json<'_>) {
        json.key("prev").hash(self.chain.last().node());
    }

    /// `device`: this gate.
    fn device(&self, json: &mut Json<'_>) {
        json.key("device").object(|json| {
            json.key("name").own(self.producer.instance.as_str());
            json.key("type_id").number(1u8);
        });
    }
}

/// `actor` of a caller; gives back where its text stands.
fn actor(json: &mut Json<'_>, caller: &CallerRecord) -> Known {
    let mut known = Known::Nothing;
    json.object(|json| {
        json.key("session").object(|json| {
            if let Some(id) = caller.credential.as_ref().and_then(|credential| credential.id.as_ref()) {
                json.key("credential_uid").redacted(id);
            }
            json.key("is_mfa").boolean(caller.is_mfa);
        });
        json.key("user");
        known = user(json, caller);
    });
    known
}

/// A `user` object; gives back where its text stands.
fn user(json: &mut Json<'_>, caller: &CallerRecord) -> Known {
    let mut range = 0..0;
    json.object(|json| {
        let (kind, type_id) = match caller.kind {
            CallerKind::User => ("User", 1u8),
            CallerKind::Certificate => ("Certificate", 99),
            CallerKind::Key => ("Key", 99),
            CallerKind::System => ("System", 3),
        };
        json.key("type").word(kind);
        json.key("type_id").number(type_id);
        json.key("uid");
        let start = json.position();
        json.redacted(&caller.record);
        range = start..json.position();
    });
    Known::Caller(range)
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
