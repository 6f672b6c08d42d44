//! Events of the gate itself: Entity Management (3004), Application Lifecycle (6002), Event Log Activity (1008).

use super::{CONTROL, Gap, PLAIN, Scribe, Tally, category, policy, unmapped};
use crate::audit::event::{Change, Lookup, Subject};
use crate::audit::id::RequestId;
use crate::audit::json::Json;
use crate::clock::UnixMillis;
use crate::redact::Redacted;

/// OCSF `severity_id` Informational.
const INFORMATIONAL: u8 = 1;
/// OCSF `severity_id` Medium.
const MEDIUM: u8 = 3;
/// OCSF `severity_id` Critical.
const CRITICAL: u8 = 5;

impl Scribe {
    /// Entity Management, Update.
    pub(super) fn change(&self, change: &Change, logged: UnixMillis, out: &mut Vec<u8>) {
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
        let id = change.id.text();
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
            self.metadata(json, &self.head(id, id, event_code, logged, PLAIN), None);
            json.key("severity_id").number(if accepted { INFORMATIONAL } else { MEDIUM });
            json.key("status_code").word(if accepted { "changed" } else { "change_refused" });
            json.key("status_detail").phrase(change.text);
            json.key("status_id").number(if accepted { 1u8 } else { 2 });
            json.key("time").number(change.at.0);
            json.key("type_uid").number(300_403u64);
        });
    }

    /// Entity Management, Read.
    pub(super) fn lookup(&self, lookup: &Lookup, reason: &Redacted, logged: UnixMillis, out: &mut Vec<u8>) {
        let id = lookup.id.text();
        Json::new(out).object(|json| {
            json.key("activity_id").number(2u8);
            json.key("actor").object(|json| {
                json.key("user").object(|json| {
                    if let Some(name) = &lookup.user {
                        json.key("name").name(name);
                    }
                    json.key("uid").decimal(lookup.uid);
                    if let Some(uid) = lookup.login_uid {
                        json.key("uid_alt").decimal(uid);
                    }
                });
            });
            category(json, 3, 3004);
            json.key("comment").redacted(reason);
            json.key("entity").object(|json| {
                json.key("name").word(lookup.kind);
                json.key("type").word("Pseudonym");
                json.key("type_id").number(99u8);
                json.key("uid").redacted(&lookup.token);
            });
            self.metadata(json, &self.head(id, id, "REDACT.LOOKUP", logged, PLAIN), None);
            json.key("severity_id").number(MEDIUM);
            json.key("status_code").word("looked_up");
            json.key("status_detail").phrase("somebody asked which pseudonyms stand for a datum");
            json.key("status_id").number(1u8);
            json.key("time").number(lookup.at.0);
            json.key("type_uid").number(300_402u64);
        });
    }

    /// Application Lifecycle: Stop if there is a tally, Start if not.
    pub(super) fn lifecycle(&self, stop: Option<&Tally>, now: UnixMillis, out: &mut Vec<u8>) {
        let id = RequestId::new(now).text();
        let (activity, event_code) = if stop.is_some() { (4u8, "PROC.STOP") } else { (3, "PROC.START") };
        Json::new(out).object(|json| {
            json.key("activity_id").number(activity);
            json.key("app").rendered(&self.product);
            category(json, 6, 6002);
            json.key("device").object(|json| {
                json.key("name").name(&self.producer.instance);
                json.key("type_id").number(1u8);
            });
            self.metadata(json, &self.head(id, self.producer.epoch.text(), event_code, now, CONTROL), None);
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
    pub(super) fn gap(&self, gap: &Gap, now: UnixMillis, out: &mut Vec<u8>) {
        let id = RequestId::new(now).text();
        Json::new(out).object(|json| {
            json.key("activity_id").number(99u8);
            json.key("activity_name").word("Gap");
            category(json, 1, 1008);
            json.key("count").number(gap.count);
            json.key("end_time").number(gap.last.0);
            json.key("log_name").redacted(&self.log_name);
            self.metadata(json, &self.head(id, self.producer.epoch.text(), "LOG.GAP", now, PLAIN), None);
            json.key("severity_id").number(CRITICAL);
            json.key("start_time").number(gap.first.0);
            json.key("status_code").word("records_lost");
            json.key("status_detail").phrase(gap.cause);
            json.key("status_id").number(2u8);
            json.key("time").number(now.0);
            json.key("type_uid").number(100_899u64);
        });
    }
}
