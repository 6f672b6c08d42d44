//! `cadeaubericht voor 028-1: "…"`: words that say that what is quoted behind them is what somebody wrote to somebody else.
//! They are made of a word for a gift and one for a text, as one word or as several.

use crate::redact::detect::text::split_words;

/// Bytes before a quote in which such words are sought.
const REACH: usize = 72;

/// Parts of words for gifts.
const GIFTS: [&str; 22] = [
    "gift",
    "greeting",
    "geschenk",
    "gru\u{df}",
    "gruss",
    "cadeau",
    "regal",
    "present",
    "prezent",
    "gave",
    "g\u{e5}va",
    "hediye",
    "lahja",
    "d\u{e1}rek",
    "aj\u{e1}nd\u{e9}k",
    "cadou",
    "poklon",
    "engraving",
    "подар",
    "ギフト",
    "礼品",
    "贺",
];
/// Parts of words for texts.
const TEXTS: [&str; 27] = [
    "message",
    "note",
    "text",
    "nachricht",
    "botschaft",
    "karte",
    "notiz",
    "bericht",
    "kaart",
    "tekst",
    "mensaje",
    "nota",
    "messaggio",
    "biglietto",
    "wiadomo",
    "kartka",
    "meddelande",
    "hilsen",
    "h\u{e4}lsning",
    "mesaj",
    "notu",
    "mensagem",
    "cart\u{e3}o",
    "viesti",
    "メッセージ",
    "留言",
    "卡",
];
/// Words for both.
const BOTH: [&str; 19] = [
    "dedicace",
    "gru\u{df}text",
    "grusstext",
    "gru\u{df}wort",
    "dedicatoria",
    "dedicat\u{f3}ria",
    "d\u{e9}dicace",
    "dedica",
    "widmung",
    "opdracht",
    "dedykacja",
    "\u{17c}yczenia",
    "ithaf",
    "gravur",
    "gravure",
    "grabado",
    "incisione",
    "grawer",
    "のし",
];
/// Words that say that what is quoted is the shop's own.
const SHOPS: [&str; 8] = ["template", "vorlage", "mod\u{e8}le", "plantilla", "modello", "sjabloon", "design", "font"];

/// Whether words before the quote at `from` announce what somebody wrote on a card.
pub fn announce(text: &[u8], from: usize) -> bool {
    let near = &text[from.saturating_sub(REACH)..from];
    let (mut gift, mut told, mut shops) = (false, false, false);
    for word in split_words(near) {
        let word = String::from_utf8_lossy(word).to_lowercase();
        let has = |list: &[&str]| list.iter().any(|part| word.contains(part));
        let both = BOTH.contains(&&*word);
        gift |= both || has(&GIFTS);
        told |= both || has(&TEXTS);
        shops |= has(&SHOPS);
    }
    gift && told && !shops
}

/// Two words or more, or some of a script that needs no spaces, and no code.
pub fn may_be_words(value: &[u8]) -> bool {
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80).count();
    (value.contains(&b' ') || value.iter().filter(|byte| **byte >= 0xe3).count() >= 4) && letters * 2 > value.len()
}
