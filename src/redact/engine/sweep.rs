//! One pass over a text: places where something may begin, and what is asked there.

use smallvec::SmallVec;

use crate::redact::Kind;
use crate::redact::detect::{Literal, Literals, Mask};

use super::announced::headerless_row::is_somebody;
use super::announced::html_table::Markup;
use super::announced::inline_table::InlineTable;
use super::announced::sibling::ShortKeys;
use super::frame::{Frame, Frames};
use super::marks::Marks;
use super::ranges::{Quiet, Ranges};
use super::state::State;
use super::view::View;
use super::whose::protocol::is_relay;
use super::{Engine, Quote};

/// Data of one text whose rows are looked at.
pub(super) const MAX_FOUND: usize = 2048;

/// Places in a text, and what stands there.
pub(super) type Found = SmallVec<[(usize, usize, Kind); 8]>;

/// Those of them that stand in `from..to`, so that no record asks all of them for each of its values.
pub(super) fn within(found: &[(usize, usize, Kind)], from: usize, to: usize) -> Found {
    found.iter().filter(|(start, end, _)| *start < to && *end > from).copied().collect()
}

/// A search of one text.
pub struct Sweep<'a> {
    pub(super) engine: &'a Engine,
    pub(super) literals: &'a Literals,
    pub(super) state: &'a mut State,
    pub(super) view: &'a View<'a>,
    /// The bytes of the text.
    pub(super) mask: Mask,
    pub(super) frames: Frames,
    /// A key whose value begins with a bracket at this place.
    pub(super) pending: Option<(usize, Frame)>,
    /// Where detectors that guess are not asked.
    pub(super) quiet: Quiet,
    /// The table within this text.
    pub(super) table: InlineTable,
    /// Logins of URLs and of command lines, whose `@` is no e-mail address's.
    pub(super) logins: Ranges,
    /// Up to here values have been searched with spaces for plus signs.
    pub(super) spaced: usize,
    /// What the marks have led to.
    pub(super) marks: Marks,
    /// A colon was seen in this line of the text.
    pub(super) colon: bool,
    /// A personal key was seen in this text.
    pub(super) personal: bool,
    /// A quoted-printable escape was seen in this text.
    pub(super) printable: bool,
    /// Names of bound values, and what the statement compares them with.
    pub(super) placeholders: SmallVec<[((usize, usize), Kind); 4]>,
    /// A place in what may be a row without a header.
    pub(super) row_at: Option<usize>,
    /// Where in a table of HTML the search is.
    pub(super) markup: Markup,
    /// Pairs whose keys have one letter or two.
    pub(super) short: ShortKeys,
    /// Where data were found that make a row somebody's.
    pub(super) found: Found,
    /// Quoted words that may be a name, if something in the text is somebody's.
    pub(super) quoted: SmallVec<[(usize, usize); 4]>,
}

impl<'a> Sweep<'a> {
    /// A search of `view`.
    pub fn new(engine: &'a Engine, literals: &'a Literals, state: &'a mut State, view: &'a View<'a>) -> Self {
        Self {
            engine,
            literals,
            state,
            view,
            mask: Mask::default(),
            frames: Frames::default(),
            pending: None,
            quiet: Quiet::default(),
            table: InlineTable::default(),
            logins: Ranges::default(),
            spaced: 0,
            marks: Marks::default(),
            colon: false,
            personal: false,
            printable: false,
            placeholders: SmallVec::new(),
            row_at: None,
            markup: Markup::default(),
            short: ShortKeys::default(),
            found: SmallVec::new(),
            quoted: SmallVec::new(),
        }
    }

