//! Characters as HTML and XML spell them.

/// Longest number of a character, in digits, with leading zeros.
const MAX_DIGITS: usize = 10;

/// Longest name.
const MAX_NAME: usize = 8;

/// Names that values of records may have in them: of XML, of punctuation, and of the letters of Latin-1 (HTML 4).
#[rustfmt::skip]
const NAMES: [(&str, char); 86] = [
    ("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("nbsp", ' '), ("commat", '@'), ("period", '.'),
    ("comma", ','), ("lowbar", '_'), ("plus", '+'), ("sol", '/'), ("num", '#'), ("colon", ':'), ("semi", ';'),
    ("hyphen", '-'), ("dash", '-'), ("excl", '!'), ("percnt", '%'), ("dollar", '$'), ("ast", '*'), ("equals", '='),
    ("lpar", '('), ("rpar", ')'),
    ("Agrave", 'À'), ("Aacute", 'Á'), ("Acirc", 'Â'), ("Atilde", 'Ã'), ("Auml", 'Ä'), ("Aring", 'Å'), ("AElig", 'Æ'),
    ("Ccedil", 'Ç'), ("Egrave", 'È'), ("Eacute", 'É'), ("Ecirc", 'Ê'), ("Euml", 'Ë'), ("Igrave", 'Ì'), ("Iacute", 'Í'),
    ("Icirc", 'Î'), ("Iuml", 'Ï'), ("ETH", 'Ð'), ("Ntilde", 'Ñ'), ("Ograve", 'Ò'), ("Oacute", 'Ó'), ("Ocirc", 'Ô'),
    ("Otilde", 'Õ'), ("Ouml", 'Ö'), ("Oslash", 'Ø'), ("Ugrave", 'Ù'), ("Uacute", 'Ú'), ("Ucirc", 'Û'), ("Uuml", 'Ü'),
    ("Yacute", 'Ý'), ("THORN", 'Þ'), ("szlig", 'ß'), ("agrave", 'à'), ("aacute", 'á'), ("acirc", 'â'), ("atilde", 'ã'),
    ("auml", 'ä'), ("aring", 'å'), ("aelig", 'æ'), ("ccedil", 'ç'), ("egrave", 'è'), ("eacute", 'é'), ("ecirc", 'ê'),
    ("euml", 'ë'), ("igrave", 'ì'), ("iacute", 'í'), ("icirc", 'î'), ("iuml", 'ï'), ("eth", 'ð'), ("ntilde", 'ñ'),
    ("ograve", 'ò'), ("oacute", 'ó'), ("ocirc", 'ô'), ("otilde", 'õ'), ("ouml", 'ö'), ("oslash", 'ø'), ("ugrave", 'ù'),
    ("uacute", 'ú'), ("ucirc", 'û'), ("uuml", 'ü'), ("yacute", 'ý'), ("thorn", 'þ'), ("yuml", 'ÿ'),
];

/// Reads what may be an entity: its length and character, nothing if the text ends too early to know. None if it is none.
pub(super) fn read(text: &[u8]) -> Option<Option<(usize, char)>> {
    match text.get(1) {
        None => Some(None),
        Some(b'#') => match text.get(2) {
            None => Some(None),
            Some(b'x' | b'X') => number(text, 3, 16),
            Some(_) => number(text, 2, 10),
        },
        Some(letter) if letter.is_ascii_alphabetic() => name(text),
        Some(_) => None,
    }
}

/// Browsers read a number without the semicolon too; not where its rest may be escaped itself.
fn number(text: &[u8], from: usize, base: u32) -> Option<Option<(usize, char)>> {
    let mut value = 0_u32;
    let mut at = from;
    while let Some(digit) = text.get(at).map(|byte| char::from(*byte).to_digit(base)) {
        let Some(digit) = digit.filter(|_| at - from < MAX_DIGITS) else {
            let length = at + usize::from(text[at] == b';');
            let ends = at > from && !matches!(text[at], b'\\' | b'%' | b'&');
            return ends.then(|| char::from_u32(value))?.map(|letter| Some((length, letter)));
        };
        value = value.saturating_mul(base).saturating_add(digit);
        at += 1;
    }
    Some(None)
}

fn name(text: &[u8]) -> Option<Option<(usize, char)>> {
    let letters = text[1..].iter().take(MAX_NAME).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let name = &text[1..=letters];
    match text.get(1 + letters) {
        None => Some(None),
        Some(b';') => {
            let known = NAMES.iter().find(|(known, _)| known.as_bytes() == name);
            known.map(|(_, letter)| Some((letters + 2, *letter)))
        }
        Some(_) => None,
    }
}
