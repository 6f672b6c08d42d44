//! The rules of a path, in one pass: [`survey`] says whether a text is canonical, and why it is refused;
//! [`normalise`] brings it into canonical form and leaves every judgement to the next survey.

use super::{MAX_SEGMENTS, PathFault};
use crate::policy::settings::PathProfile;

/// What a canonical path has that asks for a second look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Traits {
    /// A segment holds `%2F`.
    pub encoded_slash: bool,
    /// There are escapes, so that segments must be decoded to be compared.
    pub escapes: bool,
    /// There are letters that a reader without regard to case takes for others.
    pub capitals: bool,
    /// A segment ends in a dot or a space.
    pub loose_ends: bool,
    /// A segment before the last looks like a script.
    pub script: bool,
}

/// Why a text is not a canonical path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// It is to be refused.
    Fault(PathFault),
    /// It has a canonical form, and is not in it.
    NotCanonical,
}

impl From<PathFault> for Finding {
    fn from(fault: PathFault) -> Self {
        Self::Fault(fault)
    }
}

/// What a raw byte is in a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Capital,
    Dot,
    Slash,
    Percent,
    Semicolon,
    Colon,
    Backslash,
    Refused(PathFault),
}

/// RFC 3986 section 3.3: `pchar = unreserved / pct-encoded / sub-delims / ":" / "@"`.
static CLASSES: [Class; 256] = {
    let mut classes = [Class::Refused(PathFault::NonAscii); 256];
    let mut byte = 0;
    while byte < 128 {
        #[expect(clippy::cast_possible_truncation, reason = "below 128")]
        let class = class(byte as u8);
        classes[byte] = class;
        byte += 1;
    }
    classes
};

const fn class(byte: u8) -> Class {
    match byte {
        b'A'..=b'Z' => Class::Capital,
        b'.' => Class::Dot,
        b'/' => Class::Slash,
        b'%' => Class::Percent,
        b';' => Class::Semicolon,
        b':' => Class::Colon,
        b'\\' => Class::Backslash,
        b'#' => Class::Refused(PathFault::Fragment),
        0 => Class::Refused(PathFault::Nul),
        b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' | b'@' => Class::Plain,
        b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' => Class::Plain,
        _ if byte.is_ascii_control() => Class::Refused(PathFault::Control),
        _ => Class::Refused(PathFault::Character),
    }
}

/// RFC 3986 section 2.3.
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Judges a text that starts with `/`.
pub(super) fn survey(text: &str, profile: PathProfile) -> Result<Traits, Finding> {
    let bytes = text.as_bytes();
    let mut traits = Traits::default();
    let mut segments = 0;
    let mut script = false;
    let (mut start, mut at) = (1, 1);
    while let Some(&byte) = bytes.get(at) {
        match CLASSES[usize::from(byte)] {
            Class::Plain => {}
            Class::Capital => traits.capitals = true,
            Class::Dot => script |= begins_script_extension(&bytes[at + 1..]),
            Class::Slash => {
                // Two slashes: the empty segment goes. The one after the last slash of all is no segment.
                if start == at {
                    return Err(Finding::NotCanonical);
                }
                end_segment(&text[start..at], profile, &mut traits)?;
                segments += 1;
                // A script with nothing but a slash behind it has no path info.
                traits.script |= script && at + 1 < bytes.len();
                script = false;
                start = at + 1;
            }
            Class::Percent => at += escape(&bytes[at..], profile, &mut traits)?,
            Class::Semicolon if profile == PathProfile::Tomcat => {}
            Class::Semicolon => return Err(PathFault::Semicolon.into()),
            Class::Colon if profile == PathProfile::Iis => return Err(PathFault::Colon.into()),
            Class::Colon => {}
            Class::Backslash if profile == PathProfile::Iis => return Err(Finding::NotCanonical),
            Class::Backslash => return Err(PathFault::Backslash.into()),
            Class::Refused(fault) => return Err(fault.into()),
        }
        at += 1;
    }
    if start < bytes.len() {
        end_segment(&text[start..], profile, &mut traits)?;
        segments += 1;
    }
    if segments > MAX_SEGMENTS { Err(PathFault::TooManySegments.into()) } else { Ok(traits) }
}

/// A first guess, on the way: [`super::reading`] looks at the whole extension.
fn begins_script_extension(after_dot: &[u8]) -> bool {
    matches!(
        after_dot,
        [b'p' | b'P', b'h' | b'H', ..] | [b'a' | b'A', b's' | b'S', ..] | [b'c' | b'C', b'g' | b'G', ..]
    )
}

