//! Where the members of a record's line stand: found in one pass over the line, whatever a projection then asks for, by
//! whichever sink. Lines are the gate's own, RFC 8259 without white space, and their keys need no escapes; of anything
//! else, what stands before the first fault is found.

mod paths;
mod quotes;

pub use paths::Path;

use paths::{COUNT, NOWHERE, Node, ROOT, Table};

/// Begin and end of a value; both are 0 where there is none.
type Span = (u32, u32);

/// The members of one line after the other, in memory that is used again: 1 KiB, and 4 bytes for each quotation mark.
#[derive(Debug)]
pub struct Index {
    spans: Box<[Span; COUNT]>,
    quotes: Vec<u32>,
    /// No backslash is in the line.
    is_plain: bool,
}

impl Default for Index {
    fn default() -> Self {
        Self { spans: Box::new([(0, 0); COUNT]), quotes: Vec::new(), is_plain: false }
    }
}

/// A record's line, with its members.
#[derive(Clone, Copy, Debug)]
pub struct View<'l> {
    /// The line.
    pub line: &'l [u8],
    index: &'l Index,
}

impl Index {
    /// Looks at a line.
    pub fn of<'l>(&'l mut self, line: &'l [u8]) -> View<'l> {
        self.look(line);
        self.view(line)
    }

    /// Looks at a line, for whoever wants to see it later.
    pub fn look(&mut self, line: &[u8]) {
        self.is_plain = quotes::find(line, &mut self.quotes);
        self.spans.fill((0, 0));
        let mut walk = Walk { line, quotes: &self.quotes, table: Table::get(), spans: &mut self.spans };
        // A line that is not whole has what stands before its fault.
        let _ = walk.object(0, ROOT);
    }

    /// Where a member's value begins and ends.
    #[inline]
    pub fn span(&self, path: Path) -> Option<(usize, usize)> {
        let (begin, end) = self.spans[path as usize];
        // No value stands at the very begin of a line.
        (end > 0).then_some((begin as usize, end as usize))
    }

    /// The line that was looked at last.
    pub const fn view<'l>(&'l self, line: &'l [u8]) -> View<'l> {
        View { line, index: self }
    }
}

impl<'l> View<'l> {
    /// A member's value as it stands in the line; a text with its quotation marks.
    #[inline]
    pub fn at(&self, path: Path) -> Option<&'l [u8]> {
        let (begin, end) = self.index.span(path)?;
        self.line.get(begin..end)
    }

    /// The first of some members that is there.
    pub fn either(&self, paths: &[Path]) -> Option<&'l [u8]> {
        paths.iter().find_map(|path| self.at(*path))
    }

    /// The quotation marks that begin and end the line's texts; all that must be escaped to put the line into another
    /// text, if there is no backslash in it.
    pub fn quotes(&self) -> Option<&'l [u32]> {
        self.index.is_plain.then_some(&self.index.quotes)
    }
}

/// On the way through a line.
struct Walk<'l> {
    line: &'l [u8],
    /// Those that are still to come.
    quotes: &'l [u32],
    table: &'static Table,
    spans: &'l mut [Span; COUNT],
}

