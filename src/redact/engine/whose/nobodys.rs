//! Values that are nobody's, whatever their key says.

use crate::redact::Kind;
use crate::redact::detect::{cell, firms, parsed};

use super::logins::is_of_house;
use super::{programs, protocol, signature, special};

/// Whether a value under `key`, which says that it is of `kind`, is nobody's all the same.
pub fn is_nobodys(key: &[u8], kind: Kind, value: &[u8]) -> bool {
    let digits = || value.iter().all(u8::is_ascii_digit);
    if programs::is_programs(key, kind, value) || protocol::is_nobodys(key, kind, value) {
        return true;
    }
    // `arn:aws:ses:eu-west-1:…`: a thing of a cloud, unless it is somebody who works with it.
    if value.starts_with(b"arn:") && !matches!(kind, Kind::Password | Kind::Token | Kind::Secret) {
        return !value.contains(&b'@') && memchr::memmem::find(value, b"user/").is_none();
    }
    match kind {
        // `PWD=/srv/shop`: where a program was started.
        Kind::Password => matches!(key, b"PWD" | b"OLDPWD" | b"pwd" | b"cwd") && value.first() == Some(&b'/'),
        // `"signature": "Outdated library of a server found"`: words, and no token.
        Kind::Token => special::is_sentence(value) || signature::is_of_mail(value),
        // `Kontoschluessel: 12`: German says "key" to a code of a table as well.
        Kind::Secret => {
            value.len() <= 3 && digits() && (ends_in(key, b"schluessel") || ends_in(key, "schlüssel".as_bytes()))
                // `seed=58910102`: of the random numbers of a test.
                || value.len() <= 10 && digits() && ends_in(key, b"seed")
        }
        Kind::Postal | Kind::Place | Kind::Tax if is_amount(value) => true,
        // `floor=8%2C50`
        Kind::Postal if value.len() <= 16 && value.contains(&b'%') && is_amount(&special::said(value)) => true,
        // `txid=f12e…`: the id of a transaction.
        Kind::Tax if value.len() >= 24 && is_hex_id(value) => true,
        // `mrn=26DE123456789012J5`: what customs number a declaration by, and hospitals no patient.
        Kind::Health => is_declaration(value),
        // `addr:48213`: the key of a cache, and no house's number.
        Kind::Postal if value.len() >= 5 && digits() && key.len() <= 7 => true,
        // `Via: 1.1 varnish` is a header of HTTP, and a street in Italy.
        Kind::Postal if key.eq_ignore_ascii_case(b"via") && value.first().is_some_and(u8::is_ascii_digit) => true,
        Kind::Postcode => value.iter().any(|byte| matches!(byte, b'.' | b'_' | b'/')) && !value.starts_with(b"pii_"),
        // `extension: server_name`: no number has letters alone.
        Kind::Phone | Kind::Card | Kind::Tax | Kind::Birth | Kind::Tail => {
            value.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-' | b' '))
        }
        // `addr=0x7f1d2c0b`: a place in memory.
        Kind::Postal | Kind::Address | Kind::Name | Kind::Place if is_pointer(value) => true,
        // `server.address: orders.svc`
        Kind::Postal => firms::is_carrier(value) || is_host_name(value),
        // `buyerId: 9677287`, `"buyerId": "A2"`: a row of a table, which says nothing outside of it.
        Kind::Identity if ends_in(key, b"buyerid") || ends_in(key, b"buyer_id") => {
            value.len() <= 3 || value.len() <= 12 && digits()
        }
        Kind::Device => is_machines(key, value) || value.len() == 10 && is_day(value),
        // `"channel": "sms"`: a way to reach somebody, of which programs know a few.
        Kind::Text if ends_in(key, b"channel") => {
            value.len() <= 16 && value.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_')
        }
        Kind::Text => is_reference(value),
        // A copy's receiver and a country's code share a key.
        Kind::Email => matches!(value, [b'A'..=b'Z', b'A'..=b'Z']),
        Kind::Name => is_no_name(key, value),
        _ => false,
    }
}

/// A year, a country, and fourteen capitals and digits (Union Customs Code).
fn is_declaration(value: &[u8]) -> bool {
    value.len() == 18
        && value[..2].iter().all(u8::is_ascii_digit)
        && value[2..4].iter().all(u8::is_ascii_uppercase)
        && value[4..].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Eight or more digits of a hexadecimal number, in pairs, of which some are no letters.
fn is_hex_id(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    matches!(value.len(), 8 | 12 | 16 | 24 | 32 | 40 | 64)
        && value.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
        && (2..value.len()).contains(&digits)
        // `abbe1985`: a word and a year.
        && value.windows(2).filter(|two| two[0].is_ascii_digit() != two[1].is_ascii_digit()).count() >= 2
}

/// `0x18`
pub fn is_pointer(value: &[u8]) -> bool {
    value
        .strip_prefix(b"0x")
        .is_some_and(|digits| (1..=16).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit))
}

