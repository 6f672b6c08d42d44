//! Lists of words that are asked at every capital of a text: one probe of a table says whether a word is on one.

/// Places of a table: a power of two, several times the words of the longest list.
const PLACES: usize = 1024;

/// A list of words in lower case.
pub struct Words {
    places: Box<[Option<&'static str>]>,
}

impl Words {
    /// The list of `words`, which spaces separate.
    pub fn new(words: &'static str) -> Self {
        let mut places = vec![None; PLACES];
        for word in words.split_ascii_whitespace() {
            let mut place = hash(word.as_bytes());
            while places[place].is_some_and(|known| known != word) {
                place = (place + 1) % PLACES;
            }
            places[place] = Some(word);
        }
        Self { places: places.into() }
    }

    /// Whether `word` is on the list, whatever its case.
    pub fn has(&self, word: &[u8]) -> bool {
        if word.len() > 24 {
            return false;
        }
        if !word.is_ascii() {
            let folded = String::from_utf8_lossy(word).to_lowercase();
            return self.find(folded.as_bytes());
        }
        self.find(word)
    }

    fn find(&self, word: &[u8]) -> bool {
        let mut place = hash(word);
        while let Some(known) = self.places[place] {
            if known.as_bytes().eq_ignore_ascii_case(word) {
                return true;
            }
            place = (place + 1) % PLACES;
        }
        false
    }
}

/// FNV-1a over the lower case; the words are ours, so nobody can choose what collides among them.
fn hash(word: &[u8]) -> usize {
    let hash = word
        .iter()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193));
    (hash ^ hash >> 15) as usize % PLACES
}
