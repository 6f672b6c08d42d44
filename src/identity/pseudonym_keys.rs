//! Generations of the pseudonym key: one file, or a directory with a file for each. A file says which generation it is
//! and from when on; a file with nothing but a key is the first generation.
//!
//! ```text
//! # A generation of the pseudonym key.
//! id: 2
//! from: 2026-11-01T00:00:00Z
//! key: 64 hexadecimal digits
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::IdentityFault;
use super::secret_file::{self, MAX_KEY_BYTES};
use crate::redact::PseudonymKey;

/// Generations of one key: rotated every month, that is over five years.
const MAX_GENERATIONS: usize = 64;
/// The generation of a file that says none.
const FIRST: u16 = 1;

/// Reads the generations at `path`: a file, or the files named `*.key` of a directory, not of those within it.
pub fn load(path: &Path) -> Result<Vec<PseudonymKey>, IdentityFault> {
    if !path.is_dir() {
        return Ok(vec![read(path)?]);
    }
    let files = list(path)?;
    if files.is_empty() {
        return Err(IdentityFault::file(path, "holds no file named *.key; `portcullis keys rotate` makes one"));
    }
    if files.len() > MAX_GENERATIONS {
        return Err(IdentityFault::file(path, format!("holds more than {MAX_GENERATIONS} keys; take away the oldest")));
    }
    let mut keys: Vec<PseudonymKey> = Vec::new();
    for file in &files {
        let key = read(file)?;
        if keys.iter().any(|known| known.id() == key.id()) {
            let what =
                format!("is generation {} like another file beside it; tokens could not be told apart", key.id());
            return Err(IdentityFault::file(file, what));
        }
        keys.push(key);
    }
    Ok(keys)
}

/// The id that the next generation in `directory` has.
pub fn next_id(directory: &Path) -> Result<u16, IdentityFault> {
    if !directory.exists() {
        return Ok(FIRST);
    }
    let files = list(directory)?;
    if files.len() >= MAX_GENERATIONS {
        let what = format!("holds {MAX_GENERATIONS} keys already; take away those whose logs are gone");
        return Err(IdentityFault::file(directory, what));
    }
    let mut last = 0;
    for file in &files {
        last = last.max(read(file)?.id());
    }
    last.checked_add(1).ok_or_else(|| IdentityFault::file(directory, "has used up all ids"))
}

/// A generation as its file has it; `key` is 64 hexadecimal digits and a line end.
pub fn render(id: u16, from: Timestamp, key: &str) -> Zeroizing<String> {
    // Room for all of it at once: a string that grows leaves copies of the secret behind.
    let mut text = Zeroizing::new(String::with_capacity(key.len() + 128));
    for part in
        ["# A generation of the pseudonym key.\nid: ", &id.to_string(), "\nfrom: ", &from.to_string(), "\nkey: ", key]
    {
        text.push_str(part);
    }
    text
}

fn list(directory: &Path) -> Result<Vec<PathBuf>, IdentityFault> {
    let fault = |error: std::io::Error| IdentityFault::file(directory, format!("cannot be listed: {error}"));
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.extension().is_some_and(|extension| extension == "key") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<PseudonymKey, IdentityFault> {
    let bytes = secret_file::read(path, MAX_KEY_BYTES)?;
    let text = std::str::from_utf8(&bytes).ok().filter(|text| text.lines().any(|line| line.starts_with("key:")));
    let Some(text) = text else {
        let secret = secret_file::symmetric(path)?;
        return key(path, FIRST, &secret[..]);
    };
    let (mut id, mut from, mut secret) = (None, None, None);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty())
    {
        let fault = |what: &str| IdentityFault::line(path, number + 1, what);
        let (name, value) = line.split_once(':').ok_or_else(|| fault("is none of `id:`, `from:`, `key:`"))?;
        let value = value.trim();
        let again = match name.trim() {
            "id" => {
                let number = value.parse::<u16>().ok().filter(|&id| id > 0);
                id.replace(number.ok_or_else(|| fault("`id` is a number from 1 to 65535"))?).is_some()
            }
            "from" => {
                let time = value.parse::<Timestamp>().ok().and_then(|time| u64::try_from(time.as_second()).ok());
                from.replace(time.ok_or_else(|| fault("`from` is a time such as 2026-11-01T00:00:00Z"))?).is_some()
            }
            "key" => {
                let mut bytes = Zeroizing::new([0; 32]);
                secret_file::decode_hex(value.as_bytes(), &mut *bytes)
                    .ok_or_else(|| fault("`key` is 64 hexadecimal digits; make one with `portcullis keys rotate`"))?;
                secret.replace(bytes).is_some()
            }
            _ => return Err(fault("is none of `id:`, `from:`, `key:`")),
        };
        if again {
            return Err(fault("stands twice"));
        }
    }
    let (Some(id), Some(secret)) = (id, secret) else {
        return Err(IdentityFault::file(path, "lacks `id:` or `key:`; make one with `portcullis keys rotate`"));
    };
    Ok(key(path, id, &secret[..])?.valid_from(from.unwrap_or(0)))
}

fn key(path: &Path, id: u16, secret: &[u8]) -> Result<PseudonymKey, IdentityFault> {
    PseudonymKey::new(id, secret).ok_or_else(|| IdentityFault::file(path, "is shorter than 256 bits"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn write(path: &Path, text: &str) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn ids(path: &Path) -> Vec<(u16, u64)> {
        load(path).unwrap().iter().map(|key| (key.id(), key.from())).collect()
    }

    #[test]
    fn a_directory_holds_generations() {
        let directory = tempfile::tempdir().unwrap();
        let key = "07".repeat(32) + "\n";
        assert_eq!(next_id(&directory.path().join("nowhere")).unwrap(), 1);
        assert!(load(directory.path()).is_err());
        write(&directory.path().join("old.key"), &key);
        write(&directory.path().join("k2.key"), &render(2, "2026-11-01T00:00:00Z".parse().unwrap(), &key));
        write(&directory.path().join("notes.txt"), "nothing");
        assert_eq!(ids(directory.path()), [(2, 1_793_491_200), (1, 0)]);
        assert_eq!(next_id(directory.path()).unwrap(), 3);
        write(&directory.path().join("again.key"), &render(2, Timestamp::UNIX_EPOCH, &key));
        assert!(load(directory.path()).err().unwrap().to_string().contains("generation 2 like another"));
    }

    #[test]
    fn a_file_that_is_not_in_order_is_refused_and_its_key_is_not_shown() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.key");
        let key = "ab".repeat(32);
        for text in [
            format!("key: {key}\n"),
            format!("id: 0\nkey: {key}\n"),
            format!("id: 2\nfrom: yesterday\nkey: {key}\n"),
            format!("id: 2\nid: 3\nkey: {key}\n"),
            format!("id: 2\nkey: {key}x\n"),
            format!("id: 2\nname: x\nkey: {key}\n"),
            format!("{key}\nkey: {key}\n"),
        ] {
            write(&path, &text);
            let fault = load(&path).err().unwrap().to_string();
            assert!(fault.contains("a.key") && !fault.contains("abab"), "{fault}");
        }
        write(&path, &format!("# comment\n\nid: 7\nkey: {key}\n"));
        assert_eq!(ids(&path), [(7, 0)]);
    }
}
