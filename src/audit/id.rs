//! Ids of requests, connections and records: UUIDs of version 7 (RFC 9562 section 5.7).

use std::cell::RefCell;
use std::fmt;

use crate::clock::UnixMillis;

/// Random bytes fetched at once: one call to the generator serves 51 ids.
const POOL_BYTES: usize = 510;

/// Random bytes of one id: 74 bits are needed, 80 are taken.
const ENTROPY_BYTES: usize = 10;

/// A UUIDv7. The text of a request's id is the incident id that a refused client sees.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(u128);

impl RequestId {
    /// A new id whose leading 48 bits are `now`.
    pub fn new(now: UnixMillis) -> Self {
        POOL.with_borrow_mut(|pool| Self::assemble(now, pool.take()))
    }

    fn assemble(now: UnixMillis, entropy: [u8; ENTROPY_BYTES]) -> Self {
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&now.0.to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&entropy);
        bytes[6] = 0x70 | (bytes[6] & 0x0f);
        bytes[8] = 0x80 | (bytes[8] & 0x3f);
        Self(u128::from_be_bytes(bytes))
    }

    /// The id of a text that [`Self::text`] gave, as an operator passes it on.
    pub fn parse(text: &str) -> Option<Self> {
        let id = uuid::Uuid::try_parse(text).ok()?;
        (id.get_version_num() == 7 && id.hyphenated().to_string() == text).then_some(Self(id.as_u128()))
    }

    /// The id's 128 bits.
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// The time that it was made of.
    pub const fn time(self) -> UnixMillis {
        UnixMillis((self.0 >> 80) as u64)
    }

    /// The text: 36 characters, lower case.
    pub fn text(self) -> IdText {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'-'; 36];
        let mut at = 0;
        for (index, byte) in self.0.to_be_bytes().into_iter().enumerate() {
            // A dash stands before bytes 4, 6, 8 and 10.
            at += usize::from(matches!(index, 4 | 6 | 8 | 10));
            text[at] = HEX[usize::from(byte >> 4)];
            text[at + 1] = HEX[usize::from(byte & 15)];
            at += 2;
        }
        IdText(text)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An id's text, on the stack.
#[derive(Clone, Copy)]
pub struct IdText([u8; 36]);

impl IdText {
    /// The text.
    pub fn as_str(&self) -> &str {
        // Always hexadecimal digits and dashes; the empty text cannot be reached.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The text's bytes, all ASCII.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; POOL_BYTES], used: POOL_BYTES }) };
}

struct Pool {
    bytes: [u8; POOL_BYTES],
    used: usize,
}

impl Pool {
    fn take(&mut self) -> [u8; ENTROPY_BYTES] {
        if self.used + ENTROPY_BYTES > POOL_BYTES {
            // An id is a name, not a secret: should the generator fail, ids are told apart by what is left in the pool
            // and by their time, and the request goes on.
            let _ = aws_lc_rs::rand::fill(&mut self.bytes);
            self.used = 0;
        }
        let mut entropy = [0; ENTROPY_BYTES];
        entropy.copy_from_slice(&self.bytes[self.used..self.used + ENTROPY_BYTES]);
        self.used += ENTROPY_BYTES;
        entropy
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_id_is_a_version_7_uuid_of_its_time() {
        let now = UnixMillis(1_767_225_600_123);
        let id = RequestId::new(now);
        let parsed = uuid::Uuid::parse_str(id.text().as_str()).unwrap();
        assert_eq!(parsed.as_u128(), id.bits());
        assert_eq!(RequestId::parse(id.text().as_str()), Some(id));
        assert_eq!(parsed.get_version_num(), 7);
        assert_eq!(parsed.get_variant(), uuid::Variant::RFC4122);
        let (seconds, nanos) = parsed.get_timestamp().unwrap().to_unix();
        assert_eq!(seconds * 1000 + u64::from(nanos) / 1_000_000, now.0);
    }

    #[test]
    fn ids_of_one_moment_differ() {
        let ids: HashSet<_> = (0..10_000).map(|_| RequestId::new(UnixMillis(5))).collect();
        assert_eq!(ids.len(), 10_000);
    }
}