impl Walk<'_> {
    /// The text that begins at `at`: where it ends.
    #[inline]
    fn text(&mut self, at: usize) -> Option<usize> {
        let [open, close, rest @ ..] = self.quotes else { return None };
        self.quotes = rest;
        (*open as usize == at).then_some(*close as usize + 1)
    }

    /// The object that begins at `at`, which is on some way, and so are not more than a few within each other: where it
    /// ends.
    fn object(&mut self, at: usize, node: Node) -> Option<usize> {
        let mut at = match self.line.get(at..)? {
            [b'{', b'}', ..] => return Some(at + 2),
            [b'{', ..] => at + 1,
            _ => return None,
        };
        loop {
            let begin = self.text(at)?;
            let key = self.line.get(at + 1..begin - 1)?;
            if *self.line.get(begin)? != b':' {
                return None;
            }
            let begin = begin + 1;
            let known = self.table.find(node, key);
            let end = self.value(begin, known.map_or(NOWHERE, |known| known.child))?;
            if let Some(path) = known.and_then(|known| known.path) {
                self.spans[path as usize] = (u32::try_from(begin).ok()?, u32::try_from(end).ok()?);
            }
            match self.line.get(end)? {
                b',' => at = end + 1,
                b'}' => return Some(end + 1),
                _ => return None,
            }
        }
    }

    /// The value that begins at `at` and leads to `node`: where it ends.
    #[inline]
    fn value(&mut self, at: usize, node: Node) -> Option<usize> {
        match self.line.get(at)? {
            b'"' => self.text(at),
            b'{' if node != NOWHERE => self.object(at, node),
            b'[' if self.table.first(node) != NOWHERE && *self.line.get(at + 1)? != b']' => {
                let end = self.value(at + 1, self.table.first(node))?;
                self.nested(end, 1)
            }
            b'{' | b'[' => self.nested(at, 0),
            _ => {
                let rest = &self.line[at..];
                // Numbers and words are short.
                rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']')).map(|length| at + length)
            }
        }
    }

    /// Where an object or array ends of which nothing is wanted, from `at` on, which is so deep in it.
    fn nested(&mut self, mut at: usize, mut depth: usize) -> Option<usize> {
        loop {
            let text = self.quotes.first().map_or(self.line.len(), |quote| *quote as usize);
            for (place, byte) in self.line.get(at..text)?.iter().enumerate() {
                match byte {
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth = depth.checked_sub(1)?;
                        if depth == 0 {
                            return Some(at + place + 1);
                        }
                    }
                    _ => {}
                }
            }
            at = self.text(text)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn members_are_found_whatever_stands_between_them() {
        let line = br#"{"action_id":1,"actor":{"a":[{"user":{"uid":"no"}}],"user":{"uid":"} , \" {"}},"evidences":[{"data":{"observed":7}},{"data":{"observed":8}}],"file":{},"metadata":{"data_classifications":[],"uid":"x"},"time":5,"tls":{"sni":null}}"#;
        let mut index = Index::default();
        let view = index.of(line);
        assert_eq!(view.at(Path::Action), Some(&b"1"[..]));
        assert_eq!(view.at(Path::ActorUid), Some(&br#""} , \" {""#[..]));
        assert_eq!(view.at(Path::SeenObserved), Some(&b"7"[..]));
        assert_eq!(view.at(Path::MetadataKinds), None);
        assert_eq!(view.at(Path::MetadataUid), Some(&br#""x""#[..]));
        assert_eq!(view.either(&[Path::Start, Path::Time]), Some(&b"5"[..]));
        assert_eq!(view.at(Path::Tls), Some(&br#"{"sni":null}"#[..]));
        assert_eq!(view.quotes(), None);
        assert_eq!(index.of(b"{}").at(Path::Action), None, "nothing is left of the line before");
        assert_eq!(index.of(br#"{"time":5}"#).quotes(), Some(&[1, 6][..]));
    }

    /// Any JSON, of keys that lead somewhere and others.
    fn json() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![any::<String>().prop_map(Value::from), any::<u32>().prop_map(Value::from), Just(Value::Null)];
        let key = prop::sample::select(
            &["evidences", "data", "observed", "metadata", "uid", "x", "user", "actor", "tls"][..],
        );
        leaf.prop_recursive(5, 40, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_a_parser_finds_is_found(value in json()) {
            let line = value.to_string();
            let mut index = Index::default();
            let view = index.of(line.as_bytes());
            for (way, path) in [
                ("/evidences/0/data/observed", Path::SeenObserved),
                ("/metadata/uid", Path::MetadataUid),
                ("/actor/user/uid", Path::ActorUid),
                ("/user", Path::User),
                ("/tls", Path::Tls),
            ] {
                // A pointer takes "0" for a key, too, and no such key is there.
                let expected = value.pointer(way).map(Value::to_string);
                let found = view.at(path).map(|found| String::from_utf8(found.to_vec()).unwrap());
                prop_assert_eq!(found, expected, "{} in {}", way, line);
            }
        }

        #[test]
        fn nothing_is_read_beyond_the_end(bytes in any::<Vec<u8>>(), value in json(), cut in 0usize..200) {
            let line = value.to_string().into_bytes();
            for line in [&bytes, &line[..cut.min(line.len())]] {
                let mut index = Index::default();
                let view = index.of(line);
                assert!(view.at(Path::User).is_none_or(|found| found.len() <= line.len()));
            }
        }
    }
}
