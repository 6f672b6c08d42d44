//! A key as words: `order[items][0].shippingAddress` is `order`, `items`, `shipping address`, of which the last segment
//! is the key and the one before it is what the key stands in.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

/// Longest key that is looked at, in bytes: only the end of a longer one is, for the end says what the value is.
const MAX_BYTES: usize = 256;
/// Words of one segment that are kept, the last ones.
const MAX_WORDS: usize = 8;

/// Words of one segment: lower case, run together in `text`, with the place where each begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    text: String,
    starts: smallvec::SmallVec<[u16; MAX_WORDS]>,
}

impl Words {
    /// All words run together.
    pub(super) fn joined(&self) -> &str {
        &self.text
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// The words from `from` up to and without `to`, run together.
    pub(super) fn between(&self, from: usize, to: usize) -> &str {
        let at = |index: usize| self.starts.get(index).map_or(self.text.len(), |&start| usize::from(start));
        self.text.get(at(from)..at(to)).unwrap_or_default()
    }

    /// One word.
    pub(super) fn word(&self, index: usize) -> &str {
        self.between(index, index + 1)
    }

    fn is_number(&self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// One segment's words, of ASCII.
    fn plain(segment: &[u8]) -> Self {
        let mut words = Self { text: String::with_capacity(segment.len()), ..Self::default() };
        let mut before = b' ';
        for (index, &byte) in segment.iter().enumerate() {
            if byte.is_ascii_alphanumeric() {
                let next = segment.get(index + 1).copied().unwrap_or(b' ');
                let inner = byte.is_ascii_uppercase() && (!before.is_ascii_uppercase() || next.is_ascii_lowercase());
                if inner || !before.is_ascii_alphanumeric() {
                    words.begin();
                }
                words.text.push(char::from(byte.to_ascii_lowercase()));
            }
            before = byte;
        }
        words
    }

    /// One segment's words.
    fn of(segment: &str) -> Self {
        let mut words = Self::default();
        let mut before = ' ';
        let mut characters = segment.chars().peekable();
        while let Some(character) = characters.next() {
            // `ім’я`, as keyboards write it: within a word.
            if matches!(character, '’' | 'ʼ') {
                continue;
            }
            if character.is_alphanumeric() || !character.is_ascii() && !is_separator(character) {
                let next = characters.peek().copied().unwrap_or(' ');
                if begins_word(before, character, next) {
                    words.begin();
                }
                if character.is_uppercase() {
                    words.text.extend(character.to_lowercase());
                } else {
                    words.text.push(character);
                }
            }
            before = character;
        }
        words
    }

    fn begin(&mut self) {
        let Ok(start) = u16::try_from(self.text.len()) else { return };
        if self.starts.len() == MAX_WORDS {
            // What is forgotten is the front: the end says what the value is.
            let cut = usize::from(self.starts[1]);
            self.text.drain(..cut);
            self.starts.remove(0);
            for start in &mut self.starts {
                *start = start.saturating_sub(u16::try_from(cut).unwrap_or(0));
            }
            self.starts.push(u16::try_from(self.text.len()).unwrap_or(u16::MAX));
        } else {
            self.starts.push(start);
        }
    }
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '・' | '：' | '－' | '／' | '、' | '，' | '。')
}

/// Whether a word begins at `character`: after a separator, at an upper-case letter after a lower-case one or a digit,
/// and at the last capital of an abbreviation (`IPAddress`: `ip`, `address`). Digits stay with the letters before them.
fn begins_word(before: char, character: char, next: char) -> bool {
    let is_letter = |character: char| character.is_alphanumeric();
    if !is_letter(before) && (before.is_ascii() || is_separator(before)) {
        return true;
    }
    character.is_uppercase() && (!before.is_uppercase() || next.is_lowercase())
}

/// A key's last segment and the one before it, if the key has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) key: Words,
    pub(super) within: Option<Words>,
}

