//! Records in files of JSON: one a line as the gate writes them, or however a SIEM exports them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::canonical::{LONGEST, canonical};
use super::facts::Facts;
use super::finding::Place;

/// What is read at once.
const PIECE: usize = 256 * 1024;
/// How far into a file its first record is looked for.
const PEEKED: u64 = 1024 * 1024;
/// Endings of files that a directory's records may lie in.
const ENDINGS: [&str; 5] = ["jsonl", "ndjson", "json", "log", "txt"];

/// What a file holds, piece by piece.
pub enum Piece<'a> {
    /// A text that may be a record.
    Record(&'a [u8]),
    /// A text that is too long for one.
    TooLong,
    /// The last text of a file, which no line's end follows.
    Unended(&'a [u8]),
}

/// Files of a directory that may hold records, by name.
pub fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if ending.is_some_and(|ending| ENDINGS.contains(&ending)) && path.is_file() && first(&path)?.is_some() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Time and number of a file's first record: files are read in this order, whatever order they are named in.
pub fn first(path: &Path) -> io::Result<Option<(u64, u64)>> {
    let mut found = None;
    let mut reader = BufReader::with_capacity(PIECE, File::open(path)?.take(PEEKED));
    let whole = is_lines(&mut reader)?;
    pieces(&mut reader, whole, |piece, _| {
        if let Piece::Record(text) | Piece::Unended(text) = piece
            && let Some(bytes) = canonical(text)
            && let Some(facts) = Facts::read(&bytes)
        {
            found = Some((facts.logged, facts.sequence));
        }
        found.is_none()
    })?;
    Ok(found)
}

/// Calls `each` with every piece of a file and its line.
pub fn read(path: &Path, file: usize, mut each: impl FnMut(Piece<'_>, Place)) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(PIECE, File::open(path)?);
    let lines = is_lines(&mut reader)?;
    pieces(&mut reader, lines, |piece, line| {
        each(piece, Place { file, line });
        true
    })
}

/// Whether each line is a record of its own, as opposed to records that are spread over lines or stand in an array.
fn is_lines(reader: &mut impl BufRead) -> io::Result<bool> {
    let begin = reader.fill_buf()?;
    let begin = begin.trim_ascii_start();
    if begin.first() != Some(&b'{') {
        return Ok(begin.first() != Some(&b'['));
    }
    let line = begin.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    // A first line that was cut off is no sign of an indented file.
    Ok(line.ends_with(b"}") || line.len() > 2)
}

/// Goes through a file until `each` says `false`.
fn pieces(reader: &mut impl BufRead, lines: bool, each: impl FnMut(Piece<'_>, u64) -> bool) -> io::Result<()> {
    if lines { by_line(reader, each) } else { by_value(reader, each) }
}

fn by_line(reader: &mut impl BufRead, mut each: impl FnMut(Piece<'_>, u64) -> bool) -> io::Result<()> {
    let mut line = Vec::with_capacity(8 * 1024);
    let mut number = 0;
    loop {
        line.clear();
        // One byte more than a record may have: what is longer is passed over without being kept.
        let taken = reader.by_ref().take(LONGEST as u64 + 1).read_until(b'\n', &mut line)?;
        if taken == 0 {
            return Ok(());
        }
        number += 1;
        let ended = line.last() == Some(&b'\n');
        let text = line.trim_ascii();
        let go_on = if !ended && taken > LONGEST {
            skip_line(reader)?;
            each(Piece::TooLong, number)
        } else if text.is_empty() {
            true
        } else if ended {
            each(Piece::Record(text), number)
        } else {
            each(Piece::Unended(text), number)
        };
        if !go_on {
            return Ok(());
        }
    }
}

fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        let Some(at) = memchr::memchr(b'\n', buffer) else {
            let length = buffer.len();
            if length == 0 {
                return Ok(());
            }
            reader.consume(length);
            continue;
        };
        reader.consume(at + 1);
        return Ok(());
    }
}

/// JSON objects one after the other, or in an array, with whatever white space.
fn by_value(reader: &mut impl BufRead, mut each: impl FnMut(Piece<'_>, u64) -> bool) -> io::Result<()> {
    let (mut value, mut begin, mut number) = (Vec::new(), 1u64, 1u64);
    let (mut depth, mut text, mut escape) = (0u32, false, false);
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            if depth > 0 {
                each(Piece::Unended(&value), begin);
            }
            return Ok(());
        }
        let length = buffer.len();
        let mut go_on = true;
        for byte in buffer {
            number += u64::from(*byte == b'\n');
            if depth == 0 {
                if *byte == b'{' {
                    (depth, begin) = (1, number);
                    value.clear();
                    value.push(b'{');
                }
                continue;
            }
            if value.len() <= LONGEST {
                value.push(*byte);
            }
            match *byte {
                _ if escape => escape = false,
                b'\\' if text => escape = true,
                b'"' => text = !text,
                b'{' if !text => depth += 1,
                b'}' if !text => depth -= 1,
                _ => {}
            }
            if depth == 0 && go_on {
                let piece = if value.len() > LONGEST { Piece::TooLong } else { Piece::Record(&value) };
                go_on = each(piece, begin);
            }
        }
        reader.consume(length);
        if !go_on {
            return Ok(());
        }
    }
}
