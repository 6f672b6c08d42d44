//! Lists of words that are asked at every capital of a text: one probe of a table says which ones a word is on.

/// Fewest places of a table.
const LEAST_PLACES: usize = 2048;

/// Bits of a filter: 4 KiB, some ten for each word of the longest lists.
const BITS: usize = 32768;

/// The same for words that are not of ASCII alone, which are few.
const BITS_BEYOND: usize = 4096;

/// Words in lower case, and for each the lists that it is on, one bit for each list.
pub struct Words {
    places: Box<[Option<(&'static str, u8)>]>,
    /// One bit for the length and the outer bytes of each word: most of those that are asked have none.
    filter: Box<[u64; BITS / 64]>,
    /// The same for words that are not of ASCII alone.
    beyond: Box<[u64; BITS_BEYOND / 64]>,
}

impl Words {
    /// The words of `lists`, which spaces separate.
    pub fn new(lists: &[&'static str]) -> Self {
        // A power of two, more than twice the words: most look-ups end at the first place.
        let count: usize = lists.iter().map(|text| text.split_ascii_whitespace().count()).sum();
        let places = (2 * count).next_power_of_two().max(LEAST_PLACES);
        let mut words = Self {
            places: vec![None; places].into(),
            filter: Box::new([0; BITS / 64]),
            beyond: Box::new([0; BITS_BEYOND / 64]),
        };
        for (list, text) in lists.iter().enumerate() {
            for word in text.split_ascii_whitespace() {
                words.add(word, 1 << list);
            }
        }
        words
    }

    fn add(&mut self, word: &'static str, bit: u8) {
        let outer = outer(word.as_bytes());
        self.filter[outer / 64] |= 1 << (outer % 64);
        if let Some(bit) = beyond(word.as_bytes()).filter(|_| !word.is_ascii()) {
            self.beyond[bit / 64] |= 1 << (bit % 64);
        }
        let mut place = hash(word.as_bytes()) & (self.places.len() - 1);
        loop {
            match &mut self.places[place] {
                Some((known, bits)) if *known == word => return *bits |= bit,
                Some(_) => place = (place + 1) & (self.places.len() - 1),
                None => return self.places[place] = Some((word, bit)),
            }
        }
    }

    /// The lists that `word` is on, whatever its case.
    pub fn lists(&self, word: &[u8]) -> u8 {
        if word.len() > 24 {
            return 0;
        }
        if word.is_ascii() { self.find(word) } else { self.folded(word) }
    }

    /// The same of a word that is not of ASCII alone.
    fn folded(&self, word: &[u8]) -> u8 {
        match beyond(word) {
            Some(bit) if self.beyond[bit / 64] & 1 << (bit % 64) == 0 => 0,
            _ => self.find(String::from_utf8_lossy(word).to_lowercase().as_bytes()),
        }
    }

    fn find(&self, word: &[u8]) -> u8 {
        let outer = outer(word);
        if self.filter[outer / 64] & 1 << (outer % 64) == 0 {
            return 0;
        }
        let mut place = hash(word) & (self.places.len() - 1);
        while let Some((known, bits)) = self.places[place] {
            if known.as_bytes().eq_ignore_ascii_case(word) {
                return bits;
            }
            place = (place + 1) & (self.places.len() - 1);
        }
        0
    }
}

/// A bit of the filter: of the length, the first two bytes and the last two, without what tells small letters from
/// capitals.
#[inline]
fn outer(word: &[u8]) -> usize {
    let ([first, second, ..], [.., third, last]) = (word, word) else { return 0 };
    let bytes = u32::from_le_bytes([*first, *second, *third, *last]) | 0x2020_2020;
    let length = u32::try_from(word.len()).unwrap_or(0);
    (bytes.wrapping_add(length << 13 ^ length).wrapping_mul(0x9E37_79B1) >> 17) as usize % BITS
}

/// A bit for what lower case leaves of a word: how many characters it has, how many of them are of ASCII, and the first
/// and the last of these. `None` where lower case may make one of ASCII of another (`İ`, the sign of Kelvin).
fn beyond(word: &[u8]) -> Option<usize> {
    let (mut characters, mut ascii, mut first, mut last, mut before) = (0_u32, 0_u32, 0_u32, 0_u32, 0);
    for byte in word {
        match *byte {
            0x80..=0xbf if (before, *byte) == (0xc4, 0xb0) => return None,
            0x80..=0xbf => {}
            0xe2 => return None,
            0xc0.. => characters += 1,
            _ => {
                last = u32::from(byte | 0x20);
                first = if ascii == 0 { last } else { first };
                (characters, ascii) = (characters + 1, ascii + 1);
            }
        }
        before = *byte;
    }
    let all = first | last << 8 | characters << 16 | ascii << 24;
    Some((all.wrapping_mul(0x9E37_79B1) >> 20) as usize % BITS_BEYOND)
}

/// FNV-1a over the lower case; the words are ours, so nobody can choose what collides among them.
fn hash(word: &[u8]) -> usize {
    let hash = word
        .iter()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193));
    (hash ^ hash >> 15) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: [&str; 3] =
        ["x kg and straße łódź größe", "and van doğum склад ραφή 倉庫 кілька", "warenbeschreibung émile née île"];

    #[test]
    fn every_word_is_found_in_any_case_and_no_other_is() {
        let words = Words::new(&LISTS);
        for (list, text) in LISTS.iter().enumerate() {
            for word in text.split_ascii_whitespace() {
                let found = words.lists(word.as_bytes());
                assert!(found & 1 << list != 0, "{word}");
                let (capitals, first) = (word.to_uppercase(), word.chars().next().map_or(1, char::len_utf8));
                let capital = word[..first].to_uppercase() + &word[first..];
                for other in [&capitals, &capital] {
                    // `STRASSE` and `ΡΑΦΉ` with a final sigma are other words in lower case.
                    let folded = other.to_lowercase();
                    let expected = if folded == word { found } else { words.lists(folded.as_bytes()) };
                    assert_eq!(words.lists(other.as_bytes()), expected, "{other}");
                }
                assert_eq!(words.lists(format!("{word}q").as_bytes()), 0);
            }
        }
        assert_eq!(words.lists(b"and"), 3);
        // The sign of Kelvin, and a word that is no text.
        assert_eq!(words.lists("\u{212a}g".as_bytes()), 1);
        assert_eq!(words.lists(b"n\xc3e"), 0);
        assert_eq!(words.lists(b""), 0);
    }
}
