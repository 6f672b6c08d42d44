//! Keys that measure or count something, whose number is none of anybody's.

use smallvec::SmallVec;

use crate::redact::detect::text::{before, run_back};

/// Last words of keys whose number measures a thing or counts things: nobody has one of their own.
const MEASURES: [&[u8]; 69] = [
    b"attempt",
    b"attempts",
    b"backoff",
    b"batch",
    b"bytes",
    b"count",
    b"cpu",
    b"delay",
    b"depth",
    b"duration",
    b"elapsed",
    b"epoch",
    b"heap",
    b"hits",
    b"interval",
    b"items",
    b"lag",
    b"latency",
    b"len",
    b"length",
    b"limit",
    b"line",
    b"lines",
    b"lsn",
    b"memory",
    b"micros",
    b"millis",
    b"misses",
    b"ms",
    b"nanos",
    b"ns",
    b"offset",
    b"page",
    b"partition",
    b"pid",
    b"port",
    b"progress",
    b"qty",
    b"quantity",
    b"queue",
    b"remaining",
    b"retries",
    b"retry",
    b"rows",
    b"rss",
    b"rt",
    b"sec",
    b"seconds",
    b"secs",
    b"segments",
    b"seq",
    b"sequence",
    b"shard",
    b"size",
    b"slot",
    b"status",
    b"stock",
    b"thread",
    b"tid",
    b"time",
    b"timeout",
    b"timestamp",
    b"took",
    b"ts",
    b"ttl",
    b"uct",
    b"uptime",
    b"urt",
    b"us",
];
/// Places of a table of these words, so many that most others meet none.
const PLACES: usize = 1024;
/// The word at each place.
static MEASURED: [&[u8]; PLACES] = {
    let mut places: [&[u8]; PLACES] = [b""; PLACES];
    let mut index = 0;
    while index < MEASURES.len() {
        let mut place = place(MEASURES[index]);
        // The next free one.
        while !places[place].is_empty() {
            place = (place + 1) % PLACES;
        }
        places[place] = MEASURES[index];
        index += 1;
    }
    places
};

const fn place(word: &[u8]) -> usize {
    let (mut sum, mut index) = (word.len(), 0);
    while index < word.len() {
        sum = sum.wrapping_mul(31) ^ word[index] as usize;
        index += 1;
    }
    (sum ^ sum >> 10) % PLACES
}

/// Whether a number under a key that ends with `word`, in small letters, measures or counts something.
fn measures(word: &[u8]) -> bool {
    let mut at = place(word);
    loop {
        match MEASURED[at] {
            b"" => return false,
            known if known == word => return true,
            _ => at = (at + 1) % PLACES,
        }
    }
}

/// Whether the key before the number at `from` says that it measures something: `"duration_ms":`, `rt=`, `"took": `.
pub(super) fn is_measured(line: &[u8], from: usize) -> bool {
    let end = from - run_back(line, from, 3, |byte| matches!(byte, b' ' | b':' | b'=' | b'"'));
    let start = end - run_back(line, end, 12, |byte| byte.is_ascii_lowercase());
    let left = before(line, start);
    if measures(&line[start..end]) {
        // `user_time`, `time`, `@timestamp`; no part of a path.
        return matches!(left, 0 | b'"' | b' ' | b'_' | b'@' | b',' | b'{' | b'[' | b'(');
    }
    // `durationMs`
    if !left.is_ascii_uppercase() || start < 2 || !line[start - 2].is_ascii_lowercase() {
        return false;
    }
    let mut word: SmallVec<[u8; 16]> = SmallVec::from_slice(&line[start - 1..end]);
    word.make_ascii_lowercase();
    measures(&word)
}
