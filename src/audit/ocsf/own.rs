//! Records that the writer itself makes, and the life of the process: Application Lifecycle (6002).

use super::{CONTROL, INFORMATIONAL, MEDIUM, Scribe, category, policy, unmapped};
use crate::audit::guard::Known;
use crate::audit::id::RequestId;
use crate::audit::json::Json;
use crate::audit::proof::{Hash, VerifierKey};
use crate::clock::UnixMillis;
use crate::redact::Name;

/// A record that the writer itself makes. Checkpoints are made by [`Scribe::checkpoint`].
#[derive(Clone, Copy, Debug)]
pub enum Own<'a> {
    /// The trail begins or goes on: PROC.START.
    Start(Recovered),
    /// The trail ends: PROC.STOP.
    Stop(Tally),
    /// Records are missing: LOG.GAP.
    Gap(Gap),
    /// A file was sealed, and the next one begun: LOG.ROTATE.
    Rotated(&'a SealedFile),
    /// A file came to the end of its retention: LOG.PURGE. This record is its tombstone.
    Purged(&'a SealedFile),
    /// Records were handed out: LOG.EXPORT.
    Exported(&'a Exported),
    /// A request was let through, and the gate ended before it did: HTTP.ABORTED.
    Aborted(Aborted),
    /// Checkpoints are signed with another key from now on: CONFIG.KEY.
    Key {
        /// The key that signed the last checkpoint; `None` if there was none.
        before: Option<&'a VerifierKey>,
        /// The key that signs the next one.
        after: &'a VerifierKey,
    },
    /// The chain begins, and what was before is not known: LOG.GAP.
    Unknown,
    /// A legal hold was set, or released: LOG.HOLD, LOG.RELEASE.
    Hold(bool),
    /// The room of the spool: LOG.SPACE.
    Space(Space),
    /// The last guard withheld text from so many records: ALARM.LOG_PII.
    Withheld(u64),
}

/// What was found of the trail at start. Size and root of the recovered tree are the chain's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Bytes at the end that were no whole record and were set aside.
    pub bytes_cut: u64,
    /// Whether the trail had been closed in order, or is a new one.
    pub clean: bool,
}

impl Recovered {
    /// A trail that begins.
    pub const NEW: Self = Self { bytes_cut: 0, clean: true };
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

/// A file of records that will not change any more.
#[derive(Clone, Debug)]
pub struct SealedFile {
    /// `file.name`.
    pub name: Name,
    /// `file.size`, in bytes.
    pub bytes: u64,
    /// `file.hashes[].value`: SHA-256 of the file, where it was computed.
    pub sha256: Option<Hash>,
    /// Sequence number of its first record.
    pub first: u64,
    /// Sequence number of its last record.
    pub last: u64,
    /// Root of the tree up to its last record, where it ends with one; who reads a file that anybody can write follows its
    /// checkpoints.
    pub root: Option<Hash>,
}

/// How full the spool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Parts of a hundred: `unmapped.portcullis.percent`.
    pub percent: u64,
    /// Whether routes with personal data are closed for it.
    pub closed: bool,
    /// Whether it is better than before.
    pub relieved: bool,
}

/// Records that were handed out.
#[derive(Clone, Debug)]
pub struct Exported {
    /// Where to: `file.name`.
    pub name: Name,
    /// Sequence number of the first.
    pub first: u64,
    /// Sequence number of the last.
    pub last: u64,
    /// How many: `count`.
    pub count: u64,
    /// Why, fixed text.
    pub cause: &'static str,
}

/// A request of which only the decision is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted {
    /// The request: `metadata.correlation_uid` and `http_request.uid`.
    pub request: RequestId,
    /// `start_time`.
    pub decided: UnixMillis,
    /// Sequence number of the decision's record.
    pub sequence: u64,
}

impl Scribe {
    pub(super) fn own_record(&self, own: &Own<'_>, id: RequestId, now: UnixMillis, json: &mut Json<'_>) -> Known {
        match own {
            Own::Start(found) => self.start(*found, id, now, json),
            Own::Stop(tally) => self.stop(*tally, id, now, json),
            Own::Gap(gap) => self.gap(gap, id, now, json),
            Own::Rotated(file) => self.sealed(file, false, id, now, json),
            Own::Purged(file) => self.sealed(file, true, id, now, json),
            Own::Exported(export) => self.exported(export, id, now, json),
            Own::Aborted(aborted) => self.aborted(aborted, id, now, json),
            Own::Key { before, after } => self.key(*before, after, id, now, json),
            Own::Unknown => self.unknown(id, now, json),
            Own::Hold(held) => self.hold(*held, id, now, json),
            Own::Space(space) => self.space(*space, id, now, json),
            Own::Withheld(count) => self.withheld_alarm(*count, id, now, json),
        }
        Known::Nothing
    }

    fn start(&self, found: Recovered, id: RequestId, now: UnixMillis, json: &mut Json<'_>) {
        let severity = if found.clean { INFORMATIONAL } else { MEDIUM };
        self.lifecycle((3, "PROC.START", severity), id, now, json, |json| {
            json.key("bytes_cut").number(found.bytes_cut);
            json.key("clean").boolean(found.clean);
            self.prev(json);
            json.key("recovered_root").hash(self.chain.root());
            json.key("recovered_size").number(self.chain.size());
        });
    }

    fn stop(&self, tally: Tally, id: RequestId, now: UnixMillis, json: &mut Json<'_>) {
        self.lifecycle((4, "PROC.STOP", INFORMATIONAL), id, now, json, |json| {
            self.prev(json);
            json.key("records_lost").number(tally.lost);
            json.key("records_withheld").number(tally.withheld);
            json.key("records_written").number(tally.written);
        });
    }

    /// Activity, event code and severity; `extras` fills `unmapped.portcullis`.
    fn lifecycle(
        &self,
        (activity, event_code, severity): (u8, &'static str, u8),
        id: RequestId,
        now: UnixMillis,
        json: &mut Json<'_>,
        extras: impl FnOnce(&mut Json<'_>),
    ) {
        json.object(|json| {
            json.key("activity_id").number(activity);
            json.key("app").rendered(&self.product);
            category(json, 6, 6002);
            self.device(json);
            self.metadata(json, &Self::head(id.text(), self.correlation(), event_code, now, CONTROL), None);
            policy(json, &self.producer.policy);
            json.key("severity_id").number(severity);
            json.key("status_id").number(1u8);
            json.key("time").number(now.0);
            json.key("type_uid").number(600_200 + u64::from(activity));
            unmapped(json, extras);
        });
    }
}
