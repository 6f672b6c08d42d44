//! Where the quotation marks of a line stand that begin and end its texts.

use super::super::members::special;

/// Bytes that are looked at together: a bit for each.
const BLOCK: usize = 64;
/// Eight quotation marks.
const QUOTES: u64 = u64::from_le_bytes([b'"'; 8]);
/// All bits of each byte but the highest.
const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
/// Brings the highest bits of eight bytes together in the highest byte, in their order.
const GATHER: u64 = 0x0002_0408_1020_4081;

/// Puts the places of all quotation marks of `line` that no backslash escapes into `found`. Whether there is no backslash
/// at all, as in nearly every line.
pub fn find(line: &[u8], found: &mut Vec<u32>) -> bool {
    found.clear();
    let is_plain = memchr::memchr(b'\\', line).is_none();
    if is_plain {
        plain(line, found);
    } else {
        escaped(line, found);
    }
    is_plain
}

/// Of a line without backslashes: a word of bits for each block, so that there is one branch that cannot be foreseen for
/// 64 bytes and not for each text.
fn plain(line: &[u8], found: &mut Vec<u32>) {
    let (blocks, rest) = line.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    let mut begin = 0;
    for block in blocks.iter().chain([&last]) {
        let mut bits = marks(block);
        while bits != 0 {
            found.push(begin + bits.trailing_zeros());
            bits &= bits - 1;
        }
        // No record comes near to 4 GiB: a frame of the spool holds half a MiB.
        begin = begin.wrapping_add(BLOCK as u32);
    }
}

/// A bit for each quotation mark of a block.
fn marks(block: &[u8; BLOCK]) -> u64 {
    let (words, _) = block.as_chunks::<8>();
    let bits = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word) ^ QUOTES;
        // The highest bit of each byte that is zero, and no other.
        let zeros = !((word & LOW).wrapping_add(LOW) | word | LOW);
        (zeros >> 7).wrapping_mul(GATHER << 7) >> 56
    };
    words.iter().rev().fold(0, |all, word| all << 8 | bits(word))
}

/// Of a line with backslashes.
fn escaped(line: &[u8], found: &mut Vec<u32>) {
    let mut at = 0;
    while let Some(next) = line.get(at..).and_then(special) {
        at += next;
        if line[at] == b'"' {
            found.push(u32::try_from(at).unwrap_or(u32::MAX));
            at += 1;
        } else {
            at += 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn marks_are_found_and_those_that_are_escaped_are_not(text in r#"([ -~\x00\xff]{0,30}["\\]{0,3}){0,9}"#) {
            let (mut found, mut expected, mut escapes) = (vec![7], vec![], false);
            for (at, byte) in text.bytes().enumerate() {
                if byte == b'"' && !escapes {
                    expected.push(u32::try_from(at).unwrap());
                }
                escapes = byte == b'\\' && !escapes;
            }
            prop_assert_eq!(find(text.as_bytes(), &mut found), !text.contains('\\'));
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn words_of_bits_are_those_of_the_bytes(block in prop::array::uniform32(prop_oneof![Just(b'"'), any::<u8>(), Just(b'"' ^ 0x80), Just(b'#')])) {
            let mut whole = [0; BLOCK];
            whole[..32].copy_from_slice(&block);
            whole[32..].copy_from_slice(&block);
            let expected = whole.iter().enumerate().fold(0, |bits, (at, byte)| bits | u64::from(*byte == b'"') << at);
            prop_assert_eq!(marks(&whole), expected);
        }
    }
}