/// Splits a key. Invalid UTF-8 is read as far as it goes, with a separator for what cannot be read.
pub(super) fn path(key: &[u8]) -> Path {
    let tail = &key[key.len().saturating_sub(MAX_BYTES)..];
    if tail.is_ascii() {
        let is_end =
            |byte: &u8| matches!(byte, b'.' | b'[' | b']' | b'/' | b'>' | b'$' | b'\\' | b'{' | b'}' | b'|' | b'@');
        return of_segments(tail.rsplit(is_end).map(Words::plain));
    }
    let text = plain(tail);
    of_segments(text.rsplit(['.', '[', ']', '/', '>', '$', '\\', '{', '}', '|', '@']).map(Words::of))
}

/// The last segment and the one before it, of all in the order from the end.
fn of_segments(segments: impl Iterator<Item = Words>) -> Path {
    let mut segments = segments.filter(|words| words.len() > 0);
    let mut found = Path::default();
    // Places in a list say nothing: `emails[0]`, `phones.1`.
    if let Some(words) = segments.by_ref().find(|words| !words.is_number()) {
        found.key = words;
        found.within = segments.find(|words| !words.is_number());
    }
    found
}

/// Words of a key that stands around another.
pub(super) fn last(key: &[u8]) -> Words {
    path(key).key
}

/// The text without the marks on Latin letters, and full-width letters as usual ones.
fn plain(key: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(key);
    if text.is_ascii() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut after_latin = false;
    for character in text.nfkd() {
        match character {
            '\u{300}'..='\u{36f}' if after_latin => {}
            'ß' => out.push_str("ss"),
            'ı' => out.push('i'),
            'ł' | 'Ł' => out.push('l'),
            'ø' | 'Ø' => out.push('o'),
            'æ' | 'Æ' => out.push_str("ae"),
            'œ' | 'Œ' => out.push_str("oe"),
            'đ' | 'Đ' => out.push('d'),
            '\u{fffd}' => out.push(' '),
            _ => out.push(character),
        }
        if !('\u{300}'..='\u{36f}').contains(&character) {
            after_latin = character.is_ascii_alphabetic();
        }
    }
    Cow::Owned(out.nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(key: &str) -> Vec<String> {
        let words = last(key.as_bytes());
        (0..words.len()).map(|index| words.word(index).to_owned()).collect()
    }

    #[test]
    fn a_key_falls_into_words() {
        let table: [(&str, &[&str]); 16] = [
            ("buyer_email", &["buyer", "email"]),
            ("BuyerEmail", &["buyer", "email"]),
            ("buyerIPAddress", &["buyer", "ip", "address"]),
            ("X-Forwarded-For", &["x", "forwarded", "for"]),
            ("BUYER_EMAIL", &["buyer", "email"]),
            ("addressLine1", &["address", "line1"]),
            ("ship-address-1", &["ship", "address", "1"]),
            ("customer.emails[0]", &["emails"]),
            ("Prénom", &["prenom"]),
            ("Straße", &["strasse"]),
            ("ｅｍａｉｌ", &["email"]),
            ("メールアドレス", &["メールアドレス"]),
            ("  name  ", &["name"]),
            ("", &[]),
            ("[0]", &[]),
            ("--", &[]),
        ];
        for (key, expected) in table {
            assert_eq!(words(key), expected, "{key}");
        }
    }

    #[test]
    fn the_segment_before_the_last_is_what_the_key_stands_in() {
        let path = path(b"order[shippingAddress][lines][0][name]");
        assert_eq!(path.key.joined(), "name");
        assert_eq!(path.within.unwrap().joined(), "lines");
    }

    #[test]
    fn a_long_key_keeps_its_end() {
        let key = format!("{}_customer_email", "a_b_c_d_e_f_g_h_".repeat(50));
        let words = last(key.as_bytes());
        assert_eq!(words.between(words.len() - 2, words.len()), "customeremail");
    }
}
