//! Numbers of value added tax, as the Union's register of them (VIES) and its neighbours write them: a country's letters
//! and its own number, told by the number's check digits, or by what is said of it.

use super::text::{Listed, at, before, has_word_before, is_word, luhn, run};

/// Words beside a number of this tax: with one of them the shape is enough.
static WORDS: Listed = Listed::new(&[
    "vat",
    "vatin",
    "vies",
    "ust",
    "ustid",
    "uid",
    "umsatzsteuer",
    "mwst",
    "tva",
    "iva",
    "btw",
    "moms",
    "nip",
    "alv",
    "áfa",
    "dph",
    "ddv",
    "pdv",
    "pvm",
    "pvn",
    "km",
    "käibemaks",
    "φπα",
    "αφμ",
    "ддс",
    "partita",
    "tax",
    "fiscal",
    "nif",
    "cif",
    "kdv",
    "intracommunautaire",
    "intracomunitario",
]);
/// Bytes before a number in which such a word is sought.
const REACH: usize = 40;

/// The number whose first digit is at `from`, after its country's letters.
pub fn find(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let letters = super::text::run_back(text, from, 4, |byte| byte.is_ascii_uppercase());
    let start = from - letters;
    let country = text.get(start..start + 2).filter(|_| matches!(letters, 2 | 3))?;
    let end = start + 2 + run(text, start + 2, 13, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let bounded = !is_word(before(text, start))
        && !is_word(at(text, end))
        && !matches!(before(text, start), b'-' | b'_' | b'/' | b'.' | b'#')
        && !matches!(at(text, end), b'-' | b'_' | b'/' | b'@');
    let number = text.get(start + 2..end).filter(|number| bounded && number.len() >= 8)?;
    let checked = shape(country, number)?;
    (checked || has_word_before(text, start, REACH, &WORDS)).then_some((start, end))
}

/// Whether the number has the form of the country's, and if so whether its check digits prove it.
fn shape(country: &[u8], number: &[u8]) -> Option<bool> {
    let count = number.len();
    let digits = number.iter().all(u8::is_ascii_digit);
    let sized = |sizes: &[usize]| digits && sizes.contains(&count);
    let weighted = |weights: &[u32]| -> u32 {
        number.iter().zip(weights).map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0')) * weight).sum()
    };
    let digit = |place: usize| u32::from(number[place].wrapping_sub(b'0'));
    let whole =
        |from: usize, to: usize| number[from..to].iter().fold(0_u64, |sum, byte| sum * 10 + u64::from(byte - b'0'));
    Some(match country {
        b"AT" if count == 9 && number[0] == b'U' && number[1..].iter().all(u8::is_ascii_digit) => {
            let sum: u32 = (1..8).map(|place| if place % 2 == 0 { twice(digit(place)) } else { digit(place) }).sum();
            (96 - sum % 10) % 10 == digit(8)
        }
        b"BE" if sized(&[10]) && number[0] <= b'1' => 97 - whole(0, 8) % 97 == whole(8, 10),
        b"DE" if sized(&[9]) => mod_eleven_ten(number),
        b"HR" if sized(&[11]) => mod_eleven_ten(number),
        b"DK" if sized(&[8]) => weighted(&[2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0,
        b"EE" if sized(&[9]) => (10 - weighted(&[3, 7, 1, 3, 7, 1, 3, 7]) % 10) % 10 == digit(8),
        b"EL" if sized(&[9]) => weighted(&[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == digit(8),
        b"FI" if sized(&[8]) => (11 - weighted(&[7, 9, 10, 5, 8, 4, 2]) % 11) % 11 == digit(7),
        b"FR" if count == 11 && number[2..].iter().all(u8::is_ascii_digit) => luhn(&number[2..]),
        b"HU" if sized(&[8]) => (10 - weighted(&[9, 7, 3, 1, 9, 7, 3]) % 10) % 10 == digit(7),
        b"IT" if sized(&[11]) => luhn(number),
        b"LU" if sized(&[8]) => whole(0, 6) % 89 == whole(6, 8),
        b"NL"
            if count == 12 && number[9] == b'B' && number.iter().filter(|byte| byte.is_ascii_digit()).count() == 11 =>
        {
            true
        }
        b"PL" if sized(&[10]) => weighted(&[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == digit(9),
        b"PT" if sized(&[9]) => {
            let rest = weighted(&[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
            (if rest < 2 { 0 } else { 11 - rest }) == digit(8)
        }
        b"SE" if sized(&[12]) => number.ends_with(b"01") && luhn(&number[..10]),
        b"SI" if sized(&[8]) => (11 - weighted(&[8, 7, 6, 5, 4, 3, 2]) % 11) % 10 == digit(7),
        b"SK" if sized(&[10]) => whole(0, 10).is_multiple_of(11),
        b"GB" | b"XI" if sized(&[9, 12]) => {
            let sum = weighted(&[8, 7, 6, 5, 4, 3, 2, 10, 1]);
            sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97)
        }
        // What has no check digit, or one that says little.
        b"BG" if sized(&[9, 10]) => false,
        b"CZ" if sized(&[8, 9, 10]) => false,
        b"LT" if sized(&[9, 12]) => false,
        b"LV" if sized(&[11]) => false,
        b"MT" if sized(&[8]) => false,
        b"RO" if sized(&[8, 9, 10]) => false,
        b"NO" | b"GR" if sized(&[9]) => false,
        b"CY" if count == 9 && number[..8].iter().all(u8::is_ascii_digit) && number[8].is_ascii_uppercase() => false,
        b"ES" if count == 9 && number[1..8].iter().all(u8::is_ascii_digit) => {
            number[0].is_ascii_uppercase() || number[8].is_ascii_uppercase()
        }
        b"IE" if matches!(count, 8 | 9) && number[0].is_ascii_digit() && number[7].is_ascii_uppercase() => false,
        _ => return None,
    })
}

/// The sum of the digits of twice a digit.
const fn twice(digit: u32) -> u32 {
    digit * 2 / 10 + digit * 2 % 10
}

/// ISO 7064, mod 11,10.
fn mod_eleven_ten(number: &[u8]) -> bool {
    let (last, body) = number.split_last().unwrap_or((&b'0', &[]));
    let product = body.iter().fold(10_u32, |product, byte| {
        let sum = (u32::from(byte - b'0') + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == u32::from(last - b'0')
}
