//! Parameters of paths whose name stands in the segment before them: `/customers/surname/Doe`, `/lookup/phone/601-799-941`.

use super::text::{Listed, at, run};
use super::{cell, given, names};

/// Segments that name what follows, as texts to look for.
pub(super) const SEGMENTS: &[&str] = &[
    "/name/",
    "/by-name/",
    "/fullname/",
    "/full-name/",
    "/surname/",
    "/lastname/",
    "/last-name/",
    "/last_name/",
    "/firstname/",
    "/first-name/",
    "/first_name/",
    "/nachname/",
    "/vorname/",
    "/prenom/",
    "/apellido/",
    "/apellidos/",
    "/cognome/",
    "/achternaam/",
    "/voornaam/",
    "/nazwisko/",
    "/efternamn/",
    "/phone/",
    "/phones/",
    "/by-phone/",
    "/phonenumber/",
    "/phone-number/",
    "/tel/",
    "/telefon/",
    "/telefono/",
    "/telephone/",
    "/telefoon/",
    "/mobile/",
    "/msisdn/",
    "/postcode/",
    "/postcodes/",
    "/zip/",
    "/zipcode/",
    "/zip-code/",
    "/plz/",
    "/postal-code/",
    "/postalcode/",
    "/codepostal/",
];

/// Segments that are asked for and are nobody's.
static ACTIONS: Listed = Listed::new(&[
    "search",
    "list",
    "all",
    "new",
    "edit",
    "verify",
    "verified",
    "validate",
    "check",
    "available",
    "availability",
    "lookup",
    "suggest",
    "suggestions",
    "autocomplete",
    "count",
    "history",
    "index",
    "null",
    "undefined",
    "none",
    "me",
    "self",
    "update",
    "delete",
    "confirm",
    "send",
    "resend",
    "code",
    "codes",
    "type",
    "types",
    "primary",
    "default",
    "exists",
    "normalize",
    "normalise",
    "format",
    "parse",
    "app",
    "web",
    "api",
    "login",
    "register",
    "home",
    "id",
    "ids",
    "change",
    "changes",
    "asc",
    "desc",
    "like",
    "equals",
    "test",
    "unknown",
]);

/// The value behind the segment that begins at `from`.
pub(super) fn find(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let key = from + 1 + run(text, from + 1, 24, |byte| byte != b'/');
    let start = key + 1;
    let is_part = |byte: u8| {
        byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'\'' | b'%')
    };
    let end = start + run(text, start, 64, is_part);
    let value = &text[start..end];
    if value.len() < 2 || is_part(at(text, end)) || ACTIONS.has(value) {
        return None;
    }
    let key = &text[from + 1..key];
    let first = key.strip_prefix(b"by-").unwrap_or(key);
    let fits = if [&b"phone"[..], b"tel", b"mobile", b"msisdn"].iter().any(|known| first.starts_with(known)) {
        let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
        (7..=15).contains(&digits) && !value.iter().any(|byte| byte.is_ascii_alphabetic() && !value.contains(&b'%'))
    } else if [&b"post"[..], b"zip", b"plz", b"codepostal"].iter().any(|known| first.starts_with(known)) {
        let spaced: Vec<u8> = value.iter().map(|byte| if matches!(byte, b'+') { b' ' } else { *byte }).collect();
        (4..=10).contains(&value.len()) && value.iter().any(u8::is_ascii_digit) && cell::is_postcode(&spaced)
    } else {
        is_name(value, first == b"name")
    };
    fits.then_some((start, end))
}

/// Whether a segment is what somebody is called. A `thing` may be called so as well: then it takes a name that is known.
fn is_name(value: &[u8], thing: bool) -> bool {
    let mut words = value.split(|byte| matches!(byte, b'-' | b'_' | b'.' | b'+'));
    let plain = words.clone().all(|word| {
        !word.is_empty() && word.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80 || *byte == b'\'')
    });
    let spaced: Vec<u8> =
        value.iter().map(|byte| if matches!(byte, b'-' | b'_' | b'.' | b'+') { b' ' } else { *byte }).collect();
    if !plain || cell::has_thing(&spaced) || given::is_other(&spaced) {
        return false;
    }
    let known = words.any(given::sounds_known);
    if thing { known } else { known || names::is_words(&spaced) || value.iter().all(u8::is_ascii_lowercase) }
}
