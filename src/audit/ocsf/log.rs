//! What happens to the log itself: Event Log Activity (1008).

use super::own::{Exported, Gap, SealedFile, Space};
use super::{CRITICAL, HIGH, INFORMATIONAL, MEDIUM, PLAIN, Scribe, category, unmapped};
use crate::audit::guard::Known;
use crate::audit::id::RequestId;
use crate::audit::json::Json;
use crate::audit::proof::Hash;
use crate::clock::UnixMillis;
use crate::redact::Name;

/// What is alike in records of the log.
pub(super) struct Line {
    /// OCSF `activity_id`: 2 Delete, 3 Export, 5 Rotate, 99 Other.
    pub activity: u8,
    /// `activity_name` of Other.
    pub name: Option<&'static str>,
    pub event_code: &'static str,
    pub severity: u8,
    pub code: &'static str,
    pub text: &'static str,
    /// Whether nothing is amiss.
    pub well: bool,
}

/// Bytes of a file, and its hash where it is known.
pub(super) type Sums = (u64, Option<Hash>);

/// What is not: members of the class that only some records have.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub count: Option<u64>,
    /// First and last.
    pub times: Option<(UnixMillis, UnixMillis)>,
    /// Name, and size and hash where they are known.
    pub file: Option<(&'a Name, Option<Sums>)>,
}

impl Scribe {
    pub(super) fn gap(&self, gap: &Gap, id: RequestId, now: UnixMillis, json: &mut Json<'_>) {
        let line = Line {
            activity: 99,
            name: Some("Gap"),
            event_code: "LOG.GAP",
            severity: CRITICAL,
            code: "records_lost",
            text: gap.cause,
            well: false,
        };
        let parts = Parts { count: Some(gap.count), times: Some((gap.first, gap.last)), file: None };
        self.log(&line, &parts, id, now, json, |json| self.prev(json));
    }

    /// The chain begins, and what was before is not known.
    pub(super) fn unknown(&self, id: RequestId, now: UnixMillis, json: &mut Json<'_>) {
        let line = Line {
            activity: 99,
            name: Some("Gap"),
            event_code: "LOG.GAP",
            severity: MEDIUM,
            code: "predecessor_unknown",
            text: "the chain begins: its volume is new, or what it held was lost or cannot be read",
            well: false,
        };
        self.log(&line, &Parts::default(), id, now, json, |json| self.prev(json));
    }

    pub(super) fn hold(&self, held: bool, id: RequestId, now: UnixMillis, json: &mut Json<'_>) {
        let line = Line {
            activity: 99,
            name: Some(if held { "Hold" } else { "Release" }),
            event_code: if held { "LOG.HOLD" } else { "LOG.RELEASE" },
            severity: MEDIUM,
            code: if held { "held" } else { "released" },
            text: if held { "nothing is removed until the hold is released" } else { "retention removes again" },
            well: true,
        };
        self.log(&line, &Parts::default(), id, now, json, |json| self.prev(json));
    }

    pub(super) fn space(&self, space: Space, id: RequestId, now: UnixMillis, json: &mut Json<'_>) {
        let (severity, code, text) = match space {
            Space { closed: true, .. } => (CRITICAL, "spool_full", "routes with personal data are closed"),
            Space { relieved: true, .. } => (INFORMATIONAL, "spool_relieved", "there is room again"),
            _ => (HIGH, "spool_filling", "the room for the trail comes to its end"),
        };
        let (name, event_code, well) = (Some("Space"), "LOG.SPACE", space.relieved && !space.closed);
        let line = Line { activity: 99, name, event_code, severity, code, text, well };
        self.log(&line, &Parts::default(), id, now, json, |json| {
            json.key("percent").number(space.percent);
            self.prev(json);
        });
    }

    pub(super) fn sealed(&self, file: &SealedFile, purged: bool, id: RequestId, now: UnixMillis, json: &mut Json<'_>) {
        let rotated = Line {
            activity: 5,
            name: None,
            event_code: "LOG.ROTATE",
            severity: INFORMATIONAL,
            code: "sealed",
            text: "the file is whole and will not change any more",
            well: true,
        };
        let deleted = Line {
            activity: 2,
            event_code: "LOG.PURGE",
            code: "retention_ended",
            text: "the file's records were deleted at the end of their retention",
            ..rotated
        };
        let parts = Parts { file: Some((&file.name, Some((file.bytes, file.sha256)))), ..Parts::default() };
        let parts = Parts { count: Some(file.last.saturating_sub(file.first) + 1), ..parts };
        self.log(if purged { &deleted } else { &rotated }, &parts, id, now, json, |json| {
            json.key("first_sequence").number(file.first);
            json.key("last_sequence").number(file.last);
            self.prev(json);
            if let Some(root) = file.root {
                json.key("root").hash(root);
            }
        });
    }

