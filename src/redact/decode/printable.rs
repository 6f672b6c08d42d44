//! Quoted-printable text (RFC 2045 section 6.7), which mailers log as it went over the wire.

use super::Map;

/// Appends `text` with its escapes undone to `out`, and says in `map` where its bytes came from. Only `=` and two capital
/// hexadecimal digits count, of a control character or a byte beyond ASCII: `a=20` is a pair.
pub fn unprintable(text: &[u8], out: &mut Vec<u8>, map: &mut Map) {
    let (mut at, mut copied) = (0, 0);
    while let Some(found) = memchr::memchr(b'=', &text[at..]).map(|offset| at + offset) {
        at = found + 1;
        let Some(byte) = text.get(found + 1..found + 3).and_then(escaped) else { continue };
        if found > copied {
            map.copied(out.len(), copied);
            out.extend_from_slice(&text[copied..found]);
        }
        map.escape(out.len(), found);
        out.push(byte);
        at = found + 3;
        copied = at;
    }
    if copied < text.len() {
        map.copied(out.len(), copied);
        out.extend_from_slice(&text[copied..]);
    }
}

fn escaped(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let byte = digit(digits[0])? << 4 | digit(digits[1])?;
    (byte >= 0x80 || matches!(byte, b'\r' | b'\n' | b'=' | b',')).then_some(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_beyond_ascii_and_line_ends_are_undone() {
        let (mut out, mut map) = (Vec::new(), Map::default());
        unprintable(b"a=20 =0D=0ADear Efra=C3=ADn", &mut out, &mut map);
        assert_eq!(out, "a=20 \r\nDear Efra\u{ed}n".as_bytes());
        assert_eq!(map.source(0, 2, usize::MAX), (0, 2));
        assert_eq!(map.source(7, out.len(), usize::MAX), (11, 27));
    }
}
