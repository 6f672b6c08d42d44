//! What stands beside a name, and pairs without a separator.

use crate::redact::Kind;
use crate::redact::detect::text::{Listed, at, before, digits, run, run_back};
use crate::redact::detect::{address_block, after_street, cell, names, residence, street};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure::{self, Key};

use super::gift_words;
use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::{doubt, search_terms, special};

/// Bytes of a parameter in which a sentence is sought.
const MAX_NEAR: usize = 2048;
/// Bytes in which the end of what somebody wrote on a card is sought.
const MAX_WISH: usize = 512;
/// Words between two names of which each is one.
const JOINS: [&[u8]; 15] = [
    b" => ",
    b" -> ",
    " → ".as_bytes(),
    b" and ",
    b" with ",
    b" und ",
    b" mit ",
    b" et ",
    b" y ",
    b" e ",
    b" en ",
    b" och ",
    b" ve ",
    b" & ",
    b" vs ",
];
/// Who owns a firm with the one that it is called by.
static KIN: Listed = Listed::new(&[
    "söhne",
    "sohn",
    "soehne",
    "sons",
    "son",
    "daughters",
    "töchter",
    "tochter",
    "fils",
    "figli",
    "figlio",
    "hijos",
    "filhos",
    "zonen",
    "zoon",
    "söner",
    "brothers",
    "bros",
    "gebrüder",
    "frères",
    "fratelli",
    "hermanos",
    "irmãos",
]);
/// Words between a name and the place where somebody lives.
const PLACES: [&[u8]; 9] = [b" in ", b" aus ", b" from ", b" en ", b" a ", b" w ", b" te ", b" i ", b", "];
/// Words between a name and a number that is called.
const NUMBERS: [&[u8]; 14] = [
    b" pelo ",
    b" p\xc3\xa5 ",
    b" sous le ",
    b" via ",
    b" sul ",
    b" al ",
    b" at ",
    b" on ",
    b" unter ",
    b" au ",
    b" op ",
    b" pod ",
    b", ",
    b" - ",
];
/// Words after which a person's own follow a colon, with an order's number between.
static SPEECH: Listed = Listed::new(&[
    "gift",
    "note",
    "comment",
    "review",
    "feedback",
    "survey",
    "reply",
    "answer",
    "greeting",
    "complaint",
    "ticket",
    "wrote",
    "said",
    "says",
    "message",
    "chat",
    "livechat",
    "inquiry",
    "case",
    "kommentar",
    "grußbotschaft",
]);

