//! Quoted texts that no key announces.

use crate::redact::Kind;
use crate::redact::detect;
use crate::redact::detect::text::{Listed, at, before, has_word_before, is_word};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure::{self, Key};

use super::gift_words;
use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::special;

/// Words after which a quoted sentence is a person's own.
static SPEECH: Listed = Listed::new(&[
    "instruction",
    "instructions",
    "instrucciones",
    "consignes",
    "geschenk",
    "geschenkkarte",
    "geschenknachricht",
    "grußkarte",
    "grusskarte",
    "cadeau",
    "cadeaukaart",
    "kaartje",
    "regalo",
    "dedicatoria",
    "dedica",
    "biglietto",
    "presente",
    "prezent",
    "kartka",
    "gåva",
    "gave",
    "hediye",
    "dárek",
    "ajándék",
    "cadou",
    "lahja",
    "survey",
    "encuesta",
    "enquête",
    "umfrage",
    "sondaggio",
    "ankieta",
    "enquete",
    "review",
    "feedback",
    "comment",
    "commented",
    "wrote",
    "writes",
    "said",
    "says",
    "asked",
    "asks",
    "complained",
    "complaint",
    "gift",
    "greeting",
    "answered",
    "answer",
    "replied",
    "note",
    "testimonial",
    "bewertung",
    "kommentar",
    "schrieb",
    "sagte",
    "beschwerde",
    "avis",
    "commentaire",
    "écrit",
    "opinión",
    "reseña",
    "escribió",
    "comentario",
    "recensione",
    "scritto",
    "opmerking",
    "schreef",
    "opinia",
    "komentarz",
    "yorum",
    "comentário",
]);

/// Ways by which a person's words come in: beside somebody's name they are theirs.
static FORMS: Listed = Listed::new(&[
    "form",
    "review",
    "ticket",
    "chat",
    "message",
    "email",
    "mail",
    "phone",
    "call",
    "inquiry",
    "formular",
    "kontaktformular",
    "anfrage",
    "nachricht",
    "formulaire",
    "formulario",
    "modulo",
    "formularz",
    "formulier",
    "bericht",
    "subject",
]);

/// Bytes of a quotation, its marks included.
const MAX_BYTES: usize = 202;
/// Quoted words of one text that are remembered.
const MAX_QUOTED: usize = 8;

/// Two to five characters of Chinese or Japanese: a name, beside other personal data.
fn is_short_word(value: &[u8]) -> bool {
    (6..=15).contains(&value.len()) && value.iter().all(|byte| *byte >= 0x80) && matches!(value[0], 0xe3..=0xed)
}

/// Whether a statement's place for a value stands in the text before: what is quoted then was bound to it.
fn is_statement(before: &[u8]) -> bool {
    let near = &before[before.len().saturating_sub(512)..];
    memchr::memmem::find(near, b" = $1").is_some() || memchr::memmem::find(near, b" = ?").is_some()
}

/// `'677161184' is not a valid E.164 number`: what the words behind the quote say of it.
fn told_behind(text: &[u8], from: usize, inner: &[u8]) -> Option<Kind> {
    const SAYS: [&str; 22] = [
        " is not a valid ",
        " is not an ",
        " is not a ",
        " is no valid ",
        " is an invalid ",
        " isn't a valid ",
        " is not valid ",
        " is invalid ",
        " ist keine gültige ",
        " ist kein gültiger ",
        " ist keine ",
        " ist kein ",
        " n'est pas une ",
        " n'est pas un ",
        " no es una ",
        " no es un ",
        " non è un ",
        " is geen geldig ",
        " is geen ",
        " nie jest ",
        " não é um ",
        " does not look like a ",
    ];
    let rest = text.get(from..).filter(|rest| rest.starts_with(b" "))?;
    let says = SAYS.iter().find(|says| rest.starts_with(says.as_bytes()))?;
    let near = &rest[says.len()..rest.len().min(says.len() + 48)];
    let mut before: &[u8] = b"";
    for word in near.split(|byte| matches!(byte, b' ' | b',' | b':')).take(4) {
        let plain: smallvec::SmallVec<[u8; 48]> =
            before.iter().chain(word).copied().filter(|byte| *byte != b'.').collect();
        for said in [&plain[before.len().min(plain.len())..], &plain[..]] {
            if let Meaning::Personal(kind) | Meaning::Secret(kind) = lexicon::meaning(said, None) {
                return (special::fits(kind, inner) && !special::is_nothing(inner)).then_some(kind);
            }
        }
        before = word;
    }
    None
}