    /// Searches the text, and what it says when it is decoded; where data were found that make a record somebody's.
    pub fn run(mut self) -> Found {
        let text = self.view.text;
        if !self.spend(text.len()) {
            return self.found;
        }
        let (hits, mask) = self.literals.find(text);
        self.mask = mask;
        if self.view.origin.is_none() {
            self.state.literal = hits.iter().any(|(.., literal)| !matches!(literal, Literal::Mark(_)));
        }
        // Texts within what an earlier one proved go with it: no byte is asked again and again.
        let mut covered = 0;
        for &(_, from, literal) in &hits {
            match literal {
                Literal::Mark(mark) => self.mark(mark, from),
                _ if from < covered => {}
                _ => {
                    if let Some((kind, start, end)) = Literals::judge(literal, text, from) {
                        covered = covered.max(end);
                        self.literal(kind, start, end);
                    }
                }
            }
        }
        if self.view.origin.is_none() {
            for (start, end) in self.state.carry.quiet() {
                self.quiet.add_cell(*start, *end);
            }
        }
        self.inline_table();
        self.scan();
        self.neighbours();
        self.words();
        self.decode();
        self.found
    }

    /// Takes `bytes` from those that may still be searched for this line. If they are more, this text is shown to nobody,
    /// and there is nothing more to ask in it.
    pub(super) fn spend(&mut self, bytes: usize) -> bool {
        if let Some(left) = self.state.work.checked_sub(bytes) {
            self.state.work = left;
            return true;
        }
        (self.state.literal, self.state.spent) = (true, true);
        let (start, end) = self.view.source(0, self.view.text.len().max(1));
        self.state.spans.add_unparsed(start, end);
        false
    }

    /// Adds what was found at `start..end`, and a name that stands beside it.
    pub(super) fn hit(&mut self, kind: Kind, start: usize, end: usize) {
        let text = self.view.text;
        if kind == Kind::Address && text[..start].ends_with(b" ") {
            self.login_in_row(start - 1, end);
        }
        if kind == Kind::Address && (self.is_kept_address(&text[start..end]) || is_relay(text, start, end)) {
            return;
        }
        self.add(kind, start, end, Quote::default());
        if kind == Kind::Address && text[..start].ends_with(b"/") {
            self.login_before(start - 1);
        } else if kind == Kind::Address && text[..start].ends_with(b"@") {
            // `(jane@203.0.113.9)`
            self.login_before(start - 1);
        }
        if matches!(kind, Kind::Email | Kind::Account | Kind::Card | Kind::Phone | Kind::Tax | Kind::Identity) {
            self.beside(start, end);
        }
        if kind == Kind::Name {
            self.after_name(start, end);
        }
        if kind == Kind::Postal {
            if text[..start].ends_with(b", ") {
                self.name_ending_at(start - 2, self.least_words(start - 2));
            } else if let Some(mark) = [&b"\\n"[..], b"\n"].into_iter().find(|mark| text[..start].ends_with(mark)) {
                self.name_ending_at(start - mark.len(), 2);
            } else if [&b" / "[..], b" | ", b" - "].iter().any(|mark| text[..start].ends_with(mark)) {
                self.name_ending_at(start - 3, 2);
            } else if text[..start].ends_with(b">") {
                self.name_above(start);
            }
        }
    }

    /// Adds a span of this text as a span of the line.
    pub(super) fn add(&mut self, kind: Kind, start: usize, end: usize, quote: Quote) {
        let text = self.view.text;
        // `<![CDATA[` is a mark.
        if text[..end].ends_with(b"<![CDATA") {
            return;
        }
        if start >= end || super::is_marker(&text[start..end]) || self.engine.redactor.keeps(&text[start..end]) {
            return;
        }
        if self.found.len() < MAX_FOUND && (is_somebody(kind) || matches!(kind, Kind::Tax | Kind::Identity)) {
            self.found.push((start, end, kind));
        }
        let (first, last) = self.view.source(start, end);
        let level = self.view.level.min(self.state.stats.levels.len() - 1);
        self.state.stats.levels[level] += 1;
        let decoded = self.view.origin.is_some().then(|| &text[start..end]);
        self.state.spans.add(first, last, kind, decoded, quote);
    }
}
