//! Detectors whose trigger is a text: all of these texts are sought in one pass.

use smallvec::SmallVec;

use crate::redact::Kind;

use super::text::{at, before, run};
use super::{Detector, Mask, TABLE, Trigger, secret};

/// What a found text leads to.
#[derive(Clone, Copy)]
pub enum Literal {
    /// A row of the table.
    Row(usize),
    /// A secret's beginning.
    Prefix(usize),
    /// A text that only structure knows what to do with.
    Mark(usize),
}

/// Texts that structure asks for.
pub const MARKS: [&str; 27] = [
    " VALUES",
    " values",
    ")VALUES",
    "VALUES (",
    "form-data;",
    " --",
    "@tcp(",
    "@unix(",
    " -u ",
    "NAD+",
    ";s:",
    "rejected value [",
    "row contains (",
    "^FD",
    "binding parameter",
    "' for key '",
    "' for column '",
    "~N",
    "~PER*",
    ":TE'",
    "=0D=0A",
    "=C3=",
    "=C4=",
    "=C5=",
    "=E3=",
    "(String)",
    "CTA+",
];

/// Bytes of an anchor: as many as are looked at together.
const ANCHOR: usize = 3;
/// Groups of anchors: one bit for each in each third of a word.
const GROUPS: usize = 21;
/// Texts whose hits are given one after the other before those of the texts that follow.
const BATCH: usize = 48;
/// Bytes from the rarest of a log to more usual ones; others are more usual still.
const RARE: &[u8] = b"^~`?@*!#$<>{}%\\&+;'|()[]QXZJYKVWHGBUMNPFLRDCOASIET=,_:/-.\"";

/// The search for all texts: by rare bytes of theirs, three of them beside each other.
pub struct Literals {
    /// For each byte, one bit in the first third for each group in which an anchor begins with it, one in the second for
    /// each in which it stands in the middle, one in the third for each in which it is the last.
    thirds: Box<[u64; 256]>,
    /// Texts by the group of their anchor.
    groups: [Vec<Sought>; GROUPS],
    /// The same bits for what stands before the first byte.
    nothing: u64,
    /// Rows by their trigger, in order.
    rows: [Vec<&'static Detector>; 7],
}

/// A text and where in it its anchor ends.
#[derive(Clone, Copy)]
struct Sought {
    text: &'static str,
    last: usize,
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
        texts.extend(MARKS.iter().enumerate().map(|(index, mark)| (*mark, Literal::Mark(index))));
        let mut anchors: Vec<([Option<u8>; ANCHOR], Sought)> = Vec::new();
        for (index, (text, action)) in texts.into_iter().enumerate() {
            let (anchor, last) = anchor(text.as_bytes());
            anchors.push((anchor, Sought { text, last, batch: index / BATCH, action }));
        }
        // What is alike goes together, so that few bytes beside each other are taken for an anchor of another.
        anchors.sort_by_key(|(anchor, _)| (anchor[0].is_some(), anchor[2], anchor[1], anchor[0]));
        let mut thirds = Box::new([0; 256]);
        let mut groups: [Vec<Sought>; GROUPS] = Default::default();
        let mut nothing = 0;
        let short = anchors.iter().filter(|(anchor, _)| anchor[0].is_none()).count();
        let long = anchors.len() - short;
        for (index, (anchor, text)) in anchors.into_iter().enumerate() {
            // Short ones by themselves, for they let others begin with anything.
            let group = index.checked_sub(short).map_or(0, |index| 1 + index * (GROUPS - 1) / long);
            groups[group].push(text);
            for (third, byte) in anchor.iter().enumerate() {
                let bit = 1 << (third * GROUPS + group);
                match byte {
                    Some(byte) => thirds[usize::from(*byte)] |= bit,
                    None => {
                        thirds.iter_mut().for_each(|bits| *bits |= bit);
                        nothing |= bit;
                    }
                }
            }
        }
        Self { thirds, groups, nothing, rows }
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
        // What the two bytes before may begin and go on with.
        let (mut first, mut second) = (self.nothing << (2 * GROUPS), self.nothing << GROUPS);
        let (fours, rest) = text.as_chunks::<4>();
        for (index, four) in fours.iter().enumerate() {
            mask.add(four);
            let before = (first, second);
            // Most bytes end no anchor, so four are looked at before it is asked which one does.
            let mut any = 0;
            for byte in four {
                any |= self.step(*byte, &mut first, &mut second);
            }
            if any >> (2 * GROUPS) != 0 {
                self.look(text, 4 * index, four, before, &mut hits);
            }
        }
        mask.add(rest);
        self.look(text, text.len() - rest.len(), rest, (first, second), &mut hits);
        if hits.len() > 1 {
            hits.sort_by_key(|(batch, place, _)| (*batch, *place));
        }
        (hits, mask)
    }

    /// Goes on by one byte: the groups whose anchor ends with it, in the last third.
    #[inline(always)]
    fn step(&self, byte: u8, first: &mut u64, second: &mut u64) -> u64 {
        let bits = self.thirds[usize::from(byte)];
        let met = bits & *second & *first;
        (*first, *second) = (*second << GROUPS, bits << GROUPS);
        met
    }

