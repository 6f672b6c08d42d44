//! What an operator needs within what is somebody's: numbers of orders and parcels in a person's own words.

use crate::redact::detect::text::{Listed, run_back};
use crate::redact::detect::{is_document, is_number, keep};
use crate::redact::lexicon::goods::BEFORE_NAMES;

use super::special::is_nothing;

/// Most words between what is numbered and its number: `Bestellung Nr. 4711`.
const MAX_FILLERS: usize = 2;

/// Things of a shop that have numbers.
static NUMBERED: Listed = Listed::new(&[
    "vorgang",
    "vorgangsnummer",
    "case",
    "ticket",
    "return",
    "retoure",
    "shipment",
    "trackingnummer",
    "ttn",
    "ттн",
    "замовлення",
    "відправлення",
    "посылка",
    "отправление",
    "трек",
    "takip",
    "suivi",
    "seguimiento",
    "envío",
    "spedizione",
    "pacco",
    "zending",
    "pakket",
    "bestelling",
    "paczka",
    "paczki",
    "zamówienia",
    "beställning",
    "försändelse",
    "ordre",
    "pakke",
    "sending",
    "tilaus",
    "lähetys",
    "objednávka",
    "zásilky",
    "rendelés",
    "csomag",
    "comanda",
    "colet",
    "pošiljka",
    "παραγγελία",
    "αποστολή",
    "rma",
    "dossier",
    "expediente",
    "pratica",
    "sprawa",
    "ärende",
    "referentie",
]);

/// Parts of a person's words between what an operator needs: order ids, codes of capitals and digits, and numbers that
/// the word before says are of an order or a parcel.
pub fn carve(value: &[u8], found: impl FnMut(usize, usize)) {
    // `Hallo%20Jane%2C%20your%20order`: spaces of a URL, in as many bytes.
    if memchr::memmem::find(value, b"%20").is_none() || value.contains(&b' ') {
        return carve_words(value, found);
    }
    let mut spaced = smallvec::SmallVec::<[u8; 256]>::from_slice(value);
    for mark in 0..value.len().saturating_sub(2) {
        if value[mark..].starts_with(b"%20") {
            spaced[mark..mark + 3].fill(b' ');
        }
    }
    carve_words(&spaced, found);
}

fn carve_words(value: &[u8], mut found: impl FnMut(usize, usize)) {
    let mut start = 0;
    let mut at = 0;
    let mut taken: Option<(usize, usize)> = None;
    for word in value.split(|byte| matches!(byte, b' ' | b'+')) {
        let end = at + word.len();
        let bare = word.len() - word.iter().rev().take_while(|byte| is_mark(**byte)).count();
        let goods = if bare == word.len() && BEFORE_NAMES.has(word) { article(value, end) } else { None };
        if let Some(stop) = goods {
            taken = Some((at, stop));
        }
        // The words of an article go with the one that announces it.
        if taken.is_some_and(|(_, stop)| end < stop) {
            at = end + 1;
            continue;
        }
        if let Some(from) = taken.take().map(|(first, _)| first).or_else(|| kept(value, at, &word[..bare])) {
            let before = &value[start..from.max(start)];
            let gap = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'+' | b',' | b';')).count();
            let before = &before[..before.len() - gap];
            if !before.is_empty() && !is_nothing(before) {
                found(start, start + before.len());
            }
            start = (end + 1).min(value.len());
            // Three spaces stand for one of a URL.
            start += value[start..].iter().take_while(|byte| **byte == b' ').count();
        }
        at = end + 1;
    }
    if start < value.len() && !is_nothing(&value[start..]) {
        found(start, value.len());
    }
}