impl Sweep<'_> {
    /// `Jane Doe (0151 555 0123)`, `Jane Doe and John Doe`, `DOE, Jane`, `Jane Doe in 12345 Town`.
    pub fn after_name(&mut self, start: usize, end: usize) {
        let text = self.view.text;
        let rest = &text[end..];
        if let Some(kin) = kin(rest) {
            return self.add(Kind::Name, start, end + kin, Quote::default());
        }
        let quoted = usize::from(rest.starts_with(b"\" <"));
        if rest.starts_with(b" (") || rest.starts_with(b" [") || rest.starts_with(b" <") || quoted > 0 {
            let begin = end + 2 + quoted;
            let close = begin + run(text, begin, 64, |byte| !matches!(byte, b')' | b']' | b'>' | b'\n'));
            let inner = &text[begin..close];
            // `Jane Doe <4917155501990>`: who called.
            let called =
                at(text, close) == b'>' && (9..=15).contains(&inner.len()) && inner.iter().all(u8::is_ascii_digit);
            let phone = called || cell::guess(inner).is_some_and(|guess| guess.kind == Kind::Phone);
            if phone && close > begin {
                self.add(Kind::Phone, begin, close, Quote::default());
            }
            return;
        }
        // `Gift wrap: To Jane Doe - Happy birthday to you`, `opened by Jane Doe: the parcel is broken`
        if let Some(mark) = [&b" - "[..], b": ", " – ".as_bytes()].iter().find(|mark| rest.starts_with(mark))
            && crate::redact::detect::text::has_word_before(text, start, 56, &SPEECH)
        {
            let begin = end + mark.len();
            let close = words_end(text, begin);
            if text[begin..close].split(|byte| *byte == b' ').count() >= 3 {
                return special::carve(&text[begin..close], |from, to| {
                    self.add(Kind::Text, begin + from, begin + to, Quote::default());
                });
            }
        }
        // `von Doe, Jane"`: the given name behind the family's.
        if !text[start..end].contains(&b' ')
            && rest.starts_with(b", ")
            && let Some((close, 1)) = names::tokens(text, end + 2)
            && matches!(at(text, close), b'"' | b'\'' | b')')
            && at(text, end + 3).is_ascii_lowercase()
        {
            return self.add(Kind::Name, end + 2, close, Quote::default());
        }
        if let Some(join) = JOINS.iter().find(|join| rest.starts_with(join))
            && let Some((close, count)) = names::tokens(text, end + join.len())
            && count >= 2
        {
            return self.add(Kind::Name, end + join.len(), close, Quote::default());
        }
        let family = text[start..end].iter().all(|byte| !byte.is_ascii_lowercase()) && end - start >= 3;
        if family
            && rest.starts_with(b", ")
            && let Some((close, 1..=2)) = names::tokens(text, end + 2)
            && at(text, end + 3).is_ascii_lowercase()
        {
            return self.add(Kind::Name, end + 2, close, Quote::default());
        }
        self.where_found(start, end);
    }

    /// Where somebody can be found, behind a name that ends at `end`.
    fn where_found(&mut self, start: usize, end: usize) {
        let text = self.view.text;
        let rest = &text[end..];
        if let Some(word) = NUMBERS.iter().find(|word| rest.starts_with(word)) {
            let begin = end + word.len();
            let length =
                run(text, begin, 24, |byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'-' | b'.' | b'/'));
            let number = text[begin..begin + length].trim_ascii_end();
            if cell::guess(number).is_some_and(|guess| guess.kind == Kind::Phone) {
                return self.add(Kind::Phone, begin, begin + number.len(), Quote::default());
            }
        }
        // `陈建华 13855501990`
        if names::is_one_word(&text[end - (end - start).min(12)..end])
            && rest.first() == Some(&b' ')
            && digits(text, end + 1) == 11
            && at(text, end + 1) == b'1'
        {
            return self.add(Kind::Phone, end + 1, end + 12, Quote::default());
        }
        // `Jane Doe, Bjørnsletta 16, 5014 Bergen`: whatever the street is called.
        if (rest.starts_with(b", ") || rest.starts_with(b": "))
            && let Some(close) = street::after_name(text, end + 2)
        {
            return self.add(Kind::Postal, end + 2, close, Quote::default());
        }
        // `Jane Doe in Ilica 12;`
        if let Some(word) = PLACES.iter().find(|word| rest.starts_with(word))
            && let Some(close) = residence::in_clause(text, end + word.len())
        {
            return self.add(Kind::Postal, end + word.len(), close, Quote::default());
        }
        if let Some((begin, close)) = address_block::behind(text, end) {
            return self.add(Kind::Postal, begin, close, Quote::default());
        }
        if let Some(word) = PLACES.iter().find(|word| rest.starts_with(word))
            && let Some(close) = after_street::code_and_place(text, end + word.len())
        {
            self.add(Kind::Postal, end + word.len(), close, Quote::default());
        }
    }

    /// `{name,<<"Jane Doe">>}` of Erlang: an atom and a value.
    pub fn tuple(&mut self, from: usize) {
        let text = self.view.text;
        let end = from + run(text, from, 48, |byte| byte.is_ascii_lowercase() || byte == b'_');
        if end == from || at(text, end) != b',' {
            return;
        }
        let value = end + 1 + run(text, end + 1, 2, |byte| byte == b' ');
        let Some((quote, length)) = structure::opening(text, value) else { return };
        let start = value + length;
        let close = structure::closing(text, start, quote, true);
        let inner = &text[start..close];
        let kind = match lexicon::meaning(&text[from..end], None) {
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) => kind,
            Meaning::Doubtful(Kind::Name) if doubt::is_full_name(inner) => Kind::Name,
            _ => return,
        };
        if !special::is_nothing(inner) {
            self.replace(&text[from..end], kind, start, close, Quote::default());
        }
    }

    /// `gift note for 028-0340236-1234567: Happy birthday`, at a colon that no key stands before.
    pub fn words_after(&mut self, colon: usize) -> usize {
        let text = self.view.text;
        if let Some(end) = self.speaker_in_brackets(colon) {
            return end;
        }
        let digit = colon > 0 && text[colon - 1].is_ascii_digit();
        if text[colon..].starts_with(b"=> ") {
            return self.words_after_arrow(colon);
        }
        if text[colon] != b':' || !digit || at(text, colon + 1) != b' ' {
            return colon + 1;
        }
        let start = colon + 2;
        let end = words_end(text, start);
        let words = text[start..end].split(|byte| *byte == b' ').count();
        let told = crate::redact::detect::text::has_word_before(text, colon, 56, &SPEECH);
        if words < 3 || !told || end < text.len() && at(text, end) != b'"' {
            return colon + 1;
        }
        special::carve(&text[start..end], |from, to| {
            self.add(Kind::Text, start + from, start + to, Quote::default());
        });
        end
    }

    /// `nota de regalo para 028-0340236-1234567 => Felicidades, Ana ; papel=si`
    fn words_after_arrow(&mut self, arrow: usize) -> usize {
        let text = self.view.text;
        let start = arrow + 3;
        let near = &text[start..text.len().min(start + MAX_WISH)];
        let end = start
            + [&b" ; "[..], b" | ", b"; ", b"\n", b"\""]
                .iter()
                .filter_map(|mark| memchr::memmem::find(near, mark))
                .min()
                .unwrap_or(near.len());
        let digit = arrow > 1 && text[arrow - 1] == b' ' && text[arrow - 2].is_ascii_digit();
        if !digit || !gift_words::may_be_words(&text[start..end]) || !gift_words::announce(text, arrow) {
            return arrow + 2;
        }
        special::carve(&text[start..end], |from, to| {
            self.add(Kind::Text, start + from, start + to, Quote::default());
        });
        end
    }

    /// A sentence in a parameter of a URL or a form: machines send words, people send sentences.
    pub fn words_in_query(&mut self, key: Key, value: usize) -> bool {
        let text = self.view.text;
        if !(self.mask.has(b'+') || self.mask.has(b'%')) {
            return false;
        }
        let near = &text[..text.len().min(value + MAX_NEAR)];
        let end = value
            + run(near, value, MAX_NEAR, |byte| {
                byte > b' ' && !matches!(byte, b'&' | b'"' | b'\'' | b'<' | b'>' | b';' | b',' | b'{' | b'}')
            });
        let spaces = memchr::memmem::find_iter(&text[value..end], b"%20").count()
            + memchr::memchr_iter(b'+', &text[value..end]).count();
        let inside = matches!(before(text, key.outer), b'?' | b'&') || at(text, end) == b'&';
        // `details=%E5%B1%8A…`: few languages of which each letter is such a one have spaces.
        let unspaced = spaces < 3 && memchr::memmem::find(&text[value..end], b"%E").is_some();
        if spaces < 3 && !unspaced
            || !inside
            || lexicon::is_of_thing(&text[key.start..key.end])
            || lexicon::is_search(&text[key.start..key.end])
                && search_terms::is_search_of_goods(text, (key.outer, key.end), value, end)
            || !special::is_sentence(&special::said(&text[value..end]))
        {
            return false;
        }
        special::carve(&text[value..end], |from, to| {
            self.add(Kind::Text, value + from, value + to, Quote::default());
        });
        true
    }
}

