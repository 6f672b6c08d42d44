//! Keys that no word decides alone: a sense before words that nobody knows, a long word that ends in one, numbers of
//! things.

use super::classes::Class;
use super::goods::IN_KEYS;
use super::split::{self, Words};
use super::words::Sense;
use super::{Meaning, table, undigited};
use crate::redact::Kind;
use crate::redact::detect::text::Listed;

/// Words of the keys of programs and machines.
static PROCESS: Listed = Listed::new(&[
    "port",
    "pid",
    "ppid",
    "hostname",
    "version",
    "schedule",
    "cron",
    "image",
    "namespace",
    "replicas",
    "cpu",
    "memory",
    "exitcode",
    "restartcount",
    "entrypoint",
    "listen",
    "protocol",
    "queue",
    "topic",
    "partition",
    "arn",
    "ami",
    "cluster",
    "loggername",
    "interval",
    "timeout",
    "retries",
    "enabled",
    "duration",
    "durationms",
    "uptime",
]);

/// Whether a word of `key` names a thing of the shop or of its machines, or makes a number of it: whatever is under it
/// is nobody's.
pub fn is_of_thing(key: &[u8]) -> bool {
    speaks_of_thing(&split::last(key))
}

pub(super) fn speaks_of_thing(words: &Words) -> bool {
    (0..words.len())
        .any(|index| matches!(table::class(undigited(words.word(index))), Some(Class::Thing | Class::Measure)))
}

/// Words for an id and nothing else.
fn is_id(word: &str) -> bool {
    matches!(word, "id" | "uuid" | "guid") || is_foreign_id(word)
}

fn is_foreign_id(word: &str) -> bool {
    matches!(word, "kennung" | "identifiant" | "identificador" | "identificativo" | "identyfikator" | "tunniste")
}

/// Whether `key` says of its value that it is an id, and not what it is of.
pub fn is_bare_id(key: &[u8]) -> bool {
    let words = split::last(key);
    words.len() > 0 && is_id(words.word(words.len() - 1))
}

/// `"geraet": {"kennung": …}`, `device.id`: what is known of a key that ends in an id, from what it is within.
pub(super) fn id_of_device(words: &Words, within: Option<&Words>) -> Option<Meaning> {
    const DEVICES: [&str; 13] = [
        "device",
        "geraet",
        "gerat",
        "appareil",
        "dispositivo",
        "apparaat",
        "urzadzenie",
        "enhet",
        "enhed",
        "cihaz",
        "handset",
        "smartphone",
        "handy",
    ];
    let last = words.word(words.len().checked_sub(1)?);
    if !is_id(last) {
        return None;
    }
    let before = |words: &Words, count: usize| count > 0 && DEVICES.contains(&undigited(words.word(count - 1)));
    let of_device = match words.len() {
        1 => within.is_some_and(|within| before(within, within.len())),
        count => is_foreign_id(last) && before(words, count - 1),
    };
    if of_device {
        return Some(Meaning::Doubtful(Kind::Device));
    }
    is_foreign_id(last).then_some(Meaning::Unknown)
}

/// `appDisplayName`: whether a key is of a program.
pub fn is_of_app(key: &[u8]) -> bool {
    let words = split::last(key);
    words.len() > 1
        && matches!(words.word(0), "app" | "application" | "client" | "resource" | "service" | "device")
        && matches!(words.word(1), "display" | "app" | "application")
}

/// Whether the last word of `key` is a thing of the shop or of its machines.
pub fn is_thing(key: &[u8]) -> bool {
    let words = split::last(key);
    words.len() > 0 && table::class(undigited(words.word(words.len() - 1))) == Some(Class::Thing)
}

/// Whether `key` is one that articles have: what stands beside it under `name` is an article's.
pub fn is_of_goods(key: &[u8]) -> bool {
    has_goods(&split::last(key))
}

pub(super) fn has_goods(words: &Words) -> bool {
    has(words, &IN_KEYS)
}

