//! Frames (RFC 5425, octet counting) with one message (RFC 5424) each.
//!
//! ```text
//! LEN SP <PRI>1 TIME HOST portcullis PID CODE [portcullis@PEN seq="7" chain="gate-0/…" class="4002"] {…}
//! ```
//!
//! No frame is longer than [`LONGEST`]: what receivers do with the rest of a longer one differs, and some read it as a
//! message of its own, which whoever fills a record's fields could then write. All is ASCII, without a byte order mark:
//! receivers keep the mark as text.

use std::borrow::Cow;

use super::super::head::Head;
use super::super::index::Index;
use super::super::members::{number, text};
use super::super::projection::cef::cef;
use super::super::projection::time::timestamp;
use super::super::receiver::Sent;
use super::stub::stub;
use crate::policy::settings::{SyslogFacility, SyslogFormat};

/// Longest message. Receivers must take 2,048 bytes and should take 8,192 (RFC 5425, section 4.3.1); rsyslog takes 8,096
/// where nobody said otherwise.
pub const LONGEST: usize = 8_000;
/// Longest host name (RFC 5424, section 6).
const HOST: usize = 255;
/// Longest message id.
const CODE: usize = 32;
/// Longest value of structured data that is shown: names of chains are below 300 bytes.
const VALUE: usize = 600;

/// Writes frames.
#[derive(Debug)]
pub struct Framer {
    facility: u8,
    format: SyslogFormat,
    /// `portcullis <pid> `
    application: Vec<u8>,
    /// ` [portcullis@<PEN> seq="`
    element: Vec<u8>,
    /// A message, before its length is known.
    message: Vec<u8>,
    index: Index,
}

impl Framer {
    /// Frames of the process `process`, whose structured data is named by the enterprise number `enterprise`.
    pub fn new(facility: SyslogFacility, format: SyslogFormat, enterprise: u32, process: u32) -> Self {
        Self {
            facility: facility.code(),
            format,
            application: format!(" portcullis {process} ").into_bytes(),
            element: format!(" [portcullis@{enterprise} seq=\"").into_bytes(),
            message: Vec::with_capacity(LONGEST),
            index: Index::default(),
        }
    }

    /// Appends the frame of a record; `false` if it is no record.
    pub fn frame(&mut self, record: Sent<'_>, out: &mut Vec<u8>) -> bool {
        let Some(told) = Head::of(record.line).and_then(Told::of) else { return false };
        self.message.clear();
        self.head(&told, record.sequence);
        let room = LONGEST.saturating_sub(self.message.len());
        let mut line = &b""[..];
        match self.format {
            SyslogFormat::Cef => cef(&self.index.of(record.line), room, &mut self.message),
            // As it stands: it need not be moved twice.
            SyslogFormat::Ocsf if record.line.len() <= room && record.line.is_ascii() => line = record.line,
            SyslogFormat::Ocsf => {
                if !stub(record.line, room, &mut self.message) {
                    return false;
                }
            }
        }
        out.extend_from_slice(itoa::Buffer::new().format(self.message.len() + line.len()).as_bytes());
        out.push(b' ');
        out.extend_from_slice(&self.message);
        out.extend_from_slice(line);
        true
    }

    fn head(&mut self, told: &Told<'_>, sequence: u64) {
        let out = &mut self.message;
        out.push(b'<');
        decimal(u64::from(self.facility) * 8 + severity(told.severity), out);
        out.extend_from_slice(b">1 ");
        timestamp(told.time, out);
        out.push(b' ');
        // The gate's name, whoever reads the spool: records of another gate keep theirs.
        let host = told.chain.rsplit_once('/').map_or(&*told.chain, |(instance, _)| instance);
        graphic(host, HOST, out);
        out.extend_from_slice(&self.application);
        graphic(&told.code, CODE, out);
        out.extend_from_slice(&self.element);
        decimal(sequence, out);
        out.extend_from_slice(b"\" chain=\"");
        parameter(&told.chain, out);
        out.extend_from_slice(b"\" class=\"");
        out.extend_from_slice(told.class);
        out.extend_from_slice(b"\"] ");
    }
}

/// What the head of a message tells of a record, without JSON's escapes.
struct Told<'l> {
    class: &'l [u8],
    code: Cow<'l, str>,
    chain: Cow<'l, str>,
    severity: u64,
    time: u64,
}

impl<'l> Told<'l> {
    fn of(head: Head<'l>) -> Option<Self> {
        let Head { class, code, chain, severity, time } = head;
        Some(Self { class, code: text(code)?, chain: text(chain)?, severity: number(severity)?, time })
    }
}

/// From OCSF's six to the numbers of RFC 5424.
const fn severity(id: u64) -> u64 {
    match id {
        1 => 6, // informational
        2 => 5, // notice
        3 => 4, // warning
        4 => 3, // error
        5 => 2, // critical
        6 => 1, // alert
        _ => 5,
    }
}

fn decimal(value: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Printable ASCII without spaces, as header fields are; `-` where there is nothing.
fn graphic(value: &str, longest: usize, out: &mut Vec<u8>) {
    if value.is_empty() {
        return out.push(b'-');
    }
    out.extend(value.bytes().take(longest).map(|byte| if byte.is_ascii_graphic() { byte } else { b'-' }));
}

/// A parameter's value: quote, backslash and bracket escaped (section 6.3.3). What is not ASCII is no part of our names.
fn parameter(value: &str, out: &mut Vec<u8>) {
    for byte in value.bytes().take(VALUE) {
        if matches!(byte, b'"' | b'\\' | b']') {
            out.push(b'\\');
        }
        out.push(if matches!(byte, b' '..=b'~') { byte } else { b'?' });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn times_are_those_of_the_calendar() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_767_225_600_123, "2026-01-01T00:00:00.123Z"),
            (u64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(shown(|out| timestamp(millis, out)), text);
        }
    }

    #[test]
    fn what_would_end_a_parameter_is_escaped() {
        assert_eq!(shown(|out| parameter(r#"a"b\c]d"#, out)), r#"a\"b\\c\]d"#);
        assert_eq!(shown(|out| graphic("a b\u{e9}", HOST, out)), "a-b--");
        assert_eq!(shown(|out| graphic("", HOST, out)), "-");
    }

    #[test]
    fn a_frame_is_counted_and_says_whose_it_is() {
        let mut framer = Framer::new(SyslogFacility::Audit, SyslogFormat::Ocsf, 32_473, 7);
        let line =
            br#"{"class_uid":1008,"metadata":{"event_code":"LOG.GAP","log_name":"gate-0/e"},"severity_id":5,"time":0}"#;
        let mut out = Vec::new();
        assert!(framer.frame(Sent { sequence: 9, line }, &mut out));
        let head = r#"<106>1 1970-01-01T00:00:00.000Z gate-0 portcullis 7 LOG.GAP [portcullis@32473 seq="9" chain="gate-0/e" class="1008"] "#;
        let message = format!("{head}{}", str::from_utf8(line).unwrap());
        assert_eq!(String::from_utf8(out).unwrap(), format!("{} {message}", message.len()));
        assert!(!framer.frame(Sent { sequence: 9, line: b"{}" }, &mut Vec::new()));
    }

    proptest! {
        #[test]
        fn dates_are_those_that_others_find(millis in 0u64..253_402_300_799_999) {
            let at = jiff::Timestamp::from_millisecond(i64::try_from(millis).unwrap()).unwrap();
            prop_assert_eq!(shown(|out| timestamp(millis, out)), at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string());
        }
    }
}
