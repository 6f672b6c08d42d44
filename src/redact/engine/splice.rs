//! What was found in a line, and the line with it replaced.

use std::hash::Hasher;

use crate::redact::{Kind, Redactor, TokenCache};

use super::state::Stats;

/// Spans that are asked one after the other for each of many places.
const MOST_ASKED: usize = 64;

/// Bytes of the line that are replaced.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// After the last byte.
    pub end: usize,
    /// What stands there.
    pub kind: Kind,
    /// The decoded value, in [`Spans::values`]; `None` if it is what stands there.
    pub value: Option<(usize, usize)>,
    /// Not a value stands in [`Spans::values`], but what is written for it.
    pub made: bool,
    /// A quote to put around the replacement: a bare JSON number has none.
    pub quote: Quote,
    /// Nothing could be read here.
    pub unparsed: bool,
}

/// A quote that a replacement needs: backslashes before it, and the quote itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quote {
    /// Backslashes before the quote.
    pub backslashes: u8,
    /// The quote; 0 for none.
    pub mark: u8,
}

impl Quote {
    fn write(self, out: &mut Vec<u8>) {
        if self.mark != 0 {
            out.extend(std::iter::repeat_n(b'\\', usize::from(self.backslashes)));
            out.push(self.mark);
        }
    }
}

/// All spans of a line.
#[derive(Default)]
pub struct Spans {
    list: Vec<Span>,
    /// Decoded values, one after the other.
    values: Vec<u8>,
}

impl Spans {
    /// Forgets all and keeps the memory.
    pub fn clear(&mut self) {
        self.list.clear();
        self.values.clear();
    }

    /// Adds what was found, with its value if that had to be decoded.
    pub fn add(&mut self, start: usize, end: usize, kind: Kind, value: Option<&[u8]>, quote: Quote) {
        // What stands within the last span goes with it, so that no line makes more of spans than it is long.
        let within = self
            .list
            .last()
            .is_some_and(|last| last.start <= start && end <= last.end && (last.start, last.end) != (start, end));
        if start < end && !within {
            // Where a marker stands in any case, the value is of no use.
            let value = if kind.is_keyed() { value } else { Some(&b""[..]) };
            let value = value.map(|value| {
                let at = self.values.len();
                self.values.extend_from_slice(value);
                (at, self.values.len())
            });
            self.list.push(Span { start, end, kind, value, made: false, quote, unparsed: false });
        }
    }

    /// Adds what could not be read.
    pub fn add_unparsed(&mut self, start: usize, end: usize) {
        if start < end {
            self.list.push(Span {
                start,
                end,
                kind: Kind::Text,
                value: Some((0, 0)),
                made: false,
                quote: Quote::default(),
                unparsed: true,
            });
        }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many were found so far.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Spans from the `first` on: where they are, and whether a value had to be decoded.
    pub fn since(&self, first: usize) -> impl Iterator<Item = (usize, usize, bool)> {
        let is_decoded = |span: &Span| span.value.is_some_and(|(start, end)| start < end);
        self.list[first..].iter().map(move |span| (span.start, span.end, is_decoded(span)))
    }

    /// Moves spans from the `first` on to where `to` says that they are.
    pub fn shift(&mut self, first: usize, to: impl Fn(usize, usize) -> (usize, usize)) {
        for span in &mut self.list[first..] {
            (span.start, span.end) = to(span.start, span.end);
        }
    }

    /// Gives a hash all that a search sees of what was found before it.
    pub fn tell(&self, hasher: &mut impl Hasher) {
        for span in &self.list {
            hasher.write_usize(span.start);
            hasher.write_usize(span.end);
            hasher.write_u8(span.kind as u8);
        }
    }

    /// Whether each of `places` is within something that was found and has a pseudonym, so that its kind is known.
    pub fn cover(&self, mut places: impl Iterator<Item = (usize, usize)>) -> bool {
        let covers = |span: &Span, start, end| span.start <= start && end <= span.end && span.kind.is_keyed();
        self.list.len() <= MOST_ASKED
            && places.all(|(start, end)| self.list.iter().any(|span| covers(span, start, end)))
    }

    /// Takes back all but the first `count` spans.
    pub fn truncate(&mut self, count: usize) {
        self.list.truncate(count);
    }

    /// Takes back what was found within one of `places`.
    pub fn leave(&mut self, places: &[(usize, usize)]) {
        self.list.retain(|span| !places.iter().any(|(start, end)| *start <= span.start && span.end <= *end));
    }

    /// Joins spans that overlap. The widest keeps its kind; of equal ones, the one that has a pseudonym.
    fn join(&mut self) {
        self.list.sort_by(|a, b| {
            a.start.cmp(&b.start).then(b.end.cmp(&a.end)).then(b.kind.is_keyed().cmp(&a.kind.is_keyed()))
        });
        let mut joined = 0;
        for index in 1..self.list.len() {
            let next = self.list[index];
            let last = &mut self.list[joined];
            if next.start < last.end {
                if next.end > last.end {
                    // Neither value is the whole: what stands for both says what it is and no more.
                    last.end = next.end;
                    last.value = Some((0, 0));
                    last.made = false;
                    last.quote = Quote::default();
                    last.unparsed |= next.unparsed;
                }
            } else {
                joined += 1;
                self.list[joined] = next;
            }
        }
        self.list.truncate(joined + 1);
    }

    /// Appends `line` with all spans replaced.
    pub fn write(
        &mut self,
        line: &[u8],
        redactor: &Redactor,
        cache: &mut TokenCache,
        stats: &mut Stats,
        out: &mut Vec<u8>,
    ) {
        self.join();
        let mut copied = 0;
        for span in &self.list {
            out.extend_from_slice(line.get(copied..span.start).unwrap_or_default());
            copied = span.end;
            if span.unparsed {
                super::unparsed(span.end - span.start, "value", out);
                stats.unparsed += 1;
                continue;
            }
            stats.kinds[span.kind as usize] += 1;
            span.quote.write(out);
            let value = match span.value {
                Some((start, end)) => &self.values[start..end],
                None => &line[span.start..span.end],
            };
            if value.is_empty() {
                out.extend_from_slice(span.kind.marker().as_bytes());
            } else if span.made {
                out.extend_from_slice(value);
            } else {
                redactor.append(span.kind, value, cache, out);
            }
            span.quote.write(out);
        }
        out.extend_from_slice(line.get(copied..).unwrap_or_default());
    }
}

/// Spans as they are kept for lines of the same form: no byte of any value, but what stands for those that were decoded.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    list: Box<[KeptSpan]>,
    tokens: Box<[u8]>,
}

