//! Percent escapes, backslash escapes and character references.

use memchr::memchr3;

use super::Map;

/// Character references that stand for something but themselves in a key, a separator or a datum.
const REFERENCES: [(&[u8], &str); 82] = [
    (b"amp;", "&"),
    (b"quot;", "\""),
    (b"apos;", "'"),
    (b"lt;", "<"),
    (b"gt;", ">"),
    (b"nbsp;", " "),
    (b"commat;", "@"),
    (b"period;", "."),
    (b"plus;", "+"),
    (b"colon;", ":"),
    (b"equals;", "="),
    (b"sol;", "/"),
    (b"num;", "#"),
    (b"lowbar;", "_"),
    (b"hyphen;", "-"),
    // The letters of Western Europe (HTML 4, 24.2).
    (b"AElig;", "Æ"),
    (b"Aacute;", "Á"),
    (b"Acirc;", "Â"),
    (b"Agrave;", "À"),
    (b"Aring;", "Å"),
    (b"Atilde;", "Ã"),
    (b"Auml;", "Ä"),
    (b"Ccedil;", "Ç"),
    (b"ETH;", "Ð"),
    (b"Eacute;", "É"),
    (b"Ecirc;", "Ê"),
    (b"Egrave;", "È"),
    (b"Euml;", "Ë"),
    (b"Iacute;", "Í"),
    (b"Icirc;", "Î"),
    (b"Igrave;", "Ì"),
    (b"Iuml;", "Ï"),
    (b"Ntilde;", "Ñ"),
    (b"Oacute;", "Ó"),
    (b"Ocirc;", "Ô"),
    (b"Ograve;", "Ò"),
    (b"Oslash;", "Ø"),
    (b"Otilde;", "Õ"),
    (b"Ouml;", "Ö"),
    (b"THORN;", "Þ"),
    (b"Uacute;", "Ú"),
    (b"Ucirc;", "Û"),
    (b"Ugrave;", "Ù"),
    (b"Uuml;", "Ü"),
    (b"Yacute;", "Ý"),
    (b"aacute;", "á"),
    (b"acirc;", "â"),
    (b"aelig;", "æ"),
    (b"agrave;", "à"),
    (b"aring;", "å"),
    (b"atilde;", "ã"),
    (b"auml;", "ä"),
    (b"ccedil;", "ç"),
    (b"eacute;", "é"),
    (b"ecirc;", "ê"),
    (b"egrave;", "è"),
    (b"eth;", "ð"),
    (b"euml;", "ë"),
    (b"iacute;", "í"),
    (b"icirc;", "î"),
    (b"igrave;", "ì"),
    (b"iuml;", "ï"),
    (b"ntilde;", "ñ"),
    (b"oacute;", "ó"),
    (b"ocirc;", "ô"),
    (b"ograve;", "ò"),
    (b"oslash;", "ø"),
    (b"otilde;", "õ"),
    (b"ouml;", "ö"),
    (b"szlig;", "ß"),
    (b"thorn;", "þ"),
    (b"uacute;", "ú"),
    (b"ucirc;", "û"),
    (b"ugrave;", "ù"),
    (b"uuml;", "ü"),
    (b"yacute;", "ý"),
    (b"yuml;", "ÿ"),
    (b"Scaron;", "Š"),
    (b"scaron;", "š"),
    (b"OElig;", "Œ"),
    (b"oelig;", "œ"),
    (b"Yuml;", "Ÿ"),
];

/// What an escape means, and its length.
struct Escape {
    length: usize,
    bytes: [u8; 4],
    count: usize,
}

impl Escape {
    fn byte(length: usize, byte: u8) -> Self {
        Self { length, bytes: [byte, 0, 0, 0], count: 1 }
    }

    /// `None` where the number is no character.
    fn character(length: usize, number: u32) -> Option<Self> {
        let mut bytes = [0; 4];
        let count = char::from_u32(number)?.encode_utf8(&mut bytes).len();
        Some(Self { length, bytes, count })
    }
}

/// Whether `text` holds an escape.
pub fn is_escaped(text: &[u8]) -> bool {
    next(text, 0).is_some()
}

/// Where the escapes of `text` are.
pub fn escapes(text: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let (found, escape) = next(text, from)?;
        from = found + escape.length;
        Some((found, from))
    })
}

/// Appends `text` with one layer of escapes undone to `out`, and says in `map` where its bytes came from. `false` if
/// there was no escape.
pub fn unescape(text: &[u8], out: &mut Vec<u8>, map: &mut Map) -> bool {
    let mut copied = 0;
    let mut at = 0;
    while let Some((found, escape)) = next(text, at) {
        if found > copied {
            map.copied(out.len(), copied);
            out.extend_from_slice(&text[copied..found]);
        }
        map.escape(out.len(), found);
        out.extend_from_slice(&escape.bytes[..escape.count]);
        at = found + escape.length;
        copied = at;
    }
    if copied == 0 {
        return false;
    }
    if copied < text.len() {
        map.copied(out.len(), copied);
        out.extend_from_slice(&text[copied..]);
    }
    true
}

fn next(text: &[u8], from: usize) -> Option<(usize, Escape)> {
    let mut at = from;
    while let Some(offset) = memchr3(b'%', b'\\', b'&', text.get(at..)?) {
        at += offset;
        if let Some(escape) = read(&text[at..]) {
            return Some((at, escape));
        }
        at += 1;
    }
    None
}

