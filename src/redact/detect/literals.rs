//! Detectors whose trigger is a text: all of these texts are sought in one pass.

use aho_corasick::packed::{Config, MatchKind, Searcher};
use smallvec::{SmallVec, smallvec};

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
pub const MARKS: [&str; 26] = [
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
];

/// Anchors of one search: more make it leave the processor's fast registers.
const MOST_ANCHORS: usize = 48;
/// Bytes of an anchor: as many as the search looks at together.
const ANCHOR: usize = 3;
/// Texts whose hits are given one after the other before those of the texts that follow.
const BATCH: usize = 48;
/// Bytes from the rarest of a log to more usual ones; others are more usual still.
const RARE: &[u8] = b"^~`?@*!#$<>{}%\\&+;'|()[]QXZJYKVWHGBUMNPFLRDCOASIET=,_:/-.\"";

/// The search for all texts.
pub struct Literals {
    searches: Vec<Search>,
    /// Rows by their trigger, in order.
    rows: [Vec<&'static Detector>; 7],
}

/// A search for anchors: rare bytes of some texts, one anchor for each.
struct Search {
    search: Searcher,
    /// A byte of each anchor, of which the text must have one; `None` if the mask knows none of an anchor.
    needs: Option<Mask>,
    /// The texts of each anchor.
    anchored: Vec<SmallVec<[Text; 2]>>,
}

/// A text and where in it its anchor is.
#[derive(Clone, Copy)]
struct Text {
    text: &'static str,
    offset: usize,
    needs: Mask,
    batch: usize,
    action: Literal,
}

/// A text that was found: its batch, its place, and what it leads to.
type Hit = (usize, usize, Literal);

impl Literals {
    /// `None` if the search cannot be built, which the tests rule out.
    pub fn new() -> Option<Self> {
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
        let mut anchors: Vec<(&'static [u8], SmallVec<[Text; 2]>)> = Vec::new();
        for (index, (text, action)) in texts.into_iter().enumerate() {
            let (anchor, offset) = anchor(text.as_bytes());
            let needs = Mask::of(text.as_bytes());
            let text = Text { text, offset, needs, batch: index / BATCH, action };
            match anchors.iter_mut().find(|(known, _)| *known == anchor) {
                Some((_, known)) => known.push(text),
                None => anchors.push((anchor, smallvec![text])),
            }
        }
        // Short anchors by themselves, for the search looks at as many bytes as the shortest has; rare ones together,
        // so that most lines need not be searched for them.
        anchors.sort_by_key(|(anchor, _)| (anchor.len(), anchor.iter().map(|byte| rank(*byte)).min()));
        let searches =
            anchors.chunk_by(|(a, _), (b, _)| a.len() == b.len()).flat_map(|alike| alike.chunks(MOST_ANCHORS));
        let searches = searches.map(|some| {
            let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
            builder.extend(some.iter().map(|(anchor, _)| anchor));
            let known = some.iter().map(|(anchor, _)| Mask::of(&[rarest(anchor)]));
            let needs = known.map(Mask::some).try_fold(Mask::default(), |all, mask| Some(all.with(mask?)));
            let anchored = some.iter().map(|(_, texts)| texts.clone()).collect();
            builder.build().map(|search| Search { search, needs, anchored })
        });
        Some(Self { searches: searches.collect::<Option<_>>()?, rows })
    }

    /// Rows with this trigger, which is no text.
    #[inline]
    pub fn rows(&self, trigger: Trigger) -> &[&'static Detector] {
        trigger.place().map_or(&[], |place| &self.rows[place])
    }

    /// Gives `found` every text that is found in `text`, whose bytes are `mask`, with its place: batch by batch, and in
    /// each in the order of places. Texts within texts are found as well, so that a short one hides nothing.
    pub fn find(&self, text: &[u8], mask: Mask, mut found: impl FnMut(Literal, usize)) {
        let mut hits: SmallVec<[Hit; 16]> = SmallVec::new();
        for search in &self.searches {
            if search.needs.is_none_or(|needs| mask.has_any(needs)) {
                search.find(text, mask, &mut hits);
            }
        }
        if hits.len() > 1 {
            hits.sort_by_key(|(batch, place, _)| (*batch, *place));
        }
        for (_, place, action) in &hits {
            found(*action, *place);
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
        let mut any = false;
        self.find(text, Mask::of(text), |literal, from| any = any || Self::is_secret(literal, text, from));
        any
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

impl Search {
    fn find(&self, text: &[u8], mask: Mask, hits: &mut SmallVec<[Hit; 16]>) {
        let mut from = 0;
        while let Some(hit) = self.search.find_in(text, (from..text.len()).into()) {
            from = hit.start() + 1;
            let known = self.anchored.get(hit.pattern().as_usize()).map_or(&[][..], |texts| &texts[..]);
            for Text { text: sought, offset, needs, batch, action } in known {
                let place = hit.start().checked_sub(*offset).filter(|_| mask.covers(*needs));
                if let Some(place) = place
                    && text[place..].starts_with(sought.as_bytes())
                {
                    hits.push((*batch, place, *action));
                }
            }
        }
    }
}

/// The rarest bytes of `text` beside each other, and where they begin.
fn anchor(text: &[u8]) -> (&[u8], usize) {
    let length = text.len().min(ANCHOR);
    let windows = text.windows(length).enumerate();
    let rarest = windows.min_by_key(|(_, window)| {
        let mut ranks: SmallVec<[usize; ANCHOR]> = window.iter().map(|byte| rank(*byte)).collect();
        ranks.sort_unstable();
        ranks
    });
    rarest.map_or((text, 0), |(offset, window)| (window, offset))
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

fn rarest(anchor: &[u8]) -> u8 {
    anchor.iter().copied().min_by_key(|byte| rank(*byte)).unwrap_or(0)
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
    const WORDS: [&[u8]; 6] = [
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
    let follows =
        matches!(at(text, begin + length), b' ' | b',' | b'(' | b';' | 0) && !crate::redact::engine::is_marker(login);
    (is_login && follows && !OTHERS.contains(&login)).then_some((begin, begin + length))
}
