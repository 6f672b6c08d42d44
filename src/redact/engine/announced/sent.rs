//! Numbers that prose announces without naming them: a code that was sent to somebody, a place that nothing is sent to.

use crate::redact::detect::text::{Listed, at, digits, has_word_before, is_word, run, split_words};

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

/// Stems of what opens a locker or hands a parcel over, which stand before the word for a code: `Abholcode`, `openCode`.
const OPENS: [&str; 40] = [
    "open",
    "pickup",
    "pick-up",
    "pick_up",
    "locker",
    "unlock",
    "access",
    "collection",
    "collect",
    "release",
    "handover",
    "delivery",
    "return",
    "door",
    "gate",
    "abhol",
    "öffnungs",
    "oeffnungs",
    "schließfach",
    "schliessfach",
    "zugangs",
    "zugriffs",
    "entnahme",
    "zustell",
    "rückgabe",
    "afhaal",
    "ophaal",
    "toegangs",
    "kluis",
    "hämtnings",
    "hämt",
    "hente",
    "utlämnings",
    "udleverings",
    "avhämtnings",
    "nouto",
    "átvételi",
    "one-time",
    "onetime",
    "einmal",
];
/// The same in languages that say it behind the word for a code: `code de retrait`, `kod odbioru`.
static OPENED: Listed = Listed::new(&[
    "retrait",
    "ouverture",
    "casier",
    "accès",
    "collecte",
    "recogida",
    "apertura",
    "taquilla",
    "acceso",
    "entrega",
    "ritiro",
    "sblocco",
    "accesso",
    "consegna",
    "retirada",
    "levantamento",
    "abertura",
    "acesso",
    "recolha",
    "odbioru",
    "otwarcia",
    "dostępu",
    "odebrania",
    "vyzvednutí",
    "převzetí",
    "vydání",
    "vyzdvihnutie",
    "ridicare",
    "preuzimanje",
    "otvaranje",
    "prevzem",
    "teslim",
    "teslimat",
    "получения",
    "выдачи",
    "отримання",
]);
/// What is said of a code that goes to a telephone.
static DISPATCHED: Listed = Listed::new(&[
    "sent",
    "texted",
    "delivered",
    "gesendet",
    "gesandt",
    "geschickt",
    "verschickt",
    "envoyé",
    "enviado",
    "inviato",
    "verzonden",
    "gestuurd",
    "wysłano",
    "wysłany",
    "skickad",
    "skickat",
    "sendt",
    "lähetetty",
    "odeslán",
    "odesláno",
    "elküldve",
    "trimis",
    "gönderildi",
    "sms",
    "to",
    "an",
    "à",
    "a",
    "al",
    "naar",
    "na",
    "till",
    "til",
]);
/// Bytes between the word for a code and the number that it went to.
const MAX_GAP: usize = 48;
/// Capitals and digits of a code.
const CODE: std::ops::RangeInclusive<usize> = 4..=10;

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
    let said = &text[word.0..word.1];
    CODES.has(said) && has_word_before(text, word.0, 16, &WHOSE)
        || OPENED.has(said) && has_word_before(text, word.0, 12, &CODES)
        || opens(text, word)
}

/// `locker code`: a word for a code behind what it opens, which stands before it.
fn opens(text: &[u8], word: (usize, usize)) -> bool {
    let said = &text[word.0..word.1];
    if is_compound(said) {
        return true;
    }
    let lead = text[word.0.saturating_sub(24)..word.0].trim_ascii_end();
    let before = lead.rsplit(|byte| matches!(byte, b' ' | b',' | b'"' | b'=' | b':')).next().unwrap_or(lead);
    (CODES.has(said) || said.eq_ignore_ascii_case(b"pin")) && is_stem(before)
}

/// `openCode`, `Abholcode`, `pickup-code`: the same in one word.
fn is_compound(word: &[u8]) -> bool {
    ["code", "kode", "kod", "koodi", "kód", "pin"].iter().any(|end| {
        let stem = word.len().saturating_sub(end.len());
        word[stem..].eq_ignore_ascii_case(end.as_bytes()) && is_stem(&word[..stem])
    })
}

fn is_stem(word: &[u8]) -> bool {
    let word = word.strip_suffix(b"-").or_else(|| word.strip_suffix(b"_")).unwrap_or(word);
    let same = |stem: &&str| {
        word.eq_ignore_ascii_case(stem.as_bytes())
            || !word.is_ascii() && String::from_utf8_lossy(word).to_lowercase() == **stem
    };
    !word.is_empty() && OPENS.iter().any(same)
}

/// Where a code of capitals and digits ends.
pub fn code_end(text: &[u8], start: usize) -> Option<usize> {
    let length = run(text, start, 16, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let value = &text[start..start + length];
    let fits = CODE.contains(&length) && value.iter().any(u8::is_ascii_digit) && !is_word(at(text, start + length));
    fits.then_some(start + length)
}

/// `telefonisch (0049 …)`, `telefónicamente`: a word that says by what somebody called.
pub fn is_by_telephone(word: &[u8]) -> bool {
    const STEMS: [&str; 5] = ["telefon", "telefón", "téléphon", "puhelim", "telephon"];
    word.len() >= 9
        && STEMS
            .iter()
            .any(|stem| word.get(..stem.len()).is_some_and(|lead| lead.eq_ignore_ascii_case(stem.as_bytes())))
}

/// `openCode X7K2M9 sent to 4915555501990`: whether the words that end at `end` say that a code went to the number behind.
pub fn is_dispatched(text: &[u8], end: usize) -> bool {
    let near = &text[end.saturating_sub(MAX_GAP)..end];
    (9..=15).contains(&digits(text, end + 1))
        && near.rsplit(|byte| *byte == b' ').take(2).any(|word| DISPATCHED.has(word))
        && split_words(near).any(|word| CODES.has(word) || is_compound(word))
}

/// Whether the words up to the space at `end` speak of where a parcel goes: `no service for 12345`.
pub fn is_reached(text: &[u8], end: usize) -> bool {
    matches!(at(text, end.wrapping_sub(1)), b'r' | b'o' | b'n' | b':')
        && REACHED.iter().any(|words| text[..(end + 1).min(text.len())].ends_with(words))
}
