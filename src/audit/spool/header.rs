//! A segment's name and its header: plain text, bound to every frame below it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::key::{DataKey, WRAPPED_BYTES, WrappingKey};
use crate::audit::id::RequestId;
use crate::audit::proof::{Chain, Hash, Leaf};
use crate::clock::UnixMillis;

/// The first line of a segment.
const MAGIC: &str = "PCSEG1";
/// What a header is never longer than: 64 hashes of a frontier, an origin of 300 bytes, and some numbers.
pub const MOST_BYTES: usize = 8 * 1024;
/// Digits of a segment's number in its name, so that names sort as numbers do.
const NUMBER_DIGITS: usize = 10;

/// A segment's name: `<epoch>-<number>`. Names sort in the order in which segments were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentName {
    /// The epoch: a chain begun on an empty volume.
    pub epoch: RequestId,
    /// Counted from 1 in each epoch.
    pub number: u64,
}

impl SegmentName {
    /// Reads a file's name and gives its ending too: `open`, `seg`, `lh`, `sum`, `note`, `dek`, `gone` or `torn`.
    pub fn parse(file: &str) -> Option<(Self, &str)> {
        let (stem, ending) = file.split_once('.')?;
        let (epoch, number) = stem.rsplit_once('-')?;
        let digits = number.len() == NUMBER_DIGITS && number.bytes().all(|byte| byte.is_ascii_digit());
        let epoch = RequestId::parse(epoch)?;
        digits.then(|| number.parse().ok().map(|number| (Self { epoch, number }, ending))).flatten()
    }

    /// The name of one of its files.
    pub fn file(self, ending: &str) -> String {
        format!("{}-{:0width$}.{ending}", self.epoch, self.number, width = NUMBER_DIGITS)
    }
}

/// What stands in front of a segment's frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: SegmentName,
    /// The chain's name among all.
    pub origin: String,
    /// When it was made.
    pub created: UnixMillis,
    /// The chain before its first record, whose sequence number is one more than the chain's size.
    pub before: Chain,
    /// Id of the key that wrapped its data key.
    pub key: String,
    wrapped: [u8; WRAPPED_BYTES],
}

impl Header {
    /// A header with a new data key. `None` if the system gives no random bytes.
    pub(super) fn make(
        name: SegmentName,
        origin: &str,
        created: UnixMillis,
        before: Chain,
        key: &WrappingKey,
    ) -> Option<(Self, DataKey)> {
        let wrapped = [0; WRAPPED_BYTES];
        let mut header = Self { name, origin: origin.to_owned(), created, before, key: key.id().to_owned(), wrapped };
        let (data, wrapped) = key.make(header.purpose().as_bytes())?;
        header.wrapped = wrapped;
        Some((header, data))
    }

    /// The lines that a wrapped data key is bound to.
    fn purpose(&self) -> String {
        let mut text = format!(
            "{MAGIC}\nepoch {}\nsegment {}\ncreated {}\norigin {}\nsize {}\nroot {}\nleaf {}\nfrontier",
            self.name.epoch,
            self.name.number,
            self.created.0,
            self.origin,
            self.before.size(),
            self.before.root(),
            self.before.last(),
        );
        for node in self.before.frontier() {
            // Writing to a String cannot fail.
            let _ = write!(text, " {node}");
        }
        text.push('\n');
        text
    }

    /// The header's text, with the empty line at its end.
    pub fn text(&self) -> String {
        format!("{}key {}\ndata-key {}\n\n", self.purpose(), self.key, STANDARD.encode(self.wrapped))
    }

    /// Reads the header at the begin of a segment; gives its length too.
    pub fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let bytes = &bytes[..bytes.len().min(MOST_BYTES)];
        let length = memchr::memmem::find(bytes, b"\n\n")? + 2;
        let text = str::from_utf8(&bytes[..length]).ok()?;
        let mut lines = Lines(text.strip_suffix("\n\n")?.split('\n'));
        if lines.0.next()? != MAGIC {
            return None;
        }
        let epoch = RequestId::parse(lines.value("epoch")?)?;
        let number = lines.number("segment")?;
        let created = UnixMillis(lines.number("created")?);
        let origin = lines.value("origin")?.to_owned();
        let before = lines.chain()?;
        let key = lines.value("key")?.to_owned();
        let wrapped = STANDARD.decode(lines.value("data-key")?).ok()?.try_into().ok()?;
        let header = Self { name: SegmentName { epoch, number }, origin, created, before, key, wrapped };
        (lines.0.next().is_none() && header.text() == text).then_some((header, length))
    }

    /// The data key, if `key` wrapped it; `sidecar` is what a later key wrapped.
    pub(super) fn open(&self, key: &WrappingKey, sidecar: Option<&str>) -> Option<DataKey> {
        let purpose = self.purpose();
        let later = sidecar
            .and_then(|text| parse_sidecar(text))
            .and_then(|(_, wrapped)| key.open(&wrapped, purpose.as_bytes()));
        later.or_else(|| key.open(&self.wrapped, purpose.as_bytes()))
    }

    /// The text of a sidecar by which `new` opens what `old` opens.
    pub(super) fn rewrap(&self, old: &WrappingKey, new: &WrappingKey, sidecar: Option<&str>) -> Option<String> {
        let purpose = self.purpose();
        let later = sidecar.and_then(|text| parse_sidecar(text));
        let wrapped = later
            .and_then(|(_, wrapped)| old.rewrap(new, &wrapped, purpose.as_bytes()))
            .or_else(|| old.rewrap(new, &self.wrapped, purpose.as_bytes()))?;
        Some(format!("key {}\ndata-key {}\n", new.id(), STANDARD.encode(wrapped)))
    }
}

