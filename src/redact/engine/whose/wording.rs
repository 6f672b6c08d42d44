//! What a value's text is written in, and for whom: structure of its own, a statement, the shop's own words.

use crate::redact::detect::text::{Listed, at, run, run_back};

/// JSON or a form as a text: its own keys decide.
pub fn is_structured(value: &[u8]) -> bool {
    let value = value.trim_ascii_start();
    let begin = value.iter().position(|byte| *byte != b'\\').unwrap_or(0);
    match value {
        [b'{', rest @ ..] => {
            rest.iter().take(4).any(|byte| matches!(byte, b'"' | b'\'' | b'\\' | b'}')) || is_selector(rest)
        }
        [b'[', rest @ ..] => rest.iter().take(3).any(|byte| matches!(byte, b'{' | b'"' | b'\\' | b']' | b'[')),
        [b'%', rest @ ..] if is_escaped_object(rest) => true,
        _ if is_statement(value) || is_series(value) || is_distinguished(value) => true,
        [b'<', next, ..] => (next.is_ascii_alphabetic() || *next == b'?') && value.contains(&b'>'),
        _ => {
            let key = run(value, begin, 48, |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']')
            });
            key > 0 && value.get(begin + key) == Some(&b'=') && (!value.contains(&b' ') || is_form(value))
        }
    }
}

/// `first=Jane&phone=0151 555 0123&order=7`: a form whose spaces were not escaped, of three fields or more.
fn is_form(value: &[u8]) -> bool {
    let is_field = |part: &[u8]| {
        let key =
            run(part, 0, 48, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']'));
        key > 0 && part.get(key) == Some(&b'=')
    };
    value.split(|byte| *byte == b'&').all(is_field) && memchr::memchr_iter(b'&', value).count() >= 2
}

/// `届け先を変更してください`: a sentence of a language that has no spaces, by words that nothing else has.
pub fn is_unspaced_sentence(value: &[u8]) -> bool {
    const WITHIN: [&str; 14] = [
        "です",
        "ます",
        "ました",
        "でした",
        "ません",
        "ください",
        "下さい",
        "。",
        "，请",
        "谢谢",
        "您好",
        "我的",
        "습니다",
        "세요",
    ];
    const LAST: [&str; 12] = ["ない", "たい", "った", "よ", "ね", "吗", "了", "呢", "吧", "！", "？", "요"];
    let wide = value.iter().filter(|byte| **byte >= 0xe0).count();
    wide >= 8
        && (WITHIN.iter().any(|word| memchr::memmem::find(value, word.as_bytes()).is_some())
            || LAST.iter().any(|end| value.ends_with(end.as_bytes())))
}

/// `{app="checkout"}`: streams or series that are asked for.
fn is_selector(rest: &[u8]) -> bool {
    let label = run(rest, 0, 48, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    label > 0 && rest.get(label) == Some(&b'=') && matches!(rest.get(label + 1), None | Some(b'"' | b'~' | b'\\'))
}

/// `CN = shop.example, O = Example`: the name of a certificate's owner (X.500), of which each part has a key.
fn is_distinguished(value: &[u8]) -> bool {
    let key = run(value, 0, 12, |byte| byte.is_ascii_alphabetic());
    matches!(&value[..key], b"CN" | b"C" | b"O" | b"OU" | b"DC" | b"ST" | b"L")
        && (value[key..].starts_with(b" = ") || value.get(key) == Some(&b'='))
}

/// `sum(rate({app="checkout"}[5m]))`: what a function of PromQL is asked for.
fn is_series(value: &[u8]) -> bool {
    let call = run(value, 0, 48, |byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'('));
    call > 2
        && value[..call].contains(&b'(')
        && memchr::memchr(b'{', value).is_some_and(|open| is_selector(&value[open + 1..]))
}

