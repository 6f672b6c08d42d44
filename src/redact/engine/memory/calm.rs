//! Common forms of lines in which nothing was found.

/// Places: several times the forms of a busy stream. They hold what was seen, at most 8 MiB of it.
const PLACES: usize = 4096;
/// Longest form that is kept.
const MOST_BYTES: usize = 2048;

/// One place for each form; whoever comes later takes it. The whole form is compared, so that nobody can write a line
/// that is taken for another one.
pub struct Calm {
    places: Box<[Place]>,
}

#[derive(Clone, Default)]
struct Place {
    text: Vec<u8>,
    /// A text that may begin a secret stands in it.
    literal: bool,
}

impl Default for Calm {
    fn default() -> Self {
        Self { places: vec![Place::default(); PLACES].into() }
    }
}

impl Calm {
    /// Whether nothing was found in `form`, whose hash is given; then, whether a text that may begin a secret stands in it.
    pub fn knows(&self, form: &[u8], hash: u64) -> Option<bool> {
        let place = &self.places[choose(hash)];
        (!form.is_empty() && place.text == form).then_some(place.literal)
    }

    /// Nothing was found in `form`.
    pub fn add(&mut self, form: &[u8], hash: u64, literal: bool) {
        if form.len() > MOST_BYTES {
            return;
        }
        let place = &mut self.places[choose(hash)];
        place.text.clear();
        place.text.extend_from_slice(form);
        place.literal = literal;
    }
}

fn choose(hash: u64) -> usize {
    usize::try_from(hash >> 40).unwrap_or(0) % PLACES
}

/// A hash of `form`, by which its place is chosen.
pub fn hash(form: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let (eights, rest) = form.as_chunks::<8>();
    let mix = |sum: u64, next: u64| (sum.rotate_left(5) ^ next).wrapping_mul(FACTOR);
    let sum = eights.iter().fold(form.len() as u64, |sum, eight| mix(sum, u64::from_le_bytes(*eight)));
    let last = rest.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    mix(sum, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_bytes_are_known() {
        let mut calm = Calm::default();
        assert_eq!(calm.knows(b"", hash(b"")), None);
        calm.add(b"all is well", hash(b"all is well"), false);
        calm.add(b"token=x", hash(b"token=x"), true);
        assert_eq!(calm.knows(b"all is well", hash(b"all is well")), Some(false));
        assert_eq!(calm.knows(b"token=x", hash(b"token=x")), Some(true));
        assert_eq!(calm.knows(b"all is wel", hash(b"all is wel")), None);
        calm.add(&[b'x'; MOST_BYTES + 1], 1, false);
        assert_eq!(calm.knows(&[b'x'; MOST_BYTES + 1], 1), None);
    }
}
