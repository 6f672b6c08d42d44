//! What goes in place of a record that is too long for a sink: the same record without what is long, with its leaf hash.
//! `portcullis verify` takes it for the record with that hash: the records after it and the checkpoint prove that it is
//! the right one, and the record itself is in the spool.

use super::super::members::{Members, member};
use crate::audit::proof::Leaf;

/// Longest value of a member at the top that a stub keeps: without its queries and lists, every record of today is made
/// of shorter ones.
const LONGEST_MEMBER: usize = 1_000;

/// Members that `metadata` keeps, which are short in every record.
const METADATA: &[&[u8]] = &[
    b"correlation_uid",
    b"event_code",
    b"log_name",
    b"log_provider",
    b"logged_time",
    b"product",
    b"profiles",
    b"sequence",
    b"uid",
];

/// Members that no stub is without, whatever room there is: the record's class, its place in the chain, and when.
const LEAST: &[&[u8]] =
    &[b"activity_id", b"category_uid", b"class_uid", b"metadata", b"severity_id", b"time", b"type_uid", b"unmapped"];

/// Appends a stub of `line`, a record, of at most `room` bytes, in the canonical form of records; `false` if `line` is no
/// record.
pub fn stub(line: &[u8], room: usize, out: &mut Vec<u8>) -> bool {
    let begin = out.len();
    for longest in [LONGEST_MEMBER, 200, 0] {
        out.truncate(begin);
        if !write(line, longest, out) {
            out.truncate(begin);
            return false;
        }
        if out.len() - begin <= room {
            return true;
        }
    }
    out.truncate(begin);
    false
}

fn write(line: &[u8], longest: usize, out: &mut Vec<u8>) -> bool {
    let (mut complete, mut first) = (0, true);
    out.push(b'{');
    for (key, value) in Members::of(line) {
        let least = LEAST.contains(&key);
        complete += usize::from(least);
        if !least && (value.len() > longest || !value.is_ascii()) {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        named(key, out);
        match key {
            b"metadata" => metadata(value, line.len(), out),
            b"unmapped" => unmapped(value, line, out),
            _ => out.extend_from_slice(value),
        }
    }
    out.push(b'}');
    complete == LEAST.len()
}

fn metadata(value: &[u8], length: usize, out: &mut Vec<u8>) {
    out.push(b'{');
    let mut marked = false;
    let mut mark = |out: &mut Vec<u8>| {
        if !std::mem::replace(&mut marked, true) {
            out.extend_from_slice(b"\"is_truncated\":true,");
        }
    };
    for (key, value) in Members::of(value).filter(|(key, _)| METADATA.contains(key)) {
        // In the order of the alphabet, in which members stand.
        if key > b"is_truncated".as_slice() {
            mark(out);
        }
        named(key, out);
        // Profiles tell which members may be there; those that were left out may leave one without them.
        out.extend_from_slice(value);
        out.push(b',');
    }
    mark(out);
    out.extend_from_slice(b"\"untruncated_size\":");
    out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
    // OCSF has known of records that were cut since 1.6.0.
    out.extend_from_slice(b",\"version\":\"1.8.0\"}");
}

fn unmapped(value: &[u8], line: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"portcullis\":{\"leaf\":\"");
    out.extend_from_slice(&Leaf::of(line).node().hex());
    out.push(b'"');
    if let Some(prev) = member(value, "portcullis").and_then(|ours| member(ours, "prev")) {
        out.extend_from_slice(b",\"prev\":");
        out.extend_from_slice(prev);
    }
    out.extend_from_slice(b"}}");
}

fn named(key: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(key);
    out.extend_from_slice(b"\":");
}
