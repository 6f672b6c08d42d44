//! Postal addresses that stand in quotes or as a value of a key that says nothing.

use std::sync::LazyLock;

use super::text::{Listed, at, is_word, matches};
use super::words::Words;

/// Parts of the names of streets, or what stands beside a number in an address; lower case.
const STREETS: &str = "street st road rd avenue ave lane ln drive dr boulevard blvd court ct square suite apt apartment flat unit \
    floor highway hwy parkway way terrace close crescent house building bldg box rue chemin allée place impasse \
    quai cours passage voie sentier faubourg calle avenida av paseo plaza carretera via viale piazza corso strada vicolo rua travessa largo alameda \
    ulica ul aleja osiedle marg nagar chowk colony sokak sok cadde mahallesi";

/// Ends of words that are the names of streets.
const STREET_ENDS: [&str; 8] = ["straße", "strasse", "str", "straat", "laan", "gatan", "vägen", "weg"];

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(&[STREETS]));

/// Signs of an address in Japanese and Chinese.
const SIGNS: [&str; 8] = ["丁目", "番地", "番", "号", "県", "市", "区", "路"];

/// Whether a whole text is an address: a number, words of a name, and either a word for a street, or a post code and a
/// comma.
pub fn is_address(text: &[u8]) -> bool {
    if !(8..=200).contains(&text.len()) {
        return false;
    }
    // No address is one word, a URL, or a request's line.
    let spaced = memchr::memchr2(b' ', b'+', text).is_some() || !text.is_ascii();
    if !spaced
        || memchr::memchr(b'/', text).is_some_and(|slash| {
            at(text, slash + 1) == b'/' || slash > 0 && text[slash - 1] == b' ' && at(text, slash + 1) != b' '
        })
    {
        return false;
    }
    // A row's cells have no space behind their commas.
    let cells = text.windows(2).filter(|pair| pair[0] == b',' && pair[1] != b' ').count();
    if cells >= 3 || !text.iter().any(u8::is_ascii_digit) || text.iter().any(|byte| is_foreign(*byte)) {
        return false;
    }
    let has_sign = !text.is_ascii()
        && SIGNS.iter().filter(|sign| memchr::memmem::find(text, sign.as_bytes()).is_some()).count() >= 2;
    if has_sign {
        return true;
    }
    let words: smallvec::SmallVec<[&[u8]; 24]> =
        text.split(|byte| matches!(byte, b' ' | b',' | b'+')).filter(|word| !word.is_empty()).take(24).collect();
    // `could not print …`: a sentence, in which an address may stand.
    let begins_small = |word: &[u8]| word.len() >= 3 && word.iter().all(u8::is_ascii_lowercase) && !is_street(word);
    if words.len() > 2 && begins_small(words[0]) && begins_small(words[1])
        || words.len() > 3 && words.iter().any(|word| GRAMMAR.has(word) || word.ends_with(b":"))
    {
        return false;
    }
    let named = words.iter().filter(|word| is_capitalised(word)).count();
    let numbered = words.iter().filter(|word| is_number(word)).count();
    let whole = words.len() == 2 && is_street(words[0]) && words[0].len() > 6 && is_number(words[1]);
    if whole {
        return true;
    }
    if named == 0 || words.len() < 3 || words.len() > 20 {
        return false;
    }
    // `Received a block 60000, expecting 42`: one capital, the sentence's.
    if named == 1
        && !words[..2].iter().any(|word| is_street(word))
        && words.iter().any(|word| word[0].is_ascii_lowercase())
    {
        return false;
    }
    let street = words.iter().any(|word| is_street(word));
    let code = (0..words.len()).any(|index| is_postcode(&words[index..]));
    let comma = text.contains(&b',');
    // Mostly names and numbers: a sentence has small words.
    let small = words.iter().filter(|word| word[0].is_ascii_lowercase() && !is_street(word) && word.len() > 3).count();
    small * 2 <= words.len()
        && numbered > 0
        && (street && (comma || code || words.len() <= 6) || code && comma || code && numbered >= 2 && small == 0)
}

/// Words of sentences that no address has, in the tongue that programs speak.
static GRAMMAR: Listed = Listed::new(&[
    "is", "are", "was", "were", "been", "but", "not", "cannot", "can't", "would", "should", "could", "must", "will",
    "has", "have", "expected", "got", "failed", "error", "ignoring", "ignored", "invalid", "unable", "found",
    "missing", "than", "that", "because", "while", "config", "file", "line", "byte", "bytes", "process", "packet",
    "range",
]);

const fn is_foreign(byte: u8) -> bool {
    byte < b' '
        || matches!(
            byte,
            b'{' | b'}'
                | b'='
                | b'<'
                | b'>'
                | b';'
                | b'|'
                | b'_'
                | b'@'
                | b'\\'
                | b'$'
                | b'*'
                | b'['
                | b']'
                | b'%'
                | b'?'
        )
}

fn is_capitalised(word: &[u8]) -> bool {
    word[0].is_ascii_uppercase()
        && word.len() > 1
        && !word.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        || word[0] >= 0x80 && super::names::is_script(word)
}

