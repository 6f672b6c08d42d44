//! W3C Trace Context (<https://www.w3.org/TR/trace-context/>), read strictly and written exactly. What is not valid to
//! the last character is as if it were not there: then a new trace begins.

use std::fmt;

use http::HeaderValue;
use http::header::{HeaderMap, HeaderName};

/// Who the parent is.
pub static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What tracing systems add to it.
pub static TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Bytes of `tracestate` that are passed on: as many as the standard asks of everybody (section 3.3.1.5).
const MOST_STATE_BYTES: usize = 512;
/// Members of `tracestate` (section 3.3.1.1).
const MOST_MEMBERS: usize = 32;
/// Bytes of `traceparent` of version 00 (section 3.2).
const PARENT_BYTES: usize = 55;

/// A trace: 128 bits, never 0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceId(u128);

/// A span: 64 bits, never 0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SpanId(u64);

/// What somebody else's `traceparent` and `tracestate` say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The trace.
    pub trace: TraceId,
    /// The span that calls.
    pub span: SpanId,
    /// Whether the parent is recorded.
    pub sampled: bool,
    /// `tracestate` as it came, valid and bounded; `None` if there is none.
    pub state: Option<HeaderValue>,
}

impl TraceId {
    /// An id of its own for a request: its 128 bits stirred, so that all of them are evenly spread.
    pub const fn of_request(bits: u128) -> Self {
        let (first, last) = halves(bits);
        let high = stir(first ^ stir(last));
        Self(((high as u128) << 64 | stir(last ^ high) as u128) | 1)
    }

    /// The number.
    pub const fn number(self) -> u128 {
        self.0
    }

    /// 32 hexadecimal digits, lower case.
    pub fn hex(self) -> [u8; 32] {
        let mut text = [0; 32];
        write_hex(&self.0.to_be_bytes(), &mut text);
        text
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl SpanId {
    /// The span at a place in a request.
    pub const fn of_request(bits: u128, place: u64) -> Self {
        let (first, last) = halves(bits);
        Self(stir(last.wrapping_add(first).wrapping_add(place.wrapping_mul(0x3c6e_f372_fe94_f82b))) | 1)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The upper and the lower 64 bits.
#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
const fn halves(bits: u128) -> (u64, u64) {
    ((bits >> 64) as u64, bits as u64)
}

/// SplitMix64's last step: each bit of the outcome depends on each of the number.
const fn stir(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

fn write_hex(bytes: &[u8], text: &mut [u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for (byte, pair) in bytes.iter().zip(text.chunks_exact_mut(2)) {
        pair.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
}

impl Parent {
    /// What the fields say, if they say it as they should.
    pub fn read(fields: &HeaderMap) -> Option<Self> {
        let text = single(fields, &TRACEPARENT)?;
        let (trace, span, sampled) = parse(text)?;
        Some(Self { trace: TraceId(trace), span: SpanId(span), sampled, state: state(fields) })
    }
}

/// `traceparent` of version 00.
pub fn traceparent(trace: TraceId, span: SpanId, sampled: bool) -> HeaderValue {
    let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
    write_hex(&trace.0.to_be_bytes(), &mut text[3..35]);
    write_hex(&span.0.to_be_bytes(), &mut text[36..52]);
    text[54] = b'0' + u8::from(sampled);
    // Digits, letters and dashes are always a sound value.
    HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static(""))
}

/// The one value of a field; two of them contradict each other.
fn single<'f>(fields: &'f HeaderMap, name: &HeaderName) -> Option<&'f [u8]> {
    let mut values = fields.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then_some(value.as_bytes())
}

/// Trace, span and whether it is sampled (section 3.2).
fn parse(text: &[u8]) -> Option<(u128, u64, bool)> {
    let [v0, v1, b'-', rest @ ..] = text else { return None };
    let version = digit(*v0)? << 4 | digit(*v1)?;
    // A later version begins as this one does, and goes on behind a dash (section 4.3).
    let sound = match version {
        0xff => false,
        0 => text.len() == PARENT_BYTES,
        _ => text.len() == PARENT_BYTES || text.get(PARENT_BYTES) == Some(&b'-'),
    };
    let (trace, rest) = (number(rest.get(..32)?)?, rest.get(32..)?);
    let [b'-', rest @ ..] = rest else { return None };
    let (span, rest) = (number(rest.get(..16)?)?, rest.get(16..)?);
    let [b'-', f0, f1, ..] = rest else { return None };
    let flags = digit(*f0)? << 4 | digit(*f1)?;
    (sound && trace != 0 && span != 0).then_some((trace, halves(span).1, flags & 1 == 1))
}

fn number(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, byte| Some(number << 4 | u128::from(digit(*byte)?)))
}

/// Lower case alone.
const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// All `tracestate` fields in one, if they are valid (section 3.3.1).
fn state(fields: &HeaderMap) -> Option<HeaderValue> {
    let mut whole: Vec<u8> = Vec::new();
    for value in fields.get_all(&TRACESTATE) {
        if !whole.is_empty() {
            whole.push(b',');
        }
        whole.extend_from_slice(value.as_bytes());
        if whole.len() > MOST_STATE_BYTES {
            return None;
        }
    }
    let mut keys: Vec<&[u8]> = Vec::new();
    for member in whole.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|member| !member.is_empty()) {
        let at = member.iter().position(|byte| *byte == b'=')?;
        let (key, value) = (member.get(..at)?, member.get(at + 1..)?);
        if !is_key(key) || !is_value(value) || keys.contains(&key) || keys.len() == MOST_MEMBERS {
            return None;
        }
        keys.push(key);
    }
    if keys.is_empty() {
        return None;
    }
    HeaderValue::from_bytes(&whole).ok()
}

/// `simple-key`, or `tenant@system` (section 3.3.1.3.1).
fn is_key(key: &[u8]) -> bool {
    let is_rest = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/');
    let is = |key: &[u8], most: usize, digit_first: bool| {
        key.first().is_some_and(|first| first.is_ascii_lowercase() || digit_first && first.is_ascii_digit())
            && key.len() <= most
            && key.iter().all(is_rest)
    };
    match key.iter().position(|byte| *byte == b'@') {
        None => is(key, 256, false),
        Some(at) => is(&key[..at], 241, true) && is(&key[at + 1..], 14, false),
    }
}

/// Printable ASCII without comma and equals sign, not ending in a space (section 3.3.1.3.2).
fn is_value(value: &[u8]) -> bool {
    (1..=256).contains(&value.len())
        && value.iter().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'='))
        && value.last() != Some(&b' ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    fn read(parents: &[&str], states: &[&str]) -> Option<Parent> {
        let mut fields = HeaderMap::new();
        for value in parents {
            fields.append(&TRACEPARENT, HeaderValue::from_bytes(value.as_bytes()).expect("a value"));
        }
        for value in states {
            fields.append(&TRACESTATE, HeaderValue::from_bytes(value.as_bytes()).expect("a value"));
        }
        Parent::read(&fields)
    }

