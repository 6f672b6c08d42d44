//! What words before a quoted text say of it.

use crate::redact::Kind;
use crate::redact::detect;
use crate::redact::detect::text::{at, before};
use crate::redact::lexicon::{self, Meaning};

use crate::redact::engine::Quote;
use crate::redact::engine::frame::Frame;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::{doubt, special};

/// Words between what is compared and what it is compared with.
const COMPARES: [&[u8]; 10] =
    [b"like", b"ilike", b"is", b"was", b"equals", b"contains", b"matches", b"to", b"of", b"eq"];

impl Sweep<'_> {
    /// `for receiver "Jane Doe"`, `:full-name "Jane Doe"`: the word before the space at `space`.
    fn told_by_word(&mut self, space: usize, inner: &[u8]) -> Option<Kind> {
        let text = self.view.text;
        // `"HSET" "cart:1" "first_name" "Jane"`: arguments of a command, of which one names the next.
        let marked = usize::from(space > 2 && text[space - 1] == b'"');
        let space = space - marked;
        let length = detect::text::run_back(text, space, 32, |byte| {
            byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'-' | b'_')
        });
        if marked > 0 && before(text, space - length) != b'"' {
            return None;
        }
        let mut word = &text[space - length..space];
        // `surname LIKE 'Do%'`, `expected email "…"`
        if COMPARES.iter().any(|known| word.eq_ignore_ascii_case(known)) && before(text, space - length) == b' ' {
            let space = space - length - 1;
            let length = detect::text::run_back(text, space, 32, |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
            });
            word = &text[space - length..space];
        }
        let length = word.len();
        // `it is valid to pass "payload"`: a verb.
        let verb = word == b"pass" && text[..space - length].ends_with(b"to ");
        if length < 3 || verb || lexicon::is_strange(word) {
            return None;
        }
        // `postal code '1011'`
        let before = text[..space].strip_suffix(word).and_then(|rest| rest.strip_suffix(b" ")).unwrap_or_default();
        let earlier = detect::text::run_back(before, before.len(), 24, |byte| byte.is_ascii_alphabetic());
        let phrase = &text[space - word.len().min(space)..space];
        let phrase = if earlier > 0 { &text[before.len() - earlier..before.len() + 1 + phrase.len()] } else { phrase };
        // `:person {:given "Jane"}`: what a Clojure keyword stands in.
        let symbol = super::quotation::symbol_before(text, space + 1).is_some();
        let parent = self.frames.parent().filter(|_| symbol).map(|(start, end)| &text[start..end]);
        let meaning = match self.state.known.look_up(word, parent).meaning {
            Meaning::Unknown | Meaning::Doubtful(_) | Meaning::Keep if earlier > 0 => lexicon::meaning(phrase, None),
            meaning => meaning,
        };
        if matches!(word, b"given" | b"family" | b"first" | b"last" | b"middle")
            && parent.is_some_and(lexicon::is_person)
        {
            return special::fits(Kind::Name, inner).then_some(Kind::Name);
        }
        match meaning {
            Meaning::Personal(kind) | Meaning::Secret(kind) if marked > 0 => {
                (!special::is_nothing(inner)).then_some(kind)
            }
            Meaning::FreeText(kind) if marked > 0 && !special::is_structured(inner) => Some(kind),
            Meaning::Personal(kind) | Meaning::Secret(kind) => {
                (special::fits(kind, inner) && !special::is_nothing(inner)).then_some(kind)
            }
            Meaning::Doubtful(Kind::Name) => {
                (doubt::is_full_name(inner) && !detect::firms::has_legal_form(inner)).then_some(Kind::Name)
            }
            _ => None,
        }
    }

    /// `phone: Cast to Number failed for value "…"`, `postcode: must match (was '…')`: the key that is complained of.
    fn told_by_complaint(&mut self, space: usize, inner: &[u8]) -> Option<Kind> {
        const SAYS: [&[u8]; 8] = [b"value", b"was", b"got", b"received", b"actual", b"(was", b"given", b"input"];
        let text = self.view.text;
        let length = detect::text::run_back(text, space, 12, |byte| byte.is_ascii_lowercase() || byte == b'(');
        if !SAYS.contains(&&text[space - length..space]) {
            return None;
        }
        let guess = detect::cell::guess(inner).filter(|guess| !guess.weak);
        let guess = guess.map(|guess| guess.kind).filter(|kind| matches!(kind, Kind::Phone | Kind::Postal));
        Self::complained(text, space - length, inner).or(guess)
    }

    /// The kind of the last personal key that words before `from` name, of which `inner` is the value.
    pub fn complained(text: &[u8], from: usize, inner: &[u8]) -> Option<Kind> {
        let near = &text[from.saturating_sub(160)..from];
        let keys = near.rsplit(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_')).filter(|word| word.len() > 2);
        for key in keys.take(20) {
            if let Meaning::Personal(kind) = lexicon::meaning(key, None)
                && !special::is_nothing(inner)
                && (kind != Kind::Postal || special::fits(kind, inner))
            {
                return Some(kind);
            }
        }
        None
    }

    /// `startswith(LastName,'Doe')`: the argument before the comma at `comma`.
    fn told_by_argument(&mut self, comma: usize, inner: &[u8]) -> Option<Kind> {
        let text = self.view.text;
        if at(text, comma) != b',' {
            return None;
        }
        // `page.fill('#fullName', 'Jane Doe')`
        let quoted = usize::from(matches!(before(text, comma), b'"' | b'\''));
        let end = comma - quoted;
        let length = detect::text::run_back(text, end, 48, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'.' | b'#' | b'-')
        });
        let start = end - length;
        let open = start.checked_sub(quoted)?;
        if length < 3 || before(text, open) != b'(' || !before(text, open - 1).is_ascii_alphanumeric() {
            return None;
        }
        let name = text[start..end].rsplit(|byte| matches!(byte, b'/' | b'.' | b'#')).next().unwrap_or_default();
        // Two columns, and no value.
        if quoted > 0 && !matches!(lexicon::meaning(inner, None), Meaning::Unknown | Meaning::Message) {
            return None;
        }
        match self.state.known.look_up(name, None).meaning {
            Meaning::Personal(kind) | Meaning::Secret(kind) => (!special::is_nothing(inner)).then_some(kind),
            Meaning::Doubtful(Kind::Name) => doubt::is_full_name(inner).then_some(Kind::Name),
            _ => None,
        }
    }

    /// `eq(lastName,Doe)`: a key and what it is compared with, bare, behind the bracket at `open`.
    pub fn operand(&mut self, open: usize) -> bool {
        const OPERATORS: [&[u8]; 8] = [b"eq", b"ne", b"like", b"ilike", b"match", b"contains", b"startsWith", b"in"];
        let text = self.view.text;
        let operator = open - detect::text::run_back(text, open, 12, |byte| byte.is_ascii_alphabetic());
        if !OPERATORS.contains(&&text[operator..open]) {
            return false;
        }
        let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
        let comma = open + 1 + detect::text::run(text, open + 1, 48, word);
        if at(text, comma) != b',' || matches!(at(text, comma + 1), b'"' | b'\'' | b' ') {
            return false;
        }
        self.bare_operand((open + 1, comma), comma + 1)
    }

    /// Replaces the bare value at `start` that the key `key` is compared with.
    pub fn bare_operand(&mut self, key: (usize, usize), start: usize) -> bool {
        let text = self.view.text;
        let end = start
            + detect::text::run(text, start, 256, |byte| {
                byte > b' ' && !matches!(byte, b'(' | b')' | b',' | b';' | b'&' | b'"' | b'\'' | b'|')
            });
        let inner = &text[start..end];
        let kind = match self.state.known.look_up(&text[key.0..key.1], None).meaning {
            Meaning::Personal(kind) | Meaning::Secret(kind) if !special::is_nothing(inner) => kind,
            _ => return false,
        };
        self.replace(&text[key.0..key.1], kind, start, end, Quote::default());
        true
    }

    /// What stands before the quote at `from`, behind `left`, says of `inner`.
    pub fn told_before(&mut self, left: u8, from: usize, inner: &[u8]) -> Option<Kind> {
        match left {
            b' ' => self
                .told_by_word(from - 1, inner)
                .or_else(|| self.told_by_argument(from.checked_sub(2)?, inner))
                .or_else(|| self.told_by_complaint(from - 1, inner)),
            b',' => self.told_by_argument(from - 1, inner),
            _ => None,
        }
    }

    /// `zip IN ('12345', '54321')`: values that a column is compared with, the first of them at `from`.
    pub fn one_of(&mut self, from: usize) -> Option<usize> {
        let text = self.view.text;
        let lead = text[..from - 1].trim_ascii_end();
        let lead = lead.strip_suffix(b" IN").or_else(|| lead.strip_suffix(b" in"))?;
        let lead = lead.strip_suffix(b" NOT").unwrap_or(lead);
        let length = detect::text::run_back(lead, lead.len(), 48, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match self.state.known.look_up(&lead[lead.len() - length..], None).meaning {
            meaning @ (Meaning::Personal(_) | Meaning::Secret(_)) => Some(self.list(from, meaning)),
            _ => None,
        }
    }

    /// Quoted words that are a name which was found elsewhere in the text, or nearly: `expected 'Jane Doe' to equal …`.
    pub fn quoted_names(&mut self, found: &[(usize, usize, Kind)]) {
        let text = self.view.text;
        for (start, end) in std::mem::take(&mut self.quoted) {
            let mut words = text[start..end].split(|byte| *byte == b' ').filter(|word| word.len() > 2);
            let said = |word: &[u8]| {
                found.iter().any(|(from, to, kind)| {
                    *kind == Kind::Name && text[*from..*to].split(|byte| *byte == b' ').any(|known| known == word)
                })
            };
            // `TEXT 40,60,"3",0,1,1,"Jane Doe" TEXT 40,100,"3",0,1,1,"12 Example Street"`: commands of a label.
            let above = found.iter().any(|(from, _, kind)| {
                *kind == Kind::Postal
                    && *from > end
                    && from - end <= 48
                    && before(text, start - 1) == b','
                    && !detect::given::is_other(&text[start..end])
                    && !detect::firms::has_legal_form(&text[start..end])
            });
            if above || words.any(said) {
                self.add(Kind::Name, start, end, Quote::default());
            }
        }
    }

    /// `setRecipient('Jane Doe', NULL, '…')`: whether the quote at `from` opens an argument behind somebody's name.
    pub fn is_argument_behind_name(&self, from: usize) -> bool {
        let text = self.view.text;
        self.found.last().is_some_and(|(_, to, kind)| {
            let gap = text.get(to + 1..from).unwrap_or_default();
            *kind == Kind::Name
                && gap.len() < 32
                && gap.starts_with(b",")
                && gap.trim_ascii_end().ends_with(b",")
                && gap.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b',' | b' '))
        })
    }

    /// `:addr ["…" "…"]`, `:consignee {…}`: what a Clojure keyword says of the bracket at `from`.
    pub fn keyword(&mut self, from: usize) -> Option<Frame> {
        let text = self.view.text;
        let symbol = super::quotation::symbol_before(text, from)?;
        let end = from - 1;
        let key = (end - symbol.len(), end);
        let parent = self.frames.parent().map(|(start, end)| &text[start..end]);
        let meaning = match self.state.known.look_up(symbol, parent).meaning {
            meaning @ (Meaning::Personal(_) | Meaning::Secret(_) | Meaning::FreeText(_)) => Some(meaning),
            _ => None,
        };
        Some(Frame { key, meaning, ..Frame::default() })
    }
}

/// `Lange Gade 79, 2. tv.`: a word, a house's number, and what tells one door of it from others.
pub fn is_door(inner: &[u8]) -> bool {
    let comma = inner.iter().position(|byte| *byte == b',').unwrap_or(0);
    let house = inner[..comma].rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    house.len() < comma
        && inner.len() <= 80
        && (inner[0].is_ascii_uppercase() || inner[0] >= 0x80)
        && house.len() <= detect::MAX_HOUSE
        && house.first().is_some_and(u8::is_ascii_digit)
}
