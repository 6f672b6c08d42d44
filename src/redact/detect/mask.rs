//! Which bytes a text holds, in one word: what cannot stand in it is not sought there.

/// A set of bytes: marks, capitals and a few more one by one, digits, control characters and what is beyond ASCII as
/// one each, and no others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mask(u64);

/// Small letters that are told apart from the others: rare ones, in texts that are sought.
const SMALL: [u8; 3] = *b"bvx";

/// The bit of each byte.
static BITS: [u64; 256] = {
    let mut bits = [0; 256];
    let mut next = 0;
    let mut byte = 0u8;
    loop {
        bits[byte as usize] = match byte {
            b'0'..=b'9' => 1 << 61,
            0x80.. => 1 << 62,
            0..0x20 | 0x7f => 1 << 63,
            _ if byte.is_ascii_punctuation() || byte.is_ascii_uppercase() || is_small(byte) => {
                next += 1;
                1 << (next - 1)
            }
            _ => 0,
        };
        if byte == u8::MAX {
            break bits;
        }
        byte += 1;
    }
};

const fn is_small(byte: u8) -> bool {
    byte == SMALL[0] || byte == SMALL[1] || byte == SMALL[2]
}

impl Mask {
    /// The bytes of `text`.
    pub fn of(text: &[u8]) -> Self {
        let (eights, rest) = text.as_chunks::<8>();
        let mut bits = 0;
        for eight in eights {
            for byte in eight {
                bits |= BITS[usize::from(*byte)];
            }
        }
        for byte in rest {
            bits |= BITS[usize::from(*byte)];
        }
        Self(bits)
    }

    /// Whether a text with these bytes may hold one with `needed`.
    pub const fn covers(self, needed: Self) -> bool {
        needed.0 & !self.0 == 0
    }

    /// Whether one of `others` is among these bytes.
    pub const fn has_any(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// These bytes and `others`.
    pub const fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These bytes, if there are any.
    pub fn some(self) -> Option<Self> {
        (self.0 != 0).then_some(self)
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
            let mask = Mask::of(&[byte]);
            for other in 0..=255_u8 {
                assert_eq!(mask.has(other), other == byte, "{byte} {other}");
            }
            assert!(Mask::of(b"longer than eight bytes, and a mark").with(mask).covers(mask));
        }
        assert!(!Mask::of(b"plain words").has_any(Mask::of("é7\n".as_bytes())));
    }
}