/// Whether the key is one that programs and machines have.
pub(super) fn has_process(words: &Words) -> bool {
    has(words, &PROCESS)
}

/// Whether a word of the key, or all of them together, is on the list.
fn has(words: &Words, list: &Listed) -> bool {
    list.has(words.joined().as_bytes()) || (0..words.len()).any(|index| list.has(words.word(index).as_bytes()))
}

/// Whether the key is the number, the code or the like of something that is not a person: `receipt_number`.
pub(super) fn is_numbered(words: &Words) -> bool {
    let last = words.word(words.len().saturating_sub(1));
    let is_number = |word: &str| {
        table::class(word) == Some(Class::Number)
            || matches!(word, "id" | "code" | "ref" | "key" | "reference" | "uuid" | "hash")
    };
    words.len() > 1 && is_number(last)
        || ["code", "number", "nummer", "barkod", "codigo", "kode"].iter().any(|end| words.joined().ends_with(end))
}

/// `passwort_versuch`, `telefon_privat_neu`: a sense that words follow which nobody knows, and `empfaengertelefon`,
/// which ends in one. Then the value's shape decides.
pub(super) fn surmised(words: &Words) -> Meaning {
    for index in (0..words.len().saturating_sub(1)).rev() {
        match table::sense(words.word(index)) {
            Some(Sense::Secret(kind @ Kind::Password)) => return Meaning::Doubtful(kind),
            Some(Sense::Personal(
                kind @ (Kind::Email
                | Kind::Phone
                | Kind::Postal
                | Kind::Postcode
                | Kind::Tax
                | Kind::Identity
                | Kind::Account),
            )) => return Meaning::Doubtful(kind),
            Some(Sense::Address) => return Meaning::Doubtful(Kind::Postal),
            Some(_) => return Meaning::Unknown,
            None if table::class(words.word(index)).is_some_and(|class| class != Class::Person) => {
                return Meaning::Unknown;
            }
            None => {}
        }
    }
    let last = words.word(words.len().saturating_sub(1));
    ENDS.iter()
        .find(|(end, _)| last.len() >= end.len() + 3 && last.ends_with(end))
        .filter(|_| !["microphone", "headphone", "earphone", "smartphone", "megaphone"].contains(&last))
        .or_else(|| STARTS.iter().find(|(start, _)| last.len() >= start.len() + 2 && last.starts_with(start)))
        .map_or(Meaning::Unknown, |(_, kind)| Meaning::Doubtful(*kind))
}

/// Beginnings of long words that do the same.
const STARTS: [(&str, Kind); 32] = [
    ("vorname", Kind::Name),
    ("nachname", Kind::Name),
    ("prenom", Kind::Name),
    ("cognome", Kind::Name),
    ("apellido", Kind::Name),
    ("voornaam", Kind::Name),
    ("achternaam", Kind::Name),
    ("imie", Kind::Name),
    ("nazwisko", Kind::Name),
    ("fornamn", Kind::Name),
    ("efternamn", Kind::Name),
    ("surname", Kind::Name),
    ("lastname", Kind::Name),
    ("firstname", Kind::Name),
    ("telefon", Kind::Phone),
    ("telefoon", Kind::Phone),
    ("telephone", Kind::Phone),
    ("phone", Kind::Phone),
    ("rufnummer", Kind::Phone),
    ("straat", Kind::Postal),
    ("strasse", Kind::Postal),
    ("street", Kind::Postal),
    ("adres", Kind::Postal),
    ("address", Kind::Postal),
    ("direccion", Kind::Postal),
    ("indirizzo", Kind::Postal),
    ("endereco", Kind::Postal),
    ("anschrift", Kind::Postal),
    ("ulica", Kind::Postal),
    ("postcode", Kind::Postcode),
    ("postleitzahl", Kind::Postcode),
    ("identity", Kind::Identity),
];

