//! What is rare in a spelling, so that it can be looked for without looking at every block of an answer.

use super::key::{BLOCK, CanaryKey};
use super::sketch::block_at;

/// Where the block begins beside an `@` or a space: so many bytes before it. The first that fits is taken; for a space from
/// the second on, for what is before it is one of a few first names.
pub(super) const BEFORE: [u8; 3] = [8, 4, 1];

/// Longest spelling of digits and hyphens that is looked for as such: a bit for each place.
pub(super) const MAX_DIGITS: usize = 64;

/// Shortest one.
pub(super) const MIN_DIGITS: usize = 10;

/// What is rare in a spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// A file of an older form does not say.
    Unknown,
    /// Nothing.
    None,
    /// The first `@`, or else the first space, that has enough around it.
    Beside {
        /// Which of both.
        byte: u8,
        /// Where it is.
        at: u8,
        /// How far before it the block begins, as in [`BEFORE`].
        before: u8,
        /// Of the block.
        digest: u32,
    },
    /// It consists of digits and hyphens.
    Digits {
        /// A bit for each hyphen's place.
        hyphens: u64,
        /// Of its first and last block.
        digest: u32,
    },
}

impl Anchor {
    /// That of a spelling.
    pub fn of(key: &CanaryKey, form: &[u8]) -> Self {
        if (MIN_DIGITS..=MAX_DIGITS).contains(&form.len()) && form.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'-'))
        {
            let hyphens = (0..).zip(form).fold(0, |bits, (at, byte)| bits | u64::from(*byte == b'-') << at);
            let digest = key.digest_of_two(block_at(form, 0), block_at(form, form.len() - BLOCK));
            return Self::Digits { hyphens, digest };
        }
        let byte = if form.contains(&b'@') { b'@' } else { b' ' };
        let fitting = |before: u8| {
            let mut places = memchr::memchr_iter(byte, form);
            places.find(|at| at.checked_sub(usize::from(before)).is_some_and(|begin| begin + BLOCK <= form.len()))
        };
        let found = BEFORE
            .into_iter()
            .skip(usize::from(byte == b' '))
            .find_map(|before| Some((u8::try_from(fitting(before)?).ok()?, before)));
        let Some((at, before)) = found else { return Self::None };
        Self::Beside { byte, at, before, digest: key.digest(block_at(form, usize::from(at - before))) }
    }

    /// Whether its file says what it is.
    pub const fn is_known(self) -> bool {
        !matches!(self, Self::Unknown)
    }

    /// As files have it: a letter for what it is, where, and the digest.
    pub fn bytes(self) -> Vec<u8> {
        let (what, place, digest) = match self {
            Self::Unknown => return Vec::new(),
            Self::None => (b'-', 0, 0),
            Self::Beside { byte, at, before, digest } => (byte, u64::from(at) << 8 | u64::from(before), digest),
            Self::Digits { hyphens, digest } => (b'9', hyphens, digest),
        };
        let mut bytes = vec![what];
        bytes.extend_from_slice(&place.to_le_bytes());
        bytes.extend_from_slice(&digest.to_le_bytes());
        bytes
    }

    /// Reads that of a spelling of so many bytes.
    pub fn read(bytes: &[u8], length: u8) -> Option<Self> {
        let (what, rest) = bytes.split_first()?;
        let (place, digest) = rest.split_first_chunk()?;
        let place = u64::from_le_bytes(*place);
        let digest = u32::from_le_bytes(digest.try_into().ok()?);
        match *what {
            b'-' => Some(Self::None),
            b'9' => (MIN_DIGITS..=MAX_DIGITS)
                .contains(&usize::from(length))
                .then_some(Self::Digits { hyphens: place, digest }),
            byte @ (b'@' | b' ') => {
                let [before, at, ..] = place.to_le_bytes();
                let begin = at.checked_sub(before)?;
                let fits = BEFORE.contains(&before) && usize::from(begin) + BLOCK <= usize::from(length);
                fits.then_some(Self::Beside { byte, at, before, digest })
            }
            _ => None,
        }
    }
}
