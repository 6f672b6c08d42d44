//! Sixty-four bytes of a text at a time, one bit for each that fits.

/// Bytes that are looked at together.
pub const BLOCK: usize = 64;

/// One bit for each byte of the block of `text` that begins at `base`, the first one lowest: whether it fits. After the text
/// there are zeros. `fits` must have no branches, so that sixteen bytes are looked at in one step.
#[inline(always)]
pub fn block(text: &[u8], base: usize, fits: impl Fn(u8) -> bool) -> u64 {
    let rest = text.get(base..).unwrap_or_default();
    match rest.first_chunk::<BLOCK>() {
        Some(whole) => bits(whole, fits),
        None => {
            let mut bytes = [0; BLOCK];
            bytes[..rest.len()].copy_from_slice(rest);
            // Shorter than a block.
            bits(&bytes, fits) & ((1 << rest.len()) - 1)
        }
    }
}

/// Places of `from..to` whose byte fits, in order.
pub fn places(text: &[u8], from: usize, to: usize, fits: impl Fn(u8) -> bool) -> impl Iterator<Item = usize> {
    let text = &text[..to];
    let (mut base, mut next, mut left) = (from, from, 0_u64);
    std::iter::from_fn(move || {
        while left == 0 {
            if next >= to {
                return None;
            }
            base = next;
            left = block(text, base, &fits);
            next += BLOCK;
        }
        let place = base + left.trailing_zeros() as usize;
        left &= left - 1;
        (place < to).then_some(place)
    })
}

/// The same from the last one on.
pub fn places_back(text: &[u8], from: usize, to: usize, fits: impl Fn(u8) -> bool) -> impl Iterator<Item = usize> {
    let text = &text[..to];
    let (mut base, mut left) = (to, 0_u64);
    std::iter::from_fn(move || {
        while left == 0 {
            if base <= from {
                return None;
            }
            let end = base;
            base = from.max(end.saturating_sub(BLOCK));
            left = block(&text[..end], base, &fits);
        }
        let place = base + 63 - left.leading_zeros() as usize;
        left &= !(1 << (place - base));
        Some(place)
    })
}

#[inline(always)]
fn bits(bytes: &[u8; BLOCK], fits: impl Fn(u8) -> bool) -> u64 {
    let flags = bytes.map(|byte| u8::from(fits(byte)));
    let (eights, _) = flags.as_chunks::<8>();
    // Each of the eight flags comes to a place of its own in the uppermost byte.
    let byte = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().rev().fold(0, |all, eight| all << 8 | byte(eight))
}

/// Digits.
#[inline(always)]
pub const fn is_digit(byte: u8) -> bool {
    byte.wrapping_sub(b'0') < 10
}

/// What is neither a small letter of ASCII nor a digit, and not a double quote or a comma, of which logs are full.
#[inline(always)]
pub const fn is_mark(byte: u8) -> bool {
    (byte.wrapping_sub(b'a') >= 26) & (byte.wrapping_sub(b'0') >= 10) & (byte != b'"') & (byte != b',')
}

/// Brackets, and ends of lines.
#[inline(always)]
pub const fn is_bound(byte: u8) -> bool {
    let folded = byte | 0x20;
    (byte.wrapping_sub(b'(') < 2) | (folded == b'{') | (folded == b'}') | (byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_from_either_end() {
        let text: Vec<u8> = (0..=255).cycle().step_by(37).take(600).collect();
        for (from, to) in [(0, 0), (0, 600), (3, 67), (3, 68), (64, 128), (17, 401), (599, 600)] {
            let expected: Vec<usize> = (from..to).filter(|place| is_bound(text[*place])).collect();
            assert_eq!(places(&text, from, to, is_bound).collect::<Vec<_>>(), expected);
            let mut back: Vec<usize> = places_back(&text, from, to, is_bound).collect();
            back.reverse();
            assert_eq!(back, expected);
        }
    }

    #[test]
    fn classes_are_what_they_say() {
        for byte in 0..=255_u8 {
            assert_eq!(is_digit(byte), byte.is_ascii_digit());
            let is_usual = byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'"' | b',');
            assert_eq!(is_mark(byte), !is_usual);
            assert_eq!(is_bound(byte), b"()[]{}\n".contains(&byte), "{byte}");
        }
    }
}