/// Where somebody's words end that begin at `start`: before the next pair, whose key they would run into.
fn words_end(text: &[u8], start: usize) -> usize {
    let end = start + run(text, start, 2048, |byte| byte >= b' ' && !matches!(byte, b'"' | b'=' | b'{' | b'|'));
    let key = if at(text, end) == b'=' {
        run_back(text, end, end - start, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    } else {
        0
    };
    if key > 0 && end - key > start { end - key - 1 } else { end }
}

/// Bytes of what makes a name that stands before `rest` a firm's: ` & Söhne`.
fn kin(rest: &[u8]) -> Option<usize> {
    [" & ", " und ", " and ", " et ", " e ", " y ", " och "].iter().find_map(|join| {
        let word = rest.strip_prefix(join.as_bytes())?;
        let length = run(word, 0, 16, |byte| byte.is_ascii_alphabetic() || byte >= 0x80);
        KIN.has(&word[..length]).then_some(join.len() + length)
    })
}

/// Whether a key is a part of a building.
pub fn is_unit(key: &[u8]) -> bool {
    // `recipient[unit]`, in a form as well.
    let key = key.strip_suffix(b"]").or_else(|| key.strip_suffix(b"%5D")).unwrap_or(key);
    let key = key.rsplit(|byte| *byte == b'[').next().unwrap_or(key);
    let key = key.rsplit(|byte| *byte == b'%').next().and_then(|last| last.strip_prefix(b"5B")).unwrap_or(key);
    let key = key.rsplit(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or(key);
    [&b"apt"[..], b"unit", b"suite", b"floor", b"flat", b"block", b"building", b"tower", b"box", b"room"]
        .iter()
        .any(|word| key.eq_ignore_ascii_case(word))
}
