//! Numbers that prose announces without naming them: a code that was sent to somebody, a place that nothing is sent to.

use crate::redact::detect::text::{Listed, at, has_word_before};

/// Words for what is sent to a telephone so that whoever has it can show that.
static CODES: Listed = Listed::new(&[
    "code",
    "kod",
    "kode",
    "koden",
    "kód",
    "código",
    "codice",
    "koodi",
    "koodisi",
    "kodun",
    "kodunuz",
    "kodas",
    "bestätigungscode",
    "sicherheitscode",
    "verificatiecode",
    "beveiligingscode",
    "codul",
    "passcode",
    "tan",
]);
/// Whose it is, or what it is for: an error's code is nobody's.
static WHOSE: Listed = Listed::new(&[
    "your",
    "din",
    "ditt",
    "dein",
    "ihr",
    "deiner",
    "votre",
    "ton",
    "tu",
    "su",
    "tuo",
    "il",
    "seu",
    "je",
    "jouw",
    "uw",
    "twój",
    "váš",
    "tvůj",
    "sinun",
    "ön",
    "verification",
    "security",
    "confirmation",
    "pickup",
    "vérification",
    "verificación",
    "verifica",
    "verificação",
    "weryfikacyjny",
    "doğrulama",
]);

/// What is said of a place that no parcel can be brought to.
const REACHED: [&[u8]; 14] = [
    b"service for ",
    b"service to ",
    b"service in ",
    b"coverage for ",
    b"coverage in ",
    b"deliver to ",
    b"ship to ",
    b"rates for ",
    b"rate for ",
    b"zone for ",
    b"depot for ",
    b"carrier for ",
    b"serviceable: ",
    b"not served: ",
];

/// Whether the word at `word` is the code that somebody got: `your code is 509437`.
pub fn is_code(text: &[u8], word: (usize, usize)) -> bool {
    CODES.has(&text[word.0..word.1]) && has_word_before(text, word.0, 16, &WHOSE)
}

/// Whether the words up to the space at `end` speak of where a parcel goes: `no service for 12345`.
pub fn is_reached(text: &[u8], end: usize) -> bool {
    matches!(at(text, end.wrapping_sub(1)), b'r' | b'o' | b'n' | b':')
        && REACHED.iter().any(|words| text[..(end + 1).min(text.len())].ends_with(words))
}
