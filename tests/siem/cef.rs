//! CEF: golden lines of every event that the gate can write, a strict reader of our own, and `pycef` of PyPI.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use portcullis::delivery::Index;
use portcullis::delivery::projection::cef::cef;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::ocsf::events::{long_samples, samples};

/// Keys of the CEF dictionary (revision 25) that lines may have, and what their values are.
const KEYS: &[(&str, Kind)] = &[
    ("act", Kind::Text(63)),
    ("app", Kind::Text(31)),
    ("cat", Kind::Text(1023)),
    ("cn1", Kind::Number),
    ("cn2", Kind::Number),
    ("cn3", Kind::Number),
    ("cnt", Kind::Number),
    ("cs1", Kind::Text(4000)),
    ("cs2", Kind::Text(4000)),
    ("cs3", Kind::Text(4000)),
    ("cs4", Kind::Text(4000)),
    ("cs5", Kind::Text(4000)),
    ("cs6", Kind::Text(4000)),
    ("destinationServiceName", Kind::Text(1023)),
    ("dhost", Kind::Text(1023)),
    ("duid", Kind::Text(1023)),
    ("dvchost", Kind::Text(1023)),
    ("end", Kind::Number),
    ("externalId", Kind::Text(40)),
    ("fileHash", Kind::Text(255)),
    ("flexNumber1", Kind::Number),
    ("fname", Kind::Text(1023)),
    ("fsize", Kind::Number),
    ("in", Kind::Number),
    ("msg", Kind::Text(1023)),
    ("out", Kind::Number),
    ("outcome", Kind::Text(63)),
    ("reason", Kind::Text(1023)),
    ("request", Kind::Text(1023)),
    ("requestMethod", Kind::Text(1023)),
    ("rt", Kind::Number),
    ("shost", Kind::Text(1023)),
    ("spt", Kind::Number),
    ("src", Kind::Address),
    ("sproc", Kind::Text(1023)),
    ("start", Kind::Number),
    ("suid", Kind::Text(1023)),
    ("suser", Kind::Text(1023)),
];

#[derive(Clone, Copy)]
enum Kind {
    Number,
    Address,
    Text(usize),
}

/// A line, taken apart strictly: anything that a reader could take otherwise is a fault.
pub fn parsed(line: &str) -> Result<(Vec<String>, BTreeMap<String, String>), String> {
    if let Some(byte) = line.bytes().find(|byte| !matches!(byte, b' '..=b'~')) {
        return Err(format!("byte {byte:#x}"));
    }
    let mut rest = line.strip_prefix("CEF:").ok_or("no CEF")?.chars().peekable();
    let mut header = vec![String::new()];
    while header.len() < 8 {
        let last = header.len() - 1;
        match rest.next().ok_or("a header that ends early")? {
            '|' if last == 6 => break,
            '|' => header.push(String::new()),
            '\\' => match rest.next() {
                Some(escaped @ ('\\' | '|')) => header[last].push(escaped),
                other => return Err(format!("{other:?} escaped in the header")),
            },
            plain => header[last].push(plain),
        }
    }
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut text = String::new();
    let mut words = 0;
    let mut done = false;
    while !done {
        match rest.next() {
            None => done = true,
            Some('=') => {
                // What stands behind the last space is the next key.
                let (value, key) = text.rsplit_once(' ').unwrap_or(("", &text));
                if let Some((_, last)) = fields.last_mut() {
                    value.clone_into(last);
                } else if !value.is_empty() {
                    return Err(format!("{value:?} before the first key"));
                }
                if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                    return Err(format!("the key {key:?}"));
                }
                fields.push((key.to_owned(), String::new()));
                text.clear();
                words += 1;
            }
            Some('\\') => match rest.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some(escaped @ ('\\' | '=')) => text.push(escaped),
                other => return Err(format!("{other:?} escaped in the extension")),
            },
            Some(plain) => text.push(plain),
        }
    }
    fields.last_mut().ok_or("no extension")?.1 = text;
    let map: BTreeMap<_, _> = fields.into_iter().collect();
    if map.len() == words { Ok((header, map)) } else { Err("a key that is there twice".to_owned()) }
}

