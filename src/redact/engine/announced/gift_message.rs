//! What people write to each other on cards: `gift message: "Happy birthday, Tom!"` under a key for any message.

use crate::redact::detect::text::{Listed, has_word_before, run};
use crate::redact::detect::{boilerplate, given};
use crate::redact::lexicon;
use crate::redact::structure::{self, Key};

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

/// `<Gift>Happy birthday, Tom!</Gift>`: whether `inner` is what somebody wrote, under a key of a gift that says elsewhere
/// that there is one.
pub fn is_on_card(key: &[u8], inner: &[u8]) -> bool {
    inner.len() >= 12
        && lexicon::is_of_gift(key)
        && special::is_sentence(inner)
        && !special::is_template(inner)
        && (!inner.is_ascii() || memchr::memchr3(b'!', b',', b'.', inner).is_some() || boilerplate::is_personal(inner))
}

/// Whether somebody is called by a name.
fn has_given(inner: &[u8]) -> bool {
    inner
        .split(|byte| !byte.is_ascii_alphabetic())
        .any(|word| word.first().is_some_and(u8::is_ascii_uppercase) && given::is_given(word))
}

impl Sweep<'_> {
    /// Whether what is under a key for messages is what somebody wrote on a card.
    pub fn is_wish(&self, key: Key, separator: usize) -> bool {
        let text = self.view.text;
        let value = super::extent::value_start(text, separator, 1);
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
        // `GiftCardMailer`, `giftcard-printer`: a program for such cards, whatever the first word is.
        let lead = &text[key.outer.saturating_sub(2 * REACH)..key.outer];
        let of_cards = || {
            special::is_sentence(inner)
                && inner.contains(&b'!')
                && (!inner.is_ascii() || has_given(inner))
                && lead.windows(8).any(|window| window.eq_ignore_ascii_case(b"giftcard"))
        };
        of_cards() || spoken && has_word_before(text, key.outer, REACH, &GIFTS)
    }
}
