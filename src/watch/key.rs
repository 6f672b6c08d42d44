//! Keyed hashes: what tables hold and records show of a value in place of the value. SipHash-2-4 (Aumasson and
//! Bernstein, 2012), a pseudorandom function of 64 bits that costs some twenty nanoseconds; the key is derived from the
//! secret of all pseudonyms, so that equal values are equal in records of any day, and nobody without the secret can
//! tell a value from its hash, or choose values by their hashes.

/// Makes keyed hashes. No `Debug`.
#[derive(Clone)]
pub struct Keyed {
    k0: u64,
    k1: u64,
}

impl Keyed {
    /// Under a key.
    pub fn new(key: [u8; 16]) -> Self {
        let (low, high) = key.split_at(8);
        let half = |bytes: &[u8]| bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        Self { k0: half(low), k1: half(high) }
    }

    /// The hash of some bytes.
    pub fn hash(&self, bytes: &[u8]) -> u64 {
        let mut state = State([
            self.k0 ^ 0x736f_6d65_7073_6575,
            self.k1 ^ 0x646f_7261_6e64_6f6d,
            self.k0 ^ 0x6c79_6765_6e65_7261,
            self.k1 ^ 0x7465_6462_7974_6573,
        ]);
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            state.absorb(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        last[7] = bytes.len().to_le_bytes()[0];
        state.absorb(u64::from_le_bytes(last));
        state.finish()
    }

    /// The hash of a word that says what it is of, and of some bytes.
    pub fn of(&self, kind: u64, bytes: &[u8]) -> u64 {
        Self { k0: self.k0 ^ kind.wrapping_mul(0x9e37_79b9_7f4a_7c15), k1: self.k1 }.hash(bytes)
    }
}

struct State([u64; 4]);

impl State {
    const fn absorb(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.round();
        self.0[0] ^= word;
    }

    const fn finish(mut self) -> u64 {
        self.0[2] ^= 0xff;
        self.round();
        self.round();
        self.round();
        self.round();
        let [v0, v1, v2, v3] = self.0;
        v0 ^ v1 ^ v2 ^ v3
    }

    const fn round(&mut self) {
        let [mut v0, mut v1, mut v2, mut v3] = self.0;
        v0 = v0.wrapping_add(v1);
        v1 = v1.rotate_left(13) ^ v0;
        v0 = v0.rotate_left(32);
        v2 = v2.wrapping_add(v3);
        v3 = v3.rotate_left(16) ^ v2;
        v0 = v0.wrapping_add(v3);
        v3 = v3.rotate_left(21) ^ v0;
        v2 = v2.wrapping_add(v1);
        v1 = v1.rotate_left(17) ^ v2;
        v2 = v2.rotate_left(32);
        self.0 = [v0, v1, v2, v3];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of the reference implementation: the key 00 to 0f, and the first so many bytes of 00 01 02 and so on.
    #[test]
    fn hashes_are_those_of_the_reference() {
        let keyed = Keyed::new(std::array::from_fn(|place| u8::try_from(place).unwrap()));
        let bytes: Vec<u8> = (0..64).collect();
        for (length, expected) in [
            (0, 0x726f_db47_dd0e_0e31_u64),
            (1, 0x74f8_39c5_93dc_67fd),
            (7, 0xab02_00f5_8b01_d137),
            (8, 0x93f5_f579_9a93_2462),
            (15, 0xa129_ca61_49be_45e5),
            (63, 0x958a_324c_eb06_4572),
        ] {
            assert_eq!(keyed.hash(&bytes[..length]), expected, "{length}");
        }
        assert_ne!(keyed.of(1, b"x"), keyed.of(2, b"x"));
    }
}
