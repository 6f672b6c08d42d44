//! What a key means where it stands.

use crate::redact::Kind;
use crate::redact::detect::names;
use crate::redact::detect::text::{at, before, is_word, run};
use crate::redact::lexicon::{self, Meaning, Pair};
use crate::redact::structure::{self, Key};

use super::pair::is_colon;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::special;

/// Most bytes of a kept value that are guarded from guesses.
const MAX_KEPT: usize = 256;

impl Sweep<'_> {
    /// What the key means here; of a key in prose, as many words as tell most.
    pub fn meaning(&mut self, key: Key, separator: usize) -> (Key, Meaning, Option<Pair>) {
        let text = self.view.text;
        let parent = self.frames.parent().map(|(start, end)| &text[start..end]);
        let name = &text[key.start..key.end];
        let written = self.state.known.look_up(name, parent);
        let said = if self.mask.has(b'%') && memchr::memchr(b'%', name).is_some() {
            self.state.known.look_up(&special::said(name), parent)
        } else {
            written
        };
        // A JSON patch names by a path what it sets.
        let half = if name == b"path" { Some(Pair::Name) } else { written.half };
        let (own, person) = (said.meaning, said.person);
        let is_clear =
            |meaning: Meaning| matches!(meaning, Meaning::Personal(_) | Meaning::Secret(_) | Meaning::FreeText(_));
        if (!is_clear(own) || matches!(own, Meaning::FreeText(_))) && is_colon(text[separator]) && key.quote.is_none() {
            let longer = structure::phrases(text, key).filter_map(|start| {
                // `#<Buyer id: 12, …>`: the class of what Ruby shows, and no part of the key.
                if text[..start].ends_with(b"#<") {
                    return None;
                }
                let meaning = self.state.phrases.meaning(&text[start..key.end]);
                is_clear(meaning).then_some((Key { start, outer: start, ..key }, meaning))
            });
            if let Some((key, meaning)) = longer.last() {
                return (key, meaning, self.state.known.look_up(&text[key.start..key.end], parent).half);
            }
        }
        let own = self.meaning_here(own, person, key, separator);
        let inherited = self.frames.top().meaning.filter(|meaning| !is_apart(name, own, *meaning));
        match (own, inherited) {
            (Meaning::Unknown | Meaning::Message | Meaning::Doubtful(_), Some(meaning)) => (key, meaning, half),
            _ => (key, own, half),
        }
    }

    /// What a key that the lexicon calls `own` means beside what has been seen. `person`: it names one.
    fn meaning_here(&mut self, own: Meaning, person: bool, key: Key, separator: usize) -> Meaning {
        let text = self.view.text;
        let name = &text[key.start..key.end];
        match own {
            // `holder=`, `consignee:`: a person as the key itself.
            Meaning::Unknown if person && self.is_lonely_half(name, key) => own,
            Meaning::Unknown if person && !lexicon::is_of_app(name) || matches!(name, b"CN" | b"cn") => {
                Meaning::Doubtful(Kind::Name)
            }
            Meaning::Unknown if self.personal && special::ends_in_name(name) && !lexicon::is_of_thing(name) => {
                Meaning::Doubtful(Kind::Name)
            }
            // Client hints tell one browser from others, whatever they are called.
            _ if name.len() > 9 && name[..7].eq_ignore_ascii_case(b"sec-ch-") => Meaning::Personal(Kind::Agent),
            Meaning::Message if self.frames.top().personal && !special::is_of_log(name) => {
                Meaning::FreeText(Kind::Text)
            }
            Meaning::Message if self.is_wish(key, separator) => Meaning::FreeText(Kind::Gift),
            Meaning::Message if self.is_spoken(key, separator) => Meaning::FreeText(Kind::Text),
            _ if self.is_subscriber(key, separator) => Meaning::Doubtful(Kind::Phone),
            // `"ticket": {"requester": {…}, "description": "…"}`: what somebody asked for.
            Meaning::Unknown | Meaning::Message if self.personal && key.quote.is_some() && self.is_request(name) => {
                Meaning::FreeText(Kind::Text)
            }
            // The id of a party of an order (FIX), who may be somebody.
            Meaning::Unknown if name == b"448" && memchr::memmem::find(text, b"8=FIX").is_some() => {
                Meaning::Doubtful(Kind::Name)
            }
            _ if name == b"state" && text[separator] == b'=' => Meaning::Doubtful(Kind::Token),
            // `label_name` beside `label_street`
            Meaning::Unknown | Meaning::Keep
                if special::ends_in_name(name) && !lexicon::is_of_app(name) && self.has_address_beside(key) =>
            {
                Meaning::Doubtful(Kind::Name)
            }
            // `packedFor`, `counted_by`, `onSigned by="Jane Doe"`
            Meaning::Unknown if special::ends_in_whom(name) || name == b"by" && text[separator] == b'=' => {
                Meaning::Doubtful(Kind::Name)
            }
            // `cs1=… cs1Label=Session`
            Meaning::Unknown if name.last().is_some_and(u8::is_ascii_digit) => self.labelled_elsewhere(name),
            _ => own,
        }
    }

    /// Whether `name` says what a ticket is about, within one that somebody opened.
    fn is_request(&self, name: &[u8]) -> bool {
        const TICKETS: [&[u8]; 10] = [
            b"ticket",
            b"case",
            b"conversation",
            b"complaint",
            b"claim",
            b"dispute",
            b"enquiry",
            b"inquiry",
            b"support_request",
            b"return_request",
        ];
        (name.eq_ignore_ascii_case(b"description") || name.eq_ignore_ascii_case(b"details"))
            && self.frames.parent().is_some_and(|(from, to)| {
                TICKETS.iter().any(|ticket| self.view.text[from..to].eq_ignore_ascii_case(ticket))
            })
    }

    /// What a key that an operator needs speaks of, a quoted value or a word: no guess is made there.
    pub fn keep(&mut self, separator: usize, value: usize) -> usize {
        let text = self.view.text;
        let quoted = structure::opening(text, value).map_or(0, |(_, length)| length);
        let start = value + quoted;
        let ends = |byte: u8| {
            if quoted > 0 { byte == b'"' || byte == b'\'' } else { byte <= b' ' || matches!(byte, b'&' | b'"') }
        };
        let end = start + run(text, start, MAX_KEPT, |byte| !ends(byte));
        // `arn:aws:…`: its parts are no keys.
        if quoted > 0 && text[start..end].starts_with(b"arn:") && !text[start..end].contains(&b'@') {
            self.quiet.keep(start, end);
            return end;
        }
        // `zone=Hall South qty=3`: the words that go on with it.
        let words =
            quoted == 0 && text[separator] == b'=' && at(text, start).is_ascii_uppercase() && at(text, end) == b' ';
        let more = if words { names::tokens(text, end + 1).map(|(more, _)| more) } else { None };
        self.quiet.keep(start, more.unwrap_or(end));
        value
    }

    /// Whether a key with the same beginning as this one's is of an address: `label_name=… label_street=…`.
    pub fn has_address_beside(&mut self, key: Key) -> bool {
        let text = self.view.text;
        let name = &text[key.start..key.end];
        let stem = name.len().saturating_sub(4);
        if stem < 3 {
            return false;
        }
        let stem = &name[..stem];
        let near = &text[key.end..text.len().min(key.end + 240)];
        memchr::memmem::find_iter(near, stem).take(4).any(|place| {
            let start = key.end + place;
            let length = run(text, start, 48, |byte| is_word(byte) || matches!(byte, b'_' | b'-' | b'.'));
            let meaning = self.state.known.look_up(&text[start..start + length], None).meaning;
            !is_word(before(text, start))
                && matches!(meaning, Meaning::Personal(Kind::Postal | Kind::Postcode | Kind::Phone | Kind::Email))
        })
    }
}

/// Whether a key called `name`, of which nothing more is known than `own`, does not mean what is around it:
/// `"bank_account": {"metadata": {"seller": …`: a thing within is not the account. `"contact": {"campaign": …`: nor does a
/// person's name go on in one, but in a title or a part of a house.
fn is_apart(name: &[u8], own: Meaning, around: Meaning) -> bool {
    own == Meaning::Unknown
        && match around {
            Meaning::Personal(Kind::Account | Kind::Card | Kind::Phone | Kind::Email | Kind::Tax) => {
                lexicon::is_of_thing(name)
            }
            Meaning::Personal(Kind::Name) => lexicon::is_thing(name) && !matches!(name, b"title" | b"unit"),
            _ => false,
        }
}
