//! Places of a text at which something may begin: sixty-four bytes at a time, one bit for each.

use crate::redact::detect::blocks::block;

/// The places in the block of `text` that begins at `base`: digits, capitals, quotes, brackets, separators, dashes, signs
/// of addresses, ends of lines, what is beyond ASCII, and a few marks that lie between these. Nothing is after the text.
#[inline]
pub fn places(text: &[u8], base: usize) -> u64 {
    block(text, base, may_begin)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::detect::blocks::BLOCK;

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