fn parse_sidecar(text: &str) -> Option<(&str, [u8; WRAPPED_BYTES])> {
    let mut lines = Lines(text.strip_suffix('\n')?.split('\n'));
    let id = lines.value("key")?;
    let wrapped = STANDARD.decode(lines.value("data-key")?).ok()?.try_into().ok()?;
    Some((id, wrapped))
}

/// Lines of `key value`, in a fixed order.
struct Lines<'t>(std::str::Split<'t, char>);

impl<'t> Lines<'t> {
    fn value(&mut self, key: &str) -> Option<&'t str> {
        let rest = self.0.next()?.strip_prefix(key)?;
        if rest.is_empty() { Some("") } else { rest.strip_prefix(' ') }
    }

    fn number(&mut self, key: &str) -> Option<u64> {
        self.value(key)?.parse().ok()
    }

    /// `size`, `root`, `leaf` and `frontier`, which must belong together.
    fn chain(&mut self) -> Option<Chain> {
        let size = self.number("size")?;
        let root = Hash::parse_hex(self.value("root")?.as_bytes())?;
        let leaf = Leaf::parse_hex(self.value("leaf")?.as_bytes())?;
        let nodes = self.value("frontier")?.split(' ').filter(|node| !node.is_empty());
        let nodes: Option<Vec<Hash>> = nodes.map(|node| Hash::parse_hex(node.as_bytes())).collect();
        Chain::resume(size, &nodes?, leaf).filter(|chain| chain.root() == root)
    }
}

/// How a segment came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It was full, or old.
    Turned,
    /// The gate stopped.
    Stopped,
    /// A write failed; what was not yet durable went on in the next one.
    Failed,
    /// The gate had ended without a stop; its next start closed it.
    Recovered,
}

impl Closed {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Turned, "turned"),
        (Self::Stopped, "stopped"),
        (Self::Failed, "failed"),
        (Self::Recovered, "recovered"),
    ];

    /// As the summary says it.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(closed, _)| *closed == self).map_or("", |(_, word)| word)
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, other)| *other == word).map(|(closed, _)| *closed)
    }
}

/// What is said of a segment once it is sealed: its footer, in a file beside it, since nothing is ever appended to a
/// segment that a crash left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The chain after its last record.
    pub after: Chain,
    /// Records that can be read from it.
    pub records: u64,
    /// Bytes of the file that count.
    pub bytes: u64,
    /// Bytes behind them that do not: what a crash left unfinished.
    pub cut: u64,
    /// Records within it that cannot be read.
    pub skipped: u64,
    /// Wall clock at its last record.
    pub last: UnixMillis,
    /// How it came to its end.
    pub closed: Closed,
}

impl Summary {
    const MAGIC: &'static str = "PCSUM1";

    /// The summary's text.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{}\nsize {}\nroot {}\nleaf {}\nfrontier",
            Self::MAGIC,
            self.after.size(),
            self.after.root(),
            self.after.last()
        );
        for node in self.after.frontier() {
            // Writing to a String cannot fail.
            let _ = write!(text, " {node}");
        }
        let _ = write!(
            text,
            "\nrecords {}\nbytes {}\ncut {}\nskipped {}\nlast {}\nclosed {}\n",
            self.records,
            self.bytes,
            self.cut,
            self.skipped,
            self.last.0,
            self.closed.word()
        );
        text
    }

    /// Reads a summary.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = Lines(text.strip_suffix('\n')?.split('\n'));
        if lines.0.next()? != Self::MAGIC {
            return None;
        }
        Some(Self {
            after: lines.chain()?,
            records: lines.number("records")?,
            bytes: lines.number("bytes")?,
            cut: lines.number("cut")?,
            skipped: lines.number("skipped")?,
            last: UnixMillis(lines.number("last")?),
            closed: Closed::parse(lines.value("closed")?)?,
        })
    }
}

/// SHA-256 of a header's text, as every frame is bound to.
pub(super) fn digest_of(header: &Header) -> [u8; 32] {
    let mut digest = [0; 32];
    let made = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, header.text().as_bytes());
    digest.copy_from_slice(made.as_ref());
    digest
}

impl std::fmt::Display for SegmentName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{:0width$}", self.epoch, self.number, width = NUMBER_DIGITS)
    }
}
