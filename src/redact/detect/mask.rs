//! Which bytes a text holds, in one word: what cannot stand in it is not sought there.

/// A set of bytes: marks and capitals one by one, all others not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mask(u64);

/// The bit of each byte.
static BITS: [u64; 256] = {
    let mut bits = [0; 256];
    let mut next = 0;
    let mut byte = 0u8;
    while byte < 0x80 {
        if byte.is_ascii_punctuation() || byte.is_ascii_uppercase() {
            bits[byte as usize] = 1 << next;
            next += 1;
        }
        byte += 1;
    }
    bits
};

impl Mask {
    /// Adds a byte.
    #[inline]
    pub fn add(&mut self, byte: u8) {
        self.0 |= BITS[usize::from(byte)];
    }

    /// Whether `byte`, one that is told apart, is among these bytes.
    #[inline]
    pub fn has(self, byte: u8) -> bool {
        self.0 & BITS[usize::from(byte)] != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_and_capital_has_a_bit_of_its_own() {
        for byte in (0..128_u8).filter(|byte| byte.is_ascii_punctuation() || byte.is_ascii_uppercase()) {
            let mut mask = Mask::default();
            for byte in [b'a', byte, b' '] {
                mask.add(byte);
            }
            for other in (0..=255_u8).filter(|other| !other.is_ascii_lowercase()) {
                assert_eq!(mask.has(other), other == byte, "{byte} {other}");
            }
        }
    }
}
