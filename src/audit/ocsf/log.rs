//! What the trail says of itself: Event Log Activity (1008), and requests whose end nobody saw (4002).

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{CONTROL, File, PLAIN, Scribe, Space, category, unmapped};
use crate::audit::id::RequestId;
use crate::audit::json::Json;
use crate::clock::UnixMillis;

/// OCSF `severity_id` Informational.
const INFORMATIONAL: u8 = 1;
/// OCSF `severity_id` Medium.
const MEDIUM: u8 = 3;
/// OCSF `severity_id` High.
const HIGH: u8 = 4;
/// OCSF `severity_id` Critical.
const CRITICAL: u8 = 5;
/// Activity Other.
const OTHER: u8 = 99;

/// What tells one record of this class from another.
struct Entry {
    event_code: &'static str,
    activity: u8,
    activity_name: Option<&'static str>,
    severity: u8,
    code: &'static str,
    text: &'static str,
    success: bool,
}

impl Scribe {
    /// The class's members around `fill`, which adds to `unmapped.portcullis` before and after `prev`.
    fn log(
        &self,
        entry: &Entry,
        file: Option<&File>,
        now: UnixMillis,
        out: &mut Vec<u8>,
        fill: [&dyn Fn(&mut Json<'_>); 2],
    ) {
        let id = RequestId::new(now).text();
        Json::new(out).object(|json| {
            json.key("activity_id").number(entry.activity);
            if let Some(name) = entry.activity_name {
                json.key("activity_name").word(name);
            }
            category(json, 1, 1008);
            if let Some(file) = file {
                json.key("count").number(file.records);
                json.key("file").object(|json| {
                    json.key("name").made(&file.name);
                    json.key("size").number(file.bytes);
                    json.key("type_id").number(1u8);
                });
            }
            json.key("log_name").redacted(&self.log_name);
            let head = self.head(id, self.producer.epoch.text(), entry.event_code, now, PLAIN);
            self.metadata(json, &head, None);
            json.key("severity_id").number(entry.severity);
            json.key("status_code").word(entry.code);
            json.key("status_detail").phrase(entry.text);
            json.key("status_id").number(if entry.success { 1u8 } else { 2 });
            json.key("time").number(now.0);
            json.key("type_uid").number(100_800 + u64::from(entry.activity));
            unmapped(json, |json| {
                fill[0](json);
                self.prev(json);
                fill[1](json);
            });
        });
    }

    /// The chain begins, and what was before is not known.
    pub(super) fn unknown(&self, now: UnixMillis, out: &mut Vec<u8>) {
        let entry = Entry {
            event_code: "LOG.GAP",
            activity: OTHER,
            activity_name: Some("Gap"),
            severity: MEDIUM,
            code: "predecessor_unknown",
            text: "the chain begins: its volume is new, or what it held was lost or cannot be read",
            success: false,
        };
        self.log(&entry, None, now, out, [&|_| {}, &|_| {}]);
    }

    /// A signed checkpoint.
    pub(super) fn checkpoint(&self, note: &str, now: UnixMillis, out: &mut Vec<u8>) {
        let entry = Entry {
            event_code: "LOG.CHECKPOINT",
            activity: OTHER,
            activity_name: Some("Checkpoint"),
            severity: INFORMATIONAL,
            code: "checkpoint",
            text: "the signed head of the tree over all records before this one",
            success: true,
        };
        self.log(&entry, None, now, out, [&|json| json.key("note").made(note), &|_| {}]);
    }

    /// A segment turned, or leaves.
    pub(super) fn file(
        &self,
        (event_code, code, activity): (&'static str, &'static str, u8),
        file: &File,
        now: UnixMillis,
        out: &mut Vec<u8>,
    ) {
        let purge = code == "purged";
        let entry = Entry {
            event_code,
            activity,
            activity_name: None,
            severity: INFORMATIONAL,
            code,
            text: if purge { "older than the retention; its header and footer stay" } else { "a segment was sealed" },
            success: true,
        };
        let root = |json: &mut Json<'_>| {
            if let Some(root) = file.root {
                json.key("tree_root").hex(&root.hex());
            }
        };
        self.log(&entry, Some(file), now, out, [&|_| {}, &root]);
    }

    /// A legal hold was set or released.
    pub(super) fn hold(&self, held: bool, now: UnixMillis, out: &mut Vec<u8>) {
        let entry = Entry {
            event_code: if held { "LOG.HOLD" } else { "LOG.RELEASE" },
            activity: OTHER,
            activity_name: Some(if held { "Hold" } else { "Release" }),
            severity: MEDIUM,
            code: if held { "held" } else { "released" },
            text: if held { "nothing is removed until the hold is released" } else { "retention removes again" },
            success: true,
        };
        self.log(&entry, None, now, out, [&|_| {}, &|_| {}]);
    }

    /// How full the spool is.
    pub(super) fn space(&self, space: &Space, now: UnixMillis, out: &mut Vec<u8>) {
        let (severity, code, text) = match space {
            Space { closed: true, .. } => (CRITICAL, "spool_full", "routes with personal data are closed"),
            Space { relieved: true, .. } => (INFORMATIONAL, "spool_relieved", "there is room again"),
            _ => (HIGH, "spool_filling", "the room for the trail comes to its end"),
        };
        let entry = Entry {
            event_code: "LOG.SPACE",
            activity: OTHER,
            activity_name: Some("Space"),
            severity,
            code,
            text,
            success: space.relieved,
        };
        self.log(&entry, None, now, out, [&|json| json.key("percent").number(space.percent), &|_| {}]);
    }

    /// What became of a request that was let through is not known: the gate ended before it did. What its decision's
    /// record says is said again.
    pub(super) fn aborted(&self, decision: &[u8], now: UnixMillis, out: &mut Vec<u8>) {
        let known: BTreeMap<&str, &RawValue> = serde_json::from_slice(decision).unwrap_or_default();
        let correlation = super::super::pending::correlation(decision).unwrap_or(self.producer.epoch);
        let again = |json: &mut Json<'_>, keys: &[&'static str]| {
            for key in keys {
                if let Some(value) = known.get(key) {
                    json.key(key).rendered(value.get().as_bytes());
                }
            }
        };
        let id = RequestId::new(now).text();
        Json::new(out).object(|json| {
            again(json, &["action_id", "activity_id", "activity_name", "actor", "authorizations"]);
            category(json, 4, 4002);
            again(json, &["connection_info", "disposition_id", "dst_endpoint", "firewall_rule", "http_request"]);
            let head = self.head(id, correlation.text(), "HTTP.ABORTED", now, CONTROL);
            self.metadata(json, &head, None);
            again(json, &["policy"]);
            json.key("severity_id").number(MEDIUM);
            again(json, &["src_endpoint", "start_time"]);
            json.key("status_code").word("aborted");
            json.key("status_detail").phrase("the gate ended before the request did");
            json.key("status_id").number(2u8);
            again(json, &["time", "tls", "type_uid"]);
            unmapped(json, |json| {
                json.key("phase").word("end");
                self.prev(json);
            });
        });
    }
}
