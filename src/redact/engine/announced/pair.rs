//! A key and its value: what the key means, how far the value reaches, and what goes.

use crate::redact::Kind;
use crate::redact::detect::boilerplate;
use crate::redact::detect::text::{at, before, is_word, run, run_back};
use crate::redact::lexicon::{self, Meaning, Pair};
use crate::redact::structure::{self, Key};

use super::extent::{ends_text, is_dump, is_scalar, value_start};
use crate::redact::engine::Quote;
use crate::redact::engine::frame::Frame;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::{logins, shapes, special};

/// Bytes of a value of which only the shape is asked.
pub const MAX_NEAR: usize = 2048;
/// Places for values in one text: each value is sought among them.
const MAX_PLACEHOLDERS: usize = 256;

impl Sweep<'_> {
    /// At a separator (`=`, `:`): deals with the pair, if it is one, and says where the search goes on.
    pub fn pair(&mut self, separator: usize) -> usize {
        let text = self.view.text;
        let byte = text[separator];
        if byte == b':'
            && !std::mem::replace(&mut self.colon, true)
            && let Some(end) = self.card(separator)
        {
            return end;
        }
        let length = match self.separator_length(separator) {
            Ok(length) => length,
            Err(next) => return next,
        };
        // What joins a table's first line to the next.
        if let Some(end) = self.table.joint_end(separator) {
            return end;
        }
        // Of a login in a URL, which is dealt with.
        if self.logins.has(separator) {
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
        if byte == b':' && is_of_tag(text, key, separator) {
            return separator + 1;
        }
        // `> Task :shipping-core:compileJava`: a part of a build and what is made of it.
        if text[separator] == b':' && at(text, separator + 1).is_ascii_alphabetic() && is_of_build(text, key.start) {
            return separator + 1;
        }
        if byte == b':'
            && let Some(end) = self.speaker(key, separator)
        {
            return end;
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
        // `address.js:12:5`, `Address.cs:line 12`: a line of a source.
        let is_place = byte == b':'
            && is_word(at(text, separator + 1))
            && special::is_source_line(&text[key.start..key.end], &text[separator + 1..]);
        if is_place || self.is_strange(key, separator, value) {
            return value;
        }
        self.follow(key, separator, value)
    }

    /// Bytes of the separator at `separator`; where the search goes on, if it is none.
    fn separator_length(&mut self, separator: usize) -> Result<usize, usize> {
        let text = self.view.text;
        let (byte, next, third) = (text[separator], at(text, separator + 1), at(text, separator + 2));
        // `[name:private] =>` of PHP's dumps.
        if byte == b':'
            && (text[separator..].starts_with(b":private]") || text[separator..].starts_with(b":protected]"))
        {
            return Err(separator + 1);
        }
        let length = match (byte, next) {
            (b':', b':') if third == b' ' => return Err(self.encoded(separator)),
            // `.buyer.name == "Jane Doe"`
            (b'=', b'=') if self.is_compared(separator) => 2,
            // `?search=surname==Doe;city==Bergen` (FIQL)
            (b'=', b'=') if self.is_bare_operand(separator) => return Err(separator + 2),
            (b':', b':') | (b'=', b'=') => return Err(separator + 2),
            (b':', b'/' | b'\\') if third == b'/' => return Err(separator + 3),
            (b'=', b'>') if special::is_static_call(text, separator) => return Err(separator + 2),
            (b'=', b'>') | (b':', b'=') => 2,
            // A full-width colon.
            (0xEF, _) => 3,
            _ => 1,
        };
        // `"Jane Doe" :tel "…"`: a keyword of Clojure, and no key before it.
        let is_keyword = byte == b':' && next.is_ascii_alphabetic() && text[..separator].ends_with(b"\" ");
        if is_keyword { Err(separator + 1) } else { Ok(length) }
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
            && self.placeholders.is_empty()
            && !matches!(at(text, value), b'{' | b'[' | b'(' | b'$' | b'@')
            && !matches!(before(text, key.start), b'$' | b'@' | b':')
            && !matches!(name, b"state" | b"path" | b"CN" | b"cn" | b"by" | b"dst" | b"src" | b"448")
            && !name.iter().any(|byte| matches!(byte, b'%' | b'.' | b'['))
            && (text[separator] != b'='
                || !self.mask.has(b'+')
                || memchr::memchr(b'+', &text[value..text.len().min(value + 256)]).is_none())
            && !(name.len() > 7 && name[..7].eq_ignore_ascii_case(b"sec-ch-"))
    }

    /// Deals with `key` and the value that begins at `value`.
    pub fn follow(&mut self, key: Key, separator: usize, value: usize) -> usize {
        let text = self.view.text;
        if let Some(end) = directory_login(text, key, separator, value) {
            self.add(Kind::Name, value, end, Quote::default());
            return end;
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
            self.json_table(key, value);
            if half == Some(Pair::Name) {
                self.half(Pair::Name, key, separator, value);
            }
            return value;
        }
        if matches!(meaning, Meaning::Unknown) && self.placeholder_value(key, separator, value) {
            return value;
        }
        let next = match meaning {
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) => {
                self.value(key, separator, value, kind, meaning)
            }
            Meaning::Doubtful(kind) => self.doubt(key, separator, value, kind),
            Meaning::Keep | Meaning::Unknown if text[separator] == b'=' && self.visit(key, value) => value,
            Meaning::Keep if self.is_of_contact(key, separator, value) => value,
            Meaning::Keep => self.keep(separator, value),
            Meaning::Message | Meaning::Unknown => {
                self.caption(key, separator, value);
                self.spaces_for_plus(key, separator, value);
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
                && (boilerplate::is_of_monitor(&text[value..text.len().min(value + 66)])
                    || shapes::ticket(&text[value..text.len().min(value + 66)]) > 0) =>
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
            // `Beneficiary: BankParty { Holder: …`: a record's type and its braces.
            _ if word > 1 && text[value].is_ascii_uppercase() && text[value + word..].starts_with(b" { ") => {
                // Whatever role the key is, the type is nobody's name.
                self.quiet.keep(value, value + word);
                value + word + 1
            }
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

    /// `VALUES ($1, ?)`: where a place for a value ends that begins at `start`; the value comes later.
    fn place_for_value(&mut self, start: usize, inner: &[u8], kind: Kind) -> Option<usize> {
        let first = inner.split(|byte| *byte <= b' ' || matches!(byte, b',' | b')')).next().unwrap_or_default();
        if first.is_empty() || !special::is_nothing(first) || !matches!(first[0], b'$' | b'@' | b':' | b'?') {
            return None;
        }
        if self.placeholders.len() < MAX_PLACEHOLDERS {
            self.placeholders.push(((start, start + first.len()), kind));
        }
        Some(start + first.len())
    }

    /// Replaces a value that the key says all of.
    pub fn value(&mut self, key: Key, separator: usize, value: usize, kind: Kind, meaning: Meaning) -> usize {
        let text = self.view.text;
        let ((start, end, next), read) = self.extent_in(text, key, separator, value, kind);
        // A value that is none may be read once more for each key within it.
        if read > MAX_NEAR && !self.spend(read) {
            return text.len();
        }
        let quoted = start > value;
        // `Subject: [Ticket #48213] Re: …`: the ticket's number is no one's word.
        let tag = if kind == Kind::Text { shapes::ticket(&text[start..end]) } else { 0 };
        let start = start + tag;
        let (name, inner) = (&text[key.start..key.end], &text[start..end]);
        if special::is_nothing(inner) {
            if matches!(inner, [b'$' | b'@' | b':' | b'?' | b'%', ..]) && self.placeholders.len() < MAX_PLACEHOLDERS {
                self.placeholders.push(((start, end), kind));
            }
            return next.max(start);
        }
        if self.is_of_program(key, (start, inner), quoted, (kind, meaning)) {
            return start;
        }
        if let Some(end) = self.place_for_value(start, inner, kind) {
            return end;
        }
        // A URL is read part by part, and so is a text with keys of its own.
        let is_link = kind == Kind::Value && special::is_link(inner);
        if is_link
            || matches!(meaning, Meaning::FreeText(_)) && self.is_of_shop(key, start, end)
            || matches!(meaning, Meaning::FreeText(_)) && special::is_structured(inner)
            || kind == Kind::Secret && special::is_connection(inner)
            // `boto3 session: region=eu-west-3 retries=5`
            || name.eq_ignore_ascii_case(b"session") && !quoted && is_colon(text[separator]) && shapes::begins_with_pair(inner)
        {
            return start;
        }
        if !quoted
            && is_colon(text[separator])
            && key.quote.is_none()
            && !self.is_plausible(key, start, inner, kind)
            && !(kind == Kind::Text && self.is_spoken(key, separator))
        {
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
        self.quiet.keep(start, end);
        // `arn:aws:…`: its parts are no keys.
        if inner.starts_with(b"arn:") { next } else { start }
    }
}

/// `:shipping-core:compileJava`, `//services/address:lint`: whether the key at `start` is a part of a build.
fn is_of_build(text: &[u8], start: usize) -> bool {
    let lead = before(text, start);
    if lead == b':' {
        let path =
            run_back(text, start - 1, 96, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':'));
        return matches!(before(text, start - 1 - path), b' ' | 0) && matches!(at(text, start - 1 - path), b':');
    }
    lead == b'/' && {
        let path = run_back(text, start, 160, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'.')
        });
        text[start - path..start].starts_with(b"//")
            && matches!(before(text, start - path), b' ' | 0 | b'@' | b'"' | b'\'')
    }
}
/// A colon, plain or full-width.
pub const fn is_colon(byte: u8) -> bool {
    matches!(byte, b':' | 0xEF)
}

/// `uid=jdoe,ou=people`: where a login in a directory's name ends.
fn directory_login(text: &[u8], key: Key, separator: usize, value: usize) -> Option<usize> {
    if &text[key.start..key.end] != b"uid" || text[separator] != b'=' {
        return None;
    }
    let end = value + run(text, value, 64, |byte| byte > b' ' && !matches!(byte, b',' | b'"' | b')'));
    let goes_on = matches!(text.get(end..end + 4), Some(b",ou=" | b",dc=" | b",cn=" | b",o=p"));
    (goes_on && logins::is_login(&text[value..end])).then_some(end)
}

/// `<ns2:Name>`, `</ns2:Name>`: whether the colon is a tag's.
fn is_of_tag(text: &[u8], key: Key, colon: usize) -> bool {
    let slash = usize::from(before(text, key.start) == b'/');
    at(text, colon + 1).is_ascii_alphabetic() && before(text, key.start - slash) == b'<'
}