/// `%7B%22buyer%22…`, however often it is escaped: an object of a URL.
fn is_escaped_object(rest: &[u8]) -> bool {
    let mut rest = rest;
    while let Some(more) = rest.strip_prefix(b"25") {
        rest = more;
    }
    let [b'7', b'B' | b'b', rest @ ..] = rest else { return false };
    // `%7Boffer%28sku%3A…`: a field of GraphQL and its arguments.
    let field = run(rest, 0, 48, |byte| byte.is_ascii_alphabetic());
    rest.first() == Some(&b'%') || field > 0 && rest[field..].starts_with(b"%28")
}

/// `ZCL_ORDER=>READ`: a method of a class or an interface of ABAP, whose names begin so.
pub fn is_static_call(text: &[u8], arrow: usize) -> bool {
    let word = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let class = &text[arrow - run_back(text, arrow, 48, word)..arrow];
    let class = class.strip_prefix(b"Z").or_else(|| class.strip_prefix(b"Y")).unwrap_or(class);
    let class = class.strip_prefix(b"L").unwrap_or(class);
    [&b"CL_"[..], b"IF_", b"CX_"].iter().any(|start| class.starts_with(start))
        && at(text, arrow + 2).is_ascii_uppercase()
}

/// `truncated 812 bytes)`: how much was left out.
pub fn is_omission(text: &[u8]) -> bool {
    let length =
        run(text, 0, 40, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b' ' | b'+'));
    matches!(text.get(length), Some(b')' | b']'))
        && [&b"trunc"[..], b"omit", b"byte", b"char", b"skip"]
            .iter()
            .any(|word| memchr::memmem::find(&text[..length], word).is_some())
}

/// `must match the country`: what a value has to be, said of it where it stands.
pub fn is_rule(value: &[u8]) -> bool {
    super::special::is_complaint(value)
        && value.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b' ' | b'.' | b'\'' | b'-'))
        && (memchr::memchr_iter(b' ', value).count() >= 2
            || [&b"is "[..], b"can't ", b"cannot ", b"must ", b"has ", b"too ", b"already "]
                .iter()
                .any(|word| value.starts_with(word)))
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
            || [&b" FROM "[..], b" FORMAT ", b" from ", b" SET", b" set ", b" VALUES", b" values"]
                .iter()
                .any(|word| memchr::memmem::find(value, word).is_some()))
}

/// What people write to a shop about, and words between that and its number.
static MATTERS: Listed = Listed::new(&[
    "rma",
    "return",
    "returns",
    "order",
    "refund",
    "ticket",
    "case",
    "invoice",
    "re",
    "fwd",
    "fw",
    "aw",
    "wg",
    "retoure",
    "bestellung",
    "rechnung",
    "auftrag",
    "retour",
    "commande",
    "facture",
    "pedido",
    "factura",
    "reso",
    "ordine",
    "fattura",
    "bestelling",
    "factuur",
    "zwrot",
    "zamówienie",
    "faktura",
    "retur",
    "iade",
    "sipariş",
    "encomenda",
    "fatura",
    "no",
    "nr",
    "your",
    "for",
    "zu",
    "n°",
    "nº",
    "#",
]);

/// Whether a key is of what a mail or a ticket is about.
pub fn is_subject_key(key: &[u8]) -> bool {
    const KEYS: [&[u8]; 9] =
        [b"subject", b"betreff", b"objet", b"asunto", b"oggetto", b"onderwerp", b"temat", b"konu", b"assunto"];
    let key = &key[key.iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(0, |at| at + 1)..];
    KEYS.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// `subject="Order shipped"`, `"subject": "Lieferung #2543"`: the shop's own words, of which a person's are more.
pub fn is_subject(key: &[u8], value: &[u8]) -> bool {
    let words = value.split(|byte| *byte == b' ').count();
    let number = value.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let numbered = number >= 3 && value.len() > number && value[value.len() - number - 1] == b'#';
    // `RMA 802358`, `Retoure 028-0340236-1234567`: what is asked, and of which order.
    let code = |word: &[u8]| {
        word.iter().filter(|byte| byte.is_ascii_digit()).count() >= 3
            && word
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'#' | b'/'))
    };
    let numbered = numbered
        || value
            .split(|byte| *byte == b' ')
            .all(|word| code(word) || MATTERS.has(word.strip_suffix(b":").unwrap_or(word)))
            && value.iter().any(u8::is_ascii_digit);
    let small = value.split(|byte| *byte == b' ').skip(1).all(|word| word.iter().all(u8::is_ascii_lowercase));
    // What is encoded is judged where it stands.
    let known = [&b"=?utf-8?"[..], b"=?UTF-8?", b"=?iso-8859-1?", b"=?ISO-8859-1?"];
    let encoded =
        known.iter().any(|charset| value.starts_with(charset)) && value.ends_with(b"?=") && !value.contains(&b' ');
    is_subject_key(key)
        && (encoded
            || words == 1 && value.len() > 3 && value.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_')
            || words <= 3 && numbered
            || words == 2 && small && value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b' '))
}

