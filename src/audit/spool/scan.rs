//! Reading a segment's frames, whatever a crash or a disk made of them.

use super::frame::{self, Found, HEAD_BYTES, Opener};

/// What a scan found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scanned {
    /// Records read.
    pub records: u64,
    /// Records that are missing between others.
    pub skipped: u64,
    /// Sequence number after the last record.
    pub next: u64,
    /// Sequence number of the first record that is missing between others, or `next`.
    pub whole: u64,
    /// Bytes of the segment that count, the header included.
    pub end: usize,
}

/// Reads the records of a segment in order: `segment` is its bytes, of which `header` are the header's; `first` is the
/// sequence number of its first record. Records after `last` are passed over: they stand in the next segment too.
///
/// A frame that cannot be opened never hides the ones behind it. Where it was promised to somebody, its records are
/// counted as missing; where it was not, it and whatever is behind it is what a crash left, and the scan ends there.
pub fn scan(
    segment: &[u8],
    header: usize,
    first: u64,
    last: Option<u64>,
    opener: &mut Opener,
    mut record: impl FnMut(u64, &[u8]),
) -> Scanned {
    let last = last.unwrap_or(u64::MAX);
    let mut found = Scanned { records: 0, skipped: 0, next: first, whole: first, end: header };
    let (mut at, mut number) = (header, 0);
    while let Some(rest) = segment.get(at..) {
        if let Found::Frame(head, sealed) = frame::at(rest)
            && head.number >= number
            && head.first >= found.next
            && head.count > 0
            && let Some(lines) = opener.open(&head, sealed)
        {
            let hole = head.first > found.next;
            if head.first > last || (hole && head.durable < found.next) {
                break;
            }
            found.skipped += head.first - found.next;
            if found.whole == found.next && !hole {
                found.whole = head.next().min(last.saturating_add(1));
            }
            for (line, sequence) in lines.split_inclusive(|byte| *byte == b'\n').zip(head.first..) {
                if sequence <= last {
                    record(sequence, line.strip_suffix(b"\n").unwrap_or(line));
                    found.records += 1;
                }
            }
            found.next = head.next().min(last.saturating_add(1));
            at += HEAD_BYTES + sealed.len();
            (number, found.end) = (head.number.saturating_add(1), at);
            continue;
        }
        match frame::find(rest.get(1..).unwrap_or_default()) {
            Some(ahead) => at += 1 + ahead,
            None => break,
        }
    }
    found
}
