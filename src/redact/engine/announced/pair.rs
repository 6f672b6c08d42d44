//! A key and its value: what the key means, how far the value reaches, and what goes.

use crate::redact::Kind;
use crate::redact::detect::text::{at, before, run};
use crate::redact::detect::{boilerplate, names};
use crate::redact::lexicon::{self, Meaning, Pair};
use crate::redact::structure::{self, Key, Style};

use super::extent::is_scalar;
use crate::redact::engine::Quote;
use crate::redact::engine::frame::Frame;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::{logins, special};

/// Most bytes of a kept value that are guarded from guesses.
const MAX_KEPT: usize = 256;
/// Bytes of a value of which only the shape is asked.
pub const MAX_NEAR: usize = 2048;

impl Sweep<'_> {
    /// At a separator (`=`, `:`): deals with the pair, if it is one, and says where the search goes on.
    pub fn pair(&mut self, separator: usize) -> usize {
        let text = self.view.text;
        let (byte, next) = (text[separator], at(text, separator + 1));
        if byte == b':'
            && !std::mem::replace(&mut self.colon, true)
            && let Some(end) = self.card(separator)
        {
            return end;
        }
        if byte == b':'
            && (text[separator..].starts_with(b":private]") || text[separator..].starts_with(b":protected]"))
        {
            return separator + 1;
        }
        let length = match (byte, next) {
            (b':', b':') if at(text, separator + 2) == b' ' => return self.encoded(separator),
            (b':', b':') | (b'=', b'=') => return separator + 2,
            (b':', b'/') if at(text, separator + 2) == b'/' => return separator + 3,
            (b':', b'\\') if matches!(at(text, separator + 2), b'/') => return separator + 3,
            (b'=', b'>') | (b':', b'=') => 2,
            // A full-width colon.
            (0xEF, _) => 3,
            _ => 1,
        };
        // What joins a table's first line to the next.
        if self.joint.0 <= separator && separator < self.joint.1 {
            return self.joint.1;
        }
        // Of a login in a URL, which is dealt with.
        if self.logins.iter().any(|login| (login.0..login.1).contains(&separator)) {
            return separator + 1;
        }
        let Some(key) = structure::key_before(text, separator) else {
            return self.words_after(separator).max(separator + length);
        };
        // `<ns2:Name>`, `</ns2:Name>`: the colon of a tag.
        if byte == b':' && matches!(before(text, key.start), b'<' | b'/') && next.is_ascii_alphabetic() {
            let slash = usize::from(before(text, key.start) == b'/');
            if before(text, key.start - slash) == b'<' {
                return separator + 1;
            }
        }
        let value = value_start(text, separator, length);
        self.note_short(key);
        // `address.js:12:5`: a line of a source.
        if byte == b':' && next.is_ascii_digit() && special::is_source(&text[key.start..key.end]) {
            return value;
        }
        if self.is_strange(key, separator, value) {
            return value;
        }
        self.follow(key, separator, value)
    }

    /// Whether nothing can be known of this pair: most of a log's.
    fn is_strange(&self, key: Key, separator: usize, value: usize) -> bool {
        let text = self.view.text;
        let name = &text[key.start..key.end];
        lexicon::is_strange(name)
            && !self.personal
            && !special::ends_in_whom(name)
            && self.frames.is_plain()
            && self.places.is_empty()
            && !matches!(at(text, value), b'{' | b'[' | b'(' | b'$' | b'@')
            && !matches!(before(text, key.start), b'$' | b'@' | b':')
            && !matches!(name, b"state" | b"path" | b"CN" | b"cn" | b"by")
            && !name.iter().any(|byte| matches!(byte, b'%' | b'.' | b'['))
            && (text[separator] != b'='
                || !self.mask.has(b'+')
                || memchr::memchr(b'+', &text[value..text.len().min(value + 256)]).is_none())
            && !(name.len() > 7 && name[..7].eq_ignore_ascii_case(b"sec-ch-"))
    }

    /// Deals with `key` and the value that begins at `value`.
    pub fn follow(&mut self, key: Key, separator: usize, value: usize) -> usize {
        let text = self.view.text;
        // `uid=jdoe,ou=people`: a login in a directory's name.
        if &text[key.start..key.end] == b"uid" && text[separator] == b'=' {
            let end = value + run(text, value, 64, |byte| byte > b' ' && !matches!(byte, b',' | b'"' | b')'));
            if matches!(text.get(end..end + 4), Some(b",ou=" | b",dc=" | b",cn=" | b",o=p"))
                && logins::is_login(&text[value..end])
            {
                self.add(Kind::Name, value, end, Quote::default());
                return end;
            }
        }
        // The attribute that says what its own element is.
        let frame = self.frames.top();
        if frame.element && frame.key.0 == value + 1 && frame.key.0 < frame.key.1 {
            return frame.key.1;
        }
        let (key, meaning, half) = self.meaning(key, separator);
        if matches!(meaning, Meaning::Personal(_) | Meaning::FreeText(_)) {
            self.frames.top().personal = true;
            self.personal = true;
        }
        if self.bracket(key, value, meaning) {
            return value;
        }
        if matches!(meaning, Meaning::Unknown) && self.bound(key, separator, value) {
            return value;
        }
        let next = match meaning {
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) => {
                self.value(key, separator, value, kind, meaning)
            }
            Meaning::Doubtful(kind) => self.doubt(key, separator, value, kind),
            Meaning::Keep => {
                // What the key speaks of: a quoted value, or a word.
                let quoted = structure::opening(text, value).map_or(0, |(_, length)| length);
                let start = value + quoted;
                let ends = |byte: u8| {
                    if quoted > 0 { byte == b'"' || byte == b'\'' } else { byte <= b' ' || matches!(byte, b'&' | b'"') }
                };
                let end = start + run(text, start, MAX_KEPT, |byte| !ends(byte));
                // `zone=Hall South qty=3`: the words that go on with it.
                let words = quoted == 0
                    && text[separator] == b'='
                    && at(text, start).is_ascii_uppercase()
                    && at(text, end) == b' ';
                let more = if words { names::tokens(text, end + 1).map(|(more, _)| more) } else { None };
                self.kept = (start, more.unwrap_or(end));
                value
            }
            Meaning::Message | Meaning::Unknown => {
                self.caption(key, separator, value);
                self.plus(key, separator, value);
                if text[separator] == b'=' && self.words_in_query(key, value) {
                    return value;
                }
                self.sentence(key, separator, value, meaning)
            }
        };
        if let Some(half) = half {
            self.half(half, key, separator, value);
        }
        next.max(separator + 1).min(text.len().max(separator + 1))
    }

    /// What the key means here; of a key in prose, as many words as tell most.
    fn meaning(&mut self, key: Key, separator: usize) -> (Key, Meaning, Option<Pair>) {
        let text = self.view.text;
        let parent = self.frames.parent().map(|(start, end)| &text[start..end]);
        let name = &text[key.start..key.end];
        let written = self.state.known.say(name, parent);
        let said = if memchr::memchr(b'%', name).is_some() {
            self.state.known.say(&special::said(name), parent)
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
                let meaning = self.state.phrases.meaning(&text[start..key.end]);
                is_clear(meaning).then_some((Key { start, outer: start, ..key }, meaning))
            });
            if let Some((key, meaning)) = longer.last() {
                return (key, meaning, self.state.known.say(&text[key.start..key.end], parent).half);
            }
        }
        let own = match own {
            // `holder=`, `consignee:`: a person as the key itself.
            Meaning::Unknown if person || matches!(name, b"CN" | b"cn") => Meaning::Doubtful(Kind::Name),
            Meaning::Unknown if self.personal && special::ends_in_name(name) && !lexicon::is_of_thing(name) => {
                Meaning::Doubtful(Kind::Name)
            }
            // Client hints tell one browser from others, whatever they are called.
            _ if name.len() > 9 && name[..7].eq_ignore_ascii_case(b"sec-ch-") => Meaning::Personal(Kind::Agent),
            Meaning::Message if self.frames.top().personal && !special::is_of_log(name) => {
                Meaning::FreeText(Kind::Text)
            }
            _ if name == b"state" && text[separator] == b'=' => Meaning::Doubtful(Kind::Token),
            // `packedFor`, `counted_by`, `onSigned by="Jane Doe"`
            Meaning::Unknown if special::ends_in_whom(name) || name == b"by" && text[separator] == b'=' => {
                Meaning::Doubtful(Kind::Name)
            }
            _ => own,
        };
        // `"bank_account": {"metadata": {"seller": …`: a thing within is not the account.
        // `"contact": {"campaign": …`: nor does a person's name go on in one, but in a title or a part of a house.
        let is_apart = |meaning: &Meaning| {
            own == Meaning::Unknown
                && match meaning {
                    Meaning::Personal(Kind::Account | Kind::Card | Kind::Phone | Kind::Email | Kind::Tax) => {
                        lexicon::is_of_thing(name)
                    }
                    Meaning::Personal(Kind::Name) => lexicon::is_thing(name) && !matches!(name, b"title" | b"unit"),
                    _ => false,
                }
        };
        let inherited = self.frames.top().meaning.filter(|meaning| !is_apart(meaning));
        match (own, inherited) {
            (Meaning::Unknown | Meaning::Message | Meaning::Doubtful(_), Some(meaning)) => (key, meaning, half),
            _ => (key, own, half),
        }
    }

    /// A value that begins with a bracket, or a word and a bracket, is searched with its key around it.
    fn bracket(&mut self, key: Key, value: usize, meaning: Meaning) -> bool {
        let text = self.view.text;
        if !(self.mask.has(b'{') || self.mask.has(b'[') || self.mask.has(b'(')) {
            return false;
        }
        // After a name of at most 65 bytes, or at once.
        let near = &text[value..text.len().min(value + 66)];
        if memchr::memchr3(b'{', b'[', b'(', near).is_none() {
            return false;
        }
        let word =
            run(text, value, 64, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'*' | b'\\'));
        let word = if at(text, value) == b'&' {
            1 + run(text, value + 1, 64, |byte| byte.is_ascii_alphanumeric() || byte == b'.')
        } else {
            word
        };
        let place = match at(text, value) {
            // `Subject: [shop/web] Build failed`
            b'[' if key.quote.is_none()
                && matches!(meaning, Meaning::FreeText(_))
                && boilerplate::is_of_monitor(near) =>
            {
                return false;
            }
            b'{' | b'[' => value,
            // `%{"city" => …}`, `#{…}`: maps of Elixir and Clojure.
            b'%' | b'#' if at(text, value + 1) == b'{' => value + 1,
            // `executeQuery: (from …) SELECT`: no list of what people say.
            b'(' if key.quote.is_none() && matches!(meaning, Meaning::FreeText(_)) => return false,
            b'(' if at(text, value + 1) != b'+' && !at(text, value + 1).is_ascii_digit() => value,
            _ if word > 0 && matches!(at(text, value + word), b'{' | b'[') => value + word,
            _ if word > 0 && at(text, value + word) == b'(' && text[value].is_ascii_uppercase() => value + word,
            _ => return false,
        };
        // `{"key": "customer.name", "value": {"stringValue": …`
        let half = self.state.known.say(&text[key.start..key.end], None).half;
        let named = if half == Some(Pair::Value) { self.frames.top().named } else { None };
        let meaning = named.unwrap_or(meaning);
        let meaning =
            matches!(meaning, Meaning::Personal(_) | Meaning::Secret(_) | Meaning::FreeText(_)).then_some(meaning);
        self.pending = Some((place, Frame { key: (key.start, key.end), meaning, ..Frame::default() }));
        true
    }

    /// Replaces a value that the key says all of.
    pub fn value(&mut self, key: Key, separator: usize, value: usize, kind: Kind, meaning: Meaning) -> usize {
        let text = self.view.text;
        let (start, end, next) = self.extent(key, separator, value, kind);
        let (name, inner) = (&text[key.start..key.end], &text[start..end]);
        let quoted = start > value;
        if special::is_nothing(inner) {
            return next.max(start);
        }
        // `"phone": "is not a valid phone number"`
        if quoted && !matches!(meaning, Meaning::FreeText(_) | Meaning::Secret(_)) && special::is_rule(inner) {
            return start;
        }
        // `"q": 3`: a count; what goes on after it is asked by itself.
        if kind == Kind::Text && inner.len() <= 4 && inner.iter().all(u8::is_ascii_digit) {
            return start;
        }
        let first = inner.split(|byte| *byte <= b' ' || matches!(byte, b',' | b')')).next().unwrap_or_default();
        if !first.is_empty() && special::is_nothing(first) && matches!(first[0], b'$' | b'@' | b':' | b'?') {
            // A place for a value, which comes later.
            self.places.push(((start, start + first.len()), kind));
            return start + first.len();
        }
        // A URL is read part by part, and so is a text with keys of its own.
        let is_link = kind == Kind::Value && special::is_link(inner);
        if is_link
            || matches!(meaning, Meaning::FreeText(_)) && self.is_of_shop(key, start, end)
            || matches!(meaning, Meaning::FreeText(_)) && special::is_structured(inner)
            || kind == Kind::Secret && special::is_connection(inner)
        {
            return start;
        }
        if !quoted && is_colon(text[separator]) && key.quote.is_none() && !self.is_plausible(key, start, inner, kind) {
            return start;
        }
        if !quoted
            && (matches!(meaning, Meaning::FreeText(_))
                || matches!(kind, Kind::Name | Kind::Postal) && inner.len() > 20)
        {
            special::carve(inner, |from, to| self.replace(name, kind, start + from, start + to, Quote::default()));
            return next;
        }
        let quote =
            if !quoted && is_scalar(key, text[separator]) { key.quote.unwrap_or_default() } else { Quote::default() };
        let before = self.state.spans.len();
        self.replace(&text[key.start..key.end], kind, start, end, quote);
        if self.state.spans.len() > before {
            return next;
        }
        // What is nobody's is not guessed at; what proves itself in it goes all the same.
        self.kept = (start, end);
        start
    }

    /// After a colon in prose a key may be a word as any other: the value must look like what the key says.
    fn is_plausible(&self, key: Key, start: usize, inner: &[u8], kind: Kind) -> bool {
        let text = self.view.text;
        let heads =
            matches!(structure::style(text, key, b':', start, self.frames.is_nested()), Style::Header(_) | Style::Dump)
                || key.outer == 0;
        if kind == Kind::Name && structure::is_pair(text, start) {
            return false;
        }
        // `swift: Fatal error: …`: a program's name and what it says.
        if matches!(kind, Kind::Secret | Kind::Account | Kind::Tax | Kind::Device | Kind::Session | Kind::Token)
            && (special::is_sentence(inner) || is_prose(inner))
        {
            return false;
        }
        let phrase = text[key.start..key.end].contains(&b' ');
        // `apt: Setting up …`, `unit: entered failed state`: a part of a building has a number, and soon.
        if kind == Kind::Postal && super::beside::is_unit(&text[key.start..key.end]) {
            return inner.len() <= 16 && inner.iter().take(3).any(u8::is_ascii_digit);
        }
        (heads || phrase) && !special::is_complaint(inner) || special::fits(kind, inner)
    }
}

pub fn value_start(text: &[u8], separator: usize, length: usize) -> usize {
    let after = separator + length;
    let spaces = run(text, after, 8, |byte| byte == b' ' || byte == b'\t');
    let skips = is_colon(text[separator])
        || length == 2
        || before(text, separator) == b' '
        || structure::opening(text, after + spaces).is_some();
    let value = if skips { after + spaces } else { after };
    // `string(8) "Jane Doe"`: PHP's dumps.
    let Some(rest) = text.get(value..).and_then(|rest| rest.strip_prefix(b"string(")) else { return value };
    let count = run(rest, 0, 6, |byte| byte.is_ascii_digit());
    if rest[count..].starts_with(b") \"") { value + 7 + count + 2 } else { value }
}

/// A colon, plain or full-width.
const fn is_colon(byte: u8) -> bool {
    matches!(byte, b':' | 0xEF)
}

/// Four words or more, of which the first is one of a language.
fn is_prose(value: &[u8]) -> bool {
    let first = run(value, 0, value.len(), |byte| byte != b' ');
    first >= 3 && value[..first].iter().all(u8::is_ascii_lowercase) && memchr::memchr_iter(b' ', value).count() >= 3
}
