//! Detectors whose trigger is a text: all of these texts are sought in one pass.

use smallvec::SmallVec;

use crate::redact::Kind;

use super::blocks::{BLOCK, block, is_mark};
use super::mark::{MARKS, Mark};
use super::text::{before, run};
use super::{Detector, Mask, TABLE, Trigger, secret};

/// What a found text leads to.
#[derive(Clone, Copy)]
pub enum Literal {
    /// A row of the table.
    Row(usize),
    /// A secret's beginning.
    Prefix(usize),
    /// A text that only structure knows what to do with.
    Mark(Mark),
}

/// Groups of texts: one bit for each in a word.
const GROUPS: usize = 64;
/// Texts whose hits are given one after the other before those of the texts that follow.
const BATCH: usize = 48;
/// The search for all texts: by the rarest mark in them and the bytes beside it. Each text has one, and most bytes of a log
/// are none.
pub struct Literals {
    /// One bit for each two bytes: whether the rarest one of a text and the one after it may be these.
    pairs: Box<[u64; 1024]>,
    /// For each byte, one bit for each group in which it stands before the rarest one, is that, or stands after it.
    near: Box<[[u64; 256]; 3]>,
    /// Texts by their group.
    groups: [Vec<Sought>; GROUPS],
    /// Rows by their trigger, in order.
    rows: [Vec<&'static Detector>; 7],
}

/// A text and where in it its rarest byte is.
#[derive(Clone, Copy)]
struct Sought {
    text: &'static str,
    rarest: usize,
    /// Up to four bytes that end with the rarest one, which comes highest, and which of them are the text's.
    tail: u32,
    mask: u32,
    batch: usize,
    action: Literal,
}

/// A text that was found: its batch, its place, and what it leads to.
type Hit = (usize, usize, Literal);

/// Most texts have few.
pub type Hits = SmallVec<[Hit; 4]>;

impl Literals {
    /// The search for all texts of this file and of the table.
    pub fn new() -> Self {
        let mut texts: Vec<(&'static str, Literal)> = Vec::new();
        let mut rows: [Vec<&'static Detector>; 7] = Default::default();
        for (index, row) in TABLE.iter().enumerate() {
            match (row.trigger, row.trigger.place()) {
                (Trigger::Literal(known), _) => texts.extend(known.iter().map(|text| (*text, Literal::Row(index)))),
                (_, Some(place)) => rows[place].push(row),
                (_, None) => {}
            }
        }
        texts.extend(secret::PREFIXES.iter().enumerate().map(|(index, prefix)| (prefix.text, Literal::Prefix(index))));
        texts.extend(MARKS.map(|(text, mark)| (text, Literal::Mark(mark))));
        let mut sought: Vec<(Beside, Sought)> = Vec::new();
        for (index, (text, action)) in texts.into_iter().enumerate() {
            let rarest = rarest(text.as_bytes());
            let beside = [rarest.checked_sub(1), Some(rarest), Some(rarest + 1)];
            let beside = beside.map(|place| text.as_bytes().get(place?).copied());
            let (tail, mask) = tail(text.as_bytes(), rarest);
            sought.push((beside, Sought { text, rarest, tail, mask, batch: index / BATCH, action }));
        }
        // What is alike goes together, so that few bytes beside each other are taken for those of another.
        sought.sort_by_key(|(beside, _)| [beside[1], beside[0], beside[2]]);
        let sought: Vec<_> = (1..=sought.len())
            .map(|most| grouped(&sought, most))
            .find(|numbers| numbers.last().is_none_or(|last| *last < GROUPS))
            .unwrap_or_default()
            .into_iter()
            .zip(sought)
            .collect();
        let (mut near, mut pairs) = (Box::new([[0; 256]; 3]), Box::new([0; 1024]));
        let mut groups: [Vec<Sought>; GROUPS] = [const { Vec::new() }; GROUPS];
        for (group, (beside, text)) in sought {
            groups[group].push(text);
            for next in 0..=u8::MAX {
                if let Some(byte) = beside[1]
                    && beside[2].is_none_or(|known| known == next)
                {
                    let pair = pair(byte, next);
                    pairs[pair / 64] |= 1 << (pair % 64);
                }
            }
            for (place, byte) in beside.iter().enumerate() {
                match byte {
                    Some(byte) => near[place][usize::from(*byte)] |= 1 << group,
                    None => near[place].iter_mut().for_each(|bits| *bits |= 1 << group),
                }
            }
        }
        Self { pairs, near, groups, rows }
    }

    /// Rows with this trigger, which is no text.
    #[inline]
    pub fn rows(&self, trigger: Trigger) -> &[&'static Detector] {
        trigger.place().map_or(&[], |place| &self.rows[place])
    }

    /// Every text that is found in `text`, with its place, batch by batch and in each in the order of places; and the bytes
    /// of `text`. Texts within texts are found as well, so that a short one hides nothing.
    pub fn find(&self, text: &[u8]) -> (Hits, Mask) {
        let mut hits = Hits::new();
        let mut mask = Mask::default();
        for base in (0..text.len()).step_by(BLOCK) {
            let mut left = block(text, base, is_mark);
            let near = with_next(text, base);
            while left != 0 {
                let index = left.trailing_zeros() as usize % BLOCK;
                left &= left - 1;
                let (byte, last) = (near[index], near[index + 1]);
                mask.add(byte);
                let pair = pair(byte, last);
                if self.pairs[pair / 64] & 1 << (pair % 64) != 0 {
                    let place = base + index;
                    let [befores, bytes, nexts] = &*self.near;
                    let first = before(text, place);
                    let met = befores[usize::from(first)] & bytes[usize::from(byte)] & nexts[usize::from(last)];
                    if met != 0 {
                        self.met(met, text, place, &mut hits);
                    }
                }
            }
        }
        if hits.len() > 1 {
            hits.sort_by_key(|(batch, place, _)| (*batch, *place));
        }
        (hits, mask)
    }

    /// Adds the texts of the groups `met` whose rarest byte is at `place`.
    fn met(&self, met: u64, text: &[u8], place: usize, hits: &mut Hits) {
        let (near, _) = tail(text, place);
        let mut met = met;
        while met != 0 {
            let group = met.trailing_zeros() as usize;
            met &= met - 1;
            for Sought { text: sought, rarest, tail, mask, batch, action } in &self.groups[group % GROUPS] {
                // Most differ in one of these.
                if (near ^ tail) & mask == 0
                    && let Some(start) = place.checked_sub(*rarest)
                    && text[start..].starts_with(sought.as_bytes())
                {
                    hits.push((*batch, start, *action));
                }
            }
        }
    }

    /// What `literal` at `from` proves to be.
    pub fn judge(literal: Literal, text: &[u8], from: usize) -> Option<(Kind, usize, usize)> {
        match literal {
            Literal::Row(index) => {
                let row = TABLE.get(index)?;
                (row.find)(text, from).map(|(start, end)| (row.kind, start, end))
            }
            Literal::Prefix(index) => {
                let prefix = secret::PREFIXES.get(index)?;
                secret::prefixed(text, from, prefix).map(|(start, end)| (prefix.kind, start, end))
            }
            Literal::Mark(_) => None,
        }
    }

    /// Whether a secret with a known beginning, or a token, is left in `text`.
    pub fn has_secret(&self, text: &[u8]) -> bool {
        self.find(text).0.iter().any(|(_, from, literal)| Self::is_secret(*literal, text, *from))
    }

    fn is_secret(literal: Literal, text: &[u8], from: usize) -> bool {
        match literal {
            Literal::Prefix(_) => Self::judge(literal, text, from).is_some(),
            Literal::Row(index) => {
                matches!(TABLE.get(index).map(|row| row.kind), Some(Kind::Token | Kind::Secret))
                    && Self::judge(literal, text, from)
                        .is_some_and(|(_, start, end)| !crate::redact::engine::is_marker(&text[start..end]))
            }
            Literal::Mark(_) => false,
        }
    }
}

/// The number of two bytes one after the other.
#[inline(always)]
fn pair(byte: u8, next: u8) -> usize {
    usize::from(byte) | usize::from(next) << 8
}

/// The bytes of `text` that end with the one at `place`, up to four, and a mask of those that are there.
#[inline(always)]
fn tail(text: &[u8], place: usize) -> (u32, u32) {
    match text.get(..=place).and_then(<[u8]>::last_chunk::<4>) {
        Some(four) => (u32::from_le_bytes(*four), u32::MAX),
        None => text
            .iter()
            .take(place + 1)
            .fold((0, 0), |(bytes, mask), byte| (bytes >> 8 | u32::from(*byte) << 24, mask >> 8 | 0xff00_0000)),
    }
}

/// The block of `text` that begins at `base`, and the byte after it; zeros after the text.
#[inline(always)]
fn with_next(text: &[u8], base: usize) -> [u8; BLOCK + 1] {
    let rest = &text[base..];
    match rest.first_chunk() {
        Some(whole) => *whole,
        None => {
            let mut bytes = [0; BLOCK + 1];
            bytes[..rest.len()].copy_from_slice(rest);
            bytes
        }
    }
}

/// A text's rarest byte and those beside it.
type Beside = [Option<u8>; 3];

/// The number of the group of each text: those in one have the same rarest byte, and no more than `most` are in it.
fn grouped(sought: &[(Beside, Sought)], most: usize) -> Vec<usize> {
    let (mut group, mut size) = (0, 0);
    let mut last = None;
    let mut number = |byte: Option<u8>| {
        let begins = last.is_some_and(|last| last != byte) || size == most;
        (group, size) = if begins { (group + 1, 1) } else { (group, size + 1) };
        last = Some(byte);
        group
    };
    sought.iter().map(|(beside, _)| number(beside[1])).collect()
}

/// Where the mark of `text` is that is seldom seen with the bytes beside it.
fn rarest(text: &[u8]) -> usize {
    let weight = |place: Option<usize>| place.and_then(|place| text.get(place)).map_or(1000, |byte| weight(*byte));
    let marks = (0..text.len()).filter(|place| is_mark(text[*place]));
    marks
        .min_by_key(|place| weight(place.checked_sub(1)) * weight(Some(*place)) * weight(Some(place + 1)))
        .unwrap_or_default()
}

/// How often a byte is seen among a thousand of a log.
const fn weight(byte: u8) -> u64 {
    match byte {
        b' ' => 100,
        b'e' | b't' | b'a' | b'o' | b'r' | b'i' | b'n' | b's' => 50,
        b'j' | b'q' | b'x' | b'z' | b'v' | b'k' | b'b' => 8,
        b'a'..=b'z' | b'0'..=b'9' => 20,
        b'"' | b'-' | b'.' | b'/' | b':' | b'_' | b',' | b'=' => 15,
        b'A' | b'C' | b'D' | b'E' | b'I' | b'N' | b'O' | b'P' | b'R' | b'S' | b'T' => 6,
        b'[' | b']' | b'{' | b'}' | b'(' | b')' | b';' | b'\'' | b'|' => 5,
        _ => 2,
    }
}

/// A PEM block that is no certificate and no public key, from its first dash to its end or the text's.
pub fn private_key(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let label = run(text, from + 11, 64, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ');
    let name = text.get(from + 11..from + 11 + label)?;
    if name.is_empty() || name.ends_with(b"CERTIFICATE") || name.ends_with(b"PUBLIC KEY") || name.ends_with(b"REQUEST")
    {
        return None;
    }
    let rest = &text[from..];
    let end = memchr::memmem::find(rest, b"-----END ").map_or(text.len(), |found| {
        let tail = from + found + 9;
        let label = run(text, tail, 64, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ');
        tail + label + run(text, tail + label, 5, |byte| byte == b'-')
    });
    Some((from, end))
}
