//! The grammar of a message head. Everything that passes is accepted by hyper's parser with the same meaning.

use memchr::memchr;

/// Longest method token: the longest registered one, `UPDATEREDIRECTREF`, has 17 bytes.
const MAX_METHOD: usize = 32;

/// Bounds of a request head.
#[derive(Clone, Copy, Debug)]
pub struct HeadBounds {
    /// Bytes of the whole head.
    pub bytes: usize,
    /// Header fields.
    pub fields: usize,
    /// Bytes of the request target.
    pub target: usize,
}

/// How the body of a message is delimited (RFC 9112 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    None,
    Length(u64),
    Chunked,
}

/// Why a head is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadFault {
    /// Not `method SP target SP HTTP/1.x`.
    RequestLine,
    /// A version other than 1.0 and 1.1.
    Version,
    /// A control, space or non-ASCII byte, or one of `"<>` and the backtick, in the target.
    TargetCharacter,
    /// `#` in the target.
    Fragment,
    /// A line that ends in LF alone, or holds a CR alone.
    BareLineFeed,
    /// A field that goes on in the next line (obs-fold).
    Folded,
    /// A field name with a character outside `[A-Za-z0-9-]`, or without a colon right after it.
    FieldName,
    /// A control character in a field value.
    FieldValue,
    /// `Content-Length` that is not one plain decimal number.
    Length,
    /// `Content-Length` more than once, equal or not.
    RepeatedLength,
    /// `Transfer-Encoding` that is not exactly one `chunked`, or on HTTP/1.0.
    Encoding,
    /// `Content-Length` and `Transfer-Encoding` together.
    LengthAndEncoding,
    /// No `Host` on HTTP/1.1.
    NoHost,
    /// More than one `Host`.
    RepeatedHost,
    /// More bytes or fields than the bounds allow.
    TooLarge,
    /// A target longer than the bound.
    TargetTooLong,
}

/// What the scanner found at the start of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// The head goes on.
    Partial,
    /// A sound head, `end` bytes with its empty line.
    Complete { end: usize, framing: Framing },
    /// A head that must not be served.
    Fault(HeadFault),
}

/// Scans a request head.
pub(super) fn request(bytes: &[u8], bounds: &HeadBounds) -> Scan {
    let Some(line) = Line::at(bytes, 0) else {
        let too_long = bytes.len() > bounds.target + MAX_METHOD + 16;
        return if too_long { Scan::Fault(HeadFault::TargetTooLong) } else { Scan::Partial };
    };
    let version = line.text.and_then(|text| request_line(text, bounds.target));
    fields(bytes, line.next, bounds, version, Fields::framing)
}

/// Scans the head of an answer: line ends, field syntax, and lengths that contradict each other. What the framing
/// means also depends on the request, which is hyper's part.
pub(super) fn answer(bytes: &[u8], bounds: &HeadBounds) -> Scan {
    let Some(line) = Line::at(bytes, 0) else {
        return if bytes.len() >= bounds.bytes { Scan::Fault(HeadFault::TooLarge) } else { Scan::Partial };
    };
    fields(bytes, line.next, bounds, line.text.and_then(status_line), Fields::body)
}

/// Scans what follows the first line, and lets `judge` say how the body is delimited.
fn fields(
    bytes: &[u8],
    start: usize,
    bounds: &HeadBounds,
    version: Result<Version, HeadFault>,
    judge: impl FnOnce(&Fields, Version) -> Result<Framing, HeadFault>,
) -> Scan {
    let version = match version {
        Ok(version) => version,
        Err(fault) => return Scan::Fault(fault),
    };
    let mut fields = Fields::default();
    match walk(bytes, start, bounds, |name, value| fields.take(name, value)) {
        Walk::Partial if bytes.len() >= bounds.bytes => Scan::Fault(HeadFault::TooLarge),
        Walk::Partial => Scan::Partial,
        Walk::Fault(fault) => Scan::Fault(fault),
        Walk::End(end) => match judge(&fields, version) {
            Ok(framing) => Scan::Complete { end, framing },
            Err(fault) => Scan::Fault(fault),
        },
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Http10,
    Http11,
}

/// One line: its text without CR LF, or the fault of its end; and where the next one starts.
struct Line<'b> {
    text: Result<&'b [u8], HeadFault>,
    next: usize,
}

impl<'b> Line<'b> {
    fn at(bytes: &'b [u8], start: usize) -> Option<Self> {
        let rest = &bytes[start..];
        let end = memchr(b'\n', rest)?;
        let text = match rest[..end].split_last() {
            Some((b'\r', text)) => Ok(text),
            _ => Err(HeadFault::BareLineFeed),
        };
        Some(Self { text, next: start + end + 1 })
    }
}

enum Walk {
    Partial,
    End(usize),
    Fault(HeadFault),
}

/// Walks the fields from `start` to the empty line.
fn walk(
    bytes: &[u8],
    start: usize,
    bounds: &HeadBounds,
    mut take: impl FnMut(&[u8], &[u8]) -> Result<(), HeadFault>,
) -> Walk {
    let mut at = start;
    let mut count = 0;
    while let Some(line) = Line::at(bytes, at) {
        let text = match line.text {
            Ok(text) => text,
            Err(fault) => return Walk::Fault(fault),
        };
        at = line.next;
        if at > bounds.bytes {
            return Walk::Fault(HeadFault::TooLarge);
        }
        if text.is_empty() {
            return Walk::End(at);
        }
        count += 1;
        if count > bounds.fields {
            return Walk::Fault(HeadFault::TooLarge);
        }
        if let Err(fault) = field(text).and_then(|(name, value)| take(name, value)) {
            return Walk::Fault(fault);
        }
    }
    Walk::Partial
}

