//! What of a record counts when a chain is followed, read from its canonical bytes.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::audit::proof::{Hash, Leaf};

/// Largest number of a record: every reader of JSON tells it from the next one. No gate gets there.
const MOST_SEQUENCE: u64 = (1 << 53) - 1;

/// What every record says of its place in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts<'a> {
    /// `metadata.log_name`.
    pub log_name: &'a str,
    /// `metadata.sequence`.
    pub sequence: u64,
    /// `metadata.logged_time`, in milliseconds.
    pub logged: u64,
    /// `metadata.event_code`.
    pub code: &'a str,
    /// `metadata.uid`.
    pub uid: &'a str,
    /// `unmapped.portcullis.prev`.
    pub prev: Leaf,
}

/// The leaf of a record in canonical bytes: their hash, or for a stub, the hash that it names.
pub fn leaf_of(record: &[u8]) -> Leaf {
    if is_stub(record)
        && let Some(leaf) = named_leaf(record)
    {
        return leaf;
    }
    Leaf::of(record)
}

/// Whether `record`, or the `metadata` of one, is that of a stub.
pub fn is_stub(record: &[u8]) -> bool {
    STUB.find(record).is_some()
}

/// Length of the record that a stub stands for.
pub fn untruncated(record: &[u8]) -> Option<u64> {
    number_after(&mut &*record, b"\"untruncated_size\":")
}

fn named_leaf(record: &[u8]) -> Option<Leaf> {
    const KEY: &[u8] = b"\"portcullis\":{\"leaf\":\"";
    let begin = memchr::memmem::rfind(record, KEY)? + KEY.len();
    Leaf::parse_hex(record.get(begin..begin + 64)?)
}

/// Keys as they stand in canonical bytes. A key within a text cannot look so: its quotes would be escaped.
static CODE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"metadata\":{"));
static STUB: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"is_truncated\":true"));
static PREV: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"prev\":\""));

impl<'a> Facts<'a> {
    /// Reads them; `None` if `record` is not a record of a gate, or not in its canonical form.
    pub fn read(record: &'a [u8]) -> Option<Self> {
        let metadata = &record[CODE.find(record)? + CODE.needle().len()..];
        let mut rest = metadata;
        let code = text_after(&mut rest, b"\"event_code\":\"")?;
        let log_name = text_after(&mut rest, b"\"log_name\":\"")?;
        let logged = number_after(&mut rest, b"\"logged_time\":")?;
        let sequence = number_after(&mut rest, b"\"sequence\":").filter(|sequence| *sequence <= MOST_SEQUENCE)?;
        let uid = text_after(&mut rest, b"\"uid\":\"")?;
        let prev = PREV.find(rest)? + PREV.needle().len();
        let prev = Leaf::parse_hex(rest.get(prev..prev + 64)?)?;
        Some(Self { log_name, sequence, logged, code, uid, prev })
    }
}

/// The text behind `key`, which nothing in it escapes.
pub(super) fn text_after<'a>(rest: &mut &'a [u8], key: &[u8]) -> Option<&'a str> {
    let begin = memchr::memmem::find(rest, key)? + key.len();
    let end = begin + memchr::memchr(b'"', &rest[begin..])?;
    let text = str::from_utf8(&rest[begin..end]).ok()?;
    *rest = &rest[end..];
    Some(text)
}

pub(super) fn number_after(rest: &mut &[u8], key: &[u8]) -> Option<u64> {
    let begin = memchr::memmem::find(rest, key)? + key.len();
    let digits = rest[begin..].iter().position(|byte| !byte.is_ascii_digit())?;
    let number = str::from_utf8(&rest[begin..begin + digits]).ok()?.parse().ok()?;
    *rest = &rest[begin + digits..];
    Some(number)
}

/// What a LOG.CHECKPOINT says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointFacts {
    /// The signed note.
    pub note: String,
    /// The tree's edge.
    pub frontier: Vec<Hash>,
}

impl CheckpointFacts {
    /// Reads them from a record whose code is LOG.CHECKPOINT.
    pub fn read(record: &[u8]) -> Option<Self> {
        let value: serde_json::Value = serde_json::from_slice(record).ok()?;
        let ours = value.pointer("/unmapped/portcullis")?;
        let nodes = ours.get("frontier")?.as_array()?.iter();
        let frontier = nodes.map(|node| Hash::parse_hex(node.as_str()?.as_bytes())).collect::<Option<_>>()?;
        Some(Self { note: ours.get("note")?.as_str()?.to_owned(), frontier })
    }
}

/// What a LOG.GAP says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapFacts {
    /// How many records are missing.
    pub count: u64,
    /// When the first was lost.
    pub first: u64,
    /// When the last was lost.
    pub last: u64,
    /// Whether they came to the trail, and a sink could not be given them: then their numbers are missing, too.
    pub of_sink: bool,
}

impl GapFacts {
    /// Reads them from a record whose code is LOG.GAP.
    pub fn read(record: &[u8]) -> Option<Self> {
        let mut rest = record;
        let count = number_after(&mut rest, b"\"count\":")?;
        let last = number_after(&mut rest, b"\"end_time\":")?;
        let first = number_after(&mut rest, b"\"start_time\":")?;
        let of_sink = memchr::memmem::find(rest, b"\"a sink could not be written to\"").is_some();
        Some(Self { count, first, last, of_sink })
    }
}

/// First and last sequence number of what a LOG.PURGE removed.
pub fn purged(record: &[u8]) -> Option<(u64, u64)> {
    let mut rest = record;
    let first = number_after(&mut rest, b"\"first_sequence\":")?;
    Some((first, number_after(&mut rest, b"\"last_sequence\":")?))
}

/// Whether a PROC.START says that the trail had been closed in order.
pub fn began_clean(record: &[u8]) -> bool {
    memchr::memmem::find(record, b"\"clean\":true").is_some()
}
