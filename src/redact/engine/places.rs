//! Places of a text at which something may begin: sixty-four bytes at a time, one bit for each.

/// Bytes that are looked at together.
pub const BLOCK: usize = 64;

/// The places in the block of `text` that begins at `base`: digits, capitals, quotes, brackets, separators, dashes, signs
/// of addresses, ends of lines, what is beyond ASCII, and a few marks that lie between these. Nothing is after the text.
#[inline]
pub fn places(text: &[u8], base: usize) -> u64 {
    block(text, base, may_begin)
}

/// The digits in the block of `text` that begins at `base`.
#[inline]
pub fn digits(text: &[u8], base: usize) -> u64 {
    block(text, base, |byte| byte.wrapping_sub(b'0') < 10)
}

#[inline(always)]
fn block(text: &[u8], base: usize, fits: impl Fn(u8) -> bool) -> u64 {
    let rest = text.get(base..).unwrap_or_default();
    match rest.first_chunk::<BLOCK>() {
        Some(whole) => bits(whole, fits),
        None => {
            let mut bytes = [0; BLOCK];
            bytes[..rest.len()].copy_from_slice(rest);
            bits(&bytes, fits)
        }
    }
}

/// Without branches, so that sixteen bytes are looked at in one step.
const fn may_begin(byte: u8) -> bool {
    let folded = byte | 0x20;
    (byte.wrapping_sub(b'0') <= b'[' - b'0')
        | (byte.wrapping_sub(b'\'') < 3)
        | (byte == b'"')
        | (byte == b'-')
        | (byte == b'\n')
        | (folded == b'{')
        | (folded == b'}')
        | (byte >= 0x80)
}

/// One bit for each byte, the first one lowest.
#[inline(always)]
fn bits(bytes: &[u8; BLOCK], fits: impl Fn(u8) -> bool) -> u64 {
    let flags = bytes.map(|byte| u8::from(fits(byte)));
    let (eights, _) = flags.as_chunks::<8>();
    // Each of the eight flags comes to a place of its own in the uppermost byte.
    let byte = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().rev().fold(0, |all, eight| all << 8 | byte(eight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_its_bit() {
        let text: Vec<u8> = (0..=255).cycle().step_by(37).take(600).collect();
        for length in [0, 1, 63, 64, 65, 600] {
            for base in (0..length).step_by(BLOCK) {
                let found = places(&text[..length], base);
                for index in 0..BLOCK {
                    let expected = text[..length].get(base + index).is_some_and(|byte| may_begin(*byte));
                    assert_eq!(found >> index & 1 == 1, expected, "{base} {index}");
                }
            }
        }
    }

    #[test]
    fn what_is_asked_of_is_a_place() {
        for byte in 0..=255_u8 {
            let begins = byte.is_ascii_digit()
                || byte.is_ascii_uppercase()
                || byte >= 0x80
                || b"@:={[()]}<-\"'\n".contains(&byte);
            assert!(!begins || may_begin(byte), "{byte}");
        }
        assert!(!(b'a'..=b'z').chain(*b" ./,_&%").any(may_begin));
    }
}
