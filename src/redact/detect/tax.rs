//! Numbers that a state gave to a person or a company, told by their check digits.

use smallvec::SmallVec;

use super::keep;
use super::text::{at, before, is_word, matches, number};

/// `123.456.789-09` and `12.345.678/0001-95`: Brazil's CPF and CNPJ.
pub fn brazil(text: &[u8], from: usize) -> Option<(usize, usize)> {
    if at(text, from + 3) != b'.' && at(text, from + 2) != b'.' {
        return None;
    }
    let shapes: [(&[u8], usize); 2] = [(b"ddd.ddd.ddd-dd", 9), (b"dd.ddd.ddd/dddd-dd", 12)];
    shapes.iter().find_map(|(shape, body)| {
        let end = from + shape.len();
        if !matches(text, from, shape) || is_word(before(text, from)) || is_word(at(text, end)) {
            return None;
        }
        let digits: SmallVec<[u8; 16]> =
            text[from..end].iter().filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0').collect();
        let check = |count: usize| {
            let wrap = if *body == 9 { 12 } else { 8 };
            let weighted = digits[..count].iter().rev().enumerate();
            let sum: usize = weighted.map(|(place, digit)| usize::from(*digit) * (place % wrap + 2)).sum();
            let rest = sum % 11;
            if rest < 2 { 0 } else { 11 - rest }
        };
        let fits = check(*body) == usize::from(digits[*body]) && check(body + 1) == usize::from(digits[body + 1]);
        fits.then_some((from, end))
    })
}

/// `123-45-6789`: the United States' social security number.
pub fn social_security(text: &[u8], from: usize) -> Option<(usize, usize)> {
    if at(text, from + 3) != b'-' {
        return None;
    }
    let end = from + 11;
    let shaped = matches(text, from, b"ddd-dd-dddd") && !keep::is_within_word(text, from, end);
    if !shaped || matches!(before(text, from), b'-' | b'.' | b'/') || at(text, end) == b'-' {
        return None;
    }
    let area = number(&text[from..from + 3]);
    let known =
        area != 0 && area != 666 && area < 900 && &text[from + 4..from + 6] != b"00" && &text[from + 7..end] != b"0000";
    known.then_some((from, end))
}

/// `12345678Z`, `X1234567L`: Spain's DNI and NIE, by their letter.
pub fn spain(text: &[u8], from: usize) -> Option<(usize, usize)> {
    const LETTERS: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let (start, shape): (usize, &[u8]) = match before(text, from) {
        b'X' | b'Y' | b'Z' => (from - 1, b"AdddddddA"),
        _ => (from, b"ddddddddA"),
    };
    let end = start + 9;
    if !at(text, end - 1).is_ascii_uppercase()
        || !matches(text, start, shape)
        || is_word(before(text, start))
        || is_word(at(text, end))
        || matches!(before(text, start), b'-' | b'_')
    {
        return None;
    }
    let first = match text[start] {
        b'X' => 0,
        b'Y' => 1,
        b'Z' => 2,
        byte => u32::from(byte - b'0'),
    };
    let value = first * 10_000_000 + number(&text[start + 1..start + 8]);
    (LETTERS[value as usize % 23] == text[end - 1]).then_some((start, end))
}

/// `RSSMRA85T10A562S`: Italy's codice fiscale, by its last letter. `from` is its first digit.
pub fn italy(text: &[u8], from: usize) -> Option<(usize, usize)> {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let start = from.checked_sub(6)?;
    let end = start + 16;
    let code = text.get(start..end)?;
    let shaped = code.iter().enumerate().all(|(place, byte)| match place {
        0..=5 | 8 | 11 | 15 => byte.is_ascii_alphabetic(),
        _ => byte.is_ascii_alphanumeric(),
    });
    if !shaped || is_word(before(text, start)) || is_word(at(text, end)) {
        return None;
    }
    let sum: u32 = code[..15]
        .iter()
        .enumerate()
        .map(|(place, byte)| {
            let value = if byte.is_ascii_digit() { byte - b'0' } else { byte.to_ascii_uppercase() - b'A' };
            if place % 2 == 0 { ODD.get(usize::from(value)).copied().unwrap_or(0) } else { u32::from(value) }
        })
        .sum();
    (sum % 26 == u32::from(code[15].to_ascii_uppercase() - b'A')).then_some((start, end))
}

/// `22AAAAA0000A1Z5`: India's GSTIN, by its check character.
pub fn gstin(text: &[u8], from: usize) -> Option<(usize, usize)> {
    if !at(text, from + 2).is_ascii_uppercase() || !matches(text, from, b"ddAAAAAddddA") {
        return None;
    }
    let end = from + 15;
    let code = text.get(from..end)?;
    let bounded = !is_word(before(text, from)) && !is_word(at(text, end)) && code.iter().all(u8::is_ascii_alphanumeric);
    if !bounded {
        return None;
    }
    let value =
        |byte: u8| u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte.to_ascii_uppercase() - b'A' + 10 });
    let sum: u32 = code[..14]
        .iter()
        .enumerate()
        .map(|(place, byte)| {
            let product = value(*byte) * (u32::from(place % 2 == 1) + 1);
            product / 36 + product % 36
        })
        .sum();
    ((36 - sum % 36) % 36 == value(code[14])).then_some((from, end))
}

/// `ABCPE1234F`: India's PAN, by the letter of its holder's sort. `from` is the first digit.
pub fn pan(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = from.checked_sub(5)?;
    let end = start + 10;
    let shaped = matches(text, start, b"AAAAAddddA") && b"PCHFATBLJG".contains(&text[start + 3]);
    (shaped && !is_word(before(text, start)) && !is_word(at(text, end)) && !matches!(before(text, start), b'-' | b'_'))
        .then_some((start, end))
}

/// `AB123456C`: the United Kingdom's national insurance number. `from` is its first digit.
pub fn national_insurance(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = from.checked_sub(2)?;
    let end = start + 9;
    let shaped = matches(text, start, b"AAddddddA") && matches!(at(text, end - 1), b'A'..=b'D');
    let known = !b"DFIQUV".contains(&at(text, start)) && !b"DFIQUVO".contains(&at(text, start + 1));
    (shaped
        && known
        && !is_word(before(text, start))
        && !is_word(at(text, end))
        && !matches!(before(text, start), b'-' | b'_'))
    .then_some((start, end))
}