/// Ends of long words that say what a value is, if it looks like it.
const ENDS: [(&str, Kind); 28] = [
    ("huisnummer", Kind::Postal),
    ("hausnummer", Kind::Postal),
    ("huisnr", Kind::Postal),
    ("hausnr", Kind::Postal),
    ("personnummer", Kind::Identity),
    ("ausweisnummer", Kind::Identity),
    ("phone", Kind::Phone),
    ("telefon", Kind::Phone),
    ("telefono", Kind::Phone),
    ("telefoon", Kind::Phone),
    ("telephone", Kind::Phone),
    ("mobile", Kind::Phone),
    ("handy", Kind::Phone),
    ("rufnummer", Kind::Phone),
    ("nummer", Kind::Phone),
    ("street", Kind::Postal),
    ("strasse", Kind::Postal),
    ("address", Kind::Postal),
    ("adresse", Kind::Postal),
    ("anschrift", Kind::Postal),
    ("direccion", Kind::Postal),
    ("indirizzo", Kind::Postal),
    ("adres", Kind::Postal),
    ("postcode", Kind::Postcode),
    ("zip", Kind::Postcode),
    ("plz", Kind::Postcode),
    ("passwort", Kind::Password),
    ("password", Kind::Password),
];

/// Of a file, or of an address.
pub(super) fn is_line(words: &Words) -> bool {
    matches!(words.joined(), "line" | "lines" | "zeile" | "ligne" | "linea")
        || words.len() == 2 && is_line_word(words.word(0)) && table::class(words.word(1)) == Some(Class::Clear)
}

/// `survey_message`, `review_text`
pub(super) fn words_of(word: &str) -> Meaning {
    if is_correspondence_word(word) { Meaning::FreeText(Kind::Text) } else { Meaning::Message }
}

/// A line of something.
pub(super) fn is_line_word(word: &str) -> bool {
    matches!(undigited(word), "line" | "lines" | "zeile" | "ligne" | "linea" | "row")
}

/// A place in a row of lines.
pub(super) fn is_ordinal(word: &str) -> bool {
    matches!(
        word,
        "first"
            | "second"
            | "third"
            | "fourth"
            | "1st"
            | "2nd"
            | "3rd"
            | "erste"
            | "zweite"
            | "premiere"
            | "seconde"
            | "primera"
            | "segunda"
            | "prima"
            | "seconda"
            | "eerste"
            | "tweede"
    )
}

/// An address.
pub(super) fn is_address_word(word: &str) -> bool {
    matches!(table::sense(word), Some(Sense::Address | Sense::Personal(Kind::Postal)))
}

pub(super) fn is_correspondence(words: &Words) -> bool {
    is_correspondence_word(words.joined()) || is_correspondence_word(words.word(words.len() - 1)) || has_gift(words)
}

/// Whether a word of `key` is a gift, in which somebody is told something by somebody.
pub fn is_of_gift(key: &[u8]) -> bool {
    has_gift(&split::last(key))
}

fn has_gift(words: &Words) -> bool {
    const GIFTS: [&str; 12] = [
        "gift",
        "gifts",
        "giftwrap",
        "giftwrapping",
        "giftoptions",
        "giftnote",
        "geschenk",
        "geschenkverpackung",
        "cadeau",
        "regalo",
        "prezent",
        "hediye",
    ];
    GIFTS.contains(&words.joined()) || (0..words.len()).any(|index| GIFTS.contains(&words.word(index)))
}

pub(super) fn is_correspondence_word(word: &str) -> bool {
    let word = word.strip_suffix('s').unwrap_or(word);
    matches!(
        word,
        "gift"
            | "review"
            | "survey"
            | "feedback"
            | "chat"
            | "ticket"
            | "sm"
            | "sms"
            | "email"
            | "mail"
            | "form"
            | "contactform"
            | "inquiry"
            | "enquiry"
            | "comment"
            | "note"
            | "conversation"
            | "correspondence"
            | "dispute"
            | "complaint"
            | "return"
            | "whatsapp"
            | "case"
            | "support"
            | "messaging"
            | "post"
            | "answer"
            | "questionnaire"
            | "letter"
            | "greeting"
            | "card"
            | "reply"
    )
}
