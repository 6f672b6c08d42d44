//! Numbers that prose announces without naming them: a code that was sent to somebody, a place that nothing is sent to.

use crate::redact::detect::text::{Listed, at, digits, has_word_before, is_word, run};

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
    "open", "pickup", "pick-up", "pick_up", "locker", "unlock", "access", "collection", "collect", "release", "handover",
    "delivery", "return", "door", "gate", "abhol", "öffnungs", "oeffnungs", "schließfach", "schliessfach", "zugangs",
    "zugriffs", "entnahme", "zustell", "rückgabe", "afhaal", "ophaal", "toegangs", "kluis", "hämtnings", "hämt",
    "hente", "utlämnings", "udleverings", "avhämtnings", "nouto", "átvételi", "one-time", "onetime", "einmal",
];
/// The same in languages that say it behind the word for a code: `code de retrait`, `kod odbioru`.
static OPENED: Listed = Listed::new(&[
    "retrait", "ouverture", "casier", "accès", "collecte", "recogida", "apertura", "taquilla", "acceso", "entrega",
    "ritiro", "sblocco", "accesso", "consegna", "retirada", "levantamento", "abertura", "acesso", "recolha", "odbioru",
    "otwarcia", "dostępu", "odebrania", "vyzvednutí", "převzetí", "vydání", "vyzdvihnutie", "ridicare", "preuzimanje",
    "otvaranje", "prevzem", "teslim", "teslimat", "получения", "выдачи", "отримання",
]);
/// What is said of a code that goes to a telephone.
static DISPATCHED: Listed = Listed::new(&[
    "sent", "texted", "delivered", "gesendet", "gesandt", "geschickt", "verschickt", "envoyé", "enviado", "inviato",
    "verzonden", "gestuurd", "wysłano", "wysłany", "skickad", "skickat", "sendt", "lähetetty", "odeslán", "odesláno",
    "elküldve", "trimis", "gönderildi", "sms", "to", "an", "à", "a", "al", "naar", "na", "till", "til",
]);
/// Bytes between a code and the number that it went to.
pub const MAX_GAP: usize = 32;
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

/// `openCode`, `Abholcode`, `locker code`: a word for a code behind what it opens.
fn opens(text: &[u8], word: (usize, usize)) -> bool {
    let said = String::from_utf8_lossy(&text[word.0..word.1]).to_lowercase();
    let Some(stem) = ["code", "kode", "kod", "koodi", "kód", "pin"].iter().find_map(|end| said.strip_suffix(end)) else {
        return false;
    };
    let stem = stem.trim_end_matches(['-', '_']);
    if !stem.is_empty() {
        return OPENS.contains(&stem);
    }
    let lead = String::from_utf8_lossy(&text[word.0.saturating_sub(24)..word.0]).to_lowercase();
    let lead = lead.trim_end_matches([' ', '-', '_']);
    let before = lead.rsplit([' ', ',', '"', '=', ':']).next().unwrap_or(lead);
    OPENS.contains(&before)
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
    word.len() >= 9 && STEMS.iter().any(|stem| word.get(..stem.len()).is_some_and(|lead| lead.eq_ignore_ascii_case(stem.as_bytes())))
}

/// Whether the word that ends at `end` says that something went to the number behind it, and that is long enough.
pub fn is_dispatched(text: &[u8], end: usize) -> bool {
    (9..=15).contains(&digits(text, end + 1)) && has_word_before(text, end, 16, &DISPATCHED)
}

/// Whether the words up to the space at `end` speak of where a parcel goes: `no service for 12345`.
pub fn is_reached(text: &[u8], end: usize) -> bool {
    matches!(at(text, end.wrapping_sub(1)), b'r' | b'o' | b'n' | b':')
        && REACHED.iter().any(|words| text[..(end + 1).min(text.len())].ends_with(words))
}
