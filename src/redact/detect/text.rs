//! Bytes of a text: classes, words and bounds. All of it is safe at either end of the text.

/// The byte at `at`, or a zero beyond the end, which is part of nothing.
#[inline]
pub fn at(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or(0)
}

/// The byte before `at`, or a zero at the beginning, which is part of nothing.
#[inline]
pub fn before(text: &[u8], at: usize) -> u8 {
    at.checked_sub(1).map_or(0, |index| text.get(index).copied().unwrap_or(0))
}

/// A letter or digit, or part of a character beyond ASCII.
#[inline]
pub const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// A hexadecimal digit.
#[inline]
pub const fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

/// A letter of either base64 alphabet.
#[inline]
pub const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// [`is_base64`] of every byte.
pub static BASE64: [bool; 256] = with(alphanumeric(), b"+/-_");

/// Which bytes are ASCII letters and digits.
pub const fn alphanumeric() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 0x80 {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    table
}

/// The bytes of `table`, and `first` to `last`.
pub const fn through(mut table: [bool; 256], first: u8, last: u8) -> [bool; 256] {
    let mut byte = first;
    loop {
        table[byte as usize] = true;
        if byte == last {
            return table;
        }
        byte += 1;
    }
}

/// The bytes of `table`, and `marks`.
pub const fn with(mut table: [bool; 256], marks: &[u8]) -> [bool; 256] {
    let mut index = 0;
    while index < marks.len() {
        table[marks[index] as usize] = true;
        index += 1;
    }
    table
}

/// What neither begins nor goes on with a token: a space, a quote, a bracket, a control character.
#[inline]
pub const fn is_edge(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'(' | b')' | b'{' | b'}' | b'[' | b']' | 0x7f)
}

/// How many bytes from `from` on fit, at most `most`.
#[inline]
pub fn run(text: &[u8], from: usize, most: usize, fits: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let rest = &rest[..rest.len().min(most)];
    rest.iter().position(|byte| !fits(*byte)).unwrap_or(rest.len())
}

/// How many bytes before `from` fit, at most `most`.
#[inline]
pub fn run_back(text: &[u8], from: usize, most: usize, fits: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(..from).unwrap_or_default();
    let rest = &rest[rest.len().saturating_sub(most)..];
    rest.iter().rposition(|byte| !fits(*byte)).map_or(rest.len(), |place| rest.len() - 1 - place)
}

/// Digits from `from` on.
#[inline]
pub fn digits(text: &[u8], from: usize) -> usize {
    run(text, from, 64, |byte| byte.is_ascii_digit())
}

/// A number of at most 9 digits.
pub fn number(digits: &[u8]) -> u32 {
    digits.iter().take(9).fold(0, |sum, byte| sum * 10 + u32::from(byte.wrapping_sub(b'0') % 10))
}

/// `d` stands for a digit, `h` for a hexadecimal digit, `A` for a capital, all else for itself; no longer than the text.
#[inline]
pub fn matches(text: &[u8], from: usize, template: &[u8]) -> bool {
    let Some(slice) = text.get(from..from + template.len()) else { return false };
    for (index, place) in template.iter().enumerate() {
        let byte = slice[index];
        let fits = match place {
            b'd' => byte.is_ascii_digit(),
            b'h' => byte.is_ascii_hexdigit(),
            b'A' => byte.is_ascii_uppercase(),
            literal => byte == *literal,
        };
        if !fits {
            return false;
        }
    }
    true
}

/// Words in lower case that are asked often, with what refuses most others at once.
pub struct Listed {
    words: &'static [&'static str],
    /// By the first byte's last five bits, which are the same in both cases: one bit for each length.
    lengths: [u32; 32],
    /// Words by those same bits: where in `order` the ones with each begin.
    begins: [u8; 33],
    order: [u8; MOST_LISTED],
}

/// Words of one list: places in it are bytes.
const MOST_LISTED: usize = 255;

