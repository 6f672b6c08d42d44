//! Words that a stream has shown to announce nothing: logs write the same few before all their numbers.

/// Places: several times the words of a busy stream, in 32 KiB.
const PLACES: usize = 512;
/// Longest text that is kept, with the byte before its first word.
const MOST_BYTES: usize = 63;
/// Bytes that choose the place.
const CHOOSING: usize = 8;

/// Texts by their last bytes, one place for each; whoever comes later takes it.
pub struct Silent {
    places: Box<[Place]>,
}

#[derive(Clone, Copy)]
struct Place {
    length: u8,
    bytes: [u8; MOST_BYTES],
}

impl Default for Silent {
    fn default() -> Self {
        Self { places: vec![Place { length: 0, bytes: [0; MOST_BYTES] }; PLACES].into() }
    }
}

impl Silent {
    /// Whether what ends at `end` was added: all bytes that were looked at then are the same here.
    #[inline]
    pub fn knows(&self, text: &[u8], end: usize) -> bool {
        let Some(index) = choose(text, end) else { return false };
        let place = &self.places[index];
        let length = usize::from(place.length);
        length > 0 && end >= length && place.bytes[..length] == text[end - length..end]
    }

    /// The words that end at `end` announce nothing, whatever stands before `least`. Where that is the text's first byte
    /// it may have mattered that nothing stands before it, so such texts are not kept.
    pub fn add(&mut self, text: &[u8], least: usize, end: usize) {
        let Some(index) = choose(text, end) else { return };
        let Ok(length) = u8::try_from(end - least) else { return };
        let place = &mut self.places[index];
        if least == 0 || usize::from(length) > MOST_BYTES {
            return;
        }
        place.length = length;
        place.bytes[..usize::from(length)].copy_from_slice(&text[least..end]);
    }
}

/// The place for what ends at `end`, if it is long enough.
#[inline]
fn choose(text: &[u8], end: usize) -> Option<usize> {
    let last = u64::from_le_bytes(*text.get(..end)?.last_chunk::<CHOOSING>()?);
    usize::try_from(last.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 55).ok().map(|index| index % PLACES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_bytes_are_known() {
        let mut silent = Silent::default();
        let text = b"all is well and it took 12 ms";
        silent.add(text, 15, 23);
        assert!(silent.knows(text, 23));
        assert!(silent.knows(b"where it took 7", 13));
        assert!(!silent.knows(b"where at took 7", 13));
        assert!(!silent.knows(b"it took 7", 7));
        silent.add(b"nothing 12", 0, 7);
        assert!(!silent.knows(b"nothing 12", 7));
    }
}
