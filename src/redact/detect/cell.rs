//! What a cell of a row without a header may be, and a value that was bound to a place: judged by its shape alone,
//! where something beside it is known to be personal.

use std::sync::LazyLock;

use crate::redact::Kind;

use super::firms::is_carrier;
use super::text::{Listed, at, digits, is_word, matches};
use super::words::Words;
use super::{keep, names, postal, residence, street};

/// Longest cell that is judged, in bytes.
const MAX_BYTES: usize = 160;
/// Digits of a telephone number that is written without a mark; twelve and more are an article's or a parcel's number.
const PLAIN_DIGITS: std::ops::RangeInclusive<usize> = 9..=11;

/// Words of the shop and of its machines that are written with a capital: whoever is called so is in another cell too.
const THINGS: &str = "standard express expedited economy priority ground overnight scheduled shipping shipped unshipped pending delivered delivery \
    dispatched returned refunded refund completed complete processing processed success failed failure active inactive enabled disabled \
    new used open opened closed paid unpaid confirmed acknowledged received sent queued retry error warning warn info debug trace fatal notice \
    critical amazon prime logistics fedex ups dhl usps gls dpd hermes evri seur correos colissimo chronopost mondial relay inpost postnl \
    yamato sagawa delhivery ekart bluedart purolator canada australia royal bank transfer visa mastercard paypal klarna credit debit card \
    order item items product kids baby toy toys set pack box black white red blue green grey gray pink yellow small medium large size colour color cotton \
    wireless bluetooth usb led pro max mini ultra plus default primary secondary residential commercial business warehouse merchant fulfillment \
    network marketplace monday tuesday wednesday thursday friday saturday sunday january february march april may june july august \
    september october november december true false null none yes no ok unknown gold silver bronze premium basic free worker thread main \
    server service queue task job step stage phase page line row column table index version batch build release connection database cache \
    system manager controller handler request response status report feed sync update create delete insert select status update \
    versandbereit versendet offen bezahlt storniert geliefert lager bestellung auftrag lieferung rechnung zahlung commande livraison expédié \
    github gitlab actions spring boot kafka streams jenkins encrypt apache tomcat jetty google chrome firefox safari edge windows linux macos \
    android iphone samsung sony microsoft oracle mysql postgres redis mongo docker kubernetes prometheus grafana lambda engine cron \
    depot lager kaufhaus filiale halle kommissionierung süd nord ost mitte kollektion collection storefront banner sellers studio \
    package parcel packaging supplied pallet envelope pickup dropoff shop store boutique outlet gmbh \
    integration test tests production staging sandbox development paczkomat packstation locker \
    pedido enviado envío entregado ordine spedito bestelling verzonden zamówienie wysłane sipariş kargo";
/// Units, after which a number and words are a product's.
const UNITS: &str =
    "ml cl l g kg mg oz lb lbs cm mm m km inch inches pcs pieces pack stück gb mb tb mah watt w v hz ghz px ms sec s %";

const THING: u8 = 1;
const UNIT: u8 = 2;

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(&[THINGS, UNITS]));

/// What a cell may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The datum.
    pub kind: Kind,
    /// It is one only right beside another: a word with a capital, a short number.
    pub weak: bool,
}

/// Judges a cell, quotes and spaces around it aside.
pub fn guess(cell: &[u8]) -> Option<Guess> {
    let strong = |kind| Some(Guess { kind, weak: false });
    let weak = |kind| Some(Guess { kind, weak: true });
    if cell.is_empty() || cell.len() > MAX_BYTES || is_kept(cell) {
        return None;
    }
    if is_phone(cell) {
        return if cell.iter().all(u8::is_ascii_digit) { weak(Kind::Phone) } else { strong(Kind::Phone) };
    }
    if is_postcode(cell) {
        return if cell.iter().all(u8::is_ascii_digit) { weak(Kind::Postcode) } else { strong(Kind::Postcode) };
    }
    if has_thing(cell) || is_carrier(cell) || is_footer(cell) {
        return None;
    }
    if postal::is_address(cell) || street::is_code_and_place(cell) {
        return strong(Kind::Postal);
    }
    if cell.iter().any(u8::is_ascii_digit) {
        return if is_numbered(cell) || residence::is_unit(cell) { weak(Kind::Postal) } else { None };
    }
    if names::is_name_of_words(cell) || names::is_script(cell) && cell[0] >= 0xd8 && is_short(cell) {
        return strong(Kind::Name);
    }
    let parts = || cell.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    if cell.contains(&b',') && parts().all(names::is_words) && parts().any(street::has_word) {
        return strong(Kind::Postal);
    }
    // One word, of which a name is written with small letters behind the first.
    let small = cell.iter().skip(1).any(|byte| byte.is_ascii_lowercase() || *byte >= 0x80);
    if small && cell.len() >= 3 && names::is_words(cell) { weak(Kind::Name) } else { None }
}

