//! Frames of syslog, read by `syslog_loose` as Vector reads them, and by the letter of the RFCs.

use portcullis::audit::proof::Leaf;
use portcullis::delivery::Sent;
use portcullis::delivery::syslog::{Framer, LONGEST};
use portcullis::policy::settings::{SyslogFacility, SyslogFormat};
use serde_json::Value;
use syslog_loose::{ProcId, Protocol, SyslogFacility as Facility, SyslogSeverity, Variant, parse_message};

use crate::ocsf::assert_valid_stub;
use crate::ocsf::events::{long_samples, samples};

/// The messages of a stream of frames, which it is made of to its last byte (RFC 5425, section 4.3).
pub fn messages(mut stream: &[u8]) -> Vec<String> {
    let mut messages = Vec::new();
    while !stream.is_empty() {
        let space = stream.iter().position(|byte| *byte == b' ').expect("a length");
        let digits = str::from_utf8(&stream[..space]).unwrap();
        assert!(!digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()), "{digits}");
        let length: usize = digits.parse().unwrap();
        let message = &stream[space + 1..space + 1 + length];
        assert!(message.iter().all(|byte| matches!(byte, b' '..=b'~')), "{}", String::from_utf8_lossy(message));
        assert!(length <= LONGEST);
        messages.push(String::from_utf8(message.to_vec()).unwrap());
        stream = &stream[space + 1 + length..];
    }
    messages
}

pub fn framed(records: &[Vec<u8>], format: SyslogFormat) -> Vec<String> {
    let mut framer = Framer::new(SyslogFacility::Audit, format, 32_473, 4_711);
    let mut stream = Vec::new();
    for (record, sequence) in records.iter().zip(1..) {
        assert!(framer.frame(Sent { sequence, line: record }, &mut stream));
    }
    let messages = messages(&stream);
    assert_eq!(messages.len(), records.len(), "one record, one message");
    messages
}

#[test]
fn every_event_is_a_message_that_others_read() {
    let records = [samples(), long_samples()].concat();
    for (message, (record, sequence)) in framed(&records, SyslogFormat::Ocsf).iter().zip(records.iter().zip(1u64..)) {
        let record: Value = serde_json::from_slice(record).unwrap();
        let read = parse_message(message, Variant::RFC5424);
        assert_eq!(read.protocol, Protocol::RFC5424(1));
        assert_eq!(read.facility, Some(Facility::LOG_AUDIT));
        let severity = match record["severity_id"].as_u64().unwrap() {
            1 => SyslogSeverity::SEV_INFO,
            2 => SyslogSeverity::SEV_NOTICE,
            3 => SyslogSeverity::SEV_WARNING,
            4 => SyslogSeverity::SEV_ERR,
            5 => SyslogSeverity::SEV_CRIT,
            other => panic!("{other}"),
        };
        assert_eq!(read.severity, Some(severity));
        assert_eq!((read.hostname, read.appname), (Some("gate-0"), Some("portcullis")));
        assert_eq!(read.procid, Some(ProcId::PID(4_711)));
        assert_eq!(read.msgid, record["metadata"]["event_code"].as_str());
        let millis = u64::try_from(read.timestamp.unwrap().timestamp_millis()).unwrap();
        assert_eq!(Some(millis), record["time"].as_u64());
        assert_eq!(read.structured_data.len(), 1);
        let element = &read.structured_data[0];
        assert_eq!(element.id, "portcullis@32473");
        let (sequence, class) = (sequence.to_string(), record["class_uid"].to_string());
        let parameters: Vec<_> = element.params.iter().map(|(name, value)| (*name, value.to_string())).collect();
        let chain = record["metadata"]["log_name"].as_str().unwrap().to_owned();
        assert_eq!(parameters, [("seq", sequence), ("chain", chain), ("class", class)]);
        let shown: Value = serde_json::from_str(read.msg).unwrap();
        if shown["metadata"]["is_truncated"] != true {
            assert_eq!(shown, record);
        }
    }
}

#[test]
fn what_is_too_long_goes_as_a_valid_stub_of_itself() {
    let records = long_samples();
    let mut stubs = 0;
    for (message, line) in framed(&records, SyslogFormat::Ocsf).iter().zip(&records) {
        let text = &message[message.find("] {").unwrap() + 2..];
        let shown: Value = serde_json::from_str(text).unwrap();
        if line.len() < 7_500 {
            assert_eq!(text.as_bytes(), line, "what fits goes as it is");
            continue;
        }
        if shown["metadata"]["is_truncated"] != true {
            assert_eq!(text.as_bytes(), line);
            continue;
        }
        stubs += 1;
        assert_valid_stub(&shown);
        let record: Value = serde_json::from_slice(line).unwrap();
        assert_eq!(shown["metadata"]["untruncated_size"], line.len());
        assert_eq!(shown["unmapped"]["portcullis"]["leaf"], Leaf::of(line).to_string());
        assert_eq!(shown["unmapped"]["portcullis"]["prev"], record["unmapped"]["portcullis"]["prev"]);
        for member in ["actor", "http_request", "firewall_rule", "status_code", "src_endpoint", "policy"] {
            assert_eq!(shown[member], record[member], "{member}");
        }
        for member in ["sequence", "uid", "log_name", "event_code", "correlation_uid"] {
            assert_eq!(shown["metadata"][member], record["metadata"][member], "{member}");
        }
    }
    assert!(stubs >= 3, "{stubs}");
}

#[test]
fn a_stub_is_there_even_where_every_member_is_long() {
    for line in samples() {
        let mut record: Value = serde_json::from_slice(&line).unwrap();
        for (key, value) in record.as_object_mut().unwrap() {
            if value.is_object() && key != "metadata" && key != "unmapped" {
                value.as_object_mut().unwrap().insert("zzz".to_owned(), "\u{e9}\"".repeat(600).into());
            }
        }
        record["unmapped"]["portcullis"]["zzz"] = "x".repeat(9_000).into();
        // Two of the least that there is.
        let messages = framed(&[record.to_string().into_bytes()], SyslogFormat::Ocsf);
        let shown: Value = serde_json::from_str(&messages[0][messages[0].find("] {").unwrap() + 2..]).unwrap();
        assert_eq!(shown["metadata"]["is_truncated"], true);
        assert_eq!(shown["class_uid"], record["class_uid"]);
    }
}

#[test]
fn cef_goes_in_frames_too() {
    let records = [samples(), long_samples()].concat();
    for message in framed(&records, SyslogFormat::Cef) {
        let line = &message[message.find("CEF:0|").unwrap()..];
        super::cef::parsed(line).unwrap();
        assert_eq!(parse_message(&message, Variant::RFC5424).msg, line);
    }
}

#[test]
fn facilities_are_those_of_the_rfc() {
    for (facility, number) in [
        (SyslogFacility::Audit, 13),
        (SyslogFacility::Authpriv, 10),
        (SyslogFacility::Local(0), 16),
        (SyslogFacility::Local(7), 23),
    ] {
        let mut out = Vec::new();
        let mut framer = Framer::new(facility, SyslogFormat::Ocsf, 1, 1);
        assert!(framer.frame(Sent { sequence: 1, line: &samples()[0] }, &mut out));
        let message = messages(&out).remove(0);
        let pri: u32 = message[1..message.find('>').unwrap()].parse().unwrap();
        assert_eq!(pri / 8, number);
    }
}
