//! Lists of words that are asked at every capital of a text: one probe of a table says which ones a word is on.

/// Fewest places of a table.
const LEAST_PLACES: usize = 2048;

/// Words in lower case, and for each the lists that it is on, one bit for each list.
pub struct Words {
    places: Box<[Option<(&'static str, u8)>]>,
}

impl Words {
    /// The words of `lists`, which spaces separate.
    pub fn new(lists: &[&'static str]) -> Self {
        // A power of two, more than twice the words: most look-ups end at the first place.
        let count: usize = lists.iter().map(|text| text.split_ascii_whitespace().count()).sum();
        let places = (2 * count).next_power_of_two().max(LEAST_PLACES);
        let mut words = Self { places: vec![None; places].into() };
        for (list, text) in lists.iter().enumerate() {
            for word in text.split_ascii_whitespace() {
                words.add(word, 1 << list);
            }
        }
        words
    }

    fn add(&mut self, word: &'static str, bit: u8) {
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
        if !word.is_ascii() {
            let folded = String::from_utf8_lossy(word).to_lowercase();
            return self.find(folded.as_bytes());
        }
        self.find(word)
    }

    fn find(&self, word: &[u8]) -> u8 {
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

/// FNV-1a over the lower case; the words are ours, so nobody can choose what collides among them.
fn hash(word: &[u8]) -> usize {
    let hash = word
        .iter()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193));
    (hash ^ hash >> 15) as usize
}
