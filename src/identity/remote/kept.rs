//! The last good set on disk: with the issuer it is of and the time it was fetched at, so that neither another policy
//! nor a long rest makes more of it than it is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use super::super::json::{Members, seconds};
use super::super::secret_file;

/// Longest file: the longest set, every character of it escaped.
const MAX_FILE_BYTES: usize = 3 * 1024 * 1024;

/// A set as it was kept.
pub(super) struct Kept {
    /// When it was fetched, in Unix seconds.
    pub fetched: u64,
    pub text: String,
}

/// Writes a set beside the old one and puts it into its place, so that there is always a whole one.
pub(super) fn write(path: &Path, issuer: &str, text: &[u8], fetched: u64) -> io::Result<()> {
    let text = std::str::from_utf8(text).map_err(|_| io::ErrorKind::InvalidData)?;
    let whole = json!({ "issuer": issuer, "fetched": fetched, "set": text }).to_string();
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(whole.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// Reads a set; none if there is no file or it is of another issuer.
pub(super) fn read(path: &Path, issuer: &str) -> Result<Option<Kept>, &'static str> {
    if File::open(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(None);
    }
    // Whoever can write this file chooses whom we trust.
    let bytes = secret_file::read_public(path, MAX_FILE_BYTES).map_err(|_| "unreadable or open to others")?;
    let members = Members::parse(&bytes).ok_or("malformed")?;
    let fetched = seconds(&members, "fetched").ok().flatten().ok_or("malformed")?;
    let text = members.get("set").and_then(Value::as_str).ok_or("malformed")?;
    let is_ours = members.get("issuer").and_then(Value::as_str) == Some(issuer);
    Ok(is_ours.then(|| Kept { fetched, text: text.to_owned() }))
}