fn line_of(record: &[u8]) -> String {
    let mut out = Vec::new();
    cef(&Index::default().of(record), 7_800, &mut out);
    String::from_utf8(out).unwrap()
}

/// Holds a line against the dictionary and the record that it was made of.
fn checked(record: &[u8]) -> BTreeMap<String, String> {
    let line = line_of(record);
    let (header, fields) = parsed(&line).unwrap_or_else(|fault| panic!("{fault}: {line}"));
    let record: Value = serde_json::from_slice(record).unwrap();
    assert_eq!(header[..4], ["0", "Portcullis", "Portcullis", env!("CARGO_PKG_VERSION")]);
    assert_eq!(header[4], record["metadata"]["event_code"].as_str().unwrap());
    assert!((0..=10).contains(&header[6].parse::<u8>().unwrap()) && !header[5].is_empty());
    for (key, value) in &fields {
        if let Some(labelled) = key.strip_suffix("Label") {
            assert!(fields.contains_key(labelled) && value.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{key}");
            continue;
        }
        let kind = KEYS.iter().find(|(known, _)| known == key).unwrap_or_else(|| panic!("{key} is in no dictionary")).1;
        match kind {
            Kind::Number => assert!(value.parse::<u64>().is_ok(), "{key}={value}"),
            Kind::Address => assert!(value.parse::<std::net::IpAddr>().is_ok(), "{key}={value}"),
            Kind::Text(longest) => assert!(!value.is_empty() && value.len() <= longest, "{key}={value}"),
        }
    }
    assert_eq!(fields["externalId"], record["metadata"]["uid"].as_str().unwrap());
    assert_eq!(fields["cn2"], record["metadata"]["sequence"].to_string());
    assert_eq!(fields["cs4"], record["metadata"]["log_name"].as_str().unwrap());
    assert_eq!(fields["rt"], record["time"].to_string());
    fields
}

#[test]
fn lines_of_every_event_are_as_they_were() {
    let lines: String = samples()
        .iter()
        .map(|record| {
            checked(record);
            let value: Value = serde_json::from_slice(record).unwrap();
            let mut line = line_of(record);
            // What is drawn by lot.
            let id = value["metadata"]["uid"].as_str().filter(|id| !id.starts_with("019b76da-a800-7000-8000-"));
            let of_key = value["metadata"]["event_code"] == "CONFIG.KEY";
            let key = value["entity_result"]["uid"].as_str().filter(|_| of_key);
            for drawn in id.into_iter().chain(key) {
                line = line.replace(drawn, "(drawn)");
            }
            line + "\n"
        })
        .collect();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/cef.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &lines).unwrap();
    }
    assert_eq!(lines, fs::read_to_string(&golden).unwrap_or_default(), "UPDATE_GOLDEN=1 writes the file anew");
}

#[test]
fn a_refusal_tells_who_what_and_why() {
    let records = samples();
    let refused = records.iter().find(|record| memchr_find(record, b"HTTP.DENY.AUTHZ")).unwrap();
    let fields = checked(refused);
    assert_eq!((fields["act"].as_str(), fields["outcome"].as_str()), ("denied", "failure"));
    let allowed = records.iter().find(|record| memchr_find(record, b"\"HTTP.ALLOW\"")).unwrap();
    let fields = checked(allowed);
    assert_eq!(fields["request"], "/orders/v0/orders/{order_id}/address");
    assert_eq!((fields["requestMethod"].as_str(), fields["cn1"].as_str()), ("GET", "200"));
    assert_eq!((fields["cs2"].as_str(), fields["cs6"].as_str()), ("order-address", "fulfilment"));
    let locked = records.iter().find(|record| memchr_find(record, b"ACCOUNT.LOCK")).unwrap();
    assert_eq!(checked(locked)["duid"], "caller:1:abc");
}

