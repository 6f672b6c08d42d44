//! Places of a text at which something may begin: sixty-four bytes at a time, one bit for each.

/// Bytes that are looked at together.
pub const BLOCK: usize = 64;

/// Sixty-four bytes of a text, with zeros after its end.
pub struct Block {
    /// Where a search must stop.
    pub places: u64,
    /// Digits.
    pub digits: u64,
    /// Capitals.
    capitals: u64,
}

impl Block {
    /// The block of `text` that begins at `base`, after the block `last`.
    pub fn of(text: &[u8], base: usize, last: Option<&Self>) -> Self {
        let rest = &text[base..];
        let mut bytes = [0; BLOCK];
        match rest.first_chunk::<BLOCK>() {
            Some(whole) => bytes = *whole,
            None => bytes[..rest.len()].copy_from_slice(rest),
        }
        let digits = bits(&bytes, |byte| byte.wrapping_sub(b'0') < 10);
        let capitals = bits(&bytes, |byte| byte.wrapping_sub(b'A') < 26);
        let others = bits(&bytes, |byte| {
            let folded = byte | 0x20;
            (byte == b':')
                | (byte.wrapping_sub(b'<') < 2)
                | (byte.wrapping_sub(b'\'') < 3)
                | (byte == b'"')
                | (byte == b'-')
                | (byte == b'@')
                | (byte == b'\n')
                | (byte >= 0x80)
                | (folded == b'{')
                | (folded == b'}')
        });
        // Of digits and of capitals the first ones of a run are enough.
        let (digit, capital) = last.map_or((0, 0), |last| (last.digits >> 63, last.capitals >> 63));
        let places = others | digits & !(digits << 1 | digit) | capitals & !(capitals << 1 | capital);
        Self { places, digits, capitals }
    }
}

/// One bit for each byte that fits, the first one lowest. Without branches, so that sixteen bytes are looked at in one step.
#[inline(always)]
fn bits(bytes: &[u8; BLOCK], fits: impl Fn(u8) -> bool) -> u64 {
    let mut flags = [0; BLOCK];
    for (flag, byte) in flags.iter_mut().zip(bytes) {
        *flag = u8::from(fits(*byte));
    }
    let (eights, _) = flags.as_chunks::<8>();
    let mut all = 0;
    for (index, eight) in eights.iter().enumerate() {
        // Each of the eight flags comes to a place of its own in the uppermost byte.
        let byte = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        all |= byte << (8 * index);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_its_bit() {
        let bytes: [u8; BLOCK] = std::array::from_fn(|index| u8::try_from(index * 37 % 256).unwrap_or(0));
        for sought in 0..=255_u8 {
            let found = bits(&bytes, |byte| byte == sought);
            for (index, byte) in bytes.iter().enumerate() {
                assert_eq!(found >> index & 1 == 1, *byte == sought, "{index}");
            }
        }
    }

    #[test]
    fn runs_begin_once() {
        let text = b"at 10:15 (JANE) said a-b=Doe x7Y";
        let block = Block::of(text, 0, None);
        let places: Vec<usize> = (0..BLOCK).filter(|place| block.places >> place & 1 == 1).collect();
        assert_eq!(places, [3, 5, 6, 9, 10, 14, 22, 24, 25, 30, 31]);
    }
}