    #[test]
    fn the_standards_example_is_read_and_written_alike() {
        let text = format!("00-{TRACE}-{SPAN}-01");
        let parent = read(&[&text], &["rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"]).expect("a parent");
        assert!(parent.sampled);
        assert_eq!(traceparent(parent.trace, parent.span, true), text.as_str());
        assert_eq!(parent.trace.to_string(), TRACE);
        assert_eq!(parent.trace.hex(), TRACE.as_bytes());
        assert_eq!(parent.state.expect("a state"), "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
        assert_eq!(read(&[&format!("00-{TRACE}-{SPAN}-02")], &[]).map(|parent| parent.sampled), Some(false));
        // Of a later version, what this one knows.
        assert!(read(&[&format!("cc-{TRACE}-{SPAN}-01-what-the-future-has")], &[]).is_some());
        assert!(read(&[&format!("cc-{TRACE}-{SPAN}-01")], &[]).is_some());
    }

    #[test]
    fn what_is_not_valid_is_not_there() {
        let good = format!("00-{TRACE}-{SPAN}-01");
        let zero = "0".repeat(32);
        for bad in [
            "",
            "00",
            &good.to_uppercase(),
            &good.replace("00-", "0-"),
            &good.replace("00-4", "ff-4"),
            &format!("00-{zero}-{SPAN}-01"),
            &format!("00-{TRACE}-{}-01", &zero[..16]),
            &format!("{good}-more"),
            &format!("cc-{TRACE}-{SPAN}-01.more"),
            &format!("00_{TRACE}_{SPAN}_01"),
            &format!("00-{TRACE}-{SPAN}-0g"),
            &format!(" {good}"),
            &format!("00-{}-{SPAN}-01", TRACE.replace('f', "F")),
            &format!("00-{TRACE}-{SPAN}"),
            "00-jane.doe@example.com-1-main-street-springfield-01xx",
        ] {
            assert_eq!(read(&[bad], &[]), None, "{bad:?}");
        }
        assert_eq!(read(&[&good, &good], &[]), None, "two of them");
        assert_eq!(read(&[], &["a=b"]), None);
    }

    #[test]
    fn a_state_that_is_not_valid_goes_and_the_parent_stays() {
        let good = format!("00-{TRACE}-{SPAN}-01");
        let state = |values: &[&str]| read(&[&good], values).expect("a parent").state;
        assert_eq!(state(&["a=1", "b=2"]).expect("both"), "a=1,b=2");
        assert_eq!(state(&["0tenant@sys=x, ,b=y"]).expect("all"), "0tenant@sys=x, ,b=y");
        let many: Vec<String> = (0..33).map(|at| format!("k{at}=v")).collect();
        for bad in [
            "A=1",
            "a",
            "a=",
            "=b",
            "a=b=c",
            "a=1,a=2",
            "0a=1",
            "a@0b=1",
            "@b=1",
            "a=\u{e9}",
            &format!("a={}", "x".repeat(257)),
            &format!("a={},b={}", "x".repeat(250), "y".repeat(259)),
            &many.join(","),
            " ",
        ] {
            assert_eq!(state(&[bad]), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_comes_in_breaks_it(parent in ".{0,80}", state in ".{0,600}") {
            let mut fields = HeaderMap::new();
            for (name, text) in [(&TRACEPARENT, parent), (&TRACESTATE, state)] {
                if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
                    fields.insert(name, value);
                }
            }
            let _ = Parent::read(&fields);
        }

        #[test]
        fn what_is_written_is_read(trace in 1u128.., span in 1u64.., sampled: bool) {
            let written = traceparent(TraceId(trace), SpanId(span), sampled);
            let read = read(&[written.to_str().expect("text")], &[]).expect("a parent");
            prop_assert_eq!((read.trace.0, read.span.0, read.sampled), (trace, span, sampled));
        }
    }

    #[test]
    fn ids_of_requests_are_spread_evenly() {
        // Ids of one millisecond differ in few bits; what is made of them is to differ in half of all.
        let base = 0x0199_0000_0000_7000_8000_0000_0000_0000_u128;
        let ids: Vec<u128> = (0..2000).map(|at| TraceId::of_request(base + at).number()).collect();
        for bit in 1..128 {
            let ones = ids.iter().filter(|id| *id >> bit & 1 == 1).count();
            assert!((850..1150).contains(&ones), "bit {bit}: {ones} of 2000");
        }
        assert_ne!(SpanId::of_request(base, 0), SpanId::of_request(base, 1));
    }
}