fn memchr_find(record: &[u8], needle: &[u8]) -> bool {
    record.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn what_others_wrote_stays_in_its_field() {
    for record in long_samples() {
        checked(&record);
    }
    let mut record: Value = serde_json::from_slice(&samples()[1]).unwrap();
    let evil = "a|b=c\\d\ne\rf suid=root act=allowed \u{e9}\u{1f600}\u{0}";
    record["actor"]["user"]["uid"] = evil.into();
    record["status_detail"] = evil.into();
    let fields = checked(record.to_string().as_bytes());
    let shown = "a|b=c\\d\ne\rf suid=root act=allowed \\u00e9\\ud83d\\ude00\\u0000";
    assert_eq!((fields["suid"].as_str(), fields["act"].as_str()), (shown, "allowed"));
    assert_eq!(fields["msg"], shown);
}

#[test]
fn a_line_that_is_too_long_is_cut_and_says_so() {
    let mut record: Value = serde_json::from_slice(&samples()[1]).unwrap();
    for path in ["status_detail", "status_code"] {
        record[path] = "=".repeat(3_000).into();
    }
    let text = record.to_string();
    let fields = checked(text.as_bytes());
    assert!((500..=1023).contains(&fields["msg"].len()));
    assert_eq!(fields["flexNumber1"], text.len().to_string());
    for pointer in
        ["/actor/user/uid", "/metadata/log_name", "/firewall_rule/name", "/http_request/url/path", "/tls/sni"]
    {
        *record.pointer_mut(pointer).unwrap() = "\u{1f600}".repeat(3_000).into();
    }
    record["authorizations"][0]["policy"]["name"] = "\\".repeat(3_000).into();
    record["dst_endpoint"]["svc_name"] = "\n".repeat(3_000).into();
    record["firewall_rule"]["category"] = "\n".repeat(3_000).into();
    let line = line_of(record.to_string().as_bytes());
    let (_, fields) = parsed(&line).unwrap();
    assert!(line.len() <= 7_800 && fields.contains_key("flexNumber1"), "{}", line.len());
}

proptest! {
    #[test]
    fn any_text_stays_in_its_field(text in any::<String>(), more in "[ =|\\\\\n\ra-c]{0,40}") {
        let mut record: Value = serde_json::from_slice(&samples()[1]).unwrap();
        record["actor"]["user"]["uid"] = format!("{more}x{text}x").into();
        record["status_detail"] = format!("{text}x{more}x").into();
        let (_, fields) = parsed(&line_of(record.to_string().as_bytes())).unwrap();
        let shown = |text: String| -> String {
            let unit = |character: char| match character {
                ' '..='~' | '\n' | '\r' => character.to_string(),
                _ => character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
            };
            text.chars().map(unit).collect()
        };
        let (uid, detail) = (shown(format!("{more}x{text}x")), shown(format!("{text}x{more}x")));
        if uid.len() < 400 && detail.len() < 400 {
            prop_assert_eq!(&fields["suid"], &uid);
            prop_assert_eq!(&fields["msg"], &detail);
        }
        prop_assert_eq!(fields["act"].as_str(), "allowed");
    }
}

/// `pycef` reads extensions as collectors do, with labels put in the place of `cs1` and its like. It knows no escaped bar
/// in the header, and none of ours has one.
#[test]
fn pycef_reads_what_was_written() {
    const SCRIPT: &str =
        "import json, sys, pycef\nprint(json.dumps([pycef.parse(line.rstrip('\\n')) for line in sys.stdin]))";
    let Some(python) = super::python() else { return };
    let records = samples();
    let mut child =
        Command::new(python).args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python");
    let lines: String = records.iter().map(|record| line_of(record) + "\n").collect();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "make readers installs what it needs");
    let read: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(read.len(), records.len());
    for (read, record) in read.iter().zip(&records) {
        let fields = checked(record);
        assert_eq!(read["CEFVersion"], "0");
        for (key, value) in fields.iter().filter(|(key, _)| !key.ends_with("Label")) {
            let name = fields.get(&format!("{key}Label")).unwrap_or(key);
            let escaped = value.replace('\\', "\\\\").replace('=', "\\=");
            assert_eq!(read[name], json!(escaped), "{name} of {read}");
        }
    }
}