impl Listed {
    /// The list of `words`, none of which is empty.
    pub const fn new(words: &'static [&'static str]) -> Self {
        assert!(words.len() <= MOST_LISTED, "the list is too long");
        let (mut lengths, mut begins, mut order) = ([0; 32], [0; 33], [0; MOST_LISTED]);
        let (mut letter, mut place) = (0_u8, 0_u8);
        while letter < 32 {
            begins[letter as usize] = place;
            let mut index = 0_u8;
            while (index as usize) < words.len() {
                let word = words[index as usize].as_bytes();
                if word[0] & 31 == letter {
                    lengths[letter as usize] |= 1 << (word.len() & 31);
                    order[place as usize] = index;
                    place += 1;
                }
                index += 1;
            }
            letter += 1;
        }
        begins[32] = place;
        Self { words, lengths, begins, order }
    }

    /// All of them.
    pub const fn words(&self) -> &'static [&'static str] {
        self.words
    }

    /// Whether `word` is on the list, whatever its case.
    #[inline]
    pub fn has(&self, word: &[u8]) -> bool {
        let Some(first) = word.first() else { return false };
        let letter = usize::from(first & 31);
        self.lengths[letter] & 1 << (word.len() & 31) != 0 && self.is_among(letter, word)
    }

    fn is_among(&self, letter: usize, word: &[u8]) -> bool {
        let among = usize::from(self.begins[letter])..usize::from(self.begins[letter + 1]);
        self.order[among].iter().any(|index| word.eq_ignore_ascii_case(self.words[usize::from(*index)].as_bytes()))
    }
}

/// Whether one of `words` stands as a word in the `reach` bytes before `to`, whatever its case.
pub fn has_word_before(text: &[u8], to: usize, reach: usize, words: &Listed) -> bool {
    let start = to.saturating_sub(reach);
    let near = &text[start..to.min(text.len())];
    // What stands for a telephone number announces none.
    let marked = memchr::memchr(b'_', near).and_then(|_| memchr::memmem::rfind(near, b"pii_"));
    let near = marked.map_or(near, |found| {
        let marker = run(near, found, near.len(), |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        &near[found + marker..]
    });
    // `iPhone` is no telephone number's word.
    let is_product = |word: &[u8]| word == b"Phone" && memchr::memmem::find(near, b"iPhone").is_some();
    split_words(near).any(|word| words.has(word) && !is_product(word))
}

/// Words of letters, with those of `camelCase` apart.
pub fn split_words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.iter().position(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80)?;
        let word = &rest[start..];
        let mut end = 1;
        while let Some(byte) = word.get(end) {
            let is_letter = byte.is_ascii_alphabetic() || *byte >= 0x80;
            if !is_letter || byte.is_ascii_uppercase() && word[end - 1].is_ascii_lowercase() {
                break;
            }
            end += 1;
        }
        rest = &word[end..];
        Some(&word[..end])
    })
}

/// The last one of [`split_words`].
pub fn last_word(text: &[u8]) -> Option<&[u8]> {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte >= 0x80;
    let end = text.iter().rposition(|byte| is_letter(*byte))? + 1;
    let word = &text[end - run_back(text, end, usize::MAX, is_letter)..end];
    let inner = word.windows(2).rposition(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    Some(inner.map_or(word, |place| &word[place + 1..]))
}

/// Luhn's sum of the digits is a multiple of ten.
pub fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_its_words_and_no_others() {
        const WORDS: [&str; 9] = ["tel", "mobile", "m", "Été", "tél", "-", "-----", "0900", "телефон"];
        static LISTED: Listed = Listed::new(&WORDS);
        for word in WORDS {
            assert!(LISTED.has(word.as_bytes()) && LISTED.has(word.to_ascii_uppercase().as_bytes()), "{word}");
            assert!(!LISTED.has(format!("{word}x").as_bytes()), "{word}");
        }
        for other in ["", "te", "tell", "mobil", "n", "----", "\r", "M4bile"] {
            assert!(!LISTED.has(other.as_bytes()), "{other}");
        }
    }
}
