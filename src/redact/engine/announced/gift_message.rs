//! What people write to each other on cards, and values whose key was cut off or is one of HTML.

use crate::redact::Kind;
use crate::redact::detect::text::{Listed, at, before, has_word_before, is_word, run};
use crate::redact::detect::{cell, given, goods, names};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure::{self, Key};

use crate::redact::engine::Quote;
use crate::redact::engine::frame::Frame;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::special;

/// Words of a log that speaks of gifts and their cards.
static GIFTS: Listed = Listed::new(&[
    "gift",
    "gifts",
    "giftwrap",
    "giftcard",
    "giftnote",
    "greeting",
    "greetingcard",
    "card",
    "geschenk",
    "geschenke",
    "grußkarte",
    "grusskarte",
    "gruß",
    "karte",
    "geschenkkarte",
    "cadeau",
    "cadeaux",
    "carte",
    "regalo",
    "tarjeta",
    "dedicatoria",
    "biglietto",
    "presente",
    "cartão",
    "cadeaukaart",
    "kaartje",
    "prezent",
    "kartka",
    "prezentowa",
    "present",
    "presentkort",
    "gåva",
    "gave",
    "gavekort",
    "kort",
    "hediye",
    "dárek",
    "ajándék",
    "cadou",
    "poklon",
    "lahja",
    "kingitus",
    "dāvana",
    "dovana",
    "подарок",
    "подарка",
    "открытка",
    "δώρο",
    "ribbon",
    "wrap",
    "engraving",
    "gravur",
]);
/// First words of what is wished.
static WISHES: Listed = Listed::new(&[
    "happy",
    "merry",
    "congratulations",
    "congrats",
    "feliz",
    "felices",
    "felicidades",
    "felicitaciones",
    "enhorabuena",
    "joyeux",
    "joyeuse",
    "joyeuses",
    "félicitations",
    "bon",
    "bonne",
    "alles",
    "herzlichen",
    "herzliche",
    "frohe",
    "frohes",
    "liebe",
    "lieber",
    "liebste",
    "liebster",
    "buon",
    "buona",
    "auguri",
    "tanti",
    "gefeliciteerd",
    "fijne",
    "hartelijk",
    "lieve",
    "wszystkiego",
    "sto",
    "wesołych",
    "najlepsze",
    "grattis",
    "god",
    "gratulerer",
    "gratulerar",
    "tillykke",
    "til",
    "hjertelig",
    "hyvää",
    "onnea",
    "paljon",
    "doğum",
    "mutlu",
    "iyi",
    "tebrikler",
    "sevgili",
    "parabéns",
    "všechno",
    "veselé",
    "hodně",
    "krásné",
    "boldog",
    "sok",
    "la",
    "sretan",
    "srećan",
    "vesel",
    "daudz",
    "sveiks",
    "su",
    "palju",
    "поздравляю",
    "счастливого",
    "дорогая",
    "дорогой",
    "χρόνια",
    "querida",
    "querido",
    "cher",
    "chère",
    "cara",
    "caro",
    "dear",
    "dearest",
    "to",
    "für",
    "pour",
    "para",
    "per",
    "voor",
    "dla",
    "till",
    "z",
    "s",
    "med",
    "mit",
    "con",
    "avec",
    "with",
    "from",
    "thank",
    "thanks",
    "danke",
    "merci",
    "gracias",
    "grazie",
    "welcome",
    "love",
    "best",
    "warm",
    "get",
]);
/// Bytes of a line in which it speaks of gifts, before a message.
const REACH: usize = 96;