/// `Sent from my phone`: what a program of mail writes below.
fn is_footer(cell: &[u8]) -> bool {
    const STARTS: [&str; 16] = [
        "Sent from ",
        "Sent with ",
        "Sent using ",
        "Get Outlook ",
        "Gesendet mit ",
        "Gesendet von ",
        "Von meinem ",
        "Envoyé de ",
        "Envoyé depuis ",
        "Enviado desde ",
        "Enviado do ",
        "Inviato da ",
        "Verzonden vanaf ",
        "Wysłane z ",
        "Skickat från ",
        "Sendt fra ",
    ];
    STARTS.iter().any(|start| cell.starts_with(start.as_bytes()))
}

/// A few words of a script without capitals: longer ones are a message.
fn is_short(cell: &[u8]) -> bool {
    String::from_utf8_lossy(cell).chars().count() <= 24 && memchr::memchr_iter(b' ', cell).count() <= 4
}

/// Whether one of its words is of the shop or of its machines.
pub fn has_thing(cell: &[u8]) -> bool {
    cell.split(|byte| matches!(byte, b' ' | b',' | b'-')).any(|word| WORDS.lists(word) & THING != 0)
}

/// Given names that are things as well.
static GIVEN: Listed = Listed::new(&["april", "may", "june", "august", "max", "sunday", "friday"]);
/// Families' names that are things as well.
static FAMILIES: Listed = Listed::new(&["black", "white", "green", "gray", "grey", "royal", "page", "small", "may"]);
/// What is greatest and no person: `Max Retries`.
static MOST: Listed = Listed::new(&[
    "retries",
    "price",
    "amount",
    "length",
    "count",
    "value",
    "limit",
    "attempts",
    "connections",
    "depth",
    "age",
    "weight",
    "results",
    "users",
    "orders",
    "sessions",
    "requests",
    "rows",
    "bytes",
    "quantity",
    "rate",
    "speed",
    "load",
    "memory",
    "newsletter",
    "promo",
    "promotion",
    "sale",
    "sales",
    "campaign",
    "statement",
    "billing",
    "cycle",
    "digest",
    "deals",
    "offer",
    "offers",
    "width",
    "height",
    "points",
    "discount",
    "score",
    "total",
    "time",
    "days",
    "hours",
]);

/// Whether words behind a title or a role are what somebody is called, although a thing is called so too: `Kunde Max
/// Weber`, `Mrs Jane Black`.
pub fn is_called(name: &[u8]) -> bool {
    let mut words = name.split(|byte| *byte == b' ');
    let (Some(first), Some(last)) = (words.next(), words.next_back()) else { return false };
    let is_thing = |word: &[u8]| WORDS.lists(word) & THING != 0;
    let given = GIVEN.has(first) && !MOST.has(last);
    let family = FAMILIES.has(last);
    (given || family && !is_thing(first)) && (family || !is_thing(last)) && !words.any(is_thing)
}

/// What an operator needs, or what is no text of a person's: codes, paths, times, amounts.
fn is_kept(cell: &[u8]) -> bool {
    let marks = |byte: &u8| {
        *byte < b' '
            || matches!(
                byte,
                b'"' | b'{' | b'}' | b'=' | b'<' | b'>' | b'\\' | b'@' | b'$' | b'%' | b'_' | b'|' | b'[' | b']'
            )
    };
    if cell.iter().any(marks)
        || memchr::memmem::find(cell, b"::").is_some()
        || memchr::memmem::find(cell, b": ").is_some()
    {
        return true;
    }
    let spaced = cell.contains(&b' ');
    // `SIP/2.0 486 Busy Here`: the first line of an answer.
    let protocol = cell.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    if protocol >= 3 && cell.get(protocol) == Some(&b'/') && cell.get(protocol + 1).is_some_and(u8::is_ascii_digit) {
        return true;
    }
    if !spaced && matches!(cell[0], b'/' | b'.' | b'*' | b'#') {
        return true;
    }
    let count = digits(cell, 0);
    keep::claims(cell, 0, count).is_some() || keep::uuid(cell, 0).is_some() || is_amount(cell) || is_class(cell)
}

/// `Shop.Orders.LabelWriter`: a class with its namespace. The last part is of two words, as no name of a person's is,
/// and neither of them is short, as in `MacDonald`.
fn is_class(cell: &[u8]) -> bool {
    let parts = || cell.split(|byte| *byte == b'.');
    let last = parts().next_back().unwrap_or_default();
    let word = |part: &[u8]| part.iter().skip(1).take_while(|byte| byte.is_ascii_lowercase()).count() + 1;
    let first = word(last);
    parts().count() >= 3
        && parts()
            .all(|part| part.len() >= 2 && part[0].is_ascii_uppercase() && part.iter().all(u8::is_ascii_alphanumeric))
        && first >= 4
        && last.get(first).is_some_and(u8::is_ascii_uppercase)
        && word(&last[first..]) >= 3
}

