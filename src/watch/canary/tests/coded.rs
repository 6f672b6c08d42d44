//! Compressed bodies.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::*;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).expect("written");
    encoder.finish().expect("finished")
}

fn deflate(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("written");
    encoder.finish().expect("finished")
}

fn read(coding: Coding, bytes: &[u8], size: usize) -> Result<Vec<String>, Unreadable> {
    let mut reader = Reader::answer(&planted(), coding);
    let mut found = Vec::new();
    for piece in bytes.chunks(size) {
        found.extend(reader.read(piece)?.iter().map(|name| name.as_str().to_owned()));
    }
    Ok(found)
}

#[test]
fn compressed_bodies_are_read_in_whatever_pieces_they_come() {
    let text = format!("[{}\"902-1234567-7654321\",\"Zelda\\u0020Fitzcanary\"]", "\"filler\",".repeat(3000));
    for size in [1, 7, 100, 100_000] {
        assert_eq!(read(Coding::Gzip, &gzip(text.as_bytes()), size), Ok(vec!["order_id".into(), "name".into()]));
        assert_eq!(read(Coding::Deflate, &deflate(text.as_bytes()), size), Ok(vec!["order_id".into(), "name".into()]));
    }
    // One after the other, as some servers flush.
    let both = [gzip(b"902-1234567"), gzip(b"-7654321")].concat();
    assert_eq!(read(Coding::Gzip, &both, 11), Ok(vec!["order_id".into()]));
}

#[test]
fn what_is_no_such_coding_or_swells_too_much_is_not_read() {
    assert_eq!(read(Coding::Gzip, b"902-1234567-7654321", 5), Err(Unreadable));
    assert_eq!(read(Coding::Deflate, &gzip(b"902-1234567-7654321"), 5), Err(Unreadable));
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    assert_eq!(read(Coding::Gzip, &bomb, 16_384), Err(Unreadable));
    assert_eq!(read(Coding::Gzip, &gzip(&vec![b' '; 1 << 20]), 16_384), Ok(vec![]));
}

#[test]
fn codings_are_told_by_their_names() {
    for (values, coding) in [
        (&[][..], Some(Coding::Identity)),
        (&["identity"], Some(Coding::Identity)),
        (&["GZIP"], Some(Coding::Gzip)),
        (&["identity, x-gzip"], Some(Coding::Gzip)),
        (&["deflate"], Some(Coding::Deflate)),
        (&["gzip", "gzip"], None),
        (&["gzip, deflate"], None),
        (&["br"], None),
        (&["zstd"], None),
    ] {
        assert_eq!(Coding::of(values.iter().map(|value| value.as_bytes())), coding, "{values:?}");
    }
}