fn read(text: &[u8]) -> Option<Escape> {
    match text {
        [b'%', b'u' | b'U', rest @ ..] => Escape::character(6, number(rest.get(..4)?, 16)?),
        [b'%', high, low, ..] => Some(Escape::byte(3, digit(*high, 16)? << 4 | digit(*low, 16)?)),
        [b'\\', rest @ ..] => backslash(rest),
        [b'&', rest @ ..] => reference(rest),
        _ => None,
    }
}

fn backslash(rest: &[u8]) -> Option<Escape> {
    match *rest.first()? {
        byte @ (b'\\' | b'"' | b'\'' | b'/' | b'`') => Some(Escape::byte(2, byte)),
        b'n' => Some(Escape::byte(2, b'\n')),
        b'r' => Some(Escape::byte(2, b'\r')),
        b't' => Some(Escape::byte(2, b'\t')),
        b'x' => Some(Escape::byte(4, u8::try_from(number(rest.get(1..3)?, 16)?).ok()?)),
        b'u' if rest.get(1) == Some(&b'{') => {
            let end = rest.iter().take(10).position(|byte| *byte == b'}')?;
            Escape::character(end + 2, number(rest.get(2..end)?, 16)?)
        }
        b'u' => unicode(rest),
        b'U' => Escape::character(10, number(rest.get(1..9)?, 16)?),
        b'0'..=b'3' => Some(Escape::byte(4, u8::try_from(number(rest.get(..3)?, 8)?).ok()?)),
        _ => None,
    }
}

/// `uXXXX`, or two of them that are a surrogate pair. A lone surrogate becomes a replacement character.
fn unicode(rest: &[u8]) -> Option<Escape> {
    let first = number(rest.get(1..5)?, 16)?;
    if !(0xD800..0xE000).contains(&first) {
        return Escape::character(6, first);
    }
    let pair = || {
        let second = rest.get(5..11)?.strip_prefix(b"\\u")?;
        let second = number(second, 16)?;
        let fits = first < 0xDC00 && (0xDC00..0xE000).contains(&second);
        fits.then(|| 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    };
    match pair() {
        Some(character) => Escape::character(12, character),
        None => Escape::character(6, 0xFFFD),
    }
}

/// `#64;`, `#x40;`, `amp;`. The semicolon of a number may be missing, as browsers allow.
fn reference(rest: &[u8]) -> Option<Escape> {
    // Most that stand in a query are no references: only what a semicolon ends soon is asked for.
    if let Some(end) = rest.iter().take(8).position(|byte| *byte == b';')
        && let Some((name, meaning)) = REFERENCES.iter().find(|(name, _)| *name == &rest[..=end])
    {
        return Escape::character(name.len() + 1, u32::from(meaning.chars().next()?));
    }
    let (radix, from) = match rest {
        [b'#', b'x' | b'X', ..] => (16, 2),
        [b'#', ..] => (10, 1),
        _ => return None,
    };
    let count = rest[from..].iter().take(8).take_while(|byte| digit(**byte, radix).is_some()).count();
    let semicolon = usize::from(rest.get(from + count) == Some(&b';'));
    Escape::character(1 + from + count + semicolon, number(&rest[from..from + count], radix.into())?)
}

fn digit(byte: u8, radix: u8) -> Option<u8> {
    let value = match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => return None,
    };
    (value < radix).then_some(value)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    let narrow = u8::try_from(radix).ok()?;
    digits.iter().try_fold(0u32, |sum, byte| sum.checked_mul(radix)?.checked_add(u32::from(digit(*byte, narrow)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> String {
        let (mut out, mut map) = (Vec::new(), Map::default());
        if unescape(text.as_bytes(), &mut out, &mut map) {
            String::from_utf8_lossy(&out).into_owned()
        } else {
            text.to_owned()
        }
    }

    #[test]
    fn one_layer_is_undone() {
        let table = [
            ("a%40b", "a@b"),
            ("a%2540b", "a%40b"),
            ("%C3%A9", "é"),
            ("100% of %zz %", "100% of %zz %"),
            (r"a\u0040b", "a@b"),
            (r"a\\u0040b", r"a\u0040b"),
            (r"\ud83c\udf81!", "🎁!"),
            (r"\ud83c!", "\u{fffd}!"),
            (r"\u{1f381} \U0001f381 %u0040", "🎁 🎁 @"),
            (r"\xc3\xa9 \303\251", "é é"),
            (r#"\"a\" \/ \'"#, "\"a\" / '"),
            (r"Acme\Mws\Parser", r"Acme\Mws\Parser"),
            ("a&#64;b&#x40;c&commat;d&amp;e&#64f", "a@b@c@d&e@f"),
            ("a=1&b=2&copy=3", "a=1&b=2&copy=3"),
        ];
        for (text, expected) in table {
            assert_eq!(decoded(text), expected, "{text}");
        }
    }

    #[test]
    fn spans_come_back_whole() {
        let text = "x%20%C3%A9y";
        let (mut out, mut map) = (Vec::new(), Map::default());
        assert!(unescape(text.as_bytes(), &mut out, &mut map));
        assert_eq!(map.source(0, 1, text.len()), (0, 1));
        assert_eq!(map.source(1, 2, text.len()), (1, 4));
        assert_eq!(map.source(2, 4, text.len()), (4, 10));
        assert_eq!(map.source(4, 5, text.len()), (10, 11));
        assert_eq!(map.source(0, 5, text.len()), (0, 11));
    }
}