impl Sweep<'_> {
    /// Whether what is under a key for messages is what somebody wrote on a card.
    pub fn is_wish(&self, key: Key, separator: usize) -> bool {
        let text = self.view.text;
        let value = super::pair::value_start(text, separator, 1);
        let near = &text[value..text.len().min(value + 256)];
        let end =
            near.iter().position(|byte| matches!(byte, b'"' | b'=' | b'{') && *byte != near[0]).unwrap_or(near.len());
        let quoted = structure::opening(text, value).map_or(0, |(_, length)| length);
        let inner = near.get(quoted..end.max(quoted)).unwrap_or_default();
        // Wishes have a comma, a mark of joy, or letters beyond ASCII.
        let human = !inner.is_ascii() || memchr::memchr2(b'!', b',', inner).is_some();
        if !human || special::is_template(inner) {
            return false;
        }
        let first = run(inner, 0, 24, |byte| byte.is_ascii_alphabetic() || byte >= 0x80);
        let lead = usize::from(inner.starts_with("¡".as_bytes())) * 2;
        let first = if lead > 0 {
            run(inner, lead, 24, |byte| byte.is_ascii_alphabetic() || byte >= 0x80) + lead
        } else {
            first
        };
        let spoken = WISHES.has(&inner[lead.min(first)..first]) || inner.first().is_some_and(|byte| *byte >= 0xd8);
        spoken && has_word_before(text, key.outer, REACH, &GIFTS)
    }

    /// `…me":"Jane Doe","phone":"…"`: the value of a key of which the line has only the end.
    pub fn headless(&mut self, separator: usize) -> usize {
        let text = self.view.text;
        if text[separator] != b':' || !(1..=48).contains(&separator) || text[separator - 1] != b'"' {
            return separator + 1;
        }
        let head = &text[..separator - 1];
        if head.contains(&b'"') {
            return separator + 1;
        }
        let value = separator + 1 + run(text, separator + 1, 2, |byte| byte == b' ');
        let Some((quote, length)) = structure::opening(text, value) else { return separator + 1 };
        let start = value + length;
        let end = structure::closing(text, start, quote, true);
        let inner = &text[start..end];
        if special::is_nothing(inner) || inner.len() > 400 {
            return separator + 1;
        }
        let tail = head.rsplit(|byte| !is_word(*byte) && !matches!(byte, b'_' | b'-')).next().unwrap_or_default();
        let beside = self.has_person_behind(end);
        let kind = match lexicon::meaning(tail, None) {
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) if tail.len() >= 4 => Some(kind),
            _ if !beside => None,
            _ if names::is_words(inner) && !cell::has_thing(inner) => Some(Kind::Name),
            _ => cell::guess(inner).map(|guess| guess.kind),
        };
        let Some(kind) = kind else { return separator + 1 };
        self.frames.top().personal = true;
        self.replace(b"", kind, start, end, Quote::default());
        end + 1
    }

    /// Whether a personal key stands behind in what is cut at its head, before it closes.
    fn has_person_behind(&mut self, from: usize) -> bool {
        let text = self.view.text;
        let near = &text[from..text.len().min(from + 300)];
        let near =
            &near[..near.iter().position(|byte| matches!(byte, b'{' | b'}' | b'[' | b']')).unwrap_or(near.len())];
        let mut found = false;
        for place in memchr::memchr_iter(b':', near).take(8) {
            if let Some(key) = structure::key_before(text, from + place) {
                let meaning = self.state.known.look_up(&text[key.start..key.end], None).meaning;
                found |= matches!(meaning, Meaning::Personal(kind) if !matches!(kind, Kind::Value | Kind::Document));
            }
        }
        found
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

    /// `title="Jane Doe"` in an element with links to somebody's telephone or mail box.
    pub fn is_of_contact(&mut self, key: Key, separator: usize, value: usize) -> bool {
        let text = self.view.text;
        let name = &text[key.start..key.end];
        if text[separator] != b'=' || !matches!(name, b"title" | b"alt" | b"label" | b"aria-label" | b"caption") {
            return false;
        }
        let Some((quote, length)) = structure::opening(text, value) else { return false };
        let start = value + length;
        let end = structure::closing(&text[..text.len().min(start + 96)], start, quote, true);
        let inner = &text[start..end];
        let near = &text[end..text.len().min(end + 400)];
        let linked = at(text, end) == quote.mark
            && [&b"\"mailto:"[..], b"\"tel:", b"'mailto:", b"'tel:"]
                .iter()
                .any(|link| memchr::memmem::find(near, link).is_some());
        let fits = linked && names::is_name_of_words(inner) && !given::is_other(inner) && !goods::is_brand(inner);
        if fits {
            self.add(Kind::Name, start, end, Quote::default());
        }
        fits
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
