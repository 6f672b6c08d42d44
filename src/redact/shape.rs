//! Judges a decoded value by its shape. The first and narrow stage of detection: what it calls harmless is written out,
//! so it knows a few shapes that may stand and refuses all else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::detect;

/// Longest value that may stand.
const MAX_BYTES: usize = 128;

/// Digits, separators aside, from which a run may be a telephone number.
const TELEPHONE_DIGITS: usize = 7;

/// Letters and digits without a break from which a mixed word may be a token.
const TOKEN_BYTES: usize = 20;

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It may stand as it is.
    Harmless,
    /// Some identifier: a pseudonym may stand for it.
    Opaque,
    /// It looks personal, or is free text: nothing may stand for it.
    Personal,
}

/// Judges `value`, which came under the parameter `name`.
pub fn judge(name: &str, value: &str) -> Verdict {
    if is_timestamp(value) {
        return Verdict::Harmless;
    }
    if value.len() > MAX_BYTES || !value.bytes().all(is_allowed) {
        return Verdict::Personal;
    }
    // Over the whole value, for a list may hold a telephone number in pieces of which each would pass.
    let unknown = value.split(',').flat_map(|piece| if is_kept(name, piece) { "x" } else { piece }.bytes());
    if has_long_number(unknown) {
        return Verdict::Personal;
    }
    value.split(',').map(|piece| judge_piece(name, piece)).max().unwrap_or(Verdict::Harmless)
}

fn judge_piece(name: &str, piece: &str) -> Verdict {
    if is_kept(name, piece) {
        Verdict::Harmless
    } else if has_address(piece) || is_mac(piece) || detect::proves(piece.as_bytes()) {
        Verdict::Personal
    } else if is_token(piece) || is_dotted_name(piece) {
        Verdict::Opaque
    } else {
        Verdict::Harmless
    }
}

/// Long digits that are known not to be a person's.
fn is_kept(name: &str, piece: &str) -> bool {
    is_order_id(piece)
        || piece.split('/').all(is_timestamp)
        || is_number_between(piece, 13, 1_000_000_000_000, 1_999_999_999_999)
        || is_epoch(name, piece)
        || is_marketplace(piece)
}

/// No space: what has one and is no time is free text.
const fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b',' | b'+' | b'-' | b'/')
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// `123-1234567-1234567`
fn is_order_id(piece: &str) -> bool {
    matches_template(piece, b"ddd-ddddddd-ddddddd")
}

/// A marketplace's id, such as `ATVPDKIKX0DER`: `A` and 12 or 13 letters and digits, of which some are letters.
fn is_marketplace(piece: &str) -> bool {
    matches!(piece.len(), 13 | 14)
        && piece.starts_with('A')
        && piece.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && piece.bytes().filter(u8::is_ascii_uppercase).count() >= 4
        && !has_long_number(piece.bytes())
}

/// Seconds since the epoch look like many a telephone number: they may stand only where the name speaks of time.
fn is_epoch(name: &str, piece: &str) -> bool {
    const TIMES: [&str; 8] = ["after", "before", "time", "date", "since", "until", "created", "updated"];
    let name = name.to_ascii_lowercase();
    is_number_between(piece, 10, 1_000_000_000, 1_999_999_999) && TIMES.iter().any(|word| name.contains(word))
}

fn is_number_between(piece: &str, length: usize, least: u64, most: u64) -> bool {
    piece.len() == length
        && piece.bytes().all(|byte| byte.is_ascii_digit())
        && piece.parse::<u64>().is_ok_and(|number| (least..=most).contains(&number))
}

/// ISO 8601: a date, or a date and a time with optional seconds, fraction and zone.
fn is_timestamp(piece: &str) -> bool {
    let Some((date, rest)) = piece.split_at_checked(10) else { return false };
    if !matches_template(date, b"dddd-dd-dd") || !(1900..2200).contains(&number(&date[..4])) {
        return false;
    }
    if !(1..=12).contains(&number(&date[5..7])) || !(1..=31).contains(&number(&date[8..])) {
        return false;
    }
    rest.is_empty() || rest.strip_prefix(['T', 't', ' ']).is_some_and(is_time)
}

fn is_time(text: &str) -> bool {
    let (clock, zone) = match text.find(['Z', 'z', '+', '-', ' ']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let clock_fits = matches_template(clock, b"dd:dd") || matches_template(clock, b"dd:dd:dd");
    let zone_fits = match zone.as_bytes() {
        [] | [b'Z' | b'z'] => true,
        // A `+` that was not encoded has become a space.
        [b'+' | b'-' | b' ', ..] => {
            matches_template(&zone[1..], b"dd:dd")
                || matches_template(&zone[1..], b"dddd") && number(&zone[1..]) <= 1400
        }
        _ => false,
    };
    clock_fits
        && clock.split(':').map(number).zip([23, 59, 60]).all(|(part, most)| part <= most)
        && zone_fits
        && (1..=9).contains(&fraction.len())
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

/// `d` stands for a digit, all else for itself.
fn matches_template(text: &str, template: &[u8]) -> bool {
    text.len() == template.len()
        && text.bytes().zip(template).all(|(byte, &place)| match place {
            b'd' => byte.is_ascii_digit(),
            literal => byte == literal,
        })
}

fn number(digits: &str) -> u64 {
    digits.parse().unwrap_or(u64::MAX)
}

/// Seven or more digits without a letter between them: telephone, card, bank account, identity card.
fn has_long_number(bytes: impl Iterator<Item = u8>) -> bool {
    let mut count = 0;
    for byte in bytes {
        count = match byte {
            b'0'..=b'9' => count + 1,
            _ if byte.is_ascii_alphabetic() => 0,
            _ => count,
        };
        if count >= TELEPHONE_DIGITS {
            return true;
        }
    }
    false
}

/// An Internet address anywhere within.
fn has_address(piece: &str) -> bool {
    let v4 = piece.split(|character: char| !character.is_ascii_digit() && character != '.');
    let v6 = piece.split(|character: char| !character.is_ascii_hexdigit() && !matches!(character, ':' | '.'));
    piece.parse::<IpAddr>().is_ok()
        || v4.into_iter().any(|part| part.trim_matches('.').parse::<Ipv4Addr>().is_ok())
        || v6.into_iter().any(|part| part.contains(':') && part.parse::<Ipv6Addr>().is_ok())
}

/// Six pairs of hexadecimal digits, or twelve digits in a row.
fn is_mac(piece: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pairs = |separator| piece.split(separator).filter(|pair| pair.len() == 2 && is_hex(pair)).count() >= 6;
    pairs(':') || pairs('-') || piece.len() == 12 && is_hex(piece) && digits(piece) > 0
}

/// A long word of letters and digits, or the head of a JSON web token.
fn is_token(piece: &str) -> bool {
    let words = || piece.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    let is_mixed = |word: &str| {
        word.bytes().any(|byte| byte.is_ascii_digit()) && word.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    piece.contains("eyJ")
        || words().any(|word| word.len() >= 2 * TOKEN_BYTES || word.len() >= TOKEN_BYTES && is_mixed(word))
        || words().filter(|word| word.len() >= 4 && word.bytes().all(|byte| byte.is_ascii_hexdigit())).count() >= 4
}

/// `first.last`, or a host name.
fn is_dotted_name(piece: &str) -> bool {
    piece.split(['/', ':', '_', '-', '+']).any(|part| {
        part.contains('.')
            && part.split('.').all(|label| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphabetic()))
    })
}
