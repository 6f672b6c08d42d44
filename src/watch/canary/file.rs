//! A file of canaries: a YAML document of the simplest kind, a line for each spelling.
//!
//! ```yaml
//! # Planted records as keyed hashes.
//! key: canary.key
//! canaries:
//!   - NAME KIND BYTES BLOCKS HASH
//! ```
//!
//! `BLOCKS` are the keyed digests of the first blocks, 32 bits each, and `HASH` is the keyed hash of all of it, both in
//! hexadecimal digits. Without the key they tell nothing but the length.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::form::{Kind, MAX_BYTES, MIN_BYTES};
use super::set::{CanaryKey, CanarySet, Planted, blocks_of};
use crate::identity::{IdentityFault, secret_file};
use crate::redact::{Name, Redacted};

/// Spellings of a file: 10,000 canaries have some 25,000.
const MAX_FORMS: usize = 65_536;
/// At 250 bytes a line.
const MAX_FILE: usize = 16 * 1024 * 1024;

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
                let form = entry(words).ok_or_else(|| fault(number, "is not `- NAME KIND BYTES BLOCKS HASH`"))?;
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
             # name, kind, bytes, digests of its first blocks, and the hash of all of it.\nkey: {}\n",
            self.key.display()
        );
        text.push_str(if self.planted.is_empty() { "canaries: []\n" } else { "canaries:\n" });
        for form in &self.planted {
            let blocks = form.blocks.iter().fold(String::new(), |mut text, block| {
                // Writing to a String cannot fail.
                let _ = write!(text, "{block:08x}");
                text
            });
            let hash = Redacted::hex(&form.hash);
            let _ = writeln!(text, "  - {} {} {} {blocks} {hash}", form.name, form.kind.word(), form.bytes);
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
        Ok(CanarySet::new(file.load_key(path)?, file.planted))
    }
}

fn entry(words: &str) -> Option<Planted> {
    let mut words = words.split_ascii_whitespace();
    let name = Name::configured(words.next()?).ok()?;
    let word = words.next()?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
    let bytes: u8 = words.next()?.parse().ok()?;
    let digits = words.next()?;
    let hash = words.next()?;
    if words.next().is_some() || !(MIN_BYTES..=MAX_BYTES).contains(&usize::from(bytes)) || !digits.is_ascii() {
        return None;
    }
    let blocks = digits.as_bytes().chunks(8).map(|block| u32::from_str_radix(str::from_utf8(block).ok()?, 16).ok());
    let blocks: Option<smallvec::SmallVec<_>> = blocks.collect();
    let blocks =
        blocks.filter(|blocks| digits.len().is_multiple_of(8) && blocks.len() == blocks_of(usize::from(bytes)))?;
    if hash.len() != 64 || !hash.is_ascii() {
        return None;
    }
    let mut bytes_of = [0; 32];
    for (place, byte) in bytes_of.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hash[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(Planted { name, kind, bytes, blocks, hash: bytes_of })
}