/// `12.50`, `1.234,00`, `12:30`
fn is_amount(cell: &[u8]) -> bool {
    let tail = cell.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let mark = cell.len().checked_sub(tail + 1).map_or(0, |place| cell[place]);
    cell.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b':'))
        && tail < cell.len()
        && (tail <= 2 || mark == b':')
        && cell.iter().filter(|byte| !byte.is_ascii_digit()).count() <= 2
}

/// Digits as people write a telephone number.
fn is_phone(cell: &[u8]) -> bool {
    let count = cell.iter().filter(|byte| byte.is_ascii_digit()).count();
    let fits =
        cell.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'-' | b'(' | b')' | b'+' | b'.' | b'/'));
    if !fits || !(7..=15).contains(&count) || matches!(cell[0], b'-' | b'.' | b'/' | b')' | b' ') {
        return false;
    }
    if cell.len() == count {
        // Seconds since the epoch have ten digits and begin so.
        let epoch = count == 10 && matches!(cell, [b'1', b'5'..=b'9', ..]);
        return PLAIN_DIGITS.contains(&count) && !epoch;
    }
    let marks = cell.iter().filter(|byte| matches!(byte, b'.' | b',')).count();
    let groups = cell.split(|byte| !byte.is_ascii_digit()).filter(|group| !group.is_empty());
    let (least, most) =
        groups.fold((usize::MAX, 0), |(least, most), group| (least.min(group.len()), most.max(group.len())));
    // A post code such as `01310-200`, a decimal, and dates are no numbers.
    cell[0] == b'+' || cell[0] == b'(' || marks != 1 && least >= 1 && most <= 8 && !is_postcode(cell)
}

/// A post code and nothing else.
pub fn is_postcode(cell: &[u8]) -> bool {
    let cell = cell.strip_prefix("〒".as_bytes()).unwrap_or(cell);
    let dense = cell.len() == 6 && matches(cell, 0, b"AdAdAd");
    let spaced = cell.len() == 7 && matches(cell, 0, b"ddd ddd");
    let short = cell.len() == 4 && cell.iter().all(u8::is_ascii_digit);
    dense || spaced || short || postal::postcode(cell, 0).is_some_and(|(end, _)| end == cell.len())
}

/// Words of a name and a number of a house: `Gül Sokak No 12/3`, `9 Orchid Close`, `Villa 23, Al Wasl Road`.
fn is_numbered(cell: &[u8]) -> bool {
    let mut numbers = 0;
    let mut named = 0;
    let mut small = 0;
    let mut last: &[u8] = b"";
    let mut count = 0;
    for word in cell.split(|byte| matches!(byte, b' ' | b',' | b'+')).filter(|word| !word.is_empty()) {
        count += 1;
        let has_digit = word.iter().any(u8::is_ascii_digit);
        if has_digit && (word.len() > 7 || WORDS.lists(word) & UNIT != 0) {
            return false;
        }
        numbers += usize::from(has_digit);
        named += usize::from(!has_digit && word.len() >= 3 && (word[0].is_ascii_uppercase() || word[0] >= 0x80));
        small += usize::from(!has_digit && word[0].is_ascii_lowercase() && word.len() > 4);
        last = word;
    }
    let unit = WORDS.lists(last) & UNIT != 0;
    let colon = cell
        .iter()
        .enumerate()
        .any(|(place, byte)| *byte == b':' && !is_word(at(cell, place + 1)) && at(cell, place + 1) != b' ');
    (2..=9).contains(&count) && numbers > 0 && named > 0 && small <= named && !unit && !colon
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_judged_by_their_shape() {
        for (cell, kind, weak) in [
            ("Jane van der Doe", Kind::Name, false),
            ("Jane", Kind::Name, true),
            ("田中 太郎", Kind::Name, false),
            ("0176 5550 1234", Kind::Phone, false),
            ("05325550177", Kind::Phone, true),
            ("(206) 555-0135", Kind::Phone, false),
            ("12345", Kind::Postcode, true),
            ("NW1 6XE", Kind::Postcode, false),
            ("K1A0B1", Kind::Postcode, false),
            ("12 Example Street", Kind::Postal, false),
            ("Lindenweg 4 lgh 1203", Kind::Postal, false),
        ] {
            assert_eq!(guess(cell.as_bytes()), Some(Guess { kind, weak }), "{cell}");
        }
        for cell in [
            "",
            "EUR",
            "OK",
            "2026-11-20",
            "12.50",
            "028-0340236-1234567",
            "B0ABCDEF12",
            "SKU-AB12-12345",
            "Standard Shipping",
            "sent gift mail",
            "orders/notify.go:77",
            "1763923967",
            "5900393668496",
            "a=b",
            "Baby Shampoo 500 ml",
            "INFO",
            "3",
        ] {
            assert_eq!(guess(cell.as_bytes()), None, "{cell}");
        }
    }
}