#[derive(Clone, Copy, Debug)]
struct KeptSpan {
    start: u32,
    end: u32,
    kind: Kind,
    quote: Quote,
    stands: Stands,
}

/// What is written for a span.
#[derive(Clone, Copy, Debug)]
enum Stands {
    /// The pseudonym of what stands there.
    Itself,
    /// The kind's marker.
    Marker,
    /// What stands in [`Kept::tokens`] from there on, with its length.
    Token(u32, u8),
    /// A marker that it could not be read.
    Unparsed,
}

impl Kept {
    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.list) + self.tokens.len()
    }
}

impl Spans {
    /// Spans from the `first` on, to be kept, with what is written for each where all lines that it is kept for are `line`;
    /// `None` if there are places beyond 4 GiB.
    pub fn keep(&self, first: usize, line: Option<&[u8]>, redactor: &Redactor, cache: &mut TokenCache) -> Option<Kept> {
        let mut tokens = Vec::new();
        let mut one = |span: &Span| {
            let value = match span.value {
                Some((start, end)) => Some(&self.values[start..end]),
                None => line.map(|line| &line[span.start..span.end]),
            };
            let stands = match value {
                _ if span.unparsed => Stands::Unparsed,
                None => Stands::Itself,
                Some(b"") => Stands::Marker,
                Some(_) if !redactor.has_key() => Stands::Marker,
                Some(value) => {
                    let at = tokens.len();
                    if span.made {
                        tokens.extend_from_slice(value);
                    } else {
                        redactor.append(span.kind, value, cache, &mut tokens);
                    }
                    Stands::Token(u32::try_from(at).ok()?, u8::try_from(tokens.len() - at).ok()?)
                }
            };
            let (start, end) = (u32::try_from(span.start).ok()?, u32::try_from(span.end).ok()?);
            Some(KeptSpan { start, end, kind: span.kind, quote: span.quote, stands })
        };
        let list = self.list[first..].iter().map(&mut one).collect::<Option<_>>()?;
        Some(Kept { list, tokens: tokens.into() })
    }

    /// Adds what was kept, at the places that `to` names.
    pub fn restore(&mut self, kept: &Kept, to: impl Fn(usize, usize) -> (usize, usize)) {
        self.list.extend(kept.list.iter().map(|span| {
            let value = match span.stands {
                Stands::Itself => None,
                Stands::Marker | Stands::Unparsed => Some((0, 0)),
                Stands::Token(at, length) => {
                    let token = kept.tokens.get(at as usize..at as usize + usize::from(length)).unwrap_or_default();
                    self.values.extend_from_slice(token);
                    Some((self.values.len() - token.len(), self.values.len()))
                }
            };
            let (start, end) = to(span.start as usize, span.end as usize);
            Span {
                start,
                end,
                kind: span.kind,
                value,
                made: matches!(span.stands, Stands::Token(..)),
                quote: span.quote,
                unparsed: matches!(span.stands, Stands::Unparsed),
            }
        }));
    }
}
