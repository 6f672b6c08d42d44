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

/// How a country's number proves itself.
enum Check {
    /// The sum of the digits by their weights, and what it comes to.
    Weights(&'static [u32], fn(u32) -> u32),
    /// All digits by their weights make a multiple of it.
    Multiple(&'static [u32], u32),
    /// Luhn's sum of the digits from one place to another.
    Luhn(usize, usize),
    /// ISO 7064, mod 11,10.
    Pure,
    /// The last two digits follow from those before.
    Last(fn(u64, u64) -> bool),
    /// The form is proof enough.
    Shape,
    /// Neither is: what is said of it decides.
    None,
}

/// A country, the form of its numbers (`d` a digit, `A` a capital, `*` either), and their check.
const COUNTRIES: &[(&[u8], &[u8], Check)] = &[
    (b"AT", b"Udddddddd", Check::Weights(&[0, 1, 0, 1, 0, 1, 0, 1], austria)),
    (b"BE", b"dddddddddd", Check::Last(|body, last| 97 - body % 97 == last)),
    (b"BG", b"ddddddddd", Check::None),
    (b"BG", b"dddddddddd", Check::None),
    (b"CY", b"ddddddddA", Check::None),
    (b"CZ", b"dddddddd", Check::None),
    (b"CZ", b"ddddddddd", Check::None),
    (b"CZ", b"dddddddddd", Check::None),
    (b"DE", b"ddddddddd", Check::Pure),
    (b"DK", b"dddddddd", Check::Multiple(&[2, 7, 6, 5, 4, 3, 2, 1], 11)),
    (b"EE", b"ddddddddd", Check::Weights(&[3, 7, 1, 3, 7, 1, 3, 7], |sum| (10 - sum % 10) % 10)),
    (b"EL", b"ddddddddd", Check::Weights(&[256, 128, 64, 32, 16, 8, 4, 2], |sum| sum % 11 % 10)),
    (b"ES", b"Addddddd*", Check::Shape),
    (b"ES", b"ddddddddA", Check::Shape),
    (b"FI", b"dddddddd", Check::Weights(&[7, 9, 10, 5, 8, 4, 2], |sum| (11 - sum % 11) % 11)),
    (b"FR", b"**ddddddddd", Check::Luhn(2, 11)),
    (b"GB", b"ddddddddd", Check::Multiple(&[8, 7, 6, 5, 4, 3, 2, 10, 1], 97)),
    (b"GR", b"ddddddddd", Check::None),
    (b"HR", b"ddddddddddd", Check::Pure),
    (b"HU", b"dddddddd", Check::Weights(&[9, 7, 3, 1, 9, 7, 3], |sum| (10 - sum % 10) % 10)),
    (b"IE", b"d*dddddA", Check::None),
    (b"IE", b"d*dddddAA", Check::None),
    (b"IT", b"ddddddddddd", Check::Luhn(0, 11)),
    (b"LT", b"ddddddddd", Check::None),
    (b"LT", b"dddddddddddd", Check::None),
    (b"LU", b"dddddddd", Check::Last(|body, last| body % 89 == last)),
    (b"LV", b"ddddddddddd", Check::None),
    (b"MT", b"dddddddd", Check::None),
    (b"NL", b"dddddddddBdd", Check::Shape),
    (b"NO", b"ddddddddd", Check::None),
    (b"PL", b"dddddddddd", Check::Weights(&[6, 5, 7, 2, 3, 4, 5, 6, 7], |sum| sum % 11)),
    (b"PT", b"ddddddddd", Check::Weights(&[9, 8, 7, 6, 5, 4, 3, 2], |sum| (11 - sum % 11) % 11 % 10)),
    (b"RO", b"dddddddd", Check::None),
    (b"RO", b"ddddddddd", Check::None),
    (b"RO", b"dddddddddd", Check::None),
    (b"SE", b"dddddddddd01", Check::Luhn(0, 10)),
    (b"SI", b"dddddddd", Check::Weights(&[8, 7, 6, 5, 4, 3, 2], |sum| (11 - sum % 11) % 10)),
    (b"SK", b"dddddddddd", Check::Multiple(&[10, 1, 10, 1, 10, 1, 10, 1, 10, 1], 11)),
];

/// Whether the number has a form of the country's, and if so whether its check digits prove it.
fn shape(country: &[u8], number: &[u8]) -> Option<bool> {
    let fits = |form: &[u8]| {
        form.len() == number.len()
            && form.iter().zip(number).all(|(place, byte)| match place {
                b'd' => byte.is_ascii_digit(),
                b'A' => byte.is_ascii_uppercase(),
                b'*' => true,
                literal => byte == literal,
            })
    };
    let (.., check) = COUNTRIES.iter().find(|(known, form, _)| *known == country && fits(form))?;
    let digit = |byte: &u8| u32::from(byte.wrapping_sub(b'0') % 10);
    let sum = |weights: &[u32]| number.iter().zip(weights).map(|(byte, weight)| digit(byte) * weight).sum::<u32>();
    let whole = |part: &[u8]| part.iter().fold(0_u64, |sum, byte| sum * 10 + u64::from(digit(byte)));
    let last = number.last().map_or(0, digit);
    Some(match check {
        Check::Weights(weights, _) if number[0] == b'U' => {
            let twice: u32 = number.iter().step_by(2).skip(1).take(3).map(|byte| twice(digit(byte))).sum();
            austria(sum(weights) + twice) == last
        }
        Check::Weights(weights, check) => check(sum(weights)) == last,
        Check::Multiple(weights, by) => {
            sum(weights).is_multiple_of(*by) || *by == 97 && (sum(weights) + 55).is_multiple_of(97)
        }
        Check::Luhn(from, to) => luhn(&number[*from..*to]),
        Check::Pure => mod_eleven_ten(number),
        Check::Last(check) => {
            let (body, last) = number.split_at(number.len() - 2);
            check(whole(body), whole(last))
        }
        Check::Shape => true,
        Check::None => false,
    })
}

/// Austria's check digit.
const fn austria(sum: u32) -> u32 {
    (96 - sum % 10) % 10
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
