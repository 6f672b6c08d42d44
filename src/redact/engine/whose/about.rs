//! What a record is about. A bare `name`, `title` or `label` says nothing of whose it is; the keys beside it do: where a
//! price or a stock number stands, it is an article's, where a port or a process stands, a machine's, and where a street
//! or an e-mail address stands, a person's.

use crate::redact::Kind;
use crate::redact::detect::blocks::{is_bound, places};
use crate::redact::detect::text::before;
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure::{self, Key};

use super::special;
use crate::redact::engine::announced::headerless_row::is_somebody;
use crate::redact::engine::memory::known::{KeyFacts, Known};
use crate::redact::engine::sweep::Sweep;

/// Keys of one record that are asked.
const MAX_KEYS: usize = 48;

/// What the keys of a record say together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Somebody's: an e-mail address, a street, a given name.
    pub person: bool,
    /// An article's, a service's or a machine's.
    pub thing: bool,
    /// Goods in stock.
    pub stock: bool,
    /// An order, which somebody has placed.
    pub order: bool,
    /// A message or a call between two numbers.
    pub message: bool,
    /// Where a connection or a machine of somebody's is.
    pub located: bool,
    /// A site's of the business: a depot, a hub.
    pub site: bool,
    /// The key of the record itself, if there is one.
    pub parent: Option<(usize, usize)>,
}

impl About {
    /// Whether nothing but things is spoken of.
    pub const fn is_of_thing(self) -> bool {
        self.thing && !self.person
    }
}

impl Sweep<'_> {
    /// What the record around `start..end` is about, that value's own key aside.
    pub fn about(&mut self, start: usize, end: usize) -> About {
        let text = self.view.text;
        let (from, to) = self.bounds(start, end);
        let mut about = About { parent: self.key_of(from), ..About::default() };
        let mut depth = 0usize;
        let mut keys = 0;
        for place in places(text, from, to, |byte| is_bound(byte) | (byte == b':') | (byte == b'=')) {
            match text[place] {
                b'{' | b'[' | b'(' => depth += 1,
                b'}' | b']' | b')' => depth = depth.saturating_sub(1),
                b':' | b'=' if keys >= MAX_KEYS => break,
                b':' | b'=' if depth == 0 => {
                    let Some(key) = structure::key_before(text, place).filter(|key| key.start >= from) else {
                        continue;
                    };
                    keys += 1;
                    // The value that is asked about has this key.
                    if place < start && start - place <= 4 {
                        continue;
                    }
                    let name = &text[key.start..key.end];
                    let said = self.state.known.look_up(name, None);
                    about.message |= said.message;
                    match said.meaning {
                        Meaning::Personal(kind) if is_somebody(kind) && kind != Kind::Text => about.person = true,
                        // Where a connection comes from is somebody's place.
                        Meaning::Personal(Kind::Address | Kind::Geo | Kind::Device) => about.located = true,
                        _ => {
                            about.thing |= said.goods;
                            about.site |= said.business.has_site();
                            about.stock |= said.business.has_stock();
                            about.order |= said.business.has_order();
                        }
                    }
                }
                _ => {}
            }
        }
        about
    }

    /// The key whose value begins with the bracket before `from`: `"carrier": {`, `"items": [{`.
    pub fn key_of(&self, from: usize) -> Option<(usize, usize)> {
        let text = self.view.text;
        let mut end = from.checked_sub(1)?;
        // `"sections": [{…}, {`: the list in which others stand before it.
        if text[..end].trim_ascii_end().ends_with(b",") {
            let (list, _, bracketed) = self.region(end, end + 1);
            if !bracketed || before(text, list) != b'[' {
                return None;
            }
            end = list - 1;
        }
        while end > 0 && matches!(before(text, end), b' ' | b'[' | b'{' | b'\n') {
            end -= 1;
        }
        let separator = end.checked_sub(1).filter(|place| matches!(text[*place], b':' | b'='))?;
        structure::key_before(text, separator).map(|key| (key.start, key.end))
    }

    /// Whether the value at `start..end` under `name` is a thing's, by its record or by the key of its record.
    pub fn is_of_things(&mut self, name: &[u8], start: usize, end: usize) -> bool {
        let about = self.about(start, end);
        let parent = about.parent.map(|(from, to)| &self.view.text[from..to]);
        about.is_of_thing() || !about.person && parent.is_some() && lexicon::meaning(name, parent) == Meaning::Keep
    }

    /// A few words that describe something: no guess is made in them.
    pub fn caption(&mut self, key: Key, separator: usize, value: usize) {
        let text = self.view.text;
        let named = structure::opening(text, value).is_some() || text[separator] == b'=';
        let name = &text[key.start..key.end];
        if !named || self.is_of_contact(key, separator, value) {
            return;
        }
        // `"brand": [{"value": "Peter Kaiser"}]`
        let parent = self.frames.parent().map(|(from, to)| &text[from..to]);
        let within = |known: &mut Known<KeyFacts>, parent: &[u8]| {
            known.look_up(name, Some(parent)).value
                && (special::is_caption(parent)
                    || lexicon::is_of_goods(parent)
                    || known.look_up(parent, None).meaning == Meaning::Keep)
        };
        if !special::is_caption(name) && !parent.is_some_and(|parent| within(&mut self.state.known, parent)) {
            return;
        }
        let (start, end, _) = self.extent_near(key, separator, value, Kind::Value);
        if memchr::memchr_iter(b' ', &text[start..end]).count() <= 8 {
            self.quiet.keep(start, end);
        }
    }
}
