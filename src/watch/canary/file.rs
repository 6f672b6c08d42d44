//! A file of canaries: a YAML document of the simplest kind, a line for each spelling.
//!
//! ```yaml
//! # Planted records as keyed hashes.
//! key: canary.key
//! canaries:
//!   - NAME KIND BYTES MARKS HASH
//! ```
//!
//! `MARKS` are keyed digests of the spelling's beginning and of all of it, sealed under the key, after the letter `s`, and
//! `HASH` is its keyed hash, both in hexadecimal digits. Without the key they tell nothing but the length. Entries of the
//! first form have 32-bit digests of the first blocks in the place of `MARKS`, unsealed; they are read as before.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::form::{Kind, MAX_BYTES, MIN_BYTES};
use super::key::{CanaryKey, Digests};
use super::marks::{Marks, blocks_of};
use super::set::{CanarySet, Foreign, Kept, Planted};
use crate::identity::{IdentityFault, secret_file};
use crate::redact::Name;

/// Spellings of a file: 10,000 canaries have some 25,000.
const MAX_FORMS: usize = 65_536;
/// At 600 bytes a line.
const MAX_FILE: usize = 40 * 1024 * 1024;

/// What sealed marks begin with: no hexadecimal digit.
const SEALED: &str = "s";

/// And what sealed marks with an anchor begin with.
const ANCHORED: &str = "t";

/// Why a file of canaries is not used.
#[derive(Debug, thiserror::Error)]
pub enum CanaryFault {
    /// The file, or its key, cannot be read, or others may write it.
    #[error("{0}")]
    File(#[from] IdentityFault),
    /// A line that is none of its form.
    #[error("{}:{line}: {what}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A key that is another than that of the file.
    #[error("{}: {fault}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Which entry.
        fault: Foreign,
    },
}

/// A file of canaries.
pub struct CanaryFile {
    /// The key's file as it is written there: relative to the file's directory.
    pub key: PathBuf,
    /// Every spelling, in the file's order.
    pub planted: Vec<Planted>,
}

impl CanaryFile {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, CanaryFault> {
        let bytes = secret_file::read_public(path, MAX_FILE)?;
        let fault = |line, what| CanaryFault::Line { path: path.to_owned(), line, what };
        let text = str::from_utf8(&bytes).map_err(|_| fault(1, "is not UTF-8 text"))?;
        let (mut key, mut listed, mut planted) = (None, false, Vec::new());
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim_end();
            if line.is_empty() || line.trim_start().starts_with('#') {
                continue;
            }
            if let Some(name) = line.strip_prefix("key: ")
                && key.is_none()
            {
                key = Some(PathBuf::from(name.trim()));
            } else if matches!(line, "canaries:" | "canaries: []") && !listed {
                listed = true;
            } else if let Some(words) = line.trim_start().strip_prefix("- ")
                && listed
            {
                let form = entry(words).ok_or_else(|| fault(number, "is not `- NAME KIND BYTES MARKS HASH`"))?;
                planted.push(form);
                if planted.len() > MAX_FORMS {
                    return Err(fault(number, "has too many spellings; a file holds 65536"));
                }
            } else {
                return Err(fault(number, "is none of `key: FILE`, `canaries:` and an entry"));
            }
        }
        let key = key.ok_or_else(|| fault(1, "has no `key: FILE`"))?;
        Ok(Self { key, planted })
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let mut text = format!(
            "# Planted records as keyed hashes, made by `portcullis canary`. A line is a spelling:\n\
             # name, kind, bytes, sealed marks by which it is looked for, and the hash of all of it.\nkey: {}\n",
            self.key.display()
        );
        text.push_str(if self.planted.is_empty() { "canaries: []\n" } else { "canaries:\n" });
        for form in &self.planted {
            let marks = match &form.kept {
                Kept::Sealed(sealed) => format!("{SEALED}{}", hex(sealed)),
                Kept::Anchored(sealed) => format!("{ANCHORED}{}", hex(sealed)),
                Kept::Plain(marks) => marks.blocks.iter().fold(String::new(), |mut text, block| {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "{block:08x}");
                    text
                }),
            };
            let _ = writeln!(text, "  - {} {} {} {marks} {}", form.name, form.kind.word(), form.bytes, hex(&form.hash));
        }
        text
    }

    /// Its key.
    pub fn load_key(&self, path: &Path) -> Result<CanaryKey, CanaryFault> {
        let directory = path.parent().unwrap_or(Path::new("."));
        Ok(CanaryKey::new(&secret_file::symmetric(&directory.join(&self.key))?))
    }

    /// Reads a file and its key, ready to look.
    pub fn load(path: &Path) -> Result<CanarySet, CanaryFault> {
        let file = Self::read(path)?;
        let key = file.load_key(path)?;
        CanarySet::new(key, file.planted).map_err(|fault| CanaryFault::Key { path: path.to_owned(), fault })
    }
}

fn entry(words: &str) -> Option<Planted> {
    let mut words = words.split_ascii_whitespace();
    let name = Name::configured(words.next()?).ok()?;
    let word = words.next()?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
    let bytes: u8 = words.next()?.parse().ok()?;
    let marks = words.next()?;
    let hash = words.next()?;
    if words.next().is_some() || !(MIN_BYTES..=MAX_BYTES).contains(&usize::from(bytes)) {
        return None;
    }
    let kept = match (marks.strip_prefix(SEALED), marks.strip_prefix(ANCHORED)) {
        (Some(digits), _) => Kept::Sealed(unhex(digits)?.into()),
        (_, Some(digits)) => Kept::Anchored(unhex(digits)?.into()),
        (None, None) => {
            let digests = unhex(marks)?;
            let (blocks, rest) = digests.as_chunks::<4>();
            let blocks: Digests = blocks.iter().map(|block| u32::from_be_bytes(*block)).collect();
            if !rest.is_empty() || blocks.len() != blocks_of(usize::from(bytes)) {
                return None;
            }
            Kept::Plain(Box::new(Marks::plain(blocks)))
        }
    };
    Some(Planted { name, kind, bytes, kept, hash: unhex(hash)?.try_into().ok()? })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect())?
}