/// Splits a field line into its name and its trimmed value.
pub(super) fn field(line: &[u8]) -> Result<(&[u8], &[u8]), HeadFault> {
    if matches!(line.first(), Some(b' ' | b'\t')) {
        return Err(HeadFault::Folded);
    }
    let colon = line.iter().position(|byte| !NAME[usize::from(*byte)]).ok_or(HeadFault::FieldName)?;
    if colon == 0 || line[colon] != b':' {
        return Err(HeadFault::FieldName);
    }
    let value = &line[colon + 1..];
    no_controls(value)?;
    Ok((&line[..colon], value.trim_ascii()))
}

/// What text behind a name or a status may hold (RFC 9110 section 5.5, RFC 9112 section 4): no controls but tabs.
fn no_controls(text: &[u8]) -> Result<(), HeadFault> {
    // A fold without branches, so that it compiles to vector instructions.
    let bad = text.iter().fold(false, |bad, &byte| bad | ((byte < 0x20) & (byte != b'\t')) | (byte == 0x7f));
    match bad {
        false => Ok(()),
        true if text.contains(&b'\r') => Err(HeadFault::BareLineFeed),
        true => Err(HeadFault::FieldValue),
    }
}

/// Characters of a field name that everybody reads alike: `_` becomes `-` in CGI, `.` in some frameworks.
#[expect(clippy::cast_possible_truncation, reason = "counts to 255")]
const NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'-';
        byte += 1;
    }
    table
};

fn request_line(line: &[u8], longest_target: usize) -> Result<Version, HeadFault> {
    if line.first() == Some(&b'\r') || line.is_empty() {
        return Err(HeadFault::RequestLine);
    }
    let space = memchr(b' ', line).ok_or(HeadFault::RequestLine)?;
    let (method, rest) = (&line[..space], &line[space + 1..]);
    if method.is_empty() || method.len() > MAX_METHOD || !method.iter().all(|byte| is_token(*byte)) {
        return Err(HeadFault::RequestLine);
    }
    let space = memchr(b' ', rest).ok_or(HeadFault::RequestLine)?;
    let (target, version) = (&rest[..space], &rest[space + 1..]);
    if target.is_empty() {
        return Err(HeadFault::RequestLine);
    }
    if target.len() > longest_target {
        return Err(HeadFault::TargetTooLong);
    }
    let bad = target.iter().fold(false, |bad, &byte| {
        bad | (byte <= 0x20) | (byte >= 0x7f) | matches!(byte, b'"' | b'#' | b'<' | b'>' | b'`')
    });
    if bad {
        return Err(if target.contains(&b'#') { HeadFault::Fragment } else { HeadFault::TargetCharacter });
    }
    // Other forms than origin form are rare, and hyper refuses some of them without a word to the service.
    if target[0] != b'/' && http::Uri::try_from(target).is_err() {
        return Err(HeadFault::RequestLine);
    }
    match version {
        b"HTTP/1.1" => Ok(Version::Http11),
        b"HTTP/1.0" => Ok(Version::Http10),
        other if other.starts_with(b"HTTP/") && other.len() == 8 => Err(HeadFault::Version),
        _ => Err(HeadFault::RequestLine),
    }
}

fn status_line(line: &[u8]) -> Result<Version, HeadFault> {
    let version = match line.get(..9) {
        Some(b"HTTP/1.1 ") => Version::Http11,
        Some(b"HTTP/1.0 ") => Version::Http10,
        _ => return Err(HeadFault::Version),
    };
    let code = line.get(9..12).ok_or(HeadFault::RequestLine)?;
    let sound = code.iter().all(u8::is_ascii_digit) && matches!(line.get(12), None | Some(b' '));
    if !sound {
        return Err(HeadFault::RequestLine);
    }
    no_controls(&line[12..]).map(|()| version)
}

/// `tchar` of RFC 9110 section 5.6.2.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The fields that delimit a message, as they are met.
#[derive(Default)]
struct Fields {
    length: Option<u64>,
    chunked: bool,
    hosts: u8,
}

impl Fields {
    fn take(&mut self, name: &[u8], value: &[u8]) -> Result<(), HeadFault> {
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => self.hosts = self.hosts.saturating_add(1),
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                let length = decimal(value).ok_or(HeadFault::Length)?;
                if self.length.replace(length).is_some() {
                    return Err(HeadFault::RepeatedLength);
                }
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                if self.chunked || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(HeadFault::Encoding);
                }
                self.chunked = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn framing(&self, version: Version) -> Result<Framing, HeadFault> {
        match self.hosts {
            0 if version == Version::Http11 => return Err(HeadFault::NoHost),
            0 | 1 => {}
            _ => return Err(HeadFault::RepeatedHost),
        }
        self.body(version)
    }

    fn body(&self, version: Version) -> Result<Framing, HeadFault> {
        match (self.chunked, self.length) {
            (true, Some(_)) => Err(HeadFault::LengthAndEncoding),
            (true, None) if version == Version::Http10 => Err(HeadFault::Encoding),
            (true, None) => Ok(Framing::Chunked),
            (false, Some(length)) => Ok(Framing::Length(length)),
            (false, None) => Ok(Framing::None),
        }
    }
}

/// `1*DIGIT` below 10^18: no sign, no list, no hexadecimal.
fn decimal(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value.len() > 18 || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(value.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests;