/// Whether what stands before a colon is no key but a number: `for 028-0340236-1234567: "…"`.
fn is_number(key: &[u8]) -> bool {
    key.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'#' | b'_'))
}

/// Groups of digits and nothing else, as people write a telephone number.
fn is_grouped(value: &[u8]) -> bool {
    let count = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let mut groups = value.split(|byte| matches!(byte, b' ' | b'-'));
    (8..=12).contains(&count)
        && value.iter().any(|byte| matches!(byte, b' ' | b'-'))
        && groups.all(|group| (2..=5).contains(&group.len()) && group.iter().all(u8::is_ascii_digit))
        && detect::keep::claims(value, 0, detect::text::digits(value, 0)).is_none()
}

/// `{"key": "carrier.name", "value": {"stringValue": "…`: whether the half before names a thing.
pub fn is_named_thing(text: &[u8], key: &[u8], from: usize) -> bool {
    const MARKS: [&[u8]; 8] = [
        b"\"id\":\"",
        b"\"id\": \"",
        b"\"field\":\"",
        b"\"key\":\"",
        b"\"name\":\"",
        b"\"key\": \"",
        b"\"name\": \"",
        b"\"attribute\":\"",
    ];
    if !matches!(lexicon::pair(key), Some(lexicon::Pair::Value)) {
        return false;
    }
    let near = &text[from.saturating_sub(128)..from];
    let found = MARKS.iter().filter_map(|mark| Some(memchr::memmem::rfind(near, mark)? + mark.len())).max();
    let Some(found) = found else { return false };
    let name = near[found..].split(|byte| *byte == b'"').next().unwrap_or_default();
    lexicon::is_of_thing(name) || lexicon::meaning(name, None) == Meaning::Keep
}

