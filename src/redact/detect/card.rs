//! Payment cards and bank accounts.

use smallvec::SmallVec;

use super::keep;
use super::text::{at, before, luhn, matches, run};

/// The card number that begins with the digit at `from`: known issuer and its length, Luhn's sum, groups of three
/// digits or more.
pub fn card(text: &[u8], from: usize) -> Option<(usize, usize)> {
    if !matches!(text[from], b'2'..=b'6') {
        return None;
    }
    // Groups of fewer than three digits end a number, and fewer than 13 digits are none.
    let first = run(text, from, 20, |byte| byte.is_ascii_digit());
    let goes_on =
        matches!(at(text, from + first), b' ' | b'-' | b'+' | b'.') && matches(text, from + first + 1, b"ddd");
    if first < 13 && !goes_on {
        return None;
    }
    let mut digits: SmallVec<[u8; 24]> = SmallVec::new();
    let mut end = from;
    let mut groups = 0;
    let mut best = None;
    loop {
        let length = run(text, end, 20, |byte| byte.is_ascii_digit());
        if length < 3 && groups > 0 || length == 0 || digits.len() + length > 19 {
            break;
        }
        // `queue_depth 44251 1761388507579`: a measure and when it was taken.
        if groups > 0 && length == 13 && matches!(text[end..], [b'1', b'5'..=b'9', ..]) && text[end - 1] == b' ' {
            break;
        }
        digits.extend_from_slice(&text[end..end + length]);
        end += length;
        groups += 1;
        if is_card(&digits, groups > 1) && !keep::is_within_word(text, from, end) {
            best = Some(end);
        }
        if !matches!(at(text, end), b' ' | b'-' | b'+' | b'.') || !at(text, end + 1).is_ascii_digit() {
            break;
        }
        end += 1;
    }
    best.map(|end| (from, end))
}

fn is_card(digits: &[u8], grouped: bool) -> bool {
    let prefix = |length: usize| super::text::number(&digits[..length.min(digits.len())]);
    let fits = match digits.len() {
        16 => {
            digits[0] == b'4'
                || (51..=55).contains(&prefix(2))
                || (2221..=2720).contains(&prefix(4))
                || prefix(4) == 6011
                || (644..=659).contains(&prefix(3))
                || (3528..=3589).contains(&prefix(4))
                || matches!(prefix(2), 50 | 60 | 62 | 63 | 67 | 81)
                || matches!(prefix(2), 36 | 38 | 39) && grouped
        }
        15 => matches!(prefix(2), 34 | 37),
        14 => grouped && (matches!(prefix(2), 36 | 38 | 39) || (300..=305).contains(&prefix(3))),
        17..=19 => prefix(2) == 62 || grouped && (digits[0] == b'4' || matches!(prefix(2), 50 | 56..=58 | 63 | 67)),
        13 => grouped && digits[0] == b'4',
        _ => false,
    };
    fits && luhn(digits) && digits.iter().any(|digit| *digit != digits[0])
}

/// Countries and the length of their IBANs (SWIFT's registry, release 99).
const IBAN_LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 \
    DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 \
    JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 \
    PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 \
    XK20 YE30";

/// The IBAN whose check digits begin at `from`, after the country's two letters.
pub fn iban(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = from.checked_sub(2)?;
    let country = [text[start].to_ascii_uppercase(), text[start + 1].to_ascii_uppercase()];
    // `?31DE14…`: a field of an account's statement (SWIFT MT940).
    let field = start >= 3 && text[start - 3] == b'?' && matches(text, start - 2, b"dd");
    let is_bounded = field || !super::text::is_word(before(text, start));
    if !is_bounded || !country.iter().all(u8::is_ascii_uppercase) || !at(text, from + 1).is_ascii_digit() {
        return None;
    }
    let known = IBAN_LENGTHS.as_bytes().chunks(5).find(|entry| entry[..2] == country)?;
    let length = super::text::number(&known[2..4]) as usize;
    let mut compact: SmallVec<[u8; 40]> = SmallVec::new();
    let mut end = start;
    while compact.len() < length {
        match at(text, end) {
            byte if byte.is_ascii_alphanumeric() => compact.push(byte.to_ascii_uppercase()),
            b' ' | b'-' | b'+' | b'.' if at(text, end + 1).is_ascii_alphanumeric() && end > start => {}
            _ => return None,
        }
        end += 1;
    }
    (!super::text::is_word(at(text, end)) && remainder(&compact) == 1).then_some((start, end))
}

/// ISO 7064, modulo 97: the first four places are moved behind the rest, letters count from 10.
fn remainder(compact: &[u8]) -> u32 {
    compact[4..].iter().chain(&compact[..4]).fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.wrapping_sub(b'A')) + 10) % 97,
    })
}