/// `12`, `12a`, `12/3`, `12-14`, `No.5`
fn is_number(word: &[u8]) -> bool {
    word[0].is_ascii_digit()
        && word.len() <= 8
        && word.iter().all(|byte| is_word(*byte) || matches!(byte, b'/' | b'-' | b'.'))
}

fn is_street(word: &[u8]) -> bool {
    let word = word.strip_suffix(b".").unwrap_or(word);
    let ends = |end: &str| {
        let from = word.len().saturating_sub(end.len());
        from > 2 && word[from..].eq_ignore_ascii_case(end.as_bytes())
    };
    WORDS.lists(word) != 0 || STREET_ENDS.iter().any(|end| ends(end))
}

/// A post code that begins with the first word, in the forms of the marketplaces' countries.
fn is_postcode(words: &[&[u8]]) -> bool {
    let word = words[0];
    let is = |template: &[u8]| word.len() == template.len() && matches(word, 0, template);
    if is(b"ddddd")
        || is(b"dddddd")
        || is(b"ddddd-dddd")
        || is(b"ddddd-ddd")
        || is(b"dd-ddd")
        || is(b"ddd-dddd")
        || is(b"dddd-ddd")
        || is(b"ddddAA")
    {
        return true;
    }
    let next = words.get(1).copied().unwrap_or_default();
    let has_code_at_end = word.len() > 7 && word.is_ascii() && matches(word, word.len() - 7, b"-dddddd");
    let dutch = is(b"dddd") && next.len() == 2 && next.iter().all(u8::is_ascii_uppercase);
    let swedish = is(b"ddd") && next.len() == 2 && next.iter().all(u8::is_ascii_digit);
    let british = (2..=4).contains(&word.len())
        && word[0].is_ascii_uppercase()
        && word.iter().any(u8::is_ascii_digit)
        && next.len() == 3
        && matches(next, 0, b"dAA");
    let canadian = is(b"AdA") && next.len() == 3 && matches(next, 0, b"dAd");
    has_code_at_end || dutch || swedish || british || canadian
}

/// Countries' letters before a post code, as older addresses have them.
const COUNTRIES: &[&str] = &[
    "D-", "A-", "F-", "I-", "CH-", "PL-", "SE-", "NL-", "DK-", "NO-", "FI-", "LV-", "LT-", "SI-", "HR-", "CZ-", "SK-",
    "HU-", "RO-", "L-", "B-",
];

/// The post code that begins at `from` in a text: where it ends, and whether its shape alone tells it.
pub fn postcode(text: &[u8], from: usize) -> Option<(usize, bool)> {
    const SHAPES: [(&[u8], bool); 15] = [
        (b"ddddd-dddd", true),
        (b"ddddd-ddd", true),
        (b"dddd-ddd", true),
        (b"ddd-dddd", true),
        (b"dd-ddd", true),
        (b"AdA dAd", true),
        (b"dddd AA", true),
        (b"ddd dd", true),
        (b"ddd ddd", true),
        (b"dddddd", true),
        (b"ddddd", true),
        (b"AA ddddd", true),
        (b"AA AdA dAd", true),
        (b"ddddAA", false),
        (b"dddd", false),
    ];
    if !(at(text, from).is_ascii_digit() || at(text, from).is_ascii_uppercase()) {
        return None;
    }
    let rest = text.get(from..).unwrap_or_default();
    let skip = COUNTRIES.iter().find(|code| rest.starts_with(code.as_bytes())).map_or(0, |code| code.len());
    let from = from + skip;
    let ends = |end: usize| {
        let next = at(text, end);
        let goes_on = matches!(next, b'.' | b':') && at(text, end + 1).is_ascii_digit();
        !(is_word(next) || goes_on || matches!(next, b'-' | b'_' | b'/' | b'%'))
    };
    let fixed = SHAPES.iter().find(|(shape, _)| matches(text, from, shape) && ends(from + shape.len()));
    if let Some((shape, alone)) = fixed {
        return Some((from + shape.len(), *alone));
    }
    // `NW1 6XE`
    let outward = super::text::run(text, from, 4, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let end = from + outward + 4;
    let british = outward >= 2
        && text[from].is_ascii_uppercase()
        && text[from + 1..from + outward].iter().any(u8::is_ascii_digit)
        && matches(text, from + outward, b" dAA")
        && ends(end);
    if british {
        return Some((end, true));
    }
    irish(text, from).filter(|end| ends(*end)).map(|end| (end, true))
}

/// `D04 F84A`
fn irish(text: &[u8], from: usize) -> Option<usize> {
    let (first, second) =
        (super::text::run(text, from, 3, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()), from + 4);
    let rest = text.get(second..second + 4).unwrap_or_default();
    let irish = first == 3
        && matches(text, from, b"Ad")
        && at(text, from + 3) == b' '
        && rest.len() == 4
        && rest.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && rest.iter().any(u8::is_ascii_digit)
        && rest.iter().any(u8::is_ascii_uppercase);
    irish.then_some(second + 4)
}