/// `:title "…"`: the name of a Clojure keyword before the quote at `from`.
pub fn symbol_before(text: &[u8], from: usize) -> Option<&[u8]> {
    let space = from.checked_sub(1).filter(|place| text[*place] == b' ')?;
    let length = detect::text::run_back(text, space, 32, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (length > 0 && before(text, space - length) == b':').then(|| &text[space - length..space])
}

/// Whether the quote at `from` may open a text: it is no closing one, and no value stands right before it.
#[inline]
pub fn begins_quotation(text: &[u8], from: usize) -> bool {
    let next = at(text, from + 1);
    matches!(before(text, from), 0 | b' ' | b':' | b'=' | b'(' | b'[' | b',')
        && (is_word(next) || matches!(next, b'#' | b'+' | b'(' | b'%' | b'\''))
}

/// Where the text ends that is quoted at `from`, if it is no key: that has a colon or an arrow behind it.
fn quotation_end(text: &[u8], from: usize) -> Option<usize> {
    let mark = text[from];
    let most = text.len().min(from + MAX_BYTES);
    let end = structure::closing(&text[..most], from + 1, Quote { backslashes: 0, mark }, true);
    let behind = text.get(end + 1..).unwrap_or_default();
    let is_key = [&b":"[..], b" =>", b"=>"].iter().any(|mark| behind.starts_with(mark));
    (at(text, end) == mark && end > from + 1 && !is_key).then_some(end)
}

impl Sweep<'_> {
    /// A quoted text that no key and separator announce: an address, a name beside other personal data, or what the
    /// word before says.
    pub fn quotation(&mut self, from: usize) -> usize {
        let text = self.view.text;
        // `<<"Jane Doe"/utf8>>` of Erlang.
        let left = if text[..from].ends_with(b"<<") { before(text, from - 2) } else { before(text, from) };
        let left = if left == b'{' { b'[' } else { left };
        let kept = self.quiet.keeps_behind(from) || self.quiet.covers(from + 1, from + 1);
        // Values of a statement have been judged by their columns.
        if self.marks.are_values(from) {
            return from + 1;
        }
        let Some(end) = quotation_end(text, from) else { return from + 1 };
        let inner = &text[from + 1..end];
        if left == b'('
            && let Some(end) = self.one_of(from)
        {
            return end;
        }
        let told = self.told_before(left, from, inner);
        if let Some(kind) = told_behind(text, end + 1, inner) {
            self.replace(b"", kind, from + 1, end, Quote::default());
            return end;
        }
        if kept && !(left == b',' && told.is_some()) {
            return from + 1;
        }
        // `"method": "Parcel Box"`, `"receipt_number": "5148-8508"`
        let mut key = symbol_before(text, from);
        if key.is_some_and(lexicon::is_of_thing) {
            return from + 1;
        }
        if matches!(left, b':' | b'=') || left == b' ' && from > 1 && matches!(text[from - 2], b':' | b'=') {
            let separator = from - 1 - usize::from(left == b' ');
            key = structure::key_before(text, separator).map(|key| &text[key.start..key.end]);
            // `via web form: "…"`, beside somebody's name.
            // `T="…"`: what a mail was about (Exim).
            let words = !self.state.spans.is_empty()
                && key.is_some_and(|key| left == b' ' && FORMS.has(key) || left == b'=' && key == b"T")
                && special::is_sentence(inner);
            if words {
                self.add(Kind::Text, from + 1, end, Quote::default());
                return end;
            }
            let said = key.map(|key| self.state.known.look_up(key, None));
            if said.is_some_and(|said| said.of_thing || said.numbered) {
                return from + 1;
            }
        }
        // `subject "Your order has shipped"`, `room "Hall South"`: the word before says that it is the shop's.
        if left == b' ' && self.is_of_shops(from - 1, inner) {
            return from + 1;
        }
        let Some(kind) = told.or_else(|| self.spoken(from, end, key)) else { return from + 1 };
        let before = self.state.spans.len();
        self.replace(b"", kind, from + 1, end, Quote::default());
        // What stays is asked like any other text.
        if self.state.spans.len() > before { end } else { from + 1 }
    }

    /// `Karte zu Auftrag 12: „Alles Gute“`: a sentence between marks beyond ASCII, of which the first stands at `from`.
    pub fn wide_quotation(&mut self, from: usize) -> Option<usize> {
        const MARKS: [(&str, &[&str]); 3] = [("„", &["“", "”"]), ("“", &["”"]), ("«", &["»"])];
        let text = self.view.text;
        let (open, closes) = MARKS.iter().find(|(open, _)| text[from..].starts_with(open.as_bytes()))?;
        let start = from + open.len();
        let near = &text[start..text.len().min(start + 400)];
        let length = closes.iter().filter_map(|close| memchr::memmem::find(near, close.as_bytes())).min()?;
        let told = (special::is_sentence(&near[..length]) && has_word_before(text, from, 72, &SPEECH)
            || gift_words::may_be_words(&near[..length]) && gift_words::announce(text, from))
            && !self.quiet.covers(start, start + length);
        let kind = if told { Some(Kind::Text) } else { self.told_before(before(text, from), from, &near[..length]) };
        kind.map(|kind| {
            self.replace(b"", kind, start, start + length, Quote::default());
            start + length
        })
    }

    /// Whether the word before the space at `space` is a thing of the shop's, or `inner` a subject that it wrote.
    fn is_of_shops(&self, space: usize, inner: &[u8]) -> bool {
        let text = self.view.text;
        let length = detect::text::run_back(text, space, 24, |byte| byte.is_ascii_alphabetic());
        let word = &text[space - length..space];
        detect::keep::ends_in_asin(&text[..space])
            || length > 2
                && (lexicon::is_thing(word) && !lexicon::is_strange(word) && !detect::given::sounds_known(inner)
                    || special::is_subject_key(word) && detect::boilerplate::is_boilerplate(inner))
    }

    /// What a quoted text is by itself; `key` is before it.
    fn spoken(&mut self, from: usize, end: usize, key: Option<&[u8]>) -> Option<Kind> {
        let text = self.view.text;
        let (left, inner) = (before(text, from), &text[from + 1..end]);
        // `"msg": "delivering to Im Winkel 3, 12345 Town"`: a log's own words, in which an address is found where it stands.
        let log = key.is_some_and(special::is_of_log) && inner[0].is_ascii_lowercase();
        // `"Hi Jane! Your parcel … goes to Im Winkel 3, 12345 Town."`: a letter, of which an address is a part.
        let letter = memchr::memmem::find(inner, b"! ").or_else(|| memchr::memmem::find(inner, b"? ")).is_some();
        if detect::postal::is_address(inner) && !log && !letter
            || self.is_argument_behind_name(from) && super::quote_context::is_door(inner)
            || !self.state.spans.is_empty() && detect::street::is_code_and_place(inner)
        {
            Some(Kind::Postal)
        } else if !self.state.spans.is_empty() && is_grouped(inner) {
            Some(Kind::Phone)
        } else if left == b' '
            && (special::is_sentence(inner)
                && !detect::goods::is_goods(inner)
                && (has_word_before(text, from, 72, &SPEECH)
                    || !self.state.spans.is_empty() && has_word_before(text, from, 32, &FORMS))
                || key.is_none_or(is_number)
                    && gift_words::may_be_words(inner)
                    && !special::is_template(inner)
                    && gift_words::announce(text, from))
        {
            Some(Kind::Text)
        } else if detect::names::is_foreign_name(inner)
            || (detect::names::is_name_of_words(inner) || is_short_word(inner))
                && (!self.state.spans.is_empty() || is_statement(&text[..from]))
        {
            if detect::firms::has_legal_form(inner) {
                return None;
            }
            // `"Description": "Customer Counter"`
            if key.is_some_and(|key| {
                special::is_caption(key) || is_named_thing(text, key, from) || self.is_of_things(key, from + 1, end)
            }) {
                return None;
            }
            Some(Kind::Name)
        } else {
            if key.is_none() && self.quoted.len() < MAX_QUOTED && detect::names::is_name_of_words(inner) {
                self.quoted.push((from + 1, end));
            }
            None
        }
    }

    /// A sentence among personal data is a person's, unless a log speaks.
    pub fn sentence(&mut self, key: Key, separator: usize, value: usize, meaning: Meaning) -> usize {
        let text = self.view.text;
        let name = &text[key.start..key.end];
        if !self.personal || key.quote.is_none() || special::is_of_log(name) || special::is_caption(name) {
            return value;
        }
        let (start, end, next) = self.extent_near(key, separator, value, Kind::Text);
        let beside = self.frames.top().personal && self.frames.is_nested();
        let person = matches!(meaning, Meaning::Unknown | Meaning::Message) && beside;
        if start == value
            || !person
            || !special::is_sentence(&text[start..end])
            || special::is_template(&text[start..end])
        {
            return value;
        }
        let (_, end, next) = if end >= value + super::pair::MAX_NEAR {
            self.extent(key, separator, value, Kind::Text)
        } else {
            (start, end, next)
        };
        self.add(Kind::Text, start, end, Quote::default());
        next
    }
}