/// Names of programs, groups and firms.
fn is_no_name(key: &[u8], value: &[u8]) -> bool {
    // `#team-search`: a channel; `60a11efa`: an id.
    value.first() == Some(&b'#')
        || is_hex_id(value)
        || firms::is_carrier(value)
        // `datasource.username=shop_rw`, `receiver=team-checkout`
        || !value.contains(&b'@') && is_of_house(value) && (is_account(key) || key.ends_with(b"user.name") || value.iter().any(|byte| matches!(byte, b'-' | b'_')))
        // `sender=Example Trading GmbH`: the shop itself.
        || is_shipper(key) && firms::has_legal_form(value)
}

/// `_MACHINE_ID` of the journal; `dsn=4.7.1`, what became of a delivery (RFC 3463).
fn is_machines(key: &[u8], value: &[u8]) -> bool {
    key.first() == Some(&b'_') && key.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_')
        || value.len() < 8 && value.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        // `SENTRY_DSN=off`: a switch.
        || matches!(value, b"off" | b"on" | b"disabled" | b"enabled")
        // `vendorId=4411`: a supplier's. Of an app's maker it is a UUID, which iOS writes in capitals.
        || ends_in(key, b"vendorid") && !is_upper_uuid(value)
        // `"serialNumber": "urn:uuid:…"`: a document's (CycloneDX), for no device has a name of RFC 9562 printed on it.
        || value.starts_with(b"urn:uuid:") && key.eq_ignore_ascii_case(b"serialNumber")
        // `DSN=PROD.STOCK.SORT.G1182V00`: a data set, or a source of data.
        || key.eq_ignore_ascii_case(b"dsn") && (value.contains(&b'.') || !value.iter().any(u8::is_ascii_digit))
}

/// `B9C0140A-7C2B-46E1-94B8-3E6989F1C17F`
fn is_upper_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'A'..=b'F'),
        })
}

/// Digits that begin with a day of this century: `20261118…`.
pub fn is_day(text: &[u8]) -> bool {
    let [b'2', b'0', _, _, month @ .., _, _] = text else { return false };
    text.iter().all(u8::is_ascii_digit)
        && matches!(month, [b'0', b'1'..=b'9', ..] | [b'1', b'0'..=b'2', ..])
        && matches!(month, [_, _, b'0'..=b'2', _] | [_, _, b'3', b'0' | b'1'])
}

/// Nobody's words: a digest, or `STMT-2026-3076`.
fn is_reference(text: &[u8]) -> bool {
    let is_digest = matches!(text.len(), 32 | 40 | 64 | 128)
        && text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
    let mut parts = text.split(|byte| *byte == b'-');
    let is_numbered = parts.next().is_some_and(|first| first.len() >= 2 && first.iter().all(u8::is_ascii_uppercase))
        && parts.clone().next().is_some()
        && parts.all(|part| (1..=6).contains(&part.len()) && part.iter().all(u8::is_ascii_digit));
    // `"name": "#20418"`: an order's.
    let is_counted = matches!(text, [b'#', digits @ ..] if (1..=12).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit));
    is_digest || is_numbered || is_counted
}

/// A number with a fraction: `floor=8.50` is a least price.
fn is_amount(value: &[u8]) -> bool {
    let marks = value.iter().filter(|byte| matches!(byte, b'.' | b',')).count();
    marks > 0
        && parsed(value).is_none()
        && value.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
        && value.iter().rev().take_while(|byte| byte.is_ascii_digit()).count() <= 3
}

/// A key under which programs log in as well.
fn is_account(key: &[u8]) -> bool {
    [&b"user"[..], b"username", b"login", b"usr", b"uname"].iter().any(|end| ends_in(key, end))
}

fn ends_in(key: &[u8], end: &[u8]) -> bool {
    key.len() >= end.len() && key[key.len() - end.len()..].eq_ignore_ascii_case(end)
}

/// Digits as people write a telephone number, with a mark among them.
pub fn is_telephone(value: &[u8]) -> bool {
    !value.iter().any(u8::is_ascii_alphabetic)
        && cell::guess(value).is_some_and(|guess| guess.kind == Kind::Phone && !guess.weak)
}

/// A key of who sends a parcel.
fn is_shipper(key: &[u8]) -> bool {
    [
        &b"sender"[..],
        b"shipper",
        b"absender",
        b"expediteur",
        b"remitente",
        b"mittente",
        b"nadawca",
        b"afzender",
        b"shipfrom",
    ]
    .iter()
    .any(|known| key.eq_ignore_ascii_case(known))
}

/// `orders.svc`, `db-1.internal:5432`
fn is_host_name(value: &[u8]) -> bool {
    value.contains(&b'.')
        && value.iter().any(u8::is_ascii_lowercase)
        && value
            .iter()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_' | b':'))
        && value.split(|byte| *byte == b'.').all(|label| !label.is_empty())
}