/// Where the name of an article ends that begins behind the space at `space`: words with capitals or digits, of which one
/// has a digit, or more than a person's name has.
fn article(value: &[u8], space: usize) -> Option<usize> {
    let (mut end, mut words, mut numbered) = (space, 0, false);
    for word in value.get(space + 1..)?.split(|byte| *byte == b' ').take(6) {
        let first = word.first().copied().unwrap_or(0);
        // `C3`, `EQ.6`; but `12` and `12a` are a house's.
        let digits = first.is_ascii_alphabetic() && word.iter().any(u8::is_ascii_digit);
        let long = word.iter().filter(|byte| byte.is_ascii_digit()).count() > 4;
        if long || !(first.is_ascii_uppercase() || digits) {
            break;
        }
        end += 1 + word.len();
        words += 1;
        numbered |= digits;
        if word.last().is_some_and(|byte| is_mark(*byte)) {
            break;
        }
    }
    (words >= 2 && numbered || words >= 4).then_some(end)
}

/// Where what stays begins, if the word at `at` does.
fn kept(value: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits < 4 {
        return None;
    }
    let code = word.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let is_code = word.len() >= 10 && digits >= 6 && digits < word.len() && code;
    if is_code || is_order(word) || keep::order_id(value, at) == Some(at + word.len()) {
        return Some(at);
    }
    let plain =
        word.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'#'));
    // A telephone number, whatever is said before it.
    let dialled = word.first() == Some(&b'0') && word.len() <= 12;
    if plain && digits >= 5 && !dialled { numbered(value, at) } else { None }
}

/// Where the word begins that says of what the number at `at` is.
fn numbered(value: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    for _ in 0..=MAX_FILLERS {
        let end = at - run_back(value, at, 4, |byte| matches!(byte, b' ' | b'+' | b':' | b'.' | b'#'));
        let start = end - run_back(value, end, 32, |byte| byte.is_ascii_alphabetic() || byte >= 0x80);
        let word = &value[start..end];
        if NUMBERED.has(&lower(word)) || is_document(word) {
            return Some(start);
        }
        if start == end || !is_number(word) && !matches!(word, b"#" | b"is") {
            return None;
        }
        at = start;
    }
    None
}

/// In small letters, in whatever script.
fn lower(word: &[u8]) -> smallvec::SmallVec<[u8; 32]> {
    if word.is_ascii() {
        return smallvec::SmallVec::from_slice(word);
    }
    smallvec::SmallVec::from_slice(String::from_utf8_lossy(word).to_lowercase().as_bytes())
}

const fn is_mark(byte: u8) -> bool {
    matches!(byte, b'.' | b',' | b';' | b':' | b'!' | b'?' | b')')
}

/// `SO-57091`, `EB-47-92837-91553`: a house's number of an order, and no post code with its country.
fn is_order(word: &[u8]) -> bool {
    let letters = word.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    (2..=5).contains(&letters)
        && word.get(letters) == Some(&b'-')
        && word[letters..].iter().all(|byte| byte.is_ascii_digit() || *byte == b'-')
        && digits >= 4
        && crate::redact::detect::postal::postcode(word, 0).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(value: &str) -> String {
        let mut rest = value.as_bytes().to_vec();
        carve(value.as_bytes(), |from, to| rest[from..to].fill(b'_'));
        String::from_utf8_lossy(&rest).replace('_', "")
    }

    #[test]
    fn numbers_of_orders_and_parcels_stay() {
        for (value, stays) in [
            ("where is 902-3159896-1390916?", " 902-3159896-1390916?"),
            ("new address: Example Road 7; order SO-35424.", " SO-35424."),
            ("please send parcel 15347987939750 to Jane Doe", " parcel 15347987939750 "),
            ("Beispielweg 3, 12345 Ort, Sendung Nr. 20453397267875", ", Sendung Nr. 20453397267875"),
            ("bitte an Petra Beispiel. Vorgang V2657694", " Vorgang V2657694"),
        ] {
            assert_eq!(left(value), stays, "{value}");
        }
        for value in ["call 01765550123", "ring mich an 0176 5550123", "in 12345 Ort", "Haus 12345"] {
            assert_eq!(left(value), "", "{value}");
        }
    }
}