/// `Customer {Name} changed the address`, `order %s of %(buyer)s`: what a program fills in before anybody reads it.
pub fn is_template(value: &[u8]) -> bool {
    let is_name = |name: &[u8]| {
        name.len() <= 48
            && name.iter().all(|byte| {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'_' | b'.' | b'@' | b'$' | b':' | b',' | b'-' | b' ' | b'#')
            })
    };
    let opened = |open: u8, close: u8| {
        memchr::memchr_iter(open, value).any(|place| {
            let rest = &value[place + 1..];
            memchr::memchr(close, &rest[..rest.len().min(49)])
                .is_some_and(|end| is_name(&rest[..end]) && !is_number_with_space(&rest[..end]))
        })
    };
    let percent = memchr::memchr_iter(b'%', value).any(|place| {
        let alone = place == 0 || !value[place - 1].is_ascii_digit();
        let next = value.get(place + 1).copied().unwrap_or(0);
        let ends = value.get(place + 2).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        alone
            && (matches!(next, b's' | b'd' | b'v' | b'@') && ends
                || next == b'('
                || next.is_ascii_digit() && value.get(place + 2) == Some(&b'$'))
    });
    opened(b'{', b'}') || percent
}

/// What people put in braces.
fn is_number_with_space(name: &[u8]) -> bool {
    name.contains(&b' ') && !name.starts_with(b" ")
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

/// Ends of keys whose values describe something.
const CAPTIONS: [&str; 54] = [
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

/// A key under which things are described and people are not named.
pub fn is_caption(key: &[u8]) -> bool {
    let word = &key[key.iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(0, |at| at + 1)..];
    let Some(last) = word.last() else { return false };
    let ends = |end: &[u8]| {
        end.last().is_some_and(|byte| *byte == last | 0x20)
            && word.len() >= end.len()
            && word[word.len() - end.len()..].eq_ignore_ascii_case(end)
    };
    CAPTIONS.iter().any(|end| ends(end.as_bytes()))
}

/// What a log calls its own message.
pub fn is_of_log(key: &[u8]) -> bool {
    [
        &b"msg"[..],
        b"message",
        b"log",
        b"event",
        b"error",
        b"err",
        b"short_message",
        b"full_message",
        b"mt",
        b"@mt",
        b"@m",
        b"messagetemplate",
        b"message_template",
        b"template",
        b"format",
        b"fmt",
        b"logmessage",
    ]
    .iter()
    .any(|known| key.eq_ignore_ascii_case(known))
}

/// `packedFor`, `counted_by`: what was done, and by or for whom.
pub fn ends_in_whom(key: &[u8]) -> bool {
    key.len() > 6
        && [&b"edFor"[..], b"edBy", b"ed_for", b"ed_by", b"enBy", b"en_by"].iter().any(|end| key.ends_with(end))
}

/// `cust_fullname`
pub fn ends_in_name(key: &[u8]) -> bool {
    let end = &key[key.len().saturating_sub(4)..];
    end.eq_ignore_ascii_case(b"name") || end.eq_ignore_ascii_case(b"naam")
}