/// Judges a segment that is not empty, and whose characters have been seen.
fn end_segment(segment: &str, profile: PathProfile, traits: &mut Traits) -> Result<(), Finding> {
    let bytes = segment.as_bytes();
    if bytes[0] == b'.' {
        match segment {
            "." => return Err(Finding::NotCanonical),
            ".." => return Err(PathFault::DotDot.into()),
            _ => {}
        }
    }
    if bytes[bytes.len() - 1] == b'.' || segment.ends_with("%20") {
        if profile == PathProfile::Iis {
            return Err(PathFault::TrailingDotOrSpace.into());
        }
        traits.loose_ends = true;
    }
    if traits.escapes && segment.contains('%') && hides_dot_dot(segment) {
        return Err(PathFault::DotDot.into());
    }
    if profile == PathProfile::Tomcat
        && let Some((name, _)) = segment.split_once(';')
    {
        match name {
            ".." => return Err(PathFault::DotDot.into()),
            // `/;x/` and `/.;x/` vanish when the parameters are cut: what is left is not what was matched.
            "" | "." => return Err(PathFault::Semicolon.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a reader that decodes `%2F` or drops spaces at an end sees `..`. Nobody sends that in good faith.
fn hides_dot_dot(segment: &str) -> bool {
    segment.split("%2F").any(|part| {
        let mut name = part;
        while let Some(shorter) = name.strip_suffix("%20") {
            name = shorter;
        }
        name == ".." || (name == "." && part != name)
    })
}

/// Judges the escape at the front of `bytes`; returns how many bytes it has beyond the first.
fn escape(bytes: &[u8], profile: PathProfile, traits: &mut Traits) -> Result<usize, Finding> {
    let byte = escaped_byte(bytes)?;
    let canonical = !bytes[1].is_ascii_lowercase() && !bytes[2].is_ascii_lowercase();
    if is_unreserved(byte) || !canonical {
        return Err(Finding::NotCanonical);
    }
    traits.escapes = true;
    match byte {
        0 => return Err(PathFault::Nul.into()),
        b'/' => traits.encoded_slash = true,
        b';' => return Err(PathFault::Semicolon.into()),
        b':' if profile == PathProfile::Iis => return Err(PathFault::Colon.into()),
        b'\\' if profile == PathProfile::Iis => return Err(Finding::NotCanonical),
        b'\\' => return Err(PathFault::Backslash.into()),
        b'%' if is_encoded_again(&bytes[3..]) => return Err(PathFault::DoubleEncoding.into()),
        0x80.. => {
            traits.capitals = true;
            return Ok(escaped_character(bytes)? * 3 - 1);
        }
        _ if byte.is_ascii_control() => return Err(PathFault::Control.into()),
        _ => {}
    }
    Ok(2)
}

/// The byte that `%XX` stands for.
fn escaped_byte(bytes: &[u8]) -> Result<u8, PathFault> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    match bytes {
        [b'%', high, low, ..] => match (digit(*high), digit(*low)) {
            (Some(high), Some(low)) => Ok(high << 4 | low),
            _ => Err(PathFault::MalformedPercent),
        },
        _ => Err(PathFault::MalformedPercent),
    }
}

/// Whether what follows a `%25` makes an escape of it for whom decodes twice: `2F`, or the `u002F` of older servers.
fn is_encoded_again(after: &[u8]) -> bool {
    let hexadecimal = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit);
    match after {
        [b'u' | b'U', a, b, c, d, ..] => hexadecimal(&[*a, *b, *c, *d]),
        [a, b, ..] => hexadecimal(&[*a, *b]),
        _ => false,
    }
}

/// The number of escapes at the front that make one character beyond ASCII (RFC 3629).
fn escaped_character(bytes: &[u8]) -> Result<usize, PathFault> {
    let mut character = [0; 4];
    for length in 1..=character.len() {
        let Some(next @ [b'%', ..]) = bytes.get((length - 1) * 3..) else { break };
        character[length - 1] = escaped_byte(next)?;
        match std::str::from_utf8(&character[..length]) {
            Ok(text) if text.chars().any(char::is_control) => return Err(PathFault::Control),
            Ok(_) => return Ok(length),
            // Not whole yet; whatever else is wrong does not get better.
            Err(error) if error.error_len().is_none() => {}
            Err(_) => break,
        }
    }
    Err(PathFault::NotUtf8)
}

/// Brings a path into canonical form. Escapes come from escapes only: a `%` that is malformed ends it, so that no two
/// halves ever join to a new one.
pub(super) fn normalise(raw: &str, profile: PathProfile) -> Result<String, PathFault> {
    let mut text = String::with_capacity(raw.len());
    let mut start = 0;
    let mut bytes = raw.as_bytes();
    while let Some(&first) = bytes.first() {
        let escaped = first == b'%';
        let byte = if escaped { escaped_byte(bytes)? } else { first };
        bytes = &bytes[if escaped { 3 } else { 1 }..];
        match byte {
            b'/' if !escaped => start = end_raw_segment(&mut text, start),
            b'\\' if profile == PathProfile::Iis => start = end_raw_segment(&mut text, start),
            _ if escaped && !is_unreserved(byte) => push_escape(&mut text, byte),
            _ if byte.is_ascii() => text.push(char::from(byte)),
            _ => return Err(PathFault::NonAscii),
        }
    }
    if &text[start..] == "." {
        text.truncate(start);
    }
    Ok(text)
}

/// Ends a segment with a slash, or drops it; returns where the next one starts.
fn end_raw_segment(text: &mut String, start: usize) -> usize {
    match &text[start..] {
        "" | "." if start > 0 => text.truncate(start),
        _ => text.push('/'),
    }
    text.len()
}

fn push_escape(text: &mut String, byte: u8) {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    text.extend(['%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}