    pub(super) fn exported(&self, export: &Exported, id: RequestId, now: UnixMillis, json: &mut Json<'_>) {
        let line = Line {
            activity: 3,
            name: None,
            event_code: "LOG.EXPORT",
            severity: INFORMATIONAL,
            code: "exported",
            text: export.cause,
            well: true,
        };
        let parts = Parts { count: Some(export.count), file: Some((&export.name, None)), times: None };
        self.log(&line, &parts, id, now, json, |json| {
            json.key("first_sequence").number(export.first);
            json.key("last_sequence").number(export.last);
            self.prev(json);
        });
    }

    /// The checkpoint's record: with the note, and with the tree's edge, from which a verifier can go on that has not all
    /// records before it.
    pub(super) fn checkpoint_record(
        &self,
        note: &str,
        cause: &'static str,
        id: RequestId,
        now: UnixMillis,
        json: &mut Json<'_>,
    ) -> Known {
        let line = Line {
            activity: 99,
            name: Some("Checkpoint"),
            event_code: "LOG.CHECKPOINT",
            severity: INFORMATIONAL,
            code: "signed",
            text: cause,
            well: true,
        };
        let mut range = 0..0;
        self.log(&line, &Parts::default(), id, now, json, |json| {
            json.key("frontier").array(self.chain.frontier(), |json, node| json.hash(*node));
            json.key("note");
            let start = json.position();
            json.own(note);
            range = start..json.position();
            self.prev(json);
            json.key("size").number(self.chain.size());
        });
        Known::Note(range)
    }

    fn log(
        &self,
        line: &Line,
        parts: &Parts<'_>,
        id: RequestId,
        now: UnixMillis,
        json: &mut Json<'_>,
        extras: impl FnOnce(&mut Json<'_>),
    ) {
        self.log_at(line, parts, (id, now, now), json, extras);
    }

    /// Its id, when it happened, and when it is written.
    pub(super) fn log_at(
        &self,
        line: &Line,
        parts: &Parts<'_>,
        (id, at, now): (RequestId, UnixMillis, UnixMillis),
        json: &mut Json<'_>,
        extras: impl FnOnce(&mut Json<'_>),
    ) {
        json.object(|json| {
            json.key("activity_id").number(line.activity);
            if let Some(name) = line.name {
                json.key("activity_name").word(name);
            }
            category(json, 1, 1008);
            if let Some(count) = parts.count {
                json.key("count").number(count);
            }
            if let Some((_, last)) = parts.times {
                json.key("end_time").number(last.0);
            }
            if let Some((name, sums)) = parts.file {
                json.key("file").object(|json| file(json, name, sums));
            }
            json.key("log_name").own(self.log_name.as_str());
            self.metadata(json, &Self::head(id.text(), self.correlation(), line.event_code, now, PLAIN), None);
            json.key("severity_id").number(line.severity);
            if let Some((first, _)) = parts.times {
                json.key("start_time").number(first.0);
            }
            json.key("status_code").word(line.code);
            json.key("status_detail").phrase(line.text);
            json.key("status_id").number(if line.well { 1u8 } else { 2 });
            json.key("time").number(at.0);
            json.key("type_uid").number(100_800 + u64::from(line.activity));
            unmapped(json, extras);
        });
    }
}

/// `algorithm_id` 3 is SHA-256, `type_id` 1 a regular file.
fn file(json: &mut Json<'_>, name: &Name, sums: Option<Sums>) {
    if let Some((_, Some(sha256))) = sums {
        json.key("hashes").array([sha256], |json, sha256| {
            json.object(|json| {
                json.key("algorithm_id").number(3u8);
                json.key("value").hash(sha256);
            });
        });
    }
    json.key("name").name(name);
    if let Some((bytes, _)) = sums {
        json.key("size").number(bytes);
    }
    json.key("type_id").number(1u8);
}
