//! What a value's text is written in, and for whom: structure of its own, a statement, the shop's own words.

use crate::redact::detect::text::run;

/// JSON or a form as a text: its own keys decide.
pub fn is_structured(value: &[u8]) -> bool {
    let value = value.trim_ascii_start();
    let begin = value.iter().position(|byte| *byte != b'\\').unwrap_or(0);
    match value {
        [b'{', rest @ ..] => rest.iter().take(4).any(|byte| matches!(byte, b'"' | b'\'' | b'\\' | b'}')),
        [b'[', rest @ ..] => rest.iter().take(3).any(|byte| matches!(byte, b'{' | b'"' | b'\\' | b']' | b'[')),
        _ if is_statement(value) => true,
        [b'<', next, ..] => (next.is_ascii_alphabetic() || *next == b'?') && value.contains(&b'>'),
        _ => {
            let key = run(value, begin, 48, |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']')
            });
            key > 0 && value.get(begin + key) == Some(&b'=') && !value.contains(&b' ')
        }
    }
}

/// `shop.example IN AAAA`: what a server of names was asked.
pub fn is_lookup(value: &[u8]) -> bool {
    let host = run(value, 0, 255, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    host > 2 && value[..host].contains(&b'.') && value[host..].starts_with(b" IN ")
}

/// GraphQL or SQL: its own words decide.
fn is_statement(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 8] = [
        b"query ",
        b"mutation ",
        b"subscription ",
        b"fragment ",
        b"select ",
        b"insert into ",
        b"update ",
        b"delete from ",
    ];
    WORDS.iter().any(|word| value.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)))
        && (value.iter().any(|byte| matches!(byte, b'{' | b'=' | b'*' | b'('))
            || [&b" FROM "[..], b" from ", b" SET", b" set ", b" VALUES", b" values"]
                .iter()
                .any(|word| memchr::memmem::find(value, word).is_some()))
}

/// `subject="Order shipped"`, `"subject": "Lieferung #2543"`: the shop's own words, of which a person's are more.
pub fn is_subject(key: &[u8], value: &[u8]) -> bool {
    const KEYS: [&[u8]; 9] =
        [b"subject", b"betreff", b"objet", b"asunto", b"oggetto", b"onderwerp", b"temat", b"konu", b"assunto"];
    let key = &key[key.iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(0, |at| at + 1)..];
    let words = value.split(|byte| *byte == b' ').count();
    let number = value.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let numbered = number >= 3 && value.len() > number && value[value.len() - number - 1] == b'#';
    let small = value.split(|byte| *byte == b' ').skip(1).all(|word| word.iter().all(u8::is_ascii_lowercase));
    KEYS.iter().any(|known| key.eq_ignore_ascii_case(known))
        && (words <= 3 && numbered
            || words == 2 && small && value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b' '))
}

/// `Server=db;Database=shop;User Id=app;Password=…`: its own keys decide what goes.
pub fn is_connection(value: &[u8]) -> bool {
    let pairs = value.split(|byte| *byte == b';').filter(|part| {
        let name = run(part, 0, 32, |byte| byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'_'));
        name > 1 && part.get(name) == Some(&b'=')
    });
    pairs.count() >= 2
}

/// Whether a key speaks of a message: `mailFrom`, `call_from`.
pub fn is_mail(key: &[u8]) -> bool {
    [&b"mail"[..], b"call", b"message", b"msg", b"sms", b"gift", b"sent", b"chat", b"sender"]
        .iter()
        .any(|word| key.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word)))
}

/// A key under which things are described and people are not named.
pub fn is_caption(key: &[u8]) -> bool {
    const ENDS: [&str; 54] = [
        "item",
        "produkt",
        "produit",
        "producto",
        "prodotto",
        "articolo",
        "artikel",
        "creative",
        "theme",
        "bundle",
        "zone",
        "contents",
        "goods",
        "inhalt",
        "warenbeschreibung",
        "description",
        "desc",
        "title",
        "label",
        "caption",
        "headline",
        "summary",
        "category",
        "brand",
        "service",
        "vendor",
        "seller",
        "supplier",
        "manufacturer",
        "shop",
        "store",
        "site",
        "warehouse",
        "hub",
        "depot",
        "carrier",
        "product",
        "article",
        "campaign",
        "promotion",
        "segment",
        "variant",
        "color",
        "colour",
        "material",
        "dashboard",
        "panel",
        "experiment",
        "department",
        "station",
        "facility",
        "audience",
        "merchant",
        "collection",
    ];
    let word = &key[key.iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(0, |at| at + 1)..];
    let ends =
        |end: &str| word.len() >= end.len() && word[word.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes());
    ENDS.iter().any(|end| ends(end))
}

/// What a log calls its own message.
pub fn is_of_log(key: &[u8]) -> bool {
    [&b"msg"[..], b"message", b"log", b"event", b"error", b"err", b"short_message", b"full_message"]
        .iter()
        .any(|known| key.eq_ignore_ascii_case(known))
}