    /// Looks at each of the `bytes` at `base`, one by one.
    #[inline(never)]
    fn look(&self, text: &[u8], base: usize, bytes: &[u8], before: (u64, u64), hits: &mut Hits) {
        let (mut first, mut second) = before;
        for (index, byte) in bytes.iter().enumerate() {
            let met = self.step(*byte, &mut first, &mut second) >> (2 * GROUPS);
            if met != 0 {
                self.met(met, text, base + index, hits);
            }
        }
    }

    /// Adds the texts of the groups `met` whose anchor ends at `place`.
    fn met(&self, met: u64, text: &[u8], place: usize, hits: &mut Hits) {
        let mut met = met;
        while met != 0 {
            let group = met.trailing_zeros() as usize;
            met &= met - 1;
            for Sought { text: sought, last, batch, action } in &self.groups[group % GROUPS] {
                if let Some(start) = place.checked_sub(*last)
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

/// The rarest three bytes of `text` beside each other, and where the last one is. A text of two has any byte before them.
fn anchor(text: &[u8]) -> ([Option<u8>; ANCHOR], usize) {
    let rarest = text.array_windows::<ANCHOR>().enumerate().min_by_key(|(_, window)| {
        let mut ranks = window.map(rank);
        ranks.sort_unstable();
        ranks
    });
    match (rarest, text) {
        (Some((offset, window)), _) => (window.map(Some), offset + ANCHOR - 1),
        (None, [.., one, two]) => ([None, Some(*one), Some(*two)], 1),
        (None, _) => ([None, None, text.first().copied()], 0),
    }
}

/// The rarer a byte, the smaller.
fn rank(byte: u8) -> usize {
    match byte {
        0x80.. => 0,
        b' ' => usize::MAX,
        b'0'..=b'9' => RARE.len(),
        // Letters that end few words of English, and those that end many.
        b'j' | b'q' | b'x' | b'z' | b'v' | b'k' | b'b' => RARE.len() + 1,
        _ => RARE.iter().position(|rare| *rare == byte).map_or(RARE.len() + 2, |place| place + 1),
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

/// The login of a URL, from the colon before `//` to the `@`: `https://user:password@host`. Passwords may hold
/// anything but a slash, a quote and a space.
pub fn login(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let begin = from + 3;
    let length =
        run(text, begin, 512, |byte| byte > b' ' && !matches!(byte, b'/' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\'));
    let sign = text[begin..begin + length].iter().rposition(|byte| *byte == b'@')?;
    let login = &text[begin..begin + sign];
    let colon = login.iter().position(|byte| *byte == b':');
    // A host and its query, in which an address stands.
    let query = login.iter().position(|byte| *byte == b'?');
    let is_query = query.is_some_and(|query| {
        colon.is_none_or(|colon| colon > query || login[colon + 1..query].iter().all(u8::is_ascii_digit))
    });
    let is_plain = colon.is_none() && matches!(login, b"git" | b"hg" | b"svn" | b"");
    let has_host = super::text::is_word(at(text, begin + sign + 1)) || at(text, begin + sign + 1) == b'[';
    (!is_query && !is_plain && has_host && before(text, from).is_ascii_alphanumeric())
        .then_some((from, begin + sign + 1))
}

/// Longest encoded word: RFC 2047 allows 75 bytes.
const MAX_ENCODED: usize = 512;

/// `=?utf-8?Q?…?=` (RFC 2047): text in another script, always a person's or about one.
pub fn encoded_word(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let rest = &text[from..];
    let charset = rest.get(2..)?.iter().take(32).position(|byte| *byte == b'?')? + 2;
    let is_known = matches!(rest.get(charset + 1)?, b'Q' | b'q' | b'B' | b'b') && rest.get(charset + 2) == Some(&b'?');
    let body = charset + 3;
    let near = rest.get(body..)?;
    let end = memchr::memmem::find(&near[..near.len().min(MAX_ENCODED)], b"?=")? + body + 2;
    is_known.then_some((from, from + end))
}

/// The login after `for user ` and the like, as mail and shell services write it.
pub fn tried(text: &[u8], from: usize) -> Option<(usize, usize)> {
    const OTHERS: [&[u8]; 16] = [
        b"root",
        b"admin",
        b"invalid",
        b"user",
        b"in",
        b"the",
        b"with",
        b"and",
        b"from",
        b"not",
        b"is",
        b"was",
        b"has",
        b"id",
        b"postgres",
        b"nobody",
    ];
    const WORDS: [&[u8]; 9] = [
        b" by @",
        b"Login OK: [",
        b"Login incorrect: [",
        b"invalid user ",
        b"for user ",
        b"opened for ",
        b"Failed password for ",
        b"Accepted password for ",
        b"Accepted publickey for ",
    ];
    let word = WORDS.iter().find(|word| text[from..].starts_with(word))?;
    let begin = from + word.len();
    let length =
        run(text, begin, 64, |byte| byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'.' | b'_' | b'-'));
    let login = &text[begin..begin + length];
    let is_login = length >= 2 && login.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    let follows = matches!(at(text, begin + length), b' ' | b',' | b'(' | b';' | b']' | 0)
        && !crate::redact::engine::is_marker(login);
    (is_login && follows && !OTHERS.contains(&login)).then_some((begin, begin + length))
}
