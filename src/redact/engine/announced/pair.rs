//! A key and its value: what the key means, how far the value reaches, and what goes.

use crate::redact::Kind;
use crate::redact::detect::text::{at, before, is_word, run, run_back};
use crate::redact::detect::{boilerplate, is_reason};
use crate::redact::lexicon::{self, Meaning, Pair};
use crate::redact::structure::{self, Key, Style};

use super::extent::is_scalar;
use crate::redact::engine::Quote;
use crate::redact::engine::frame::Frame;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::{logins, programs, special};

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
            // `.buyer.name == "Jane Doe"`
            (b'=', b'=') if self.is_compared(separator) => 2,
            // `?search=surname==Doe;city==Bergen` (FIQL)
            (b'=', b'=') if self.is_bare_operand(separator) => return separator + 2,
            (b':', b':') | (b'=', b'=') => return separator + 2,
            (b':', b'/') if at(text, separator + 2) == b'/' => return separator + 3,
            (b':', b'\\') if matches!(at(text, separator + 2), b'/') => return separator + 3,
            (b'=', b'>') if special::is_static_call(text, separator) => return separator + 2,
            (b'=', b'>') | (b':', b'=') => 2,
            // A full-width colon.
            (0xEF, _) => 3,
            _ => 1,
        };
        // `"Jane Doe" :tel "…"`: a keyword of Clojure, and no key before it.
        if byte == b':' && next.is_ascii_alphabetic() && text[..separator].ends_with(b"\" ") {
            return separator + 1;
        }
        // What joins a table's first line to the next.
        if self.joint.0 <= separator && separator < self.joint.1 {
            return self.joint.1;
        }
        // Of a login in a URL, which is dealt with.
        if self.logins.iter().any(|login| (login.0..login.1).contains(&separator)) {
            return separator + 1;
        }
        let Some(key) = structure::key_before(text, separator) else {
            return self.headless(separator).max(self.words_after(separator)).max(separator + length);
        };
        // `BEGIN:VCARD|FN:Jane Doe|`: lines that somebody joined by bars.
        if byte == b':'
            && before(text, key.start) == b'|'
            && let Some(end) = self.card(separator)
        {
            return end;
        }
        // `<ns2:Name>`, `</ns2:Name>`: the colon of a tag.
        if byte == b':' && matches!(before(text, key.start), b'<' | b'/') && next.is_ascii_alphabetic() {
            let slash = usize::from(before(text, key.start) == b'/');
            if before(text, key.start - slash) == b'<' {
                return separator + 1;
            }
        }
        let value = value_start(text, separator, length);
        if key.quote.is_none() && value == separator + length && ends_text(text, value) {
            return value;
        }
        self.note_short(key);
        // `b9:fd:0a:…`: bytes of a key or of a digest.
        if byte == b':' && key.end - key.start == 2 && is_dump(text, key.start) {
            return value;
        }
        // `address.js:12:5`: a line of a source.
        if byte == b':' && next.is_ascii_digit() && special::is_source(&text[key.start..key.end]) {
            return value;
        }
        if self.is_strange(key, separator, value) {
            return value;
        }
        self.follow(key, separator, value)
    }

    /// Whether a personal key is compared with a quoted text.
    fn is_compared(&mut self, separator: usize) -> bool {
        let text = self.view.text;
        let value = separator + 2 + run(text, separator + 2, 2, |byte| byte == b' ');
        matches!(at(text, value), b'"' | b'\'')
            && structure::key_before(text, separator).is_some_and(|key| {
                matches!(self.state.known.look_up(&text[key.start..key.end], None).meaning, Meaning::Personal(_))
            })
    }

    /// Deals with a bare value that a key of a query is compared with.
    fn is_bare_operand(&mut self, separator: usize) -> bool {
        let text = self.view.text;
        let key = separator - run_back(text, separator, 48, |byte| is_word(byte) || byte == b'_');
        matches!(before(text, key), b'?' | b'&' | b';' | b',' | b'=' | b'(')
            && at(text, separator + 2) > b' '
            && self.bare_operand((key, separator), separator + 2)
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
            self.matrix(key, value);
            if half == Some(Pair::Name) {
                self.half(Pair::Name, key, separator, value);
            }
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
            Meaning::Keep if self.is_of_contact(key, separator, value) => value,
            Meaning::Keep => self.keep(separator, value),
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

    /// A value that begins with a bracket, or a word and a bracket, is searched with its key around it.
    fn bracket(&mut self, key: Key, value: usize, meaning: Meaning) -> bool {
        let text = self.view.text;
        if !(self.mask.has(b'{') || self.mask.has(b'[') || self.mask.has(b'(')) {
            return false;
        }
        // Most values begin with a quote.
        if matches!(at(text, value), b'"' | b'\'') {
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
                && boilerplate::is_of_monitor(&text[value..text.len().min(value + 66)]) =>
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
        let half = self.state.known.look_up(&text[key.start..key.end], None).half;
        let named = if half == Some(Pair::Value) { self.frames.top().named } else { None };
        let meaning = named.unwrap_or(meaning);
        let meaning =
            matches!(meaning, Meaning::Personal(_) | Meaning::Secret(_) | Meaning::FreeText(_)).then_some(meaning);
        // `data class: Buyer(name=…)`: the word before the bracket says more than the key.
        let class = word > 0 && meaning.is_none() && lexicon::is_person(&text[value..value + word]);
        let around = if class { (value, value + word) } else { (key.start, key.end) };
        self.pending = Some((place, Frame { key: around, meaning, ..Frame::default() }));
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
        if text[..key.start].ends_with(b"--") && programs::is_metavariable(&text[start..])
            || programs::is_diagnostic(text, key.start)
        {
            return start;
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
        let name = &text[key.start..key.end];
        if is_reason(&text[start..])
            || kind == Kind::Name && (structure::is_pair(text, start) || programs::begins_with_act(inner))
            || programs::is_function(name)
        {
            return false;
        }
        // `swift: Fatal error: …`: a program's name and what it says.
        if matches!(
            kind,
            Kind::Password | Kind::Secret | Kind::Account | Kind::Tax | Kind::Device | Kind::Session | Kind::Token
        ) && (special::is_sentence(inner) || is_prose(inner))
        {
            return false;
        }
        let phrase = name.contains(&b' ');
        // `apt: Setting up …`, `unit: entered failed state`: a part of a building has a number, and soon.
        if kind == Kind::Postal && super::beside::is_unit(name) {
            return inner.len() <= 16 && inner.iter().take(3).any(u8::is_ascii_digit);
        }
        // `phone: must match … (was '…')`: what is wrong with it, and no number.
        let complains = special::is_complaint(inner) && memchr::memchr_iter(b' ', inner).count() >= 2;
        (heads || phrase) && !special::is_complaint(inner) || special::fits(kind, inner) && !complains
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

/// `msg="New password:" component=login`: the quote at `value` ends the text that the words before it stand in.
fn ends_text(text: &[u8], value: usize) -> bool {
    let value = value + usize::from(at(text, value) == b'\\');
    if at(text, value) != b'"' {
        return false;
    }
    match at(text, value + 1) {
        b',' | b'}' | b']' | b')' => true,
        // The next pair of a line of logfmt.
        b' ' => {
            let word = run(text, value + 2, 48, |byte| is_word(byte) || matches!(byte, b'.' | b'_' | b'-'));
            word > 0 && at(text, value + 2 + word) == b'='
        }
        _ => false,
    }
}

/// Pairs of hexadecimal digits with colons between, of which one begins at `start` and three more follow or lead.
fn is_dump(text: &[u8], start: usize) -> bool {
    let pairs = |from: usize| {
        text.get(from..from + 12).is_some_and(|bytes| {
            bytes.chunks(3).all(|pair| pair[0].is_ascii_hexdigit() && pair[1].is_ascii_hexdigit() && pair[2] == b':')
        })
    };
    pairs(start) || start >= 9 && pairs(start - 9)
}

/// A colon, plain or full-width.
pub const fn is_colon(byte: u8) -> bool {
    matches!(byte, b':' | 0xEF)
}

/// Four words or more, of which the first is one of a language.
fn is_prose(value: &[u8]) -> bool {
    let first = run(value, 0, value.len(), |byte| byte != b' ');
    first >= 3 && value[..first].iter().all(u8::is_ascii_lowercase) && memchr::memchr_iter(b' ', value).count() >= 3
}
