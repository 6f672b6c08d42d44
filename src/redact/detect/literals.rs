//! Detectors whose trigger is a text: all of these texts are sought in one pass.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

use crate::redact::Kind;

use super::text::{at, before, run};
use super::{TABLE, Trigger, secret};

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
pub const MARKS: [&str; 12] = [
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
];

/// The search for all texts at once.
pub struct Literals {
    search: AhoCorasick,
    actions: Vec<Literal>,
}

impl Literals {
    /// `None` if the search cannot be built, which the tests rule out.
    pub fn new() -> Option<Self> {
        let mut texts: Vec<&str> = Vec::new();
        let mut actions = Vec::new();
        for (index, row) in TABLE.iter().enumerate() {
            if let Trigger::Literal(known) = row.trigger {
                for text in known {
                    texts.push(text);
                    actions.push(Literal::Row(index));
                }
            }
        }
        for (index, prefix) in secret::PREFIXES.iter().enumerate() {
            texts.push(prefix.text);
            actions.push(Literal::Prefix(index));
        }
        for (index, mark) in MARKS.iter().enumerate() {
            texts.push(mark);
            actions.push(Literal::Mark(index));
        }
        // Overlapping: a short text must not hide a longer one.
        let search = AhoCorasickBuilder::new().match_kind(MatchKind::Standard).build(texts).ok()?;
        Some(Self { search, actions })
    }

    /// Every text that is found, with its place.
    pub fn find<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (Literal, usize)> + 'a {
        self.search
            .find_overlapping_iter(text)
            .filter_map(|found| Some((*self.actions.get(found.pattern().as_usize())?, found.start())))
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
        self.find(text).any(|(literal, from)| match literal {
            Literal::Prefix(_) => Self::judge(literal, text, from).is_some(),
            Literal::Row(index) => {
                matches!(TABLE.get(index).map(|row| row.kind), Some(Kind::Token | Kind::Secret))
                    && Self::judge(literal, text, from)
                        .is_some_and(|(_, start, end)| !crate::redact::engine::is_marker(&text[start..end]))
            }
            Literal::Mark(_) => false,
        })
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

/// `=?utf-8?Q?…?=` (RFC 2047): text in another script, always a person's or about one.
pub fn encoded_word(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let rest = &text[from..];
    let charset = rest.get(2..)?.iter().position(|byte| *byte == b'?')? + 2;
    let is_known = matches!(rest.get(charset + 1)?, b'Q' | b'q' | b'B' | b'b') && rest.get(charset + 2) == Some(&b'?');
    let body = charset + 3;
    let end = memchr::memmem::find(rest.get(body..)?, b"?=")? + body + 2;
    (is_known && end < 512).then_some((from, from + end))
}
